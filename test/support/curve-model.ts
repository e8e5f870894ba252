/** A stage of a release curve, as the vault takes it. */
export interface Stage {
  offset: bigint;
  share: bigint;
  linear: boolean;
}

const WHOLE = 1_000_000_000n;

/** Vested part of `total`, stage by stage from the first: no search, no packing. */
export function vestedOf(stages: readonly Stage[], total: bigint, elapsed: bigint): bigint {
  let from = { offset: 0n, share: 0n };
  for (const stage of stages) {
    if (elapsed < stage.offset) {
      if (!stage.linear) return (total * from.share) / WHOLE;
      // share = from + rise × passed ÷ length, kept as one fraction of whole numbers until the end
      const length = stage.offset - from.offset;
      const numerator = from.share * length + (stage.share - from.share) * (elapsed - from.offset);
      return (total * numerator) / (length * WHOLE);
    }
    from = stage;
  }
  return total;
}

/**
 * Earliest time at or after `elapsed` from which the exact share is greater than it is at `elapsed`,
 * undefined if it never is. `elapsed` is undefined before the start.
 */
export function growthAfter(stages: readonly Stage[], elapsed?: bigint): bigint | undefined {
  let from = { offset: 0n, share: 0n };
  for (const stage of stages) {
    const isPast = elapsed !== undefined && stage.offset <= elapsed;
    if (!isPast && stage.share > from.share) {
      if (!stage.linear) return stage.offset;
      return elapsed !== undefined && elapsed > from.offset ? elapsed : from.offset;
    }
    from = stage;
  }
  return undefined;
}

/** Every offset of the curve, its neighbours, and the middle of each stage. */
export function timeGrid(stages: readonly Stage[]): bigint[] {
  const grid = new Set<bigint>([0n, 1n]);
  let previous = 0n;
  for (const { offset } of stages) {
    for (const time of [offset - 1n, offset, offset + 1n, (previous + offset) / 2n]) {
      if (time >= 0n) grid.add(time);
    }
    previous = offset;
  }
  grid.add(previous + 3_600n);
  return [...grid].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}
