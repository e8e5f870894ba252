import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { expect } from "chai";
import type { BaseContract, ContractTransactionResponse } from "ethers";
import { network } from "hardhat";

import { createRandom } from "../../scripts/loop/random.js";
import { Calendar, Refusal } from "../support/calendar-model.js";
import { deployIncentives, EPOCH } from "../support/incentives.js";
import { read, readAll } from "../support/reads.js";
import { OPA } from "../support/release.js";
import { StakeModel, Status } from "../support/stake-model.js";

const deep = process.env["DEEP"] === "1";
const SEEDS = deep ? [1, 2, 3, 4, 5, 6, 7, 8] : [20_261_123];
const ACTIONS = deep ? 1_500 : 300;
const SIX_PLACES = 1_000_000;
const ALL_CATEGORIES = 31n;
const MINIMUM = 500n * OPA; // for every category
const FUNDS = 1_000_000n * OPA;

const connection = await network.create();
const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;

async function fixture() {
  return deployIncentives(connection);
}

type Action = () => Promise<void>;

/** Node registry and model side by side, with everything that a random sequence can do. */
async function openRegistry(random: () => number) {
  const { admin, nodes, token, give, startedAt } = await networkHelpers.loadFixture(fixture);
  const signers = (await ethers.getSigners()).slice(12, 17);
  const [a, b, c, late, donor] = signers;
  if (!a || !b || !c || !late || !donor) throw new Error("five signers expected");
  const calendar = new Calendar(startedAt, EPOCH, 0n);
  const stakes = new StakeModel(calendar, MINIMUM);
  const balances = new Map<string, bigint>();
  const refused = new Map<string, number>();
  const accepted = new Map<string, number>();
  let label = "register";

  const nodesAddress = await nodes.getAddress();
  for (const holder of signers) {
    await give(holder, FUNDS);
    await token.connect(holder).approve(nodes, ethers.MaxUint256);
  }
  for (const { address } of [...signers, admin])
    balances.set(address, await token.balanceOf(address));
  const others = await token.balanceOf(nodes); // providers of the fixture
  balances.set(nodesAddress, others);
  const all = [a, b, c, late];
  calendar.now = BigInt(await time.latest());

  const below = (bound: bigint) =>
    (bound * BigInt(Math.floor(random() * SIX_PLACES))) / BigInt(SIX_PLACES);
  const pick = <Item>(items: readonly Item[]): Item => {
    const item = items[Math.floor(random() * items.length)];
    if (item === undefined) throw new Error("nothing to pick from");
    return item;
  };
  const move = (from: string, to: string, amount: bigint) => {
    balances.set(from, (balances.get(from) ?? 0n) - amount);
    balances.set(to, (balances.get(to) ?? 0n) + amount);
  };
  const goOn = async (seconds: bigint) => {
    calendar.now += seconds;
    await time.setNextBlockTimestamp(calendar.now);
  };
  /** The registry accepts and refuses what the model does, and for the same reason. */
  const same = async (
    predict: () => void,
    send: () => Promise<ContractTransactionResponse>,
    refuser: BaseContract = nodes,
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

  const register = async (node: HardhatEthersSigner, amount: bigint) => {
    await goOn(1n);
    await same(
      () => {
        stakes.register(node.address, amount);
        move(node.address, nodesAddress, amount);
      },
      async () => nodes.connect(node).register(amount, ALL_CATEGORIES, ethers.ZeroAddress, ""),
    );
  };
  for (const node of [a, b, c]) await register(node, 2n * MINIMUM + below(20_000n * OPA));

  const stake: Action = async () => {
    const { address } = pick(all);
    const amount = random() < 0.05 ? 0n : below((balances.get(donor.address) ?? 0n) / 100n);
    await same(
      () => {
        stakes.stake(address, amount);
        move(donor.address, nodesAddress, amount);
      },
      async () => nodes.connect(donor).stake(address, amount),
    );
  };
  const enter: Action = async () => {
    const isKnown = stakes.statusOf(late.address) !== Status.Unknown;
    await register(late, isKnown || random() < 0.5 ? MINIMUM : MINIMUM - 1n);
  };
  const unbond: Action = async () => {
    const node = pick(all);
    const { staked } = stakes.stakeOf(node.address);
    const amount = below(random() < 0.2 ? 2n * staked : staked / 8n + 1n);
    await same(
      () => {
        stakes.requestUnbonding(node.address, amount);
      },
      async () => nodes.connect(node).requestUnbonding(amount),
    );
  };
  const exit: Action = async () => {
    const node = pick(all);
    await same(
      () => {
        stakes.exit(node.address);
      },
      async () => nodes.connect(node).exit(),
    );
  };
  const activate: Action = async () => {
    const node = pick(all);
    await same(
      () => {
        stakes.activate(node.address);
      },
      async () => nodes.connect(node).activate(node),
    );
  };
  const deactivate: Action = async () => {
    const node = pick(all);
    await same(
      () => {
        stakes.deactivate(node.address);
      },
      async () => nodes.connect(node).deactivate(node),
    );
  };
  const withdraw: Action = async () => {
    const { address } = pick(all);
    const [first] = stakes.unbondingsOf(address);
    // to the second: just before, or just when it is ready
    if (first && random() < 0.5 && first.readyAt > calendar.now + 2n)
      await goOn(first.readyAt - calendar.now - (random() < 0.5 ? 1n : 0n));
    await same(
      () => {
        move(nodesAddress, address, stakes.withdraw(address));
      },
      async () => nodes.connect(donor).withdraw(address),
    );
  };
  const slash: Action = async () => {
    const { address } = pick(all);
    const bps = random() < 0.05 ? 1_001n : below(1_001n);
    await same(
      () => {
        move(nodesAddress, admin.address, stakes.slash(address, bps, others));
      },
      async () => nodes.connect(admin).slash(address, bps),
    );
  };

  /** Compares every amount, to the wei. */
  const compare = async () => {
    if (BigInt(await time.latest()) < calendar.now) await networkHelpers.mine();
    const [total, ...held] = await readAll(connection, [
      read(nodes.totalStake),
      ...[...balances.keys()].map((name) => read(token.balanceOf, name)),
    ]);
    for (const { address } of all) {
      const [stake, slashable, { status }, parts] = await readAll(connection, [
        read(nodes.stakeOf, address),
        read(nodes.slashableOf, address),
        read(nodes.nodeOf, address),
        read(nodes.unbondingsOf, address),
      ]);
      const { staked, unbonding } = stake;
      expect({ staked, unbonding }, `${label}: stake`).to.deep.equal(stakes.stakeOf(address));
      expect(slashable, `${label}: slashable`).to.equal(stakes.slashableOf(address, others));
      expect(status, `${label}: status`).to.equal(stakes.statusOf(address));
      expect(
        parts.map(({ amount, readyAt }) => ({ amount, readyAt })),
        `${label}: parts`,
      ).to.deep.equal(stakes.unbondingsOf(address));
    }
    expect(total, `${label}: all stake`).to.equal(stakes.totalStake() + others);
    for (const [index, [name, balance]] of [...balances].entries())
      expect(held[index], `${label}: balance of ${name}`).to.equal(balance);
  };

  const actions: readonly (readonly [name: string, weight: number, act: Action])[] = [
    ["stake", 3, stake],
    ["register", 1, enter],
    ["unbond", 4, unbond],
    ["exit", 1, exit],
    ["activate", 3, activate],
    ["deactivate", 1, deactivate],
    ["withdraw", 4, withdraw],
    ["slash", 4, slash],
  ];
  const bag = actions.flatMap(([name, weight, act]) =>
    Array.from({ length: weight }, () => ({ name, act })),
  );
  const run = async (index: number) => {
    const drawn = random();
    const pause =
      drawn < 0.5
        ? 30n + below(4_000n)
        : drawn < 0.9
          ? (1n + below(4n)) * EPOCH
          : (10n + below(40n)) * EPOCH;
    const { name, act } = pick(bag);
    label = name;
    await goOn(pause);
    await act();
    label = `action ${index}, ${name}`;
    await compare();
  };
  return { run, refused, accepted, actions };
}

describe("Stakes beside their model", function () {
  const done = new Set<string>();
  let known: string[] = [];

  for (const seed of SEEDS)
    it(`agree to the wei over ${ACTIONS} random actions, seed ${seed} (NOD-I1 to NOD-I4)`, async function () {
      this.timeout(1_800_000);
      const registry = await openRegistry(createRandom(seed));
      known = registry.actions.map(([name]) => name);

      for (let index = 0; index < ACTIONS; index += 1) await registry.run(index);

      for (const name of registry.accepted.keys()) done.add(name);
      for (const error of ["NodeStakingNothingReady", "NodeStakingBelowMinimum"])
        expect(registry.refused.get(error), error).to.be.greaterThan(0);
    });

  it("accepted every action at least once", function () {
    expect(known).not.to.deep.equal([]);
    expect([...done]).to.include.members(known);
  });
});
