/** A connection to a node and a deployment, the start of every command that reads or writes. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

import { FetchRequest, JsonRpcProvider } from "ethers";

import { NETWORK_NAMES, NETWORKS } from "../../deploy/networks.js";
import { deploymentOn, readDeployment, type KnownDeployment } from "../../sdk/index.js";
import { CliError } from "../exit-codes.js";
import { connectSuite, type Suite } from "./suite.js";

/** Options that name a node and a deployment. */
export interface ChainOptions {
  readonly rpc?: string;
  readonly network?: string;
  readonly manifest?: string;
}

/** The environment of the process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A node, a deployment on its chain, and the block that everything is read at. */
export interface Session {
  readonly url: string;
  readonly provider: JsonRpcProvider;
  readonly chainId: bigint;
  readonly deployment: KnownDeployment;
  /** File of the manifest; undefined for a public deployment that the library knows. */
  readonly manifest: string | undefined;
  readonly suite: Suite;
  readonly block: number;
  /** Time of that block, in seconds since 1970: now, for the chain. */
  readonly now: bigint;
}

const LOCAL_URL = "http://127.0.0.1:8545";
const TIMEOUT_MS = 30_000;
const BATCH = 50;

/** Connects to the node, checks its chain, and finds the deployment on it. */
export async function openSession(options: ChainOptions, env: Environment): Promise<Session> {
  const { provider, chainId, url } = await openNode(options, env);
  try {
    const { deployment, manifest } = findDeployment(options, env, chainId);
    const suite = connect(deployment, provider, manifest);
    const block = await provider.getBlock("latest");
    if (block === null) throw new CliError("setup", `The node at ${url} has no block yet.`);
    if ((await provider.getCode(suite.directory)) === "0x")
      throw new CliError(
        "setup",
        `There is no OPA system at the addresses of ${manifest ?? "the known deployment"} on chain ${chainId}: ` +
          "the chain was perhaps started anew. Deploy to it, or name its manifest with --manifest.",
      );
    return {
      ...{ url, provider, chainId, deployment, manifest, suite },
      ...{ block: block.number, now: BigInt(block.timestamp) },
    };
  } catch (error) {
    provider.destroy();
    throw error;
  }
}

/** Connects to the node alone. */
export async function openNode(
  options: ChainOptions,
  env: Environment,
): Promise<{ provider: JsonRpcProvider; chainId: bigint; url: string }> {
  const { url, expected } = findNode(options, env);
  const chainId = await askChainId(url);
  if (expected !== undefined && chainId !== expected)
    throw new CliError(
      "setup",
      `The node at ${url} is on chain ${chainId}, and ${options.network ?? "the network"} is chain ${expected}. Name another node with --rpc.`,
    );
  const provider = new JsonRpcProvider(requestTo(url), chainId, {
    ...{ staticNetwork: true, batchMaxCount: BATCH, cacheTimeout: -1, pollingInterval: 500 },
  });
  return { provider, chainId, url };
}

/** Address of the node, and the chain that it has to be on. */
function findNode(
  { rpc, network }: ChainOptions,
  env: Environment,
): { url: string; expected?: bigint } {
  const known = network === undefined ? undefined : NETWORKS[network];
  if (network !== undefined && !known)
    throw new CliError("usage", `There is no network "${network}"; there are: ${NETWORK_NAMES}.`);
  const [variable = "LOCALHOST_RPC_URL"] = known?.variables ?? [];
  const fallback = known?.isPublic === true ? undefined : LOCAL_URL;
  const general = network === undefined ? env["OPA_RPC_URL"] : undefined;
  const url = rpc ?? general ?? env[variable] ?? fallback;
  if (url === undefined)
    throw new CliError(
      "setup",
      `${variable} is not set; put it into .env, or name the node with --rpc.`,
    );
  if (!URL.canParse(url) || !/^https?:/.test(url))
    throw new CliError("usage", `"${url}" is not the address of a node, like ${LOCAL_URL}.`);
  return known ? { url, expected: known.chainId } : { url };
}

async function askChainId(url: string): Promise<bigint> {
  const request = requestTo(url);
  request.body = { jsonrpc: "2.0", id: 1, method: "eth_chainId", params: [] };
  try {
    const response = await request.send();
    response.assertOk();
    const { result } = response.bodyJson as { result?: unknown };
    return BigInt(String(result));
  } catch (error) {
    const local = url === LOCAL_URL ? ' "npm start -- --node" starts one with a finished run.' : "";
    throw new CliError(
      "setup",
      `No node answers at ${url}.${local || " Check the address, or name another node with --rpc."}`,
      {
        cause: error,
      },
    );
  }
}

function requestTo(url: string): FetchRequest {
  const request = new FetchRequest(url);
  request.timeout = TIMEOUT_MS;
  return request;
}

/** The manifest that was named, the one of the chain in deploy/deployments, or a public deployment. */
function findDeployment(
  options: ChainOptions,
  env: Environment,
  chainId: bigint,
): { deployment: KnownDeployment; manifest: string | undefined } {
  const named = options.manifest ?? env["OPA_MANIFEST"];
  const usual = path.join("deploy", "deployments", `chain-${chainId}`, "manifest.json");
  if (named === undefined && !existsSync(usual)) {
    try {
      return { deployment: deploymentOn(chainId), manifest: undefined };
    } catch (error) {
      throw new CliError(
        "setup",
        `No deployment on chain ${chainId} is known, and there is no ${usual}. Name its manifest with --manifest.`,
        { cause: error },
      );
    }
  }
  const manifest = named ?? usual;
  const deployment = readManifestFile(manifest);
  if (deployment.chainId !== chainId)
    throw new CliError(
      "setup",
      `The manifest ${manifest} is of chain ${deployment.chainId}, and the node is on chain ${chainId}.`,
    );
  return { deployment, manifest };
}

/** Contracts of the deployment; each that a command may need has to be in it. */
function connect(
  deployment: KnownDeployment,
  provider: JsonRpcProvider,
  manifest: string | undefined,
): Suite {
  try {
    return connectSuite(deployment, provider);
  } catch (error) {
    throw new CliError(
      "setup",
      `${manifest ?? "The known deployment"} is not a whole deployment: ${(error as Error).message}`,
      { cause: error },
    );
  }
}

function readManifestFile(file: string): KnownDeployment {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new CliError("setup", `There is no manifest at ${file}.`, { cause: error });
  }
  try {
    return readDeployment(JSON.parse(text));
  } catch (error) {
    throw new CliError("setup", `${file} is not a manifest of a deployment.`, { cause: error });
  }
}
