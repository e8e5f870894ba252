import { getAddress } from "ethers";

const GWEI = 10n ** 9n;

/** One call of the trace with who made it, who served it and when. */
export interface Call {
  readonly account: string;
  readonly provider: string;
  /** Epoch whose price applies. */
  readonly epoch: bigint;
  /** Epoch in which it is settled. */
  readonly settledIn: bigint;
  readonly inputTokens: bigint;
  readonly outputTokens: bigint;
}

/** Terms of the resource that input or output tokens are. */
export interface Tariff {
  readonly resource: bigint;
  readonly name: string;
  /** Compute units per token. */
  readonly weight: bigint;
  /** Epoch of the first rate. */
  readonly registeredEpoch: bigint;
  /** First rate and its bounds in OPA wei per compute unit. */
  readonly rate: bigint;
  readonly floor: bigint;
  readonly ceiling: bigint;
  /** Tokens per epoch towards which the rate moves, or 0 if it is fixed. */
  readonly target: bigint;
}

/** An amount of use and its price. */
export interface Amounts {
  units: bigint;
  computeUnits: bigint;
  burned: bigint;
}

/** Everything that the chain should say at the end, added up call by call without it. */
export interface Reckoning {
  readonly calls: bigint;
  readonly inputTokens: bigint;
  readonly outputTokens: bigint;
  readonly total: Amounts;
  /** Unit prices by resource and epoch. */
  readonly prices: ReadonlyMap<bigint, ReadonlyMap<bigint, bigint>>;
  readonly byResource: ReadonlyMap<bigint, Amounts>;
  readonly byProvider: ReadonlyMap<string, Amounts>;
  readonly byAccount: ReadonlyMap<string, Amounts>;
  /** By the epoch whose price applied. */
  readonly byEpoch: ReadonlyMap<bigint, Amounts>;
  readonly callsByProvider: ReadonlyMap<string, bigint>;
  readonly callsByEpoch: ReadonlyMap<bigint, bigint>;
  /** By account, provider and resource; see {@link lineKey}. */
  readonly byLine: ReadonlyMap<string, Amounts>;
}

/** Name of a line in {@link Reckoning.byLine}. */
export function lineKey(account: string, provider: string, resource: bigint): string {
  return `${getAddress(account)} ${getAddress(provider)} ${resource}`;
}

/**
 * Unit price of every epoch from the first rate to `last`. The rate of an epoch follows from the
 * use of the previous one, as the base fee of EIP-1559 follows from gas used, in whole gwei.
 */
export function priceEpochs(
  tariff: Tariff,
  settled: ReadonlyMap<bigint, bigint>,
  last: bigint,
): Map<bigint, bigint> {
  const { weight, registeredEpoch, floor, ceiling, target } = tariff;
  const prices = new Map<bigint, bigint>();
  let rate = tariff.rate / GWEI;
  for (let epoch = registeredEpoch; epoch <= last; epoch += 1n) {
    const units = settled.get(epoch - 1n) ?? 0n;
    if (target !== 0n && epoch !== registeredEpoch) {
      const excess = units > 2n * target ? target : units - target;
      rate += (rate * excess) / (8n * target); // bigint division rounds towards no change
      if (rate * GWEI < floor) rate = floor / GWEI;
      if (rate * GWEI > ceiling) rate = ceiling / GWEI;
    }
    prices.set(epoch, rate * GWEI * weight);
  }
  return prices;
}

/** Expected cost of calls: Σ tokens × price, in wei. */
export function reckon(calls: readonly Call[], input: Tariff, output: Tariff): Reckoning {
  const total = nothing();
  const byResource = new Map<bigint, Amounts>();
  const byProvider = new Map<string, Amounts>();
  const byAccount = new Map<string, Amounts>();
  const byEpoch = new Map<bigint, Amounts>();
  const byLine = new Map<string, Amounts>();
  const callsByProvider = new Map<string, bigint>();
  const callsByEpoch = new Map<bigint, bigint>();
  const prices = priceBoth(calls, input, output);
  let inputTokens = 0n;
  let outputTokens = 0n;
  for (const call of calls) {
    const { account, provider, epoch } = call;
    callsByProvider.set(provider, (callsByProvider.get(provider) ?? 0n) + 1n);
    callsByEpoch.set(epoch, (callsByEpoch.get(epoch) ?? 0n) + 1n);
    inputTokens += call.inputTokens;
    outputTokens += call.outputTokens;
    for (const { units, tariff } of [
      { units: call.inputTokens, tariff: input },
      { units: call.outputTokens, tariff: output },
    ]) {
      if (units === 0n) continue;
      const { resource, weight } = tariff;
      const unitPrice = prices.get(resource)?.get(epoch) ?? 0n;
      const use = { units, computeUnits: units * weight, burned: units * unitPrice };
      addTo(total, use);
      addTo(entry(byResource, resource), use);
      addTo(entry(byProvider, provider), use);
      addTo(entry(byAccount, account), use);
      addTo(entry(byEpoch, epoch), use);
      addTo(entry(byLine, lineKey(account, provider, resource)), use);
    }
  }
  return {
    calls: BigInt(calls.length),
    inputTokens,
    outputTokens,
    total,
    prices,
    byResource,
    byProvider,
    byAccount,
    byEpoch,
    byLine,
    callsByProvider,
    callsByEpoch,
  };
}

/** Prices of both resources in every epoch of the calls. */
function priceBoth(calls: readonly Call[], input: Tariff, output: Tariff) {
  const settled = { input: new Map<bigint, bigint>(), output: new Map<bigint, bigint>() };
  let last = 0n;
  for (const { settledIn, inputTokens, outputTokens } of calls) {
    settled.input.set(settledIn, (settled.input.get(settledIn) ?? 0n) + inputTokens);
    settled.output.set(settledIn, (settled.output.get(settledIn) ?? 0n) + outputTokens);
    if (settledIn > last) last = settledIn;
  }
  return new Map([
    [input.resource, priceEpochs(input, settled.input, last)],
    [output.resource, priceEpochs(output, settled.output, last)],
  ]);
}

/** No use at all. */
export function nothing(): Amounts {
  return { units: 0n, computeUnits: 0n, burned: 0n };
}

/** Adds `use` to `sum`. */
export function addTo(sum: Amounts, use: Readonly<Amounts>): void {
  sum.units += use.units;
  sum.computeUnits += use.computeUnits;
  sum.burned += use.burned;
}

/** The amounts kept under `key`, which are none at first. */
export function entry<Key>(amounts: Map<Key, Amounts>, key: Key): Amounts {
  const known = amounts.get(key) ?? nothing();
  amounts.set(key, known);
  return known;
}
