import {
  decodeBytes32String,
  formatEther,
  Interface,
  isHexString,
  type ErrorFragment,
} from "ethers";

import { DAY, HOUR } from "../units.js";
import { GOVERNANCE_ERRORS } from "./governance.js";
import { INCENTIVE_ERRORS } from "./incentives.js";
import { METERING_ERRORS } from "./metering.js";
import { NODE_ERRORS } from "./nodes.js";
import { COMMON_ERRORS } from "./openzeppelin.js";
import { SUPPLY_ERRORS } from "./supply.js";
import { LISTS, type ErrorText } from "./texts.js";

/** A revert in words. */
export interface DescribedError {
  /** Name of the error, such as `MeterInsufficientCredit`. */
  readonly name: string;
  /** Arguments by name: addresses and bytes as text, numbers as `bigint`. */
  readonly args: Readonly<Record<string, unknown>>;
  /** The error in one sentence, with its arguments. */
  readonly words: string;
  /** A remedy in one sentence. */
  readonly remedy: string;
}

/** Signatures of all errors with their texts. */
export const ERROR_TEXTS: Readonly<Record<string, ErrorText>> = {
  ...COMMON_ERRORS,
  ...METERING_ERRORS,
  ...NODE_ERRORS,
  ...INCENTIVE_ERRORS,
  ...GOVERNANCE_ERRORS,
  ...SUPPLY_ERRORS,
};

interface KnownError {
  readonly fragment: ErrorFragment;
  readonly text: ErrorText;
}

/** Read once, when the first error is described. */
let known: { readonly codec: Interface; readonly errors: Map<string, KnownError> } | undefined;

/**
 * A revert of any contract of the suite in words.
 *
 * ```ts
 * try {
 *   await contracts.meter.withdraw(account, account, amount);
 * } catch (error) {
 *   const described = describeError(error);
 *   console.error(described ? `${described.words} ${described.remedy}` : error);
 * }
 * ```
 *
 * @param error Revert data, or an error of ethers or viem that has some, at any depth.
 * @param nameOf Name of a known address, to be shown instead of it.
 * @returns nothing if there is no revert data in it, or none of the suite.
 */
export function describeError(
  error: unknown,
  nameOf: (address: string) => string | undefined = () => undefined,
): DescribedError | undefined {
  const data = revertDataOf(error);
  if (data === undefined) return undefined;
  known ??= readTexts();
  const found = known.errors.get(data.slice(0, 10));
  if (!found) return undefined;
  const { fragment, text } = found;
  let values: readonly unknown[];
  try {
    values = known.codec.decodeErrorResult(fragment, data).toArray();
  } catch {
    return undefined; // the selector of another error
  }
  const args = Object.fromEntries(fragment.inputs.map(({ name }, i) => [name, values[i]] as const));
  const [words, remedy] = text;
  const sentence = words.replace(/\{(\w+)(?::(\w+))?\}/g, (_, name: string, manner?: string) =>
    show(args[name], manner, nameOf),
  );
  return { name: fragment.name, args, words: sentence, remedy };
}

/** The revert data in an error, wherever a library puts it; undefined if there is none. */
export function revertDataOf(error: unknown): string | undefined {
  const seen = new Set<unknown>();
  const look = (value: unknown, depth: number): string | undefined => {
    if (typeof value === "string") return isRevertData(value) ? value : undefined;
    if (typeof value !== "object" || value === null || depth > 6 || seen.has(value))
      return undefined;
    seen.add(value);
    for (const field of FIELDS) {
      const found = look((value as Record<string, unknown>)[field], depth + 1);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return look(error, 0);
}

/** Where ethers, viem and nodes put revert data, or the error that has it. */
const FIELDS = ["data", "raw", "error", "info", "cause"] as const;

/** A selector and arguments in whole words. A transaction's own data would also fit, so those fields are not looked at. */
function isRevertData(text: string): boolean {
  return isHexString(text) && text.length >= 10 && (text.length - 10) % 64 === 0;
}

function readTexts() {
  const codec = new Interface(Object.keys(ERROR_TEXTS).map((signature) => `error ${signature}`));
  const errors = new Map<string, KnownError>();
  for (const [signature, text] of Object.entries(ERROR_TEXTS)) {
    const fragment = codec.getError(signature.slice(0, signature.indexOf("(")));
    if (fragment) errors.set(fragment.selector, { fragment, text });
  }
  return { codec, errors };
}

function show(
  value: unknown,
  manner: string | undefined,
  nameOf: (address: string) => string | undefined,
): string {
  const list = manner === undefined ? undefined : LISTS[manner];
  if (list && typeof value === "bigint") return list[Number(value)] ?? String(value);
  if (typeof value === "bigint" && manner !== undefined) return showNumber(value, manner);
  if (typeof value !== "string") return String(value);
  if (manner === "text") return showText(value);
  const name = isHexString(value, 20) ? nameOf(value) : undefined;
  return name === undefined ? value : `${name} (${value})`;
}

function showNumber(value: bigint, manner: string): string {
  switch (manner) {
    case "opa":
      return `${formatEther(value).replace(/\.0$/, "")} OPA`;
    case "time":
      return showTime(value);
    case "span":
      return showSpan(value);
    case "share":
      return `${Number(value) / 100}%`;
    default:
      return String(value);
  }
}

/** Seconds in the largest unit that they are a whole number of. */
function showSpan(seconds: bigint): string {
  const units = [
    [DAY, "day"],
    [HOUR, "hour"],
    [1n, "second"],
  ] as const;
  const [size, unit] = units.find(([each]) => seconds >= each && seconds % each === 0n) ?? [
    1n,
    "second",
  ];
  return `${seconds / size} ${unit}${seconds === size ? "" : "s"}`;
}

/** Seconds as a date. Zero stands for no time. */
function showTime(seconds: bigint): string {
  if (seconds === 0n) return "no time";
  if (seconds > 8_640_000_000_000n) return "the end of time";
  return new Date(Number(seconds) * 1_000).toISOString().replace(".000Z", "Z");
}

/** Bytes as the text that they spell, or as they are. */
function showText(bytes: string): string {
  try {
    const text = decodeBytes32String(bytes.padEnd(66, "0"));
    return /^[\x20-\x7e]+$/.test(text) ? `"${text}"` : bytes;
  } catch {
    return bytes;
  }
}
