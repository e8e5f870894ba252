import { setTimeout as sleep } from "node:timers/promises";

import {
  MAX_LINES,
  SettlementPlanner,
  signStatement,
  type Contracts,
  type SettlementOutcome,
  type SignedStatement,
  type StatementDomain,
} from "../../sdk/index.js";
import type {
  DueUse,
  LineKey,
  LineTotal,
  MeterStore,
  StatementRecord,
} from "../../sdk/node/index.js";
import type { Signer } from "ethers";
import type { Chain } from "./chain.js";
import type { Consumers } from "./consumers.js";
import type { Gate } from "./gate.js";
import type { Metrics } from "./metrics.js";

/** Parts that settling works with. */
export interface SettlingParts {
  readonly store: MeterStore;
  readonly chain: Chain;
  readonly gate: Gate;
  readonly metrics: Metrics;
  readonly consumers: Consumers;
  readonly contracts: Contracts;
  readonly sender: Signer;
  readonly domain: StatementDomain;
  /** Told of every round that had something to settle, and of every one that failed. */
  readonly log: (line: string) => void;
}

const REMEMBERED = 2n; // epochs in which a client may repeat a request, besides the running one

/** Has what was served signed and settled, at an interval and when an epoch ends, if no other gateway does. */
export class Settling {
  readonly #parts: SettlingParts;
  readonly #every: number;
  readonly #stop = new AbortController();
  #loop: Promise<void> | undefined;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #forgotten = 0n;

  constructor(parts: SettlingParts, every: number) {
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
    return this.#round();
  }

  async #repeat(): Promise<void> {
    const { signal } = this.#stop;
    while (!this.#isStopped()) {
      try {
        const { secondsLeft } = await this.#parts.chain.now();
        await sleep(Math.min(this.#every, secondsLeft * 1_000), undefined, { signal });
        await this.settle();
      } catch (error) {
        if (this.#isStopped()) return;
        // Nothing is lost: what is signed is in the store, and the next round tries again.
        this.#parts.metrics.failed();
        this.#parts.log(`settlement failed: ${(error as Error).message}`);
        await sleep(this.#every, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  #isStopped(): boolean {
    return this.#stop.signal.aborted;
  }

  async #round(): Promise<void> {
    const { store } = this.#parts;
    const leadership = await store.elect();
    if (!leadership) return;
    try {
      await this.#settleAll();
    } finally {
      await leadership.release();
    }
  }

  async #settleAll(): Promise<void> {
    const { chain, log, store } = this.#parts;
    const { epoch } = await chain.now();
    for (const due of await store.due())
      await this.#sign(due).catch((error: unknown) => {
        log((error as Error).message); // the others are settled all the same
      });
    const pending = await store.pending();
    if (pending.length > 0) await this.#send(pending, epoch);
    await this.#look();
    if (epoch >= this.#forgotten + REMEMBERED + 1n) {
      await store.forgetBefore(epoch - REMEMBERED);
      this.#forgotten = epoch - REMEMBERED;
    }
  }

  async #sign(due: DueUse): Promise<void> {
    const { chain, consumers, domain, store } = this.#parts;
    const signer = consumers.signerOf(due.signer);
    if (!signer)
      throw new Error(
        `Nobody in the settings can sign with key ${due.signer} for the open use of account ${due.account}.`,
      );
    for (const draft of await store.draft(due, MAX_LINES)) {
      const deadline = chain.endOfWindow(draft.priceEpoch);
      await store.add(await signStatement(signer, domain, { ...draft, deadline }));
    }
  }

  async #send(pending: readonly StatementRecord[], epoch: bigint): Promise<void> {
    const { contracts, gate, log, metrics, sender, store } = this.#parts;
    const planner = new SettlementPlanner({ contracts, sender });
    planner.add(pending.map(({ signed }) => signed));
    let outcome: SettlementOutcome;
    try {
      outcome = await planner.settle();
    } finally {
      for (const { signed } of pending) gate.forget(signed.statement.account);
    }
    const idOf = (signed: SignedStatement) => pending.find((known) => known.signed === signed)?.id;
    for (const { signed, reason, reasons, outlook } of [...outcome.later, ...outcome.never]) {
      const { name } = [reason, ...reasons].find((one) => one.outlook !== "done") ?? reason;
      log(`a statement of ${signed.statement.account} does not settle: ${name}`);
      // What will never settle as it was signed is signed for again, at this epoch's price.
      const id = idOf(signed);
      if (outlook === "never" && id !== undefined) await store.reopen({ statement: id }, epoch);
    }
    for (const hash of outcome.transactions) {
      const receipt = await sender.provider?.getTransactionReceipt(hash);
      if (receipt) metrics.settled(receipt.gasUsed);
    }
    if (outcome.transactions.length > 0)
      log(
        `statements settled: ${outcome.done.length}, transactions: ${outcome.transactions.length}`,
      );
  }

  async #look(): Promise<void> {
    await this.watch(await this.#parts.store.lines({ isOpen: true }));
  }

  /** Tells the store the totals of the chain, of the latest block and of the finalized one. */
  async watch(lines: readonly LineKey[]): Promise<void> {
    const { contracts, log, store } = this.#parts;
    const totalsAt = (blockTag: "latest" | "finalized"): Promise<LineTotal[]> =>
      Promise.all(
        lines.map(async ({ account, provider, resource }) => {
          const line = await contracts.meter.lineOf(account, provider, resource, { blockTag });
          return { account, provider, resource, total: line.cumulativeUnits };
        }),
      );
    if (lines.length === 0) return;
    const [seen, final] = await Promise.all([totalsAt("latest"), totalsAt("finalized")]);
    for (const { account, resource, chain, signed } of await store.mark({ seen, final }))
      log(
        `the chain has ${chain} units of resource ${resource} of account ${account}, and ${signed} were signed here; ` +
          "the line is served no more until it is adopted",
      );
  }
}
