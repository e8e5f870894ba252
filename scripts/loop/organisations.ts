import type { Wallet } from "ethers";

import {
  buildStatement,
  packStatement,
  reasonOf,
  signStatement,
  type ReasonName,
  type StatementDomain,
} from "../../sdk/index.js";
import type { Sum } from "./compare.js";
import type { LoopSuite } from "./observed.js";
import { nothing, type Reckoning } from "./expected.js";

/** A consumer that is an organisation: its key signs within three limits. */
export interface Organisation {
  readonly owner: Wallet;
  readonly key: Wallet;
}

/** Rest of the total limits of an organisation at the end, in OPA wei. */
export interface Spending {
  readonly account: string;
  readonly limit: bigint;
  readonly left: { readonly organisation: bigint; readonly project: bigint; readonly key: bigint };
  /** Amount paid by its mandates, which no limit counts. */
  readonly exempt: bigint;
}

/** Outcome of a statement above a limit. */
export interface Refusal {
  readonly what: string;
  readonly reason: ReasonName;
}

const PROJECT = 1n;
const SPENDER = 1n;
const ALL_CATEGORIES = 31n;
const COMPUTE_ONLY = 1n;
const SMALLEST_LIMIT = 10n ** 9n;

/** Gives an account limits, a project and a key of it; each may burn `limit` in an epoch and in total. */
export async function organise(
  { meter }: LoopSuite,
  { owner, key }: Organisation,
  limit: bigint,
  expiresAt: bigint,
): Promise<void> {
  const limits = {
    epochLimit: limit,
    totalLimit: limit,
    expiresAt,
    categories: ALL_CATEGORIES,
  };
  const own = meter.connect(owner);
  await (await own.limitOrganisation(owner, limits)).wait();
  await (await own.openProject(owner, limits)).wait();
  await (await own.setKey(owner, key, PROJECT, SPENDER, limits)).wait();
}

/** Rest of the total limits of every organisation. */
export async function readSpending(
  { meter }: LoopSuite,
  organisations: readonly Organisation[],
  limit: bigint,
): Promise<Spending[]> {
  const spending: Spending[] = [];
  for (const { owner, key } of organisations) {
    const organisation = (await meter.organisationOf(owner)).limits.totalLimit;
    const project = (await meter.projectOf(owner, PROJECT)).limits.totalLimit;
    const ofKey = (await meter.keyOf(owner, key)).limits.totalLimit;
    const left = { organisation, project, key: ofKey };
    const burns = await meter.queryFilter(meter.filters.ReservationBurned(owner));
    const exempt = burns.reduce((sum, { args }) => sum + args.amount, 0n);
    spending.push({ account: owner.address, limit, left, exempt });
  }
  return spending;
}

/**
 * Expected spending of every organisation, project and key: all burns of its account without
 * mandates.
 */
export function listSpending(spending: readonly Spending[], { byAccount }: Reckoning): Sum[] {
  return spending.flatMap(({ account, limit, left, exempt }) =>
    Object.entries(left).map(([name, remaining]) => ({
      what: `spent of the ${name} limit of account ${account}`,
      found: limit - remaining,
      expected: (byAccount.get(account) ?? nothing()).burned - exempt,
    })),
  );
}

/**
 * Shows that limits hold. After each change the key of the organisation signs for one unit more.
 * `authorize` must state a reason, and settlement must skip the line for the same reason.
 */
export async function showRefusals(
  suite: LoopSuite,
  domain: StatementDomain,
  { owner, key }: Organisation,
  provider: string,
  resource: bigint,
): Promise<Refusal[]> {
  const { meter, registry } = suite;
  const own = meter.connect(owner);
  const { limits } = await meter.keyOf(owner, key);
  const plain = {
    epochLimit: limits.epochLimit,
    totalLimit: limits.epochLimit,
    expiresAt: limits.expiresAt,
    categories: limits.categories,
  };
  const price = await registry.unitPriceOf(resource, await registry.currentEpoch());
  if (price <= SMALLEST_LIMIT) throw new Error("A unit costs too little to exceed a limit.");

  const steps = [
    {
      what: "a project with hardly a limit",
      change: () => own.setProject(owner, PROJECT, { ...plain, totalLimit: SMALLEST_LIMIT }),
      expected: "ProjectTotalExceeded",
    },
    {
      what: "a key for another category",
      change: () =>
        own.setKey(owner, key, PROJECT, SPENDER, { ...plain, categories: COMPUTE_ONLY }),
      expected: "CategoryNotAllowed",
    },
    {
      what: "a project whose keys were revoked",
      change: () => own.revokeProjectKeys(owner, PROJECT),
      expected: "KeyUnknown",
    },
  ] as const;
  const refusals: Refusal[] = [];
  for (const { what, change, expected } of steps) {
    await (await change()).wait();
    const reason = await tryOneUnit(suite, domain, { owner, key }, provider, resource);
    if (reason !== expected)
      throw new Error(`Use by ${what} met ${reason} instead of ${expected}.`);
    refusals.push({ what, reason });
  }
  return refusals;
}

/** Why one unit more cannot settle, as `authorize` and settlement agree. */
async function tryOneUnit(
  { meter, registry, settlement, token }: LoopSuite,
  domain: StatementDomain,
  { owner, key }: Organisation,
  provider: string,
  resource: bigint,
): Promise<ReasonName> {
  const { cumulativeUnits } = await meter.lineOf(owner, provider, resource);
  const priceEpoch = await registry.currentEpoch();
  const statement = buildStatement({
    account: owner.address,
    priceEpoch,
    deadline: (await registry.GENESIS()) + (priceEpoch + 2n) * (await registry.EPOCH_DURATION()),
    lines: [{ provider, resource, cumulativeUnits: cumulativeUnits + 1n }],
  });
  const signed = await signStatement(key, domain, statement);
  const foretold = await meter.authorize(owner, key, provider, resource, 1n);

  const supply = await token.totalSupply();
  const [result] = await settlement.settle.staticCall([packStatement(signed)]);
  await (await settlement.settle([packStatement(signed)])).wait();
  const met = result?.reason === 0n ? (result.reasons.at(0) ?? 0n) : result?.reason;
  if (met !== foretold.reason)
    throw new Error(`Settlement said ${met}, and authorize ${foretold.reason}.`);
  if (supply !== (await token.totalSupply())) throw new Error("A refused statement burned OPA.");
  return reasonOf(met).name;
}
