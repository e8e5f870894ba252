/** Prices by resource: rates with their bounds, announced changes, and load against target. */
import { CATEGORIES, RESOURCE_STATES } from "../../../sdk/index.js";
import { visible } from "../../../sdk/visible.js";
import { nameIn } from "../words/names.js";
import type { Head } from "./chain.js";
import { readParameter, type Parameter } from "./parameters.js";
import type { Suite } from "./suite.js";

/** Epochs for which the registry keeps rates. */
const KEPT = 8n;

/** A resource with its price. */
export interface ResourcePrice {
  readonly id: bigint;
  readonly name: string;
  readonly unit: string;
  readonly category: string;
  readonly state: string;
  readonly minimumTier: bigint;
  /** Compute units per unit. */
  readonly weight: bigint;
  /** OPA wei per unit, in the running epoch. */
  readonly unitPrice: bigint;
  /** OPA wei per compute unit: in the running epoch, and its bounds. */
  readonly rate: bigint;
  readonly floor: bigint;
  readonly ceiling: bigint;
  /** A rate that governance announced. */
  readonly announced: Parameter["announced"];
  /** Units per epoch towards which the rate moves; zero if it does not move by itself. */
  readonly target: bigint;
  readonly announcedTarget: Parameter["announced"];
  /** A change of the price policy: its number, and the first epoch with it. */
  readonly nextPolicy: { readonly policy: bigint; readonly epoch: bigint } | undefined;
  readonly policy: bigint;
  /** Units settled in the running epoch and in the one before. */
  readonly load: bigint;
  readonly previousLoad: bigint;
  /** OPA wei per unit by epoch, as far as they are kept; zero if there was none. */
  readonly history: readonly { readonly epoch: bigint; readonly unitPrice: bigint }[];
}

/** Resources that are read at once. */
export const RESOURCES_A_PAGE = 24;

/** A page of resources. */
export interface PricesView {
  readonly count: bigint;
  readonly resources: readonly ResourcePrice[];
}

/** Resources from a place on, in the order of their ids. */
export async function readResourcePrices(
  suite: Suite,
  head: Head,
  from: bigint,
): Promise<PricesView> {
  const { lens, registry } = suite;
  const at = { blockTag: head.number };
  const [count, epoch] = await Promise.all([registry.resourceCount(at), registry.currentEpoch(at)]);
  const left = count > from ? Number(count - from) : 0;
  const length = Math.min(left, RESOURCES_A_PAGE);
  const ids = Array.from({ length }, (_, i) => from + BigInt(i + 1));
  const first = epoch >= KEPT ? epoch - KEPT + 1n : 0n;
  const [{ epochs }, resources] = await Promise.all([
    lens.loop(first, epoch, ids, at),
    Promise.all(ids.map((id) => readResource(suite, id, at))),
  ]);
  const withHistory = resources.map((resource, i) => ({
    ...resource,
    history: epochs.map((record) => ({ epoch: record.epoch, unitPrice: record.prices[i] ?? 0n })),
  }));
  return { count, resources: withHistory };
}

async function readResource(
  { registry, rates, meter }: Suite,
  id: bigint,
  at: { readonly blockTag: number },
): Promise<Omit<ResourcePrice, "history">> {
  const [rateName, targetName] = await Promise.all([
    registry.rateParameter(id),
    registry.targetParameter(id),
  ]);
  const [resource, rate, [current, previous]] = await Promise.all([
    registry.resourceOf(id, at),
    readParameter(rates, rateName, at),
    meter.usageOf(id, at),
  ]);
  const target = resource.target === 0n ? undefined : await readParameter(rates, targetName, at);
  return {
    id,
    name: visible(resource.name),
    unit: visible(resource.unit),
    category: nameIn(CATEGORIES, resource.category),
    state: nameIn(RESOURCE_STATES, resource.state),
    minimumTier: resource.minimumTier,
    weight: resource.weight,
    unitPrice: resource.unitPrice,
    rate: resource.rate,
    floor: resource.floor,
    ceiling: resource.ceiling,
    announced: rate.announced,
    target: resource.target,
    announcedTarget: target?.announced,
    policy: resource.policy,
    nextPolicy:
      resource.policyEpoch === 0n
        ? undefined
        : { policy: resource.nextPolicy, epoch: resource.policyEpoch },
    load: current.units,
    previousLoad: previous.units,
  };
}
