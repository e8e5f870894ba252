/** The connection to a node: whether it answers, on which chain it is, and its latest block. */
import { FetchRequest, JsonRpcProvider, Network, type JsonRpcApiProvider } from "ethers";

import type { KnownDeployment } from "../../../sdk/index.js";
import { Sentence } from "../words/errors.js";

/** The latest block. */
export interface Head {
  readonly number: number;
  readonly hash: string;
  /** Seconds since 1970. The page takes its time from here, never from the clock of the reader. */
  readonly time: bigint;
  /** Wei per unit of gas; undefined on chains without a base fee. */
  readonly baseFee: bigint | undefined;
}

/** Milliseconds that a request may take. */
const TIMEOUT = 15_000;

/**
 * Opens a connection to the chain of a deployment.
 *
 * @throws {Sentence} if no node answers there, or one of another chain.
 */
export async function openChain(
  url: string,
  deployment: KnownDeployment,
): Promise<JsonRpcApiProvider> {
  const chainId = await chainIdAt(url);
  if (chainId !== deployment.chainId)
    throw new Sentence(
      `The node at ${url} is on chain ${chainId}; the manifest is of chain ${deployment.chainId}. ` +
        "Enter a node of that chain, or the manifest of a deployment on this one.",
    );
  return new JsonRpcProvider(requestTo(url), Network.from(chainId), {
    staticNetwork: true,
    cacheTimeout: -1,
    batchMaxCount: 50,
  });
}

/** The latest block. @throws {Sentence} if the node does not answer. */
export async function readHead(provider: JsonRpcApiProvider): Promise<Head> {
  const block = await provider.getBlock("latest").catch(() => null);
  if (block?.hash == null) throw new Sentence("The node does not answer.");
  const { number, hash, timestamp, baseFeePerGas } = block;
  return { number, hash, time: BigInt(timestamp), baseFee: baseFeePerGas ?? undefined };
}

/** The chain of a node, asked without ethers, which would go on asking for ever. */
async function chainIdAt(url: string): Promise<bigint> {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_chainId", params: [] });
  const headers = { "content-type": "application/json" };
  let answer: unknown;
  try {
    const signal = AbortSignal.timeout(TIMEOUT);
    const response = await fetch(url, { method: "POST", headers, body, signal });
    answer = await response.json();
  } catch (error) {
    throw new Sentence(
      `No node answers at ${url}. Check the address, and that the node accepts requests from web pages (CORS).`,
      { cause: error },
    );
  }
  const { result } = answer as { readonly result?: unknown };
  if (typeof result !== "string" || !/^0x[\da-f]+$/i.test(result))
    throw new Sentence(`What answers at ${url} is not an Ethereum node.`);
  return BigInt(result);
}

function requestTo(url: string): FetchRequest {
  const request = new FetchRequest(url);
  request.timeout = TIMEOUT;
  return request;
}
