import { setTimeout as sleep } from "node:timers/promises";

import type {
  SettlementOutcome,
  SettlementPlanner,
  SignedStatement,
  Contracts,
} from "../../sdk/index.js";
import { resync, type UsageMeter } from "../../sdk/node/index.js";
import type { Answers } from "./answers.js";
import type { Chain } from "./chain.js";
import type { Gate } from "./gate.js";
import type { Ledger } from "./ledger.js";

interface Parts {
  readonly meter: UsageMeter;
  readonly answers: Answers;
  readonly chain: Chain;
  readonly gate: Gate;
  readonly ledger: Ledger;
  readonly planner: SettlementPlanner;
  readonly contracts: Contracts;
  /** Told of every round that had something to settle, and of every one that failed. */
  readonly log: (line: string) => void;
}

const REMEMBERED = 2n; // epochs in which a client may repeat a request, besides the running one

/** Has what was served signed and settled, at an interval and when an epoch ends. */
export class Settler {
  readonly #parts: Parts;
  readonly #every: number;
  readonly #stop = new AbortController();
  #loop: Promise<void> | undefined;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;
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
  settle(): Promise<void> {
    this.#next ??= (this.#running ?? Promise.resolve()).then(
      () => this.#begin(),
      () => this.#begin(),
    );
    return this.#next;
  }

  #begin(): Promise<void> {
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

  async #settleAll(): Promise<void> {
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
    if (statements.length > 0) await this.#report(await this.#settlePending(statements), epoch);

    if (epoch >= this.#forgotten + REMEMBERED + 1n) {
      this.#forgotten = epoch - REMEMBERED;
      await meter.forgetBefore(this.#forgotten);
      await answers.forgetBefore(this.#forgotten);
    }
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

  async #settlePending(statements: readonly SignedStatement[]): Promise<SettlementOutcome> {
    const { gate, meter, planner, contracts } = this.#parts;
    planner.add(statements);
    try {
      return await planner.settle();
    } finally {
      // First the old answers of the chain are given up, then what they did not know of is noted.
      for (const { statement } of statements) gate.forget(statement.account);
      await resync(meter, contracts);
    }
  }

  async #report({ done, later, never, transactions }: SettlementOutcome, epoch: bigint) {
    const { log, meter } = this.#parts;
    for (const { signed, reason, reasons } of [...later, ...never]) {
      const { name } = [reason, ...reasons].find(({ outlook }) => outlook !== "done") ?? reason;
      log(`a statement of ${signed.statement.account} does not settle: ${name}`);
    }
    // What will never settle as it was signed is signed for again, at this epoch's price.
    for (const { signed } of never) await meter.reopen(signed.statement.account, epoch);
    if (transactions.length > 0)
      log(`statements settled: ${done.length}, transactions: ${transactions.length}`);
  }
}
