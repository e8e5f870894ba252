import type { Use } from "../statements/use.js";
import { readAddress } from "./door.js";
import type { Beginning, ExposureOf, RiskLimits } from "./store.js";

/** Units by resource. */
export type Units = Map<bigint, bigint>;

/** Name of a sum of open units. It has no space, and names of accounts come before those of providers. */
export function sumOf(of: ExposureOf): string {
  const provider = "provider" in of ? readAddress(of.provider, "a provider") : undefined;
  const account = "account" in of ? readAddress(of.account, "the account") : undefined;
  if (account === undefined) return `p${provider}`;
  return provider === undefined ? `a${account}` : `m${account}${provider}`;
}

/** Names of all sums that a line counts in. */
export function sumsOf(line: { readonly account: string; readonly provider: string }): string[] {
  const { account, provider } = line;
  return [sumOf({ account }), sumOf({ account, provider }), sumOf({ provider })];
}

/** Units that are served or held and not settled, by the name of their sum, kept as they change. */
export class Sums {
  readonly #sums = new Map<string, Units>();

  add(owner: string, resource: bigint, units: bigint): void {
    const sum = this.#sums.get(owner) ?? new Map<bigint, bigint>();
    this.#sums.set(owner, sum);
    const now = (sum.get(resource) ?? 0n) + units;
    if (now === 0n) sum.delete(resource);
    else sum.set(resource, now);
    if (sum.size === 0) this.#sums.delete(owner);
  }

  of(owner: string): Use[] {
    return [...(this.#sums.get(owner) ?? [])].map(([resource, units]) => ({ resource, units }));
  }
}

/** OPA wei of some uses, without those of a resource that has no price. */
export function valueOf(uses: readonly Use[], prices: RiskLimits["prices"]): bigint {
  return uses.reduce((sum, { resource, units }) => sum + (prices.get(resource) ?? 0n) * units, 0n);
}

/** The refusal of a call that has no price, or would take the value at risk over a limit; undefined if it fits. */
export function refuse(
  uses: readonly Use[],
  risk: RiskLimits | undefined,
  exposure: { readonly provider: readonly Use[]; readonly account: readonly Use[] },
): Beginning | undefined {
  if (!risk) return undefined;
  const unpriced = uses.find(({ resource }) => !risk.prices.has(resource));
  if (unpriced) return { kind: "unpriced", resource: unpriced.resource };
  const value = valueOf(uses, risk.prices);
  const limits = { provider: risk.perProvider, account: risk.perAccount };
  for (const scope of ["account", "provider"] as const) {
    const limit = limits[scope];
    if (limit === undefined) continue;
    const open = valueOf(exposure[scope], risk.prices);
    if (open + value > limit) return { kind: "refused", scope, exposure: open, limit };
  }
  return undefined;
}
