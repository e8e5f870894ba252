import { setTimeout as sleep } from "node:timers/promises";

import type { Signer } from "ethers";

import { Settler, signStatement, type Contracts, type SettlerRound } from "../../sdk/index.js";
import type { LineKey, MeterStore } from "../../sdk/node/index.js";
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
  /** Most gas of a transaction, and most that its fee is as a multiple of what the node suggests. */
  readonly gasCap: bigint;
  readonly maxRaise: bigint;
  /** Every line that the consumers can have. */
  readonly lines: readonly LineKey[];
  /** Told of every round that had something to settle, and of every one that failed. */
  readonly log: (line: string) => void;
}

const REMEMBERED = 2n; // epochs in which a client may repeat a request, besides the running one

/** Has served use signed and settled, at an interval and when an epoch ends, if no other gateway does. */
export class Settling {
  readonly #parts: SettlingParts;
  readonly #every: number;
  readonly #settler: Settler;
  readonly #stop = new AbortController();
  #loop: Promise<void> | undefined;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #forgotten = 0n;

  constructor(parts: SettlingParts, every: number) {
    this.#parts = parts;
    this.#every = every;
    const { store, contracts, sender, consumers, lines, gasCap, maxRaise } = parts;
    this.#settler = new Settler({
      ...{ store, contracts, sender, lines, gasCap, maxRaise },
      sign: (statement, { signer, account }, domain) => {
        const key = consumers.signerOf(signer);
        if (!key)
          throw new Error(
            `nobody in the settings can sign with key ${signer} of account ${account}`,
          );
        return signStatement(key, domain, statement);
      },
    });
  }

  /** Looks at the chain before anything is served. An old copy of a store notices so that the chain has more. */
  async watch(): Promise<void> {
    this.#report(await this.#settler.watch());
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
        // Nothing is lost: signed statements are in the store, and the next round tries again.
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
    const { chain, gate, log, metrics, store } = this.#parts;
    const { epoch } = await chain.now();
    const round = await this.#settler.settle();
    if (!round.isLeader) return;
    for (const { signed } of [...round.done, ...round.later, ...round.never])
      gate.forget(signed.statement.account);
    metrics.settled(round.transactions.length, round.gas);
    for (const { message } of round.problems) log(message);
    for (const { signed, reason, reasons } of [...round.later, ...round.never]) {
      const { name } = [reason, ...reasons].find((one) => one.outlook !== "done") ?? reason;
      log(`a statement of ${signed.statement.account} does not settle: ${name}`);
    }
    this.#report(round.overtaken);
    if (round.transactions.length > 0)
      log(`statements settled: ${round.done.length}, transactions: ${round.transactions.length}`);
    if (epoch >= this.#forgotten + REMEMBERED + 1n) {
      await store.forgetBefore(epoch - REMEMBERED);
      this.#forgotten = epoch - REMEMBERED;
    }
  }

  #report(overtaken: SettlerRound["overtaken"]): void {
    for (const { account, resource, chain, signed } of overtaken)
      this.#parts.log(
        `the chain has ${chain} units of resource ${resource} of account ${account}, and ${signed} were signed here; ` +
          "the line is served no more until it is adopted",
      );
  }
}
