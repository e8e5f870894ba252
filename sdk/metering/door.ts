import { dataLength, getAddress, isHexString } from "ethers";

import {
  buildStatement,
  hashStatement,
  MAX_TOTAL,
  recoverSigner,
  type SignedStatement,
  type StatementDomain,
} from "../statements/statement.js";
import type { Use } from "../statements/use.js";
import { requireEpochOfName } from "./call-name.js";
import { MeterError } from "./meter-error.js";
import type { LineSelection, LineTotal } from "./store.js";

const MAX_NAME = 256;
const LONGEST_LEASE = 2 ** 31; // milliseconds
const MAX_SIGNATURE = 8_192; // bytes
const ECDSA_LENGTH = 65;
const KNOWN_ADDRESSES = 100_000;
const known = new Map<string, string>();

/** The address in checksum form. Its checksum is computed once, since every call of a gateway names the same few. */
export function readAddress(value: string, what: string): string {
  const found = known.get(value);
  if (found !== undefined) return found;
  let address: string;
  try {
    address = getAddress(value);
  } catch {
    throw new MeterError(`"${value}" is not an address, so it cannot be ${what}.`);
  }
  if (known.size >= KNOWN_ADDRESSES) known.clear();
  known.set(value, address);
  return address;
}

/** @throws {MeterError} if the value does not fit an unsigned integer of so many bits. */
export function readUint(value: bigint, bits: number, what: string): bigint {
  if (typeof value !== "bigint" || value < 0n || value >= 1n << BigInt(bits))
    throw new MeterError(`${value} does not fit ${bits} bits, so it cannot be ${what}.`);
  return value;
}

/** @throws {MeterError} if an epoch is none, or later than `latest`. */
export function readBegun(epoch: bigint, latest: bigint | undefined): bigint {
  readUint(epoch, 32, "an epoch");
  if (latest !== undefined && epoch > latest)
    throw new MeterError(
      `Epoch ${epoch} has not begun: the latest epoch by this machine's clock is ${latest}.`,
      "ahead",
    );
  return epoch;
}

/** Uses by ascending resource, each once, without those of nothing. */
export function readUses(uses: readonly Use[]): Use[] {
  const units = new Map<bigint, bigint>();
  for (const use of uses) {
    readUint(use.resource, 32, "a resource");
    readUint(use.units, 128, "the units of a call");
    if (use.units > 0n) units.set(use.resource, (units.get(use.resource) ?? 0n) + use.units);
  }
  for (const [resource, sum] of units)
    if (sum > MAX_TOTAL)
      throw new MeterError(`${sum} units of resource ${resource} are more than a statement holds.`);
  return [...units]
    .map(([resource, sum]) => ({ resource, units: sum }))
    .sort((left, right) => Number(left.resource - right.resource));
}

/** @throws {MeterError} if the name of a call is none, or cannot be stored. */
export function readName(name: string): string {
  if (typeof name !== "string" || name.length === 0 || name.length > MAX_NAME)
    throw new MeterError(`The name of a call has 1 to ${MAX_NAME} characters.`);
  if (!isStorable(name))
    throw new MeterError("The name of a call has characters that cannot be stored.");
  return name;
}

/** @throws {MeterError} if the hash of a request is no text, or cannot be stored. */
export function readRequest(request: string): string {
  if (typeof request !== "string" || !isStorable(request))
    throw new MeterError("The hash of a request is text without characters that cannot be stored.");
  return request;
}

/** @throws {MeterError} if a lease is no time in milliseconds. */
export function requireLease(lease: number): void {
  if (!(typeof lease === "number" && lease >= 0 && lease <= LONGEST_LEASE))
    throw new MeterError(`A lease has 0 to ${LONGEST_LEASE} ms, and this one has ${lease}.`);
}

/** @throws {MeterError} if an answer is no text. */
export function requireAnswer(answer: string | undefined): void {
  if (answer !== undefined && typeof answer !== "string")
    throw new MeterError("The answer to a call is text.");
}

/** Parts of a call that {@link readCall} checks. */
export interface CheckedCall {
  readonly name: string;
  readonly account: string;
  readonly signer: string;
  readonly provider: string;
  readonly epoch: bigint;
  readonly uses: Use[];
}

/** A call in its canonical form. `latest` is the latest epoch that a call may have. */
export function readCall(
  call: {
    readonly name: string;
    readonly account: string;
    readonly signer?: string;
    readonly provider: string;
    readonly epoch: bigint;
    readonly uses: readonly Use[];
  },
  latest: bigint | undefined,
): CheckedCall {
  const { epoch } = call;
  const name = readName(call.name);
  readUint(epoch, 32, "an epoch");
  requireEpochOfName(name, epoch);
  if (latest !== undefined && epoch > latest)
    throw new MeterError(
      `Call "${name}" is of epoch ${epoch}, and the latest epoch by this machine's clock is ${latest}.`,
      "ahead",
    );
  const account = readAddress(call.account, "the account");
  return {
    name,
    account,
    signer: call.signer === undefined ? account : readAddress(call.signer, "the signer"),
    provider: readAddress(call.provider, "a provider"),
    epoch,
    uses: readUses(call.uses),
  };
}

/** Text that stands for the use of a call, to tell two calls of one name apart. */
export function contentOf({ account, provider, uses }: CheckedCall): string {
  const parts = uses.map(({ resource, units }) => `${resource}:${units}`);
  return [account, provider, ...parts].join(" ");
}

/** A selection with addresses in checksum form. */
export function readSelection({ account, provider, resource }: LineSelection): LineSelection {
  return {
    account: readAddress(account, "the account"),
    ...(provider !== undefined && { provider: readAddress(provider, "a provider") }),
    ...(resource !== undefined && { resource: readUint(resource, 32, "a resource") }),
  };
}

/** A total with addresses in checksum form. */
export function readTotal({ account, provider, resource, total }: LineTotal): LineTotal {
  return {
    account: readAddress(account, "the account"),
    provider: readAddress(provider, "a provider"),
    resource: readUint(resource, 32, "a resource"),
    total: readUint(total, 128, "the units of a line"),
  };
}

/** @throws {MeterError} if a name was used for another request. */
export function requireSame(
  known: { readonly name: string; readonly request: string },
  request: string,
): void {
  if (known.request !== request)
    throw new MeterError(`The name "${known.name}" was used for another request before.`, "reused");
}

/**
 * A statement that was handed in, in canonical form with its hash.
 *
 * @throws {MeterError} `unfit` if anything of it would stop a transaction, or the signature is not the signer's.
 */
export function readSigned(
  { statement, signer, signature }: SignedStatement,
  domain: StatementDomain,
  isWallet: boolean,
): { id: string; signed: SignedStatement } {
  const refuse = (why: string, cause?: unknown) =>
    new MeterError(`The statement cannot be taken: ${why}`, "unfit", { cause });
  if (!isHexString(signature) || signature.length % 2 === 1)
    throw refuse("its signature is not a string of bytes.");
  if (dataLength(signature) > MAX_SIGNATURE)
    throw refuse(
      `its signature has ${dataLength(signature)} bytes, and ${MAX_SIGNATURE} are read.`,
    );
  let plain: SignedStatement;
  try {
    plain = { statement: buildStatement(statement), signer: getAddress(signer), signature };
  } catch (error) {
    throw refuse((error as Error).message, error);
  }
  const id = hashStatement(domain, plain.statement);
  if (!isWallet && !isSignedByKey(plain, domain))
    throw refuse(`its signature is not that of ${plain.signer} for what it says.`);
  return { id, signed: plain };
}

/** Whether a key, and not a contract wallet, has signed a statement. */
export function isSignedByKey(
  { statement, signer, signature }: SignedStatement,
  domain: StatementDomain,
): boolean {
  if (dataLength(signature) !== ECDSA_LENGTH) return false;
  try {
    return recoverSigner(domain, statement, signature) === getAddress(signer);
  } catch {
    return false;
  }
}

/**
 * Latest epoch that a call may have by this machine's clock: the running one, and one more for clocks that differ. A node
 * that names a far epoch is not believed so.
 *
 * @param genesis first second of epoch 0.
 * @param duration seconds of an epoch.
 */
export function latestEpochBy(
  genesis: bigint,
  duration: bigint,
  now: () => number = Date.now,
): () => bigint {
  return () => (BigInt(Math.floor(now() / 1_000)) - genesis) / duration + 1n;
}

function isStorable(text: string): boolean {
  if (!/[\0\ud800-\udfff]/.test(text)) return true;
  return !text.includes("\0") && new TextDecoder().decode(new TextEncoder().encode(text)) === text;
}
