/** The cache of logs: segments of consecutive blocks, by scope. */
import type { Log } from "./logs.js";

/** Logs of consecutive blocks, and the hash of the last of them, which tells whether they are still part of the chain. */
export interface Segment {
  readonly from: number;
  readonly to: number;
  readonly hash: string;
  readonly logs: readonly Log[];
}

/** Where segments are kept. */
export interface SegmentStore {
  /** The segment of a scope that begins at a block. */
  get(scope: string, from: number): Promise<Segment | undefined>;
  put(scope: string, segment: Segment): Promise<void>;
  /** Forgets the segments of a scope that begin at a block or later. */
  drop(scope: string, from: number): Promise<void>;
}

/** Keeps segments as long as the page is open. */
export class MemoryStore implements SegmentStore {
  readonly #segments = new Map<string, Map<number, Segment>>();

  get(scope: string, from: number): Promise<Segment | undefined> {
    return Promise.resolve(this.#segments.get(scope)?.get(from));
  }

  put(scope: string, segment: Segment): Promise<void> {
    const segments = this.#segments.get(scope) ?? new Map<number, Segment>();
    segments.set(segment.from, segment);
    this.#segments.set(scope, segments);
    return Promise.resolve();
  }

  drop(scope: string, from: number): Promise<void> {
    const segments = this.#segments.get(scope);
    for (const start of segments?.keys() ?? []) if (start >= from) segments?.delete(start);
    return Promise.resolve();
  }
}
