import type { Signer, TransactionReceipt } from "ethers";

import type {
  DueUse,
  Leadership,
  LineKey,
  MeterStore,
  OvertakenLine,
  StatementRecord,
} from "../metering/store.js";
import type { Contracts } from "../reads/contracts.js";
import { createDomain, type SignedStatement } from "../statements/statement.js";
import { SettlementChain, type Constants, type Head } from "./chain.js";
import { isCallError, messageOf, SettlerError } from "./errors.js";
import { BATCH_GAS, estimateGas, GAS_BOUND, gasOfBatch, namesOf, type GasModel } from "./gas.js";
import {
  hold,
  isOpen,
  outlookOf,
  withoutReplaced,
  worstReason,
  type Judged,
  type WaitingLines,
} from "./order.js";
import { Sender } from "./sender.js";
import { Signing, type SignDue } from "./signing.js";

/** How a settler works. */
export interface SettlerOptions {
  readonly store: MeterStore;
  readonly contracts: Pick<Contracts, "meter" | "settlement">;
  /** Pays for gas, and sends nothing else: a pending transaction at its next nonce is replaced. */
  readonly sender: Signer;
  /** Left out where statements come signed, through `store.add`. */
  readonly sign?: SignDue;
  /** Lines to look at in the first round besides the known ones, for example every consumer's at every provider. */
  readonly lines?: readonly LineKey[];
  /**
   * Providers that no other store meters. All lines of theirs that settle are looked at by their events, and those that this
   * store has not signed for are overtaken, for example after the loss of a store. Without it no events are read.
   */
  readonly providers?: readonly string[];
  /** Block of the deployment, from which events are read the first time; the latest block if left out. */
  readonly fromBlock?: number;
  /** Most blocks in a request for events; 10,000 if left out. */
  readonly chunk?: number;
  /** Blocks behind the latest that count as final, where the chain has no finalized block; 64 if left out. */
  readonly finalAfter?: number;
  /** Most gas of a transaction. The chain's block limit holds besides. */
  readonly gasCap?: bigint;
  /** Most that a fee is, as a multiple of the fee that the node suggests at the time; 6 if left out. */
  readonly maxRaise?: bigint;
  readonly model?: GasModel;
  /** Milliseconds between rounds; 10,000 if left out. */
  readonly every?: number;
  /** Milliseconds to wait for a signature; 30,000 if left out. */
  readonly signWithin?: number;
  /** Milliseconds to wait for a transaction; 60,000 if left out. */
  readonly confirmWithin?: number;
  /** How often something that only reads is tried again; 5 if left out. */
  readonly retries?: number;
  /** Told of every round. */
  readonly onRound?: (round: SettlerRound) => void;
  /** Told why a round could not be finished. */
  readonly onError?: (error: Error) => void;
  /** Waits some milliseconds; for tests. */
  readonly wait?: (milliseconds: number) => Promise<void>;
}

/** Outcome of a statement in a round. */
export type StatementOutcome = Omit<Judged, "isHeld" | "record"> & {
  readonly id: string;
  readonly signed: SignedStatement;
  readonly isHeld: boolean;
};

/** A statement, or due use, that somebody has to look at. The others were settled all the same. */
export interface Problem {
  readonly account: string;
  readonly statement: string | undefined;
  readonly message: string;
}

/** Result of a round. */
export interface SettlerRound {
  /** Whether this process was the one to settle. If not, nothing else was done. */
  readonly isLeader: boolean;
  readonly signed: number;
  readonly done: readonly StatementOutcome[];
  readonly later: readonly StatementOutcome[];
  /** They will not settle as they are. Those that are too old were reopened, the others were set aside. */
  readonly never: readonly StatementOutcome[];
  readonly transactions: readonly string[];
  /** Gas of these transactions. */
  readonly gas: bigint;
  /** Lines of which the chain has more than was signed here: see `MeterStore.adopt`. */
  readonly overtaken: readonly OvertakenLine[];
  readonly problems: readonly Problem[];
}

/** A round while it goes on. */
interface Progress {
  readonly constants: Constants;
  readonly waiting: WaitingLines;
  readonly isUrgent: (record: StatementRecord) => boolean;
  readonly gasCap: bigint;
  /** Block that a node must have to be believed. */
  floor: number;
  readonly outcomes: Map<string, Judged>;
  readonly transactions: string[];
  gas: bigint;
  readonly problems: Problem[];
}

const EVERY = 10_000;
const RETRIES = 5;
const SIGN_WITHIN = 30_000;
const CONFIRM_WITHIN = 60_000;
const FINAL_AFTER = 64;
const MAX_RAISE = 6n;
const SENDINGS = 6; // of one batch in a round
const ASIDE = 30_000; // milliseconds, doubled each time
const LONGEST_ASIDE = 24 * 3_600_000;
const MARGIN = { numerator: 115n, denominator: 100n }; // over the estimate, for changes until it is mined

/**
 * Signs, settles and watches the use in a store, in rounds. Every gateway of a fleet runs one; for each round the store
 * elects which of them works.
 *
 * It believes only the chain. After each transaction, and after every doubt about one, it previews the statements again. A
 * statement that is sent twice burns nothing twice. One that misbehaves is set aside and never stops the others.
 */
export class Settler {
  readonly #options: SettlerOptions;
  readonly #store: MeterStore;
  readonly #chain: SettlementChain;
  readonly #sender: Sender;
  readonly #wait: (milliseconds: number) => Promise<void>;
  readonly #stop = new AbortController();
  #leadership: Leadership | undefined;
  #loop: Promise<void> | undefined;
  #running: Promise<SettlerRound> | undefined;
  #next: Promise<SettlerRound> | undefined;
  #hasReadAll = false;

  constructor(options: SettlerOptions) {
    this.#options = options;
    this.#store = options.store;
    this.#wait =
      options.wait ??
      ((milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)));
    const chainOptions = { retries: options.retries ?? RETRIES, wait: this.#wait };
    this.#chain = new SettlementChain(options.contracts, options.sender, chainOptions);
    const { confirmWithin = CONFIRM_WITHIN, maxRaise = MAX_RAISE } = options;
    this.#sender = new Sender(this.#chain, options.sender, this.#store, {
      confirmWithin,
      maxRaise,
    });
  }

  /** Begins to settle by itself. */
  start(): void {
    this.#loop ??= this.#repeat();
  }

  /** Ends after the round that goes on. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
    await this.#running?.catch(() => undefined);
  }

  /**
   * Settles all use that was served before this is called; a round that has begun is followed by another. A caller whose value at
   * risk is used up calls this instead of waiting for the interval.
   *
   * @throws {SettlerError} if the chain cannot be reached, {MeterError} if the store cannot. Nothing is lost.
   */
  settle(): Promise<SettlerRound> {
    this.#next ??= (this.#running ?? Promise.resolve()).then(
      () => this.#begin(),
      () => this.#begin(),
    );
    return this.#next;
  }

  /**
   * Reads the totals of the chain, without settling, and needs no election. A gateway does it before it serves.
   *
   * @returns lines of which the chain has more than was signed here: see `MeterStore.adopt`.
   */
  async watch(): Promise<OvertakenLine[]> {
    await this.#watch(await this.#latest());
    return this.#store.overtaken();
  }

  #begin(): Promise<SettlerRound> {
    const round = this.#settleAll();
    this.#running = round;
    this.#next = undefined;
    const forget = () => {
      if (this.#running === round) this.#running = undefined;
    };
    round.then(forget, forget);
    return round;
  }

  async #repeat(): Promise<void> {
    const { every = EVERY, onRound, onError } = this.#options;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        onRound?.(await this.settle());
      } catch (error) {
        onError?.(error instanceof Error ? error : new Error(String(error)));
      }
      await sleep(every, signal);
    }
  }

  async #settleAll(): Promise<SettlerRound> {
    this.#leadership = await this.#store.elect();
    if (!this.#leadership) return NOTHING;
    try {
      return await this.#lead();
    } finally {
      await this.#leadership.release();
      this.#leadership = undefined;
    }
  }

  async #lead(): Promise<SettlerRound> {
    const constants = await this.#chain.constants();
    if (constants.chainId !== this.#store.chainId || constants.address !== this.#store.settlement)
      throw new SettlerError(
        `The chain has contract ${constants.address} on chain ${constants.chainId}, and the store is for contract ` +
          `${this.#store.settlement} on chain ${this.#store.chainId}.`,
      );
    const head = await this.#latest();
    const { genesis, duration, window } = constants;
    const epoch = (head.timestamp - genesis) / duration;
    const limit = (head.gasLimit * 15n) / 16n; // a block is seldom all of one's own
    const cap = this.#options.gasCap ?? BATCH_GAS;
    const progress: Progress = {
      constants,
      waiting: new Map(),
      // It has an epoch left at most, by its deadline or its window.
      isUrgent: ({ signed: { statement } }) =>
        statement.deadline < head.timestamp + duration || statement.priceEpoch + window <= epoch,
      gasCap: cap < limit ? cap : limit,
      floor: 0,
      outcomes: new Map(),
      transactions: [],
      gas: 0n,
      problems: [],
    };
    await this.#watch(head);
    // Signed statements first, so that they do not wait for a key that hangs.
    await this.#sendPending(progress);
    const before = await this.#watchSettled(progress, 0);
    const signed = await this.#signDue(progress);
    if (signed > 0) {
      progress.waiting.clear();
      await this.#sendPending(progress);
      await this.#watchSettled(progress, before);
    }
    await this.#putAway(progress, epoch);

    const outcomes = [...progress.outcomes.values()];
    const of = (wanted: Judged["outlook"]) =>
      outcomes.filter(({ outlook }) => outlook === wanted).map(toOutcome);
    return {
      isLeader: true,
      signed,
      done: of("done"),
      later: of("later"),
      never: of("never"),
      transactions: progress.transactions,
      gas: progress.gas,
      overtaken: await this.#store.overtaken(),
      problems: progress.problems,
    };
  }

  /** The latest block, of a node that has at least block `floor`. */
  async #latest(floor = 0): Promise<Head> {
    return this.#chain.retry("read the latest block", async () => {
      const head = await this.#chain.head("latest");
      if (!head) throw new SettlerError("the node has no block");
      if (head.number < floor)
        throw new SettlerError(`the node is at block ${head.number}, and block ${floor} was seen`);
      return head;
    });
  }

  /** Tells the store the totals of the latest and the finalized block. */
  async #watch(head: Head): Promise<void> {
    const { fromBlock, providers, chunk, finalAfter = FINAL_AFTER } = this.#options;
    const finalized = await this.#chain.head("finalized").catch(() => undefined);
    const final = finalized?.number ?? Math.max(0, head.number - finalAfter);
    const known = await this.#store.lines(this.#hasReadAll ? { isOpen: true } : {});
    const more = this.#hasReadAll ? [] : (this.#options.lines ?? []);
    const lines = new Map<string, LineKey>(
      [...more, ...known].map((line) => [nameOf(line), line] as const),
    );
    const scanned = await this.#store.scanned();
    const first = scanned === undefined ? (fromBlock ?? head.number) : scanned + 1;
    if (providers && first <= head.number) {
      const options = { providers, ...(chunk !== undefined && { chunk }) };
      for (const line of await this.#chain.settledLines(first, head.number, options))
        lines.set(nameOf(line), line);
    }
    const seen = await this.#chain.totals([...lines.values()], head.number);
    const finals = new Map(known.map((line) => [nameOf(line), line.final] as const));
    const unfinal = seen.filter((line) => line.total > (finals.get(nameOf(line)) ?? 0n));
    await this.#store.mark({
      seen,
      final: await this.#chain.totals(unfinal, Math.min(final, head.number)),
    });
    // Blocks that are not final are read again, since others may take their place.
    if (providers)
      await this.#store.noteScanned(Math.max(scanned ?? 0, Math.min(final, head.number)));
    this.#hasReadAll = true;
  }

  /** Tells the store the totals after the transactions of a round, if there are more of them than before. */
  async #watchSettled({ transactions, floor }: Progress, before: number): Promise<number> {
    if (transactions.length > before) await this.#watch(await this.#latest(floor));
    return transactions.length;
  }

  /** Has all due use signed. @returns the number of new statements. */
  async #signDue(progress: Progress): Promise<number> {
    const { constants, problems } = progress;
    const { sign, signWithin = SIGN_WITHIN } = this.#options;
    if (!sign) return 0;
    const { chainId, address, genesis, duration, window } = constants;
    const all = await this.#store.due();
    await this.#lookAtNew(all, progress);
    const signing = new Signing({
      ...{ store: this.#store, domain: createDomain(chainId, address), sign, signWithin },
      // First second after the settlement window.
      deadlineOf: (priceEpoch) => genesis + (priceEpoch + 1n + window) * duration,
      isAcceptedByWallet: (...parts) => this.#chain.isAcceptedByWallet(...parts),
    });
    const { signed, unsigned } = await signing.signAll(all);
    for (const { due, error } of unsigned)
      problems.push({
        account: due.account,
        statement: undefined,
        message: `Use of account ${due.account} in epoch ${due.priceEpoch} is not signed: ${messageOf(error)}`,
      });
    return signed;
  }

  /** Looks at lines before they are signed for the first time, since another meter may have signed for them. */
  async #lookAtNew(all: readonly DueUse[], { floor }: Progress): Promise<void> {
    const lines: LineKey[] = [];
    for (const account of new Set(all.map((due) => due.account)))
      for (const line of await this.#store.lines({ account }))
        if (line.signed === 0n) lines.push(line);
    if (lines.length === 0) return;
    const { number } = await this.#latest(floor);
    await this.#store.mark({ seen: await this.#chain.totals(lines, number) });
  }

  /** Sends everything that would settle, first without statements that a later one replaces, then with them. */
  async #sendPending(progress: Progress): Promise<void> {
    const failed = new Set(progress.problems.map(({ statement }) => statement));
    const pending = (await this.#store.pending()).filter(({ id }) => !failed.has(id));
    const first = withoutReplaced(pending);
    await this.#sendAll(first, progress);
    const isUnsettled = ({ id }: StatementRecord) => progress.outcomes.get(id)?.outlook !== "done";
    if (first.length < pending.length && first.some(isUnsettled)) {
      progress.waiting.clear();
      await this.#sendAll(pending.filter(isUnsettled), progress);
    }
  }

  async #sendAll(records: readonly StatementRecord[], progress: Progress): Promise<void> {
    const queue = planRecords(records, progress.gasCap, this.#options.model);
    while (queue.length > 0) {
      const batch = queue.shift() ?? [];
      const parts = await this.#sendBatch(batch, progress);
      if (parts.length > 0) queue.unshift(...parts);
    }
  }

  /** Settles a batch as far as it can settle now. @returns its parts, if it has to be cut. */
  async #sendBatch(batch: StatementRecord[], progress: Progress): Promise<StatementRecord[][]> {
    let why = "";
    let rest = batch;
    for (let attempt = 0; attempt < SENDINGS; attempt += 1) {
      if (attempt > 0) await this.#wait(Math.min(250 * 2 ** attempt, 8_000));
      const judged = await this.#judge(rest, progress);
      if (!judged) return this.#cut(rest, progress, "the preview fails");
      const waiting: WaitingLines = new Map(progress.waiting);
      const held = hold(judged, waiting, progress.isUrgent);
      const open = held.filter(isOpen).map(({ record }) => record);
      if (open.length === 0) {
        for (const one of held) note(progress, one);
        for (const [key, line] of waiting) progress.waiting.set(key, line);
        return [];
      }
      const gas = await this.#gasFor(open, progress);
      if (gas === undefined)
        return this.#cut(rest, progress, `it needs more than ${progress.gasCap} gas`);
      if (!(await this.#leadership?.isHeld())) throw new SettlerError(LOST);
      const sending = await this.#sender.send(open, gas);
      if (sending.kind === "size") return this.#cut(rest, progress, sending.why);
      if (sending.kind === "doubt") why = sending.why;
      else rest = await this.#setSkippedAside(rest, open, sending.receipt, progress);
    }
    for (const record of rest)
      progress.problems.push({
        account: record.signed.statement.account,
        statement: record.id,
        message: `${SENDINGS} transactions have not settled it, and the next round tries again: ${why}`,
      });
    return [];
  }

  /** Statements that go on, without those that a mined transaction skipped although they would have settled. */
  async #setSkippedAside(
    batch: readonly StatementRecord[],
    sent: readonly StatementRecord[],
    receipt: TransactionReceipt,
    progress: Progress,
  ): Promise<StatementRecord[]> {
    progress.transactions.push(receipt.hash);
    progress.gas += receipt.gasUsed;
    progress.floor = Math.max(progress.floor, receipt.blockNumber);
    const judged = (await this.#judge(sent, progress)) ?? [];
    // Still open after a block that had it: it settles in simulations only, or something was in its way.
    const skipped = new Set(
      judged.filter((one) => isOpen({ ...one, isHeld: false })).map(({ record }) => record.id),
    );
    for (const record of sent)
      if (skipped.has(record.id))
        await this.#setAside(
          record,
          "A transaction skipped it, and the preview settles it",
          progress,
        );
    return batch.filter(({ id }) => !skipped.has(id));
  }

  /** Verdict of the chain on statements; undefined if it gives none on them together. */
  async #judge(
    batch: readonly StatementRecord[],
    progress: Progress,
  ): Promise<Omit<Judged, "isHeld">[] | undefined> {
    const statements = batch.map(({ signed }) => signed);
    const block = progress.floor === 0 ? "latest" : Math.max(progress.floor, 0);
    const judgements = await this.#ask(() => this.#chain.preview(statements, block));
    return judgements?.flatMap((judgement, i) => {
      const record = batch[i];
      return record ? [{ record, ...judgement, outlook: outlookOf(judgement) }] : [];
    });
  }

  /** Gas limit for a batch; undefined if it does not fit a transaction. */
  async #gasFor(open: readonly StatementRecord[], progress: Progress): Promise<bigint | undefined> {
    const statements = open.map(({ signed }) => signed);
    const estimate = await this.#ask(() => this.#chain.estimate(statements));
    if (estimate === undefined || estimate > progress.gasCap) return undefined;
    // Unused gas costs nothing. A wallet that gets too little is skipped without a revert. The first block of the next epoch
    // closes the last one of the pool, of every provider and of every resource.
    const model = this.#options.model ?? GAS_BOUND;
    const wallets = statements.filter(({ signature }) => signature.length !== KEY_SIGNATURE).length;
    const limit =
      (estimate * MARGIN.numerator) / MARGIN.denominator +
      BigInt(wallets) * model.perWallet +
      gasOfBatch(namesOf(statements), model);
    return limit < progress.gasCap ? limit : progress.gasCap;
  }

  /** The answer to a call; undefined if the call itself fails, or the node answers everything but this. */
  async #ask<T>(work: () => Promise<T>): Promise<T | undefined> {
    const { retries = RETRIES } = this.#options;
    for (let attempt = 0; ; attempt += 1)
      try {
        return await work();
      } catch (error) {
        if (isCallError(error)) return undefined;
        if (attempt < retries) await this.#wait(Math.min(100 * 2 ** attempt, 5_000));
        else {
          await this.#latest();
          return undefined;
        }
      }
  }

  /** Two halves of a batch, or none of a single statement, which is set aside. */
  async #cut(
    batch: StatementRecord[],
    progress: Progress,
    why: string,
  ): Promise<StatementRecord[][]> {
    const [only] = batch;
    if (batch.length > 1) {
      const half = Math.ceil(batch.length / 2);
      return [batch.slice(0, half), batch.slice(half)];
    }
    if (only) await this.#setAside(only, `It fits no transaction: ${why}`, progress);
    return [];
  }

  async #setAside(record: StatementRecord, reason: string, progress: Progress): Promise<void> {
    const wait = Math.min(ASIDE * 2 ** Math.min(record.aside?.times ?? 0, 20), LONGEST_ASIDE);
    await this.#store.setAside(record.id, reason, wait);
    progress.problems.push({
      account: record.signed.statement.account,
      statement: record.id,
      message: `${reason}. It is tried again in ${Math.round(wait / 1_000)} s.`,
    });
  }

  /** Reopens statements that are too old, and sets those aside that never settle, until somebody decides. */
  async #putAway(progress: Progress, epoch: bigint): Promise<void> {
    for (const one of progress.outcomes.values()) {
      if (one.outlook !== "never") continue;
      const { name } = worstReason(one);
      const { id, signed } = one.record;
      if (OLD.has(name)) await this.#store.reopen({ statement: id }, epoch);
      else {
        await this.#store.setAside(id, name, LONGEST_ASIDE);
        progress.problems.push({
          account: signed.statement.account,
          statement: id,
          message: `It never settles (${name}): reopen it to have it signed again, or write it off.`,
        });
      }
    }
  }
}

/** Batches in order that each stay below a budget by the model; a statement beyond it is a batch of its own, and measured. */
export function planRecords(
  records: readonly StatementRecord[],
  budget: bigint,
  model: GasModel = GAS_BOUND,
): StatementRecord[][] {
  const batches: StatementRecord[][] = [];
  let gas = budget + 1n;
  let names = new Set<bigint | string>();
  for (const record of records) {
    const added = namesOf([record.signed]);
    const alone = estimateGas([record.signed], model);
    const own = alone - gasOfBatch(added, model);
    const more = new Set([...added].filter((name) => !names.has(name)));
    const together = gas + own + gasOfBatch(more, model) - model.perBatch;
    const batch = batches.at(-1);
    if (batch && together <= budget) {
      batch.push(record);
      gas = together;
    } else {
      batches.push([record]);
      gas = alone;
      names = new Set();
    }
    for (const name of added) names.add(name);
  }
  return batches;
}

const KEY_SIGNATURE = 2 + 65 * 2; // characters
const OLD = new Set(["DeadlineExpired", "PriceEpochTooOld"]);
const LOST = "Another process settles now.";
const NOTHING: SettlerRound = {
  isLeader: false,
  signed: 0,
  done: [],
  later: [],
  never: [],
  transactions: [],
  gas: 0n,
  overtaken: [],
  problems: [],
};

function note(progress: Progress, one: Judged): void {
  const outlook = one.isHeld && one.outlook === "done" ? "later" : one.outlook;
  progress.outcomes.set(one.record.id, { ...one, outlook });
}

function toOutcome({ record, ...judged }: Judged): StatementOutcome {
  return { ...judged, id: record.id, signed: record.signed };
}

function nameOf({ account, provider, resource }: LineKey): string {
  return `${account} ${provider} ${resource}`;
}

function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const timer = setTimeout(done, milliseconds);
    function done() {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
    signal.addEventListener("abort", done);
  });
}
