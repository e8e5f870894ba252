/** Gas limits of transactions, from estimates of the node. */
import { TRANSACTION_GAS } from "../../sdk/index.js";

/**
 * Gas that a later block can need beyond an estimate. A node estimates in the second of its latest block. There a change
 * can replace the checkpoint of that second; a second later it writes a new one, in up to three curves of the lock.
 */
const LATER_GAS = 100_000n;

/** Gas limit for an estimate: a fifth more, and {@link LATER_GAS}; at most the gas of any transaction. */
export function gasLimitOf(estimate: bigint): bigint {
  const limit = (estimate * 6n) / 5n + LATER_GAS;
  return limit > TRANSACTION_GAS && estimate <= TRANSACTION_GAS ? TRANSACTION_GAS : limit;
}
