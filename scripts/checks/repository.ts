/** The repository has no unfinished work, no path of one machine and no dead link. */
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";

import { CheckError, isGenerated, listFiles, readText } from "./files.js";

/** Patterns that no file may contain, with their description. */
const FORBIDDEN: readonly (readonly [RegExp, string])[] = [
  [/(?<![\w.~-])\/(?:work|tmp|root|home)\//, "a path of one machine"],
  [/\b(?:TODO|FIXME)\b/, "a mark of unfinished work"],
  [/\.(?:only|skip)\(/, "a test that leaves others or itself out"],
  [/hardhat\/console/, "a debugging import"],
];

/** Files that must contain such patterns, and one that npm writes. */
const EXEMPT = [
  "scripts/checks/repository.ts",
  "test/unit/checks/repository.test.ts",
  "package-lock.json",
];

const FOLDERS = [
  ...[".ci", "bench", "cli", "contracts", "dashboard", "deploy", "docs", "examples"],
  ...["scripts", "sdk", "snapshots", "test", "tools"],
];

const README_LINES = 149;

/** Reads every file of the project. */
export function checkRepository(root: string): string {
  const unknown = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !isGenerated(entry.name))
    .find(({ name }) => !FOLDERS.includes(name));
  if (unknown) throw new CheckError(`The folder ${unknown.name} is not one of the known ones.`);

  const files = listFiles(root);
  let links = 0;
  for (const file of files) {
    const text = readText(root, file);
    if (!EXEMPT.includes(file)) requireClean(file, text);
    if (file.endsWith(".md")) links += requireLinks(root, file, text);
  }

  const lines = readText(root, "README.md").trimEnd().split("\n").length;
  if (lines > README_LINES) {
    throw new CheckError(`README.md has ${lines} lines; ${README_LINES} are allowed.`);
  }
  return `${files.length} files are clean; ${links} links lead to a file; README has ${lines} lines`;
}

/** Finds the first line that contains something forbidden. */
function requireClean(file: string, text: string): void {
  for (const [index, line] of text.split("\n").entries()) {
    const found = FORBIDDEN.find(([pattern]) => pattern.test(line));
    if (found) throw new CheckError(`${file} has ${found[1]} in line ${index + 1}.`);
  }
}

/** Counts the relative links of a document, each of which leads to a file. */
function requireLinks(root: string, file: string, text: string): number {
  const prose = text.replace(/^```.*?^```/gms, "").replace(/`[^`\n]*`(?!\])/g, "");
  const targets = [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => match[1] ?? "")
    .filter((target) => !/^([a-z]+:|#)/.test(target));
  for (const target of targets) {
    const [location = ""] = target.split("#");
    if (!existsSync(path.join(root, path.dirname(file), location))) {
      throw new CheckError(`${file} links to ${target}, which does not exist.`);
    }
  }
  return targets.length;
}
