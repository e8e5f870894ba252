/**
 * The events of a scope, from the beginning of a deployment to the latest block. Those of old blocks come from the cache;
 * those of the newest blocks are read again with each block, since a chain can be reorganised there.
 */
import type { JsonRpcApiProvider } from "ethers";

import type { Head } from "../reads/chain.js";
import { decoderOf, filterOf, toLog, type DecodedEvent, type Log, type Scope } from "./logs.js";
import { pageLogs, type FetchLogs } from "./paging.js";
import type { Segment, SegmentStore } from "./segments.js";
import { inSlices } from "./slices.js";

/** Blocks before the latest one that can still change. */
const UNSETTLED = 64;

/** Fewest new blocks that make a segment of the cache. */
const SHORTEST_SEGMENT = 64;

/** How far a history is. */
export interface Progress {
  /** Last block that is read. */
  readonly block: number;
  readonly from: number;
  readonly to: number;
  readonly events: number;
}

/** Where a history reads from. */
export interface HistorySource {
  readonly provider: Pick<JsonRpcApiProvider, "send">;
  readonly store: SegmentStore;
  /** First block of the deployment. */
  readonly from: number;
  /** Distinguishes deployments in the cache. */
  readonly deployment: string;
}

/** Reads and keeps the events of one scope. */
export class History {
  readonly #source: HistorySource;
  readonly #fetchLogs: FetchLogs;
  readonly #decode: (log: Log) => DecodedEvent | undefined;
  readonly #key: string;
  readonly #settled: DecodedEvent[] = [];
  #next: number;
  #checked = "";
  #isCacheRead = false;
  #last: Promise<unknown> = Promise.resolve();

  constructor(scope: Scope, source: HistorySource) {
    this.#source = source;
    this.#key = `${source.deployment}/${scope.name}`;
    this.#next = source.from;
    this.#decode = decoderOf(scope);
    const filter = filterOf(scope);
    this.#fetchLogs = async (from, to) => {
      const range = { fromBlock: hex(from), toBlock: hex(to) };
      const answer = (await source.provider.send("eth_getLogs", [
        { ...filter, ...range },
      ])) as readonly Readonly<Record<string, unknown>>[];
      return answer.map(toLog);
    };
  }

  /**
   * All events up to a block, in their order. Only new events are read, one read after the other.
   */
  read(
    head: Pick<Head, "number">,
    onProgress: (progress: Progress) => void = () => undefined,
    signal?: AbortSignal,
  ): Promise<readonly DecodedEvent[]> {
    const result = this.#last.then(() => this.#read(head, onProgress, signal));
    this.#last = result.catch(() => undefined);
    return result;
  }

  async #read(
    { number }: Pick<Head, "number">,
    onProgress: (progress: Progress) => void,
    signal?: AbortSignal,
  ): Promise<readonly DecodedEvent[]> {
    const { from } = this.#source;
    const report = (block: number, events: number) => {
      onProgress({ block, from, to: number, events });
    };
    if (!this.#isCacheRead) await this.#readCache(number, report, signal);
    else await this.#dropReorganised();

    const settledTo = number - UNSETTLED;
    const isWorthIt = settledTo - this.#next + 1 >= SHORTEST_SEGMENT;
    const settling = range(this.#next, isWorthIt ? settledTo : -1, signal);
    for await (const page of pageLogs(this.#fetchLogs, settling)) {
      const segment = { ...page, hash: await this.#hashOf(page.to) };
      await this.#keep(segment);
      await this.#settle(segment);
      report(page.to, this.#settled.length);
    }

    const recent: DecodedEvent[] = [];
    for await (const page of pageLogs(this.#fetchLogs, range(this.#next, number, signal)))
      await this.#decodeInto(recent, page.logs);
    report(number, this.#settled.length + recent.length);
    return [...this.#settled, ...recent];
  }

  /** Takes the cached events of this chain, and drops those of another one. */
  async #readCache(
    number: number,
    report: (block: number, events: number) => void,
    signal?: AbortSignal,
  ): Promise<void> {
    const { store } = this.#source;
    for (;;) {
      signal?.throwIfAborted();
      const segment = await store.get(this.#key, this.#next).catch(() => undefined);
      if (!segment) break;
      if (segment.to > number || (await this.#hashOf(segment.to)) !== segment.hash) {
        await store.drop(this.#key, this.#next);
        break;
      }
      await this.#settle(segment);
      report(segment.to, this.#settled.length);
    }
    this.#isCacheRead = true;
  }

  /** Begins anew if the last settled block is no longer part of the chain. */
  async #dropReorganised(): Promise<void> {
    if (this.#checked === "" || (await this.#hashOf(this.#next - 1)) === this.#checked) return;
    await this.#source.store.drop(this.#key, this.#source.from);
    this.#settled.length = 0;
    this.#next = this.#source.from;
    this.#checked = "";
  }

  /** Puts a segment into the cache; one that is full or gone only costs time on the next visit. */
  async #keep(segment: Segment): Promise<void> {
    await this.#source.store.put(this.#key, segment).catch(() => undefined);
  }

  async #settle({ to, hash, logs }: Segment): Promise<void> {
    await this.#decodeInto(this.#settled, logs);
    this.#next = to + 1;
    this.#checked = hash;
  }

  async #decodeInto(events: DecodedEvent[], logs: readonly Log[]): Promise<void> {
    await inSlices(logs, (log) => {
      const event = this.#decode(log);
      if (event) events.push(event);
    });
  }

  /** Hash of a block; empty if the chain does not have it. */
  async #hashOf(block: number): Promise<string> {
    const answer: unknown = await this.#source.provider.send("eth_getBlockByNumber", [
      hex(block),
      false,
    ]);
    return (answer as { readonly hash?: string } | null)?.hash ?? "";
  }
}

function range(from: number, to: number, signal: AbortSignal | undefined) {
  return signal === undefined ? { from, to } : { from, to, signal };
}

function hex(block: number): string {
  return `0x${block.toString(16)}`;
}
