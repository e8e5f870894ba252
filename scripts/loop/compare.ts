import type { Facts } from "./observed.js";
import { nothing, type Amounts, type Reckoning } from "./expected.js";

/** Two numbers that must be the same. */
export interface Sum {
  readonly what: string;
  readonly found: bigint;
  readonly expected: bigint;
}

/** Sentences about the sums that do not match; none if all do. */
export function findMismatches(sums: readonly Sum[]): string[] {
  return sums
    .filter(({ found, expected }) => found !== expected)
    .map(({ what, found, expected }) => {
      const difference = found > expected ? found - expected : expected - found;
      const side = found > expected ? "more" : "less";
      return `Wrong sum: ${what} is ${found}, which is ${difference} ${side} than the ${expected} expected.`;
    });
}

/** Every sum of a run: the figure of the chain beside the sum of the calls. */
export function listSums(facts: Facts, reckoning: Reckoning): Sum[] {
  return [...listSupply(facts, reckoning), ...listUsage(facts, reckoning)];
}

function listSupply(facts: Facts, { total }: Reckoning): Sum[] {
  const { initialSupply, totalSupply, deposited, free, reserved } = facts;
  return [
    {
      what: "burned (fall of the supply)",
      found: initialSupply - totalSupply,
      expected: total.burned,
    },
    { what: "burned (events of the Meter)", found: facts.creditBurned, expected: total.burned },
    {
      what: "supply and burned together",
      found: totalSupply + total.burned,
      expected: initialSupply,
    },
    { what: "balances of all holders", found: facts.held, expected: totalSupply },
    { what: "balance of the vault", found: facts.vaultBalance, expected: facts.unreleased },
    { what: "owed by the schedules", found: facts.owedBySchedules, expected: facts.unreleased },
    { what: "credit and reserved", found: free + reserved, expected: deposited - total.burned },
    { what: "balance of the Meter", found: facts.meterBalance, expected: free + reserved },
    { what: "credit account by account", found: facts.freeByAccount, expected: free },
    { what: "reserved account by account", found: facts.reservedByAccount, expected: reserved },
  ];
}

function listUsage(facts: Facts, reckoning: Reckoning): Sum[] {
  const { events } = facts;
  const sums = [
    ...compare("in total", facts.total.allTime, reckoning.total),
    ...compare("in total by events", events.total, reckoning.total),
    ...compare("counted this epoch", facts.total.current, amountsAt(events.byEpoch, facts.epoch)),
    ...compare(
      "counted last epoch",
      facts.total.previous,
      amountsAt(events.byEpoch, facts.epoch - 1n),
    ),
    ...compareMaps("of account", events.byAccount, reckoning.byAccount),
    ...compareMaps("by events of resource", events.byResource, reckoning.byResource),
    ...compareMaps("by events of provider", events.byProvider, reckoning.byProvider),
    ...compareMaps("by events at the price of epoch", events.byPriceEpoch, reckoning.byEpoch),
    ...compareMaps("by events of line", events.byLine, reckoning.byLine),
  ];
  for (const { resource, epoch, unitPrice } of facts.prices)
    sums.push({
      what: `price of resource ${resource} in epoch ${epoch}`,
      found: unitPrice,
      expected: reckoning.prices.get(resource)?.get(epoch) ?? 0n,
    });
  for (const [resource, { allTime }] of facts.byResource)
    sums.push(
      ...compare(`of resource ${resource}`, allTime, amountsAt(reckoning.byResource, resource)),
    );
  for (const [provider, { allTime }] of facts.byProvider)
    sums.push(
      ...compare(`of provider ${provider}`, allTime, amountsAt(reckoning.byProvider, provider)),
    );
  for (const key of new Set([...facts.lines.keys(), ...reckoning.byLine.keys()]))
    sums.push({
      what: `stored units of line ${key}`,
      found: facts.lines.get(key) ?? 0n,
      expected: amountsAt(reckoning.byLine, key).units,
    });
  return sums;
}

function compareMaps<Key extends string | bigint>(
  what: string,
  found: ReadonlyMap<Key, Amounts>,
  expected: ReadonlyMap<Key, Amounts>,
): Sum[] {
  return [...new Set([...found.keys(), ...expected.keys()])].flatMap((key) =>
    compare(`${what} ${key}`, amountsAt(found, key), amountsAt(expected, key)),
  );
}

function compare(what: string, found: Amounts, expected: Amounts): Sum[] {
  return [
    { what: `units ${what}`, found: found.units, expected: expected.units },
    { what: `compute units ${what}`, found: found.computeUnits, expected: expected.computeUnits },
    { what: `OPA wei burned ${what}`, found: found.burned, expected: expected.burned },
  ];
}

function amountsAt<Key>(amounts: ReadonlyMap<Key, Amounts>, key: Key): Amounts {
  return amounts.get(key) ?? nothing();
}
