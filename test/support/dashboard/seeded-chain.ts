/** A node that the main job seeded: served over JSON-RPC, with the suite on it and a few epochs of use behind it. */
import { rmSync } from "node:fs";
import path from "node:path";

import { encodeBytes32String } from "ethers";
import { network } from "hardhat";
import type { NetworkConnection } from "hardhat/types/network";

import { deploymentFolder, deploySuite, type Deployment } from "../../../deploy/lib/deploy.js";
import { loadParameters } from "../../../deploy/parameters/reader.js";
import { DAYS_SINCE_GENESIS } from "../../../scripts/loop/calendar.js";
import { generateTrace } from "../../../scripts/loop/generate-trace.js";
import { LOCAL } from "../../../scripts/loop/local-chain.js";
import { runLoop, type LoopResult } from "../../../scripts/loop/loop.js";
import { DAY } from "../../../sdk/units.js";

/** A seeded chain. */
export interface SeededChain {
  readonly url: string;
  readonly manifest: string;
  readonly connection: NetworkConnection;
  readonly suite: Deployment;
  readonly result: LoopResult;
  close(): Promise<void>;
}

const CALLS = 150;
const SEED = 20_260_101;

/** Starts a node in this process, deploys to it over JSON-RPC and runs the main job there. */
export async function seedChain(deploymentId: string): Promise<SeededChain> {
  const parameters = loadParameters("local");
  const start = parameters.epoch.genesis + DAYS_SINCE_GENESIS * DAY;
  const override = { initialDate: new Date(Number(start) * 1_000) };
  const server = await network.createServer({ override }, "127.0.0.1", 0);
  const { address, port } = await server.listen();
  const url = `http://${address}:${port}`;
  const connection = await network.create({ network: "localhost", override: { url } });
  const suite = await deploySuite(connection, parameters, { deploymentId });
  const result = await runLoop(connection, suite, generateTrace(CALLS, SEED), {
    accounts: 5,
    providers: 3,
    onboardingSchedule: await scheduleOf(suite, LOCAL.onboarding),
    treasurySchedule: await scheduleOf(suite, LOCAL.treasury),
    lockingSchedule: await scheduleOf(suite, LOCAL.locking),
    inputResource: LOCAL.inputResource,
    outputResource: LOCAL.outputResource,
    seed: SEED,
    progress: () => undefined,
  });
  return {
    url,
    manifest: path.join(deploymentFolder(deploymentId), "manifest.json"),
    connection,
    suite,
    result,
    close: async () => {
      await connection.close();
      await server.close();
      rmSync(deploymentFolder(deploymentId), { recursive: true, force: true });
    },
  };
}

async function scheduleOf({ genesis }: Deployment, allocation: string): Promise<bigint> {
  const label = encodeBytes32String(allocation);
  const [event] = await genesis.queryFilter(genesis.filters.AllocationScheduled(label));
  if (!event) throw new Error(`The parameters have no allocation called "${allocation}".`);
  return event.args.scheduleId;
}
