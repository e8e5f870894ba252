/**
 * Writes docs/cli.md from the commands of `opa`.
 *
 *   npm run cli-docs
 */
import { writeFileSync } from "node:fs";
import path from "node:path";

import { runCommand } from "../tools/command.js";
import { CLI_DOCUMENT, renderCliDocument } from "./checks/cli-reference.js";
import { ROOT } from "./checks/files.js";

await runCommand(
  { command: "cli-docs", summary: "Writes docs/cli.md from the commands of opa." },
  async () => {
    writeFileSync(path.join(ROOT, CLI_DOCUMENT), await renderCliDocument());
    console.log(`${CLI_DOCUMENT} is written.`);
  },
);
