import { getAddress, toBeHex } from "ethers";

import {
  compare,
  domainMaker,
  requireAddress,
  requireUint,
  type ContractDomain,
} from "./eip712.js";
import { typedMessage, type TypedDataSigner } from "./typed-message.js";

/** Use of one resource of one provider, as a running total. */
export interface Line {
  readonly provider: string;
  readonly resource: bigint;
  readonly cumulativeUnits: bigint;
}

/** Running totals, priced at one epoch, as a consumer signs them. */
export interface Statement {
  readonly account: string;
  readonly priceEpoch: bigint;
  /** Last second at which the statement can settle. */
  readonly deadline: bigint;
  readonly lines: Line[];
}

/** A statement and its proof. */
export interface SignedStatement {
  readonly statement: Statement;
  /** The account itself, the key that signed for it, or the signer of a mandate. */
  readonly signer: string;
  readonly signature: string;
}

/** A statement and its proof as settlement takes it, each line in one word. */
export interface PackedStatement {
  readonly account: string;
  readonly priceEpoch: bigint;
  readonly deadline: bigint;
  readonly signer: string;
  /** Words of {@link packLine}. */
  readonly lines: bigint[];
  readonly signature: string;
}

/** The domain of a settlement contract, with every field set. */
export type StatementDomain = ContractDomain;

/** Largest number of lines in a statement, as the contract has it. */
export const MAX_LINES = 128;

/** Largest running total that a line can have. */
export const MAX_TOTAL = (1n << 58n) - 1n;

/** Name of the EIP-712 domain. */
export const DOMAIN_NAME = "OPA Settlement";

/** Version of the EIP-712 domain. */
export const DOMAIN_VERSION = "1";

/** EIP-712 types of a statement. Nothing else in this repository's TypeScript spells them out. */
export const STATEMENT_TYPES = {
  Statement: [
    { name: "account", type: "address" },
    { name: "priceEpoch", type: "uint32" },
    { name: "deadline", type: "uint48" },
    { name: "lines", type: "Line[]" },
  ],
  Line: [
    { name: "provider", type: "address" },
    { name: "resource", type: "uint32" },
    { name: "cumulativeUnits", type: "uint128" },
  ],
} as const;

const MESSAGE = typedMessage<Statement>("Statement", STATEMENT_TYPES);

const DOMAINS = domainMaker(DOMAIN_NAME, DOMAIN_VERSION, "settlement");

/** The domain for a settlement contract on a chain. */
export const createDomain = DOMAINS.create;

/** The domain that statements for this settlement contract are signed in. */
export const domainOf = DOMAINS.of;

/**
 * A statement that the contract can read: lines in order, every number inside its type.
 *
 * @throws if there is no line, too many, two for the same resource of a provider, or a value out of range.
 */
export function buildStatement(draft: Statement): Statement {
  const account = requireAddress(draft.account, "the account");
  requireUint(draft.priceEpoch, 32, "the price epoch");
  requireUint(draft.deadline, 48, "the deadline");
  if (draft.lines.length === 0) throw new Error("A statement needs at least one line.");
  if (draft.lines.length > MAX_LINES)
    throw new Error(
      `A statement has at most ${MAX_LINES} lines, and this one has ${draft.lines.length}.`,
    );

  const lines = draft.lines.map(readLine).sort(compareLines);
  lines.forEach((line, i) => {
    const previous = lines[i - 1];
    if (previous && compareLines(previous, line) === 0)
      throw new Error(
        `The statement names resource ${line.resource} of provider ${line.provider} twice.`,
      );
  });
  return { account, priceEpoch: draft.priceEpoch, deadline: draft.deadline, lines };
}

/** Order of lines in a statement: by provider as a number, then by resource. */
export function compareLines(left: Line, right: Line): number {
  const providers = compare(BigInt(left.provider), BigInt(right.provider));
  return providers !== 0 ? providers : compare(left.resource, right.resource);
}

/** EIP-712 hash that the signer of a statement signs. */
export function hashStatement(domain: StatementDomain, statement: Statement): string {
  return MESSAGE.hash(domain, statement);
}

/** EIP-712 hash of the statement alone, without the domain. */
export function hashStatementStruct(statement: Statement): string {
  return MESSAGE.hashStruct(statement);
}

/** Signs a statement for its account, or for the account that made this signer one of its keys. */
export async function signStatement(
  signer: TypedDataSigner,
  domain: StatementDomain,
  statement: Statement,
): Promise<SignedStatement> {
  return { statement, ...(await MESSAGE.sign(signer, domain, statement)) };
}

/** The externally owned account whose signature this is. */
export function recoverSigner(
  domain: StatementDomain,
  statement: Statement,
  signature: string,
): string {
  return MESSAGE.recover(domain, statement, signature);
}

/**
 * A line in one word, as settlement takes it: provider, resource and units in 160, 32 and 64 bits.
 *
 * @throws if a value does not fit.
 */
export function packLine({ provider, resource, cumulativeUnits }: Line): bigint {
  const address = BigInt(requireAddress(provider, "a provider"));
  requireUint(resource, 32, "a resource");
  requireUint(cumulativeUnits, 64, "the units of a line");
  return (address << 96n) | (resource << 64n) | cumulativeUnits;
}

/** The line in a word. @throws if the word has more than 256 bits. */
export function unpackLine(word: bigint): Line {
  requireUint(word, 256, "a line");
  return {
    provider: getAddress(toBeHex(word >> 96n, 20)),
    resource: (word >> 64n) & 0xffff_ffffn,
    cumulativeUnits: word & 0xffff_ffff_ffff_ffffn,
  };
}

/** A signed statement as `settle` and `preview` take it. @throws if a line does not fit its word. */
export function packStatement({ statement, signer, signature }: SignedStatement): PackedStatement {
  const { account, priceEpoch, deadline, lines } = statement;
  return { account, priceEpoch, deadline, signer, lines: lines.map(packLine), signature };
}

function readLine({ provider, resource, cumulativeUnits }: Line): Line {
  const address = requireAddress(provider, "a provider");
  requireUint(resource, 32, "a resource");
  requireUint(cumulativeUnits, 64, "the units of a line");
  return { provider: address, resource, cumulativeUnits };
}
