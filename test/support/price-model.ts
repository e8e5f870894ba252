/**
 * An independent model of the registry: prices from the history of events, epoch by epoch from the
 * first one.
 */
export const MAX_STEPS = 128n;

/** A rule by which a rate follows its use: the rate, the units settled in its epoch and the target, to the next rate. */
export type Policy = (rate: bigint, units: bigint, target: bigint) => bigint;

/** A value that something holds from an epoch on. */
interface Since<Value> {
  readonly epoch: bigint;
  readonly value: Value;
}

/** Everything that decides the rates of one resource. Rates are gwei. */
export interface PriceHistory {
  readonly registeredEpoch: bigint;
  readonly rate: bigint;
  readonly floor: bigint;
  readonly ceiling: bigint;
  /** Units settled, by epoch. */
  readonly units: Map<bigint, bigint>;
  /** Targets and policies in the order in which they came into force; none is undefined. */
  readonly targets: Since<bigint>[];
  readonly policies: Since<Policy | undefined>[];
  /** Announced rates that were not withdrawn, by epoch. */
  readonly announced: Map<bigint, bigint>;
  /** Epochs of the last change of rate, target and policy, each with the epoch in which it became known. */
  readonly changes: Record<"rate" | "target" | "policy", { knownIn: bigint; epoch: bigint }[]>;
}

/** EIP-1559 with units for gas. */
export function followLoad(rate: bigint, units: bigint, target: bigint): bigint {
  if (units <= target) return rate - (rate * (target - units)) / (8n * target);
  const excess = units - target < target ? units - target : target;
  return least(rate + (rate * excess) / (8n * target), 2n ** 32n - 1n);
}

/** Rate of every epoch from registration to `last`. */
export function ratesUntil(history: PriceHistory, last: bigint): Map<bigint, bigint> {
  const { registeredEpoch, floor, ceiling, units, announced } = history;
  const rates = new Map([[registeredEpoch, history.rate]]);
  let rate = history.rate;
  for (let epoch = registeredEpoch + 1n; epoch <= last; epoch += 1n) {
    const wanted = announced.get(epoch);
    const policy = valueIn(history.policies, epoch);
    const target = valueIn(history.targets, epoch);
    if (wanted !== undefined) rate = towards(wanted, rate, rate / 5n, floor, ceiling);
    else if (policy && target !== undefined && moves(history, epoch)) {
      const next = policy(rate, units.get(epoch - 1n) ?? 0n, target);
      rate = towards(next, rate, rate / 8n, floor, ceiling);
    }
    rates.set(epoch, rate);
  }
  return rates;
}

/** Whether the last use or change was at most 128 epochs ago, as known when the epoch began. */
function moves({ changes, registeredEpoch, units }: PriceHistory, epoch: bigint): boolean {
  const used = [...units.keys()].filter((each) => each < epoch);
  const changed = Object.values(changes).map(
    (list) => list.findLast(({ knownIn }) => knownIn < epoch)?.epoch ?? 0n,
  );
  return [registeredEpoch, ...used, ...changed].some((each) => epoch <= each + MAX_STEPS);
}

function valueIn<Value>(values: readonly Since<Value>[], epoch: bigint): Value | undefined {
  return values.findLast((since) => since.epoch <= epoch)?.value;
}

/** The value at most `step` away from `rate` and inside the bounds that is nearest to `wanted`. */
function towards(wanted: bigint, rate: bigint, step: bigint, floor: bigint, ceiling: bigint) {
  const low = rate - step > floor ? rate - step : floor;
  return least(wanted > low ? wanted : low, least(rate + step, ceiling));
}

function least(left: bigint, right: bigint): bigint {
  return left < right ? left : right;
}
