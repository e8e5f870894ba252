/** Names and units of resources, which never change and so are read once. */
import { visible } from "../../../sdk/visible.js";
import type { Head } from "./chain.js";
import type { Suite } from "./suite.js";

/** What never changes of a resource. */
export interface Resource {
  readonly id: bigint;
  readonly name: string;
  readonly unit: string;
  readonly category: bigint;
}

const known = new WeakMap<Suite, readonly Resource[]>();

/** Every resource, in the order of their ids. */
export async function readResources(
  suite: Suite,
  { number }: Pick<Head, "number">,
): Promise<readonly Resource[]> {
  const at = { blockTag: number };
  const count = Number(await suite.registry.resourceCount(at));
  const before = known.get(suite) ?? [];
  if (before.length >= count) return before.slice(0, count);

  const ids = Array.from({ length: count - before.length }, (_, i) =>
    BigInt(before.length + i + 1),
  );
  const read = await Promise.all(ids.map((id) => suite.registry.resourceOf(id, at)));
  const added = read.map(({ name, unit, category }, i) => ({
    ...{ id: ids[i] ?? 0n, name: visible(name), unit: visible(unit), category },
  }));
  const all = [...before, ...added];
  known.set(suite, all);
  return all;
}
