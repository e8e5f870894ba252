import { dataLength } from "ethers";

import {
  recoverSigner,
  type SignedStatement,
  type StatementDomain,
} from "../statements/statement.js";

/** Upper bounds of the gas that settling needs, by what a batch consists of. */
export interface GasModel {
  /**
   * A transaction, whatever is in it: also the end of the pool's epoch, and what must be left for the last booking (562,500),
   * most of which is not used.
   */
  readonly perBatch: bigint;
  /** A statement with a signature of an externally owned account. */
  readonly perStatement: bigint;
  /** A line that settles for the first time, in a word of its own. */
  readonly perLine: bigint;
  /** A provider in a statement, with a reservation. */
  readonly perProvider: bigint;
  /** A provider in a batch, whose last epoch is booked for the first time by the first use in the next one. */
  readonly perBooking: bigint;
  /** A resource in a batch, whose price is stored by the first use in an epoch. One that idled for long can take more. */
  readonly perResource: bigint;
  /** What a contract wallet may use to check its signature. */
  readonly perWallet: bigint;
}

/**
 * Bounds measured on the contracts of this repository; a test settles with no more. Measured were 278,000 for a batch and 374,000
 * to 634,000 that must be left besides, 44,000 for a statement under a project (34,000 more for its first), 29,500 for a
 * line, 6,800 for a provider in a statement, 105,500 for one in a batch and 63,000 for a resource.
 */
export const GAS_MODEL: GasModel = {
  perBatch: 810_000n,
  perStatement: 80_000n,
  perLine: 30_000n,
  perProvider: 7_000n,
  perBooking: 108_000n,
  perResource: 66_000n,
  perWallet: 300_000n,
};

/** Gas to plan a batch for: below what one transaction may use (EIP-7825, 16,777,216). */
export const BATCH_GAS = 16_000_000n;

const ECDSA_LENGTH = 65;

/**
 * Upper bound of the gas for settling these statements in one transaction: a gas limit that suffices.
 *
 * With the domain given, a signature counts as that of an externally owned account if it recovers to the signer, and as
 * that of a contract wallet otherwise. Without it, every signature of 65 bytes counts as the former.
 */
export function estimateGas(
  statements: readonly SignedStatement[],
  model: GasModel = GAS_MODEL,
  domain?: StatementDomain,
): bigint {
  return statements.reduce(
    (sum, signed) => sum + gasOf(signed, model, domain),
    gasOfBatch(namesOf(statements), model),
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
  let names = new Set<bigint | string>();
  for (const signed of statements) {
    const own = gasOf(signed, model, domain);
    const alone = estimateGas([signed], model, domain);
    if (alone > budget)
      throw new Error(
        `A statement of ${signed.statement.lines.length} lines may take ${alone} gas, and a batch has ${budget}.`,
      );
    const added = namesOf([signed]);
    const together = new Set([...names, ...added]);
    const sum = gas + own + gasOfBatch(together, model) - gasOfBatch(names, model);
    const batch = batches.at(-1);
    if (batch && sum <= budget) {
      batch.push(signed);
      [gas, names] = [sum, together];
    } else {
      batches.push([signed]);
      [gas, names] = [alone, added];
    }
  }
  return batches;
}

/** The resources and providers of statements, which a batch pays for once. */
export function namesOf(statements: readonly SignedStatement[]): Set<bigint | string> {
  const lines = statements.flatMap(({ statement }) => statement.lines);
  return new Set(lines.flatMap(({ resource, provider }) => [resource, provider.toLowerCase()]));
}

/** Gas of a batch before its statements, with these resources and providers in it. */
export function gasOfBatch(names: ReadonlySet<bigint | string>, model: GasModel): bigint {
  let gas = model.perBatch;
  for (const name of names) gas += typeof name === "bigint" ? model.perResource : model.perBooking;
  return gas;
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
