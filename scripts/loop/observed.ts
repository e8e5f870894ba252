import { ZeroAddress } from "ethers";

import type {
  Attestations,
  GovernanceLock,
  IMeter,
  IncentivePool,
  IncentiveVault,
  NodeRegistry,
  NodeSlashing,
  OPAGovernor,
  OPAToken,
  ReleaseVault,
  ResourceRegistry,
  Settlement,
  StageCapCondition,
  SystemLens,
  SystemReserve,
  SystemTimelock,
} from "../../typechain-types/index.js";
import { addTo, entry, lineKey, nothing, type Amounts } from "./expected.js";

/** The contracts that the loop runs through. */
export interface LoopSuite {
  readonly token: OPAToken;
  readonly vault: ReleaseVault;
  readonly registry: ResourceRegistry;
  readonly meter: IMeter;
  readonly nodes: NodeRegistry;
  readonly slashing: NodeSlashing;
  readonly incentiveVault: IncentiveVault;
  readonly pool: IncentivePool;
  readonly attestations: Attestations;
  readonly lock: GovernanceLock;
  readonly governor: OPAGovernor;
  readonly timelock: SystemTimelock;
  readonly reserve: SystemReserve;
  readonly lens: SystemLens;
  /** Condition that opens the reserve. */
  readonly stageCap: StageCapCondition;
  readonly settlement: Settlement;
}

/** Use in the running epoch, in the one before, and in all. */
export interface Counters {
  readonly current: Amounts;
  readonly previous: Amounts;
  readonly allTime: Amounts;
}

/** Figures of the chain at the end of a run. */
export interface Facts {
  readonly epoch: bigint;
  readonly initialSupply: bigint;
  readonly totalSupply: bigint;
  /** Sum of the balances of everybody who ever received OPA. */
  readonly held: bigint;
  readonly holders: number;
  readonly vaultBalance: bigint;
  /** Debt of the vault, and the same as a sum over its schedules. */
  readonly unreleased: bigint;
  readonly owedBySchedules: bigint;
  readonly schedules: number;
  readonly meterBalance: bigint;
  readonly free: bigint;
  readonly reserved: bigint;
  /** Credit of the run's accounts added up account by account. */
  readonly freeByAccount: bigint;
  readonly reservedByAccount: bigint;
  readonly deposited: bigint;
  readonly creditBurned: bigint;
  readonly total: Counters;
  readonly byResource: ReadonlyMap<bigint, Counters>;
  readonly byProvider: ReadonlyMap<string, Counters>;
  /** Unit prices of each epoch that was settled for. */
  readonly prices: readonly PriceOfEpoch[];
  /** Stored running totals, by {@link lineKey}. */
  readonly lines: ReadonlyMap<string, bigint>;
  /** The same and more, rebuilt from events alone. */
  readonly events: Rebuilt;
}

/** Unit price of an epoch in the registry. */
export interface PriceOfEpoch {
  readonly resource: bigint;
  readonly epoch: bigint;
  readonly unitPrice: bigint;
}

/** Use as it can be rebuilt from events alone. */
export interface Rebuilt {
  readonly settledLines: bigint;
  readonly total: Amounts;
  readonly byResource: ReadonlyMap<bigint, Amounts>;
  readonly byProvider: ReadonlyMap<string, Amounts>;
  readonly byAccount: ReadonlyMap<string, Amounts>;
  readonly byLine: ReadonlyMap<string, Amounts>;
  /** By the epoch whose price applied. */
  readonly byPriceEpoch: ReadonlyMap<bigint, Amounts>;
  /** By the epoch in which it was settled and counted. */
  readonly byEpoch: ReadonlyMap<bigint, Amounts>;
}

/** Reads the figures of the chain that a run is compared with. */
export async function readFacts(
  suite: LoopSuite,
  consumers: readonly string[],
  providers: readonly string[],
  resources: readonly bigint[],
): Promise<Facts> {
  const { token, vault, registry, meter } = suite;
  const events = await rebuild(suite);
  const holders = await readHolders(token);
  const schedules = await readSchedules(vault);
  const [free, reserved] = await meter.totals();

  const lines = new Map<string, bigint>();
  let freeByAccount = 0n;
  let reservedByAccount = 0n;
  for (const account of consumers) {
    freeByAccount += await meter.creditOf(account);
    for (const provider of providers) {
      reservedByAccount += (await meter.reservationOf(account, provider)).amount;
      for (const resource of resources) {
        const { cumulativeUnits } = await meter.lineOf(account, provider, resource);
        if (cumulativeUnits !== 0n)
          lines.set(lineKey(account, provider, resource), cumulativeUnits);
      }
    }
  }

  const prices: PriceOfEpoch[] = [];
  const byResource = new Map<bigint, Counters>();
  for (const resource of resources) {
    for (const epoch of events.byPriceEpoch.keys())
      prices.push({ resource, epoch, unitPrice: await registry.unitPriceOf(resource, epoch) });
    byResource.set(resource, toCounters(await meter.usageOf(resource)));
  }
  const byProvider = new Map<string, Counters>();
  for (const provider of providers)
    byProvider.set(provider, toCounters(await meter.providerUsageOf(provider)));

  const deposits = await meter.queryFilter(meter.filters.CreditDeposited());
  const burns = await token.queryFilter(token.filters.Transfer(meter, ZeroAddress));
  return {
    epoch: await registry.currentEpoch(),
    initialSupply: await token.INITIAL_SUPPLY(),
    totalSupply: await token.totalSupply(),
    held: holders.held,
    holders: holders.count,
    vaultBalance: await token.balanceOf(vault),
    unreleased: await vault.unreleased(),
    owedBySchedules: schedules.owed,
    schedules: schedules.count,
    meterBalance: await token.balanceOf(meter),
    free,
    reserved,
    freeByAccount,
    reservedByAccount,
    deposited: deposits.reduce((sum, { args }) => sum + args.amount, 0n),
    creditBurned: burns.reduce((sum, { args }) => sum + args.value, 0n),
    total: toCounters(await meter.totalUsage()),
    byResource,
    byProvider,
    prices,
    lines,
    events,
  };
}

/** Adds up all use from `LineSettled` and `ResourceRegistered` events, without reading any state. */
async function rebuild({ meter, registry }: LoopSuite): Promise<Rebuilt> {
  const weights = new Map<bigint, bigint>();
  for (const { args } of await registry.queryFilter(registry.filters.ResourceRegistered()))
    weights.set(args.resource, args.weight);
  const genesis = await registry.GENESIS();
  const epochDuration = await registry.EPOCH_DURATION();
  const epochs = new Map<number, bigint>(); // by block

  const total = nothing();
  const byResource = new Map<bigint, Amounts>();
  const byProvider = new Map<string, Amounts>();
  const byAccount = new Map<string, Amounts>();
  const byLine = new Map<string, Amounts>();
  const byPriceEpoch = new Map<bigint, Amounts>();
  const byEpoch = new Map<bigint, Amounts>();
  const logs = await meter.queryFilter(meter.filters.LineSettled());
  for (const log of logs) {
    const { account, provider, resource, priceEpoch, cumulativeUnits, amount } = log.args;
    let epoch = epochs.get(log.blockNumber);
    if (epoch === undefined) {
      const { timestamp } = await log.getBlock();
      epoch = (BigInt(timestamp) - genesis) / epochDuration;
      epochs.set(log.blockNumber, epoch);
    }
    const line = entry(byLine, lineKey(account, provider, resource));
    const units = cumulativeUnits - line.units;
    const use = { units, computeUnits: units * (weights.get(resource) ?? 0n), burned: amount };
    addTo(line, use);
    addTo(total, use);
    addTo(entry(byResource, resource), use);
    addTo(entry(byProvider, provider), use);
    addTo(entry(byAccount, account), use);
    addTo(entry(byPriceEpoch, priceEpoch), use);
    addTo(entry(byEpoch, epoch), use);
  }
  const settledLines = BigInt(logs.length);
  return { settledLines, total, byResource, byProvider, byAccount, byLine, byPriceEpoch, byEpoch };
}

async function readHolders(token: OPAToken): Promise<{ held: bigint; count: number }> {
  const transfers = await token.queryFilter(token.filters.Transfer());
  const everyone = new Set(transfers.map(({ args }) => args.to));
  let held = 0n;
  let count = 0;
  for (const holder of everyone) {
    const balance = await token.balanceOf(holder);
    held += balance;
    if (balance !== 0n) count += 1;
  }
  return { held, count };
}

async function readSchedules(vault: ReleaseVault): Promise<{ owed: bigint; count: number }> {
  let owed = 0n;
  const ids = await scheduleIds(vault);
  for (const id of ids) {
    const { total, released, vested, revokedAt } = await vault.scheduleOf(id);
    owed += (revokedAt === 0n ? total : vested) - released;
  }
  return { owed, count: ids.length };
}

/** Ids of all schedules of the vault. */
export async function scheduleIds(vault: ReleaseVault): Promise<bigint[]> {
  const created = await vault.queryFilter(vault.filters.ScheduleCreated());
  return created.map(({ args }) => args.id);
}

function toCounters(usage: {
  readonly current: Amounts;
  readonly previous: Amounts;
  readonly allTime: Amounts;
}): Counters {
  return {
    current: toAmounts(usage.current),
    previous: toAmounts(usage.previous),
    allTime: toAmounts(usage.allTime),
  };
}

function toAmounts({ units, computeUnits, burned }: Amounts): Amounts {
  return { units, computeUnits, burned };
}
