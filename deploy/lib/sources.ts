/** Publishes the sources of a deployment where people read contracts: Etherscan, Blockscout and Sourcify, through hardhat-verify. */
import { verifyContract } from "@nomicfoundation/hardhat-verify/verify";
import { AbiCoder, type InterfaceAbi } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import { interfaceOf } from "./artifacts.js";
import { CommandError, reasonOf } from "./explain.js";
import type { Manifest, ManifestEntry } from "./manifest.js";

export const EXPLORERS = ["etherscan", "blockscout", "sourcify"] as const;
export type Explorer = (typeof EXPLORERS)[number];

/** Outcome for one contract at one explorer. */
export interface Published {
  label: string;
  explorer: Explorer;
  /** Why it is not there; undefined if it is. */
  refusal: string | undefined;
}

/** Publishes every contract of a manifest at each explorer; `hre` has the network of the deployment as its default. */
export async function publishSources(
  hre: HardhatRuntimeEnvironment,
  manifest: Manifest,
  explorers: readonly Explorer[],
  log: (line: string) => void,
): Promise<Published[]> {
  const entries: [string, ManifestEntry][] = [
    ...Object.entries(manifest.contracts),
    ...Object.entries(manifest.others),
  ];
  const published: Published[] = [];
  for (const explorer of explorers)
    for (const [label, entry] of entries) {
      const refusal = await publish(hre, entry, explorer);
      log(`${label} at ${explorer}: ${refusal ?? "published"}`);
      published.push({ label, explorer, refusal });
    }
  return published;
}

async function publish(
  hre: HardhatRuntimeEnvironment,
  { contract, address, constructorArguments, transaction }: ManifestEntry,
  provider: Explorer,
): Promise<string | undefined> {
  const { abi, sourceName, contractName } = await hre.artifacts.readArtifact(contract);
  try {
    await verifyContract(
      {
        address,
        constructorArgs: decodeArguments(abi as InterfaceAbi, constructorArguments),
        contract: `${sourceName}:${contractName}`,
        provider,
        ...(provider === "sourcify" && { creationTxHash: transaction }),
      },
      hre,
    );
    return undefined;
  } catch (error) {
    const reason = reasonOf(error);
    return /already verified/i.test(reason) ? undefined : reason;
  }
}

/** Arguments of a constructor as values. */
function decodeArguments(abi: InterfaceAbi, encoded: string): unknown[] {
  const { inputs } = interfaceOf(abi).deploy;
  return AbiCoder.defaultAbiCoder().decode(inputs, encoded).toArray(true) as unknown[];
}

/** Makes the outcome that of the command. */
export function reportPublished(published: readonly Published[]): void {
  const refused = published.filter(({ refusal }) => refusal !== undefined);
  if (refused.length === 0) return;
  throw new CommandError(
    `Not published: ${refused.length} of ${published.length}. Run the same command again; what is published is left alone.`,
  );
}
