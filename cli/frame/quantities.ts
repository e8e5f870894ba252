/** Amounts, times, spans, shares and counts: as people write them, and as they read them. */
import { formatUnits, parseUnits } from "ethers";

import { BPS, DAY, GWEI, HOUR, OPA, WEEK } from "../../sdk/units.js";
import { CliError } from "../exit-codes.js";

const DECIMALS: Readonly<Record<string, number>> = { opa: 18, gwei: 9, wei: 0 };

const SPANS: Readonly<Record<string, bigint>> = {
  ...{ s: 1n, m: 60n, h: HOUR, d: DAY, w: WEEK },
};

/** Smallest number that is read as seconds since 1970 and not as a span. */
const FIRST_TIMESTAMP = 1_000_000_000n;

const OPA_FROM = OPA / 1_000n;

function refuse(text: string, what: string, examples: string): never {
  throw new CliError("usage", `"${text}" is not ${what}; write it like ${examples}.`);
}

/** Amount in wei: `5 OPA`, `5`, `1 gwei` or `100 wei`. A number without a unit counts OPA. */
export function parseAmount(text: string): bigint {
  const match = /^([\d_,]+)(\.\d+)?\s*(opa|gwei|wei)?$/i.exec(text.trim());
  const decimals = DECIMALS[(match?.[3] ?? "opa").toLowerCase()];
  const whole = ungroup(match?.[1] ?? "");
  try {
    if (whole === undefined || decimals === undefined) throw new Error("no amount");
    return parseUnits(`${whole}${match?.[2] ?? ""}`, decimals);
  } catch {
    return refuse(text, "an amount", '"5 OPA", "0.25 OPA", "1 gwei" or "100 wei"');
  }
}

/** A whole number: `1000`, `1,000`, `1_000` or `1e6`. */
export function parseCount(text: string): bigint {
  const match = /^([\d_,]+)(?:e(\d{1,2}))?$/i.exec(text.trim());
  const whole = ungroup(match?.[1] ?? "");
  if (whole === undefined) return refuse(text, "a whole number", '"1000", "1,000" or "1e6"');
  return BigInt(whole) * 10n ** BigInt(match?.[2] ?? "0");
}

/** Digits without the marks of thousands; undefined if a mark is elsewhere, as in `1,5`, which somebody may mean as a fraction. */
function ungroup(digits: string): string | undefined {
  const isRight = /^\d+$/.test(digits) || /^\d{1,3}([,_])\d{3}(\1\d{3})*$/.test(digits);
  return isRight ? digits.replace(/[_,]/g, "") : undefined;
}

/** A span in seconds: `90s`, `30m`, `24h`, `3d` or `104w`. */
export function parseSpan(text: string): bigint {
  const match = /^(\d+)\s*(s|m|h|d|w)[a-z]*$/i.exec(text.trim());
  const unit = SPANS[(match?.[2] ?? "").toLowerCase()];
  if (!match || unit === undefined) return refuse(text, "a span of time", '"24h", "3d" or "104w"');
  return BigInt(match[1] ?? "") * unit;
}

/** A time in seconds since 1970: a span from now, a date in UTC, or the seconds themselves. */
export function parseTime(text: string, now: bigint): bigint {
  const trimmed = text.trim();
  if (/^\d+\s*[a-z]+$/i.test(trimmed)) return now + parseSpan(trimmed);
  if (/^\d+$/.test(trimmed) && BigInt(trimmed) >= FIRST_TIMESTAMP) return BigInt(trimmed);
  const iso = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?Z?)?$/.test(trimmed)
    ? Date.parse(
        trimmed.includes(":") ? `${trimmed.replace(" ", "T").replace(/Z$/, "")}Z` : trimmed,
      )
    : Number.NaN;
  if (Number.isNaN(iso)) return refuse(text, "a time", '"3d" (from now), "2027-03-01 12:00" (UTC)');
  return BigInt(iso) / 1_000n;
}

/** A share in basis points: `45%`, `4.5%` or `450 bps`. */
export function parseShare(text: string): bigint {
  const match = /^(\d+(?:\.\d{1,2})?)\s*(%|bps)$/i.exec(text.trim());
  if (!match) return refuse(text, "a share", '"45%" or "4500 bps"');
  const number = match[1] ?? "";
  if (match[2] === "%") return parseUnits(number, 2);
  if (number.includes(".")) return refuse(text, "a whole number of basis points", '"4500 bps"');
  return BigInt(number);
}

/** An amount with its unit, exact: OPA from a thousandth on, smaller ones in gwei or wei. */
export function formatAmount(wei: bigint): string {
  const size = wei < 0n ? -wei : wei;
  if (size === 0n) return "0 OPA";
  if (size >= OPA_FROM) return `${formatDecimal(wei, 18)} OPA`;
  return size >= GWEI ? `${formatDecimal(wei, 9)} gwei` : `${formatCount(wei)} wei`;
}

/** An amount of ether for gas. */
export function formatEth(wei: bigint): string {
  return `${formatDecimal(wei, 18)} ETH`;
}

/** A whole number with thousands set apart. */
export function formatCount(number: bigint | number): string {
  return number.toString().replace(/\B(?=(\d{3})+$)/g, ",");
}

/** Basis points as a percentage. */
export function formatShare(bps: bigint): string {
  return `${formatDecimal(bps, 2)}%`;
}

/** A part of a whole as a percentage with two places, rounded down. */
export function formatPart(part: bigint, whole: bigint): string {
  return whole === 0n ? "0%" : formatShare((part * BPS) / whole);
}

/** A time in UTC. */
export function formatTime(seconds: bigint): string {
  const time = new Date(Number(seconds) * 1_000);
  if (Number.isNaN(time.getTime())) return "never";
  return `${time.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** A time in UTC with its distance from now. */
export function formatTimeFrom(seconds: bigint, now: bigint): string {
  const distance = seconds - now;
  const words =
    distance === 0n
      ? "now"
      : distance > 0n
        ? `in ${formatSpan(distance)}`
        : `${formatSpan(-distance)} ago`;
  return `${formatTime(seconds)}, ${words}`;
}

/** A span in its two largest units. */
export function formatSpan(seconds: bigint): string {
  if (seconds === 0n) return "0 seconds";
  const units: readonly [string, bigint][] = [
    ["day", DAY],
    ["hour", HOUR],
    ["minute", 60n],
    ["second", 1n],
  ];
  let rest = seconds;
  const parts: string[] = [];
  for (const [name, size] of units) {
    const number = rest / size;
    rest %= size;
    if (number > 0n) parts.push(countOf(number, name));
    else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return parts.join(" ");
}

/** A number of things, with the right form of the noun. */
export function countOf(number: bigint | number, noun: string): string {
  return `${formatCount(number)} ${noun}${BigInt(number) === 1n ? "" : "s"}`;
}

function formatDecimal(value: bigint, decimals: number): string {
  const [whole = "0", fraction = "0"] = formatUnits(value, decimals).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return fraction === "0" ? grouped : `${grouped}.${fraction}`;
}
