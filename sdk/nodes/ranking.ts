import type { INodeRegistry } from "../../typechain-types/contracts/interfaces/INodeRegistry.js";
import type { IResourceRegistry } from "../../typechain-types/contracts/interfaces/IResourceRegistry.js";
import { compare } from "../statements/eip712.js";
import { GWEI, OPA } from "../units.js";

/** Score, in OPA wei, that lifts a rank by half: about two months of a provider's income at the design load. */
export const SCORE_SCALE = 100_000n * OPA;

/** Places after the decimal point of a boost. */
const PRECISION = 10n ** 9n;

/** Facts about a provider of a resource. Units and use are those of the running epoch. */
export interface Candidate {
  readonly provider: string;
  /** Compute units that it published for the resource. */
  readonly capacity: bigint;
  /** Compute units settled through it, for all resources. */
  readonly used: bigint;
  /** Contribution score in OPA wei. */
  readonly score: bigint;
  /** OPA wei staked. */
  readonly staked: bigint;
}

/** A candidate with its place. */
export interface RankedCandidate extends Candidate {
  /** Compute units of its capacity that are not used and that its stake covers. */
  readonly free: bigint;
  /** Higher is better; ranks of different resources can be compared. */
  readonly rank: bigint;
}

/** Price of a compute unit of a resource, and the number of units in it. */
export interface ResourceTerms {
  /** OPA wei per compute unit. */
  readonly rate: bigint;
  /** Compute units per unit. */
  readonly weight: bigint;
}

/** Where the reads of a ranking come from. */
export interface RankingSources {
  readonly nodes: Pick<
    INodeRegistry,
    "nodesFrom" | "nodeCount" | "isActive" | "nodeOf" | "capacityOf"
  >;
  readonly registry: Pick<IResourceRegistry, "resourceOf" | "unitPriceOf" | "currentEpoch">;
  /** Use by provider in the running epoch. */
  readonly usage: {
    providerUsageOf(provider: string): Promise<{ current: { computeUnits: bigint } }>;
  };
  readonly scores: { scoreOf(account: string): Promise<bigint> };
}

/** Providers that are read at once. */
const PAGE = 64n;

/**
 * Providers that have room for a call, the best first; equals keep their order.
 *
 * A rank is `free × (1 + score / (score + SCORE_SCALE)) / rate`, with the rate in gwei: free capacity counts more where it is
 * cheap, and up to twice as much at a provider that has long contributed. Free capacity is the published one, less its
 * use, and at most the worth of the stake at the rate: otherwise the provider that claims most would be first. A hint for
 * schedulers; settlement does not depend on it.
 *
 * @param units Units wanted; a provider with less free capacity is left out.
 */
export function rankCandidates(
  candidates: readonly Candidate[],
  { rate, weight }: ResourceTerms,
  units: bigint,
): RankedCandidate[] {
  return candidates
    .map((candidate) => {
      const unused = candidate.capacity - candidate.used;
      const covered = candidate.staked / rate;
      const free = unused < covered ? unused : covered;
      const boost = PRECISION + (candidate.score * PRECISION) / (candidate.score + SCORE_SCALE);
      return { ...candidate, free, rank: (free * GWEI * boost) / rate };
    })
    .filter(({ free }) => free > 0n && free >= units * weight)
    .sort((left, right) => compare(right.rank, left.rank));
}

/**
 * Reads status, capacity, use, score and stake of every provider of a resource and ranks them, see {@link rankCandidates}.
 *
 * @throws if the resource is unknown or has no price in the running epoch.
 */
export async function rankProviders(
  sources: RankingSources,
  resource: bigint,
  units: bigint,
): Promise<RankedCandidate[]> {
  const { nodes, registry } = sources;
  const [{ weight, rate, category }, epoch, count] = await Promise.all([
    registry.resourceOf(resource),
    registry.currentEpoch(),
    nodes.nodeCount(),
  ]);
  await registry.unitPriceOf(resource, epoch); // refuses a resource that cannot be used now
  const candidates: Candidate[] = [];
  for (let from = 0n; from < count;) {
    const providers = await nodes.nodesFrom(from, PAGE);
    if (providers.length === 0) break; // a node that lags behind the one that counted
    from += BigInt(providers.length);
    const read = await Promise.all(
      providers.map((provider) => readCandidate(sources, provider, resource, category, weight)),
    );
    candidates.push(...read.filter((candidate) => candidate !== undefined));
  }
  return rankCandidates(candidates, { rate, weight }, units);
}

/** Facts about a provider, or nothing if it does not take work of the category now. */
async function readCandidate(
  { nodes, usage, scores }: RankingSources,
  provider: string,
  resource: bigint,
  category: bigint,
  weight: bigint,
): Promise<Candidate | undefined> {
  const [isActive, node, units, { current }, score] = await Promise.all([
    nodes.isActive(provider),
    nodes.nodeOf(provider),
    nodes.capacityOf(provider, resource),
    usage.providerUsageOf(provider),
    scores.scoreOf(provider),
  ]);
  if (!isActive || ((node.categories >> category) & 1n) === 0n) return undefined;
  const capacity = units * weight;
  return { provider, capacity, used: current.computeUnits, score, staked: node.staked };
}
