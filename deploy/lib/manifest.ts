/** The manifest of a deployment: where every contract is and how to talk to it. Scripts and integrators read it. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

import type { InterfaceAbi } from "ethers";

import { DeploymentError } from "./error.js";

/** Contracts of the suite by the name the code uses for them. */
export const CONTRACTS = {
  accessManager: "AccessManager",
  timelock: "SystemTimelock",
  factory: "GenesisFactory",
  genesis: "Genesis",
  token: "OPAToken",
  vault: "ReleaseVault",
  registry: "ResourceRegistry",
  pricePolicy: "LoadPricePolicy",
  accessPolicy: "AccessPolicy",
  meter: "Meter",
  meterExtension: "MeterExtension",
  nodes: "NodeRegistry",
  slashing: "NodeSlashing",
  incentiveVault: "IncentiveVault",
  pool: "IncentivePool",
  attestations: "Attestations",
  settlement: "Settlement",
  directory: "SystemDirectory",
  lock: "GovernanceLock",
  governor: "OPAGovernor",
  reserve: "SystemReserve",
  stageCap: "StageCapCondition",
  lens: "SystemLens",
} as const;

export type ContractKey = keyof typeof CONTRACTS;
export type ContractName = (typeof CONTRACTS)[ContractKey];

export const CONTRACT_KEYS = Object.keys(CONTRACTS) as ContractKey[];

/** A contract of a deployment. */
export interface ManifestEntry {
  contract: string;
  address: string;
  /** keccak256 of the code at the address. */
  codeHash: string;
  /** ABI-encoded arguments of its constructor. */
  constructorArguments: string;
  /** Transaction that created it. */
  transaction: string;
}

/** A transaction of a deployment. */
export interface ManifestTransaction {
  nonce: number;
  hash: string;
  /** Its name among the modules. */
  label: string;
}

/** Content of the manifest file. */
export interface Manifest {
  chainId: number;
  network: string;
  /** Parameter file, and the fingerprint of its values with those from the environment. */
  parameters: { name: string; sha256: string };
  /** Compiler of the contracts, and commit of their sources; empty outside of a repository. */
  compiler: { version: string; settings: string };
  commit: string;
  /** Account that deployed and distributed; it kept no right. */
  deployer: string;
  /** Block before the first transaction: every event of the suite comes after it. */
  deploymentBlock: number;
  /** Every transaction of the deployment, in its order. */
  transactions: ManifestTransaction[];
  contracts: Record<ContractName, ManifestEntry & { abi: InterfaceAbi }>;
  /** Contracts of which there are several, by their name among the modules. */
  others: Record<string, ManifestEntry>;
}

/** Reads a manifest, or says in one sentence why it is none. */
export function readManifest(file: string): Manifest {
  const name = path.relative(process.cwd(), file);
  if (!existsSync(file))
    throw new DeploymentError(`There is no manifest at ${name}; deploy first.`);
  let manifest: Partial<Manifest>;
  try {
    manifest = JSON.parse(readFileSync(file, "utf8")) as Partial<Manifest>;
  } catch (error) {
    throw new DeploymentError(`The manifest at ${name} is not JSON.`, { cause: error });
  }

  const contracts: Partial<Manifest["contracts"]> = manifest.contracts ?? {};
  const missing = Object.values(CONTRACTS).find((contract) => {
    const entry = contracts[contract];
    const fields = [entry?.address, entry?.codeHash, entry?.constructorArguments];
    return !fields.every((field) => typeof field === "string") || !Array.isArray(entry?.abi);
  });
  const isWhole =
    missing === undefined &&
    typeof manifest.chainId === "number" &&
    typeof manifest.network === "string" &&
    typeof manifest.parameters?.name === "string" &&
    typeof manifest.parameters.sha256 === "string" &&
    typeof manifest.compiler?.version === "string" &&
    typeof manifest.commit === "string" &&
    typeof manifest.deployer === "string" &&
    typeof manifest.deploymentBlock === "number" &&
    Array.isArray(manifest.transactions) &&
    typeof manifest.others === "object";
  if (!isWhole)
    throw new DeploymentError(`The manifest at ${name} is incomplete: ${missing ?? "its head"}.`);
  return manifest as Manifest;
}
