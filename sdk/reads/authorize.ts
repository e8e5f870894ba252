import { MaxUint256 } from "ethers";

import type { Use } from "../statements/use.js";
import { reasonOf, type Reason } from "./reasons.js";
import type { Contracts } from "./contracts.js";

/** Cost of use in the running epoch. */
export interface Quote {
  readonly computeUnits: bigint;
  /** OPA wei. */
  readonly charge: bigint;
  readonly priceEpoch: bigint;
}

/** A call that is about to be served. */
export interface Intent {
  readonly account: string;
  /** The account itself, the key that will sign, or the signer of a mandate. */
  readonly key: string;
  readonly provider: string;
  readonly uses: readonly Use[];
  /** Use of this provider by the account that is not settled, for example `meter.unsettled(account, provider)`. */
  readonly unsettled?: readonly Use[];
}

/** Whether a call would settle. */
export interface Authorization {
  /** `None`, or the first reason why not. */
  readonly reason: Reason;
  /** By resource, in ascending order of their ids. */
  readonly reasons: ReadonlyMap<bigint, Reason>;
  /** OPA wei that would be burned for lines that would settle, unsettled use included. */
  readonly charge: bigint;
}

/**
 * Cost of these uses now, by the code that settlement uses.
 *
 * @throws if a resource has no price in the running epoch.
 */
export async function quote(
  { registry }: Pick<Contracts, "registry">,
  uses: readonly Use[],
): Promise<Quote> {
  const { computeUnits, charge, priceEpoch } = await registry.quote(
    uses.map(({ resource }) => resource),
    uses.map(({ units }) => units),
  );
  return { computeUnits, charge, priceEpoch };
}

/** Whether a call would settle now, together with unsettled use, by the code that settlement uses. */
export async function authorize(
  { meter }: Pick<Contracts, "meter">,
  { account, key, provider, uses, unsettled = [] }: Intent,
): Promise<Authorization> {
  const sums = new Map<bigint, bigint>();
  for (const { resource, units } of [...unsettled, ...uses])
    sums.set(resource, (sums.get(resource) ?? 0n) + units);
  const used = [...sums].filter(([, units]) => units > 0n).sort(([a], [b]) => (a < b ? -1 : 1));
  if (used.length === 0) throw new Error("A call that uses nothing needs no authorization.");

  const resources = used.map(([resource]) => resource);
  const [codes, charge] = await meter.authorizeAll(
    account,
    key,
    provider,
    resources,
    used.map(([, units]) => units),
  );
  const found = codes.map(reasonOf);
  const none = reasonOf(0n);
  return {
    reason: found.find(({ code }) => code !== 0n) ?? none,
    reasons: new Map(resources.map((resource, i) => [resource, found[i] ?? none])),
    charge,
  };
}

/** Seconds that an account's free credit lasts at the rate of late; nothing if it burned nothing of late. */
export async function runway(
  { meter }: Pick<Contracts, "meter">,
  account: string,
): Promise<bigint | undefined> {
  const seconds = await meter.runway(account);
  return seconds === MaxUint256 ? undefined : seconds;
}
