/** A node that the main job seeded: the suite is on it, with a few epochs of use behind it. */
import { generateTrace } from "../../../scripts/loop/generate-trace.js";
import { LOCAL, serveLocalChain, type ServedChain } from "../../../scripts/loop/local-chain.js";
import { runLoop, type LoopResult } from "../../../scripts/loop/loop.js";

/** A seeded chain. */
export interface SeededChain extends ServedChain {
  readonly result: LoopResult;
}

const CALLS = 150;
const SEED = 20_260_101;

/** Starts a node in this process and runs the main job on it, over JSON-RPC. */
export async function seedChain(deploymentId: string): Promise<SeededChain> {
  const chain = await serveLocalChain(0, deploymentId);
  const result = await runLoop(chain.connection, chain.suite, generateTrace(CALLS, SEED), {
    accounts: 5,
    providers: 3,
    onboardingSchedule: chain.onboardingSchedule,
    treasurySchedule: chain.treasurySchedule,
    lockingSchedule: chain.lockingSchedule,
    inputResource: LOCAL.inputResource,
    outputResource: LOCAL.outputResource,
    seed: SEED,
    progress: () => undefined,
  });
  return { ...chain, result };
}
