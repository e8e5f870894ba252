import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { hasDeployableCode } from "./outputs.js";

/** Folder of the project. */
export const ROOT = path.resolve(import.meta.dirname, "../..");
const EVM_VERSION = "cancun";

/** The compiler of its npm package. */
export const SOLC_PATH = fileURLToPath(import.meta.resolve("solc/soljson.js"));

/** Its version with the commit. A compiler that is loaded to ask for it takes half a second of every command. */
export const SOLC_LONG_VERSION = "0.8.37+commit.f401782d";

/** Settings of shipped contracts, unless {@link RUNS} says otherwise. */
export const SHIPPED = {
  optimizer: { enabled: true, runs: 20_000 },
  viaIR: true,
  evmVersion: EVM_VERSION,
};

/** Settings of tests, mocks and interfaces: the compiler's fast pipeline. Nothing may depend on the gas of its code. */
const QUICK = {
  optimizer: { enabled: false, runs: 200 },
  viaIR: false,
  evmVersion: EVM_VERSION,
};

/**
 * Other runs: fewer for contracts that would exceed 24,576 bytes, the most for the code of every
 * settlement, which saves about 400 gas a statement.
 */
const RUNS: Readonly<Record<string, number>> = {
  "contracts/governance/OPAGovernor.sol": 800,
  "contracts/metering/Meter.sol": 2 ** 32 - 1,
  "contracts/metering/MeterExtension.sol": 200,
  "contracts/metering/Settlement.sol": 2 ** 32 - 1,
};

/** Contracts of packages that are deployed. */
export const SHIPPED_PACKAGE_FILES = [
  "@openzeppelin/contracts/access/manager/AccessManager.sol",
] as const;

/** Files of contracts/ with something that has an address of its own: a contract, or a library called from outside. */
export function listShippedFiles(): string[] {
  return listSources("contracts/**/*.sol", hasDeployableCode);
}

/** Tests that pin gas, compiled with the settings of shipped contracts. */
function listGasTests(): string[] {
  return listSources("test/**/*.t.sol", (source) => /^ *function test_Gas/mu.test(source));
}

function listSources(pattern: string, isWanted: (source: string) => boolean): string[] {
  return globSync(pattern, { cwd: ROOT })
    .filter((file) => isWanted(readFileSync(path.join(ROOT, file), "utf8")))
    .map((file) => file.split(path.sep).join("/"));
}

/** Settings with which a file of contracts/ ships. */
export function shippedSettings(file: string): typeof SHIPPED {
  const runs = RUNS[file];
  return runs === undefined ? SHIPPED : { ...SHIPPED, optimizer: { enabled: true, runs } };
}

const SOLC = { version: "0.8.37", path: SOLC_PATH };

/**
 * The profile of every command. Shipped contracts are compiled through IR, each file alone, so that
 * a change recompiles one; all else by the fast pipeline. Tool versions stay out of the build, since
 * they would give each profile builds of its own.
 */
export function shippedProfile() {
  return profileOf(QUICK, [...listShippedFiles(), ...SHIPPED_PACKAGE_FILES, ...listGasTests()]);
}

/** The same with all else through IR too, and each file of tests alone, so that all cores compile. */
export function irProfile() {
  const tests = listSources("test/!(mocks)/**/*.sol", hasDeployableCode);
  return profileOf(SHIPPED, [...listShippedFiles(), ...SHIPPED_PACKAGE_FILES, ...tests]);
}

function profileOf(others: typeof SHIPPED, files: readonly string[]) {
  const overrides = files.map((file) => [file, { ...SOLC, settings: shippedSettings(file) }]);
  return {
    compilers: [{ ...SOLC, settings: others }],
    overrides: Object.fromEntries(overrides) as Record<string, typeof SOLC>,
    isolated: false,
    toolVersionsInBuildInfo: false,
  };
}

/** The profile of the check that no contract needs IR. */
export function legacyProfile() {
  return { compilers: [{ ...SOLC, settings: QUICK }], toolVersionsInBuildInfo: false };
}
