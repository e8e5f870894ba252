import { dataLength } from "ethers";

import {
  recoverSigner,
  type SignedStatement,
  type StatementDomain,
} from "../statements/statement.js";

/** Upper bounds of the gas that settling takes, by what a batch consists of. */
export interface GasModel {
  /** A transaction, whatever is in it. */
  readonly perBatch: bigint;
  /** A statement with a signature of an externally owned account. */
  readonly perStatement: bigint;
  /** A line that settles for the first time, with a reservation. */
  readonly perLine: bigint;
  /** A provider in a statement that nothing was settled for before, and whose last epoch the pool has to book. */
  readonly perProvider: bigint;
  /** A resource in a batch, whose price is stored by the first use in an epoch. One that idled for long can take more. */
  readonly perResource: bigint;
  /** What a contract wallet may use to check its signature. */
  readonly perWallet: bigint;
}

/** Bounds measured on the contracts of this repository; a test holds them against real settlements. */
export const GAS_MODEL: GasModel = {
  perBatch: 230_000n,
  perStatement: 75_000n,
  perLine: 34_000n,
  perProvider: 65_000n,
  perResource: 45_000n,
  perWallet: 300_000n,
};

/** Gas to plan a batch for: below what one transaction may use (EIP-7825, 16,777,216). */
export const BATCH_GAS = 16_000_000n;

const ECDSA_LENGTH = 65;

/**
 * Upper bound of the gas for settling these statements in one transaction.
 *
 * With the domain given, a signature counts as that of an externally owned account if it recovers to the signer, and as
 * that of a contract wallet otherwise. Without it, every signature of 65 bytes counts as the former.
 */
export function estimateGas(
  statements: readonly SignedStatement[],
  model: GasModel = GAS_MODEL,
  domain?: StatementDomain,
): bigint {
  const resources = new Set(statements.flatMap(resourcesOf));
  return statements.reduce(
    (sum, signed) => sum + gasOf(signed, model, domain),
    model.perBatch + BigInt(resources.size) * model.perResource,
  );
}

/**
 * Cuts statements into batches that each stay below `budget` gas, keeping their order; see {@link estimateGas} for what
 * the domain is for.
 *
 * @throws if one statement alone takes more.
 */
export function planBatches(
  statements: readonly SignedStatement[],
  budget: bigint = BATCH_GAS,
  model: GasModel = GAS_MODEL,
  domain?: StatementDomain,
): SignedStatement[][] {
  const batches: SignedStatement[][] = [];
  let gas = 0n;
  let resources = new Set<bigint>();
  for (const signed of statements) {
    const own = gasOf(signed, model, domain);
    const alone = estimateGas([signed], model, domain);
    if (alone > budget)
      throw new Error(
        `A statement of ${signed.statement.lines.length} lines may take ${alone} gas, and a batch has ${budget}.`,
      );
    const together = new Set([...resources, ...resourcesOf(signed)]);
    const sum = gas + own + BigInt(together.size - resources.size) * model.perResource;
    const batch = batches.at(-1);
    if (batch && sum <= budget) {
      batch.push(signed);
      [gas, resources] = [sum, together];
    } else {
      batches.push([signed]);
      [gas, resources] = [alone, new Set(resourcesOf(signed))];
    }
  }
  return batches;
}

function resourcesOf({ statement }: SignedStatement): bigint[] {
  return statement.lines.map(({ resource }) => resource);
}

function gasOf(
  signed: SignedStatement,
  model: GasModel,
  domain: StatementDomain | undefined,
): bigint {
  const { lines } = signed.statement;
  const providers = new Set(lines.map(({ provider }) => provider)).size;
  return (
    model.perStatement +
    BigInt(lines.length) * model.perLine +
    BigInt(providers) * model.perProvider +
    (isWallet(signed, domain) ? model.perWallet : 0n)
  );
}

/** Whether the signature is that of a contract wallet; without the domain, by its length. */
export function isWallet(
  { signature, signer, statement }: SignedStatement,
  domain?: StatementDomain,
): boolean {
  if (dataLength(signature) !== ECDSA_LENGTH) return true;
  if (!domain) return false;
  try {
    return recoverSigner(domain, statement, signature).toLowerCase() !== signer.toLowerCase();
  } catch {
    return true;
  }
}
