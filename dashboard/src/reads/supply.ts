/** Where the supply is (OBS-1). */
import type { Head } from "./chain.js";
import { call, type Source } from "./source.js";
import type { Suite } from "./suite.js";

/** A part of the supply. */
export interface SupplyPart {
  readonly name: string;
  /** Who holds it, in words. */
  readonly note: string;
  /** OPA wei. */
  readonly amount: bigint;
  readonly source: Source;
}

/** All parts of the supply, which add up to the initial supply. */
export interface SupplyView {
  readonly initial: bigint;
  readonly total: bigint;
  readonly parts: readonly SupplyPart[];
  /** Sum of the parts, added up here. */
  readonly sum: bigint;
}

const NOTES = {
  burned: "Destroyed by settlement, and by holders that burned their own.",
  unvested: "In the release vault: not vested, or vested and not claimed.",
  pool: "In the incentive vault and its pools, rewards that are not claimed included.",
  reserve: "In the system reserve.",
  credit: "Prepaid credit in the Meter, reserved or not.",
  staked: "In the node registry, stake on its way out included.",
  locked: "In the governance lock, also after the end of a lock.",
  circulating: "Held by everybody else.",
} as const;

/** The parts of the supply at a block, in one call. */
export async function readSupplyParts({ lens }: Suite, { number }: Head): Promise<SupplyView> {
  const supply = await lens.supply({ blockTag: number });
  const parts = (Object.keys(NOTES) as (keyof typeof NOTES)[]).map((name) => ({
    name,
    note: NOTES[name],
    amount: supply[name],
    source: call("SystemLens", "supply", name),
  }));
  const sum = parts.reduce((total, { amount }) => total + amount, 0n);
  return { initial: supply.initial, total: supply.total, parts, sum };
}
