/**
 * Writes docs/roles.md from the role table and the interfaces of the contracts.
 *
 *   npm run build && npm run roles
 */
import { writeFileSync } from "node:fs";
import path from "node:path";

import { ROOT } from "./checks/files.js";
import { renderRolesDocument, ROLES_DOCUMENT } from "./checks/role-table.js";

writeFileSync(path.join(ROOT, ROLES_DOCUMENT), await renderRolesDocument());
console.log(`${ROLES_DOCUMENT} is written.`);
