/** Blocks asked for at once. */
const LOG_RANGE = 10_000;

/** Everything that is read of the blocks from `first` to `latest`, as many at once as every provider answers for. */
export async function inPortions<T>(
  first: number,
  latest: number,
  read: (first: number, last: number) => Promise<readonly T[]>,
): Promise<T[]> {
  const all: T[] = [];
  for (let from = first; from <= latest; from += LOG_RANGE)
    all.push(...(await read(from, Math.min(from + LOG_RANGE - 1, latest))));
  return all;
}
