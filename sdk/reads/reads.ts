import type { Contracts, IIncentivePool, IIncentiveVault, INodeRegistry } from "./contracts.js";

/** All OPA there ever was, by its present state, in wei. */
export interface Supply {
  readonly initial: bigint;
  readonly burned: bigint;
  readonly total: bigint;
  /** Credit of all accounts, free and reserved. */
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

/** Credit of an account that is set aside for one provider, and for one signer of statements for it. */
export interface Mandate {
  /** OPA wei left. */
  readonly amount: bigint;
  /** Last second of the promise. */
  readonly until: bigint;
  /** Access tier of the account that was judged when it was given. */
  readonly tier: bigint;
  /** Earliest price epoch of a line that settles from it. */
  readonly priceEpoch: bigint;
  /** Signer whose statements settle from it; it needs no key of the account. */
  readonly signer: string;
}

/** Limits of a key, a project or an organisation. */
export interface KeyLimits {
  /** OPA wei per epoch. */
  readonly epochLimit: bigint;
  /** OPA wei in all. */
  readonly totalLimit: bigint;
  /** Last second at which it can be used. */
  readonly expiresAt: bigint;
  /** Mask of categories, see `categoriesIn`. */
  readonly categories: bigint;
}

/** A key of an account. */
export interface AccountKey {
  /** Number of its role, see `KEY_ROLES`. */
  readonly role: bigint;
  /** Project that it belongs to, or 0. */
  readonly project: bigint;
  /** OPA wei that it has burned in the running epoch. */
  readonly spent: bigint;
  readonly limits: KeyLimits;
}

/** Stake of a provider, in OPA wei. */
export interface Stake {
  readonly staked: bigint;
  /** On its way out, in all. */
  readonly unbonding: bigint;
  /** Parts on their way out, the earliest first. */
  readonly parts: { readonly amount: bigint; readonly readyAt: bigint }[];
  /** The most that can be slashed now. */
  readonly slashable: bigint;
}

/** Rewards of an account for contributions. */
export interface Rewards {
  /** OPA wei that it can claim now. */
  readonly claimable: bigint;
  /** First second at which an untouched reward can go back to the vault; 0 if it never contributed. */
  readonly returnableAt: bigint;
  /** Contribution score, as far as epochs are booked. */
  readonly score: bigint;
}

/** Holdings and releases of the incentive vault, in OPA wei, as if every finished epoch were closed. */
export interface VaultFunds {
  /** Balance without draws. */
  readonly own: bigint;
  /** Unused part of draws of the reserve. */
  readonly drawn: bigint;
  readonly released: bigint;
  /** Most that can still be released without further burning. */
  readonly room: bigint;
}

/** Release of a finished epoch. */
export interface Release {
  readonly epoch: bigint;
  readonly burned: bigint;
  readonly allotment: bigint;
  readonly released: bigint;
  readonly stageCap: bigint;
  readonly kappaBps: bigint;
}

/** How much OPA there is. */
export async function readSupply({
  meter,
  token,
}: Pick<Contracts, "meter" | "token">): Promise<Supply> {
  const [initial, total, burned, { free, reserved }] = await Promise.all([
    token.INITIAL_SUPPLY(),
    token.totalSupply(),
    token.totalBurned(),
    meter.totals(),
  ]);
  return { initial, burned, total, credit: free + reserved };
}

/** The running epoch, by the time of the latest block. */
export async function readEpoch({ meter }: Pick<Contracts, "meter">): Promise<Epoch> {
  const [number, genesis, duration, window] = await Promise.all([
    meter.currentEpoch(),
    meter.GENESIS(),
    meter.EPOCH_DURATION(),
    meter.SETTLEMENT_WINDOW(),
  ]);
  const start = genesis + number * duration;
  const oldestSettleable = number > window ? number - window : 0n;
  return { number, start, end: start + duration, oldestSettleable };
}

/** OPA wei for one unit of a resource in every epoch that can still settle; epochs without a price are left out. */
export async function readPrices(
  { meter, registry }: Pick<Contracts, "meter" | "registry">,
  resource: bigint,
): Promise<Map<bigint, bigint>> {
  const { number, oldestSettleable } = await readEpoch({ meter });
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

/** The mandate of an account for a provider; undefined if there is none. */
export async function readMandate(
  { meter }: Pick<Contracts, "meter">,
  account: string,
  provider: string,
): Promise<Mandate | undefined> {
  const { amount, until, tier, priceEpoch, signer } = await meter.reservationOf(account, provider);
  return amount === 0n ? undefined : { amount, until, tier, priceEpoch, signer };
}

/**
 * A key of an account; undefined if it has no role. Its limits are a plain object, which `setKey` takes as it is.
 *
 * ```ts
 * const key = await readKey(contracts, account, address);
 * if (key) await meter.setKey(account, address, key.project, key.role, { ...key.limits, epochLimit: 40n * OPA });
 * ```
 */
export async function readKey(
  { meter }: Pick<Contracts, "meter">,
  account: string,
  address: string,
): Promise<AccountKey | undefined> {
  const { role, project, limits, spent } = await meter.keyOf(account, address);
  if (role === 0n) return undefined;
  const { epochLimit, totalLimit, expiresAt, categories } = limits;
  return { role, project, spent, limits: { epochLimit, totalLimit, expiresAt, categories } };
}

/** Use of a resource. */
export async function readUse(
  { meter }: Pick<Contracts, "meter">,
  resource: bigint,
): Promise<UsePeriods> {
  return toPeriods(await meter.usageOf(resource));
}

/** Use served by a provider; its burn in an epoch is its points for that epoch. */
export async function readProviderUse(
  { meter }: Pick<Contracts, "meter">,
  provider: string,
): Promise<UsePeriods> {
  return toPeriods(await meter.providerUsageOf(provider));
}

/** Stake of a provider. */
export async function readStake(nodes: INodeRegistry, provider: string): Promise<Stake> {
  const [{ staked, unbonding }, unbondings, slashable] = await Promise.all([
    nodes.stakeOf(provider),
    nodes.unbondingsOf(provider),
    nodes.slashableOf(provider),
  ]);
  const parts = unbondings.map(({ amount, readyAt }) => ({ amount, readyAt }));
  return { staked, unbonding, parts, slashable };
}

/** Unclaimed rewards of an account. */
export async function readRewards(pool: IIncentivePool, account: string): Promise<Rewards> {
  const [claimable, returnableAt, score] = await Promise.all([
    pool.claimableOf(account),
    pool.returnableAt(account),
    pool.scoreOf(account),
  ]);
  return { claimable, returnableAt, score };
}

/** Holdings and releases of the vault. */
export async function readVaultFunds(vault: IIncentiveVault): Promise<VaultFunds> {
  const { own, drawn, released, room } = await vault.fundsOf();
  return { own, drawn, released, room };
}

/** Releases of finished epochs, from one to another, both included; those that burned nothing are left out. */
export async function readReleases(
  vault: IIncentiveVault,
  from: bigint,
  to: bigint,
): Promise<Release[]> {
  const epochs = Array.from(
    { length: Math.max(0, Number(to - from) + 1) },
    (_, i) => from + BigInt(i),
  );
  const records = await Promise.all(epochs.map((epoch) => vault.closingOf(epoch)));
  return records.flatMap(({ burned, allotment, released, stageCap, kappaBps }, i) => {
    const epoch = epochs[i];
    return burned === 0n || epoch === undefined
      ? []
      : [{ epoch, burned, allotment, released, stageCap, kappaBps }];
  });
}

function toPeriods({ current, previous, allTime }: UsePeriods): UsePeriods {
  return { current: toTotals(current), previous: toTotals(previous), allTime: toTotals(allTime) };
}

function toTotals({ units, computeUnits, burned }: UseTotals): UseTotals {
  return { units, computeUnits, burned };
}
