/**
 * Outlook of a statement after a reason. `done`: nothing is left to do. `later`: the same statement may settle once
 * something has changed, within its deadline and the settlement window. `never`: this statement will not settle, so a new
 * one has to be signed.
 */
export type Outlook = "done" | "later" | "never";

/** Reason codes of `Metering.Reason` by their numbers, which never change. */
export const REASONS = [
  { name: "None", outlook: "done" },
  { name: "NoLines", outlook: "never" },
  { name: "TooManyLines", outlook: "never" },
  { name: "DeadlineExpired", outlook: "never" },
  { name: "PriceEpochAhead", outlook: "later" },
  { name: "PriceEpochTooOld", outlook: "never" },
  { name: "InvalidSignature", outlook: "never" }, // a contract wallet may change its mind; ask it to sign again
  { name: "LinesUnordered", outlook: "never" },
  { name: "KeyUnknown", outlook: "later" },
  { name: "KeyExpired", outlook: "later" },
  { name: "ProviderUnknown", outlook: "later" },
  { name: "ProviderInactive", outlook: "later" },
  { name: "ResourceUnknown", outlook: "later" }, // it may still be registered in the running epoch
  { name: "ResourceUnpriced", outlook: "never" }, // the price epoch was over when the resource was registered
  { name: "ResourceRetired", outlook: "never" },
  { name: "CategoryNotServed", outlook: "later" },
  { name: "TierTooLow", outlook: "later" },
  { name: "NothingNew", outlook: "done" },
  { name: "KeyLimitExceeded", outlook: "later" }, // in the next epoch
  { name: "InsufficientCredit", outlook: "later" },
  { name: "CategoryNotAllowed", outlook: "later" },
  { name: "KeyCannotSpend", outlook: "later" },
  { name: "ProjectExpired", outlook: "later" },
  { name: "OrganisationExpired", outlook: "later" },
  { name: "KeyTotalExceeded", outlook: "later" },
  { name: "ProjectLimitExceeded", outlook: "later" },
  { name: "ProjectTotalExceeded", outlook: "later" },
  { name: "OrganisationLimitExceeded", outlook: "later" },
  { name: "OrganisationTotalExceeded", outlook: "later" },
  { name: "SettlementPaused", outlook: "later" },
  { name: "AccountRateLimited", outlook: "later" }, // within a day
  { name: "SystemRateLimited", outlook: "later" }, // within a day
  { name: "TotalFull", outlook: "never" },
] as const satisfies readonly { name: string; outlook: Outlook }[];

/** Name of a reason. */
export type ReasonName = (typeof REASONS)[number]["name"];

/** A reason as settlement reports it. */
export interface Reason {
  readonly code: bigint;
  readonly name: ReasonName;
  readonly outlook: Outlook;
}

/**
 * The reason with this code.
 *
 * @throws if there is none, which means that the contract is newer than this library.
 */
export function reasonOf(code: bigint): Reason {
  const reason = code < 0n ? undefined : REASONS[Number(code)];
  if (!reason) throw new Error(`There is no reason with code ${code}; the contract may be newer.`);
  return { code, ...reason };
}

/** Code of each of a statement's lines in a result. A statement whose lines all settle names none; one that is skipped has none. */
export function lineCodesOf(
  { reason, reasons }: { readonly reason: bigint; readonly reasons: readonly bigint[] },
  lines: number,
): bigint[] {
  const isWhole = reason === 0n && reasons.length === 0;
  return isWhole ? Array.from({ length: lines }, () => 0n) : [...reasons];
}
