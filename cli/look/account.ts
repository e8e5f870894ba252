/** An account as a consumer sees it: credit, reservations, organisation, and all else that the system holds for it. */
import { readRewards, runway } from "../../sdk/index.js";
import { readHistory } from "../frame/history.js";
import { formatCategories } from "../frame/names.js";
import {
  countOf,
  formatAmount,
  formatCount,
  formatEth,
  formatSpan,
  formatTimeFrom,
} from "../frame/quantities.js";
import { field, group, list, type Entry, type Item, type Report } from "../frame/report.js";
import type { Session } from "../frame/session.js";
import type { Terminal } from "../frame/terminal.js";

/** Limits of an organisation, a project or a key. */
export interface Limits {
  readonly epochLimit: bigint;
  readonly totalLimit: bigint;
  readonly expiresAt: bigint;
  readonly categories: bigint;
}

/** Bits of categories that exist; a mask with all of them sets no limit. */
const ALL_CATEGORIES = 0b11111n;

/** Credit, reservations, limits, and all other holdings of an account in the system. */
export async function showAccount(
  session: Session,
  terminal: Terminal,
  account: string,
): Promise<Report> {
  const { suite, provider, now } = session;
  const { meter, token, lock, pool } = suite;
  const [free, lasts, burned, burnable, tier, organisation, balance, ether, locked, rewards] =
    await Promise.all([
      meter.creditOf(account),
      runway(suite, account),
      meter.burnedOf(account),
      meter.burnable(account),
      meter.tierOf(account),
      meter.organisationOf(account),
      token.balanceOf(account),
      provider.getBalance(account),
      lock.lockOf(account),
      readRewards(pool, account),
    ]);
  const most = await readMaxima(session);
  return {
    title: `Account ${account}`,
    entries: [
      group("Credit", [
        field("Free", free, formatAmount(free)),
        field("Lasts", lasts ?? null, lasts === undefined ? "no use of late" : formatSpan(lasts)),
        field("Burned this epoch", burned.current, formatAmount(burned.current)),
        field("Burned before", burned.previous, formatAmount(burned.previous)),
        field("Can burn now", burnable, `up to ${formatAmount(burnable)} by the burn limits`),
        field("Tier", tier),
      ]),
      list("Reservations", await readReservations(session, terminal, account), "none."),
      group("Organisation", [
        field(
          "Admins",
          organisation.admins,
          organisation.admins === 0n ? "the account itself" : countOf(organisation.admins, "admin"),
        ),
        field("Projects", organisation.projects, formatCount(organisation.projects)),
        ...describeLimits(organisation.limits, most, now),
      ]),
      group("Wallet", [
        field("OPA", balance, formatAmount(balance)),
        field("ETH", ether, formatEth(ether)),
      ]),
      group("Elsewhere", [
        field(
          "Locked",
          locked.amount,
          locked.amount === 0n
            ? "nothing"
            : `${formatAmount(locked.amount)} until ${formatTimeFrom(locked.end, now)}`,
        ),
        field("Rewards", rewards.claimable, `${formatAmount(rewards.claimable)} to claim`),
        field("Score", rewards.score, formatAmount(rewards.score)),
      ]),
    ],
  };
}

/** Values of limits that stand for none. */
export interface Maxima {
  readonly limit: bigint;
  readonly total: bigint;
  readonly expiry: bigint;
}

/** Reads the values of limits that stand for none. */
export async function readMaxima({ suite: { meter } }: Session): Promise<Maxima> {
  const [limit, total, expiry] = await Promise.all([
    meter.MAX_LIMIT(),
    meter.MAX_TOTAL(),
    meter.MAX_EXPIRY(),
  ]);
  return { limit, total, expiry };
}

/** Limits in words. */
export function describeLimits(
  { epochLimit, totalLimit, expiresAt, categories }: Limits,
  most: Maxima,
  now: bigint,
): Entry[] {
  const isAll = (categories & ALL_CATEGORIES) === ALL_CATEGORIES;
  return [
    field(
      "Limit an epoch",
      epochLimit,
      epochLimit >= most.limit ? "none" : formatAmount(epochLimit),
    ),
    field(
      "Limit in total",
      totalLimit,
      totalLimit >= most.limit ? "none" : formatAmount(totalLimit),
    ),
    field(
      "Expires",
      expiresAt,
      expiresAt === 0n || expiresAt >= most.expiry ? "never" : formatTimeFrom(expiresAt, now),
    ),
    field("Categories", categories, isAll ? "all" : formatCategories(categories)),
  ];
}

async function readReservations(
  session: Session,
  terminal: Terminal,
  account: string,
): Promise<Item[]> {
  const { meter } = session.suite;
  const made = await readHistory(session, terminal, meter, meter.filters.CreditReserved(account));
  const providers = [...new Set(made.map(({ args }) => String(args[1])))];
  const found = await Promise.all(providers.map((each) => meter.reservationOf(account, each)));
  return found.flatMap(({ amount, until, signer }, i) =>
    amount === 0n
      ? []
      : [
          {
            title: `Provider ${providers[i] ?? ""}`,
            entries: [
              field("Amount", amount, formatAmount(amount)),
              field("Signer", signer),
              field("Until", until, formatTimeFrom(until, session.now)),
            ],
          },
        ],
  );
}
