/** A refusal of the contracts, by the name of their error. */
export class Refusal extends Error {}

/** @throws if the contracts would refuse. */
export function refuseUnless(condition: boolean, error: string): void {
  if (!condition) throw new Refusal(error);
}

/** The calendar that all contracts share. */
export class Calendar {
  now: bigint;

  constructor(
    readonly genesis: bigint,
    readonly duration: bigint,
    now: bigint,
  ) {
    this.now = now;
  }

  get epoch(): bigint {
    return (this.now - this.genesis) / this.duration;
  }

  /** First second of an epoch. */
  beginOf(epoch: bigint): bigint {
    return this.genesis + epoch * this.duration;
  }
}
