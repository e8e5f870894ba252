import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { id, resolveAddress, type AddressLike, type Signer } from "ethers";
import type { NetworkConnection } from "hardhat/types/network";

import type { Parameters } from "../../deploy/parameters/schema.js";
import { DAY, OPA } from "./release.js";
import { deploySuite, PARAMETERS } from "./suite.js";

/** A call that a proposal makes, and the ETH that it sends. */
export type Call = readonly [target: AddressLike, calldata: string, value?: bigint];

/**
 * A proposal with the id that the Governor gives it; `args` are the arguments of queue, execute and
 * cancel.
 */
export interface Proposal {
  readonly id: bigint;
  readonly description: string;
  readonly targets: string[];
  readonly values: bigint[];
  readonly calldatas: string[];
  readonly args: [string[], bigint[], string[], string];
}

/** A deployed suite with a voter whose votes alone decide. */
export type GovernedSuite = Awaited<ReturnType<typeof deployGoverned>>;

/** States of a proposal by number, as OpenZeppelin's Governor has them. */
export const State = {
  Pending: 0n,
  Active: 1n,
  Canceled: 2n,
  Defeated: 3n,
  Succeeded: 4n,
  Queued: 5n,
  Expired: 6n,
  Executed: 7n,
};

/** Votes by number. */
export const Vote = { Against: 0n, For: 1n, Abstain: 2n };

export const WEEK = 7n * DAY;

/** Seconds from the earliest to the latest possible end of a vote, for which locks are held. */
export const MAX_EXTENSION = 2n * DAY;

/** OPA wei that the voter of {@link deployGoverned} locks for the longest time. */
export const VOTER_AMOUNT = 20_000_000n * OPA;

const ONBOARDING = 6;

/**
 * Deploys the suite; the beneficiary of the onboarding schedule claims it, and the voter locks half of it until the
 * latest end. A week has begun a day ago, whenever the test runs, so that ends of locks are as far ahead every time.
 */
export async function deployGoverned(
  connection: NetworkConnection,
  changes: Partial<Parameters> = {},
) {
  const { ethers, networkHelpers } = connection;
  const suite = await deploySuite(connection, changes);
  const [voter, holder, delegate, stranger] = (await ethers.getSigners()).slice(9, 13);
  if (!voter || !holder || !delegate || !stranger) throw new Error("thirteen signers expected");
  const grant = PARAMETERS.grants[ONBOARDING];
  if (!grant) throw new Error("a schedule for onboarding expected");

  const treasury = await ethers.getImpersonatedSigner(grant.beneficiary);
  await networkHelpers.setBalance(treasury.address, OPA);
  await suite.vault.claim(ONBOARDING + 1);
  const week = BigInt(await networkHelpers.time.latest()) / WEEK + 1n;
  await networkHelpers.time.increaseTo(week * WEEK + DAY);

  const governed = { ...suite, connection, treasury, voter, holder, delegate, stranger };
  await lockFor(governed, voter, VOTER_AMOUNT);
  return governed;
}

/** Gives an account OPA and locks it, until the latest end unless told otherwise. */
export async function lockFor(
  {
    lock,
    token,
    treasury,
  }: Pick<Awaited<ReturnType<typeof deploySuite>>, "lock" | "token"> & {
    treasury: HardhatEthersSigner;
  },
  account: HardhatEthersSigner,
  amount: bigint,
  end?: bigint,
): Promise<void> {
  const { latest } = await lock.endRange();
  await token.connect(treasury).transfer(account, amount);
  await token.connect(account).approve(lock, amount);
  await lock.connect(account).lock(amount, end ?? latest);
}

/** A proposal as data, not submitted. */
export async function draft(
  { governor }: Pick<GovernedSuite, "governor">,
  calls: readonly Call[],
  description: string,
): Promise<Proposal> {
  const targets = await Promise.all(calls.map(async ([target]) => resolveAddress(target)));
  const values = calls.map(([, , value]) => value ?? 0n);
  const calldatas = calls.map(([, calldata]) => calldata);
  const args: Proposal["args"] = [targets, values, calldatas, id(description)];
  const proposalId = await governor.hashProposal(...args);
  return { id: proposalId, description, targets, values, calldatas, args };
}

/** Proposes, by the voter unless told otherwise. */
export async function propose(
  suite: GovernedSuite,
  calls: readonly Call[],
  description: string,
  proposer: Signer = suite.voter,
): Promise<Proposal> {
  const proposal = await draft(suite, calls, description);
  await submit(suite, proposal, proposer);
  return proposal;
}

/** Sends a drafted proposal; a thunk around it can be expected to revert. */
export async function submit(
  { governor, voter }: Pick<GovernedSuite, "governor" | "voter">,
  { targets, values, calldatas, description }: Proposal,
  proposer: Signer = voter,
) {
  return governor.connect(proposer).propose(targets, values, calldatas, description);
}

/** Lets the vote on a proposal begin: the next transaction is in its first second or later. */
export async function startVote(suite: GovernedSuite, { id }: Proposal): Promise<void> {
  await goTo(suite, (await suite.governor.proposalSnapshot(id)) + 1n);
}

/** Lets the vote on a proposal end. */
export async function endVote(suite: GovernedSuite, { id }: Proposal): Promise<void> {
  await goTo(suite, (await suite.governor.proposalDeadline(id)) + 1n);
}

/** Has the voter pass a proposal. */
export async function pass(suite: GovernedSuite, proposal: Proposal): Promise<void> {
  await startVote(suite, proposal);
  await suite.governor.connect(suite.voter).castVote(proposal.id, Vote.For);
  await endVote(suite, proposal);
}

/** Passes a proposal and queues it. */
export async function enqueue(suite: GovernedSuite, proposal: Proposal): Promise<void> {
  await pass(suite, proposal);
  await suite.governor.connect(suite.stranger).queue(...proposal.args);
}

/** Passes a proposal, queues it and waits until it can be executed. */
export async function mature(suite: GovernedSuite, proposal: Proposal): Promise<void> {
  await enqueue(suite, proposal);
  await goTo(suite, await suite.governor.proposalEta(proposal.id));
}

/** Proposes and passes calls and waits until they can be executed, which is left to the test. */
export async function prepare(
  suite: GovernedSuite,
  calls: readonly Call[],
  description: string,
): Promise<Proposal> {
  const proposal = await propose(suite, calls, description);
  await mature(suite, proposal);
  return proposal;
}

/** Proposes and passes each call by itself, all in one vote, and waits until they can be executed. */
export async function prepareAll(
  suite: GovernedSuite,
  calls: readonly Call[],
  description: string,
): Promise<Proposal[]> {
  const { governor, voter } = suite;
  const proposals: Proposal[] = [];
  for (const [i, call] of calls.entries())
    proposals.push(await propose(suite, [call], `${description} (${i})`));
  const last = proposals.at(-1);
  if (!last) throw new Error("at least one call expected");

  await startVote(suite, last);
  for (const { id } of proposals) await governor.connect(voter).castVote(id, Vote.For);
  await endVote(suite, last);
  for (const { args } of proposals) await governor.queue(...args);
  await goTo(suite, await governor.proposalEta(last.id));
  return proposals;
}

/** Carries calls through: proposed and voted for by the voter, queued and executed by a stranger. */
export async function decide(
  suite: GovernedSuite,
  calls: readonly Call[],
  description: string,
): Promise<Proposal> {
  const proposal = await prepare(suite, calls, description);
  await suite.governor.connect(suite.stranger).execute(...proposal.args);
  return proposal;
}

/** Salt under which the Governor schedules a proposal: its address on the left, crossed with the hash of the description. */
export function saltOf(governor: string, { description }: Proposal): string {
  const left = BigInt(governor) << 96n;
  return `0x${(left ^ BigInt(id(description))).toString(16).padStart(64, "0")}`;
}

/** Arguments of the timelock to execute a queued proposal without the Governor. */
export async function batchOf({ governor }: Pick<GovernedSuite, "governor">, proposal: Proposal) {
  const { targets, values, calldatas } = proposal;
  const salt = saltOf(await governor.getAddress(), proposal);
  return [targets, values, calldatas, `0x${"0".repeat(64)}`, salt] as const;
}

/** Mines a block at a time, unless it is past. */
export async function goTo({ connection }: GovernedSuite, time: bigint): Promise<void> {
  const { time: clock } = connection.networkHelpers;
  if (BigInt(await clock.latest()) < time) await clock.increaseTo(time);
}

/** Time of the last block. */
export async function now({ connection }: GovernedSuite): Promise<bigint> {
  return BigInt(await connection.networkHelpers.time.latest());
}

/** Lets the next transaction run at a time exactly; a transaction that reverts uses it up, too. */
export async function at({ connection }: GovernedSuite, time: bigint): Promise<void> {
  await connection.networkHelpers.time.setNextBlockTimestamp(time);
}
