/** An account: credit, runway, mandates, projects and keys with their limits, lines, rewards and schedules. */
import { KEY_ROLES, runway } from "../../../sdk/index.js";
import type { IOrganisations } from "../../../typechain-types/contracts/interfaces/IOrganisations.js";
import { zeroPadValue } from "ethers";

import type { DecodedEvent, Scope } from "../events/logs.js";
import { nameIn } from "../words/names.js";
import type { Head } from "./chain.js";
import type { Suite } from "./suite.js";

/** Limits of a key, a project or an organisation, with their use. Amounts are OPA wei. */
export interface LimitsView {
  /** Undefined if there is no limit. */
  readonly epochLimit: bigint | undefined;
  readonly spent: bigint;
  /** Rest of the total; undefined without a limit. */
  readonly totalLeft: bigint | undefined;
  /** Last second; 0 if it never comes. */
  readonly expiresAt: bigint;
  readonly categories: bigint;
}

/** A mandate of a provider. */
export interface MandateView {
  readonly provider: string;
  readonly signer: string;
  readonly amount: bigint;
  readonly until: bigint;
}

/** A key of an account. */
export interface KeyView extends LimitsView {
  readonly key: string;
  readonly role: string;
  readonly project: bigint;
}

/** A project of an account. */
export interface ProjectView extends LimitsView {
  readonly project: bigint;
}

/** A vesting schedule of which the account is the beneficiary. */
export interface OwnSchedule {
  readonly id: bigint;
  readonly total: bigint;
  readonly released: bigint;
  readonly claimable: bigint;
  readonly nextStageAt: bigint;
}

/** An account at a block. Amounts are OPA wei. */
export interface AccountView {
  readonly account: string;
  readonly balance: bigint;
  readonly credit: bigint;
  /** Burned in the running epoch and in the one before. */
  readonly burned: { readonly current: bigint; readonly previous: bigint };
  /** Seconds that the free credit lasts; undefined if nothing was burned of late. */
  readonly runway: bigint | undefined;
  readonly tier: bigint;
  readonly limits: LimitsView;
  readonly admins: bigint;
  readonly mandates: readonly MandateView[];
  readonly projects: readonly ProjectView[];
  readonly keys: readonly KeyView[];
  readonly claimable: bigint;
  readonly payout: string;
  readonly schedules: readonly OwnSchedule[];
  readonly lock: { readonly amount: bigint; readonly end: bigint; readonly withdrawableAt: bigint };
  readonly delegatee: string;
  /** Votes delegated to it, its own included unless it delegated. */
  readonly votes: bigint;
}

/** Schedules that are looked through in one call. */
const SCHEDULES = 2_000n;

/** The largest numbers of limits, which mean that there is none. */
interface Most {
  readonly limit: bigint;
  readonly expiry: bigint;
}

interface At {
  readonly blockTag: number;
}

/** Events of an account at the Meter. */
export function accountScope({ meter, modules }: Suite, account: string): Scope {
  return {
    name: `account ${account.toLowerCase()}`,
    first: zeroPadValue(account, 32).toLowerCase(),
    sources: [
      {
        address: modules.get("meter") ?? "",
        contract: meter.interface,
        events: ["LineSettled", "CreditDeposited", "CreditWithdrawn", "CreditReserved", "KeySet"],
      },
    ],
  };
}

/** An account at a block; mandates and keys are those that the events name. */
export async function readAccount(
  suite: Suite,
  { number }: Head,
  account: string,
  events: readonly DecodedEvent[],
): Promise<AccountView> {
  const { lock, meter, pool, token } = suite;
  const at = { blockTag: number };
  const [balance, credit, [current, previous], left, tier, organisation, unlimited, end] =
    await Promise.all([
      token.balanceOf(account, at),
      meter.creditOf(account, at),
      meter.burnedOf(account, at),
      runway({ meter }, account),
      meter.tierOf(account, at),
      meter.organisationOf(account, at),
      meter.MAX_LIMIT(at),
      meter.MAX_EXPIRY(at),
    ]);
  const most = { limit: unlimited, expiry: end };
  const [mandates, projects, keys, schedules, claimable, payout] = await Promise.all([
    readMandates(suite, account, named(events, "CreditReserved", "provider"), at),
    readProjects(suite, account, { count: organisation.projects, most }, at),
    readKeys(suite, account, { keys: named(events, "KeySet", "key"), most }, at),
    readSchedules(suite, account, at),
    pool.claimableOf(account, at),
    pool.payoutOf(account, at),
  ]);
  const [record, withdrawableAt, delegatee, votes] = await Promise.all([
    lock.lockOf(account, at),
    lock.withdrawableAt(account, at),
    lock.delegates(account, at),
    lock.getVotes(account, at),
  ]);
  return {
    ...{ account, balance, credit, runway: left, tier, mandates, projects, keys, schedules },
    ...{ claimable, payout, delegatee, votes },
    burned: { current, previous },
    limits: limitsOf(organisation.limits, current, most),
    admins: organisation.admins,
    lock: { amount: record.amount, end: record.end, withdrawableAt },
  };
}

/** Values of an argument in the events of a name, each once. */
function named(events: readonly DecodedEvent[], event: string, part: string): string[] {
  const found = events.filter(({ name }) => name === event).map(({ args }) => String(args[part]));
  return [...new Set(found)];
}

async function readMandates(
  { meter }: Suite,
  account: string,
  providers: readonly string[],
  at: At,
): Promise<MandateView[]> {
  const found = await Promise.all(
    providers.map((provider) => meter.reservationOf(account, provider, at)),
  );
  return found
    .map(({ amount, until, signer }, i) => ({
      provider: providers[i] ?? "",
      signer,
      amount,
      until,
    }))
    .filter(({ amount }) => amount > 0n);
}

async function readProjects(
  { meter }: Suite,
  account: string,
  { count, most }: { readonly count: bigint; readonly most: Most },
  at: At,
): Promise<ProjectView[]> {
  const numbers = Array.from({ length: Number(count) }, (_, i) => BigInt(i + 1));
  const found = await Promise.all(numbers.map((project) => meter.projectOf(account, project, at)));
  return found.map(({ limits, spent }, i) => ({
    project: numbers[i] ?? 0n,
    ...limitsOf(limits, spent, most),
  }));
}

async function readKeys(
  { meter }: Suite,
  account: string,
  { keys, most }: { readonly keys: readonly string[]; readonly most: Most },
  at: At,
): Promise<KeyView[]> {
  const found = await Promise.all(keys.map((key) => meter.keyOf(account, key, at)));
  return found
    .map(({ role, project, spent, limits }, i) => ({
      ...{ key: keys[i] ?? "", project, role: nameIn(KEY_ROLES, role) },
      ...limitsOf(limits, spent, most),
    }))
    .filter(({ role }) => role !== "None");
}

async function readSchedules({ vault }: Suite, account: string, at: At): Promise<OwnSchedule[]> {
  const ids: bigint[] = [];
  for (let next = 1n; next !== 0n;) {
    const page = await vault.schedulesOf(account, next, SCHEDULES, at);
    ids.push(...page.ids);
    next = page.nextId;
  }
  const found = await Promise.all(ids.map((id) => vault.scheduleOf(id, at)));
  return found.map(({ total, released, claimable, nextStageAt }, i) => ({
    ...{ id: ids[i] ?? 0n, total, released, claimable, nextStageAt },
  }));
}

/** Limits as the contracts have them, where the largest number means that there is none. */
function limitsOf(
  limits: IOrganisations.LimitsStructOutput,
  spent: bigint,
  most: Most,
): LimitsView {
  const { epochLimit, totalLimit, expiresAt, categories } = limits;
  return {
    epochLimit: epochLimit >= most.limit ? undefined : epochLimit,
    totalLeft: totalLimit >= most.limit ? undefined : totalLimit,
    expiresAt: expiresAt >= most.expiry ? 0n : expiresAt,
    ...{ spent, categories },
  };
}
