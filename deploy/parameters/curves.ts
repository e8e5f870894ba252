/** Release curves as the parameter file writes them, and the stages that the vault stores. */

/** One stage of a curve, as the vault takes it. */
export interface Stage {
  offset: bigint;
  share: bigint;
  linear: boolean;
}

/** A share at the start, then equal steps in equal distances; the last one completes it. */
export interface Steps {
  atStart: bigint;
  every: bigint;
  count: bigint;
}

/** A share at the cliff, then a straight line to the end. */
export interface CliffThenLine {
  cliff: bigint;
  cliffShare: bigint;
  end: bigint;
}

/** 100% in parts per billion. */
export const WHOLE = 1_000_000_000n;

/** Most stages that the vault stores for one curve. */
export const MAX_STAGES = 96;

/** Reads `"10%"`, `"12.5%"` or `"1/3"` as parts per billion, rounded down; undefined if it is none of these. */
export function parseShare(text: string): bigint | undefined {
  const percent = /^(\d{1,3})(?:\.(\d{1,7}))?%$/.exec(text);
  const fraction = /^(\d{1,9})\/(\d{1,9})$/.exec(text);

  let share: bigint | undefined;
  if (percent) share = BigInt(`${percent[1] ?? ""}${(percent[2] ?? "").padEnd(7, "0")}`);
  else if (fraction) {
    const divisor = BigInt(fraction[2] ?? 0);
    if (divisor !== 0n) share = (WHOLE * BigInt(fraction[1] ?? 0)) / divisor;
  }
  return share === undefined || share > WHOLE ? undefined : share;
}

/** Stages of equal steps; each share rounds down, the last is exactly 100%. */
export function expandSteps({ atStart, every, count }: Steps): Stage[] {
  const stages: Stage[] = [];
  if (atStart > 0n) stages.push({ offset: 0n, share: atStart, linear: false });
  for (let i = 1n; i <= count; i++) {
    const share = atStart + ((WHOLE - atStart) * i) / count;
    stages.push({ offset: every * i, share, linear: false });
  }
  return stages;
}

/** Stages of a cliff and a line. */
export function expandCliff({ cliff, cliffShare, end }: CliffThenLine): Stage[] {
  return [
    { offset: cliff, share: cliffShare, linear: false },
    { offset: end, share: WHOLE, linear: true },
  ];
}

/** Why the vault would refuse these stages; undefined if it takes them. */
export function findCurveFault(stages: readonly Stage[]): string | undefined {
  if (stages.length === 0) return "has no stage";
  if (stages.length > MAX_STAGES) return `has ${stages.length} stages; ${MAX_STAGES} are allowed`;

  let offset = 0n;
  let share = 0n;
  for (const [index, stage] of stages.entries()) {
    const isOrdered = stage.offset > offset || (index === 0 && !stage.linear);
    if (!isOrdered) return `has a stage ${index} that does not come after the one before`;
    if (stage.share < share) return `has a stage ${index} whose share is less than the one before`;
    if (stage.offset >= 2n ** 40n) return `has a stage ${index} that is too far away`;
    offset = stage.offset;
    share = stage.share;
  }
  if (share !== WHOLE) return `ends at ${share.toString()} parts per billion instead of 100%`;
  return undefined;
}
