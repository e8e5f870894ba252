import type { CompilerInput, CompilerOutput } from "hardhat/types/solidity";

const NO_CODE = { object: "", opcodes: "", sourceMap: "", linkReferences: {} };

/**
 * Asks for the code of the files that a job is for, and only for the ABI and the syntax tree of their imports. Hardhat
 * asks for all code, so that a contract would be compiled again in the job of each file that imports it.
 */
export function askForRoots(input: CompilerInput, roots: readonly string[]): CompilerInput {
  const { "*": all } = input.settings.outputSelection;
  const files = Object.keys(input.sources).filter((source) =>
    roots.some((root) => source === `project/${root}`),
  );
  if (!all || files.length === 0) return input;

  const imports = { ...all, "*": ["abi"] };
  const own = Object.fromEntries(files.map((file) => [file, all]));
  const outputSelection = { "*": imports, ...own };
  return { ...input, settings: { ...input.settings, outputSelection } };
}

/** Gives contracts without code an empty one, as the compiler gives interfaces, because readers of an output rely on it. */
export function fillOmitted(output: CompilerOutput): CompilerOutput {
  for (const contracts of Object.values(output.contracts ?? {})) {
    for (const contract of Object.values(contracts)) {
      contract.evm ??= { bytecode: NO_CODE, deployedBytecode: NO_CODE, methodIdentifiers: {} };
    }
  }
  return output;
}
