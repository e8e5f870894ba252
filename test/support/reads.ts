import type { BaseContract, FunctionFragment, Interface } from "ethers";
import type { NetworkConnection } from "hardhat/types/network";

import { decodeWords, encodeWords } from "./words.js";

/** A typed method of a contract that only reads. */
interface ReadMethod<Args extends unknown[], Value> {
  (...args: Args): Promise<Value>;
  readonly fragment: FunctionFragment;
}

/** One read of a contract, with the type of its result. */
export interface Read<Value> {
  readonly contract: BaseContract;
  readonly fragment: FunctionFragment;
  readonly args: readonly unknown[];
  /** Type of the result; no read has this property. */
  readonly result?: Value;
}

/** Results of reads, in their order. */
type Results<Reads extends readonly Read<unknown>[]> = {
  -readonly [Index in keyof Reads]: Reads[Index] extends Read<infer Value> ? Value : never;
};

/** What ethers notes in a method. */
interface Method {
  _contract: BaseContract;
  _key: string;
}

/** Functions by the key of their method. ethers looks through all functions of the contract for one. */
const fragments = new WeakMap<Interface, Map<string, FunctionFragment>>();

/** Reads that one call carries: the code of a call is limited to 48 kB, and its answer to 24 kB. */
const BATCH = 64;
const WORD = 32;

/** Describes a read of `method` for {@link readAll}; addresses are given as text. */
export function read<Args extends unknown[], Value>(
  method: ReadMethod<Args, Value>,
  ...args: Args
): Read<Value> {
  const { _contract: contract, _key: key } = method as unknown as Method;
  let known = fragments.get(contract.interface);
  if (known === undefined)
    fragments.set(contract.interface, (known = new Map<string, FunctionFragment>()));
  let fragment = known.get(key);
  if (fragment === undefined) known.set(key, (fragment = method.fragment));
  return { contract, fragment, args };
}

/**
 * Reads many values of the latest block in one call. A call costs the client about a millisecond, which dominates tests that
 * compare every value with a model after every action.
 */
export async function readAll<const Reads extends readonly Read<unknown>[]>(
  { provider }: NetworkConnection,
  reads: Reads,
): Promise<Results<Reads>> {
  const results: unknown[] = [];
  for (let first = 0; first < reads.length; first += BATCH) {
    const batch = reads.slice(first, first + BATCH);
    const data = codeFor(batch);
    const answer: unknown = await provider.request({
      method: "eth_call",
      params: [{ data }, "latest"],
    });
    results.push(...decodeAnswer(batch, answer as string));
  }
  return results as Results<Reads>;
}

/**
 * Creation code that makes the calls and returns success, length and return data of each. No contract is needed for it, since
 * a call without a recipient runs its data as code.
 */
function codeFor(reads: readonly Read<unknown>[]): string {
  const calls = reads.map(({ contract, fragment, args }) => ({
    target: (contract.target as string).slice(2),
    data: (
      encodeWords(fragment, args) ?? contract.interface.encodeFunctionData(fragment, args)
    ).slice(2),
  }));
  const longest = Math.max(...calls.map(({ data }) => data.length / 2));
  const begin = push(Math.ceil(longest / WORD) * WORD); // results come after the calldata of one call
  const bodyOf = (target: string, length: number, offset: number) =>
    [
      `${push(length)}${push(offset)}5f39`, // copies the calldata, which follows the code, to 0
      `5f5f${push(length)}5f73${target}5afa`, // calls
      "8152", // stores success
      "3d8160200152", // stores the length
      "3d5f826040013e", // stores the return data
      "3d01604001", // moves on
    ].join("");
  const end = `${begin}80910390f3`; // returns all
  const width = bodyOf("0".repeat(40), 0, 0).length / 2;
  let offset = (begin.length + end.length) / 2 + calls.length * width;
  const bodies = calls.map(({ target, data }) => {
    const body = bodyOf(target, data.length / 2, offset);
    offset += data.length / 2;
    return body;
  });
  return `0x${begin}${bodies.join("")}${end}${calls.map(({ data }) => data).join("")}`;
}

/** Results from the answer to such code. */
function decodeAnswer(reads: readonly Read<unknown>[], answer: string): unknown[] {
  let position = 2;
  const take = (bytes: number) => `0x${answer.slice(position, (position += 2 * bytes))}`;
  return reads.map(({ contract, fragment }) => {
    const succeeded = BigInt(take(WORD)) === 1n;
    const result = take(Number(take(WORD)));
    if (!succeeded) throw new Error(`${fragment.name} reverts with ${result}`);
    const values =
      decodeWords(fragment, result) ?? contract.interface.decodeFunctionResult(fragment, result);
    return values.length === 1 ? (values[0] as unknown) : values;
  });
}

/** Code that pushes a number of at most three bytes. */
function push(value: number): string {
  return `62${value.toString(16).padStart(6, "0")}`;
}
