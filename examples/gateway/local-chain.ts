import { rmSync } from "node:fs";

import { network } from "hardhat";

import { deploymentFolder, deploySuite, type Deployment } from "../../deploy/lib/deploy.js";
import { loadParameters } from "../../deploy/parameters/reader.js";
import { omitTraces } from "../../tools/traces.js";

/** A local node with the suite on it. */
export interface ServedChain {
  readonly url: string;
  readonly deployment: Deployment;
  close(): Promise<void>;
}

const DAYS_SINCE_GENESIS = 400n;

/** Uses the node of `LOCALHOST_RPC_URL` and the suite that was deployed to it. */
export async function useChain(deploymentId: string): Promise<ServedChain> {
  omitTraces();
  const connection = await network.create("localhost");
  const deployment = await deploySuite(connection, loadParameters("local"), { deploymentId });
  const url = process.env["LOCALHOST_RPC_URL"] ?? "http://127.0.0.1:8545";
  return { url, deployment, close: () => connection.close() };
}

/** Starts a node in this process that others reach over JSON-RPC, at noon of an epoch, and deploys the suite to it. */
export async function serveChain(deploymentId: string): Promise<ServedChain> {
  omitTraces();
  const parameters = loadParameters("local");
  const { genesis, duration } = parameters.epoch;
  const noon = genesis + DAYS_SINCE_GENESIS * duration + duration / 2n;
  const override = { initialDate: new Date(Number(noon) * 1_000) };
  const server = await network.createServer({ override }, "127.0.0.1", 0);
  const { address, port } = await server.listen();
  const url = `http://${address}:${port}`;

  const connection = await network.create({ network: "localhost", override: { url } });
  const deployment = await deploySuite(connection, parameters, { deploymentId });
  return {
    url,
    deployment,
    close: async () => {
      await connection.close();
      await server.close();
      rmSync(deploymentFolder(deploymentId), { recursive: true, force: true });
    },
  };
}
