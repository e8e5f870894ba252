import { concat, dataLength, toBeHex, type BaseContract, type FunctionFragment } from "ethers";
import type { NetworkConnection } from "hardhat/types/network";

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

const OPCODE = {
  add: "0x01",
  sub: "0x03",
  calldataCopy: "0x39", // CODECOPY: the calldata of the reads is part of the code
  returnDataSize: "0x3d",
  returnDataCopy: "0x3e",
  store: "0x52",
  gas: "0x5a",
  zero: "0x5f",
  duplicate: "0x80",
  duplicateSecond: "0x81",
  duplicateThird: "0x82",
  swap: "0x90",
  swapThird: "0x91",
  return: "0xf3",
  staticCall: "0xfa",
} as const;
const WORD = 32;

/** Describes a read of `method` for {@link readAll}; addresses are given as text. */
export function read<Args extends unknown[], Value>(
  method: ReadMethod<Args, Value>,
  ...args: Args
): Read<Value> {
  const { _contract: contract } = method as unknown as { _contract: BaseContract };
  return { contract, fragment: method.fragment, args };
}

/**
 * Reads many values of the latest block in one call. A call costs the client about a millisecond, which dominates tests that
 * compare every value with a model after every action.
 */
export async function readAll<const Reads extends readonly Read<unknown>[]>(
  { provider }: NetworkConnection,
  reads: Reads,
): Promise<Results<Reads>> {
  const data = programFor(
    await Promise.all(
      reads.map(async ({ contract, fragment, args }) => ({
        target: await contract.getAddress(),
        data: contract.interface.encodeFunctionData(fragment, args),
      })),
    ),
  );
  const answer = (await provider.request({
    method: "eth_call",
    params: [{ data }, "latest"],
  })) as string;

  let position = 2;
  const take = (length: number) => answer.slice(position, (position += 2 * length));
  return reads.map(({ contract, fragment }) => {
    const succeeded = BigInt(`0x${take(WORD)}`) === 1n;
    const result = `0x${take(Number(`0x${take(WORD)}`))}`;
    if (!succeeded) throw new Error(`${fragment.name} reverts with ${result}`);
    const values = contract.interface.decodeFunctionResult(fragment, result);
    return values.length === 1 ? (values[0] as unknown) : values;
  }) as Results<Reads>;
}

/**
 * Creation code that calls the targets and returns success, length and return data of each. No contract is needed for it, since
 * a call without a recipient runs its data as code.
 */
function programFor(calls: readonly { target: string; data: string }[]): string {
  const longest = Math.max(...calls.map(({ data }) => dataLength(data)));
  const begin = push(Math.ceil(longest / WORD) * WORD, 3); // results come after the calldata of one call
  const bodyOf = (data: string, offset: number, target: string) =>
    concat([
      // copies the calldata to 0
      ...[push(dataLength(data), 3), push(offset, 3), OPCODE.zero, OPCODE.calldataCopy],
      // calls
      ...[OPCODE.zero, OPCODE.zero, push(dataLength(data), 3), OPCODE.zero, "0x73", target],
      ...[OPCODE.gas, OPCODE.staticCall],
      // stores success and length, copies the return data, and moves on
      ...[OPCODE.duplicateSecond, OPCODE.store],
      ...[OPCODE.returnDataSize, OPCODE.duplicateSecond, push(WORD, 1), OPCODE.add, OPCODE.store],
      ...[OPCODE.returnDataSize, OPCODE.zero, OPCODE.duplicateThird, push(2 * WORD, 1), OPCODE.add],
      ...[OPCODE.returnDataCopy, OPCODE.returnDataSize, OPCODE.add, push(2 * WORD, 1), OPCODE.add],
    ]);
  const end = concat([
    ...[begin, OPCODE.duplicate, OPCODE.swapThird, OPCODE.sub, OPCODE.swap, OPCODE.return],
  ]);
  const [{ data: first, target } = { data: "0x", target: `0x${"0".repeat(40)}` }] = calls;
  const length =
    dataLength(begin) + calls.length * dataLength(bodyOf(first, 0, target)) + dataLength(end);
  let offset = length;
  const bodies = calls.map((call) => {
    const body = bodyOf(call.data, offset, call.target);
    offset += dataLength(call.data);
    return body;
  });
  return concat([begin, ...bodies, end, ...calls.map(({ data }) => data)]);
}

function push(value: number, bytes: 1 | 3): string {
  return concat([toBeHex(0x5f + bytes), toBeHex(value, bytes)]);
}
