import { expect } from "chai";
import { encodeBytes32String, ZeroAddress } from "ethers";
import type { BaseContract, ContractTransactionResponse } from "ethers";
import { network } from "hardhat";

import { createRandom } from "../../scripts/loop/random.js";
import { Calendar, Refusal } from "../support/calendar-model.js";
import { CATEGORIES, IncentiveModel } from "../support/incentive-model.js";
import { deployIncentives, EPOCH, KAPPA_BPS, SHARES, STAGES } from "../support/incentives.js";
import { read, readAll } from "../support/reads.js";
import { OPA } from "../support/release.js";

const deep = process.env["DEEP"] === "1";
const SEEDS = deep ? [1, 2, 3, 4, 5, 6, 7, 8] : [20_261_123, 20_261_129];
const ACTIONS = deep ? 1_500 : 300;
const SIX_PLACES = 1_000_000;
const GWEI = 10n ** 9n;
const KAPPA = encodeBytes32String("kappa");
const MOST_POOLS = 4;

const connection = await network.create();
const { networkHelpers } = connection;
const { time } = networkHelpers;

async function fixture() {
  return deployIncentives(connection);
}

type Action = () => Promise<void>;

/** Contracts and model side by side, with everything that a random sequence can do. */
async function openMarket(random: () => number) {
  const suite = await networkHelpers.loadFixture(fixture);
  const { admin, vault, meter, token, alice, bob, provider, other, stranger, startedAt } = suite;
  const people = [provider, other, bob, alice, stranger].map(({ address }) => address);
  const providers = [provider, other, bob];
  const pools = [suite.pool];
  const calendar = new Calendar(startedAt, EPOCH, startedAt + 10n * EPOCH);
  const model = new IncentiveModel(calendar, {
    kappaBps: KAPPA_BPS,
    shares: SHARES,
    stages: STAGES,
  });
  model.balance = await token.balanceOf(vault);
  await suite.give(admin, 50_000_000n * OPA);
  const paid = new Map<string, bigint>();
  const held = new Map<string, bigint>();
  for (const name of people) held.set(name, await token.balanceOf(name));
  const reserveBefore = await token.balanceOf(admin);
  calendar.now = BigInt(await time.latest());
  let sentByReserve = 0n;
  const refused = new Map<string, number>();
  const accepted = new Map<string, number>();
  let label = "";

  const below = (bound: bigint) =>
    (bound * BigInt(Math.floor(random() * SIX_PLACES))) / BigInt(SIX_PLACES);
  const pick = <Item>(items: readonly Item[]): Item => {
    const item = items[Math.floor(random() * items.length)];
    if (item === undefined) throw new Error("nothing to pick from");
    return item;
  };
  const goOn = async (seconds: bigint) => {
    calendar.now += seconds;
    await time.setNextBlockTimestamp(calendar.now);
  };
  /** The contract accepts and refuses what the model does, and for the same reason. */
  const same = async (
    predict: () => void,
    send: () => Promise<ContractTransactionResponse>,
    refuser: BaseContract,
  ) => {
    try {
      predict();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      await expect(send(), label).to.be.revertedWithCustomError(refuser, error.message);
      refused.set(error.message, (refused.get(error.message) ?? 0) + 1);
      return;
    }
    await send();
    accepted.set(label, (accepted.get(label) ?? 0) + 1);
  };
  const pickPool = () => {
    const index = Math.floor(random() * pools.length);
    const pool = pools[index];
    if (!pool) throw new Error("no pool");
    return { index, pool };
  };

  const serve: Action = async () => {
    const burned = GWEI * (1n + below((random() < 0.3 ? 50_000n : 2_000n) * GWEI)); // settlement burns whole gwei
    const { address } = pick(providers);
    await same(
      () => {
        model.use(address, burned);
      },
      () => meter.use(address, burned),
      meter,
    );
  };
  const attest: Action = async () => {
    const { index, pool } = pickPool();
    const name = pick(people);
    const category = pick(random() < 0.1 ? CATEGORIES : ([1, 2, 3] as const));
    const points = random() < 0.05 ? 0n : random() < 0.05 ? 2n ** 57n : below(10n ** 12n);
    await same(
      () => {
        model.recordPoints(index, name, category, points);
      },
      () => pool.connect(admin).recordPoints(name, category, points),
      pool,
    );
  };
  const claim: Action = async () => {
    const { index, pool } = pickPool();
    const name = pick(people);
    await same(
      () => {
        const amount = model.claim(index, name);
        paid.set(name, (paid.get(name) ?? 0n) + amount);
      },
      () => pool.connect(admin).claim(name),
      pool,
    );
  };
  const giveBack: Action = async () => {
    const { index, pool } = pickPool();
    const name = pick(people);
    await same(
      () => {
        model.returnUnclaimed(index, name);
      },
      () => pool.connect(admin).returnUnclaimed(name),
      pool,
    );
  };
  const close: Action = async () => {
    await same(
      () => {
        model.close();
      },
      () => vault.close(),
      vault,
    );
  };
  const donate: Action = async () => {
    const amount = 1n + below(10_000n * OPA);
    await same(
      () => {
        model.balance += amount;
      },
      () => token.connect(admin).transfer(vault, amount),
      vault,
    );
    sentByReserve += amount;
  };
  const draw: Action = async () => {
    const amount = 1n + below(20_000n * OPA);
    await token.connect(admin).transfer(vault, amount);
    sentByReserve += amount;
    await goOn(1n);
    await same(
      () => {
        model.receiveDraw(amount);
      },
      () => vault.connect(admin).receiveDraw(1n, amount),
      vault,
    );
  };
  const returnDraws: Action = async () => {
    await same(
      () => {
        model.close();
      },
      () => vault.returnUnused(),
      vault,
    );
  };
  const changeKappa: Action = async () => {
    const { value } = (await vault.parameterOf(KAPPA)).current;
    const change = (value * (below(5_000n) - 2_500n)) / 10_000n;
    await same(
      () => {
        model.announceKappa(value + change);
      },
      () => vault.announce(KAPPA, value + change),
      vault,
    );
  };
  const keepKappa: Action = async () => {
    await changeKappa();
    await goOn(60n);
    await same(
      () => {
        model.withdrawKappa();
      },
      () => vault.withdrawAnnouncement(KAPPA),
      vault,
    );
  };
  const replace: Action = async () => {
    if (pools.length < MOST_POOLS) {
      const next = await suite.deployPool();
      await suite.openPool(next);
      pools.push(next);
      model.addPool();
      calendar.now = BigInt(await time.latest());
      await goOn(1n);
    }
    const index = random() < 0.1 ? undefined : Math.floor(random() * pools.length);
    const book = index === undefined ? ZeroAddress : (pools[index] ?? ZeroAddress);
    await same(
      () => {
        model.setBook(index);
      },
      () => meter.setBook(book),
      meter,
    );
  };

  /** Compares every amount, to the wei. */
  const compare = async () => {
    if (BigInt(await time.latest()) < calendar.now) await networkHelpers.mine();
    const [funds, balance, reserve, isReleasing, ...wallets] = await readAll(connection, [
      read(vault.fundsOf),
      read(token.balanceOf, vault.target),
      read(token.balanceOf, admin.address),
      read(vault.isReleasing),
      ...people.map((name) => read(token.balanceOf, name)),
    ]);
    const { own, drawn, released, room } = funds;
    expect({ own, drawn, released, room }, `${label}: funds`).to.deep.equal(model.fundsOf());
    expect(balance, `${label}: balance`).to.equal(model.balance);
    expect(reserve, `${label}: reserve`).to.equal(reserveBefore - sentByReserve + model.returned);
    expect(isReleasing, `${label}: releasing`).to.equal(model.isReleasing());
    const used = model.usedEpochs;
    const looked = new Set([...used.slice(-2), calendar.epoch, pick([...used, calendar.epoch])]);
    for (const epoch of looked) {
      const { index, pool } = pickPool();
      const category = pick(CATEGORIES);
      const [closing, rate, [points, part]] = await readAll(connection, [
        read(vault.closingOf, epoch),
        read(vault.rateOf, epoch),
        read(pool.categoryOf, epoch, category),
      ]);
      const { burned, kappaBps, allotment, released: out, stageCap } = closing;
      expect(
        { burned, kappaBps, allotment, released: out, stageCap },
        `${label}: epoch ${epoch}`,
      ).to.deep.equal(model.closingOf(epoch));
      expect(rate).to.equal(model.rateOf(epoch));
      expect(
        { points, released: part },
        `${label}: category ${category} of ${epoch} at pool ${index}`,
      ).to.deep.equal(model.categoryOf(index, epoch, category));
    }
    for (const [index, pool] of pools.entries()) {
      const [funded, ...amounts] = await readAll(connection, [
        read(token.balanceOf, pool.target),
        ...people.flatMap((name) => [read(pool.claimableOf, name), read(pool.returnableAt, name)]),
      ]);
      let claimable = 0n;
      for (const [who, name] of people.entries()) {
        const [amount = -1n, returnableAt] = amounts.slice(2 * who);
        claimable += amount;
        const of = `${label}: pool ${index}, ${who}`;
        expect(amount, of).to.equal(model.claimableOf(index, name));
        expect(returnableAt, `${of}: return`).to.equal(model.returnableAt(index, name));
      }
      // INC-I8: a pool holds what it owes, as soon as the epoch that is due is closed.
      const unpaid = released - model.released;
      expect(claimable <= funded + unpaid, `${label}: INC-I8`).to.equal(true);
    }
    for (const [index, name] of people.entries())
      expect(wallets[index]).to.equal((held.get(name) ?? 0n) + (paid.get(name) ?? 0n));
  };

  const actions: readonly (readonly [name: string, weight: number, act: Action])[] = [
    ["serve", 10, serve],
    ["attest", 6, attest],
    ["claim", 7, claim],
    ["return unclaimed", 3, giveBack],
    ["close", 3, close],
    ["donate", 2, donate],
    ["draw", 3, draw],
    ["return draws", 2, returnDraws],
    ["change kappa", 2, changeKappa],
    ["keep kappa", 1, keepKappa],
    ["replace the pool", 2, replace],
  ];
  const bag = actions.flatMap(([name, weight, act]) =>
    Array.from({ length: weight }, () => ({ name, act })),
  );
  const run = async (index: number) => {
    const drawn = random();
    // Mostly the same epoch or the next ones, now and then 100 days or more than a year.
    const pause =
      drawn < 0.45
        ? 30n + below(4_000n)
        : drawn < 0.82
          ? EPOCH
          : drawn < 0.94
            ? (2n + below(12n)) * EPOCH
            : drawn < 0.985
              ? (20n + below(90n)) * EPOCH
              : (367n + below(100n)) * EPOCH;
    const { name, act } = pick(bag);
    label = name;
    await goOn(pause);
    await act();
    label = `action ${index}, ${name}`;
    await compare();
  };
  return { run, model, pools, people, calendar, refused, accepted, actions, vault, token };
}

describe("Incentives beside their model", function () {
  const done = new Set<string>();
  let known: string[] = [];

  for (const seed of SEEDS)
    it(`agree to the wei over ${ACTIONS} random actions with draws, replaced pools, κ changes and gaps, seed ${seed} (INC-I1 to INC-I11, RSV-I4)`, async function () {
      this.timeout(3_600_000);
      const market = await openMarket(createRandom(seed));
      known = market.actions.map(([name]) => name);

      for (let index = 0; index < ACTIONS; index += 1) await market.run(index);

      for (const name of market.accepted.keys()) done.add(name);
      const { model, pools, people } = market;
      expect(model.released).to.be.greaterThan(0n);
      expect(model.released * 10_000n <= model.totalBurned * 9_000n, "INC-I10").to.equal(true);
      // Scores: rounding of each step aside, the sum of all rewards, halved in 90 epochs.
      for (const [index, pool] of pools.entries())
        for (const name of people) {
          await pool.claim(name);
          market.calendar.now = BigInt(await time.latest());
          const expected = model.scoreOf(index, name);
          const score = Number(await pool.scoreOf(name));
          const isClose = Math.abs(score - expected) <= expected * 1e-6 + 1e12;
          expect(isClose, `score ${score}, expected ${expected}`).to.equal(true);
        }
    });

  it("accepted every action at least once", function () {
    expect(known).not.to.deep.equal([]);
    expect([...done]).to.have.members(known);
  });
});
