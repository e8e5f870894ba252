/**
 * Writes the generated documents for auditors: docs/audit/storage.md, scope.md and constants.md.
 *
 *   npm run audit-docs
 */
import { writeFileSync } from "node:fs";
import path from "node:path";

import { runCommand } from "../tools/command.js";
import { renderAuditDocuments } from "./checks/audit.js";
import { ROOT } from "./checks/files.js";

const USAGE = {
  command: "audit-docs",
  summary: "Writes the generated documents of docs/audit: storage, scope and constants.",
};

await runCommand(USAGE, async () => {
  for (const [file, text] of await renderAuditDocuments(ROOT)) {
    writeFileSync(path.join(ROOT, file), text);
    console.log(`${file} is written.`);
  }
});
