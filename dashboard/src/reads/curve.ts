/**
 * Vested part of a release curve at a time, as `ReleaseCurve` of the contracts computes it; a test
 * compares them.
 */

/** A stage of a curve: seconds after the start, share in parts per billion, and whether the share grows up to it. */
export interface Stage {
  readonly offset: bigint;
  readonly share: bigint;
  readonly linear: boolean;
}

/** The whole in parts per billion. */
const WHOLE = 1_000_000_000n;

/** Part of `total` that is vested `elapsed` seconds after the start, rounded down; nothing before the start. */
export function vestedOf(stages: readonly Stage[], total: bigint, elapsed: bigint): bigint {
  if (elapsed < 0n) return 0n;
  let reached: Pick<Stage, "offset" | "share"> = { offset: 0n, share: 0n };
  for (const next of stages) {
    if (next.offset > elapsed) {
      if (!next.linear) return (total * reached.share) / WHOLE;
      const length = next.offset - reached.offset;
      const rise = (next.share - reached.share) * (elapsed - reached.offset);
      return (total * (reached.share * length + rise)) / (WHOLE * length);
    }
    reached = next;
  }
  return total;
}

/** Seconds after the start at which everything has vested. */
export function lengthOf(stages: readonly Stage[]): bigint {
  return stages.at(-1)?.offset ?? 0n;
}
