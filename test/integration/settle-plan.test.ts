import { expect } from "chai";
import { id, Wallet } from "ethers";
import hre, { network } from "hardhat";

import {
  buildStatement,
  domainOf,
  estimateGas,
  GAS_BOUND,
  GAS_MODEL,
  planBatches,
  signStatement,
  type SignedStatement,
} from "../../sdk/index.js";
import { limits, setKey } from "../support/metering.js";
import { deploySuite, registerProviders } from "../support/suite.js";
import { packed } from "../support/statements.js";

const PROVIDERS = 64;
const FAR = 2n ** 40n;
const CREDIT = 1_000n * 10n ** 18n;
const TRANSACTION_GAS = 16_777_216n;
const connection = await network.create();
const { ethers, networkHelpers } = connection;

/** The suite with providers, and credit with the onboarding beneficiary for new accounts. */
async function market() {
  const suite = await deploySuite(connection);
  const { meter, genesis, registry, settlement, token, vault } = suite;
  const [granted] = await genesis.queryFilter(
    genesis.filters.AllocationScheduled(ethers.encodeBytes32String("onboarding")),
  );
  if (!granted) throw new Error("an onboarding schedule expected");
  const sponsor = await ethers.getSigner(granted.args.beneficiary);
  await vault.claim(granted.args.scheduleId);
  await token.connect(sponsor).approve(meter, ethers.MaxUint256);

  const providers: string[] = [];
  for (let i = 0; i < PROVIDERS; i += 1) {
    const provider = await wallet(`provider ${i}`);
    await registerProviders(suite, sponsor, [provider]);
    providers.push(provider.address);
  }
  const domain = await domainOf(settlement);
  /** New accounts with a key each, with limits on project and organisation too if they are organised. */
  async function openAccounts(count: number, reserved = 0, isOrganised = false) {
    const accounts: { owner: Wallet; key: Wallet }[] = [];
    for (let i = 0; i < count; i += 1) {
      const owner = await wallet(`account ${i}`);
      const key = new Wallet(id(`key ${i}`));
      await meter.connect(sponsor).deposit(owner.address, CREDIT);
      const own = { epochLimit: CREDIT, totalLimit: CREDIT };
      if (isOrganised) {
        await meter.connect(owner).limitOrganisation(owner, limits(own));
        await meter.connect(owner).openProject(owner, limits(own));
      }
      await setKey(meter, owner, key.address, own, isOrganised ? 1n : 0n);
      const until = (await networkHelpers.time.latest()) + 1_000;
      for (const provider of providers.slice(0, reserved))
        await meter.connect(owner).reserve(owner, provider, key, 10n ** 12n, until);
      accounts.push({ owner, key });
    }
    return accounts;
  }

  /** Statements of accounts over so many providers and resources, signed by their keys. */
  async function signFor(
    accounts: readonly { owner: Wallet; key: Wallet }[],
    served: number,
    resources: number,
    cumulativeUnits = 1n,
  ) {
    const lines = providers.slice(0, served).flatMap((provider) =>
      Array.from({ length: resources }, (_, k) => ({
        ...{ provider, resource: BigInt(k + 1), cumulativeUnits },
      })),
    );
    const priceEpoch = await registry.currentEpoch();
    const statements: SignedStatement[] = [];
    for (const { owner, key } of accounts) {
      const draft = { account: owner.address, priceEpoch, deadline: FAR, lines };
      statements.push(await signStatement(key, domain, buildStatement(draft)));
    }
    return statements;
  }

  /** New accounts, each with a statement over so many providers and resources, signed by a key. */
  async function signAll(count: number, served: number, resources: number, reserved: number) {
    return signFor(await openAccounts(count, reserved), served, resources);
  }
  /** Enters the next epoch. */
  async function enterNextEpoch() {
    const next = (await registry.currentEpoch()) + 1n;
    const duration = await registry.EPOCH_DURATION();
    await networkHelpers.time.increaseTo((await registry.GENESIS()) + next * duration);
  }
  return { meter, settlement, openAccounts, signFor, signAll, enterNextEpoch };
}

async function wallet(name: string): Promise<Wallet> {
  const created = new Wallet(id(name)).connect(ethers.provider);
  await networkHelpers.setBalance(created.address, CREDIT);
  return created;
}

/** Gas limit of a batch: the bound, except under coverage, which costs gas of its own. */
function limitOf(batch: readonly SignedStatement[]): bigint {
  return hre.globalOptions.coverage ? TRANSACTION_GAS : estimateGas(batch, GAS_BOUND);
}

describe("Settlement planned by the library", function () {
  const shapes: [string, number, number, number, number][] = [
    ["one statement of one line", 1, 1, 1, 0],
    ["one provider for every line", 1, PROVIDERS, 1, 0],
    ["as many lines as a statement has", 1, PROVIDERS, 2, 0],
    ["as many lines, all reserved for", 1, PROVIDERS, 2, PROVIDERS],
    ["many short statements", 40, 1, 1, 1],
    ["many long statements", 12, 8, 2, 8],
  ];
  for (const [what, count, served, resources, reserved] of shapes)
    it(`needs no more than the estimate for ${what}, first settlements all`, async function () {
      const { meter, settlement, signAll } = await networkHelpers.loadFixture(market);
      const statements = await signAll(count, served, resources, reserved);
      const batches = planBatches(statements);

      for (const batch of batches) {
        const sent = await settlement.settle(packed(batch), { gasLimit: limitOf(batch) });
        const receipt = await sent.wait();

        const settled = meter.interface.getEvent("LineSettled").topicHash;
        const lines = receipt?.logs.filter(({ topics }) => topics[0] === settled) ?? [];
        expect(lines).to.have.length(batch.length * served * resources);
      }
      expect(batches.flat()).to.have.length(count);
    });

  it("needs no more than the estimate when every provider and the pool have an epoch to book", async function () {
    const { meter, settlement, signAll, enterNextEpoch } = await networkHelpers.loadFixture(market);
    await enterNextEpoch(); // that of the deployment releases nothing
    for (const batch of planBatches(await signAll(1, PROVIDERS, 1, 0)))
      await settlement.settle(packed(batch), { gasLimit: TRANSACTION_GAS });
    await enterNextEpoch();

    const statements = (await signAll(2, PROVIDERS, 2, 0)).slice(1); // a new account
    for (const batch of planBatches(statements)) {
      const receipt = await (
        await settlement.settle(packed(batch), { gasLimit: limitOf(batch) })
      ).wait();

      const topicOf = (event: "LineSettled" | "BookingFailed") =>
        meter.interface.getEvent(event).topicHash;
      const topics = receipt?.logs.map((log) => log.topics[0]) ?? [];
      expect(topics.filter((topic) => topic === topicOf("LineSettled"))).to.have.length(
        2 * PROVIDERS,
      );
      expect(topics).to.not.include(topicOf("BookingFailed"));
    }
  });

  const sizes: [number, number, number][] = [
    [1, 1, 1],
    [1, 1, 2],
    [1, 8, 2],
    [2, 1, 1],
    [5, 2, 2],
    [20, 1, 1],
  ];
  for (const isOrganised of [false, true])
    it(`takes within 15% of the expected gas, also in small batches, for keys ${isOrganised ? "of a project with limits" : "alone"}`, async function () {
      if (hre.globalOptions.coverage) return; // instrumented contracts take more gas
      const { settlement, openAccounts, signFor } = await networkHelpers.loadFixture(market);
      const accounts = await openAccounts(20, 0, isOrganised);
      await settlement.settle(packed(await signFor(accounts, 8, 2)), { gasLimit: TRANSACTION_GAS });

      for (const [i, [count, served, resources]] of sizes.entries()) {
        const of = accounts.slice(0, count);
        const batch = await signFor(of, served, resources, BigInt(i) + 2n);
        const receipt = await (await settlement.settle(packed(batch))).wait();

        const used = Number(receipt?.gasUsed ?? 0n);
        const ratio = Number(estimateGas(batch, GAS_MODEL)) / used;
        expect(ratio, `${count} statements of ${served}x${resources} took ${used}`).to.be.within(
          0.85,
          1.15,
        );
      }
    });
});
