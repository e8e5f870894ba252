/** Every contract that gets deployed fits the limits of the EVM (EIP-170 and EIP-3860). */
import { isDeepStrictEqual } from "node:util";

import hre from "hardhat";

import { CheckError } from "./files.js";

/** Bytes of one contract: as it lies on the chain, and as it is sent to create it. */
export interface ContractSize {
  readonly name: string;
  readonly runtime: number;
  readonly init: number;
}

const MAX_RUNTIME = 24_576;
const MAX_INIT = 49_152;

/** Finds a contract above a limit, or names the largest. */
export function checkContractSizes(sizes: readonly ContractSize[]): string {
  for (const { name, runtime, init } of sizes) {
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

/** Sizes of what was built from contracts/, which both profiles compile alike. */
export async function readContractSizes(): Promise<ContractSize[]> {
  const { profiles } = hre.config.solidity;
  const [tested, shipped] = [profiles["default"], profiles["production"]].map((profile) =>
    profile?.compilers.map(({ version, settings }) => ({ version, settings: settings as unknown })),
  );
  if (tested === undefined || !isDeepStrictEqual(tested, shipped)) {
    throw new CheckError("The profiles default and production have different compiler settings.");
  }

  const sizes: ContractSize[] = [];
  for (const name of await hre.artifacts.getAllFullyQualifiedNames()) {
    if (!name.startsWith("contracts/")) continue;
    const { abi, contractName, bytecode, deployedBytecode } =
      await hre.artifacts.readArtifact(name);
    const isCalled = abi.some(({ type }) => type === "function"); // a library of ours is not
    if (bytecode === "0x" || !isCalled) continue;
    const [runtime, init] = [deployedBytecode, bytecode].map((code) => code.length / 2 - 1);
    sizes.push({ name: contractName, runtime: runtime ?? 0, init: init ?? 0 });
  }
  return sizes;
}
