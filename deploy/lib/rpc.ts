/** A node as a deployment needs it: asked again when a connection breaks, with answers that are checked. */
import { setTimeout as sleep } from "node:timers/promises";

import { getAddress } from "ethers";
import type { NetworkConnection } from "hardhat/types/network";

import { BlockRangeError, readRanges } from "../../sdk/reads/ranges.js";
import { DeploymentError } from "./error.js";

/** An error that the node answered with; anything else means that nobody knows whether it was asked. */
export class NodeError extends Error {
  override readonly name = "NodeError";
  /** Data of a revert, if there is any. */
  readonly data: string | undefined;

  constructor(message: string, data: string | undefined, cause: unknown) {
    super(message, { cause });
    this.data = data;
  }
}

/** A transaction as a node tells it. */
export interface FoundTransaction {
  hash: string;
  from: string;
  to: string | null;
  input: string;
  value: bigint;
  nonce: number;
  blockNumber: number | undefined;
}

/** Outcome of a transaction. */
export interface FoundReceipt {
  blockNumber: number;
  blockHash: string;
  succeeded: boolean;
  gasUsed: bigint;
}

/** Header of a block. */
export interface FoundBlock {
  number: number;
  hash: string;
  timestamp: number;
  gasLimit: bigint;
  baseFee: bigint | undefined;
  transactions: FoundTransaction[];
}

/** An event as a node tells it. */
export interface FoundLog {
  address: string;
  topics: string[];
  data: string;
  transactionHash: string;
  blockNumber: number;
}

type Raw = Record<string, unknown>;

const ATTEMPTS = 4;

/** Reads and sends through a connection. */
export class Rpc {
  readonly name: string;
  readonly #connection: NetworkConnection;
  readonly #pauseMs: number;

  /** @param pauseMs Milliseconds before a request is repeated; each further time takes as much more. */
  constructor(connection: NetworkConnection, pauseMs = 250) {
    this.#connection = connection;
    this.#pauseMs = pauseMs;
    this.name = connection.networkName;
  }

  /** Asks until there is an answer, a few times. */
  async request(method: string, ...params: unknown[]): Promise<unknown> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.once(method, ...params);
      } catch (error) {
        if (error instanceof NodeError) throw error;
        if (attempt === ATTEMPTS) {
          throw new DeploymentError(
            `The node of ${this.name} does not answer ${method}: ${firstLine(error)}. Run the same command again when it does.`,
            { cause: error },
          );
        }
        await sleep(this.#pauseMs * attempt);
      }
    }
  }

  /** Asks once. Throws a {@link NodeError} if the node answered with an error. */
  async once(method: string, ...params: unknown[]): Promise<unknown> {
    try {
      return await this.#connection.provider.request({ method, params });
    } catch (error) {
      if (error instanceof Error && "code" in error && typeof error.code === "number")
        throw new NodeError(firstLine(error), revertData(error), error);
      throw error;
    }
  }

  async chainId(): Promise<bigint> {
    return BigInt((await this.request("eth_chainId")) as string);
  }

  async blockNumber(): Promise<number> {
    return Number(await this.request("eth_blockNumber"));
  }

  /** Transactions that an account has sent, as of a block. */
  async transactionCount(account: string, block: number | "latest" | "pending"): Promise<number> {
    return Number(await this.request("eth_getTransactionCount", account, blockTag(block)));
  }

  async balance(account: string): Promise<bigint> {
    return BigInt((await this.request("eth_getBalance", account, "latest")) as string);
  }

  async code(account: string): Promise<string> {
    return (await this.request("eth_getCode", account, "latest")) as string;
  }

  /** Result of a call without a transaction. */
  async call(to: string, data: string): Promise<string> {
    return (await this.request("eth_call", { to, data }, "latest")) as string;
  }

  /** Events of some topics that contracts emitted in the blocks from `first` to `last`. */
  async logs(
    address: readonly string[],
    topics: readonly string[],
    first: number,
    last: number,
  ): Promise<FoundLog[]> {
    return this.inRanges(first, last, async (from, to) => {
      const range = { fromBlock: blockTag(from), toBlock: blockTag(to) };
      const found = await this.once("eth_getLogs", { address, topics: [topics], ...range });
      return (found as Raw[]).map(readLog);
    });
  }

  /** Reads blocks in ranges that the node answers; a refused range is halved. */
  async inRanges<T>(
    first: number,
    last: number,
    read: (first: number, last: number) => Promise<readonly T[]>,
  ): Promise<T[]> {
    const wait = (milliseconds: number) => sleep(Math.min(milliseconds, this.#pauseMs));
    try {
      return await readRanges(first, last, read, { retries: ATTEMPTS, wait });
    } catch (error) {
      if (!(error instanceof BlockRangeError)) throw error;
      throw new DeploymentError(
        `The node of ${this.name} gives no events of blocks ${error.first} to ${error.last}: ${firstLine(error.cause)}. Run the same command again, or use another node.`,
        { cause: error },
      );
    }
  }

  async transaction(hash: string): Promise<FoundTransaction | undefined> {
    const found = (await this.request("eth_getTransactionByHash", hash)) as Raw | null;
    return found === null ? undefined : readTransaction(found);
  }

  async receipt(hash: string): Promise<FoundReceipt | undefined> {
    const found = (await this.request("eth_getTransactionReceipt", hash)) as Raw | null;
    if (found === null) return undefined;
    return {
      blockNumber: Number(found["blockNumber"]),
      blockHash: String(found["blockHash"]),
      succeeded: Number(found["status"]) === 1,
      gasUsed: BigInt(found["gasUsed"] as string),
    };
  }

  /** A block, with its transactions if asked for. */
  async block(number: number | "latest", withTransactions = false): Promise<FoundBlock> {
    const found = (await this.request(
      "eth_getBlockByNumber",
      blockTag(number),
      withTransactions,
    )) as Raw | null;
    if (found === null)
      throw new DeploymentError(`The node of ${this.name} has no block ${number}.`);
    const fee = found["baseFeePerGas"];
    return {
      number: Number(found["number"]),
      hash: String(found["hash"]),
      timestamp: Number(found["timestamp"]),
      gasLimit: BigInt(found["gasLimit"] as string),
      baseFee: typeof fee === "string" ? BigInt(fee) : undefined,
      transactions: withTransactions ? (found["transactions"] as Raw[]).map(readTransaction) : [],
    };
  }

  /** The mined transaction of an account with a nonce; `from` is a block before it. */
  async findByNonce(
    account: string,
    nonce: number,
    from: number,
  ): Promise<FoundTransaction | undefined> {
    const latest = await this.blockNumber();
    const first = await this.#blockOfNonce(account, nonce, from, latest);
    const last = first === undefined ? latest : first;
    for (let number = first ?? from; number <= last; number++) {
      const { transactions } = await this.block(number, true);
      const found = transactions.find(
        (entry) => entry.nonce === nonce && entry.from === account.toLowerCase(),
      );
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** The block in which the account used the nonce; undefined if the node does not remember so far back. */
  async #blockOfNonce(
    account: string,
    nonce: number,
    from: number,
    to: number,
  ): Promise<number | undefined> {
    let [low, high] = [Math.max(from, 0), to];
    try {
      while (low < high) {
        const middle = Math.floor((low + high) / 2);
        if ((await this.transactionCount(account, middle)) > nonce) high = middle;
        else low = middle + 1;
      }
    } catch (error) {
      if (error instanceof NodeError) return undefined;
      throw error;
    }
    return low;
  }
}

/** The first line of an error's message, without a full stop. */
export function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return (message.split("\n")[0] ?? "").replace(/\.$/, "");
}

function readTransaction(found: Raw): FoundTransaction {
  const block = found["blockNumber"];
  return {
    hash: String(found["hash"]),
    from: String(found["from"]).toLowerCase(),
    to: typeof found["to"] === "string" ? found["to"].toLowerCase() : null,
    input: String(found["input"]),
    value: BigInt(found["value"] as string),
    nonce: Number(found["nonce"]),
    blockNumber: typeof block === "string" ? Number(block) : undefined,
  };
}

function readLog(found: Raw): FoundLog {
  return {
    address: getAddress(String(found["address"])),
    topics: found["topics"] as string[],
    data: String(found["data"]),
    transactionHash: String(found["transactionHash"]),
    blockNumber: Number(found["blockNumber"]),
  };
}

function blockTag(block: number | string): string {
  return typeof block === "number" ? `0x${block.toString(16)}` : block;
}

/** Nodes put the data of a revert into different places. */
function revertData(error: unknown): string | undefined {
  if (typeof error === "string") return /^0x([0-9a-f]{2})*$/i.test(error) ? error : undefined;
  if (typeof error !== "object" || error === null || !("data" in error)) return undefined;
  return revertData(error.data);
}
