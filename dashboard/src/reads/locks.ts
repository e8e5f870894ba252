/** Locks, their votes, and how these decay. */
import { WEEK } from "../../../sdk/index.js";
import type { DecodedEvent, Scope } from "../events/logs.js";
import type { Head } from "./chain.js";
import type { Suite } from "./suite.js";

/** Longest time that OPA can be locked, in seconds: an amount locked for so long gives as many votes. */
export const LONGEST_LOCK = 104n * WEEK;

/** A lock. Amounts are OPA wei. */
export interface LockView {
  readonly account: string;
  readonly amount: bigint;
  readonly end: bigint;
  /** Last second for which a vote or a proposal holds it; 0 if none does. */
  readonly heldUntil: bigint;
  readonly delegatee: string;
  /** Votes that the lock gives now, to whoever it is delegated to. */
  readonly votes: bigint;
}

/** All locks. */
export interface LocksView {
  readonly total: bigint;
  readonly locks: readonly LockView[];
  /** Votes of all at the beginning of each week to come, if nobody changes a lock. */
  readonly decay: readonly { readonly time: bigint; readonly votes: bigint }[];
}

/** Locks that are read at once. */
const BATCH = 200;

/** Events that tell who has a lock. */
export function lockScope({ lock, modules }: Suite): Scope {
  const address = modules.get("governance-lock") ?? "";
  return { name: "locks", sources: [{ address, contract: lock.interface, events: ["Locked"] }] };
}

/** Every lock that has not been withdrawn. */
export async function readLocks(
  { lock }: Suite,
  { number, time }: Head,
  events: readonly DecodedEvent[],
): Promise<LocksView> {
  const at = { blockTag: number };
  const accounts = [...new Set(events.map(({ args }) => String(args["account"])))];
  const total = lock.totalVotes(at);
  const locks: LockView[] = [];
  for (let i = 0; i < accounts.length; i += BATCH)
    locks.push(
      ...(await Promise.all(
        accounts.slice(i, i + BATCH).map(async (account): Promise<LockView> => {
          const [{ amount, end, heldUntil }, delegatee] = await Promise.all([
            lock.lockOf(account, at),
            lock.delegates(account, at),
          ]);
          const votes = votesAt({ amount, end }, time);
          return { account, amount, end, heldUntil, delegatee, votes };
        }),
      )),
    );
  const present = locks
    .filter(({ amount }) => amount > 0n)
    .sort((left, right) => (left.votes < right.votes ? 1 : left.votes > right.votes ? -1 : 0));
  return { total: await total, locks: present, decay: decayOf(present, time) };
}

/** Votes of a lock at a time, rounded down. */
export function votesAt({ amount, end }: Pick<LockView, "amount" | "end">, time: bigint): bigint {
  return end <= time ? 0n : (amount * (end - time)) / LONGEST_LOCK;
}

/** Votes of locks at the beginning of each week until the last of them has ended. */
export function decayOf(
  locks: readonly Pick<LockView, "amount" | "end">[],
  now: bigint,
): LocksView["decay"] {
  const last = locks.reduce((latest, { end }) => (end > latest ? end : latest), now);
  const times = [now];
  for (let time = (now / WEEK + 1n) * WEEK; time <= last; time += WEEK) times.push(time);
  return times.map((time) => ({
    time,
    votes:
      locks.reduce((sum, { amount, end }) => {
        return end > time ? sum + amount * (end - time) : sum;
      }, 0n) / LONGEST_LOCK,
  }));
}
