/** The functions, events and errors that answer at the address of a contract, each read once. */
import hre from "hardhat";
import type { InterfaceAbi } from "ethers";

import { EXTENSIONS, joinAbis } from "./extended-abi.js";

const abis = new Map<string, Promise<InterfaceAbi>>();

/** The ABI at a contract's address: that of its artifact, and for the Meter also that of its extension. */
export async function readAbi(name: string): Promise<InterfaceAbi> {
  let abi = abis.get(name);
  if (abi === undefined) {
    abi = readWhole(name);
    abis.set(name, abi);
    // A later build can still add the missing ones.
    abi.catch(() => abis.delete(name));
  }
  return abi;
}

async function readWhole(name: string): Promise<InterfaceAbi> {
  const { abi } = await hre.artifacts.readArtifact(name);
  const extension = EXTENSIONS[name];
  if (extension === undefined) return abi as InterfaceAbi;
  const { abi: further } = await hre.artifacts.readArtifact(extension);
  return joinAbis(abi as InterfaceAbi, further as InterfaceAbi);
}
