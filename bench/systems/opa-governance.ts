import { MaxUint256, ZeroAddress, encodeBytes32String, type Wallet } from "ethers";

import { GENESIS, type Deployed, type Lab } from "../lab.js";
import type { GovernancePart } from "../measure.js";
import type { Source } from "./opa-settlement.js";
import { measureDecisions, measureRead, type Figure } from "./votes.js";

/** Interfaces reported by the listed modules. */
const [ERC6372, ERC1155_RECEIVER] = ["0xda287a1d", "0x4e2312e0"];

const DAY = 86_400;
const WEEK = 7 * DAY;
const OPA = 10n ** 18n;
const AMOUNT = 123_456_789_012_345_678_901n; // nine bytes, none of them zero
const LARGE = 5_000_000n * OPA;
const SMALL = 20_000n * OPA; // no quorum
const HOLDER = 7n;
const GOVERNANCE = 2n;
const YEARS = 104; // weeks
const FIRST_WEEK = Math.ceil((GENESIS + 2 * DAY) / WEEK); // first beginning of a week in a run

type Parts = Awaited<ReturnType<typeof deployLock>>;

/** Locks whose power votes, and the Governor that counts it and holds the locks. */
export function governancePart(source: Source): GovernancePart {
  return {
    async measure(lab) {
      const locks = await lab.isolated(async () => measureLocks(lab, source));
      const reads = await lab.isolated(async () => measureHistory(lab, source));
      const idle = await lab.isolated(async () => measureIdleWeeks(lab, source));
      const decisions = await lab.isolated(async () => measureGovernor(lab, source));
      return [...locks, ...reads, ...idle, ...decisions];
    },
  };
}

async function deployLock(lab: Lab, source: Source) {
  const admin = await lab.actor("admin");
  const token = await source.token(lab, admin);
  const own = async (name: string, values: readonly unknown[]) =>
    lab.deploy(admin, await source.artifact(name), values);
  const manager = await own("AccessManager", [admin.address]);
  const lock = await own("GovernanceLock", [token.address, manager.address]);
  return { admin, token, own, manager, lock };
}

/** Somebody with OPA that the lock may take, and with some left. */
async function openLocker(lab: Lab, { admin, token, lock }: Parts, name: string, amount = LARGE) {
  const locker = await lab.actor(name);
  await lab.call(admin, token, "transfer", [locker.address, 2n * amount]);
  await lab.call(locker, token, "approve", [lock.address, MaxUint256]);
  return locker;
}

/** First second of the week so many weeks after the first one. */
const week = (index: number) => (FIRST_WEEK + index) * WEEK;

async function measureLocks(lab: Lab, source: Source): Promise<Figure[]> {
  const parts = await deployLock(lab, source);
  const { lock } = parts;
  const people: Wallet[] = [];
  for (const name of ["a", "b", "c", "d", "delegatee"])
    people.push(await openLocker(lab, parts, `locker ${name}`));
  const [first, same, other, late, delegatee] = people;
  if (!first || !same || !other || !late || !delegatee) throw new Error("five lockers expected");
  const locked = async (from: Wallet, end: number) =>
    lab.call(from, lock, "lock", [AMOUNT, week(end)]);
  const add = async (from: Wallet) => lab.call(from, lock, "increase", [from.address, AMOUNT]);

  await lab.at(week(0) + DAY);
  const firstEver = await locked(first, 100);
  const newWeek = await locked(other, 60);
  await lab.at(week(0) + 2 * DAY);
  const inUse = await locked(same, 100);
  await locked(late, 20);
  await lab.at(week(0) + 3 * DAY);
  const sameWeek = await add(same);
  await lab.at(week(1) + 3 * DAY);
  const one = await add(same);
  await lab.at(week(5) + 3 * DAY);
  const four = await add(same);
  await lab.at(week(17) + 3 * DAY);
  const twelve = await add(same);
  await lab.at(week(17) + 4 * DAY);
  const longer = await lab.call(same, lock, "extend", [week(110)]);
  await lab.at(week(17) + 5 * DAY);
  const delegated = await lab.call(same, lock, "delegate", [delegatee.address]);
  await lab.at(week(21));
  const paid = await lab.call(late, lock, "withdraw", []);
  return [
    ["lock, first ever", firstEver],
    ["lock, end in a new week", newWeek],
    ["lock, end in a week in use", inUse],
    ["increase, same week", sameWeek],
    ["increase, 1 idle week", one],
    ["increase, 4 idle weeks", four],
    ["increase, 12 idle weeks", twelve],
    ["extend, same week", longer],
    ["delegate, first", delegated],
    ["withdraw", paid],
  ];
}

/** Reads of an account whose lock has changed often. */
async function measureHistory(lab: Lab, source: Source): Promise<Figure[]> {
  const parts = await deployLock(lab, source);
  const { lock } = parts;
  const locker = await openLocker(lab, parts, "locker");
  await lab.at(week(0) + DAY);
  await lab.call(locker, lock, "lock", [AMOUNT, week(100)]);
  const figures: Figure[] = [];
  let changes = 1;
  for (const count of [8, 32, 128, 512]) {
    for (; changes < count; changes += 1) {
      await lab.at(week(0) + DAY + 60 * changes);
      await lab.call(locker, lock, "increase", [locker.address, OPA]);
    }
    const middle = week(0) + DAY + 30 * count;
    const read = await measureRead(lab, lock, "getPastVotes", [locker.address, middle]);
    figures.push([`past votes of ${count} checkpoints`, read]);
  }
  const last = week(0) + DAY + 60 * changes;
  figures.push(
    ["votes now", await measureRead(lab, lock, "getVotes", [locker.address])],
    ["total now", await measureRead(lab, lock, "totalVotes", [])],
    ["past total", await measureRead(lab, lock, "getPastTotalSupply", [last - 7_200])],
  );
  return figures;
}

/** A delegatee with an end in every week, left alone until all have passed. */
async function measureIdleWeeks(lab: Lab, source: Source): Promise<Figure[]> {
  const parts = await deployLock(lab, source);
  const { lock } = parts;
  const delegatee = await openLocker(lab, parts, "delegatee");
  await lab.at(week(0) + 60);
  await lab.call(delegatee, lock, "lock", [AMOUNT, week(YEARS)]);
  for (let end = 2; end < YEARS; end += 1) {
    const locker = await openLocker(lab, parts, `locker ${end}`, AMOUNT);
    await lab.call(locker, lock, "delegate", [delegatee.address]);
    await lab.call(locker, lock, "lock", [AMOUNT, week(end)]);
  }
  const { time } = lab.connection.networkHelpers;
  await time.increaseTo(week(YEARS) - 60);
  const past = week(YEARS) - 3_600;
  const read = await measureRead(lab, lock, "getPastVotes", [delegatee.address, past]);
  return [["past votes after 104 idle weeks", read]];
}

async function measureGovernor(lab: Lab, source: Source): Promise<Figure[]> {
  const parts = await deployLock(lab, source);
  const { admin, own, manager, lock } = parts;
  const timelock = await own("SystemTimelock", [2 * DAY, [], [ZeroAddress], admin.address]);
  const directory = await own("SystemDirectory", [manager.address]);
  const settings = {
    votingDelay: DAY,
    votingPeriod: 5 * DAY,
    proposalThreshold: 1_000n * OPA,
    quorumPercent: 4,
    quorumFloor: 100_000n * OPA,
    voteExtension: DAY,
  };
  const governor = await own("OPAGovernor", [
    ...[lock.address, timelock.address, manager.address],
    ...[GENESIS - DAY, DAY, ZeroAddress, settings],
  ]);
  await open(lab, admin, { manager, timelock, lock, governor, directory });

  const voters: Wallet[] = [];
  await lab.at(week(0) + DAY);
  for (const [name, amount] of [
    ["a", SMALL],
    ["b", SMALL],
    ["c", LARGE],
    ["d", LARGE],
  ] as const) {
    const voter = await openLocker(lab, parts, `voter ${name}`);
    await lab.call(voter, lock, "lock", [amount, week(100)]);
    voters.push(voter);
  }
  const calldata = (index: number) =>
    directory.abi.encodeFunctionData("register", [
      encodeBytes32String(`module ${index}`),
      ...(index === 1 ? [lock.address, ERC6372] : [governor.address, ERC1155_RECEIVER]),
    ]);
  const target = directory.address;
  const start = week(0) + 3 * DAY;
  return measureDecisions(lab, { governor, name: "OPA Governor", target, calldata, voters, start });
}

interface Governed {
  readonly manager: Deployed;
  readonly timelock: Deployed;
  readonly lock: Deployed;
  readonly governor: Deployed;
  readonly directory: Deployed;
}

/** Lets the governor propose to the timelock and hold locks, and the timelock govern. */
async function open(lab: Lab, admin: Wallet, system: Governed) {
  const { manager, timelock, lock, governor, directory } = system;
  const { provider } = lab.connection.ethers;
  for (const name of ["PROPOSER_ROLE", "CANCELLER_ROLE"]) {
    const data = timelock.abi.encodeFunctionData(name);
    const role = await provider.call({ to: timelock.address, data });
    await lab.call(admin, timelock, "grantRole", [role, governor.address]);
  }
  for (const [module, method, role, holder] of [
    [lock, "hold", HOLDER, governor],
    [directory, "register", GOVERNANCE, timelock],
  ] as const) {
    const selector = module.abi.getFunction(method)?.selector;
    await lab.call(admin, manager, "grantRole", [role, holder.address, 0]);
    await lab.call(admin, manager, "setTargetFunctionRole", [module.address, [selector], role]);
  }
  await lab.call(admin, lock, "syncHolder", [governor.address]);
}
