import { BPS, CONTRIBUTIONS, readEpoch } from "../../sdk/index.js";
import { CliError } from "../exit-codes.js";
import { formatAmount, formatCount, formatShare, parseCount } from "../frame/quantities.js";
import { field, list, type Item, type Report } from "../frame/report.js";
import type { Session } from "../frame/session.js";

/** Options of `epochs`. */
export interface EpochsOptions {
  readonly last?: string;
  readonly from?: string;
  readonly to?: string;
}

const DEFAULT_COUNT = 7n;

/** Burned and released by epoch, with both bounds of the release. */
export async function showEpochs(session: Session, options: EpochsOptions): Promise<Report> {
  const { suite } = session;
  const { number: running } = await readEpoch(suite);
  const to = options.to === undefined ? running : parseCount(options.to);
  const count = options.last === undefined ? DEFAULT_COUNT : parseCount(options.last);
  const start = to + 1n > count ? to + 1n - count : 0n;
  const from = options.from === undefined ? start : parseCount(options.from);
  if (count === 0n || from > to || to > running)
    throw new CliError(
      "usage",
      `There are no epochs from ${from} to ${to}; the running one is ${running}.`,
    );

  const page = await suite.lens.MAX_EPOCHS();
  const items: Item[] = [];
  for (let first = from; first <= to; first += page) {
    const last = first + page - 1n < to ? first + page - 1n : to;
    items.push(...(await readPage(session, first, last, running)));
  }
  return {
    title: `Epochs ${from} to ${to}`,
    entries: [field("Running epoch", running), list("Epochs", items)],
  };
}

async function readPage(
  { suite }: Session,
  first: bigint,
  last: bigint,
  running: bigint,
): Promise<Item[]> {
  const [epochs] = await suite.lens.loop(first, last, []);
  const closings = await Promise.all(
    epochs.map(({ epoch }) => suite.incentiveVault.closingOf(epoch)),
  );
  return epochs.map(({ epoch, burned, released, points, locked, votes }, i) => {
    const { kappaBps = 0n, stageCap = 0n } = closings[i] ?? {};
    const bound = (burned * kappaBps) / BPS;
    const held = [
      field("Locked", locked, formatAmount(locked)),
      field("Votes", votes, formatAmount(votes)),
    ];
    const spent = field("Burned", burned, formatAmount(burned));
    if (epoch === running)
      return {
        title: `Epoch ${epoch}, running`,
        entries: [spent, field("Released", null, "not known before its end"), ...held],
      };
    return {
      title: `Epoch ${epoch}`,
      entries: [
        spent,
        field("κ", kappaBps, formatShare(kappaBps)),
        field("κ of burned", bound, formatAmount(bound)),
        field("Stage cap", stageCap, formatAmount(stageCap)),
        field("Released", released, formatAmount(released)),
        ...pointsOf(points),
        ...held,
      ],
    };
  });
}

/** Points by kind of contribution, as far as there are any. */
function pointsOf(points: readonly bigint[]) {
  return Object.entries(CONTRIBUTIONS).flatMap(([name, i]) => {
    const value = points[i] ?? 0n;
    return value === 0n ? [] : [field(`${name} points`, value, formatCount(value))];
  });
}
