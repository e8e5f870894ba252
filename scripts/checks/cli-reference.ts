/** docs/cli.md is the reference of the commands as they are. */
import path from "node:path";

import { format, resolveConfig } from "prettier";

import { renderReference } from "../../cli/reference.js";
import { CheckError, readText, ROOT } from "./files.js";

/** The document, from the top of the project. */
export const CLI_DOCUMENT = "docs/cli.md";

/** The document from the commands. */
export async function renderCliDocument(): Promise<string> {
  const filepath = path.join(ROOT, CLI_DOCUMENT);
  return format(renderReference(), { ...(await resolveConfig(filepath)), filepath });
}

/** Compares the document with a fresh rendering. */
export function checkCliReference(root: string, rendered: string): string {
  if (readText(root, CLI_DOCUMENT) !== rendered)
    throw new CheckError(`${CLI_DOCUMENT} is not current; run "npm run cli-docs".`);
  return `${CLI_DOCUMENT} describes ${rendered.match(/^## opa /gm)?.length ?? 0} commands`;
}
