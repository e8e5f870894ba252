import { setTimeout as sleep } from "node:timers/promises";

import type { Signer } from "ethers";

import {
  planBatches,
  reasonOf,
  resync,
  SettlementPlanner,
  type Reason,
  type SignedStatement,
  type Suite,
  type UsageMeter,
} from "../../index.js";
import type { Answers } from "./answers.js";
import type { Chain } from "./chain.js";
import type { Gate } from "./gate.js";
import type { Ledger } from "./ledger.js";

/** What a round of settling came to. */
export interface Round {
  readonly statements: number;
  readonly transactions: number;
  /** Statements that did not settle, and why. */
  readonly held: readonly { readonly signed: SignedStatement; readonly reason: Reason }[];
}

interface Parts {
  readonly meter: UsageMeter;
  readonly answers: Answers;
  readonly chain: Chain;
  readonly gate: Gate;
  readonly ledger: Ledger;
  readonly suite: Suite;
  /** Who sends the settlements and pays their gas. */
  readonly submitter: Signer;
  /** Told of every round that had something to settle, and of every one that failed. */
  readonly log: (line: string) => void;
}

const REMEMBERED = 2n; // epochs in which a client may repeat a request, besides the running one
const RECEIPT_TIMEOUT = 60_000; // milliseconds
const NOTHING: Round = { statements: 0, transactions: 0, held: [] };

/** Has what was served signed and settled, at an interval and when an epoch ends. */
export class Settler {
  readonly #parts: Parts;
  readonly #every: number;
  readonly #stop = new AbortController();
  #loop: Promise<void> | undefined;
  #running: Promise<Round> | undefined;
  #next: Promise<Round> | undefined;
  #forgotten = 0n;

  constructor(parts: Parts, every: number) {
    this.#parts = parts;
    this.#every = every;
  }

  /** Begins to settle by itself. */
  start(): void {
    this.#loop ??= this.#repeat();
  }

  /** Settles once more, for the last time. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
    await this.settle();
  }

  /** Settles everything that was used before this is called. Rounds do not overlap. */
  settle(): Promise<Round> {
    this.#next ??= (this.#running ?? Promise.resolve()).then(
      () => this.#begin(),
      () => this.#begin(),
    );
    return this.#next;
  }

  #begin(): Promise<Round> {
    this.#running = this.#next;
    this.#next = undefined;
    return this.#settleAll();
  }

  async #repeat(): Promise<void> {
    while (!this.#isStopped()) {
      try {
        const { secondsLeft } = await this.#parts.chain.now();
        const pause = Math.min(this.#every, secondsLeft * 1_000);
        await sleep(pause, undefined, { signal: this.#stop.signal });
        await this.settle();
      } catch (error) {
        if (this.#isStopped()) return;
        // Nothing is lost: what is signed is in the journal, and the next round tries again.
        this.#parts.log(`settlement failed: ${(error as Error).message}`);
        await sleep(this.#every, undefined, { signal: this.#stop.signal }).catch(() => undefined);
      }
    }
  }

  #isStopped(): boolean {
    return this.#stop.signal.aborted;
  }

  async #settleAll(): Promise<Round> {
    const { meter, answers, chain, ledger, log } = this.#parts;
    const { epoch } = await chain.now();
    const accounts = new Set(meter.due().map(({ account }) => account));
    for (const account of accounts)
      try {
        await ledger.signDue(account);
      } catch (error) {
        log((error as Error).message); // the other accounts are settled all the same
      }

    const statements = this.#pending();
    let round = NOTHING;
    for (const batch of planBatches(statements))
      round = join(round, await this.#settleBatch(batch));
    for (const { signed, reason } of round.held) {
      log(`a statement of ${signed.statement.account} waits: ${reason.name}`);
      if (reason.outlook === "never") await meter.reopen(signed.statement.account, epoch);
    }
    if (round.transactions > 0)
      log(`statements settled: ${round.statements}, transactions: ${round.transactions}`);

    if (epoch >= this.#forgotten + REMEMBERED + 1n) {
      this.#forgotten = epoch - REMEMBERED;
      await meter.forgetBefore(this.#forgotten);
      await answers.forgetBefore(this.#forgotten);
    }
    return round;
  }

  /** Statements to settle. One that another key's statement follows must settle itself, or that key would pay for it. */
  #pending(): SignedStatement[] {
    const { meter } = this.#parts;
    const accounts = new Set(meter.pending().map(({ statement }) => statement.account));
    return [...accounts].flatMap((account) => {
      const all = meter.pending(account, { all: true });
      const signers = new Set(all.map(({ signer }) => signer));
      return signers.size > 1 ? all : meter.pending(account);
    });
  }

  async #settleBatch(batch: readonly SignedStatement[]): Promise<Round> {
    const { meter, gate, submitter, suite } = this.#parts;
    const { ready, held } = await this.#sort(batch);
    const planner = new SettlementPlanner({
      suite,
      sender: submitter,
      confirmWithin: RECEIPT_TIMEOUT,
    });
    planner.add(ready);
    const { done, later, never, transactions } = await planner.settle();
    for (const { signed, reason, reasons } of [...later, ...never])
      held.push({
        signed,
        reason: [reason, ...reasons].find(({ outlook }) => outlook !== "done") ?? reason,
      });
    // First the old answers of the chain are given up, then what they did not know of is noted.
    for (const { statement } of batch) gate.forget(statement.account);
    await resync(meter, { settlement: suite.settlement });
    return { statements: done.length, transactions: transactions.length, held };
  }

  /** Parts what settles now from what does not. After one that does not, nothing of its account is tried. */
  async #sort(batch: readonly SignedStatement[]) {
    const results = await this.#parts.suite.settlement.preview.staticCall([...batch]);
    const ready: SignedStatement[] = [];
    const held: { signed: SignedStatement; reason: Reason }[] = [];
    batch.forEach((signed, i) => {
      const { account } = signed.statement;
      if (held.some(({ signed: { statement } }) => statement.account === account)) return;
      const codes = [results[i]?.reason ?? 0n, ...(results[i]?.reasons ?? [])];
      const reason = codes.map(reasonOf).find(({ outlook }) => outlook !== "done");
      if (reason) held.push({ signed, reason });
      else ready.push(signed);
    });
    return { ready, held };
  }
}

function join(left: Round, right: Round): Round {
  return {
    statements: left.statements + right.statements,
    transactions: left.transactions + right.transactions,
    held: [...left.held, ...right.held],
  };
}
