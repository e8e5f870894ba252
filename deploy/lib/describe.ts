/** Describes a finished deployment: addresses, transactions and sources. */
import { getCreateAddress, keccak256 } from "ethers";

import { hashParameters } from "../parameters/reader.js";
import type { Parameters } from "../parameters/schema.js";
import { readAbi } from "./abis.js";
import { CONTRACT_KEYS, CONTRACTS, type Manifest, type ManifestEntry } from "./manifest.js";
import { readCommit, readCompiler } from "./provenance.js";
import type { Rpc } from "./rpc.js";
import type { Creation, Series, Step } from "./series.js";

/** A series and the hash of each of its transactions on the chain. */
export interface Finished {
  series: Series;
  hashes: readonly string[];
}

/** The manifest of a deployment. */
export async function describeDeployment(
  rpc: Rpc,
  parameters: Parameters,
  deployer: string,
  deploymentBlock: number,
  { series, hashes }: Finished,
): Promise<Manifest> {
  const made = listCreations(series);
  const entries = await Promise.all(
    made.map(async ({ label, creation, index }) => {
      const entry: ManifestEntry = {
        contract: creation.contract,
        address: creation.address,
        codeHash: keccak256(await rpc.code(creation.address)),
        constructorArguments: creation.arguments,
        transaction: hashes[index] ?? "",
      };
      return [label, entry] as const;
    }),
  );
  const byAddress = new Map(entries.map(([, entry]) => [entry.address, entry]));
  const contracts = await Promise.all(
    CONTRACT_KEYS.map(async (key) => {
      const contract = CONTRACTS[key];
      const abi = await readAbi(contract);
      const entry = byAddress.get(series.addresses[key] ?? "");
      if (entry === undefined) throw new Error(`No transaction creates ${contract}.`);
      return [contract, { ...entry, contract, abi }] as const;
    }),
  );
  const named = new Set(contracts.map(([, { address }]) => address));

  return {
    chainId: Number(await rpc.chainId()),
    network: rpc.name,
    parameters: { name: parameters.name, sha256: hashParameters(parameters) },
    compiler: await readCompiler(),
    commit: readCommit(),
    deployer,
    deploymentBlock,
    transactions: series.steps.map(({ nonce, label }, i) => ({
      nonce,
      hash: hashes[i] ?? "",
      label,
    })),
    contracts: Object.fromEntries(contracts) as Manifest["contracts"],
    others: Object.fromEntries(entries.filter(([, { address }]) => !named.has(address))),
  };
}

/** Every contract that a series makes: by its transactions, and by the first creation of one that they call. */
export function listCreations({
  steps,
  addresses,
}: Series): { label: string; creation: Creation; index: number }[] {
  const own = steps.flatMap((step, index) => (step.creation ? [{ step, index }] : []));
  const known = new Set(own.map(({ step }) => step.creation?.address));
  const rest = Object.entries(addresses).filter(([, address]) => !known.has(address));
  const inner = rest.flatMap(([key, address]) => {
    const index = steps.findLastIndex((step) => isMaker(step, address));
    const step = steps[index];
    if (step === undefined) return [];
    // A contract that only makes another one takes its arguments, so that both calls end alike.
    const contract = CONTRACTS[key as keyof typeof CONTRACTS];
    const creation = { contract, address, arguments: `0x${step.data.slice(10)}` };
    return [{ label: step.label, creation, index }];
  });
  const outer = own.flatMap(({ step, index }) =>
    step.creation ? [{ label: step.label, creation: step.creation, index }] : [],
  );
  return [...outer, ...inner];
}

/** Whether a step calls the contract whose first creation is at an address. */
function isMaker({ to }: Step, address: string): boolean {
  return to !== undefined && getCreateAddress({ from: to, nonce: 1 }) === address;
}
