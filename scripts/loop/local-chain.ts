import { rmSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { encodeBytes32String } from "ethers";
import { network } from "hardhat";
import type { NetworkConnection } from "hardhat/types/network";

import { deploymentFolder, deploySuite, manifestPath } from "../../deploy/lib/deploy.js";
import { loadParameters } from "../../deploy/parameters/reader.js";
import type { Parameters } from "../../deploy/parameters/schema.js";
import { omitTraces } from "../../tools/traces.js";
import { LOCAL_HOST } from "../node/port.js";
import { DAYS_SINCE_GENESIS } from "./calendar.js";
import type { LoopSuite } from "./observed.js";

/** Names in the local parameters that the loop needs. */
export const LOCAL = {
  onboarding: "onboarding",
  treasury: "ecosystem",
  locking: "contributors",
  inputResource: "input-token",
  outputResource: "output-token",
} as const;

const SECONDS_PER_DAY = 86_400n;
const CLOSING_MS = 1_000; // a client that keeps its connection open is not waited for any longer

/** A fresh chain in this process with the suite on it and the supply distributed. */
export interface LocalChain {
  readonly connection: NetworkConnection;
  readonly suite: LoopSuite;
  /** Schedule that releases the consumers' first credit. */
  readonly onboardingSchedule: bigint;
  /** Schedule whose beneficiary locks, and pays for a large consumer. */
  readonly treasurySchedule: bigint;
  /** Schedule whose beneficiary locks vested OPA. */
  readonly lockingSchedule: bigint;
}

/** A local chain that other processes reach. */
export interface ServedChain extends LocalChain {
  /** Address of its JSON-RPC server. */
  readonly url: string;
  /** File with the addresses of the suite. */
  readonly manifest: string;
  /** Ends the server and removes the deployment, whose chain is gone then. */
  close(): Promise<void>;
}

/** Starts a chain, always at the same moment, and deploys the suite to it. */
export async function openLocalChain(): Promise<LocalChain> {
  omitTraces();
  const parameters = loadParameters("local");
  const connection = await network.create({ override: startOf(parameters) });
  return findSchedules(connection, await deploySuite(connection, parameters));
}

/**
 * Starts the same chain behind a JSON-RPC server, and writes the manifest of the deployment.
 *
 * @param port Port of this machine; 0 for any free one.
 */
export async function serveLocalChain(port: number, deploymentId: string): Promise<ServedChain> {
  omitTraces();
  const parameters = loadParameters("local");
  const folder = deploymentFolder(deploymentId); // refuses a bad name before anything runs
  const server = await network.createServer({ override: startOf(parameters) }, LOCAL_HOST, port);
  const url = `http://${LOCAL_HOST}:${(await server.listen()).port}`;
  const connection = await network.create({ network: "localhost", override: { url } });
  const suite = await deploySuite(connection, parameters, { deploymentId });
  return {
    ...(await findSchedules(connection, suite)),
    url,
    manifest: path.relative(process.cwd(), manifestPath(deploymentId)),
    close: async () => {
      await connection.close();
      rmSync(folder, { recursive: true, force: true });
      await Promise.race([server.close(), sleep(CLOSING_MS, undefined, { ref: false })]);
    },
  };
}

function startOf({ epoch }: Parameters) {
  const start = epoch.genesis + DAYS_SINCE_GENESIS * SECONDS_PER_DAY;
  return { initialDate: new Date(Number(start) * 1_000) };
}

async function findSchedules(
  connection: NetworkConnection,
  suite: Awaited<ReturnType<typeof deploySuite>>,
): Promise<LocalChain> {
  return {
    connection,
    suite,
    onboardingSchedule: await findSchedule(suite, LOCAL.onboarding),
    treasurySchedule: await findSchedule(suite, LOCAL.treasury),
    lockingSchedule: await findSchedule(suite, LOCAL.locking),
  };
}

async function findSchedule(
  { genesis }: Pick<Awaited<ReturnType<typeof deploySuite>>, "genesis">,
  allocation: string,
): Promise<bigint> {
  const label = encodeBytes32String(allocation);
  const [event] = await genesis.queryFilter(genesis.filters.AllocationScheduled(label));
  if (!event) throw new Error(`The parameters have no allocation called "${allocation}".`);
  return event.args.scheduleId;
}
