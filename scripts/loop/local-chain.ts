import { encodeBytes32String } from "ethers";
import { network } from "hardhat";
import type { NetworkConnection } from "hardhat/types/network";

import { deploySuite } from "../../deploy/lib/deploy.js";
import { loadParameters } from "../../deploy/parameters/reader.js";
import { DAYS_SINCE_GENESIS } from "./calendar.js";
import type { LoopSuite } from "./observed.js";

/** The local parameters' names of what the loop needs. */
export const LOCAL = {
  onboarding: "onboarding",
  treasury: "ecosystem",
  locking: "contributors",
  inputResource: "input-token",
  outputResource: "output-token",
} as const;

const SECONDS_PER_DAY = 86_400n;

/** A fresh in-process chain with the suite on it and the supply distributed. */
export interface LocalChain {
  readonly connection: NetworkConnection;
  readonly suite: LoopSuite;
  /** Schedule that releases the consumers' first credit. */
  readonly onboardingSchedule: bigint;
  /** Schedule whose beneficiary locks, and pays for a large consumer. */
  readonly treasurySchedule: bigint;
  /** Schedule whose beneficiary locks what has vested. */
  readonly lockingSchedule: bigint;
}

/** Starts a chain in this process, always at the same moment, and deploys the suite to it. */
export async function openLocalChain(): Promise<LocalChain> {
  const parameters = loadParameters("local");
  const start = parameters.epoch.genesis + DAYS_SINCE_GENESIS * SECONDS_PER_DAY;
  const connection = await network.create({
    override: { initialDate: new Date(Number(start) * 1_000) },
  });
  const suite = await deploySuite(connection, parameters);
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
