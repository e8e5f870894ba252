import type { Use } from "../../statements/use.js";
import {
  USAGE_KINDS,
  UsageError,
  UsageUnknownError,
  type KnownUsage,
  type UnknownUsage,
  type UsageKind,
  type UsageKinds,
} from "./kinds.js";
import { readUsage, type UsageOptions } from "./read-usage.js";

/** Resource id of each kind that a provider is paid for, and `"ignore"` for kinds that it gives away. */
export type UsageTable = Readonly<Partial<Record<UsageKind, bigint | "ignore">>>;

/**
 * Uses that a vendor's usage object stands for, each token counted once, in ascending order of resources. Kinds of the
 * same resource are added up, and resources without units are left out.
 *
 * @throws {UsageUnknownError} if the use is not known, which is not the same as none.
 * @throws {UsageError} as {readUsage} does, or if the object has units of a kind that the table does not have.
 */
export function usesOf(usage: unknown, table: UsageTable, options: UsageOptions = {}): Use[] {
  return usesOfReading(readUsage(usage, options), table);
}

/** Uses of a reading, as {usesOf} makes them of an object. Throws the same errors. */
export function usesOfReading(usage: KnownUsage | UnknownUsage, table: UsageTable): Use[] {
  if (!usage.isKnown) throw new UsageUnknownError(usage);
  return usesOfKinds(usage.kinds, table);
}

/**
 * Uses of kinds, such as those that an unknown use has at least.
 *
 * @throws {UsageError} if there are units of a kind that the table does not have.
 */
export function usesOfKinds(kinds: UsageKinds, table: UsageTable): Use[] {
  const sums = new Map<bigint, bigint>();
  for (const kind of USAGE_KINDS) {
    const [units, resource] = [kinds[kind], table[kind]];
    if (units === 0n || resource === "ignore") continue;
    if (resource === undefined)
      throw new UsageError(`There are ${units} units of ${kind}, for which there is no resource.`);
    sums.set(resource, (sums.get(resource) ?? 0n) + units);
  }
  return [...sums]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([resource, units]) => ({ resource, units }));
}
