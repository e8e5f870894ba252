import { setTimeout as sleep } from "node:timers/promises";

import { network } from "hardhat";

import { LOCAL_HOST } from "../../scripts/node/port.js";
import { omitTraces } from "../../tools/traces.js";

const CLOSING_MS = 1_000; // a client that keeps its connection open is not waited for any longer

/** A node as `hardhat node` runs it, in this process, which saves the start of another one. */
export interface LocalNode {
  readonly url: string;
  readonly port: number;
  readonly stop: () => Promise<void>;
}

/** Starts a node that other processes reach over JSON-RPC; without a port at a free one. */
export async function startLocalNode({
  port: wanted = 0,
  chainId = 31_337,
}: { readonly port?: number; readonly chainId?: number } = {}): Promise<LocalNode> {
  omitTraces();
  const node = { network: "node", override: { chainId, loggingEnabled: false } };
  const server = await network.createServer(node, LOCAL_HOST, wanted);
  const { port } = await server.listen();
  return {
    url: `http://${LOCAL_HOST}:${port}`,
    port,
    stop: () => Promise.race([server.close(), sleep(CLOSING_MS, undefined, { ref: false })]),
  };
}
