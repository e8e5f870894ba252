/** Numbers that the contracts use for categories, roles and states, by name. */

/** Categories of resources, by their number in `Metering.Category`. */
export const CATEGORIES = { Compute: 0, Inference: 1, Data: 2, Storage: 3, Service: 4 } as const;

/** Categories of contributions, by their number in `Contribution.Category`. */
export const CONTRIBUTIONS = {
  ...{ Provision: 0, Maintenance: 1, Optimisation: 2, Support: 3, Other: 4 },
} as const;

/** Roles of a key of an account, by their number in `IOrganisations.Role`. */
export const KEY_ROLES = { None: 0, Spender: 1, Manager: 2 } as const;

/** Roles of the AccessManager, by their id. */
export const SYSTEM_ROLES = {
  ...{ ADMIN: 0n, METER: 1n, GOVERNANCE: 2n, REGISTRAR: 3n, RECORDER: 4n, SLASHER: 5n },
  ...{ REPORTER: 6n, HOLDER: 7n, PAUSE_GUARDIAN: 8n, ENROLLER: 9n },
} as const;

/** States of a resource, by their number in `IResourceRegistry.State`. */
export const RESOURCE_STATES = { Unknown: 0, Active: 1, Deprecated: 2, Retired: 3 } as const;

/** States of a provider, by their number in `INodeRegistry.Status`. */
export const PROVIDER_STATES = { Unknown: 0, Active: 1, Inactive: 2, Exiting: 3 } as const;

/** Name of a category of resources. */
export type CategoryName = keyof typeof CATEGORIES;

/** Name of a role of the AccessManager. */
export type SystemRoleName = keyof typeof SYSTEM_ROLES;

/** Name of a role of the AccessManager; undefined for one that the suite does not have. */
export function systemRoleOf(id: bigint): SystemRoleName | undefined {
  return (Object.keys(SYSTEM_ROLES) as SystemRoleName[]).find((name) => SYSTEM_ROLES[name] === id);
}

/**
 * Bit mask of categories, as `NodeRegistry.register` and the limits of keys take it: bit n stands for category n.
 *
 * ```ts
 * await nodes.register(stake, categoryMask("Inference", "Storage"), operator, "");
 * ```
 */
export function categoryMask(...names: readonly CategoryName[]): number {
  return names.reduce((mask, name) => mask | (1 << CATEGORIES[name]), 0);
}

/** Names of the categories in a bit mask. @throws {RangeError} if the mask has a bit without a category. */
export function categoriesIn(mask: bigint | number): CategoryName[] {
  const names = Object.keys(CATEGORIES) as CategoryName[];
  const bits = BigInt(mask);
  if (bits < 0n || bits >> BigInt(names.length) > 0n)
    throw new RangeError(`There is no category for every bit of ${mask}.`);
  return names.filter((name) => ((bits >> BigInt(CATEGORIES[name])) & 1n) === 1n);
}
