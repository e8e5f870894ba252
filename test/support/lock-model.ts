import { Refusal } from "./calendar-model.js";

export const WEEK = 604_800n;
export const LONGEST = 104n * WEEK;

const MIN_AMOUNT = 10n ** 18n;
const NOBODY = `0x${"0".repeat(40)}`;

/** State of a lock from one second until, not including, another. */
interface Stretch {
  readonly owner: string;
  readonly amount: bigint;
  readonly end: bigint;
  readonly delegatee: string;
  readonly from: bigint;
  until?: bigint; // it is so still without it
}

/** @throws if the contract would refuse. */
function require(condition: boolean, error: string): void {
  if (!condition) throw new Refusal(error);
}

/**
 * IGovernanceLock, the slow way. It keeps every former state of every lock with its time, and sums
 * over the locks of a second on each read. A read of a second sees everything done in it.
 */
export class LockModel {
  now: bigint;
  private readonly history: Stretch[] = [];
  private readonly current = new Map<string, Stretch>();
  private readonly chosen = new Map<string, string>();

  constructor(now: bigint) {
    this.now = now;
  }

  /** First and last end that a lock can have if it begins now. */
  endRange(): { earliest: bigint; latest: bigint } {
    let earliest = this.now + WEEK;
    if (earliest % WEEK !== 0n) earliest += WEEK - (earliest % WEEK);
    const latest = this.now + LONGEST;
    return { earliest, latest: latest - (latest % WEEK) };
  }

  lock(owner: string, amount: bigint, end: bigint): void {
    require(amount >= MIN_AMOUNT, "GovernanceLockTooSmall");
    require(!this.current.has(owner), "GovernanceLockExists");
    this.requireEnd(end);
    this.begin({ owner, amount, end });
  }

  increase(owner: string, amount: bigint): void {
    require(amount !== 0n, "GovernanceLockZeroAmount");
    const lock = this.requireRunning(owner);
    this.begin({ owner, amount: lock.amount + amount, end: lock.end });
  }

  extend(owner: string, end: bigint): void {
    const lock = this.requireRunning(owner);
    this.requireEnd(end);
    require(end > lock.end, "GovernanceLockInvalidEnd");
    this.begin({ owner, amount: lock.amount, end });
  }

  /** @returns the amount paid. */
  withdraw(owner: string): bigint {
    const lock = this.current.get(owner);
    if (!lock) throw new Refusal("GovernanceLockNotRunning");
    require(this.now >= lock.end, "GovernanceLockNotWithdrawable");
    this.finish(owner);
    return lock.amount;
  }

  delegate(owner: string, delegatee: string): void {
    require(delegatee !== NOBODY, "GovernanceLockInvalidDelegatee");
    this.chosen.set(owner, delegatee);
    const lock = this.current.get(owner);
    if (lock) this.begin({ owner, amount: lock.amount, end: lock.end });
  }

  delegateOf(owner: string): string {
    return this.chosen.get(owner) ?? owner;
  }

  lockOf(owner: string): { amount: bigint; end: bigint } {
    const { amount, end } = this.current.get(owner) ?? { amount: 0n, end: 0n };
    return { amount, end };
  }

  /** Power of an account's own lock now. */
  powerOf(owner: string): bigint {
    const lock = this.current.get(owner);
    return power(lock ? [lock] : [], this.now);
  }

  /** Balance that the contract holds for its accounts, ended locks included. */
  held(): bigint {
    return sum([...this.current.values()].map(({ amount }) => amount));
  }

  /** Whether a lock ever ended, or was to end, at a time. */
  isEnd(time: bigint): boolean {
    return this.history.some(({ end }) => end === time);
  }

  votesAt(account: string, time: bigint): bigint {
    return power(
      this.locksAt(time).filter(({ delegatee }) => delegatee === account),
      time,
    );
  }

  totalAt(time: bigint): bigint {
    return power(this.locksAt(time), time);
  }

  lockedAt(time: bigint): bigint {
    return sum(running(this.locksAt(time), time).map(({ amount }) => amount));
  }

  private locksAt(time: bigint): Stretch[] {
    return this.history.filter(
      ({ from, until }) => from <= time && (until === undefined || time < until),
    );
  }

  private begin(lock: { owner: string; amount: bigint; end: bigint }): void {
    this.finish(lock.owner);
    const stretch = { ...lock, delegatee: this.delegateOf(lock.owner), from: this.now };
    this.history.push(stretch);
    this.current.set(lock.owner, stretch);
  }

  private finish(owner: string): void {
    const lock = this.current.get(owner);
    if (lock) lock.until = this.now;
    this.current.delete(owner);
  }

  private requireRunning(owner: string): Stretch {
    const lock = this.current.get(owner);
    if (!lock || lock.end <= this.now) throw new Refusal("GovernanceLockNotRunning");
    return lock;
  }

  private requireEnd(end: bigint): void {
    const { earliest, latest } = this.endRange();
    const isWeek = end % WEEK === 0n;
    require(isWeek && end >= earliest && end <= latest, "GovernanceLockInvalidEnd");
  }
}

function running(locks: readonly Stretch[], time: bigint): readonly Stretch[] {
  return locks.filter(({ end }) => time < end);
}

/** Amount times time left over 104 weeks of all together, rounded down once. */
function power(locks: readonly Stretch[], time: bigint): bigint {
  return sum(running(locks, time).map(({ amount, end }) => amount * (end - time))) / LONGEST;
}

function sum(values: readonly bigint[]): bigint {
  return values.reduce((total, value) => total + value, 0n);
}
