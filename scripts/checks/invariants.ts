/**
 * Each invariant of docs/invariants.md has a formula, a reason and existing tests. Each id that a
 * contract or a test names is in the document. An entry is written
 *
 *   ### <ID>
 *
 *   `<formula>`
 *
 *   <why, one line>
 *
 *   - [<file>](<path>): `<test>`, `<test>`
 */
import { parseCitedTests, requireTests, type CitedTest } from "./cited-tests.js";
import { CheckError, listFiles, listTestFiles, readText } from "./files.js";

/** One invariant of the document. */
export interface Invariant {
  readonly id: string;
  readonly formula: string;
  readonly why: string;
  /** The tests that hold it. */
  readonly tests: readonly CitedTest[];
}

const FOLDER = "docs";
const DOCUMENT = `${FOLDER}/invariants.md`;

/** Compares document and tests. */
export function checkInvariants(root: string): string {
  const invariants = parseInvariants(readText(root, DOCUMENT));
  const ids = new Set<string>();
  for (const { id, formula, why, tests } of invariants) {
    if (ids.has(id)) throw new CheckError(`${DOCUMENT} lists ${id} twice.`);
    ids.add(id);
    if (formula === "" || why === "")
      throw new CheckError(`${id} lacks its formula or its reason.`);
    if (tests.length === 0) throw new CheckError(`${id} names no test that holds it.`);
    requireTests(root, id, tests);
    const isNamed = new RegExp(`\\b${id}\\b`);
    if (!tests.some(({ file }) => isNamed.test(readText(root, file)))) {
      throw new CheckError(`${id} is named by none of the files that hold it.`);
    }
  }
  if (ids.size === 0) throw new CheckError(`${DOCUMENT} lists no invariant.`);

  const contracts = listFiles(root, "contracts").filter((file) => file.endsWith(".sol"));
  for (const file of [...contracts, ...listTestFiles(root)]) {
    const stray = (readText(root, file).match(/\b[A-Z]{3}-I\d+\b/g) ?? []).find(
      (id) => !ids.has(id),
    );
    if (stray !== undefined) throw new CheckError(`${file} names ${stray}, which is not listed.`);
  }
  const count = invariants.reduce((sum, { tests }) => sum + tests.length, 0);
  return `${ids.size} invariants are held by ${count} tests, all of which exist`;
}

/** The entries of the document, in order. */
export function parseInvariants(text: string): Invariant[] {
  return text
    .split(/^### /m)
    .slice(1)
    .map((section) => {
      const [id = "", ...paragraphs] = (section.split(/^## /m)[0] ?? "")
        .split(/\n\s*\n/)
        .map((paragraph) => paragraph.trim());
      if (!/^[A-Z]{3}-I\d+$/.test(id)) {
        throw new CheckError(`${DOCUMENT} has the heading "${id}", which is no id.`);
      }
      const formula = paragraphs.find((paragraph) => paragraph.startsWith("`")) ?? "";
      const why = paragraphs.find((paragraph) => /^[A-Z]/.test(paragraph)) ?? "";
      return { id, formula, why, tests: parseCitedTests(paragraphs.join("\n"), FOLDER) };
    });
}
