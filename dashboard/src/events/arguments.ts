/**
 * Arguments of events. Arguments of one word, nearly all of them, are cut out of the log directly.
 * ethers takes hundreds of times as long, and an account can have a hundred thousand settled lines.
 */
import { getAddress, type EventFragment, type Interface, type ParamType } from "ethers";

import type { DecodedEvent, Log } from "./logs.js";

/** Hexadecimal digits of a word. */
const WORD = 64;

/** Addresses with their checksum, which is a hash that most logs would have worked out again. */
const checksums = new Map<string, string>();

/** Decodes logs of one event; a log that is none of it decodes to nothing. */
export function argumentsOf(
  contract: Interface,
  name: string,
): (log: Log) => DecodedEvent["args"] | undefined {
  const fragment = contract.getEvent(name);
  if (fragment?.inputs.every(isWord) === true) return (log) => wordsOf(fragment, log);
  return ({ topics, data }) => {
    const parsed = contract.parseLog({ topics, data });
    if (!parsed) return undefined;
    const entries = parsed.fragment.inputs.map(
      (input, i) => [input.name, parsed.args[i] as unknown] as const,
    );
    return Object.fromEntries(entries);
  };
}

/** Whether a value takes one word, indexed or not. */
function isWord({ type }: ParamType): boolean {
  return /^(address|bool|u?int\d+|bytes\d+)$/.test(type);
}

function wordsOf(
  { inputs }: EventFragment,
  { topics, data }: Log,
): DecodedEvent["args"] | undefined {
  const args: Record<string, unknown> = {};
  let topic = 1;
  let place = 2;
  for (const { name, type, indexed } of inputs) {
    let word: string | undefined;
    if (indexed) word = topics[topic++]?.slice(2);
    else {
      word = data.slice(place, place + WORD);
      place += WORD;
    }
    if (word?.length !== WORD) return undefined;
    args[name] = valueOf(type, word);
  }
  return args;
}

function valueOf(type: string, word: string): unknown {
  if (type === "address") return checksummed(`0x${word.slice(24)}`);
  if (type === "bool") return BigInt(`0x${word}`) === 1n;
  if (type.startsWith("bytes")) return `0x${word.slice(0, 2 * Number(type.slice(5)))}`;
  const value = BigInt(`0x${word}`);
  return type.startsWith("int") ? BigInt.asIntN(256, value) : value;
}

function checksummed(address: string): string {
  const known = checksums.get(address);
  if (known !== undefined) return known;
  const found = getAddress(address);
  checksums.set(address, found);
  return found;
}
