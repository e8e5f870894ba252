/** Deploys the suite through Ignition, resumes what was interrupted, and writes the manifest. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

import hre from "hardhat";
import type { NetworkConnection } from "hardhat/types/network";

import { OPA } from "../../sdk/units.js";
import { suiteModule } from "../modules/Suite.js";
import { hashParameters } from "../parameters/reader.js";
import type { Parameters } from "../parameters/schema.js";
import { readInterfaceIds } from "./interface-ids.js";
import { CONTRACT_KEYS, CONTRACTS, writeManifest, type Manifest } from "./manifest.js";

type Log = (line: string) => void;

export interface DeployOptions {
  /** Folder below `deploy/deployments`; `chain-<id>` if left out. */
  deploymentId?: string;
  log?: Log;
}

export type Deployment = Awaited<ReturnType<typeof deploySuite>>;

/** A deployment that cannot start; the message is one sentence. */
export class DeploymentError extends Error {}

/** What identifies the chain a journal belongs to, kept beside it. */
interface Anchor {
  firstBlockHash: string;
  deploymentBlock: number;
  deployer: string;
}

const LOCAL_CHAIN = 31_337n;
const HOLDERS = { systemReserve: "system reserve", incentiveVault: "incentive vault" } as const;

/**
 * Deploys what is not deployed yet and hands back contracts with generated types. In a process nothing is written; on
 * other networks the journal makes a second run do nothing.
 */
export async function deploySuite(
  connection: NetworkConnection,
  parameters: Parameters,
  { deploymentId, log = () => undefined }: DeployOptions = {},
) {
  const { ethers, ignition } = connection;
  const { chainId } = await ethers.provider.getNetwork();
  requireChain(connection, chainId, parameters);
  await requireStarted(connection, parameters);
  const [deployer] = await ethers.getSigners();
  if (!deployer) throw new DeploymentError(`${connection.networkName} has no account to deploy.`);
  requireUninvolved(deployer.address, parameters);

  const isWritten = connection.networkConfig.type !== "edr-simulated";
  const id = deploymentId ?? defaultDeploymentId(chainId);
  const anchor = isWritten
    ? await anchorJournal(connection, deploymentFolder(id), chainId, deployer.address, log)
    : await newAnchor(connection, deployer.address);
  if (anchor.deployer !== deployer.address) {
    throw new DeploymentError(`The deployment was begun by ${anchor.deployer}; use that account.`);
  }

  const nonce = await deployer.getNonce();
  const deployed = await ignition.deploy(suiteModule(parameters), {
    parameters: ignitionParameters(parameters, await readInterfaceIds()),
    defaultSender: deployer.address,
    deploymentId: id,
  });
  const transactions = (await deployer.getNonce()) - nonce;

  const addresses = Object.fromEntries(
    await Promise.all(
      CONTRACT_KEYS.map(async (key) => [key, await deployed[key].getAddress()] as const),
    ),
  ) as Record<keyof typeof CONTRACTS, string>;
  const manifest = await describeDeployment(connection, parameters, anchor, addresses);
  if (isWritten) writeManifest(manifestPath(id), manifest);
  if (transactions > 0) {
    for (const key of CONTRACT_KEYS) log(`${CONTRACTS[key]} is at ${addresses[key]}.`);
    for (const line of plan(parameters)) log(line);
  }

  return {
    accessManager: await ethers.getContractAt("AccessManager", addresses.accessManager),
    timelock: await ethers.getContractAt("SystemTimelock", addresses.timelock),
    genesis: await ethers.getContractAt("Genesis", addresses.genesis),
    token: await ethers.getContractAt("OPAToken", addresses.token),
    vault: await ethers.getContractAt("ReleaseVault", addresses.vault),
    registry: await ethers.getContractAt("ResourceRegistry", addresses.registry),
    pricePolicy: await ethers.getContractAt("LoadPricePolicy", addresses.pricePolicy),
    accessPolicy: await ethers.getContractAt("AccessPolicy", addresses.accessPolicy),
    accounts: await ethers.getContractAt("ServiceAccounts", addresses.accounts),
    nodes: await ethers.getContractAt("NodeRegistry", addresses.nodes),
    slashing: await ethers.getContractAt("NodeSlashing", addresses.slashing),
    incentiveVault: await ethers.getContractAt("IncentiveVault", addresses.incentiveVault),
    pool: await ethers.getContractAt("IncentivePool", addresses.pool),
    attestations: await ethers.getContractAt("Attestations", addresses.attestations),
    scheduler: await ethers.getContractAt("NodeScheduler", addresses.scheduler),
    settlement: await ethers.getContractAt("Settlement", addresses.settlement),
    directory: await ethers.getContractAt("SystemDirectory", addresses.directory),
    lock: await ethers.getContractAt("GovernanceLock", addresses.lock),
    governor: await ethers.getContractAt("OPAGovernor", addresses.governor),
    reserve: await ethers.getContractAt("SystemReserve", addresses.reserve),
    lens: await ethers.getContractAt("SystemLens", addresses.lens),
    stageCap: await ethers.getContractAt("StageCapCondition", addresses.stageCap),
    addresses,
    manifest,
    /** Transactions sent; zero if there was nothing to do. */
    transactions,
    /** Whether journal and manifest are on disk, which they are not for a chain in this process. */
    isWritten,
  };
}

/** Name of a deployment that was given none. */
export function defaultDeploymentId(chainId: bigint): string {
  return `chain-${chainId.toString()}`;
}

/** Folder of a deployment's journal and manifest. */
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
  return path.join(deploymentFolder(deploymentId), "manifest.json");
}

/** The parameters by module, as Ignition takes them. */
function ignitionParameters(parameters: Parameters, interfaceIds: Record<string, string>) {
  const { curves, transfers, grants, resources, nodes, incentives, kinds } = parameters;
  const clock = { genesis: parameters.epoch.genesis, epochDuration: parameters.epoch.duration };
  return {
    Access: { ...parameters.timelock },
    Governance: {
      ...clock,
      guardian: parameters.guardians.proposals,
      settings: { ...parameters.governance },
    },
    Roles: {
      pauseGuardian: parameters.guardians.pauses,
      ...Object.fromEntries(
        Object.entries(interfaceIds).map(([key, id]) => [`interface_${key}`, id] as const),
      ),
    },
    Nodes: { ...clock, minimumStakes: nodes.minimumStakes },
    Resources: {
      ...clock,
      ...Object.fromEntries(
        resources.map((resource, i) => [`resource_${i}`, { ...resource }] as const),
      ),
    },
    Incentives: {
      kappa: incentives.kappa,
      heldBackShare: parameters.heldBackShare,
      claimLimit: incentives.claimLimit,
      shares: incentives.shares,
      stages: incentives.stages.map((stage) => ({ ...stage })),
      ...Object.fromEntries(kinds.map((kind, i) => [`kind_${i}`, { ...kind }] as const)),
    },
    Release: Object.fromEntries([
      ...Object.entries(curves).map(([name, stages]) => [
        `curve_${name}`,
        stages.map((stage) => ({ ...stage })),
      ]),
      ...transfers.map(({ amount }, i) => [`transfer_${i}_amount`, amount]),
      ...grants.flatMap(({ beneficiary, start, amount }, i) => [
        [`grant_${i}_beneficiary`, beneficiary],
        [`grant_${i}_start`, start],
        [`grant_${i}_amount`, amount],
      ]),
    ]) as Record<string, bigint | string>,
    Metering: {
      ...clock,
      claimGrace: parameters.claimGrace,
      settlementWindow: parameters.settlementWindow,
      lockThreshold: parameters.access.lockThreshold,
      scoreThreshold: parameters.access.scoreThreshold,
      burnLimits: { ...parameters.burnLimits },
    },
  };
}

/** What a deployment does besides its contracts, one line per effect. */
export function plan(parameters: Parameters): string[] {
  return [
    ...parameters.transfers.map(
      ({ label, to, amount }) => `${label}: ${opa(amount)} OPA held by the ${HOLDERS[to]}.`,
    ),
    ...parameters.grants.map(
      ({ label, amount, beneficiary, curve }) =>
        `${label}: ${opa(amount)} OPA released to ${beneficiary} along "${curve}".`,
    ),
    ...parameters.resources.map(({ name }, i) => `Resource ${i + 1} is ${name}.`),
    ...parameters.kinds.map(({ name }, i) => `Contribution ${i + 1} is ${name}.`),
    "The role table is set; the settlement may charge and record, the Governor hold locks.",
    "The Governor alone proposes to the timelock, which administers every role; the deployer has none.",
    `${parameters.guardians.proposals} can cancel proposals for a year, ${parameters.guardians.pauses} pause modules for three days.`,
  ];
}

/** What the manifest says of a finished deployment. */
async function describeDeployment(
  { networkName, ethers }: NetworkConnection,
  parameters: Parameters,
  { deploymentBlock, deployer }: Anchor,
  addresses: Record<keyof typeof CONTRACTS, string>,
): Promise<Manifest> {
  const { chainId } = await ethers.provider.getNetwork();
  const contracts = await Promise.all(
    CONTRACT_KEYS.map(async (key) => {
      const { abi } = await hre.artifacts.readArtifact(CONTRACTS[key]);
      return [CONTRACTS[key], { address: addresses[key], abi }] as const;
    }),
  );
  return {
    chainId: Number(chainId),
    network: networkName,
    parameters: { name: parameters.name, sha256: hashParameters(parameters) },
    deployer,
    deploymentBlock,
    contracts: Object.fromEntries(contracts) as Manifest["contracts"],
  };
}

/** Refuses a chain whose clock is behind the first epoch, before anything is sent. */
async function requireStarted({ ethers, networkName }: NetworkConnection, { epoch }: Parameters) {
  const block = await ethers.provider.getBlock("latest");
  if (block && BigInt(block.timestamp) < epoch.genesis) {
    throw new DeploymentError(
      `The clock of ${networkName} says ${block.timestamp}, which is before the first epoch at ${epoch.genesis}.`,
    );
  }
}

/** Refuses a chain that the parameters are not for. */
function requireChain({ networkName }: NetworkConnection, chainId: bigint, parameters: Parameters) {
  if (chainId !== parameters.chainId) {
    const expected = parameters.chainId.toString();
    throw new DeploymentError(
      `${networkName} is chain ${chainId.toString()}; the parameters "${parameters.name}" are for chain ${expected}.`,
    );
  }
}

/** Refuses to deploy with an account that would keep a right or tokens. */
function requireUninvolved(deployer: string, { guardians, grants, kinds }: Parameters) {
  const named = [
    guardians.proposals,
    guardians.pauses,
    ...grants.map(({ beneficiary }) => beneficiary),
    ...kinds.flatMap(({ verifiers }) => verifiers),
  ];
  if (named.includes(deployer)) {
    throw new DeploymentError(
      `The deploying account ${deployer} is named as a guardian, beneficiary or verifier; use another one.`,
    );
  }
}

/**
 * Makes sure that the journal in `folder` is of the chain that answers. A local chain that was started anew begins a new
 * deployment; on any other chain a journal that does not fit is an error.
 */
async function anchorJournal(
  connection: NetworkConnection,
  folder: string,
  chainId: bigint,
  deployer: string,
  log: Log,
): Promise<Anchor> {
  const file = path.join(folder, "anchor.json");
  if (existsSync(folder)) {
    const anchor = existsSync(file)
      ? (JSON.parse(readFileSync(file, "utf8")) as Anchor)
      : undefined;
    if (anchor !== undefined && (await isSameChain(connection, folder, anchor))) return anchor;
    if (chainId !== LOCAL_CHAIN) {
      throw new DeploymentError(
        `The journal in ${path.relative(process.cwd(), folder)} is of another chain; move it away first.`,
      );
    }
    rmSync(folder, { recursive: true });
    log("The local chain was started anew; its earlier journal is discarded.");
  }

  const anchor = await newAnchor(connection, deployer);
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, `${JSON.stringify(anchor, null, 2)}\n`);
  return anchor;
}

/** Whether the chain began with the same block and has code wherever the journal deployed. */
async function isSameChain(
  { ethers }: NetworkConnection,
  folder: string,
  anchor: Anchor,
): Promise<boolean> {
  const first = await ethers.provider.getBlock(0);
  if (first?.hash !== anchor.firstBlockHash) return false;

  const file = path.join(folder, "deployed_addresses.json");
  if (!existsSync(file)) return true;
  const addresses = Object.values(JSON.parse(readFileSync(file, "utf8")) as Record<string, string>);
  const codes = await Promise.all(addresses.map((address) => ethers.provider.getCode(address)));
  return codes.every((code) => code !== "0x");
}

/** The chain as it is before the first transaction. */
async function newAnchor({ ethers }: NetworkConnection, deployer: string): Promise<Anchor> {
  const first = await ethers.provider.getBlock(0);
  if (!first?.hash) throw new DeploymentError("The chain does not say what its first block is.");
  const deploymentBlock = await ethers.provider.getBlockNumber();
  return { firstBlockHash: first.hash, deploymentBlock, deployer };
}

/** Whole OPA of an amount, as text. */
function opa(amount: bigint): string {
  return (amount / OPA).toString();
}
