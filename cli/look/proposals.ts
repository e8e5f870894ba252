/** Proposals: all of them, and one with its calls in words. */
import { id as keccakText } from "ethers";

import { DECIDED, decidedRows, type RoleRow } from "../../deploy/roles/rows.js";
import {
  describeProposal,
  readAddressBook,
  type AddressBook,
  type DescribedCall,
  type ProposedCall,
} from "../../sdk/index.js";
import { CliError } from "../exit-codes.js";
import { foreseeCalls } from "../frame/foresee.js";
import { readHistory } from "../frame/history.js";
import { kebab } from "../frame/names.js";
import { formatAmount, formatPart, formatSpan, formatTimeFrom } from "../frame/quantities.js";
import { field, group, list, note, type Entry, type Item, type Report } from "../frame/report.js";
import type { Session } from "../frame/session.js";
import { contractAt } from "../frame/suite.js";
import type { Terminal } from "../frame/terminal.js";

const STATES = [
  ...["pending", "active", "canceled", "defeated", "succeeded", "queued", "expired", "executed"],
] as const;

/** State of a proposal in a word. */
export type ProposalState = (typeof STATES)[number];

/** States in which something is still to be done. */
const OPEN: readonly ProposalState[] = ["pending", "active", "succeeded", "queued"];

/** Largest number that is read as a place in the list and not as an id. */
const MAX_NUMBER = 1_000_000n;

/** A proposal as it was made, with its state. */
export interface Proposal {
  /** Place among all proposals, from 1. */
  readonly number: number;
  readonly id: bigint;
  readonly proposer: string;
  readonly state: ProposalState;
  /** First line of the description. */
  readonly title: string;
  readonly description: string;
  readonly calls: readonly ProposedCall[];
  readonly targets: string[];
  readonly values: bigint[];
  readonly calldatas: string[];
  readonly descriptionHash: string;
  readonly voteStart: bigint;
  readonly voteEnd: bigint;
}

/** Whether something is still to be done for a proposal. */
export function isOpen({ state }: Proposal): boolean {
  return OPEN.includes(state);
}

/** All proposals, the oldest first. */
export async function readProposals(session: Session, terminal: Terminal): Promise<Proposal[]> {
  const { governor } = session.suite;
  const created = await readHistory(
    session,
    terminal,
    governor,
    governor.filters.ProposalCreated(),
  );
  return Promise.all(
    created.map(async ({ args: raw }, i) => {
      const [id, proposer, targets, values, , calldatas, voteStart] = raw as unknown as CreatedArgs;
      const description = raw[8] as string;
      const [state, voteEnd] = await Promise.all([
        governor.state(id),
        governor.proposalDeadline(id),
      ]);
      const lists = { targets: [...targets], values: [...values], calldatas: [...calldatas] };
      return {
        ...{ number: i + 1, id, proposer, voteStart, voteEnd, description, ...lists },
        state: STATES[Number(state)] ?? "pending",
        title: description.split("\n")[0] ?? "",
        calls: lists.targets.map((target, j) => ({
          target,
          value: lists.values[j] ?? 0n,
          calldata: lists.calldatas[j] ?? "0x",
        })),
        descriptionHash: keccakText(description),
      };
    }),
  );
}

type CreatedArgs = [bigint, string, string[], bigint[], string[], string[], bigint];

/** The proposal with a number of the list, an id, or the beginning of an id. */
export async function findProposal(
  session: Session,
  terminal: Terminal,
  text: string,
): Promise<Proposal> {
  if (!/^\d+$/.test(text))
    throw new CliError(
      "usage",
      `"${text}" is not a proposal: its number in "opa proposals", or its id.`,
    );
  const proposals = await readProposals(session, terminal);
  const found =
    BigInt(text) <= MAX_NUMBER
      ? proposals.filter(({ number }) => number === Number(text))
      : proposals.filter(({ id }) => id.toString().startsWith(text));
  const [proposal, another] = found;
  if (proposal && !another) return proposal;
  throw new CliError(
    "usage",
    another
      ? `Several proposals begin with ${text}; give more digits.`
      : `There is no proposal ${text}; "opa proposals" lists ${proposals.length}.`,
  );
}

/** All proposals, or those in which something is still to be done. */
export async function showProposals(
  session: Session,
  terminal: Terminal,
  onlyOpen: boolean,
): Promise<Report> {
  const all = await readProposals(session, terminal);
  const shown = onlyOpen ? all.filter(isOpen) : all;
  return {
    title: onlyOpen ? "Open proposals" : "All proposals",
    entries: [
      list(
        "Proposals",
        shown.map((proposal) => ({
          title: `${proposal.number}. ${proposal.title}`,
          entries: [
            field("State", proposal.state),
            field("Vote ends", proposal.voteEnd, formatTimeFrom(proposal.voteEnd, session.now)),
            field("Id", proposal.id),
          ],
        })),
        "none.",
      ),
    ],
  };
}

/** One proposal: its calls in words with delay and worst case, its votes, and the next step. */
export async function showProposal(
  session: Session,
  terminal: Terminal,
  text: string,
): Promise<Report> {
  const proposal = await findProposal(session, terminal, text);
  const { now } = session;
  const book = await readNames(session);
  const calls = describeProposal(proposal.calls, book);
  return {
    title: `Proposal ${proposal.number}: ${proposal.title}`,
    entries: [
      field("Id", proposal.id),
      field("State", proposal.state),
      field("Next step", ...(await nextStep(session, proposal))),
      field("Proposer", proposal.proposer),
      field("Vote starts", proposal.voteStart, formatTimeFrom(proposal.voteStart, now)),
      field("Vote ends", proposal.voteEnd, formatTimeFrom(proposal.voteEnd, now)),
      ...(await readVotes(session, proposal)),
      field("Description", proposal.description),
      list("Calls", describeCalls(session, calls, proposal.calls)),
      ...(isOpen(proposal) ? await foreseeCalls(session, proposal.calls) : []),
    ],
  };
}

/** Names of the directory, and of the manifest for contracts that the directory does not have. */
export async function readNames({ suite, deployment }: Session): Promise<AddressBook> {
  const book = await readAddressBook(suite.directory, deployment.deploymentBlock);
  return {
    ...book,
    nameOf: (address) => {
      const contract = contractAt(deployment, address);
      return book.nameOf(address) ?? (contract === undefined ? undefined : kebab(contract));
    },
  };
}

/** Calls in words, each with its role, its delay and its worst case. */
export function describeCalls(
  session: Session,
  described: readonly DescribedCall[],
  calls: readonly ProposedCall[],
): Item[] {
  return described.map(({ words, warnings, inner }, i) => {
    const call = calls[i];
    const row = call && findRow(session, call);
    const entries: Entry[] = [
      ...warnings.map((warning) => note(`Warning: ${warning}`)),
      ...(row
        ? [
            group("Rule", [
              field("Who may", row.caller),
              field("Delay", row.delay),
              field("At worst", row.worstCase),
            ]),
          ]
        : [note("Warning: the role table says nothing about this call.")]),
      ...(inner.length === 0
        ? []
        : [
            list(
              "Calls in turn",
              inner.map((each) => ({ title: each.words, entries: [] })),
            ),
          ]),
    ];
    return { title: `${i + 1}. ${words}`, entries };
  });
}

/** The row of the role table for a call. */
function findRow(
  { deployment }: Session,
  { target, calldata }: ProposedCall,
): Pick<RoleRow, "caller" | "delay" | "worstCase"> | undefined {
  const contract = contractAt(deployment, target);
  if (contract === "AccessManager")
    return {
      caller: "ADMIN",
      delay: DECIDED,
      worstCase: "Any right goes to somebody else; caps, bounds and exits are code and stay.",
    };
  const selector = calldata.slice(0, 10);
  const row = decidedRows().find(
    (each) => each.contract === contract && keccakText(each.signature).slice(0, 10) === selector,
  );
  const isDecided = row?.caller === "itself" || row?.caller === "the timelock, on a proposal";
  return isDecided ? { ...row, delay: DECIDED } : row;
}

async function readVotes(
  { suite: { governor }, now }: Session,
  { id, voteStart }: Proposal,
): Promise<Entry[]> {
  const { againstVotes, forVotes, abstainVotes } = await governor.proposalVotes(id);
  const all = againstVotes + forVotes + abstainVotes;
  const votes = [
    field("For", forVotes, `${formatAmount(forVotes)} votes, ${formatPart(forVotes, all)}`),
    field(
      "Against",
      againstVotes,
      `${formatAmount(againstVotes)} votes, ${formatPart(againstVotes, all)}`,
    ),
    field("Abstain", abstainVotes, `${formatAmount(abstainVotes)} votes`),
  ];
  if (voteStart >= now) return votes; // the quorum is fixed when the vote begins
  const quorum = await governor.quorum(voteStart);
  const reached = forVotes + abstainVotes >= quorum;
  return [
    ...votes,
    field(
      "Quorum",
      quorum,
      `${formatAmount(quorum)} votes, ${reached ? "reached" : "not reached"}`,
    ),
  ];
}

/** Next step of a proposal, and who can take it. */
async function nextStep(
  { suite: { governor, timelock }, now }: Session,
  { number, id, state, voteStart, voteEnd }: Proposal,
): Promise<[string, string]> {
  const say = (text: string): [string, string] => [text, text];
  switch (state) {
    case "pending":
      return say(`the vote begins ${formatTimeFrom(voteStart, now)}`);
    case "active":
      return say(`"opa vote ${number} for|against|abstain" until ${formatTimeFrom(voteEnd, now)}`);
    case "succeeded": {
      const delay = await timelock.getMinDelay();
      return say(`"opa queue ${number}" by anybody; it then waits ${formatSpan(delay)}`);
    }
    case "queued": {
      const eta = await governor.proposalEta(id);
      return say(
        eta <= now
          ? `"opa execute ${number}" by anybody`
          : `"opa execute ${number}" by anybody, from ${formatTimeFrom(eta, now)} on`,
      );
    }
    default:
      return say(`none: it is ${state}`);
  }
}
