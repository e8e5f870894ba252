/**
 * ABI encoding of calls and results that consist of words only. ethers makes new coders for each call, which was a quarter
 * of the time of tests that read every value after every action.
 */
import { getAddress, Result, type FunctionFragment, type ParamType } from "ethers";

const DIGITS = 64; // of a word

/** Selectors, which ethers hashes each time. */
const selectors = new WeakMap<FunctionFragment, string>();

/** Call data of a function; undefined if an argument is no word, or not in its plain form. */
export function encodeWords(
  fragment: FunctionFragment,
  args: readonly unknown[],
): string | undefined {
  const { inputs } = fragment;
  if (args.length !== inputs.length) return undefined;
  let data = selectors.get(fragment);
  if (data === undefined) selectors.set(fragment, (data = fragment.selector));
  for (const [i, input] of inputs.entries()) {
    const word = encodeWord(input.type, args[i]);
    if (word === undefined) return undefined;
    data += word;
  }
  return data;
}

/** Values that a function returned; undefined if they are not only words. */
export function decodeWords({ outputs }: FunctionFragment, result: string): Result | undefined {
  const count = countWords(outputs);
  if (count === undefined || result.length !== 2 + count * DIGITS) return undefined;
  let position = 2;
  const next = () => `0x${result.slice(position, (position += DIGITS))}`;
  return decodeAll(outputs, next);
}

function encodeWord(type: string, value: unknown): string | undefined {
  if (type === "address")
    return isHex(value, 40) ? value.slice(2).toLowerCase().padStart(DIGITS, "0") : undefined;
  if (type === "bool") return typeof value === "boolean" ? toWord(value ? 1n : 0n) : undefined;
  const [, kind, size = ""] = /^(uint|bytes)(\d+)$/.exec(type) ?? [];
  if (kind === "bytes")
    return isHex(value, 2 * Number(size))
      ? value.slice(2).toLowerCase().padEnd(DIGITS, "0")
      : undefined;
  if (kind !== "uint" || typeof value !== "bigint") return undefined;
  return BigInt.asUintN(Number(size), value) === value ? toWord(value) : undefined;
}

function decodeAll(types: readonly ParamType[], next: () => string): Result {
  return Result.fromItems(
    types.map((type) => decodeOne(type, next)),
    types.map(({ name }) => name || null),
  );
}

function decodeOne({ type, components }: ParamType, next: () => string): unknown {
  if (components !== null) return decodeAll(components, next);
  const word = next();
  if (type === "address") return toAddress(word);
  if (type === "bool") return BigInt(word) !== 0n;
  if (type.startsWith("bytes")) return word.slice(0, 2 + 2 * Number(type.slice(5)));
  const value = BigInt(word);
  return type.startsWith("int") ? BigInt.asIntN(Number(type.slice(3)), value) : value;
}

const counts = new WeakMap<readonly ParamType[], number | undefined>();

/** Words of some types; undefined if one of them has no fixed length, or is an array. */
function countWords(types: readonly ParamType[]): number | undefined {
  if (counts.has(types)) return counts.get(types);
  const sizes = types.map(({ type, baseType, components }) => {
    if (baseType === "tuple") return countWords(components ?? []);
    return /^(address|bool|u?int\d+|bytes\d+)$/.test(type) ? 1 : undefined;
  });
  const count = sizes.reduce<number | undefined>(
    (sum, size) => (sum === undefined || size === undefined ? undefined : sum + size),
    0,
  );
  counts.set(types, count);
  return count;
}

const addresses = new Map<string, string>();

/** The address in a word with its checksum, of which each is computed once. */
function toAddress(word: string): string {
  let address = addresses.get(word);
  if (address === undefined)
    addresses.set(word, (address = getAddress(`0x${word.slice(2 + DIGITS - 40)}`)));
  return address;
}

function toWord(value: bigint): string {
  return value.toString(16).padStart(DIGITS, "0");
}

function isHex(value: unknown, digits: number): value is string {
  return typeof value === "string" && value.length === 2 + digits && /^0x[\da-f]*$/i.test(value);
}
