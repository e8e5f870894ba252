/** Names that people use for resources, categories, modules and accounts, in place of ids, bits and hashes. */
import { decodeBytes32String, getAddress } from "ethers";

import {
  categoriesIn,
  categoryMask,
  CATEGORIES,
  type CategoryName,
  type KnownDeployment,
} from "../../sdk/index.js";
import { CliError } from "../exit-codes.js";
import type { Session } from "./session.js";

/** A resource with its id. */
export interface NamedResource {
  readonly id: bigint;
  readonly name: string;
  readonly unit: string;
  readonly category: bigint;
  readonly weight: bigint;
  readonly state: bigint;
}

/** All resources, in the order of their ids. */
export async function readResources({
  suite: { registry },
}: Pick<Session, "suite">): Promise<NamedResource[]> {
  const count = await registry.resourceCount();
  const ids = Array.from({ length: Number(count) }, (_, i) => BigInt(i + 1));
  const found = await Promise.all(ids.map((id) => registry.resourceOf(id)));
  return found.map(({ name, unit, category, weight, state }, i) => ({
    ...{ id: ids[i] ?? 0n, name, unit, category, weight, state },
  }));
}

/** The resource with a name or an id. */
export function findResource(resources: readonly NamedResource[], text: string): NamedResource {
  const found = resources.find(({ id, name }) => name === text || id.toString() === text);
  if (found) return found;
  const known = resources.map(({ name }) => name).join(", ");
  throw new CliError("usage", `There is no resource "${text}"; there are: ${known}.`);
}

/** Name of a resource by its id. */
export function resourceName(resources: readonly NamedResource[], id: bigint): string {
  return resources.find((resource) => resource.id === id)?.name ?? `resource ${id}`;
}

/** An address, or its fault. */
export function parseAddress(text: string, what = "an account"): string {
  try {
    return getAddress(text);
  } catch (error) {
    throw new CliError(
      "usage",
      /^0x[0-9a-fA-F]{40}$/.test(text)
        ? `The checksum of ${text} is wrong, so at least one character of it is.`
        : `"${text}" is not the address of ${what}: 0x and 40 hexadecimal digits.`,
      { cause: error },
    );
  }
}

/** Bit mask of categories in a list such as `inference,storage`. */
export function parseCategories(text: string): number {
  const known = Object.keys(CATEGORIES) as CategoryName[];
  const names = text.split(",").map((part) => {
    const wanted = part.trim().toLowerCase();
    const found = known.find((name) => name.toLowerCase() === wanted);
    if (found) return found;
    throw new CliError(
      "usage",
      `There is no category "${part.trim()}"; there are: ${known.map((name) => name.toLowerCase()).join(", ")}.`,
    );
  });
  return categoryMask(...names);
}

/** Names of the categories in a mask. */
export function formatCategories(mask: bigint): string {
  const names = categoriesIn(mask & ((1n << BigInt(Object.keys(CATEGORIES).length)) - 1n));
  return names.length === 0 ? "none" : names.map((name) => name.toLowerCase()).join(", ");
}

/** Name of one category. */
export function categoryName(category: bigint): string {
  const names = Object.keys(CATEGORIES);
  return (names[Number(category)] ?? `category ${category}`).toLowerCase();
}

/** Contract of the deployment with a name: `IncentiveVault`, `incentive-vault` or `incentivevault`. */
export function findContract(
  { addresses }: KnownDeployment,
  text: string,
  among?: readonly string[],
): string {
  const plain = (name: string) => name.replace(/-/g, "").toLowerCase();
  const known = among ?? Object.keys(addresses);
  const found = known.find((name) => plain(name) === plain(text));
  if (found) return found;
  throw new CliError(
    "usage",
    `There is no module "${text}"; there are: ${known.map(kebab).join(", ")}.`,
  );
}

/** Name in lower case with hyphens: `node-registry` for `NodeRegistry`. */
export function kebab(name: string): string {
  return name
    .replace(/^OPA/, "opa-")
    .replace(/([a-z])([A-Z])/g, "$1-$2")
    .toLowerCase();
}

/** Text that 20 or 32 bytes spell, or the bytes themselves. */
export function bytesText(bytes: string): string {
  try {
    const text = decodeBytes32String(bytes.padEnd(66, "0"));
    return /^[\x20-\x7e]+$/.test(text) ? text : bytes;
  } catch {
    return bytes;
  }
}
