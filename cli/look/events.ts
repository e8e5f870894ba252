import { zeroPadValue, type Log } from "ethers";

import { addressIn } from "../../sdk/index.js";
import { CliError } from "../exit-codes.js";
import { readEvents } from "../frame/event-words.js";
import { allBlocks, readLogs } from "../frame/history.js";
import { findContract, parseAddress } from "../frame/names.js";
import { formatCount, parseCount } from "../frame/quantities.js";
import { field, list, type Report } from "../frame/report.js";
import type { Session } from "../frame/session.js";
import type { Terminal } from "../frame/terminal.js";

/** Options of `events`. */
export interface EventsOptions {
  readonly contract?: string;
  readonly event?: string;
  readonly account?: string;
  readonly from?: string;
  readonly to?: string;
  readonly last?: string;
}

const DEFAULT_COUNT = "20";

/** Events of the system in words, the latest last. */
export async function showEvents(
  session: Session,
  terminal: Terminal,
  options: EventsOptions,
): Promise<Report> {
  const whole = allBlocks(session);
  const from = options.from === undefined ? whole.from : Number(parseCount(options.from));
  const to = options.to === undefined ? whole.to : Number(parseCount(options.to));
  if (from > to) throw new CliError("usage", `Block ${from} is after block ${to}.`);
  const most = Number(parseCount(options.last ?? DEFAULT_COUNT));
  const logs = await readLogs(
    session,
    terminal,
    { address: addressesOf(session, options.contract) },
    { from, to },
  );
  const about = options.account === undefined ? undefined : parseAddress(options.account);
  const wanted = readEvents(
    session,
    about === undefined ? logs : logs.filter(mentions(about)),
  ).filter(
    ({ name }) => options.event === undefined || name.toLowerCase() === options.event.toLowerCase(),
  );
  const shown = most === 0 ? [] : wanted.slice(-most);
  return {
    title: `Events of blocks ${formatCount(from)} to ${formatCount(to)}`,
    entries: [
      field("Found", wanted.length, formatCount(wanted.length)),
      field(
        "Shown",
        shown.length,
        shown.length < wanted.length ? `the last ${formatCount(shown.length)}` : "all",
      ),
      list(
        "Events",
        shown.map(({ contract, name, args, log }) => ({
          title: `Block ${formatCount(log.blockNumber)}, ${contract} ${name}`,
          entries: [
            ...args.map((arg) => field(arg.label, arg.value, arg.text)),
            field("Transaction", log.transactionHash),
          ],
        })),
        "none.",
      ),
    ],
  };
}

/** Addresses whose events are read. */
function addressesOf({ deployment }: Session, contract: string | undefined): string[] {
  if (contract === undefined) return Object.values(deployment.addresses);
  return [addressIn(deployment, findContract(deployment, contract))];
}

/** Whether a log names an account in an indexed field. */
function mentions(account: string): (log: Log) => boolean {
  const topic = zeroPadValue(account, 32).toLowerCase();
  return ({ topics }) => topics.slice(1).some((each) => each.toLowerCase() === topic);
}
