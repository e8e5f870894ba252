/** What the deployment commands share: arguments, connection, and one sentence when something is wrong. */
import { parseArgs } from "node:util";

import hre, { network } from "hardhat";
import type { NetworkConnection } from "hardhat/types/network";

import type { Difference } from "../verify/verify.js";
import { defaultDeploymentId, manifestPath } from "./deploy.js";
import { readManifest, type Manifest } from "./manifest.js";

/** A command that cannot go on; the message is one sentence. */
export class CommandError extends Error {}

/** Runs a command; an error ends it with its message and exit code 1. */
export async function runCommand(command: () => Promise<void>): Promise<void> {
  try {
    await command();
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}

/** The options that both commands take. */
export function readArguments() {
  try {
    return parseArgs({
      options: {
        network: { type: "string" },
        parameters: { type: "string" },
        "deployment-id": { type: "string" },
        "no-build": { type: "boolean", default: false },
      },
    }).values;
  } catch {
    throw new CommandError(
      "The command takes --network, --parameters and --deployment-id, each with a value, and --no-build.",
    );
  }
}

/** Connects to a network of the configuration, or to a new chain in this process. */
export async function openNetwork(name: string | undefined): Promise<NetworkConnection> {
  const networks = Object.keys(hre.config.networks);
  if (name !== undefined && !networks.includes(name)) {
    throw new CommandError(
      `There is no network "${name}"; configured are: ${networks.join(", ")}.`,
    );
  }

  const connection = await network.create(name);
  try {
    await connection.provider.request({ method: "eth_chainId" });
  } catch {
    await connection.close();
    throw new CommandError(
      `No node answers at the address of "${String(name)}"; \`npm run node\` starts a local one.`,
    );
  }
  return connection;
}

/** Connects to the network of a deployment and reads its manifest, or says why they do not fit. */
export async function openDeployment(
  options: ReturnType<typeof readArguments>,
): Promise<{ connection: NetworkConnection; manifest: Manifest }> {
  if (options.network === undefined) throw new CommandError("Name the network with --network.");
  const connection = await openNetwork(options.network);
  try {
    const { chainId } = await connection.ethers.provider.getNetwork();
    const deploymentId = options["deployment-id"] ?? defaultDeploymentId(chainId);
    const manifest = readManifest(manifestPath(deploymentId));
    if (BigInt(manifest.chainId) !== chainId) {
      throw new CommandError(
        `${options.network} is chain ${chainId.toString()}; the manifest is of chain ${manifest.chainId}.`,
      );
    }
    return { connection, manifest };
  } catch (error) {
    await connection.close();
    throw error;
  }
}

/** Compiles as Ignition's own command does, so that the code deployed is the code verified. */
export async function buildContracts(): Promise<void> {
  const options = { quiet: true, noTests: true, defaultBuildProfile: "production" };
  await hre.tasks.getTask("build").run(options);
}

/** Prints differences and makes them the outcome of the command. */
export function reportDifferences(differences: readonly Difference[]): void {
  for (const { what, expected, actual } of differences) {
    console.error(`${what}: expected ${expected}, found ${actual}.`);
  }
  if (differences.length > 0) {
    throw new CommandError(`Differences between the chain and the files: ${differences.length}.`);
  }
  console.log("The chain is what the parameter file says.");
}
