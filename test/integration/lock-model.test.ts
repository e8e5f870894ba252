import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { expect } from "chai";
import { Signature, ZeroAddress, type ContractTransactionResponse } from "ethers";
import { network } from "hardhat";

import { createRandom } from "../../scripts/loop/random.js";
import { Refusal } from "../support/calendar-model.js";
import { deployLock } from "../support/lock.js";
import { LockModel, WEEK } from "../support/lock-model.js";
import { read, readAll } from "../support/reads.js";
import { DAY, OPA } from "../support/release.js";

const deep = process.env["DEEP"] === "1";
const SEEDS = deep ? [1, 2, 3, 4, 5, 6, 7, 8] : [20_261_123, 4];
const ACTIONS = deep ? 1_200 : 260;
const LOOKS = deep ? 1_500 : 150; // random seconds asked for at the end, besides those of actions and weeks
const STRETCH = deep ? 600n : 45n; // seconds on both sides of some, every one of which is asked for
const EDGES = [-1n, 0n, 1n] as const;
const PEOPLE = 6;
const SIX_PLACES = 1_000_000;

const connection = await network.create({ override: { allowBlocksWithSameTimestamp: true } });
const { ethers, networkHelpers } = connection;

type Action = () => Promise<void>;

const TYPES = {
  Delegation: [
    { name: "delegatee", type: "address" },
    { name: "nonce", type: "uint256" },
    { name: "expiry", type: "uint256" },
  ],
};
const ACCOUNT_TYPES = {
  AccountDelegation: [{ name: "account", type: "address" }, ...TYPES.Delegation],
};

async function lockFixture() {
  const { token, lock, fund } = await deployLock(connection);
  const [outsider, ...owners] = (await ethers.getSigners()).slice(1, PEOPLE + 2);
  if (!outsider || owners.length !== PEOPLE) throw new Error("more signers expected");
  for (const owner of owners) {
    await fund(owner, 100_000_000n * OPA);
    await token.connect(owner).approve(lock, ethers.MaxUint256);
  }
  return { token, lock, owners, outsider };
}

/** An answer about the past, to be given again for ever. */
interface Answer {
  readonly account: string;
  readonly time: bigint;
  readonly votes: bigint;
  readonly total: bigint;
  readonly locked: bigint;
}

/** The contract and its model side by side. */
class LockStep {
  readonly model: LockModel;
  readonly balances = new Map<string, bigint>();
  readonly refused = new Map<string, number>();
  readonly times = new Set<bigint>(); // at which something was done
  readonly people: readonly string[];
  private readonly answers: Answer[] = [];
  accepted = 0;

  private constructor(
    readonly contracts: Awaited<ReturnType<typeof lockFixture>>,
    readonly startedAt: bigint,
    readonly random: () => number,
  ) {
    this.model = new LockModel(startedAt);
    const { owners, outsider } = contracts;
    this.people = [...owners, outsider].map(({ address }) => address);
  }

  static async open(random: () => number): Promise<LockStep> {
    const contracts = await networkHelpers.loadFixture(lockFixture);
    const step = new LockStep(contracts, BigInt(await networkHelpers.time.latest()), random);
    const { token, lock } = contracts;
    for (const name of [...step.people, await lock.getAddress()])
      step.balances.set(name, await token.balanceOf(name));
    return step;
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

  /** Advances the clocks of both by some seconds, or none, for the next transaction. */
  async goOn(seconds: bigint): Promise<void> {
    this.model.now += seconds;
    await networkHelpers.time.setNextBlockTimestamp(this.model.now);
  }

  /** The contract accepts and refuses the same calls as the model, with the same error. */
  async same(predict: () => void, send: () => Promise<ContractTransactionResponse>): Promise<void> {
    try {
      predict();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      await expect(send()).to.be.revertedWithCustomError(this.contracts.lock, error.message);
      this.refused.set(error.message, (this.refused.get(error.message) ?? 0) + 1);
      return;
    }
    await send();
    this.accepted += 1;
  }

  /** Compares the present state, to the wei. */
  async compare(label: string): Promise<void> {
    if (BigInt(await networkHelpers.time.latest()) < this.model.now) await networkHelpers.mine(); // nothing was sent
    const [{ lock, token }, { now }] = [this.contracts, this.model];
    const name = this.pick(this.people);
    const [
      clock,
      total,
      { amount, end },
      { earliest, latest },
      withdrawableAt,
      power,
      delegatee,
      held,
      ...all
    ] = await readAll(connection, [
      read(lock.clock),
      read(lock.totalVotes),
      read(lock.lockOf, name),
      read(lock.endRange),
      read(lock.withdrawableAt, name),
      read(lock.powerOf, name),
      read(lock.delegates, name),
      read(token.balanceOf, lock.target),
      ...this.people.map((person) => read(lock.getVotes, person)),
    ]);
    expect(clock, `${label}: GOV-I6`).to.equal(now);
    this.times.add(now);

    let sum = 0n;
    for (const [index, person] of this.people.entries()) {
      const votes = all[index] ?? -1n;
      expect(votes, `${label}: votes of ${person}`).to.equal(this.model.votesAt(person, now));
      sum += votes;
    }
    expect(total, `${label}: total`).to.equal(this.model.totalAt(now));
    expectRoundedSum(sum, total, `${label}: GOV-I3`);

    expect({ amount, end }, `${label}: lock`).to.deep.equal(this.model.lockOf(name));
    expect({ earliest, latest }, `${label}: ends`).to.deep.equal(this.model.endRange());
    expect(withdrawableAt, `${label}: withdrawable`).to.equal(end);
    expect(power, `${label}: power`).to.equal(this.model.powerOf(name));
    expect(power <= amount, `${label}: GOV-I7`).to.equal(true);
    expect(delegatee, `${label}: delegatee`).to.equal(this.model.delegateOf(name));
    expect(held, `${label}: GOV-I1`).to.equal(this.model.held());
  }

  /** Asks for a past second and keeps the answer. */
  async ask(time: bigint): Promise<void> {
    const account = this.pick(this.people);
    this.answers.push(await this.answer(account, time));
  }

  /** GOV-I4: earlier answers about the past are repeated. */
  async askAgain(): Promise<number> {
    for (const said of this.answers)
      expect(await this.answer(said.account, said.time), "GOV-I4").to.deep.equal(said);
    return this.answers.length;
  }

  /** Compares the state at a past second, to the wei. */
  async comparePast(time: bigint): Promise<void> {
    const { lock } = this.contracts;
    const [total, locked, ...all] = await readAll(connection, [
      read(lock.getPastTotalSupply, time),
      read(lock.getPastLocked, time),
      ...this.people.map((name) => read(lock.getPastVotes, name, time)),
    ]);
    let sum = 0n;
    for (const [index, name] of this.people.entries()) {
      const votes = all[index] ?? -1n;
      expect(votes, `votes of ${name} at ${time}`).to.equal(this.model.votesAt(name, time));
      sum += votes;
    }
    expect(total, `total at ${time}`).to.equal(this.model.totalAt(time));
    expect(locked, `locked at ${time}`).to.equal(this.model.lockedAt(time));
    expectRoundedSum(sum, total, `GOV-I3 at ${time}`);
  }

  private async answer(account: string, time: bigint): Promise<Answer> {
    const { lock } = this.contracts;
    const [votes, total, locked] = await readAll(connection, [
      read(lock.getPastVotes, account, time),
      read(lock.getPastTotalSupply, time),
      read(lock.getPastLocked, time),
    ]);
    return { account, time, votes, total, locked };
  }
}

/** All votes are the total, but for less than a wei of each account. */
function expectRoundedSum(sum: bigint, total: bigint, label: string): void {
  const lost = total - sum;
  expect(lost >= 0n && lost <= BigInt(PEOPLE), `${label}: ${lost}`).to.equal(true);
}

/** Everything a random history can do, by name and how often. */
async function openHistory(random: () => number) {
  const step = await LockStep.open(random);
  const { model, contracts } = step;
  const { lock, owners, outsider } = contracts;
  const address = await lock.getAddress();
  const { chainId } = await ethers.provider.getNetwork();
  const domain = { name: "OPA GovernanceLock", version: "1", chainId, verifyingContract: address };
  const nonces = new Map<string, bigint>();

  /** One of the owners, mostly one that satisfies the condition. */
  function ownerWith(condition: (owner: HardhatEthersSigner) => boolean): HardhatEthersSigner {
    const some = owners.filter(condition);
    return step.pick(some.length === 0 || random() < 0.1 ? owners : some);
  }
  function endOf(owner: HardhatEthersSigner): bigint {
    return model.lockOf(owner.address).end;
  }
  function drawEnd(): bigint {
    const { earliest, latest } = model.endRange();
    const drawn = random();
    if (drawn < 0.3) return endOf(step.pick(owners)); // so that several locks end together
    if (drawn < 0.6) return earliest + step.below(8n) * WEEK;
    if (drawn < 0.75) return earliest + step.below((latest - earliest) / WEEK + 1n) * WEEK;
    if (drawn < 0.9) return latest;
    return step.pick([earliest - WEEK, latest + WEEK, earliest + 1n, latest - 1n, earliest, 0n]);
  }
  function drawDelegatee(owner: HardhatEthersSigner): string {
    const drawn = random();
    if (drawn < 0.25) return owner.address;
    if (drawn < 0.35) return outsider.address;
    return drawn < 0.95 ? step.pick(step.people) : ZeroAddress;
  }
  function drawAmount(payer: HardhatEthersSigner, part: bigint): bigint {
    const drawn = random();
    if (drawn < 0.1) return step.pick([0n, 1n, OPA - 1n]);
    if (drawn < 0.2) return OPA;
    return step.below((step.balances.get(payer.address) ?? 0n) / part);
  }

  /** Now and then, to the second: just before the lock of an owner ends, or just when it has ended. */
  async function goToEnd(owner: HardhatEthersSigner, chance: number): Promise<void> {
    const left = endOf(owner) - model.now;
    if (left > 1n && random() < chance) await step.goOn(left - (random() < 0.4 ? 1n : 0n));
  }

  const lockFor = async (owner: HardhatEthersSigner) => {
    const [amount, end] = [drawAmount(owner, 3n), drawEnd()];
    await step.same(
      () => {
        model.lock(owner.address, amount, end);
        step.move(owner.address, address, amount);
      },
      async () => lock.connect(owner).lock(amount, end),
    );
  };
  const begin: Action = async () => lockFor(ownerWith((owner) => endOf(owner) === 0n));
  const increaseBy = async (owner: HardhatEthersSigner, payer: HardhatEthersSigner) => {
    const amount = drawAmount(payer, 20n);
    await goToEnd(owner, 0.08);
    await step.same(
      () => {
        model.increase(owner.address, amount);
        step.move(payer.address, address, amount);
      },
      async () => lock.connect(payer).increase(owner, amount),
    );
  };
  const increase: Action = async () => {
    const owner = ownerWith((other) => endOf(other) > model.now);
    await increaseBy(owner, owner);
  };
  const increaseOther: Action = async () => {
    await increaseBy(
      ownerWith((owner) => endOf(owner) > model.now),
      step.pick(owners),
    );
  };
  const extend: Action = async () => {
    const owner = ownerWith((other) => endOf(other) > model.now);
    await goToEnd(owner, 0.08);
    const end = random() < 0.6 ? endOf(owner) + step.below(10n) * WEEK : drawEnd();
    await step.same(
      () => {
        model.extend(owner.address, end);
      },
      async () => lock.connect(owner).extend(end),
    );
  };
  const delegate: Action = async () => {
    const owner = step.pick(owners);
    const delegatee = drawDelegatee(owner);
    await goToEnd(owner, 0.15);
    await step.same(
      () => {
        model.delegate(owner.address, delegatee);
      },
      async () => lock.connect(owner).delegate(delegatee),
    );
  };
  const delegateBySig: Action = async () => {
    const [owner, relayer] = [step.pick(owners), step.pick(owners)];
    const delegatee = drawDelegatee(owner);
    await goToEnd(owner, 0.08);
    const known = nonces.get(owner.address) ?? 0n;
    const nonce = known + (random() < 0.2 ? 1n : 0n);
    const expiry = model.now + step.below(10n) - (random() < 0.1 ? 10n : 0n);
    const isPlain = random() < 0.5;
    const terms = { delegatee, nonce, expiry };
    const signature = isPlain
      ? await owner.signTypedData(domain, TYPES, terms)
      : await owner.signTypedData(domain, ACCOUNT_TYPES, { account: owner.address, ...terms });
    const { v, r, s } = Signature.from(signature);
    await step.same(
      () => {
        if (expiry < model.now) throw new Refusal("VotesExpiredSignature");
        if (nonce !== known) throw new Refusal("InvalidAccountNonce");
        model.delegate(owner.address, delegatee);
        nonces.set(owner.address, nonce + 1n);
      },
      async () =>
        isPlain
          ? lock
              .connect(relayer)
              ["delegateBySig(address,uint256,uint256,uint8,bytes32,bytes32)"](
                delegatee,
                nonce,
                expiry,
                v,
                r,
                s,
              )
          : lock
              .connect(relayer)
              ["delegateBySig(address,address,uint256,uint256,bytes)"](
                owner,
                delegatee,
                nonce,
                expiry,
                signature,
              ),
    );
  };
  const withdraw: Action = async () => {
    const owner = ownerWith((other) => endOf(other) !== 0n);
    await goToEnd(owner, 0.4);
    await step.same(
      () => {
        step.move(address, owner.address, model.withdraw(owner.address));
      },
      async () => lock.connect(owner).withdraw(),
    );
    if (endOf(owner) !== 0n || random() < 0.5) return;
    await step.compare("withdrawn, before it is locked again");
    await step.goOn(0n);
    await lockFor(owner);
  };

  const actions: readonly (readonly [name: string, weight: number, act: Action])[] = [
    ["lock", 5, begin],
    ["increase", 3, increase],
    ["increase of somebody", 2, increaseOther],
    ["extend", 4, extend],
    ["delegate", 4, delegate],
    ["delegate by signature", 2, delegateBySig],
    ["withdraw", 3, withdraw],
  ];
  return { step, actions };
}

/** Seconds until the next action: often none, often to the edge of a week, now and then months or years. */
function pauseFor(step: LockStep): bigint {
  const drawn = step.random();
  if (drawn < 0.35) return 0n;
  if (drawn < 0.5) return 1n + step.below(120n);
  if (drawn < 0.7) return DAY / 2n + step.below(6n * DAY);
  if (drawn < 0.95) {
    const { now } = step.model;
    const boundary = now - (now % WEEK) + (1n + step.below(2n)) * WEEK;
    return boundary + step.pick(EDGES) - now;
  }
  if (drawn < 0.993) return (4n + step.below(24n)) * WEEK + step.below(WEEK);
  return (100n + step.below(60n)) * WEEK;
}

describe("GovernanceLock beside its model", function () {
  const done = new Set<string>(); // actions that were accepted, over all seeds
  const refused = new Set<string>(); // errors
  let known: string[] = [];

  for (const seed of SEEDS)
    it(`agrees to the wei over ${ACTIONS} random actions and at every second looked at, seed ${seed} (GOV-I1, GOV-I3 to GOV-I9)`, async function () {
      this.timeout(1_800_000);
      const { step, actions } = await openHistory(createRandom(seed));
      const { model, startedAt } = step;
      const bag = actions.flatMap(([name, weight, act]) =>
        Array.from({ length: weight }, () => ({ name, act })),
      );

      known = actions.map(([name]) => name);
      for (let index = 0; index < ACTIONS; index += 1) {
        const { name, act } = step.pick(bag);
        const before = step.accepted;
        await step.goOn(pauseFor(step));
        await act();
        if (step.accepted > before) done.add(name);
        await step.compare(`action ${index}, ${name}`);
        if (index % 5 === 0) await step.ask(model.now - 1n - step.below(20n * WEEK));
      }

      await step.goOn(1n);
      await networkHelpers.mine();
      const seconds = new Set<bigint>([0n, startedAt]);
      for (const time of step.times) for (const shift of [-1n, 0n, 1n]) seconds.add(time + shift);
      for (let week = startedAt / WEEK; week * WEEK <= model.now; week += 1n)
        for (const shift of deep || model.isEnd(week * WEEK) ? EDGES : [step.pick(EDGES)])
          seconds.add(week * WEEK + shift);
      for (let index = 0; index < LOOKS; index += 1)
        seconds.add(startedAt + step.below(model.now - startedAt));
      // Second by second around some of them, and around the ends of locks.
      const ends = [...seconds].filter((time) => time % WEEK === 0n && model.isEnd(time));
      for (const middle of [...ends.slice(0, 2), ...[...step.times].slice(-2)])
        for (let time = middle - STRETCH; time <= middle + STRETCH; time += 1n) seconds.add(time);
      for (const time of seconds) if (time < model.now) await step.comparePast(time);
      expect(await step.askAgain()).to.equal(Math.ceil(ACTIONS / 5));
      const { lock, token } = step.contracts;
      await expect(lock.getPastVotes(lock, model.now))
        .to.be.revertedWithCustomError(lock, "ERC5805FutureLookup")
        .withArgs(model.now, model.now);
      for (const [name, balance] of step.balances)
        expect(await token.balanceOf(name), `GOV-I8: balance of ${name}`).to.equal(balance);
      expect(step.times.size, "seconds with several actions").to.be.lessThan(0.8 * ACTIONS);
      for (const error of step.refused.keys()) refused.add(error);
    });

  it("accepted every action and gave every refusal at least once", function () {
    expect(known).not.to.deep.equal([]);
    expect([...done]).to.have.members(known);
    expect([...refused]).to.have.members([
      "GovernanceLockExists",
      "GovernanceLockInvalidDelegatee",
      "GovernanceLockInvalidEnd",
      "GovernanceLockNotRunning",
      "GovernanceLockNotWithdrawable",
      "GovernanceLockTooSmall",
      "GovernanceLockZeroAmount",
      "InvalidAccountNonce",
      "VotesExpiredSignature",
    ]);
  });

  it("agrees after several actions in one block (GOV-I3 to GOV-I5)", async function () {
    const step = await LockStep.open(createRandom(5));
    const { model, contracts } = step;
    const { lock, owners } = contracts;
    const [a, b, c] = owners;
    if (!a || !b || !c) throw new Error("three owners expected");
    const { earliest } = model.endRange();
    const [soon, late] = [earliest + WEEK, earliest + 9n * WEEK];
    const limit = { gasLimit: 1_000_000n };

    for (const time of [soon - 2n * WEEK, soon, late - WEEK]) {
      await step.goOn(time - model.now);
      await ethers.provider.send("evm_setAutomine", [false]);
      const { latest } = model.endRange();
      const sent: ContractTransactionResponse[] = [];
      if (time < soon) {
        sent.push(await lock.connect(a).lock(3n * OPA, soon, limit));
        sent.push(await lock.connect(b).lock(5n * OPA, late, limit));
        model.lock(a.address, 3n * OPA, soon);
        model.lock(b.address, 5n * OPA, late);
      } else if (time === soon) {
        sent.push(await lock.connect(a).withdraw(limit));
        sent.push(await lock.connect(a).lock(7n * OPA + 1n, latest, limit));
        model.withdraw(a.address);
        model.lock(a.address, 7n * OPA + 1n, latest);
      }
      sent.push(await lock.connect(a).delegate(b, limit));
      sent.push(await lock.connect(b).delegate(c, limit));
      sent.push(await lock.connect(c).increase(b, OPA + 1n, limit));
      sent.push(await lock.connect(b).extend(model.lockOf(b.address).end + WEEK, limit));
      sent.push(await lock.connect(b).delegate(b, limit));
      sent.push(await lock.connect(a).delegate(time < late - WEEK ? c : a, limit));
      model.delegate(a.address, time < late - WEEK ? c.address : a.address);
      model.increase(b.address, OPA + 1n);
      model.extend(b.address, model.lockOf(b.address).end + WEEK);
      await networkHelpers.mine();
      await ethers.provider.send("evm_setAutomine", [true]);

      for (const transaction of sent) {
        const receipt = await transaction.wait();
        expect(receipt?.blockNumber).to.equal(await ethers.provider.getBlockNumber());
      }
      await step.compare(`block at ${time}`);
    }

    await step.goOn(200n * WEEK);
    await networkHelpers.mine();
    const first = [...step.times][0] ?? 0n;
    for (const time of [...step.times, late, late + WEEK, late + 2n * WEEK, late + 3n * WEEK])
      for (const shift of EDGES) await step.comparePast(time + shift);
    expect(await lock.getPastLocked(first)).to.equal(3n * OPA + 6n * OPA + 1n);
  });
});
