import type { Suite } from "./suite.js";

/** All OPA there ever was, and what became of it, in wei. */
export interface Supply {
  readonly initial: bigint;
  readonly burned: bigint;
  readonly total: bigint;
  /** Credit that service accounts hold: free, reserved, and charged but not yet burned. */
  readonly credit: bigint;
}

/** An epoch in time. */
export interface Epoch {
  readonly number: bigint;
  /** First second. */
  readonly start: bigint;
  /** First second of the next epoch. */
  readonly end: bigint;
  /** Oldest price epoch that can still settle. */
  readonly oldestSettleable: bigint;
}

/** Units, compute units and OPA wei. */
export interface UseTotals {
  readonly units: bigint;
  readonly computeUnits: bigint;
  readonly burned: bigint;
}

/** Use settled in the running epoch, in the one before, and in all. */
export interface UsePeriods {
  readonly current: UseTotals;
  readonly previous: UseTotals;
  readonly allTime: UseTotals;
}

/** How much OPA there is. */
export async function readSupply({
  accounts,
  token,
}: Pick<Suite, "accounts" | "token">): Promise<Supply> {
  const [initial, total, burned, { free, reserved, charged }] = await Promise.all([
    token.INITIAL_SUPPLY(),
    token.totalSupply(),
    token.totalBurned(),
    accounts.totals(),
  ]);
  return { initial, burned, total, credit: free + reserved + charged };
}

/** The running epoch, by the time of the latest block. */
export async function readEpoch({ settlement }: Pick<Suite, "settlement">): Promise<Epoch> {
  const [number, genesis, duration, window] = await Promise.all([
    settlement.currentEpoch(),
    settlement.GENESIS(),
    settlement.EPOCH_DURATION(),
    settlement.SETTLEMENT_WINDOW(),
  ]);
  const start = genesis + number * duration;
  const oldestSettleable = number > window ? number - window : 0n;
  return { number, start, end: start + duration, oldestSettleable };
}

/** OPA wei for one unit of a resource in every epoch that can still settle; epochs without a price are left out. */
export async function readPrices(
  { registry, settlement }: Pick<Suite, "registry" | "settlement">,
  resource: bigint,
): Promise<Map<bigint, bigint>> {
  const { number, oldestSettleable } = await readEpoch({ settlement });
  const epochs = Array.from(
    { length: Number(number - oldestSettleable) + 1 },
    (_, i) => oldestSettleable + BigInt(i),
  );
  const terms = await Promise.all(epochs.map((epoch) => registry.termsByEpoch(resource, epoch)));
  return new Map(
    terms.flatMap(({ reason, unitPrice }, i) => {
      const epoch = epochs[i];
      return reason === 0n && epoch !== undefined ? [[epoch, unitPrice] as const] : [];
    }),
  );
}

/** Use of a resource. */
export async function readUse(
  { registry }: Pick<Suite, "registry">,
  resource: bigint,
): Promise<UsePeriods> {
  return toPeriods(await registry.usageOf(resource));
}

/** Use served by a provider; what was burned in an epoch are its points for that epoch. */
export async function readProviderUse(
  { registry }: Pick<Suite, "registry">,
  provider: string,
): Promise<UsePeriods> {
  return toPeriods(await registry.providerUsageOf(provider));
}

function toPeriods({ current, previous, allTime }: UsePeriods): UsePeriods {
  return { current: toTotals(current), previous: toTotals(previous), allTime: toTotals(allTime) };
}

function toTotals({ units, computeUnits, burned }: UseTotals): UseTotals {
  return { units, computeUnits, burned };
}
