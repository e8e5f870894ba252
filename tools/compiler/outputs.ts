import type { CompilerInput } from "hardhat/types/solidity";

/**
 * Asks for the code of `files` only, and for the syntax trees of their imports. Hardhat asks for all code, so that a test
 * with settings of its own would compile every contract that it imports once more.
 */
export function omitImportedCode(input: CompilerInput, files: readonly string[]): CompilerInput {
  const { "*": all } = input.settings.outputSelection;
  const sources = files
    .map((file) => `project/${file}`)
    .filter((source) => source in input.sources);
  if (!all || sources.length === 0) return input;

  const outputSelection = {
    "*": { "": all[""] ?? [] },
    ...Object.fromEntries(sources.map((source) => [source, all])),
  };
  return { ...input, settings: { ...input.settings, outputSelection } };
}
