/** Reads values of a parameter file. Every fault is noted by its path in the file, and reading goes on to find the others. */
import { getAddress, isAddress, parseEther, toUtf8Bytes, ZeroAddress } from "ethers";

import { BPS, OPA } from "../../sdk/units.js";
import { MAX_NAME_BYTES, type Range } from "./bounds.js";
import { parseShare, WHOLE } from "./curves.js";

/** A fault that is about to be noted, or one that was. */
class Fault extends Error {}

/** Any JSON object. */
export type Fields = Record<string, unknown>;

/** Every method takes the value and its path. */
export class Values {
  /** Sentences, one for each fault. */
  readonly faults: string[] = [];
  readonly #file: string;
  readonly #environment: NodeJS.ProcessEnv;

  constructor(file: string, environment: NodeJS.ProcessEnv) {
    this.#file = file;
    this.#environment = environment;
  }

  /** Result of `read`, or undefined if it found a fault. */
  attempt<T>(read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (error instanceof Fault) return undefined;
      throw error;
    }
  }

  /** Reads all parts, so that the faults of each are found, before it gives up because of one. */
  all<T extends object>(parts: { [Key in keyof T]: () => T[Key] }): T {
    const entries = Object.entries<() => unknown>(parts);
    const results = entries.map(([key, read]) => [key, this.attempt(() => [read()])] as const);
    if (results.some(([, result]) => result === undefined)) throw new Fault();
    return Object.fromEntries(results.map(([key, result]) => [key, result?.[0]])) as T;
  }

  /** Reads every entry of a list. */
  each<T>(value: unknown, at: string, read: (entry: unknown, at: string) => T): T[] {
    const list = this.list(value, at);
    const results = list.map((entry, i) => this.attempt(() => [read(entry, `${at}[${i}]`)]));
    if (results.includes(undefined)) throw new Fault();
    return results.flatMap((result) => result ?? []);
  }

  /** The object at a path; with `required` given, exactly these keys and any of `optional`. */
  object(
    value: unknown,
    at: string,
    required?: readonly string[],
    optional: string[] = [],
  ): Fields {
    if (typeof value !== "object" || value === null || Array.isArray(value))
      this.fail(at, value === undefined ? "is missing" : "is not an object");
    const object = value as Fields;
    if (required === undefined) return object;
    const prefix = at === "" ? "" : `${at}.`;
    const allowed = [...required, ...optional];
    const unknown = Object.keys(object).filter((key) => !allowed.includes(key));
    for (const key of unknown) this.note(`${prefix}${key}`, "is not known");
    const missing = required.filter((key) => object[key] === undefined);
    for (const key of missing) this.note(`${prefix}${key}`, "is missing");
    if (unknown.length + missing.length > 0) throw new Fault();
    return object;
  }

  list(value: unknown, at: string): unknown[] {
    if (!Array.isArray(value)) this.fail(at, "is not a list");
    if (value.length === 0) this.fail(at, "is empty");
    return value as unknown[];
  }

  integer(value: unknown, at: string, minimum: bigint, maximum?: bigint): bigint {
    const isInteger = typeof value === "number" && Number.isSafeInteger(value);
    const isDigits = typeof value === "string" && /^\d+$/.test(value);
    if (!isInteger && !isDigits) this.fail(at, "is not a whole number");

    const number = BigInt(value);
    if (number < minimum) this.fail(at, `is ${String(number)}; at least ${String(minimum)}`);
    if (maximum !== undefined && number > maximum)
      this.fail(at, `is ${String(number)}; at most ${String(maximum)}`);
    return number;
  }

  amount(value: unknown, at: string): bigint {
    if (typeof value !== "string" || !/^[1-9]\d{0,8}$/.test(value))
      this.fail(at, `is not a whole number of OPA above zero, written as a string`);
    return parseEther(value);
  }

  /** An amount between two others. */
  amountWithin(value: unknown, at: string, [minimum, maximum]: Range): bigint {
    const amount = this.amount(value, at);
    if (amount < minimum || amount > maximum)
      this.fail(at, `is ${whole(amount)} OPA, not between ${whole(minimum)} and ${whole(maximum)}`);
    return amount;
  }

  share(value: unknown, at: string): bigint {
    const share = typeof value === "string" ? parseShare(value) : undefined;
    if (share === undefined) this.fail(at, `is not a share like "10%" or "1/3" of at most 100%`);
    return share;
  }

  /** A share as basis points. */
  bps(value: unknown, at: string): bigint {
    const share = this.share(value, at) * BPS;
    if (share % WHOLE !== 0n) this.fail(at, "is not a whole number of basis points");
    return share / WHOLE;
  }

  boolean(value: unknown, at: string): boolean {
    if (typeof value !== "boolean") this.fail(at, "is not true or false");
    return value;
  }

  text(value: unknown, at: string): string {
    if (typeof value !== "string" || value === "") this.fail(at, "is not a text");
    return value;
  }

  short(value: unknown, at: string): string {
    const text = this.text(value, at);
    if (byteLength(text) > MAX_NAME_BYTES) this.fail(at, `is "${text}", over 31 bytes long`);
    return text;
  }

  /** The number of a name in a list. */
  nameAmong(value: unknown, at: string, names: readonly string[], first = 0): bigint {
    const name = this.text(value, at);
    const index = names.indexOf(name);
    if (index < first) this.fail(at, `is "${name}", not one of ${names.slice(first).join(", ")}`);
    return BigInt(index);
  }

  address(value: unknown, at: string): string {
    const text = this.#resolve(value, at);
    if (typeof text !== "string" || !isAddress(text) || !text.startsWith("0x"))
      this.fail(at, "is not an address with a valid checksum");
    const address = getAddress(text);
    if (address === ZeroAddress) this.fail(at, "is the zero address");
    return address;
  }

  /** Refuses a text that a list has twice. */
  distinct(texts: readonly string[], at: string, what = "has"): void {
    const repeated = new Set(texts.filter((text, i) => texts.indexOf(text) !== i));
    for (const text of repeated) this.note(at, `${what} "${text}" twice`);
    if (repeated.size > 0) throw new Fault();
  }

  /** Notes a fault and gives this part up. */
  fail(at: string, what: string): never {
    this.note(at, what);
    throw new Fault();
  }

  /** Gives a part up whose fault is noted. */
  giveUp(): never {
    throw new Fault();
  }

  /** Notes a fault. */
  note(at: string, what: string): void {
    this.faults.push(`${this.#file}: ${at === "" ? "the content" : at} ${what}.`);
  }

  /** Value of the variable for `env:NAME`, or the value itself. */
  #resolve(value: unknown, at: string): unknown {
    const name = typeof value === "string" ? /^env:(\w+)$/.exec(value)?.[1] : undefined;
    if (name === undefined) return value;
    const resolved = this.#environment[name];
    if (resolved === undefined || resolved === "")
      this.fail(at, `comes from the environment variable ${name}, which is not set`);
    return resolved;
  }
}

/** Whole OPA of an amount in wei, as text. */
export function whole(amount: bigint): string {
  return (amount / OPA).toString();
}

/** Length of a text in bytes. */
export function byteLength(text: string): number {
  return toUtf8Bytes(text).length;
}
