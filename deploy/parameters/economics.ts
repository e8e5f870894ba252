/**
 * Figures of a parameter file at its design load, derived from one another. Burn and release, days
 * in which a provider earns its stake, limits over the load, burn at which the stage cap binds.
 * docs/economics.md shows them.
 */
import { BPS, OPA } from "../../sdk/units.js";
import { SUPPLY } from "./bounds.js";
import { CATEGORIES, type Parameters } from "./schema.js";

/** Days in which a provider of a category earns its minimum stake, at the design load. */
export const STAKE_DAYS = [90, 400] as const;

/** A limit over the load that it limits: 20, within a factor of two. */
export const LIMIT_FACTOR = [10, 40] as const;

/** The burn at which the stage cap binds, over the design load. */
export const CAP_FACTOR = [2, 10] as const;

const MILLION = 1_000_000n;
const DAYS_PER_YEAR = 365;
const PROVISION = 0;

/** Figures of a category that the design load uses. */
export interface CategoryEconomics {
  readonly name: string;
  readonly minimumStake: bigint;
  /** OPA wei that one of the providers earns in an epoch. */
  readonly earned: bigint;
  /** Epochs in which it earns its minimum stake. */
  readonly days: number;
}

/** Stage cap from an epoch on, if every earlier epoch released the amount of the design load. */
export interface StageEconomics {
  readonly from: bigint;
  readonly cap: bigint;
  /** OPA wei burned in an epoch at which the cap binds, and that over the design load. */
  readonly bindsAt: bigint;
  readonly factor: number;
  /** OPA wei burned in an epoch above which the reserve may open, if seven epochs are alike. */
  readonly opensAt: bigint;
}

/** Figures of a parameter file at its design load; amounts are OPA wei an epoch. */
export interface Economics {
  readonly computeUnits: bigint;
  readonly burned: bigint;
  readonly released: bigint;
  readonly categories: readonly CategoryEconomics[];
  /** Limits divided by their load: burns of all, burns of one account, claims. */
  readonly limits: { readonly total: number; readonly account: number; readonly claims: number };
  readonly stages: readonly StageEconomics[];
  /** Years until half of the supply is burned. */
  readonly yearsToHalf: number;
  /** OPA wei for a million units, by resource. */
  readonly millionUnits: readonly { readonly name: string; readonly price: bigint }[];
}

/** Derives the figures of a parameter file. */
export function deriveEconomics(parameters: Parameters): Economics {
  const { burnLimits, design, incentives, nodes, resources, transfers } = parameters;
  const uses = resources.map((resource, i) => {
    const computeUnits = (design.units[i] ?? 0n) * resource.weight;
    return {
      category: Number(resource.category),
      computeUnits,
      burned: computeUnits * resource.rate,
    };
  });
  const sum = (values: readonly bigint[]) => values.reduce((total, value) => total + value, 0n);
  const burned = sum(uses.map((use) => use.burned));
  const released = (burned * incentives.kappa) / BPS;
  const provision = incentives.shares[PROVISION] ?? 0n;
  const categories = CATEGORIES.flatMap((name, index): CategoryEconomics[] => {
    const used = sum(uses.filter(({ category }) => category === index).map((use) => use.burned));
    const minimumStake = nodes.minimumStakes[index] ?? 0n;
    const earned = (used * incentives.kappa * provision) / BPS / BPS / design.providers;
    return earned === 0n ? [] : [{ name, minimumStake, earned, days: ratio(minimumStake, earned) }];
  });
  const funds = sum(
    transfers.filter(({ to }) => to !== "systemReserve").map(({ amount }) => amount),
  );
  return {
    computeUnits: sum(uses.map((use) => use.computeUnits)),
    burned,
    released,
    categories,
    limits: {
      total: ratio(burnLimits.total, burned),
      account: ratio(burnLimits.account, burned / design.accounts),
      claims: ratio(incentives.claimLimit, released),
    },
    stages: incentives.stages.map(({ from, ratePpm }) => {
      const left = funds - from * released;
      const cap = left <= 0n ? 0n : (left * ratePpm) / MILLION;
      const bindsAt = (cap * BPS) / incentives.kappa;
      const opensAt = (bindsAt * BPS) / (BPS - parameters.heldBackShare);
      return { from, cap, bindsAt, factor: ratio(bindsAt, burned), opensAt };
    }),
    yearsToHalf: ratio(SUPPLY / 2n, burned) / DAYS_PER_YEAR,
    millionUnits: resources.map(({ name, weight, rate }) => ({
      name,
      price: MILLION * weight * rate,
    })),
  };
}

/** The first number of a file that contradicts the others at the design load: where it is, and why in words. */
export function findContradiction(
  parameters: Parameters,
): { at: string; reason: string } | undefined {
  const { design, resources } = parameters;
  const { burned, released, categories, limits, stages } = deriveEconomics(parameters);
  if (burned === 0n) return { at: "design.units", reason: "burn nothing" };
  const at = resources.findIndex(({ target }, i) => target !== 0n && target !== design.units[i]);
  const moved = resources[at];
  if (moved)
    return {
      at: `resources[${at}].target`,
      reason: `is ${moved.target} units, and the design load of ${moved.name} is ${design.units[at] ?? 0n}`,
    };

  const slow = categories.find(({ days }) => days < STAKE_DAYS[0] || days > STAKE_DAYS[1]);
  if (slow)
    return {
      at: `nodes.minimumStake.${slow.name}`,
      reason: `is earned in ${slow.days.toFixed(0)} days at the design load (${whole(slow.earned)} OPA a day), not in ${STAKE_DAYS[0]} to ${STAKE_DAYS[1]}`,
    };
  for (const [path, factor, load] of [
    ["burnLimits.total", limits.total, `${whole(burned)} OPA that the design load burns`],
    [
      "burnLimits.account",
      limits.account,
      `${whole(burned / design.accounts)} OPA that an account burns`,
    ],
    [
      "incentives.claimLimit",
      limits.claims,
      `${whole(released)} OPA that the design load releases`,
    ],
  ] as const)
    if (factor < LIMIT_FACTOR[0] || factor > LIMIT_FACTOR[1])
      return {
        at: path,
        reason: `is ${factor.toFixed(1)} times the ${load} in an epoch, not ${LIMIT_FACTOR[0]} to ${LIMIT_FACTOR[1]} times`,
      };
  const [first] = stages;
  if (first && (first.factor < CAP_FACTOR[0] || first.factor > CAP_FACTOR[1]))
    return {
      at: "incentives.stages[0].ratePpm",
      reason: `binds at ${whole(first.bindsAt)} OPA burned in an epoch, ${first.factor.toFixed(1)} times the design load, not ${CAP_FACTOR[0]} to ${CAP_FACTOR[1]} times`,
    };
  return undefined;
}

/** The figures of a file as a table for docs/economics.md. */
export function renderEconomics(parameters: Parameters): string {
  const { design, incentives, resources } = parameters;
  const economics = deriveEconomics(parameters);
  const { burned, released, limits, stages } = economics;
  const load = resources
    .flatMap(({ name }, i) => {
      const units = design.units[i] ?? 0n;
      return units === 0n ? [] : [`${group(units)} ${name}`];
    })
    .join(", ");
  const rows: [string, string][] = [
    ["Design load of an epoch (a day)", load],
    ["Accounts and providers that share it", `${design.accounts} and ${design.providers}`],
    ["Compute units", group(economics.computeUnits)],
    ["Burned", `${opa(burned)} OPA`],
    [`Released, κ = ${Number(incentives.kappa) / 100}%`, `${opa(released)} OPA`],
    ...economics.categories.map(({ name, minimumStake, earned, days }): [string, string] => [
      `A provider of ${name} earns its minimum stake`,
      `${opa(minimumStake)} OPA at ${opa(earned)} OPA a day: ${days.toFixed(0)} days`,
    ]),
    ["Burn limit of all accounts", times(parameters.burnLimits.total, limits.total, "the load")],
    [
      "Burn limit of an account",
      times(parameters.burnLimits.account, limits.account, "the load of an account"),
    ],
    ["Claim limit", times(incentives.claimLimit, limits.claims, "the release")],
    ...stages.map(({ from, cap, bindsAt, factor, opensAt }): [string, string] => [
      `Stage cap from epoch ${from} on`,
      `${opa(cap)} OPA; binds at ${opa(bindsAt)} OPA burned, ${factor.toFixed(1)} × the load; the reserve may open above ${opa(opensAt)}`,
    ]),
    ["Half of the supply is burned after", `${economics.yearsToHalf.toFixed(1)} years`],
    ...economics.millionUnits.map(({ name, price }): [string, string] => [
      `A million ${name} cost`,
      `${opa(price)} OPA`,
    ]),
  ];
  return [
    "| Figure | Value |",
    "| --- | --- |",
    ...rows.map((row) => `| ${row.join(" | ")} |`),
  ].join("\n");
}

function times(limit: bigint, factor: number, load: string): string {
  return `${opa(limit)} OPA, ${factor.toFixed(1)} × ${load}`;
}

/** A quotient as a number. */
function ratio(numerator: bigint, denominator: bigint): number {
  return denominator === 0n ? Infinity : Number((numerator * 10_000n) / denominator) / 10_000;
}

/** Whole OPA of an amount in wei. */
function whole(wei: bigint): string {
  return (wei / OPA).toString();
}

/** Whole OPA of an amount in wei, with its thousands apart. */
function opa(wei: bigint): string {
  return group(wei / OPA);
}

function group(value: bigint): string {
  return value.toString().replace(/\B(?=(\d{3})+$)/g, ",");
}
