/** docs/roles.md says what the code says, and no function is without a decision. */
import path from "node:path";

import { format, resolveConfig } from "prettier";

import { renderRoleTable } from "../../deploy/lib/role-table.js";
import { CheckError, readText, ROOT } from "./files.js";

/** The document, from the top of the project. */
export const ROLES_DOCUMENT = "docs/roles.md";

/** The role table as it is kept. Throws if a state-changing function has no row, or a row no function. */
export async function renderRolesDocument(): Promise<string> {
  const filepath = path.join(ROOT, ROLES_DOCUMENT);
  return format(await renderRoleTable(), { ...(await resolveConfig(filepath)), filepath });
}

/** Compares the document with a fresh rendering. */
export function checkRoleTable(root: string, rendered: string): string {
  if (readText(root, ROLES_DOCUMENT) !== rendered) {
    throw new CheckError(
      `${ROLES_DOCUMENT} is not what the code says; \`npm run roles\` renews it.`,
    );
  }
  const rows = rendered.match(/^\| `/gm)?.length ?? 0;
  if (rows === 0) throw new CheckError("The role table has no row.");
  return `${rows} functions, each with its caller, holder, delay and worst case`;
}
