/**
 * Writes docs/roles.md, and the table of privileges in docs/trust-model.md, from the role table and the interfaces of the
 * contracts.
 *
 *   npm run build && npm run roles
 */
import { writeFileSync } from "node:fs";
import path from "node:path";

import { runCommand } from "../tools/command.js";
import { ROOT } from "./checks/files.js";
import {
  renderRolesDocument,
  renderTrustDocument,
  ROLES_DOCUMENT,
  TRUST_DOCUMENT,
} from "./checks/role-table.js";

const USAGE = {
  command: "roles",
  summary: "Writes docs/roles.md and the table of docs/trust-model.md from the role table.",
};

await runCommand(USAGE, async () => {
  for (const [document, text] of [
    [ROLES_DOCUMENT, await renderRolesDocument()],
    [TRUST_DOCUMENT, await renderTrustDocument(ROOT)],
  ] as const) {
    writeFileSync(path.join(ROOT, document), text);
    console.log(`${document} is written.`);
  }
});
