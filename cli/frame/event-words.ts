/** Events of the suite in words. */
import type { Log, LogDescription, ParamType, Result } from "ethers";

import { DAY } from "../../sdk/index.js";
import { bytesText, formatCategories } from "./names.js";
import { formatAmount, formatCount, formatShare, formatSpan, formatTime } from "./quantities.js";
import { field, type Item, type Value } from "./report.js";
import type { Session } from "./session.js";
import { contractAt, interfacesAt } from "./suite.js";

/** An event with the contract that emitted it. */
export interface KnownEvent {
  readonly contract: string;
  readonly name: string;
  readonly args: readonly {
    readonly label: string;
    readonly value: Value;
    readonly text: string;
  }[];
  readonly log: Log;
}

/** The events of these logs that contracts of the suite emitted. */
export function readEvents(session: Session, logs: readonly Log[]): KnownEvent[] {
  return logs.flatMap((log) => {
    const contract = contractAt(session.deployment, log.address);
    const parsed = interfacesAt(session, log.address).at(-1)?.parseLog(log);
    return contract === undefined || !parsed
      ? []
      : [{ contract, name: parsed.name, args: argumentsOf(parsed), log }];
  });
}

/** Events as records of a report. */
export function eventEntries(session: Session, logs: readonly Log[]): Item[] {
  return readEvents(session, logs).map(({ contract, name, args }) => ({
    title: `${contract} ${name}`,
    entries: args.map(({ label, value, text }) => field(label, value, text)),
  }));
}

function argumentsOf({ fragment, args }: LogDescription) {
  return fragment.inputs.map((input, i) => {
    const value: unknown = args[i];
    return { label: labelOf(input.name), value: plain(value), text: wordsOf(input, value) };
  });
}

/** Names of parameters that count OPA wei. */
const AMOUNTS =
  /amount|burned|released|allotment|stageCap|fromDraws|total$|[sS]take|[lL]imit$|available|demanded|Votes$|^votes$|weight$|^value$|unitPrice|^rate$|floor|ceiling|added$/;
const TIMES = /(since|until|end|at|expiry|deadline|latest|clearsAt|eta|etaSeconds)$/i;

function wordsOf(type: ParamType, value: unknown): string {
  if (type.isArray())
    return (value as Result)
      .toArray()
      .map((each) => wordsOf(type.arrayChildren, each))
      .join(", ");
  if (type.isTuple())
    return type.components
      .map((each, i) => `${labelOf(each.name)} ${wordsOf(each, (value as Result)[i])}`)
      .join(", ");
  if (/^bytes(20|32)$/.test(type.type)) return bytesText(String(value));
  if (typeof value !== "bigint") return String(value);
  if (/id$/i.test(type.name)) return value.toString();
  if (/^(voteStart|voteEnd|etaSeconds)$/.test(type.name)) return formatTime(value);
  if (type.name === "categories") return formatCategories(value);
  if (/bps$/i.test(type.name)) return formatShare(value);
  if (type.type === "uint48" && TIMES.test(type.name)) return formatTime(value);
  if (/(delay|duration|period)$/i.test(type.name) && value > DAY) return formatSpan(value);
  return /^uint(96|128|256)$/.test(type.type) && AMOUNTS.test(type.name)
    ? formatAmount(value)
    : formatCount(value);
}

/** A value as JSON takes it. */
function plain(value: unknown): Value {
  if (typeof value === "bigint" || typeof value === "boolean") return value;
  if (!Array.isArray(value)) return String(value);
  return JSON.stringify(value, (_, each: unknown) =>
    typeof each === "bigint" ? each.toString() : each,
  );
}

/** Name of a parameter in words. */
function labelOf(name: string): string {
  const words = name.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
