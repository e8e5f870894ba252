import { expect } from "chai";
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { network } from "hardhat";

import {
  ALL_CATEGORIES,
  deployMetering,
  EPOCH,
  fund,
  grantMeter,
  limits,
  resourceParams,
  Role,
  stringify,
  WINDOW,
} from "../support/metering.js";
import { deployMeter, NO_END, signWords } from "../support/meter.js";
import { OPA } from "../support/release.js";
import {
  inOrder,
  plainResults,
  signStatement,
  statementDomain,
  type Line,
} from "../support/statements.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;

const GWEI = 10n ** 9n;
const ROUNDS = 60;

/** Small numbers from a seed. */
function dice(seed: number) {
  let state = seed;
  return (sides: number): number => {
    state = (state * 1_103_515_245 + 12_345) & 0x7fffffff;
    return Math.floor((state / 0x7fffffff) * sides);
  };
}

/** Both systems with the same resources, providers, consumers and credit; `price` in gwei, `limit` of one account. */
async function openTwins(feedback: boolean, account: bigint, total: bigint) {
  const suite = await deployMetering(connection);
  const { registry, nodes, authority, token, policy, admin } = suite;
  const accounts = suite.accounts;
  const old = await ethers.deployContract("Settlement", [
    registry,
    accounts,
    nodes,
    WINDOW,
    authority,
    { account, total },
  ]);
  await grantMeter(authority, [registry, accounts], old);
  const stack = await deployMeter(connection, suite, { account, total });
  const { prices, meter, core, verifier } = stack;
  const book = await ethers.deployContract("BookMock", [meter]);
  await meter.setBook(book);

  // The old registry has four resources, which nobody uses here: the twins' ones are 5 and on, after four fillers.
  for (let i = 0; i < 4; i++) await prices.register(resourceParams());
  const rate = feedback ? 5n * GWEI : OPA;
  for (const side of [registry, prices]) {
    const load = await ethers.deployContract("LoadPricePolicy");
    await side.registerPricePolicy(load);
    for (let i = 0n; i < 10n; i++) {
      const moving = feedback && i < 4n;
      await side.register(
        resourceParams({
          name: `resource ${i}`,
          category: i % 5n,
          weight: feedback ? 1n + (i % 3n) : 1n,
          minimumTier: i === 9n ? 2n : 0n,
          rate,
          target: moving ? 50_000n : 0n,
          policy: moving ? 1n : 0n,
        }),
      );
    }
  }

  const signers = await ethers.getSigners();
  const owners = signers.slice(7, 12);
  const keys = signers.slice(12, 17);
  const providers = [suite.provider, suite.other, suite.stranger];
  for (const node of [suite.provider, suite.other])
    await meter.setProvider(node, ALL_CATEGORIES, NO_END);
  for (const [i, owner] of owners.entries()) {
    const key = keys[i];
    if (!key) throw new Error("a key for every owner");
    await fund(connection, suite, owner, 4_000n * OPA);
    for (const side of [accounts, meter]) {
      await token.connect(owner).approve(side, 2_000n * OPA);
      await side.connect(owner).deposit(owner, i === 4 ? 3n * OPA : 2_000n * OPA - 7n);
      await side.connect(owner).openProject(owner, limits());
      await side.connect(owner).setKey(owner, key, i % 2 === 0 ? 0n : 1n, Role.Spender, limits());
    }
  }
  const wallet = await ethers.deployContract("WalletMock", [keys[0] ?? admin]);
  const [rich] = owners;
  for (const side of [accounts, meter])
    await side.connect(rich).setKey(rich ?? admin, wallet, 0n, Role.Spender, limits());
  return {
    ...suite,
    ...stack,
    core,
    verifier,
    meter,
    prices,
    old,
    book,
    owners,
    keys,
    providers,
    wallet,
    policy,
    domain: await statementDomain(connection, old),
  };
}

type Twins = Awaited<ReturnType<typeof openTwins>>;

/** Everything that the two systems say of the actors. */
async function compareState(twins: Twins): Promise<number> {
  const { accounts, meter, registry, prices, old, owners, keys, providers } = twins;
  const [[free, reserved], sums] = [await accounts.totals(), await meter.totals()];
  expect([free, reserved]).to.deep.equal([...sums]);
  let compared = 1;
  const same = (what: string, left: unknown, right: unknown) => {
    compared++;
    expect(stringify(right), what).to.equal(stringify(left));
  };
  for (const [i, owner] of owners.entries()) {
    const key = keys[i] ?? owner;
    same("credit", await accounts.creditOf(owner), await meter.creditOf(owner));
    same("burned", await accounts.burnedOf(owner), await meter.burnedOf(owner));
    same("key", await accounts.keyOf(owner, key), await meter.keyOf(owner, key));
    same("project", await accounts.projectOf(owner, 1n), await meter.projectOf(owner, 1n));
    same("organisation", await accounts.organisationOf(owner), await meter.organisationOf(owner));
    same(
      "reservations",
      await accounts.reservationCountOf(owner),
      await meter.reservationCountOf(owner),
    );
    for (const node of providers) {
      same(
        "reservation",
        (await accounts.reservationOf(owner, node)).amount,
        (await meter.reservationOf(owner, node)).amount,
      );
      for (let id = 5n; id < 15n; id++)
        same(
          "line",
          (await old.lineOf(owner, node, id)).cumulativeUnits,
          (await meter.lineOf(owner, node, id)).cumulativeUnits,
        );
    }
  }
  const epoch = await meter.currentEpoch();
  for (let id = 5n; id < 15n; id++) {
    same("use of a resource", await registry.usageOf(id), await meter.usageOf(id));
    for (let back = 0n; back <= WINDOW && back <= epoch - 10n; back++)
      same(
        "price",
        await registry.unitPriceOf(id, epoch - back),
        await prices.unitPriceOf(id, epoch - back),
      );
  }
  for (const node of providers) {
    same(
      "use of a provider",
      await registry.providerUsageOf(node),
      await meter.providerUsageOf(node),
    );
    same(
      "finished use of a provider",
      await registry.finishedUseOf(node),
      await meter.finishedUseOf(node),
    );
  }
  same("use of all", await registry.totalUsage(), await meter.totalUsage());
  same("finished use", await registry.finishedUse(), await meter.finishedUse());
  return compared;
}

/** Does the same at random in both systems. */
async function walk(twins: Twins, seed: number) {
  const {
    accounts,
    meter,
    old,
    verifier,
    book,
    nodes,
    policy,
    owners,
    keys,
    providers,
    wallet,
    domain,
  } = twins;
  const roll = dice(seed);
  const pick = <T>(list: readonly T[]): T => {
    const item = list[roll(list.length)];
    if (item === undefined) throw new Error("nothing to pick from");
    return item;
  };
  const counters = new Map<string, bigint>();
  const lastEpochs = new Map<string, bigint>();
  const served = new Map<string, Map<bigint, bigint>>();
  const reasons = new Map<bigint, number>();
  let settled = 0;

  const statement = async () => {
    const epoch = await meter.currentEpoch();
    const i = roll(owners.length);
    const [owner, key] = [owners[i], keys[i]];
    if (!owner || !key) throw new Error("an owner and its key");
    const kind = roll(24);
    // Only the key signs for the account with reservations, since a mandate names its signer.
    const signer: HardhatEthersSigner =
      i === 3 ? key : kind === 0 ? pick(keys) : kind === 1 ? owner : key;
    const lines = new Map<string, Line>();
    for (let n = 1 + roll(8); n > 0; n--) {
      const provider =
        roll(20) === 0 ? twins.stranger.address : pick(providers.slice(0, 2)).address;
      const resource = roll(30) === 0 ? 99n : BigInt(5 + roll(10));
      const counter = `${owner.address}${provider}${resource}`;
      const units =
        (counters.get(counter) ?? 0n) +
        (roll(6) === 0 ? 0n : BigInt(1 + roll(roll(8) === 0 ? 90 : 9)));
      counters.set(counter, units);
      lines.set(provider + String(resource), { provider, resource, cumulativeUnits: units });
    }
    const sorted = kind === 2 ? [...lines.values()].reverse() : inOrder([...lines.values()]);
    const group = ({ provider, resource }: Line) => `${owner.address}${provider}${resource >> 2n}`;
    let priceEpoch = kind === 3 ? epoch + 1n : kind === 4 ? epoch - WINDOW - 1n : epoch;
    const earliest = sorted.reduce((most, line) => {
      const last = lastEpochs.get(group(line)) ?? 0n;
      return last > most ? last : most;
    }, 0n);
    if (kind === 5 && earliest < epoch && epoch > 10n) priceEpoch = epoch - 1n;
    const deadline = kind === 6 ? 1n : 2n ** 48n - 1n;
    const named = kind === 7 ? owner : i === 0 && kind === 8 ? wallet : signer;
    const plain = { account: owner.address, priceEpoch, deadline, lines: sorted };
    const left = await signStatement(domain, plain, signer, named);
    const right = await signWords(connection, verifier, sorted, {
      ...plain,
      key: signer,
      signer: named,
    });
    return { left, right, lines: sorted, group, priceEpoch };
  };

  for (let round = 0; round < ROUNDS; round++) {
    const action = roll(12);
    const i = roll(owners.length);
    const [owner, key] = [owners[i], keys[i]];
    if (!owner || !key) throw new Error("an owner and its key");
    if (action === 0) await time.increase(EPOCH * BigInt(1 + roll(2)));
    if (action === 1) await policy.setTier(owner, roll(4));
    const most = (BigInt(1 + roll(400)) * OPA) / 10n;
    const range = limits({
      epochLimit: most,
      totalLimit: most * 3n,
      categories: roll(3) === 0 ? 15n : ALL_CATEGORIES,
    });
    if (i !== 3)
      for (const side of [accounts, meter]) {
        if (action === 2) await side.connect(owner).limitOrganisation(owner, range);
        if (action === 3) await side.connect(owner).setProject(owner, 1n, range);
        if (action === 4)
          await side.connect(owner).setKey(owner, key, i % 2 === 0 ? 0n : 1n, Role.Spender, range);
        if (action === 5 && roll(3) === 0) await side.connect(owner).revokeAllKeys(owner);
      }
    if (action === 6) {
      const [reserver, holder] = [owners[3], keys[3]];
      if (!reserver || !holder) throw new Error("an owner that reserves");
      const node = pick(providers.slice(0, 2));
      const until = BigInt(await time.latest()) + 100n * EPOCH;
      const amount = BigInt(1 + roll(50)) * OPA;
      if ((await meter.creditOf(reserver)) > amount) {
        await accounts.connect(reserver).reserve(reserver, node, amount, until);
        await meter.connect(reserver).reserve(reserver, node, holder, amount, until);
      }
    }
    if (action === 7) {
      const categories = BigInt(1 + roll(31));
      await nodes.connect(twins.other).setCategories(categories);
      await meter.setProvider(twins.other, categories, NO_END);
    }
    if (action === 8 && i === 0) await wallet.behave(BigInt(roll(8)));

    const batch = [await statement()];
    for (let more = roll(3); more > 0; more--) batch.push(await statement());
    const [lefts, rights] = [batch.map(({ left }) => left), batch.map(({ right }) => right)];
    const expected = plainResults(await old.settle.staticCall(lefts));
    const results = plainResults(await verifier.settle.staticCall(rights));
    // A signer without rights is refused by line where the account has reservations.
    expect(results, `round ${round}, seed ${seed}`).to.deep.equal(expected);
    await old.settle(lefts);
    const tx = await verifier.settle(rights);
    const epoch = await meter.currentEpoch();
    const receipt = await tx.wait();
    for (const log of receipt?.logs ?? []) {
      if (log.address !== (await book.getAddress())) continue;
      const booked = book.interface.parseLog(log)?.args;
      const epochs = served.get(String(booked?.[0]));
      expect(booked?.[2], "booked").to.equal(epochs?.get(BigInt(booked?.[1])) ?? 0n);
      epochs?.delete(BigInt(booked?.[1]));
    }
    for (const [s, result] of results.entries()) {
      reasons.set(result.reason, (reasons.get(result.reason) ?? 0) + 1);
      for (const [k, reason] of result.reasons.entries()) {
        reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
        const line = batch[s]?.lines[k];
        if (reason !== 0n || !line) continue;
        settled++;
        const name = batch[s]?.group(line) ?? "";
        const last = lastEpochs.get(name) ?? 0n;
        const priceEpoch = batch[s]?.priceEpoch ?? 0n;
        lastEpochs.set(name, priceEpoch > last ? priceEpoch : last);
      }
    }
    for (const node of providers) {
      const [current] = await meter.providerUsageOf(node);
      const epochs = served.get(node.address) ?? new Map<bigint, bigint>();
      served.set(node.address, epochs);
      if (current.burned !== 0n) epochs.set(epoch, current.burned);
    }
    if (round % 10 === 9) await compareState(twins);
  }
  const compared = await compareState(twins);
  return { settled, reasons, compared };
}

describe("The Meter beside the contracts that it replaces", function () {
  this.timeout(600_000);

  it("agrees in every reason, burn, credit, key, project, total, counter and price over several epochs of moving prices", async function () {
    const twins = await openTwins(true, 800_000_000n * OPA, 800_000_000n * OPA);

    const { settled, reasons } = await walk(twins, 7);

    expect(settled).to.be.greaterThan(100);
    expect(reasons.size).to.be.greaterThan(8);
  });

  it("agrees where burn limits and their buckets decide", async function () {
    const twins = await openTwins(false, 60n * OPA, 160n * OPA);

    const { settled, reasons } = await walk(twins, 11);

    expect(settled).to.be.greaterThan(50);
    expect([...reasons.keys()]).to.include.members([30n, 31n]);
  });
});
