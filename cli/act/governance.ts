/** Decisions: propose by a named change or from a file, vote, queue, execute. */
import { readFileSync } from "node:fs";

import { isHexString } from "ethers";

import { addressIn, describeProposal, type ProposedCall } from "../../sdk/index.js";
import { IGuardedPause__factory } from "../../typechain-types/factories/contracts/interfaces/index.js";
import { CliError } from "../exit-codes.js";
import { foreseeCalls } from "../frame/foresee.js";
import type { Actor } from "../frame/keys.js";
import { findContract, kebab, parseAddress } from "../frame/names.js";
import { changeParameter, withdrawChange, type ParameterChange } from "../frame/parameters.js";
import { step, type Plan } from "../frame/plan.js";
import {
  formatAmount,
  formatSpan,
  formatTimeFrom,
  parseAmount,
  parseCount,
  parseTime,
} from "../frame/quantities.js";
import { field, list, type Entry } from "../frame/report.js";
import type { Session } from "../frame/session.js";
import { codecAt } from "../frame/suite.js";
import type { Terminal } from "../frame/terminal.js";
import { describeCalls, findProposal, readNames } from "../look/proposals.js";
import { readConditions } from "../look/reserve.js";
import { PAUSABLE } from "../look/safety.js";

/** A proposal before it is made. */
export interface Draft {
  readonly description: string;
  readonly calls: readonly ProposedCall[];
  /** Facts beside the calls. */
  readonly facts: readonly Entry[];
}

/** Sides of a vote, as the Governor counts them. */
const SIDES = { against: 0n, for: 1n, abstain: 2n } as const;

/** Proposes a draft, with its calls in words. */
export async function planProposal(
  session: Session,
  { address }: Actor,
  draft: Draft,
): Promise<Plan> {
  const { suite, now } = session;
  const { governor, lock, timelock } = suite;
  const book = await readNames(session);
  const described = describeProposal(draft.calls, book);
  const [threshold, votes, votingDelay, votingPeriod, delay] = await Promise.all([
    governor.proposalThreshold(),
    lock.getPastVotes(address, now - 1n),
    governor.votingDelay(),
    governor.votingPeriod(),
    timelock.getMinDelay(),
  ]);
  const targets = draft.calls.map(({ target }) => target);
  const values = draft.calls.map(({ value }) => value);
  const calldatas = draft.calls.map(({ calldata }) => calldata);
  const soonest = now + votingDelay + votingPeriod + delay;
  return {
    title: `Propose "${draft.description.split("\n")[0] ?? ""}"`,
    steps: [
      step(
        "Put the proposal to the vote",
        await governor.propose.populateTransaction(targets, values, calldatas, draft.description),
      ),
    ],
    changes: [
      ...draft.facts,
      list("Calls", describeCalls(session, described, draft.calls)),
      ...(await foreseeCalls(session, draft.calls)),
      field(
        "Votes of the proposer",
        votes,
        `${formatAmount(votes)}, and proposing takes ${formatAmount(threshold)}`,
      ),
      field("Vote begins", now + votingDelay, formatTimeFrom(now + votingDelay, now)),
      field("Vote lasts", votingPeriod, formatSpan(votingPeriod)),
      field("Executable", soonest, `${formatTimeFrom(soonest, now)} at the earliest`),
    ],
  };
}

/** A draft that sets a parameter. */
export async function draftChange(
  session: Session,
  name: string,
  value: string,
  description?: string,
): Promise<Draft> {
  return draftOf(await changeParameter(session, name, value), description);
}

/** A draft that takes an announced change of a parameter back. */
export async function draftWithdrawal(
  session: Session,
  name: string,
  description?: string,
): Promise<Draft> {
  return draftOf(await withdrawChange(session, name), description);
}

function draftOf(change: ParameterChange, description?: string): Draft {
  const { title, target, calldata, before, after, rule } = change;
  return {
    description: description ?? title,
    calls: [{ target, calldata, value: 0n }],
    facts: [field("Value", after, `${before} becomes ${after}`), field("Rule", rule)],
  };
}

/** Options of `propose draw`. */
export interface DrawOptions {
  readonly reason: string;
  readonly to: string;
  readonly latest: string;
  readonly condition?: string;
}

/** A draft that pays a module out of the reserve. */
export async function draftDraw(
  session: Session,
  terminal: Terminal,
  text: string,
  options: DrawOptions,
): Promise<Draft> {
  const { suite, deployment, now } = session;
  const conditions = await readConditions(session, terminal);
  const condition =
    options.condition === undefined
      ? conditions[0]
      : conditions.find(
          ({ kind, address }) => kind === options.condition || address === options.condition,
        );
  if (!condition)
    throw new CliError(
      "usage",
      `There is no condition "${options.condition ?? ""}"; "opa reserve" lists them.`,
    );
  const cap = await suite.reserve.drawCap();
  const amount = text === "max" ? cap : parseAmount(text);
  const module = findContract(deployment, options.to);
  const latest = parseTime(options.latest, now);
  const call = await suite.reserve.request.populateTransaction(
    ...([
      addressIn(deployment, module),
      amount,
      condition.address,
      options.reason,
      latest,
    ] as const),
  );
  return {
    description: `Draw ${formatAmount(amount)} of the reserve: ${options.reason}`,
    calls: [{ target: call.to, calldata: call.data, value: 0n }],
    facts: [
      field("Largest draw", cap, formatAmount(cap)),
      field(
        "Condition",
        condition.kind,
        `${condition.kind}, ${condition.since === 0n ? "not true now" : `true since ${formatTimeFrom(condition.since, now)}`}`,
      ),
      field("Latest", latest, formatTimeFrom(latest, now)),
    ],
  };
}

/** A draft that ends the pause of a module, or moves its end. */
export async function draftResumption(
  { deployment, provider, now }: Session,
  moduleText: string,
  options: { readonly until?: string },
): Promise<Draft> {
  const module = findContract(deployment, moduleText, PAUSABLE);
  const pause = IGuardedPause__factory.connect(addressIn(deployment, module), provider);
  const until = options.until === undefined ? 0n : parseTime(options.until, now);
  const { until: before } = await pause.pauseState();
  const call = await pause.movePause.populateTransaction(until);
  return {
    description:
      until === 0n
        ? `End the pause of ${kebab(module)}`
        : `Let the pause of ${kebab(module)} end ${formatTimeFrom(until, now)}`,
    calls: [{ target: call.to, calldata: call.data, value: 0n }],
    facts: [
      field(
        "Pause",
        before,
        before <= now ? "not paused now" : `ends ${formatTimeFrom(before, now)} by itself`,
      ),
    ],
  };
}

/** A draft that vetoes an announced fault. */
export async function draftVeto(
  { suite: { slashing }, now }: Session,
  text: string,
): Promise<Draft> {
  const id = parseCount(text);
  const { provider, deadline } = await slashing.faultOf(id);
  const call = await slashing.vetoFault.populateTransaction(id);
  return {
    description: `Veto fault ${id} of ${provider}`,
    calls: [{ target: call.to, calldata: call.data, value: 0n }],
    facts: [field("Deadline", deadline, formatTimeFrom(deadline, now))],
  };
}

/** A call in a file: a named change, a function of a contract by name, or bytes. */
interface FileCall {
  readonly set?: string;
  readonly value?: string;
  readonly contract?: string;
  readonly function?: string;
  readonly args?: readonly unknown[];
  readonly to?: string;
  readonly data?: string;
}

/** A draft from a JSON file with a description and calls. */
export async function draftFromFile(session: Session, file: string): Promise<Draft> {
  let content: { description?: unknown; calls?: unknown };
  try {
    content = JSON.parse(readFileSync(file, "utf8")) as { description?: unknown; calls?: unknown };
  } catch (error) {
    throw new CliError("setup", `${file} cannot be read as JSON: ${(error as Error).message}.`, {
      cause: error,
    });
  }
  const { description, calls } = content;
  if (typeof description !== "string" || !Array.isArray(calls) || calls.length === 0)
    throw new CliError("setup", `${file} needs a "description" and at least one of "calls".`);
  const read: { call: ProposedCall; facts: readonly Entry[] }[] = [];
  for (const call of calls as FileCall[]) read.push(await readCall(session, file, call));
  return {
    description,
    calls: read.map(({ call }) => call),
    facts: read.flatMap(({ facts }) => facts),
  };
}

async function readCall(
  session: Session,
  file: string,
  call: FileCall,
): Promise<{ call: ProposedCall; facts: readonly Entry[] }> {
  const { deployment } = session;
  if (call.set !== undefined && call.value !== undefined) {
    const { calls, facts } = draftOf(await changeParameter(session, call.set, call.value));
    const [first] = calls;
    if (first) return { call: first, facts };
  }
  if (call.contract !== undefined && call.function !== undefined) {
    const target = addressIn(deployment, findContract(deployment, call.contract));
    try {
      const codec = codecAt(session, target, call.function);
      const calldata = codec.encodeFunctionData(call.function, call.args ?? []);
      return { call: { target, calldata, value: 0n }, facts: [] };
    } catch (error) {
      throw new CliError(
        "setup",
        `${file}: ${call.contract} takes no ${call.function} with these arguments.`,
        { cause: error },
      );
    }
  }
  if (call.to !== undefined && isHexString(call.data))
    return {
      call: { target: parseAddress(call.to, "a target"), calldata: call.data, value: 0n },
      facts: [],
    };
  throw new CliError(
    "setup",
    `${file}: a call is {"set", "value"}, {"contract", "function", "args"} or {"to", "data"}.`,
  );
}

/** Votes on a proposal. */
export async function planVote(
  session: Session,
  terminal: Terminal,
  { address }: Actor,
  text: string,
  side: string,
  options: { readonly reason?: string },
): Promise<Plan> {
  const { governor } = session.suite;
  if (!Object.hasOwn(SIDES, side))
    throw new CliError("usage", `"${side}" is no vote: for, against or abstain.`);
  const support = SIDES[side as keyof typeof SIDES];
  const { id, number, title, state, voteStart, voteEnd } = await findProposal(
    session,
    terminal,
    text,
  );
  if (state !== "active")
    throw new CliError(
      "refused",
      state === "pending"
        ? `The vote on proposal ${number} begins ${formatTimeFrom(voteStart, session.now)}.`
        : `The vote on proposal ${number} is over: it is ${state}.`,
    );
  const votes = await governor.getVotes(address, voteStart);
  if (votes === 0n)
    throw new CliError(
      "refused",
      `${address} had no votes when the vote on proposal ${number} began; lock or be delegated to before the next one.`,
    );
  return {
    title: `Vote ${side} proposal ${number}, "${title}"`,
    steps: [
      step(
        `Vote ${side} with ${formatAmount(votes)} votes`,
        options.reason === undefined
          ? await governor.castVote.populateTransaction(id, support)
          : await governor.castVoteWithReason.populateTransaction(id, support, options.reason),
      ),
    ],
    changes: [
      field("Votes", votes, formatAmount(votes)),
      field(
        "Vote ends",
        voteEnd,
        `${formatTimeFrom(voteEnd, session.now)}; the lock of the voter is held until then`,
      ),
    ],
  };
}

/** Queues a proposal that was accepted, or executes one that has waited. */
export async function planCarrying(
  session: Session,
  terminal: Terminal,
  text: string,
  what: "queue" | "execute",
): Promise<Plan> {
  const { suite, now } = session;
  const proposal = await findProposal(session, terminal, text);
  const { targets, values, calldatas, descriptionHash, number, title, calls } = proposal;
  const wanted = what === "queue" ? "succeeded" : "queued";
  if (proposal.state !== wanted)
    throw new CliError(
      "refused",
      `Proposal ${number} is ${proposal.state}, and only one that is ${wanted} can be ${what === "queue" ? "queued" : "executed"}.`,
    );
  const eta =
    what === "queue"
      ? now + (await suite.timelock.getMinDelay())
      : await suite.governor.proposalEta(proposal.id);
  if (what === "execute" && eta > now)
    throw new CliError(
      "refused",
      `Proposal ${number} waits in the timelock until ${formatTimeFrom(eta, now)}.`,
    );
  const book = await readNames(session);
  const lists = [targets, values, calldatas, descriptionHash] as const;
  const call =
    what === "queue"
      ? await suite.governor.queue.populateTransaction(...lists)
      : await suite.governor.execute.populateTransaction(...lists);
  return {
    title: `${what === "queue" ? "Queue" : "Execute"} proposal ${number}, "${title}"`,
    steps: [step(what === "queue" ? "Put it into the timelock" : "Carry it out", call)],
    changes: [
      what === "queue"
        ? field("Executable", eta, formatTimeFrom(eta, now))
        : list("Calls", describeCalls(session, describeProposal(calls, book), calls)),
    ],
  };
}
