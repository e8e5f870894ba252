/** Every contract that gets deployed fits the limits of the EVM (EIP-170 and EIP-3860). */
import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";

import hre from "hardhat";
import type { SolidityBuildInfo } from "hardhat/types/solidity";

import { shippedSettings } from "../../tools/compiler/settings.js";
import { CheckError } from "./files.js";

/** Bytes of one contract: as it lies on the chain, and as it is sent to create it. */
export interface ContractSize {
  readonly name: string;
  readonly runtime: number;
  readonly init: number;
  /** File in contracts/. */
  readonly source: string;
  /** Settings of the compiler that made it. */
  readonly settings: Partial<ReturnType<typeof shippedSettings>>;
}

const MAX_RUNTIME = 24_576;
const MAX_INIT = 49_152;

/** Finds a contract above a limit or built with other settings than those of a deployment, or names the largest. */
export function checkContractSizes(sizes: readonly ContractSize[]): string {
  for (const { name, runtime, init, source, settings } of sizes) {
    const { optimizer, viaIR, evmVersion } = settings;
    if (!isDeepStrictEqual({ optimizer, viaIR, evmVersion }, shippedSettings(source))) {
      throw new CheckError(`${name} is not built with the settings it ships with.`);
    }
    if (runtime > MAX_RUNTIME) {
      throw new CheckError(`${name} has ${runtime} bytes of code; ${MAX_RUNTIME} are allowed.`);
    }
    if (init > MAX_INIT) {
      throw new CheckError(`${name} has ${init} bytes of init code; ${MAX_INIT} are allowed.`);
    }
  }
  const [largest] = sizes.toSorted((a, b) => b.runtime - a.runtime);
  if (!largest) throw new CheckError("No contract is built; `npm run build` does.");
  const { name, runtime } = largest;
  return `${sizes.length} contracts fit; the largest is ${name} with ${runtime} of ${MAX_RUNTIME} bytes`;
}

/** Sizes of the built contracts. */
export async function readContractSizes(): Promise<ContractSize[]> {
  const [tested, shipped] = ["default", "production"].map((name) => {
    const profile = hre.config.solidity.profiles[name];
    return JSON.stringify([profile?.compilers, profile?.overrides]);
  });
  if (tested !== shipped) {
    throw new CheckError("The profiles default and production have different compiler settings.");
  }

  const sizes: ContractSize[] = [];
  for (const name of await hre.artifacts.getAllFullyQualifiedNames()) {
    if (!name.startsWith("contracts/")) continue;
    const artifact = await hre.artifacts.readArtifact(name);
    const { abi, contractName, sourceName, bytecode, deployedBytecode } = artifact;
    const isCalled = abi.some(({ type }) => type === "function"); // a library of ours is not
    if (bytecode === "0x" || !isCalled) continue;
    const [runtime, init] = [deployedBytecode, bytecode].map((code) => code.length / 2 - 1);
    sizes.push({
      name: contractName,
      runtime: runtime ?? 0,
      init: init ?? 0,
      source: sourceName,
      settings: await readSettings(name),
    });
  }
  return sizes;
}

async function readSettings(name: string): Promise<ContractSize["settings"]> {
  const id = await hre.artifacts.getBuildInfoId(name);
  const file = id === undefined ? undefined : await hre.artifacts.getBuildInfoPath(id);
  if (file === undefined) throw new CheckError(`The build of ${name} is gone; \`npm run build\`.`);
  const { input } = JSON.parse(readFileSync(file, "utf8")) as SolidityBuildInfo;
  return input.settings as ContractSize["settings"];
}
