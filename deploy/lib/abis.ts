/** The functions, events and errors that answer at the address of a contract, each read once. */
import hre from "hardhat";
import { Interface, type InterfaceAbi, type JsonFragment } from "ethers";

import type { ContractName } from "./manifest.js";

/** The extension that answers all other functions of the Meter. */
const EXTENDED: Partial<Record<string, ContractName>> = { Meter: "MeterExtension" };

const abis = new Map<string, Promise<InterfaceAbi>>();

/** The ABI at a contract's address: that of its artifact, and for the Meter also that of its extension. */
export async function readAbi(name: string): Promise<InterfaceAbi> {
  let abi = abis.get(name);
  if (abi === undefined) {
    abi = joinAbis(name);
    abis.set(name, abi);
    // A later build can still add the missing ones.
    abi.catch(() => abis.delete(name));
  }
  return abi;
}

async function joinAbis(name: string): Promise<InterfaceAbi> {
  const { abi } = await hre.artifacts.readArtifact(name);
  const extension = EXTENDED[name];
  if (extension === undefined) return abi as InterfaceAbi;

  const known = new Set(fragmentsOf(abi as InterfaceAbi).map(nameOf));
  const { abi: further } = await hre.artifacts.readArtifact(extension);
  const added = fragmentsOf(further as InterfaceAbi).filter(
    (fragment) => fragment.type !== "constructor" && !known.has(nameOf(fragment)),
  );
  return [...fragmentsOf(abi as InterfaceAbi).filter(({ type }) => type !== "fallback"), ...added];
}

function fragmentsOf(abi: InterfaceAbi): JsonFragment[] {
  return JSON.parse(new Interface(abi).formatJson()) as JsonFragment[];
}

/** Kind, name and types, which identify a fragment. */
function nameOf({ type, name, inputs }: JsonFragment): string {
  return JSON.stringify([type, name, inputs]);
}
