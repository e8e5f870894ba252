/** Shared by the deployment commands: arguments, connection, and errors of one sentence. */
import hre, { network } from "hardhat";
import type { ResolvedConfigurationVariable } from "hardhat/types/config";
import type { NetworkConnection } from "hardhat/types/network";

import { readArguments, renderUsage, type Values } from "../../tools/command.js";
import { KEY_VARIABLE, NETWORKS } from "../networks.js";
import { omitTraces } from "../../tools/traces.js";
import { hashParameters } from "../parameters/reader.js";
import type { Parameters } from "../parameters/schema.js";
import type { Verdict } from "../verify/verify.js";
import { defaultDeploymentId, manifestPath } from "./deploy.js";
import { CommandError, explainError } from "./explain.js";
import { readManifest, type Manifest } from "./manifest.js";

const OPTIONS = {
  network: { value: "NAME", help: `one of ${Object.keys(NETWORKS).join(", ")}` },
  parameters: {
    value: "NAME",
    help: "a file of deploy/parameters; without it the one that is for the network",
  },
  "deployment-id": {
    value: "ID",
    help: "a folder of deploy/deployments; chain-<chain id> without it",
  },
  "no-build": { help: "use the contracts as they were compiled last" },
} as const;

type Option = keyof typeof OPTIONS;

/** How a command is called. */
export interface Usage {
  command: string;
  summary: string;
  options: readonly Option[];
}

/** Values of the options; one that the command does not take is undefined. */
export type Arguments = Values<typeof OPTIONS>;

/** Runs a command with its arguments, or explains them; an error ends it with one sentence and exit code 1. */
export async function runCommand(
  { command: name, summary, options: names }: Usage,
  command: (options: Arguments) => Promise<void>,
): Promise<void> {
  const options = Object.fromEntries(
    names.map((option) => [option, OPTIONS[option]] as const),
  ) as typeof OPTIONS;
  const usage = { command: name, summary, options };
  try {
    const read = readArguments(usage, process.argv.slice(2));
    if (read === undefined) console.log(renderUsage(usage));
    else {
      omitTraces();
      await command(read.values);
    }
  } catch (error) {
    console.error(explainError(error));
    process.exitCode = 1;
  }
}

/** The network that a command is to use. */
export function requireNetworkName(name: string | undefined): string {
  if (name === undefined) throw new CommandError("Name the network with --network.");
  if (!Object.hasOwn(NETWORKS, name))
    throw new CommandError(
      `There is no network "${name}"; there are: ${Object.keys(NETWORKS).join(", ")}.`,
    );
  return name;
}

/**
 * Connects to a network. Its chain is the one it should be, and its variables are set; the key only if the command sends
 * something.
 */
export async function openNetwork(
  name: string,
  { sends }: { sends: boolean },
): Promise<NetworkConnection> {
  const { isPublic, chainId } = NETWORKS[name] ?? { isPublic: false, chainId: 0n };
  const config = hre.config.networks[name];
  if (config?.type !== "http") throw new CommandError(`The network "${name}" is not configured.`);
  const [urlVariable = "LOCALHOST_RPC_URL"] = NETWORKS[name]?.variables ?? [];
  await requireVariable(urlVariable, config.url, isUrl, "an address like https://host/path");
  if (isPublic && sends) {
    const [key] = Array.isArray(config.accounts) ? config.accounts : [];
    await requireVariable(KEY_VARIABLE, key, isKey, "a private key, 0x and 64 hexadecimal digits");
  }

  const remote = isPublic && !sends ? { override: { accounts: "remote" as const } } : {};
  const connection = await network.create({ network: name, ...remote });
  try {
    let answer: unknown;
    try {
      answer = await connection.provider.request({ method: "eth_chainId" });
    } catch (error) {
      const hint = isPublic ? `; check ${urlVariable}` : "; `npm run node` starts a local one";
      throw new CommandError(`No node answers at the address of "${name}"${hint}.`, {
        cause: error,
      });
    }
    if (BigInt(String(answer)) !== chainId)
      throw new CommandError(
        `The node of ${name} is on chain ${BigInt(String(answer))}, not ${chainId}; check ${urlVariable}.`,
      );
    return connection;
  } catch (error) {
    await connection.close();
    throw error;
  }
}

/** Refuses a variable that is not set or malformed. Its value is never shown. */
async function requireVariable(
  name: string,
  variable: ResolvedConfigurationVariable | undefined,
  isRight: (value: string) => boolean,
  description: string,
): Promise<void> {
  const value = await variable?.get().catch(() => undefined);
  if (value === undefined || value === "")
    throw new CommandError(
      `${name} is not set; put it into .env, or run "npx hardhat keystore set ${name}".`,
    );
  if (!isRight(value)) throw new CommandError(`${name} is not ${description}.`);
}

function isUrl(value: string): boolean {
  return URL.canParse(value) && /^https?:/.test(value);
}

function isKey(value: string): boolean {
  return /^0x[0-9a-fA-F]{64}$/.test(value);
}

/** Connects to the network of a deployment and reads its manifest, or says why they do not fit. */
export async function openDeployment(
  options: Arguments,
  use: { sends: boolean },
): Promise<{ connection: NetworkConnection; manifest: Manifest }> {
  const name = requireNetworkName(options.network);
  const { chainId } = NETWORKS[name] ?? { chainId: 0n };
  const manifest = readManifest(
    manifestPath(options["deployment-id"] ?? defaultDeploymentId(chainId)),
  );
  const connection = await openNetwork(name, use);
  if (BigInt(manifest.chainId) === chainId) return { connection, manifest };
  await connection.close();
  throw new CommandError(
    `${name} is chain ${chainId}; the manifest is of chain ${manifest.chainId}.`,
  );
}

/** Compiles as a deployment needs it, so that the code deployed is the code verified. */
export async function buildContracts(): Promise<void> {
  console.log("Compiling what changed; the first time takes some minutes.");
  const options = { quiet: true, noTests: true, defaultBuildProfile: "production" };
  await hre.tasks.getTask("build").run(options);
}

/** Prints the findings of a verification against a parameter file. Throws if there are differences. */
export function reportVerdict({ differences, notes }: Verdict, parameters: Parameters): void {
  for (const note of notes) console.log(note);
  for (const { what, expected, actual } of differences) {
    console.error(`${what}: expected ${expected}, found ${actual}.`);
  }
  if (differences.length > 0) {
    throw new CommandError(`Differences between the chain and the files: ${differences.length}.`);
  }
  const since = notes.length === 0 ? "" : ", and what was decided since is listed above";
  const file = `deploy/parameters/${parameters.name}.json5`;
  console.log(`The chain is what ${file} says${since}.`);
  console.log(`Fingerprint of its values: ${hashParameters(parameters)}.`);
}
