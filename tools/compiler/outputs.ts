import type { CompilerInput } from "hardhat/types/solidity";

/** Sources of Solidity tests; mocks are compiled with the contracts. */
const TEST = /^project\/test\/(?!mocks\/)/u;

/** Whether a source holds something that gets an address: a contract, or a library called from outside. */
export function hasDeployableCode(source: string): boolean {
  return (
    /^contract /mu.test(source) ||
    (/^library /mu.test(source) && /\)\s+(?:external|public)\b/u.test(source))
  );
}

/**
 * Leaves imported contracts out of the outputs of a job of tests. Tests deploy contracts by name, as they ship, but Hardhat asks
 * for all outputs, and so each job would compile these contracts once more. Their syntax trees are left out too, because solc
 * generates the code of a file even if only its tree is asked for. The bases of a test stay: the decoder of error traces needs
 * their trees. `own` are the files that a job with settings of its own is for; another job of tests is for all tests in it.
 */
export function omitImportedContracts(
  input: CompilerInput,
  own: readonly string[] = [],
): CompilerInput {
  const { "*": everything } = input.settings.outputSelection;
  const sources = Object.entries(input.sources);
  if (!everything || !sources.some(([name]) => TEST.test(name))) return input;

  const bases = new Set(sources.flatMap(([, { content }]) => listBases(content)));
  const ownNames = own.map((file) => `project/${file}`);
  const isTarget = (name: string) => (own.length > 0 ? ownNames.includes(name) : TEST.test(name));
  const wanted = sources.filter(
    ([name, { content }]) =>
      isTarget(name) ||
      !hasDeployableCode(content) ||
      listContracts(content).some((contract) => bases.has(contract)),
  );
  const outputSelection = Object.fromEntries(wanted.map(([name]) => [name, everything]));
  return { ...input, settings: { ...input.settings, outputSelection } };
}

function listContracts(source: string): string[] {
  return Array.from(source.matchAll(/^contract (\w+)/gmu), ([, name = ""]) => name);
}

function listBases(source: string): string[] {
  const clauses = source.matchAll(/^(?:abstract )?contract \w+ is\s+([^{]+)\{/gmu);
  return Array.from(clauses, ([, clause = ""]) => clause.match(/\w+/gu) ?? []).flat();
}
