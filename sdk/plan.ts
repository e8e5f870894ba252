import { dataLength } from "ethers";

import type { SignedStatement } from "./statement.js";

/** Upper bounds of the gas that settling takes, by what a batch consists of. */
export interface GasModel {
  /** A transaction, whatever is in it. */
  readonly perBatch: bigint;
  /** A statement with a signature of an externally owned account. */
  readonly perStatement: bigint;
  /** A line that settles for the first time, with a reservation. */
  readonly perLine: bigint;
  /** A provider in a statement that nothing was settled for before. */
  readonly perProvider: bigint;
  /** What a contract wallet may use to check its signature. */
  readonly perWallet: bigint;
}

/** Bounds measured on the contracts of this repository; a test holds them against real settlements. */
export const GAS_MODEL: GasModel = {
  perBatch: 150_000n,
  perStatement: 60_000n,
  perLine: 34_000n,
  perProvider: 40_000n,
  perWallet: 300_000n,
};

/** Gas to plan a batch for: below what one transaction may use (EIP-7825, 16,777,216). */
export const BATCH_GAS = 16_000_000n;

const ECDSA_LENGTH = 65;

/**
 * Upper bound of the gas for settling these statements in one transaction.
 *
 * A signature of 65 bytes is taken for that of an externally owned account. Contract wallets may sign in 65 bytes too:
 * who plans for such wallets counts `perWallet` for each statement, by a model with it added to `perStatement`.
 */
export function estimateGas(
  statements: readonly SignedStatement[],
  model: GasModel = GAS_MODEL,
): bigint {
  return statements.reduce((sum, signed) => sum + gasOf(signed, model), model.perBatch);
}

/**
 * Cuts statements into batches that each stay below `budget` gas, keeping their order.
 *
 * @throws if one statement alone takes more.
 */
export function planBatches(
  statements: readonly SignedStatement[],
  budget: bigint = BATCH_GAS,
  model: GasModel = GAS_MODEL,
): SignedStatement[][] {
  const batches: SignedStatement[][] = [];
  let gas = 0n;
  for (const signed of statements) {
    const needed = gasOf(signed, model);
    if (model.perBatch + needed > budget)
      throw new Error(
        `A statement of ${signed.statement.lines.length} lines may take ${model.perBatch + needed} gas, ` +
          `and a batch has ${budget}.`,
      );
    const batch = batches.at(-1);
    if (batch && gas + needed <= budget) {
      batch.push(signed);
      gas += needed;
    } else {
      batches.push([signed]);
      gas = model.perBatch + needed;
    }
  }
  return batches;
}

function gasOf({ statement, signature }: SignedStatement, model: GasModel): bigint {
  const { lines } = statement;
  const providers = new Set(lines.map(({ provider }) => provider)).size;
  const wallet = dataLength(signature) === ECDSA_LENGTH ? 0n : model.perWallet;
  return (
    model.perStatement +
    BigInt(lines.length) * model.perLine +
    BigInt(providers) * model.perProvider +
    wallet
  );
}
