import { dataLength } from "ethers";

import {
  recoverSigner,
  type SignedStatement,
  type StatementDomain,
} from "../statements/statement.js";

/** Gas of settling, by the parts of a batch: {@link GAS_MODEL} has the expected use, {@link GAS_BOUND} a bound. */
export interface GasModel {
  /** A transaction without its parts; in a bound also the gas that must be left for the last booking (562,500). */
  readonly perBatch: bigint;
  /** A statement with a signature of an externally owned account. */
  readonly perStatement: bigint;
  /** A line; in a bound one that settles for the first time, in a word of its own. */
  readonly perLine: bigint;
  /** A provider in a statement; in a bound with a reservation. */
  readonly perProvider: bigint;
  /** A provider in a batch; in a bound the first booking of its last epoch. */
  readonly perBooking: bigint;
  /** A resource in a batch; in a bound its first use in an epoch, which stores its price. */
  readonly perResource: bigint;
  /** A contract wallet that checks its signature. */
  readonly perWallet: bigint;
}

/**
 * Expected gas, for costs. A test holds it within 15% of measured gas for lines that have settled before, of keys with and
 * without limits on project and organisation. New lines and the first settlement of an epoch take more.
 */
export const GAS_MODEL: GasModel = {
  perBatch: 51_200n,
  perStatement: 28_200n,
  perLine: 7_800n,
  perProvider: 4_000n,
  perBooking: 5_000n,
  perResource: 4_600n,
  perWallet: 8_000n,
};

/**
 * Upper bounds, for gas limits and batches; a test settles with no more. Measured for a batch were 278,000, and 374,000 to
 * 634,000 that must be left besides. A statement under a project took 44,000, and 34,000 more for its first. A line took
 * 29,500, a provider 6,800 in a statement and 105,500 in a batch, a resource 63,000. A resource that idled for long can
 * take more.
 */
export const GAS_BOUND: GasModel = {
  perBatch: 810_000n,
  perStatement: 80_000n,
  perLine: 30_000n,
  perProvider: 7_000n,
  perBooking: 108_000n,
  perResource: 66_000n,
  perWallet: 300_000n,
};

/** Gas to plan a batch for: below the limit of one transaction (EIP-7825, 16,777,216). */
export const BATCH_GAS = 16_000_000n;

const ECDSA_LENGTH = 65;

/**
 * Gas of settling these statements in one transaction: the expected use, or with {@link GAS_BOUND} a gas limit that suffices.
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
 * Cuts statements into batches that each stay below `budget` gas, keeping their order; see {@link estimateGas} about
 * the domain.
 *
 * @throws if one statement alone takes more.
 */
export function planBatches(
  statements: readonly SignedStatement[],
  budget: bigint = BATCH_GAS,
  model: GasModel = GAS_BOUND,
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
