/**
 * Runs the checks of the repository and prints one line each; ends with 1 if one fails. With names, runs only those.
 * `coverage` runs by name alone, because it needs the report of `npm run coverage`.
 *
 *   npm run build && npm run checks [-- <name> ...]
 */
import { runCommand } from "../../tools/command.js";
import { checkAbuseCases } from "./abuse-cases.js";
import { checkAudit, renderAuditDocuments } from "./audit.js";
import { checkCliReference, renderCliDocument } from "./cli-reference.js";
import { checkContractSizes, readContractSizes } from "./contract-size.js";
import { checkCoverage } from "./coverage.js";
import { checkDependencies } from "./dependencies.js";
import { checkEconomics, renderEconomicsDocument } from "./economics.js";
import { ROOT } from "./files.js";
import { checkInvariants } from "./invariants.js";
import { checkLanguage } from "./language.js";
import { checkParameters } from "./parameters.js";
import { checkReasons } from "./reasons.js";
import { runChecks } from "./report.js";
import { checkRepository } from "./repository.js";
import { checkRequirementIds } from "./requirement-ids.js";
import { checkRoleTable, renderRolesDocument, renderTrustDocument } from "./role-table.js";
import { checkSolidityImports } from "./solidity-imports.js";
import { checkTrees } from "./trees.js";
import { checkVectors, renderVectors } from "./vectors.js";
import { checkWithoutIr, compileWithoutIr } from "./without-ir.js";

const always = {
  "contract-size": async () => checkContractSizes(await readContractSizes()),
  "requirement-ids": () => checkRequirementIds(ROOT),
  invariants: () => checkInvariants(ROOT),
  "abuse-cases": () => checkAbuseCases(ROOT),
  "role-table": async () =>
    checkRoleTable(ROOT, await renderRolesDocument(), await renderTrustDocument(ROOT)),
  trees: () => checkTrees(ROOT),
  dependencies: () => checkDependencies(ROOT),
  "solidity-imports": () => checkSolidityImports(ROOT),
  repository: () => checkRepository(ROOT),
  reasons: () => checkReasons(ROOT),
  language: () => checkLanguage(ROOT),
  audit: async () => checkAudit(ROOT, await renderAuditDocuments(ROOT)),
  vectors: async () => checkVectors(ROOT, await renderVectors()),
  parameters: () => checkParameters(ROOT),
  economics: async () => checkEconomics(ROOT, await renderEconomicsDocument(ROOT)),
  "cli-reference": async () => checkCliReference(ROOT, await renderCliDocument()),
  "without-ir": async () => checkWithoutIr(await compileWithoutIr()),
};
const named = { ...always, coverage: () => checkCoverage(ROOT) };

const USAGE = {
  command: "checks",
  summary: "Runs the checks of the repository, each with one line; exit code 1 if one fails.",
  operands: { name: "NAME", help: `only these, of ${Object.keys(named).join(", ")}` },
};

await runCommand(USAGE, async (_, names) => {
  const passed = await runChecks(names.length > 0 ? named : always, names, console.log);
  return passed ? 0 : 1;
});
