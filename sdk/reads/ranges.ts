/** Reads a range of blocks in parts that a node answers. */

/** Blocks of the first request, and the most of any. */
export const MOST_BLOCKS = 10_000;

export interface RangeOptions {
  /** Blocks of the first request, and the most of any; {@link MOST_BLOCKS} if left out. */
  readonly chunk?: number;
  /** Refusals in a row that are repeated, besides those that halve the range. */
  readonly retries: number;
  /** Leaves the node alone for some milliseconds. */
  readonly wait: (milliseconds: number) => Promise<void>;
}

/** A node refuses a range, however short. The cause is its last error. */
export class BlockRangeError extends Error {
  override readonly name = "BlockRangeError";
  readonly first: number;
  readonly last: number;

  constructor(first: number, last: number, cause: unknown) {
    super(`The node gives no events of blocks ${first} to ${last}`, { cause });
    this.first = first;
    this.last = last;
  }
}

/**
 * Everything in the blocks from `first` to `last`, in order. Nodes limit the blocks or the events of a request, or the
 * number of requests, each in its own way. After a refusal the range is halved and the node left alone for a moment. After an
 * answer the range doubles again.
 *
 * @throws {BlockRangeError} if the node refuses even single blocks.
 */
export async function readRanges<T>(
  first: number,
  last: number,
  read: (first: number, last: number) => Promise<readonly T[]>,
  { chunk = MOST_BLOCKS, retries, wait }: RangeOptions,
): Promise<T[]> {
  const all: T[] = [];
  let size = Math.max(1, chunk);
  let refusals = 0;
  for (let from = first; from <= last;) {
    const to = Math.min(last, from + size - 1);
    try {
      for (const item of await read(from, to)) all.push(item);
      from = to + 1;
      size = Math.min(Math.max(1, chunk), size * 2);
      refusals = 0;
    } catch (error) {
      refusals += 1;
      if (refusals > retries + Math.log2(Math.max(1, chunk)))
        throw new BlockRangeError(from, to, error);
      size = Math.max(1, Math.floor(size / 2));
      await wait(Math.min(50 * 2 ** refusals, 5_000));
    }
  }
  return all;
}
