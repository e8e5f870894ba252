import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { expect } from "chai";
import { encodeBytes32String, type BaseContract, type ContractTransactionResponse } from "ethers";
import { network } from "hardhat";

import { createRandom } from "../../scripts/loop/random.js";
import {
  Calendar,
  CATEGORIES,
  PoolModel,
  Refusal,
  StakeModel,
  Status,
} from "../support/incentive-model.js";
import {
  ALL_CATEGORIES,
  deployModules,
  deploySettling,
  EPOCH,
  fund,
  FUNDS,
  grantMeter,
  KAPPA_BPS,
  MINIMUM_STAKE,
  PRICE,
  SECONDS,
  SHARES,
  STAGES,
  TOKENS,
} from "../support/metering.js";
import { OPA } from "../support/release.js";

const deep = process.env["DEEP"] === "1";
const SEEDS = deep ? [1, 2, 3, 4, 5, 6, 7, 8] : [20_261_123];
const ACTIONS = deep ? 1_500 : 400;
const SETTLEMENTS = deep ? 200 : 30;

const DAY = 86_400n;
const KAPPA = encodeBytes32String("kappa");
const MINIMUM = 5n * MINIMUM_STAKE; // for every category
const SIX_PLACES = 1_000_000;

const connection = await network.create();
const { ethers, networkHelpers } = connection;

type Modules = Awaited<ReturnType<typeof deployModules>>;
type Action = () => Promise<void>;

async function modulesFixture() {
  return deployModules(connection);
}

async function settlingFixture() {
  return deploySettling(connection);
}

/** Contracts and model side by side, with what both tests need to compare them. */
class LockStep {
  readonly calendar: Calendar;
  readonly pool: PoolModel;
  readonly stakes: StakeModel;
  readonly balances = new Map<string, bigint>();
  readonly refused = new Map<string, number>();
  accepted = 0;

  private constructor(
    readonly modules: Modules,
    readonly people: readonly string[],
    now: bigint,
    startedAt: bigint,
    readonly random: () => number,
  ) {
    this.calendar = new Calendar(modules.startedAt, EPOCH, startedAt);
    const rules = { kappaBps: KAPPA_BPS, shares: SHARES, stages: STAGES };
    this.pool = new PoolModel(this.calendar, rules);
    this.stakes = new StakeModel(this.calendar, MINIMUM);
    this.calendar.now = now;
  }

  static async open(modules: Modules, people: readonly string[], random: () => number) {
    const now = BigInt(await networkHelpers.time.latest());
    const startedAt = modules.startedAt + (await modules.pool.START_EPOCH()) * EPOCH;
    return new LockStep(modules, people, now, startedAt, random);
  }

  /** A whole number from 0 up to, not including, `bound`. */
  below(bound: bigint): bigint {
    const drawn = BigInt(Math.floor(this.random() * SIX_PLACES));
    return (bound * drawn) / BigInt(SIX_PLACES);
  }

  pick<Item>(items: readonly Item[]): Item {
    const item = items[Math.floor(this.random() * items.length)];
    if (item === undefined) throw new Error("nothing to pick from");
    return item;
  }

  move(from: string, to: string, amount: bigint): void {
    this.balances.set(from, (this.balances.get(from) ?? 0n) - amount);
    this.balances.set(to, (this.balances.get(to) ?? 0n) + amount);
  }

  /** Lets the clocks of both go on by some seconds; what is sent next happens then. */
  async goOn(seconds: bigint): Promise<void> {
    this.calendar.now += seconds;
    await networkHelpers.time.setNextBlockTimestamp(this.calendar.now);
    this.pool.catchUp();
  }

  /** The contract accepts and refuses what the model does, and for the same reason. */
  async same(
    predict: () => void,
    send: () => Promise<ContractTransactionResponse>,
    refuser: BaseContract = this.modules.pool,
  ): Promise<void> {
    try {
      predict();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      await expect(send()).to.be.revertedWithCustomError(refuser, error.message);
      this.refused.set(error.message, (this.refused.get(error.message) ?? 0) + 1);
      return;
    }
    await send();
    this.accepted += 1;
  }

  /** Compares every amount, to the wei. */
  async compare(label: string): Promise<void> {
    if (BigInt(await networkHelpers.time.latest()) < this.calendar.now) await networkHelpers.mine(); // nothing was sent
    const [{ pool, nodes, token }, { epoch }] = [this.modules, this.pool];
    const funds = await pool.fundsOf();
    const expected = this.pool.fundsOf();
    const { remaining, incoming, owed, released } = funds;
    expect({ remaining, incoming, owed, released }, `${label}: funds`).to.deep.equal(expected);
    // INC-I6: what is owed and nobody's is rounding, below a wei for each contributor of an epoch and category
    const dust = owed - this.pool.claimable();
    const epochs = BigInt(this.pool.usedEpochs.length);
    const most = epochs * BigInt(this.people.length * CATEGORIES.length);
    expect(dust >= 0n && dust <= most, `${label}: INC-I6 dust ${dust}`).to.equal(true);

    const used = this.pool.usedEpochs;
    const looked = new Set([...used.slice(-2), this.pick([...used, epoch]), epoch]);
    for (const at of looked) {
      const { burned, allotment, released: out, kappaBps } = await pool.epochOf(at);
      const record = { burned, allotment, released: out, kappaBps };
      expect(record, `${label}: epoch ${at}`).to.deep.equal(this.pool.epochOf(at));
      const category = this.pick(CATEGORIES);
      const [points, part] = await pool.categoryOf(at, category);
      const of = `${label}: category ${category} of ${at}`;
      expect({ points, released: part }, of).to.deep.equal(this.pool.categoryOf(at, category));
      expect(await pool.rateOf(at), `${label}: rate of ${at}`).to.equal(this.pool.rateOf(at));
    }

    const attested = this.pick(CATEGORIES.slice(1));
    for (const name of this.people) {
      const [claimable, score, returnableAt, points, stake, slashable] = await Promise.all([
        pool.claimableOf(name),
        pool.scoreOf(name),
        pool.returnableAt(name),
        pool.pointsOf(name, attested),
        nodes.stakeOf(name),
        nodes.slashableOf(name),
      ]);
      const of = (what: string) => `${label}: ${what} of ${name}`;
      expect(claimable, of("claimable")).to.equal(this.pool.claimableOf(name));
      expect(score, of("score")).to.equal(this.pool.scoreOf(name));
      expect(returnableAt, of("return")).to.equal(this.pool.returnableAt(name));
      expect(points, of("points")).to.equal(this.pool.pointsOf(name, attested));
      const { staked, unbonding } = stake;
      expect({ staked, unbonding }, of("stake")).to.deep.equal(this.stakes.stakeOf(name));
      expect(slashable, of("slashable")).to.equal(this.stakes.slashableOf(name));
    }
    expect(await nodes.totalStake(), `${label}: all stake`).to.equal(this.stakes.totalStake());
    for (const [name, balance] of this.balances)
      expect(await token.balanceOf(name), `${label}: balance of ${name}`).to.equal(balance);
  }

  /** Compares how a provider stands, and what is on its way out. */
  async compareNode(name: string, label: string): Promise<void> {
    const { nodes } = this.modules;
    const { status } = await nodes.nodeOf(name);
    expect(status, `${label}: status of ${name}`).to.equal(this.stakes.statusOf(name));
    const parts = await nodes.unbondingsOf(name);
    const plain = parts.map(({ amount, readyAt }) => ({ amount, readyAt }));
    expect(plain, `${label}: parts of ${name}`).to.deep.equal(this.stakes.unbondingsOf(name));
  }
}

/** Everything a random sequence can do, by name and how often. */
async function openMarket(random: () => number) {
  const modules = await networkHelpers.loadFixture(modulesFixture);
  const { admin, authority, registry, pool, nodes, token } = modules;
  const signers = (await ethers.getSigners()).slice(1, 10);
  const [a, b, c, late, worker, other, payout, meter, donor] = signers;
  if (!a || !b || !c || !late || !worker || !other || !payout || !meter || !donor)
    throw new Error("nine signers expected");
  const [providers, workers] = [
    [a, b, c],
    [worker, other, c],
  ];
  const people = [a, b, c, late, worker, other].map(({ address }) => address);
  const step = await LockStep.open(modules, people, random);
  const { calendar, pool: model, stakes } = step;
  const [poolAddress, nodesAddress] = [await pool.getAddress(), await nodes.getAddress()];

  await grantMeter(authority, [registry], meter);
  for (const holder of signers) {
    await fund(connection, modules, holder, FUNDS);
    await token.connect(holder).approve(nodes, FUNDS);
  }
  for (const address of [...signers, admin].map((signer) => signer.address))
    step.balances.set(address, await token.balanceOf(address));
  for (const contract of [poolAddress, nodesAddress]) step.balances.set(contract, 0n);
  calendar.now = BigInt(await networkHelpers.time.latest());

  const register = async (node: HardhatEthersSigner, amount: bigint, recipient: string) => {
    await step.goOn(1n);
    const predict = () => {
      stakes.register(node.address, amount);
      step.move(node.address, nodesAddress, amount);
    };
    const send = async () =>
      nodes.connect(node).register(amount, ALL_CATEGORIES, recipient, ethers.ZeroAddress, "");
    await step.same(predict, send, nodes);
  };
  for (const node of providers)
    await register(node, 2n * MINIMUM + step.below(20_000n * OPA), payoutOf(node.address));
  function payoutOf(name: string) {
    return name === a?.address ? (payout?.address ?? name) : name;
  }

  function heldBy({ address }: HardhatEthersSigner): bigint {
    return step.balances.get(address) ?? 0n;
  }

  const serve: Action = async () => {
    const served = providers
      .filter(() => random() < 0.6)
      .map(({ address }) => ({ provider: address, burned: 1n + step.below(200_000n * OPA) }));
    const words = served.map(({ burned }) => (burned << 160n) | (1n << 96n) | (1n << 32n));
    const names = served.map(({ provider }) => provider);
    if (names.length === 0) return;
    await registry.connect(meter).report([], [], names, words);
    await step.goOn(1n);
    await pool.connect(meter).book(model.use(served));
    step.accepted += 1;
  };
  const donate: Action = async () => {
    const amount = 1n + step.below(heldBy(donor) / 10n);
    await token.connect(donor).transfer(pool, amount);
    step.move(donor.address, poolAddress, amount);
    model.uncounted += amount;
    step.accepted += 1;
  };
  const absorb: Action = async () => {
    await step.same(
      () => model.absorb(),
      async () => pool.connect(other).absorb(),
    );
  };
  const attest: Action = async () => {
    const { address } = step.pick(workers);
    const category = step.pick(random() < 0.05 ? CATEGORIES : CATEGORIES.slice(1));
    const most = random() < 0.05 ? 2n ** 57n : 2n ** 40n;
    const points = random() < 0.05 ? 0n : step.below(most);
    await step.same(
      () => {
        model.recordPoints(address, category, points);
      },
      async () => pool.connect(admin).recordPoints(address, category, points),
    );
  };
  const claim: Action = async () => {
    const name = step.pick(people);
    await step.same(
      () => {
        step.move(poolAddress, payoutOf(name), model.claim(name));
      },
      async () => pool.connect(donor).claim(name),
    );
  };
  const claimTo: Action = async () => {
    const claimant = step.pick([...providers, ...workers]);
    const recipient = random() < 0.1 ? poolAddress : donor.address;
    await step.same(
      () => {
        if (recipient === poolAddress) throw new Refusal("IncentivePoolZeroAddress");
        step.move(poolAddress, recipient, model.claim(claimant.address));
      },
      async () => pool.connect(claimant).claimTo(recipient),
    );
  };
  const claimToStake: Action = async () => {
    const claimant = step.pick([...providers, worker]);
    const { address } = claimant;
    const isKnown = stakes.statusOf(address) !== Status.Unknown;
    const hasClaim = model.claimableOf(address) !== 0n;
    await step.same(
      () => {
        if (!isKnown && hasClaim) throw new Refusal("NodeRegistryUnknownNode");
        const amount = model.claim(address);
        stakes.stake(address, amount);
        step.move(poolAddress, nodesAddress, amount);
      },
      async () => pool.connect(claimant).claimToStake(),
      !isKnown && hasClaim ? nodes : pool,
    );
  };
  const giveBack: Action = async () => {
    const earners = people.filter((person) => model.claimableOf(person) !== 0n);
    const name = step.pick(earners.length === 0 || random() < 0.2 ? people : earners);
    await step.same(
      () => model.returnUnclaimed(name),
      async () => pool.connect(donor).returnUnclaimed(name),
    );
  };
  const book: Action = async () => {
    const names = people.filter(() => random() < 0.5);
    await pool.connect(donor).book(names);
    for (const name of names) model.book(name);
    step.accepted += 1;
  };
  const close: Action = async () => {
    await pool.connect(donor).closeEpoch();
    step.accepted += 1;
  };
  const changeKappa: Action = async () => {
    const { current } = await readKappa();
    const change = (current * (step.below(5_000n) - 2_500n)) / 10_000n;
    await step.same(
      () => {
        model.announceKappa(current + change);
      },
      async () => pool.connect(admin).announce(KAPPA, current + change),
    );
  };
  const keepKappa: Action = async () => {
    await step.same(
      () => {
        model.withdrawKappa();
      },
      async () => pool.connect(admin).withdrawAnnouncement(KAPPA),
    );
  };
  async function readKappa() {
    const [{ value }] = await pool.parameterOf(KAPPA);
    return { current: value };
  }

  const nodeAction = async (
    predict: () => void,
    send: () => Promise<ContractTransactionResponse>,
  ) => step.same(predict, send, nodes);
  const stake: Action = async () => {
    const { address } = step.pick([...providers, late]);
    const amount = random() < 0.05 ? 0n : step.below(heldBy(donor) / 100n);
    await nodeAction(
      () => {
        stakes.stake(address, amount);
        step.move(donor.address, nodesAddress, amount);
      },
      async () => nodes.connect(donor).stake(address, amount),
    );
  };
  const enter: Action = async () => {
    const isKnown = stakes.statusOf(late.address) !== Status.Unknown;
    await register(late, isKnown || random() < 0.5 ? MINIMUM : MINIMUM - 1n, late.address);
  };
  const unbond: Action = async () => {
    const node = step.pick([...providers, late]);
    const { staked } = stakes.stakeOf(node.address);
    const amount = step.below(random() < 0.2 ? 2n * staked : staked / 8n + 1n);
    await nodeAction(
      () => {
        stakes.requestUnbonding(node.address, amount);
      },
      async () => nodes.connect(node).requestUnbonding(amount),
    );
  };
  const exit: Action = async () => {
    const node = step.pick([...providers, late]);
    await nodeAction(
      () => {
        stakes.exit(node.address);
      },
      async () => nodes.connect(node).exit(),
    );
  };
  const comeBack: Action = async () => {
    const node = step.pick([...providers, late]);
    await nodeAction(
      () => {
        stakes.activate(node.address);
      },
      async () => nodes.connect(node).activate(node),
    );
  };
  const pause: Action = async () => {
    const node = step.pick([...providers, late]);
    await nodeAction(
      () => {
        stakes.deactivate(node.address);
      },
      async () => nodes.connect(node).deactivate(node),
    );
  };
  const withdraw: Action = async () => {
    const { address } = step.pick([...providers, late]);
    const [first] = stakes.unbondingsOf(address);
    // to the second: just before, or just when it is ready
    if (first && random() < 0.5 && first.readyAt > calendar.now + 2n)
      await step.goOn(first.readyAt - calendar.now - (random() < 0.5 ? 1n : 0n));
    await nodeAction(
      () => {
        step.move(nodesAddress, address, stakes.withdraw(address));
      },
      async () => nodes.connect(donor).withdraw(address),
    );
  };
  const slash: Action = async () => {
    const { address } = step.pick([...providers, late]);
    const bps = random() < 0.05 ? 1_001n : step.below(1_001n);
    await nodeAction(
      () => {
        step.move(nodesAddress, admin.address, stakes.slash(address, bps));
      },
      async () => nodes.connect(admin).slash(address, bps),
    );
  };

  const actions: readonly (readonly [name: string, weight: number, act: Action])[] = [
    ["serve", 9, serve],
    ["donate", 3, donate],
    ["absorb", 3, absorb],
    ["attest", 5, attest],
    ["claim", 4, claim],
    ["claim to somebody", 2, claimTo],
    ["claim to stake", 2, claimToStake],
    ["return", 2, giveBack],
    ["book", 2, book],
    ["close", 2, close],
    ["change kappa", 2, changeKappa],
    ["keep kappa", 1, keepKappa],
    ["stake", 2, stake],
    ["register", 1, enter],
    ["unbond", 3, unbond],
    ["exit", 1, exit],
    ["activate", 2, comeBack],
    ["deactivate", 1, pause],
    ["withdraw", 3, withdraw],
    ["slash", 3, slash],
  ];
  return { step, actions, donors: { donate, absorb }, nodes: [...providers, late] };
}

/** Seconds until the next action: mostly the same epoch or the next ones, now and then months or more than a year. */
function pauseFor(step: LockStep): bigint {
  const drawn = step.random();
  if (drawn < 0.4) return 30n + step.below(4_000n);
  if (drawn < 0.8) return EPOCH;
  if (drawn < 0.93) return (2n + step.below(12n)) * EPOCH;
  if (drawn < 0.985) return (20n + step.below(60n)) * EPOCH;
  return (367n + step.below(100n)) * DAY;
}

describe("Incentives beside their model", function () {
  const done = new Set<string>(); // actions that were accepted, over all seeds
  let known: string[] = [];

  for (const seed of SEEDS)
    it(`agree to the wei over ${ACTIONS} random actions, seed ${seed} (INC-I1 to INC-I6, NOD-I1 to NOD-I4)`, async function () {
      this.timeout(1_800_000);
      const { step, actions, donors, nodes } = await openMarket(createRandom(seed));
      const bag = actions.flatMap(([name, weight, act]) =>
        Array.from({ length: weight }, () => ({ name, act })),
      );
      const returns = bag.filter(({ name }) => name === "return");
      for (const act of [donors.donate, donors.absorb]) {
        await step.goOn(10n);
        await act();
      }

      known = actions.map(([name]) => name);
      for (let index = 0; index < ACTIONS; index += 1) {
        const pause = pauseFor(step);
        const isLong = pause > 366n * DAY && step.random() < 0.6; // only then can anything be returned
        const { name, act } = step.pick(isLong ? returns : bag);
        const before = step.accepted;
        await step.goOn(pause);
        await act();
        if (step.accepted > before) done.add(name);
        const label = `action ${index}, ${name}`;
        await step.compare(label);
        await step.compareNode(step.pick(nodes).address, label);
      }

      const { released, owed } = step.pool.fundsOf();
      expect(released).to.be.greaterThan(owed); // something was released, claimed and returned
      for (const error of [
        "IncentivePoolNothingToClaim",
        "IncentivePoolTooEarly",
        "NodeStakingNothingReady",
        "NodeStakingBelowMinimum",
      ])
        expect(step.refused.get(error), error).to.be.greaterThan(0);
    });

  it("accepted every action at least once", function () {
    expect(known).not.to.deep.equal([]);
    expect([...done]).to.have.members(known);
  });

  it(`agree to the wei over ${SETTLEMENTS} real settlements with gaps (INC-I1, INC-I3, INC-I9)`, async function () {
    this.timeout(1_800_000);
    const suite = await networkHelpers.loadFixture(settlingFixture);
    const { accounts, alice, bob, provider, other, pool, token } = suite;
    const people = [provider, other, alice].map(({ address }) => address);
    const step = await LockStep.open(suite, people, createRandom(7));
    const poolAddress = await pool.getAddress();
    for (const name of people.slice(0, 2)) step.stakes.register(name, MINIMUM);
    await accounts.connect(bob).deposit(bob, 1_000n * OPA);
    await accounts.connect(alice).deposit(alice, 1_000n * OPA);
    await token.connect(alice).transfer(pool, 1_000n * OPA);
    await pool.absorb();
    step.calendar.now = BigInt(await networkHelpers.time.latest());
    step.pool.uncounted = 1_000n * OPA;
    step.pool.absorb();
    step.balances.set(poolAddress, 1_000n * OPA);
    for (const name of people.slice(0, 2)) step.balances.set(name, await token.balanceOf(name));

    const totals = new Map<string, bigint>();
    const burnedInAll = new Map<string, bigint>();
    for (let index = 0; index < SETTLEMENTS; index += 1) {
      await step.goOn(step.random() < 0.3 ? 60n : (1n + step.below(9n)) * EPOCH);
      await networkHelpers.mine();
      const served: { provider: string; burned: bigint }[] = [];
      const statements = [];
      for (const consumer of [alice, bob].filter(() => step.random() < 0.8)) {
        const lines = [];
        for (const node of [provider, other])
          for (const resource of [TOKENS, SECONDS].filter(() => step.random() < 0.6)) {
            const units = 1n + step.below(2_000_000n);
            const key = `${consumer.address} ${node.address} ${resource}`;
            const total = (totals.get(key) ?? 0n) + units;
            totals.set(key, total);
            lines.push(suite.line(total, resource, node));
            const burned = units * (PRICE[String(resource)] ?? 0n);
            served.push({ provider: node.address, burned });
          }
        const choice = { account: consumer.address, key: consumer };
        const deadline = step.calendar.now + 5n * EPOCH;
        if (lines.length !== 0)
          statements.push(await suite.sign(suite.inOrder(lines), { ...choice, deadline }));
      }
      step.calendar.now += 2n;
      await networkHelpers.time.setNextBlockTimestamp(step.calendar.now);
      if (statements.length !== 0) {
        const { results } = await suite.settle(statements);
        const burned = results.reduce((sum, result) => sum + result.burned, 0n);
        expect(burned).to.equal(served.reduce((sum, use) => sum + use.burned, 0n));
        step.pool.use(served);
        for (const use of served)
          burnedInAll.set(use.provider, (burnedInAll.get(use.provider) ?? 0n) + use.burned);
      }
      await step.compare(`settlement ${index}`);
      if (step.random() < 0.2) {
        const name = step.pick(people);
        await step.goOn(1n);
        await step.same(
          () => {
            step.move(poolAddress, name, step.pool.claim(name));
          },
          async () => pool.claim(name),
        );
        await step.compare(`claim after settlement ${index}`);
      }
    }

    const { released } = step.pool.fundsOf();
    const burned = [...burnedInAll.values()].reduce((sum, value) => sum + value, 0n);
    expect(released).to.be.greaterThan(0n);
    expect(released * 10_000n <= burned * KAPPA_BPS, "INC-I9").to.equal(true);
  });
});
