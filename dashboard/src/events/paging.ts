/** Reads logs in bounded ranges, whose length adapts to the node. */
import type { Log } from "./logs.js";

/** Blocks of the first range. */
const FIRST_SPAN = 5_000;

/** Blocks of the longest range; many public nodes answer no more at once. */
const LONGEST_SPAN = 50_000;

/** Logs of one answer beyond which ranges become shorter, so that no answer takes long to read. */
const MANY_LOGS = 4_000;

/** Logs of a range of blocks, both ends included. */
export interface Page {
  readonly from: number;
  readonly to: number;
  readonly logs: readonly Log[];
}

/** Reads the logs of a range. */
export type FetchLogs = (from: number, to: number) => Promise<readonly Log[]>;

/** A range of blocks, and the signal that ends its reading. */
export interface Range {
  readonly from: number;
  readonly to: number;
  readonly signal?: AbortSignal;
}

/**
 * Logs from one block to another, page by page in their order. A range that the node refuses is halved until it answers.
 *
 * @throws the node's error, if it refuses even a single block or cannot be reached.
 */
export async function* pageLogs(
  fetchLogs: FetchLogs,
  { from, to, signal }: Range,
): AsyncGenerator<Page> {
  let span = FIRST_SPAN;
  for (let next = from; next <= to;) {
    signal?.throwIfAborted();
    const last = Math.min(next + span - 1, to);
    let logs: readonly Log[];
    try {
      logs = await fetchLogs(next, last);
    } catch (error) {
      if (last === next || isUnreachable(error)) throw error;
      span = Math.ceil((last - next + 1) / 2);
      continue;
    }
    yield { from: next, to: last, logs };
    next = last + 1;
    if (logs.length > MANY_LOGS) span = Math.max(1, Math.floor(span / 2));
    else if (logs.length < MANY_LOGS / 4) span = Math.min(span * 2, LONGEST_SPAN);
  }
}

/** Whether a request did not reach the node, so that a shorter range would not help. */
function isUnreachable(error: unknown): boolean {
  if (typeof error !== "object" || error === null) return false;
  const { name, code } = error as { readonly name?: unknown; readonly code?: unknown };
  return (name === "TypeError" && code === undefined) || code === "NETWORK_ERROR";
}
