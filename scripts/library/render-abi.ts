import { globSync, readFileSync } from "node:fs";
import path from "node:path";

import type { InterfaceAbi } from "ethers";

import { EXTENSIONS, joinAbis } from "../../deploy/lib/extended-abi.js";

interface Artifact {
  readonly contractName: string;
  readonly abi: readonly unknown[];
  readonly bytecode: string;
}

/** Contracts of OpenZeppelin that a deployment has as they are. */
const FOREIGN = ["@openzeppelin/contracts/access/manager/AccessManager.sol/AccessManager.json"];

/** A contract of the suite that can be deployed, by its name. */
export interface ContractAbi {
  readonly name: string;
  readonly abi: readonly unknown[];
}

/**
 * Every contract that can be deployed, in alphabetical order. The Meter has the functions of its extension as well, which
 * answers at its address.
 *
 * @throws if nothing is built.
 */
export function readAbis(artifacts: string): ContractAbi[] {
  const own = globSync("contracts/**/*.sol/*.json", { cwd: artifacts });
  const contracts = [...own, ...FOREIGN]
    .map((file) => JSON.parse(readFileSync(path.join(artifacts, file), "utf8")) as Artifact)
    .filter(({ bytecode }) => bytecode !== "0x")
    .filter(({ abi }) => abi.length > 0) // libraries whose functions are all internal
    .map(({ contractName, abi }) => ({ name: contractName, abi }))
    .sort((left, right) => (left.name < right.name ? -1 : 1));
  if (contracts.length <= FOREIGN.length)
    throw new Error("There are no contracts to take ABIs from; run `npm run build` first.");
  const byName = new Map(contracts.map(({ name, abi }) => [name, abi] as const));
  return contracts.map(({ name, abi }) => {
    const further = byName.get(EXTENSIONS[name] ?? "");
    return { name, abi: further ? joinAbis(abi as InterfaceAbi, further as InterfaceAbi) : abi };
  });
}

/** Name of the constant that holds the ABI of a contract: `OPAToken` has `opaTokenAbi`. */
export function abiName(contract: string): string {
  const [acronym = ""] = /^[A-Z]+(?=[A-Z][a-z])/.exec(contract) ?? /^[A-Z]/.exec(contract) ?? [];
  return `${acronym.toLowerCase()}${contract.slice(acronym.length)}Abi`;
}

/** Source of the entry point `opa-protocol/abi`: one constant a contract, with literal types. */
export function renderAbis(contracts: readonly ContractAbi[]): string {
  const constants = contracts.map(
    ({ name, abi }) =>
      `/** ABI of ${name}. */\nexport const ${abiName(name)} = ${JSON.stringify(abi)} as const;\n`,
  );
  const table = contracts.map(({ name }) => `  ${name}: ${abiName(name)},\n`).join("");
  return [
    "/** Entry point `opa-protocol/abi`: ABIs of all contracts, typed for viem and for any other library. */\n",
    ...constants,
    `/** Every ABI by the name of its contract. */\nexport const ABIS = {\n${table}} as const;\n`,
  ].join("\n");
}
