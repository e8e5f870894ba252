/**
 * Writes the generated documents for auditors: docs/audit/storage.md, scope.md and constants.md.
 *
 *   npm run audit-docs
 */
import { writeFileSync } from "node:fs";
import path from "node:path";

import { renderAuditDocuments } from "./checks/audit.js";
import { requireNoArguments, ROOT } from "./checks/files.js";

requireNoArguments();
for (const [file, text] of await renderAuditDocuments(ROOT)) {
  writeFileSync(path.join(ROOT, file), text);
  console.log(`${file} is written.`);
}
