/** The generated documents for auditors agree with the contracts. */
import { isDeepStrictEqual } from "node:util";

import { readLayouts, type Layout } from "../audit/layouts.js";
import { renderConstants, renderScope, renderStorage } from "../audit/render.js";
import { readConstants, readScope } from "../audit/scope.js";
import { CheckError, readText } from "./files.js";

/** Fresh renderings by the paths of their files. */
export async function renderAuditDocuments(root: string): Promise<Map<string, string>> {
  const layouts = await readLayouts(root);
  requireSharedStorage(layouts, "Meter", "MeterExtension");
  return new Map([
    ["docs/audit/storage.md", await renderStorage(layouts)],
    ["docs/audit/scope.md", await renderScope(readScope(root))],
    ["docs/audit/constants.md", await renderConstants(readConstants(root))],
  ]);
}

/** Compares documents with fresh renderings. */
export function checkAudit(root: string, rendered: ReadonlyMap<string, string>): string {
  for (const [file, text] of rendered) {
    if (readText(root, file) !== text) {
      throw new CheckError(`${file} is not up to date; \`npm run audit-docs\` renews it.`);
    }
  }
  return `${[...rendered.keys()].join(", ")} agree with the contracts`;
}

/** Requires that the storage of the first contract is the beginning of that of the second, which runs on it by delegate call. */
export function requireSharedStorage(
  layouts: readonly Layout[],
  first: string,
  second: string,
): void {
  const [shared, extended] = [first, second].map(
    (name) => layouts.find(({ contract }) => contract === name)?.variables ?? [],
  );
  if (
    shared === undefined ||
    shared.length === 0 ||
    !isDeepStrictEqual(shared, extended?.slice(0, shared.length))
  ) {
    throw new CheckError(`${second} does not begin with the storage layout of ${first}.`);
  }
}
