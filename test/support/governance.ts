import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { MaxUint256, resolveAddress, type AddressLike, type BaseContract } from "ethers";
import type { NetworkConnection } from "hardhat/types/network";

import type { GovernanceLock, OPAToken } from "../../typechain-types/index.js";

import { DAY, OPA, send } from "./release.js";
import { ROLES } from "../../deploy/roles/table.js";

export const WEEK = 7n * DAY;
/** Time left that gives a lock its whole amount as power. */
export const MAX_TIME = 104n * WEEK;
/** Longest time ahead until which governing holds a lock. */
export const MAX_HOLD = 60n * DAY;

/** Ids of the roles that concern governance. */
export const GovernanceRole = {
  Governance: ROLES.GOVERNANCE.id,
  PauseGuardian: ROLES.PAUSE_GUARDIAN.id,
  Holder: ROLES.HOLDER.id,
} as const;

/** EIP-712 types an account signs to delegate, by primary type: that of ERC-5805 and ours, which names the account. */
export const DELEGATION_TYPES = {
  Delegation: {
    Delegation: [
      { name: "delegatee", type: "address" },
      { name: "nonce", type: "uint256" },
      { name: "expiry", type: "uint256" },
    ],
  },
  AccountDelegation: {
    AccountDelegation: [
      { name: "account", type: "address" },
      { name: "delegatee", type: "address" },
      { name: "nonce", type: "uint256" },
      { name: "expiry", type: "uint256" },
    ],
  },
};

/** First second of a week, counted from the Unix epoch. */
export function week(number: bigint): bigint {
  return number * WEEK;
}

/** Power of one lock at a time. */
export function powerAt(amount: bigint, end: bigint, time: bigint): bigint {
  return time < end ? (amount * (end - time)) / MAX_TIME : 0n;
}

/** Power of several locks, amount and end, at a time; rounded down once. */
export function votesAt(locks: readonly (readonly [bigint, bigint])[], time: bigint): bigint {
  const running = locks.filter(([, end]) => time < end);
  return running.reduce((sum, [amount, end]) => sum + amount * (end - time), 0n) / MAX_TIME;
}

/** The accounts the tests play; `holder` stands for a governor. */
async function actors({ ethers }: NetworkConnection) {
  const [admin, alice, bob, carol, holder, guardian, governance, stranger] =
    await ethers.getSigners();
  if (!admin || !alice || !bob || !carol || !holder || !guardian || !governance || !stranger)
    throw new Error("eight signers expected");
  return { admin, alice, bob, carol, holder, guardian, governance, stranger };
}

/** The whole supply at a treasury wallet, an AccessManager with roles for a module's pause, and the people who have them. */
export async function deployAuthority(connection: NetworkConnection) {
  const { ethers } = connection;
  const people = await actors(connection);
  const treasury = await ethers.deployContract("WalletMock", [people.admin]);
  const token = await ethers.deployContract("OPAToken", [treasury]);
  const manager = await ethers.deployContract("AccessManager", [people.admin]);

  await send(manager, "grantRole", GovernanceRole.Governance, people.governance, 0);
  await send(manager, "grantRole", GovernanceRole.PauseGuardian, people.guardian, 0);
  await send(manager, "grantRole", GovernanceRole.Holder, people.holder, 0);
  return { ...people, treasury, token, manager };
}

/** Gives functions of a module to roles. */
export async function assignRoles(
  manager: Pick<BaseContract, "getFunction">,
  module: Pick<BaseContract, "interface" | "getAddress">,
  roles: Record<string, bigint>,
): Promise<void> {
  for (const [name, role] of Object.entries(roles)) {
    const selector = module.interface.getFunction(name)?.selector;
    await send(manager, "setTargetFunctionRole", module, [selector], role);
  }
}

/** The lock, a day after a week has begun, when locks may end with the beginnings of the weeks 2 to 104 from then. */
export async function deployLock(connection: NetworkConnection) {
  const { ethers, networkHelpers } = connection;
  const suite = await deployAuthority(connection);
  const { token, manager, holder } = suite;

  const lock = await ethers.deployContract("GovernanceLock", [token, manager]);
  await assignRoles(manager, lock, { hold: GovernanceRole.Holder });
  await lock.syncHolder(holder);

  const thisWeek = BigInt(await networkHelpers.time.latest()) / WEEK + 1n;
  const startedAt = week(thisWeek) + DAY;
  await networkHelpers.time.increaseTo(startedAt);
  const endIn = (weeks: bigint) => week(thisWeek + weeks);
  return { ...suite, lock, startedAt, endIn };
}

/** Sends OPA from the treasury. */
export async function pay(
  { treasury, token }: { treasury: Pick<BaseContract, "getFunction">; token: OPAToken },
  to: AddressLike,
  amount: bigint,
): Promise<void> {
  const call = token.interface.encodeFunctionData("transfer", [await resolveAddress(to), amount]);
  await send(treasury, "execute", token, call);
}

/** Gives people a thousand OPA each, unless said otherwise, and has them allow the lock to take all. */
export async function fundLockers(
  suite: Parameters<typeof pay>[0] & { lock: GovernanceLock },
  people: readonly HardhatEthersSigner[],
  amount = 1_000n * OPA,
): Promise<void> {
  for (const person of people) {
    await pay(suite, person, amount);
    await suite.token.connect(person).approve(suite.lock, MaxUint256);
  }
}
