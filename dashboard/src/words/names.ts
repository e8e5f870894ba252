/** Identifiers as words. */
import { decodeBytes32String, getAddress } from "ethers";

/** An address, short enough for a table: `0x1234…abcd`. */
export function shortAddress(address: string): string {
  const checked = getAddress(address);
  return `${checked.slice(0, 6)}…${checked.slice(-4)}`;
}

/** The text that a bytes32 or bytes20 spells, or its hexadecimal form. */
export function textOf(bytes: string): string {
  try {
    const text = decodeBytes32String(bytes.padEnd(66, "0"));
    return /^[\x20-\x7e]+$/.test(text) ? text : bytes;
  } catch {
    return bytes;
  }
}

/** Name of the member of an enumeration with a number. */
export function nameIn(names: Readonly<Record<string, number>>, value: bigint): string {
  const found = Object.entries(names).find(([, number]) => BigInt(number) === value);
  return found?.[0] ?? `number ${value}`;
}
