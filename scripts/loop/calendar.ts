import type { TraceRow } from "./trace.js";

/** The local chain begins so long after epoch 0 that every release curve has begun to pay. */
export const DAYS_SINCE_GENESIS = 400n;

/** Epochs that every trace is stretched over. */
export const EPOCHS = 4;

/** Settlement periods in an epoch. */
export const PERIODS_PER_EPOCH = 3;

/** Settlement periods of a run. */
export const PERIODS = EPOCHS * PERIODS_PER_EPOCH;

/**
 * Maps the clock of the trace to the chain: the trace is stretched evenly over {@link EPOCHS} whole
 * epochs. The use of a period is signed in its last second, at the price of that epoch, and settled
 * when the next period begins. So the last period of an epoch settles in the next epoch, at the
 * earlier price.
 */
export interface Calendar {
  /** Period in which a call falls. */
  readonly periodOf: (row: TraceRow) => number;
  /** Epoch of a period, whose price applies to its use. */
  readonly epochOf: (period: number) => bigint;
  /** First second after a period. */
  readonly endOf: (period: number) => bigint;
}

/** When the periods of a run are, if its first epoch is `firstEpoch`. */
export function createCalendar(
  rows: readonly TraceRow[],
  clock: { readonly genesis: bigint; readonly epochDuration: bigint; readonly firstEpoch: bigint },
): Calendar {
  const first = rows[0]?.at ?? 0n;
  const length = (rows.at(-1)?.at ?? 0n) - first + 1n;
  const { genesis, epochDuration, firstEpoch } = clock;
  const start = genesis + firstEpoch * epochDuration;
  return {
    periodOf: ({ at }) => Number(((at - first) * BigInt(PERIODS)) / length),
    epochOf: (period) => firstEpoch + BigInt(Math.floor(period / PERIODS_PER_EPOCH)),
    endOf: (period) => start + (BigInt(period + 1) * epochDuration) / BigInt(PERIODS_PER_EPOCH),
  };
}
