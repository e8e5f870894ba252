import type { AddressLike, Signer, TypedDataDomain } from "ethers";
import { resolveAddress, TypedDataEncoder } from "ethers";
import type { NetworkConnection } from "hardhat/types/network";

/** Reason codes by name, in the order of `Metering.Reason`; the numbers are part of the interface. */
export const Reason = {
  None: 0n,
  NoLines: 1n,
  TooManyLines: 2n,
  DeadlineExpired: 3n,
  PriceEpochAhead: 4n,
  PriceEpochTooOld: 5n,
  InvalidSignature: 6n,
  LinesUnordered: 7n,
  KeyUnknown: 8n,
  KeyExpired: 9n,
  ProviderUnknown: 10n,
  ProviderInactive: 11n,
  ResourceUnknown: 12n,
  ResourceUnpriced: 13n,
  ResourceRetired: 14n,
  CategoryNotServed: 15n,
  TierTooLow: 16n,
  NothingNew: 17n,
  KeyLimitExceeded: 18n,
  InsufficientCredit: 19n,
  CategoryNotAllowed: 20n,
  KeyCannotSpend: 21n,
  ProjectExpired: 22n,
  OrganisationExpired: 23n,
  KeyTotalExceeded: 24n,
  ProjectLimitExceeded: 25n,
  ProjectTotalExceeded: 26n,
  OrganisationLimitExceeded: 27n,
  OrganisationTotalExceeded: 28n,
  SettlementPaused: 29n,
  AccountRateLimited: 30n,
  SystemRateLimited: 31n,
  TotalFull: 32n,
} as const;

/** A running total as it is signed. */
export interface Line {
  provider: string;
  resource: bigint;
  cumulativeUnits: bigint;
}

/** Message that a consumer signs. */
export interface Statement {
  account: string;
  priceEpoch: bigint;
  deadline: bigint;
  lines: Line[];
}

/** A statement with its proof. */
export interface SignedStatement {
  statement: Statement;
  signer: string;
  signature: string;
}

/** Outcome of one statement, in plain values. */
export interface StatementResult {
  reason: bigint;
  burned: bigint;
  reasons: bigint[];
}

/** EIP-712 types of a statement. */
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
};

/** Domain in which one settlement contract's statements are signed. */
export async function statementDomain(
  { ethers }: NetworkConnection,
  settlement: AddressLike,
): Promise<TypedDataDomain> {
  const { chainId } = await ethers.provider.getNetwork();
  const verifyingContract = await resolveAddress(settlement);
  return { name: "OPA Settlement", version: "1", chainId, verifyingContract };
}

/** EIP-712 hash of a statement. */
export function hashStatement(domain: TypedDataDomain, statement: Statement): string {
  return TypedDataEncoder.hash(domain, STATEMENT_TYPES, statement);
}

/** Signs a statement with a key, naming `signer` (a wallet contract, or the key itself) as the one who signed. */
export async function signStatement(
  domain: TypedDataDomain,
  statement: Statement,
  key: Signer,
  signer: AddressLike = key,
): Promise<SignedStatement> {
  const signature = await key.signTypedData(domain, STATEMENT_TYPES, statement);
  return { statement, signer: await resolveAddress(signer), signature };
}

/** A line in one word, as settlement takes it. */
export function lineWord({ provider, resource, cumulativeUnits }: Line): bigint {
  return (BigInt(provider) << 96n) | (resource << 64n) | cumulativeUnits;
}

/** Statements as settlement takes them. */
export function packed(statements: readonly SignedStatement[]) {
  return statements.map(({ statement: { lines, ...head }, signer, signature }) => ({
    ...head,
    signer,
    lines: lines.map(lineWord),
    signature,
  }));
}

/** Lines in the order in which they must be signed. */
export function inOrder(lines: Line[]): Line[] {
  const rank = ({ provider, resource }: Line) => (BigInt(provider) << 32n) | resource;
  return [...lines].sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
}

/** Results as plain values, so that they compare deeply, with a reason for every line of a statement that was judged. */
export function plainResults(
  results: readonly { reason: bigint; burned: bigint; reasons: Iterable<bigint> }[],
  sent: readonly (Pick<SignedStatement, "statement"> | { readonly lines: readonly unknown[] })[],
): StatementResult[] {
  return results.map(({ reason, burned, reasons }, i) => {
    const told = [...reasons];
    const one = sent[i];
    const lines = one === undefined ? [] : "statement" in one ? one.statement.lines : one.lines;
    const isWhole = reason === Reason.None && told.length === 0;
    return { reason, burned, reasons: isWhole ? lines.map(() => Reason.None) : told };
  });
}
