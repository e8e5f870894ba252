/** As many settled lines as a busy account has in years, as a node with limits would return them. */
import { id, zeroPadValue } from "ethers";

import type { Answer, RpcCall } from "./rpc-proxy.js";

/** Most logs that the node returns at once, as public nodes have it. */
const MOST_LOGS = 5_000;

const LINE_SETTLED = id("LineSettled(address,address,uint32,address,uint32,uint128,uint256)");

interface LogFilter {
  readonly fromBlock: string;
  readonly toBlock: string;
  readonly address: readonly string[];
  readonly topics: readonly unknown[];
}

/** OPA wei of each generated line. */
export const LINE_AMOUNT = 1_000_000_000_000_000n;

/**
 * Answers `eth_getLogs` for one account with lines spread over all blocks up to the latest one; every other call goes to the
 * node. Resources and providers take turns, so that bills and lines are as long as a real account's.
 */
export function answerWithLines(
  account: string,
  meter: string,
  { count, blocks }: { readonly count: number; readonly blocks: number },
): (call: RpcCall) => Answer {
  const subject = zeroPadValue(account, 32).toLowerCase();
  const perBlock = Math.ceil(count / blocks);
  return ({ method, params }) => {
    if (method !== "eth_getLogs") return undefined;
    const { fromBlock, toBlock, topics } = params[0] as LogFilter;
    if (topics[1] !== subject) return undefined;
    const first = Math.max(1, Number(fromBlock));
    const last = Math.min(blocks, Number(toBlock));
    const wanted = Math.max(0, last - first + 1) * perBlock;
    if (wanted > MOST_LOGS)
      return { error: { code: -32_005, message: `query returned more than ${MOST_LOGS} results` } };
    const logs: unknown[] = [];
    for (let block = first; block <= last; block += 1)
      for (let i = 0; i < perBlock; i += 1) {
        const place = (block - 1) * perBlock + i;
        if (place < count) logs.push(lineOf(subject, meter, block, place));
      }
    return { result: logs };
  };
}

/** A line: ten providers with two resources each, a new price epoch every thousand lines. */
function lineOf(subject: string, meter: string, block: number, place: number): unknown {
  const turn = Math.floor(place / 10) + 1;
  const epoch = Math.floor(place / 1_000);
  return {
    address: meter,
    topics: [
      LINE_SETTLED,
      subject,
      `0x${word(0xabc0 + (place % 10))}`,
      `0x${word(1 + (place % 2))}`,
    ],
    data: `0x${subject.slice(2)}${word(epoch)}${word(turn * 10)}${word(LINE_AMOUNT)}`,
    blockNumber: `0x${block.toString(16)}`,
    logIndex: `0x${place.toString(16)}`,
    transactionHash: `0x${word(place + 1)}`,
  };
}

/** A number as 32 bytes; a hundred thousand lines take a moment with this, and minutes with an encoder. */
function word(value: number | bigint): string {
  return value.toString(16).padStart(64, "0");
}
