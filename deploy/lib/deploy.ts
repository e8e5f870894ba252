/** Deploys the suite, resumes an interrupted deployment, and writes the manifest. */
import path from "node:path";

import { getAddress } from "ethers";
import hre from "hardhat";
import type { NetworkConnection } from "hardhat/types/network";

import { hashParameters } from "../parameters/reader.js";
import type { Parameters } from "../parameters/schema.js";
import { attachSuite } from "./contracts.js";
import { describeDeployment, type Finished } from "./describe.js";
import { DeploymentError } from "./error.js";
import { DeploymentFolder, type Beginning } from "./folder.js";
import { CONTRACT_KEYS, type ContractKey, type Manifest } from "./manifest.js";
import { isChainOf, NETWORKS } from "../networks.js";
import { Rpc } from "./rpc.js";
import { isStep, sendSeries, type SendOptions } from "./send.js";
import { planSeries, runModules, type Origin, type Series } from "./series.js";

type Log = (line: string) => void;

export interface DeployOptions {
  /** Folder below `deploy/deployments`; `chain-<id>` if left out. */
  deploymentId?: string;
  log?: Log;
  /** How to send; omitted settings follow from the network. */
  sending?: Partial<SendOptions>;
}

export type Deployment = Awaited<ReturnType<typeof deploySuite>>;

/** A deployment that is worked out and about to be sent, or to go on. */
export interface PlannedDeployment {
  rpc: Rpc;
  connection: NetworkConnection;
  parameters: Parameters;
  folder: DeploymentFolder;
  origin: Origin;
  beginning: Beginning;
  series: Series;
  /** Transactions of the series that are mined, as far as nonces tell. */
  done: number;
}

const LOCAL_CHAIN = NETWORKS["localhost"]?.chainId ?? 0n;

/** Nonces of the deployer that are looked at for the beginning of a deployment whose file is lost. */
const MOST_NONCES = 300;

/**
 * Deploys missing contracts and returns all with generated types. In a process nothing is written;
 * on other networks a second run does nothing.
 */
export async function deploySuite(
  connection: NetworkConnection,
  parameters: Parameters,
  options: DeployOptions = {},
) {
  if (connection.networkConfig.type !== "edr-simulated")
    return finishDeployment(await planDeployment(connection, parameters, options), options);

  const rpc = new Rpc(connection);
  requireChain(rpc, await rpc.chainId(), parameters);
  await requireStarted(rpc, parameters);
  const deployer = await requireDeployer(connection, parameters);
  const block = await rpc.blockNumber();
  const series = await runModules(connection, parameters, deployer);
  const hashes = series.steps.map(({ hash }) => hash);
  const manifest = await describeDeployment(rpc, parameters, deployer, block, { series, hashes });
  return handBack(connection, manifest, { series, hashes }, series.steps.length, false);
}

/** Works a deployment out, or the rest of one that was begun; sends nothing. */
export async function planDeployment(
  connection: NetworkConnection,
  parameters: Parameters,
  { deploymentId, log = () => undefined }: DeployOptions = {},
): Promise<PlannedDeployment> {
  const rpc = new Rpc(connection);
  const chainId = await rpc.chainId();
  requireChain(rpc, chainId, parameters);
  await requireStarted(rpc, parameters);
  const deployer = await requireDeployer(connection, parameters);
  const folder = new DeploymentFolder(
    deploymentFolder(deploymentId ?? defaultDeploymentId(chainId)),
  );

  const origin = { chainId, deployer, time: (await rpc.block("latest")).timestamp };
  const beginning =
    (await readBeginning(rpc, folder, origin, parameters, log)) ??
    (await newBeginning(rpc, origin, parameters));
  const series = await planSeries(origin, parameters, beginning.firstNonce);
  const count = await rpc.transactionCount(deployer, "latest");
  const done = series.steps.filter(({ nonce }) => nonce < count).length;
  return { rpc, connection, parameters, folder, origin, beginning, series, done };
}

/** Sends missing transactions and writes the manifest. */
export async function finishDeployment(
  planned: PlannedDeployment,
  { log = () => undefined, sending = {} }: DeployOptions = {},
) {
  const { rpc, connection, parameters, folder, origin, beginning } = planned;
  if ((await folder.readBeginning()) === undefined) await folder.writeBeginning(beginning);

  const plan = async (skipped: ReadonlySet<number>) =>
    skipped.size === 0
      ? planned.series
      : planSeries(origin, parameters, beginning.firstNonce, skipped);
  const options = { ...sendOptions(connection), ...sending, log };
  const { deployer } = origin;
  const sent = await sendSeries(rpc, folder, deployer, beginning.block, plan, options);
  const manifest = await folder.writeManifest(
    await describeDeployment(rpc, parameters, deployer, beginning.block, sent),
  );
  return handBack(connection, manifest, sent, sent.count, true);
}

/** Contracts, addresses and manifest of a finished deployment. */
async function handBack(
  connection: NetworkConnection,
  manifest: Manifest,
  { series }: Finished,
  transactions: number,
  isWritten: boolean,
) {
  const addresses = Object.fromEntries(
    CONTRACT_KEYS.map((key) => [key, series.addresses[key] ?? ""]),
  ) as Record<ContractKey, string>;
  return {
    ...(await attachSuite(connection, addresses)),
    addresses,
    manifest,
    /** Transactions sent; zero if there was nothing to do. */
    transactions,
    /** Whether the manifest is on disk, which it is not for a chain in this process. */
    isWritten,
  };
}

/** Name of a deployment that was given none. */
export function defaultDeploymentId(chainId: bigint): string {
  return `chain-${chainId.toString()}`;
}

/** Folder of a deployment. */
export function deploymentFolder(deploymentId: string): string {
  if (!/^[A-Za-z][\w-]*$/.test(deploymentId)) {
    throw new DeploymentError(
      `"${deploymentId}" is no deployment id: a letter, then letters, digits, "-" and "_".`,
    );
  }
  return path.join(hre.config.paths.ignition, "deployments", deploymentId);
}

/** Where the manifest of a deployment is. */
export function manifestPath(deploymentId: string): string {
  return new DeploymentFolder(deploymentFolder(deploymentId)).manifest;
}

/** How to send on a network. */
function sendOptions({ networkName }: NetworkConnection): SendOptions {
  const { confirmations = 1, blockTime = 0 } = NETWORKS[networkName] ?? {};
  const pollMs = Math.max(100, Math.min(blockTime * 500, 3_000));
  return {
    confirmations,
    pollMs,
    patienceMs: Math.max(60_000, blockTime * 8_000),
    log: () => undefined,
  };
}

/** The account that deploys. */
async function requireDeployer(
  { ethers, networkName }: NetworkConnection,
  { guardians, nodes, grants, kinds }: Parameters,
): Promise<string> {
  const [signer] = await ethers.getSigners();
  if (!signer) throw new DeploymentError(`${networkName} has no account to deploy.`);
  const named = [
    guardians.proposals,
    guardians.pauses,
    nodes.reporter,
    ...grants.map(({ beneficiary }) => beneficiary),
    ...kinds.flatMap(({ verifiers }) => verifiers),
  ];
  const deployer = getAddress(signer.address);
  if (named.includes(deployer)) {
    throw new DeploymentError(
      `The deploying account ${deployer} is named as a guardian, reporter, beneficiary or verifier; use another one.`,
    );
  }
  return deployer;
}

/** Refuses a chain whose clock is behind the first epoch, before anything is sent. */
async function requireStarted(rpc: Rpc, { epoch }: Parameters): Promise<void> {
  const { timestamp } = await rpc.block("latest");
  if (BigInt(timestamp) < epoch.genesis) {
    throw new DeploymentError(
      `The clock of ${rpc.name} says ${timestamp}, which is before the first epoch at ${epoch.genesis}.`,
    );
  }
}

/** Refuses a chain that the parameters are not for. */
function requireChain({ name }: Rpc, chainId: bigint, parameters: Parameters): void {
  const expected = NETWORKS[name]?.chainId;
  if (expected !== undefined && chainId !== expected)
    throw new DeploymentError(
      `The node of ${name} is on chain ${chainId}, not ${expected}; check its address.`,
    );
  if (!isChainOf(parameters.networks, chainId))
    throw new DeploymentError(
      `${name} is chain ${chainId}; the parameters "${parameters.name}" are for ${parameters.networks.join(", ")}.`,
    );
}

/** A deployment that begins with the account's next transaction. */
async function newBeginning(
  rpc: Rpc,
  { chainId, deployer }: Origin,
  parameters: Parameters,
): Promise<Beginning> {
  const pending = await rpc.transactionCount(deployer, "pending");
  const latest = await rpc.transactionCount(deployer, "latest");
  if (pending > latest)
    throw new DeploymentError(
      `${deployer} has ${pending - latest} transactions that are not mined; run the command again when they are.`,
    );
  if ((await rpc.code(deployer)) !== "0x")
    throw new DeploymentError(
      `${deployer} has code or delegates to some by EIP-7702, which could act in its name; use another account.`,
    );
  return {
    chainId: chainId.toString(),
    firstBlockHash: (await rpc.block(0)).hash,
    deployer,
    firstNonce: latest,
    block: await rpc.blockNumber(),
    parameters: { name: parameters.name, sha256: hashParameters(parameters) },
  };
}

/**
 * The beginning of the deployment in the folder; undefined if there is none. A local chain that was started anew begins a new
 * deployment; on any other chain a folder that does not fit is an error.
 */
async function readBeginning(
  rpc: Rpc,
  folder: DeploymentFolder,
  origin: Origin,
  parameters: Parameters,
  log: Log,
): Promise<Beginning | undefined> {
  if (!(await folder.isBegun())) return undefined;
  const begun =
    (await folder.readBeginning()) ?? (await findBeginning(rpc, folder, origin, parameters, log));
  if (begun === undefined) return undefined;

  const firstBlockHash = (await rpc.block(0)).hash;
  const isSameChain =
    begun.firstBlockHash === firstBlockHash && begun.chainId === origin.chainId.toString();
  const count = await rpc.transactionCount(begun.deployer, "latest");
  if (!isSameChain || count < begun.firstNonce) {
    if (origin.chainId !== LOCAL_CHAIN)
      throw new DeploymentError(
        `${folder.name} is the deployment of another chain; move it away, or name another one with --deployment-id.`,
      );
    log(
      `The local chain was started anew; its earlier deployment is kept as ${folder.moveAside()}.`,
    );
    return undefined;
  }
  if (begun.deployer !== origin.deployer)
    throw new DeploymentError(`The deployment was begun by ${begun.deployer}; use that account.`);
  if (begun.parameters.sha256 !== hashParameters(parameters))
    throw new DeploymentError(
      `The deployment in ${folder.name} was begun with other values of "${begun.parameters.name}"; restore them, or begin another one with --deployment-id.`,
    );
  return begun;
}

/** Looks the beginning up on the chain: the last nonce of the deployer that made the first contract of the series. */
async function findBeginning(
  rpc: Rpc,
  folder: DeploymentFolder,
  origin: Origin,
  parameters: Parameters,
  log: Log,
): Promise<Beginning | undefined> {
  const { deployer } = origin;
  const count = await rpc.transactionCount(deployer, "latest");
  const noted = [...(await folder.readHashes()).keys()].filter((nonce) => nonce < count);
  const all = Array.from({ length: Math.min(count, MOST_NONCES) }, (_, i) => count - 1 - i);
  const [first] = (await planSeries(origin, parameters, 0)).steps;
  for (const nonce of [...(noted.length > 0 ? [Math.min(...noted)] : []), ...all]) {
    const found = await rpc.findByNonce(deployer, nonce, 0);
    if (found === undefined || first === undefined || !isStep(found, first)) continue;
    log(`Where the deployment began was read from the chain: nonce ${nonce} of ${deployer}.`);
    const beginning = await newBeginning(rpc, origin, parameters);
    return { ...beginning, firstNonce: nonce, block: (found.blockNumber ?? 1) - 1 };
  }
  return undefined;
}
