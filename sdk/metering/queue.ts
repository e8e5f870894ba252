import { stateOf, type AccountState, type StatementState } from "./account.js";
import type { StatementRecord } from "./store.js";

/** A statement as a store hands it out. `wait` has the milliseconds until it may be sent again, if it was set aside. */
export function viewStatement(
  state: AccountState,
  record: StatementState,
  wait: (until: number) => number,
): StatementRecord {
  const { id, order, signed, transaction, aside } = record;
  return {
    ...{ id, order, signed, transaction, state: stateOf(state, record) },
    aside: aside && { reason: aside.reason, times: aside.times, wait: wait(aside.until) },
  };
}

/** Whether a statement waits to be sent; with `all` also if it is set aside. */
export function isWaiting({ state, aside }: StatementRecord, all: boolean): boolean {
  return state !== "seen" && (all || !aside?.wait);
}

/** Statements of several accounts in the order to settle: the account with the oldest epoch first. */
export function inOrder(queues: Iterable<readonly StatementRecord[]>): StatementRecord[] {
  return [...queues]
    .map((queue) => ({ queue, epoch: earliest(queue) }))
    .sort((a, b) => Number(a.epoch - b.epoch))
    .flatMap(({ queue }) => queue);
}

function earliest(queue: readonly StatementRecord[]): bigint {
  return queue.reduce(
    (epoch, { signed }) =>
      signed.statement.priceEpoch < epoch ? signed.statement.priceEpoch : epoch,
    1n << 32n,
  );
}
