/** Providers: stake, categories, capacity, use, score and exits. */
import { categoriesIn, PROVIDER_STATES, readProviderUse, readStake } from "../../../sdk/index.js";
import { visible } from "../../../sdk/visible.js";
import { nameIn } from "../words/names.js";
import type { Head } from "./chain.js";
import { readResources, type Resource } from "./resources.js";
import type { Suite } from "./suite.js";

/** Providers that are read at once. */
export const NODES_A_PAGE = 25;

/** A resource that a provider says it can serve. */
export interface Capacity {
  readonly resource: bigint;
  readonly name: string;
  readonly unit: string;
  /** Units per epoch. */
  readonly units: bigint;
}

/** A provider. Amounts are OPA wei. */
export interface NodeView {
  readonly provider: string;
  readonly status: string;
  readonly isActive: boolean;
  readonly categories: readonly string[];
  readonly registeredAt: bigint;
  /** End of its last exit; 0 if it never left. */
  readonly exitAt: bigint;
  readonly operator: string;
  /** Address of its own description. */
  readonly metadata: string;
  readonly staked: bigint;
  readonly minimum: bigint;
  readonly unbonding: bigint;
  readonly parts: readonly { readonly amount: bigint; readonly readyAt: bigint }[];
  readonly slashable: bigint;
  readonly capacity: readonly Capacity[];
  /** Burned through it in the running epoch, in the one before, and in all. */
  readonly burned: { readonly current: bigint; readonly previous: bigint; readonly all: bigint };
  /** Compute units settled through it in the running epoch. */
  readonly computeUnits: bigint;
  readonly score: bigint;
  readonly claimable: bigint;
}

/** A page of providers. */
export interface NodesView {
  readonly count: bigint;
  readonly totalStake: bigint;
  readonly nodes: readonly NodeView[];
}

/** Providers from a place on, in the order of their registration. */
export async function readNodes(suite: Suite, head: Head, from: bigint): Promise<NodesView> {
  const at = { blockTag: head.number };
  const { nodes } = suite;
  const [count, totalStake, providers, resources] = await Promise.all([
    nodes.nodeCount(at),
    nodes.totalStake(at),
    nodes.nodesFrom(from, NODES_A_PAGE, at),
    readResources(suite, head),
  ]);
  const found = providers.map((provider) => readNode(suite, provider, resources, head));
  return { count, totalStake, nodes: await Promise.all(found) };
}

async function readNode(
  { nodes, meter, pool }: Suite,
  provider: string,
  offered: readonly Resource[],
  { number }: Head,
): Promise<NodeView> {
  const at = { blockTag: number };
  const [node, isActive, stake, use, score, claimable] = await Promise.all([
    nodes.nodeOf(provider, at),
    nodes.isActive(provider, at),
    readStake(nodes, provider),
    readProviderUse({ meter }, provider),
    pool.scoreOf(provider, at),
    pool.claimableOf(provider, at),
  ]);
  const served = offered.filter(({ category }) => ((node.categories >> category) & 1n) === 1n);
  const [minimum, ...units] = await Promise.all([
    nodes.minimumStakeFor(node.categories, at),
    ...served.map(({ id }) => nodes.capacityOf(provider, id, at)),
  ]);
  const capacity = served.map(({ id, name, unit }, i) => ({
    ...{ resource: id, name, unit },
    units: units[i] ?? 0n,
  }));
  return {
    provider,
    status: nameIn(PROVIDER_STATES, node.status),
    isActive,
    categories: categoriesIn(node.categories),
    registeredAt: node.registeredAt,
    exitAt: node.exitAt,
    operator: node.operator,
    metadata: visible(node.metadataURI),
    staked: node.staked,
    minimum,
    unbonding: node.unbonding,
    parts: stake.parts,
    slashable: stake.slashable,
    capacity: capacity.filter(({ units: published }) => published > 0n),
    burned: {
      current: use.current.burned,
      previous: use.previous.burned,
      all: use.allTime.burned,
    },
    computeUnits: use.current.computeUnits,
    score,
    claimable,
  };
}
