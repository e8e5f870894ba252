/**
 * Writes the tables of docs/economics.md from the parameter files.
 *
 *   npm run economics
 */
import { writeFileSync } from "node:fs";
import path from "node:path";

import { runCommand } from "../tools/command.js";
import { ECONOMICS_DOCUMENT, renderEconomicsDocument } from "./checks/economics.js";
import { ROOT } from "./checks/files.js";

const USAGE = {
  command: "economics",
  summary: "Writes the tables of docs/economics.md from the parameter files.",
};

await runCommand(USAGE, async () => {
  writeFileSync(path.join(ROOT, ECONOMICS_DOCUMENT), await renderEconomicsDocument(ROOT));
  console.log(`${ECONOMICS_DOCUMENT} is written.`);
});
