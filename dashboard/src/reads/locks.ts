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
  /** Present votes of the lock, for its delegatee. */
  readonly votes: bigint;
}

/** All locks. */
export interface LocksView {
  readonly total: bigint;
  readonly locks: readonly LockView[];
  /** Votes of all at the beginning of each week to come, if nobody changes a lock. */
  readonly decay: readonly { readonly time: bigint; readonly votes: bigint }[];
}

/** Events that tell everything about locks. */
export function lockScope({ lock, modules }: Suite): Scope {
  const address = modules.get("governance-lock") ?? "";
  const events = [
    ...["Locked", "LockIncreased", "LockExtended", "LockWithdrawn", "LockHeld"],
    "DelegateChanged",
  ];
  return { name: "locks", sources: [{ address, contract: lock.interface, events }] };
}

/** Every lock that has not been withdrawn, the one with most votes first; only the sum of all votes is asked of the chain. */
export async function readLocks(
  { lock }: Suite,
  { number, time }: Head,
  events: readonly DecodedEvent[],
): Promise<LocksView> {
  const total = await lock.totalVotes({ blockTag: number });
  const locks = locksIn(events)
    .map((each): LockView => ({ ...each, votes: votesAt(each, time) }))
    .sort((left, right) => (left.votes < right.votes ? 1 : left.votes > right.votes ? -1 : 0));
  return { total, locks, decay: decayOf(locks, time) };
}

/** Locks that have not been withdrawn, as their events tell. */
export function locksIn(events: readonly DecodedEvent[]): Omit<LockView, "votes">[] {
  const locks = new Map<string, Omit<LockView, "votes">>();
  const delegatees = new Map<string, string>();
  for (const { name, args } of events) {
    if (name === "DelegateChanged") {
      delegatees.set(String(args["delegator"]), String(args["toDelegate"]));
      continue;
    }
    const account = String(args["account"]);
    const { amount = 0n, end = 0n, heldUntil = 0n } = locks.get(account) ?? {};
    const before = { account, amount, end, heldUntil, delegatee: account };
    if (name === "Locked")
      locks.set(account, {
        ...before,
        amount: args["amount"] as bigint,
        end: args["end"] as bigint,
      });
    else if (name === "LockIncreased")
      locks.set(account, { ...before, amount: args["total"] as bigint });
    else if (name === "LockExtended") locks.set(account, { ...before, end: args["end"] as bigint });
    else if (name === "LockHeld")
      locks.set(account, { ...before, heldUntil: args["until"] as bigint });
    else if (name === "LockWithdrawn") locks.delete(account);
  }
  return [...locks.values()].map((each) => ({
    ...each,
    delegatee: delegatees.get(each.account) ?? each.account,
  }));
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
