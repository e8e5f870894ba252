import { BrowserProvider, type JsonRpcSigner } from "ethers";
import type { NetworkConnection } from "hardhat/types/network";

/** When a request fails: before the node sees it, or after the node has answered. */
export type FaultSide = "before" | "after";

/** A connection to the chain of a test on which one request, or every request of a kind, fails. */
export interface FaultyChain {
  readonly signer: JsonRpcSigner;
  /** Requests made since the last `failAt`. */
  requests(): number;
  /** Lets the n-th request from now on fail; none with a negative number. */
  failAt(n: number, side: FaultSide): void;
  /** Lets every request of this method fail from now on; none with undefined. */
  failAlways(method: string | undefined): void;
  close(): void;
}

/** Connects anew, as another process would, without any cache. */
export async function connectFaulty(
  { provider }: NetworkConnection,
  address: string,
): Promise<FaultyChain> {
  let requests = 0;
  let failing = -1;
  let side: FaultSide = "before";
  let always: string | undefined;
  const request = async ({ method, params }: { method: string; params?: unknown }) => {
    const isFaulty = requests === failing;
    requests += 1;
    if (method === always || (isFaulty && side === "before")) throw lost();
    const answer: unknown = await provider.request({ method, params: params as unknown[] });
    if (isFaulty) throw lost();
    return answer;
  };
  const browser = new BrowserProvider({ request }, undefined, {
    cacheTimeout: -1,
    polling: true,
    pollingInterval: 10,
  });
  return {
    signer: await browser.getSigner(address),
    requests: () => requests,
    failAt(n, newSide) {
      [requests, failing, side] = [0, n, newSide];
    },
    failAlways(method) {
      always = method;
    },
    close() {
      browser.destroy();
    },
  };
}

function lost(): Error {
  return Object.assign(new Error("the connection was lost"), { code: -32_000 });
}
