import path from "node:path";

import { CheckError, listTestNames, readText } from "./files.js";

/** A test as a document names it. */
export interface CitedTest {
  /** From the top of the project. */
  readonly file: string;
  readonly name: string;
}

/** Tests that a document in `folder` names: a link to a file of test/, a colon, and names in backticks. */
export function parseCitedTests(text: string, folder: string): CitedTest[] {
  return [...text.matchAll(/\]\((\.\.\/test\/[^)]+)\):((?:\s*`[^`]+`,?)+)/g)].flatMap(
    ([, link = "", names = ""]) =>
      [...names.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => ({
        file: path.posix.join(folder, link),
        name,
      })),
  );
}

/** Makes sure that each test is there; `who` names them. */
export function requireTests(root: string, who: string, tests: readonly CitedTest[]): void {
  for (const { file, name } of tests) {
    if (!listTestNames(readText(root, file)).includes(name)) {
      throw new CheckError(`${who} names the test "${name}", which ${file} does not have.`);
    }
  }
}
