/** Proposals: their calls in words, their votes, and when each step comes. */
import { decodeBytes32String } from "ethers";

import {
  createAddressBook,
  describeProposal,
  type AddressBook,
  type DescribedCall,
} from "../../../sdk/index.js";
import { visible } from "../../../sdk/visible.js";
import type { DecodedEvent, Scope } from "../events/logs.js";
import type { Head } from "./chain.js";
import type { Suite } from "./suite.js";

/** States of OpenZeppelin's Governor by their number. */
export const PROPOSAL_STATES = {
  ...{ Pending: 0, Active: 1, Canceled: 2, Defeated: 3 },
  ...{ Succeeded: 4, Queued: 5, Expired: 6, Executed: 7 },
} as const;

/** A step in the life of a proposal. */
export interface Step {
  readonly name: string;
  /** Seconds since 1970; undefined if it is not known, or does not come. */
  readonly time: bigint | undefined;
  readonly isDone: boolean;
}

/** A proposal. Votes are in OPA wei locked for the longest time. */
export interface ProposalView {
  readonly id: bigint;
  readonly proposer: string;
  readonly description: string;
  readonly state: bigint;
  readonly forVotes: bigint;
  readonly againstVotes: bigint;
  readonly abstainVotes: bigint;
  readonly quorum: bigint | undefined;
  readonly calls: readonly DescribedCall[];
  readonly steps: readonly Step[];
}

/** Events of proposals and of the roles that calls speak of. */
export function proposalScope({ governor, accessManager, modules }: Suite): Scope {
  return {
    name: "proposals",
    sources: [
      {
        address: modules.get("governor") ?? "",
        contract: governor.interface,
        events: ["ProposalCreated", "ProposalQueued", "ProposalExecuted", "ProposalCanceled"],
      },
      {
        address: modules.get("access-manager") ?? "",
        contract: accessManager.interface,
        events: ["RoleLabel"],
      },
    ],
  };
}

/** Names of modules, past versions included, and of roles. */
export async function readNames(
  { directory, modules }: Suite,
  { number }: Head,
  events: readonly DecodedEvent[],
): Promise<AddressBook> {
  const at = { blockTag: number };
  const names: Record<string, string> = {
    [modules.get("access-manager") ?? ""]: "access-manager",
    [modules.get("system-directory") ?? ""]: "system-directory",
  };
  const former: string[] = [];
  await Promise.all(
    (await directory.ids(at)).map(async (id) => {
      const [current, versions] = await Promise.all([
        directory.currentOf(id, at),
        directory.versionsOf(id, at),
      ]);
      for (const module of versions) {
        names[module] = decodeBytes32String(id);
        if (module !== current) former.push(module);
      }
    }),
  );
  const labels = events.filter(({ name }) => name === "RoleLabel");
  const roles = Object.fromEntries(
    labels.map(({ args }) => [String(args["roleId"]), String(args["label"])] as const),
  );
  return createAddressBook({ names, former, roles });
}

/** The newest proposals, by the events up to a block. */
export async function readProposals(
  suite: Suite,
  head: Head,
  events: readonly DecodedEvent[],
  most: number,
): Promise<ProposalView[]> {
  const created = events.filter(({ name }) => name === "ProposalCreated").slice(-most);
  const book = await readNames(suite, head, events);
  const others = events.filter(({ name }) => name !== "ProposalCreated");
  const found = created.map((each) => readProposal(suite, head, each, others, book));
  return (await Promise.all(found)).reverse();
}

async function readProposal(
  { governor, provider }: Suite,
  head: Head,
  created: DecodedEvent,
  others: readonly DecodedEvent[],
  book: AddressBook,
): Promise<ProposalView> {
  const at = { blockTag: head.number };
  const { args } = created;
  const id = args["proposalId"] as bigint;
  const own = others.filter((each) => each.args["proposalId"] === id);
  const snapshot = args["voteStart"] as bigint;
  const read = (name: string, ...values: unknown[]) => governor.getFunction(name)(...values, at);
  const [state, votes, deadline, eta, quorum, createdAt, executedAt, canceledAt] =
    await Promise.all([
      read("state", id) as Promise<bigint>,
      read("proposalVotes", id) as Promise<{
        againstVotes: bigint;
        forVotes: bigint;
        abstainVotes: bigint;
      }>,
      read("proposalDeadline", id) as Promise<bigint>,
      read("proposalEta", id) as Promise<bigint>,
      snapshot < head.time ? (read("quorum", snapshot) as Promise<bigint>) : undefined,
      timeOf(provider, created),
      timeOf(
        provider,
        own.find(({ name }) => name === "ProposalExecuted"),
      ),
      timeOf(
        provider,
        own.find(({ name }) => name === "ProposalCanceled"),
      ),
    ]);
  const [targets, values, calldatas] = [args["targets"], args["values"], args["calldatas"]].map(
    (list) => [...(list as Iterable<unknown>)],
  );
  const calls = (targets ?? []).map((target, i) => ({
    target: target as string,
    value: values?.[i] as bigint,
    calldata: calldatas?.[i] as string,
  }));
  return {
    id,
    proposer: String(args["proposer"]),
    description: visible(String(args["description"])),
    state,
    forVotes: votes.forVotes,
    againstVotes: votes.againstVotes,
    abstainVotes: votes.abstainVotes,
    quorum,
    calls: describeProposal(calls, book),
    steps: stepsOf(
      { state, snapshot, deadline, eta, createdAt, executedAt, canceledAt },
      head.time,
    ),
  };
}

/** Known times of the steps. */
export interface Times {
  readonly state: bigint;
  readonly snapshot: bigint;
  readonly deadline: bigint;
  /** Time from which on it can be executed; zero until it is queued. */
  readonly eta: bigint;
  readonly createdAt: bigint | undefined;
  readonly executedAt: bigint | undefined;
  readonly canceledAt: bigint | undefined;
}

/** The steps of a proposal in their order. One that was cancelled or defeated ends there. */
export function stepsOf(times: Times, now: bigint): Step[] {
  const { state, snapshot, deadline, eta, createdAt, executedAt, canceledAt } = times;
  const isCanceled = Number(state) === PROPOSAL_STATES.Canceled;
  const isDefeated = Number(state) === PROPOSAL_STATES.Defeated;
  const isExecuted = Number(state) === PROPOSAL_STATES.Executed;
  const steps: Step[] = [
    { name: "proposed", time: createdAt, isDone: true },
    { name: "voting begins", time: snapshot, isDone: snapshot < now },
    { name: "voting ends", time: deadline, isDone: deadline < now },
  ];
  if (isCanceled) return [...steps.filter(({ isDone }) => isDone), done("cancelled", canceledAt)];
  if (isDefeated) return [...steps, done("defeated", deadline)];
  return [
    ...steps,
    {
      name: "can be executed",
      time: eta === 0n ? undefined : eta,
      isDone: eta !== 0n && eta <= now,
    },
    { name: "executed", time: executedAt, isDone: isExecuted },
  ];
}

function done(name: string, time: bigint | undefined): Step {
  return { name, time, isDone: true };
}

/** Time of the block of an event. */
async function timeOf(
  provider: Suite["provider"],
  event: DecodedEvent | undefined,
): Promise<bigint | undefined> {
  if (!event) return undefined;
  const block = await provider.getBlock(event.block);
  return block === null ? undefined : BigInt(block.timestamp);
}
