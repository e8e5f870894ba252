/** Tests reach every line of contracts/, except those that docs/decisions.md excuses. */
import { CheckError, readText } from "./files.js";

const REPORT = "coverage/lcov.info";
const DECISIONS = "docs/decisions.md";

/** Compares the report of the last coverage run with the excuses. */
export function checkCoverage(root: string): string {
  const { reached, missed } = parseReport(readText(root, REPORT));
  if (reached.size === 0) throw new CheckError(`${REPORT} has no line of contracts/.`);

  const excused = parseExceptions(readText(root, DECISIONS));
  const unexcused = [...missed].filter((line) => !excused.has(line));
  if (unexcused.length > 0) throw new CheckError(`No test reaches ${unexcused.join(", ")}.`);
  const stale = [...excused].filter((line) => !missed.has(line));
  if (stale.length > 0) {
    throw new CheckError(`${DECISIONS} excuses ${stale.join(", ")}, which need no excuse.`);
  }
  return `${reached.size} lines are reached, ${missed.size} are excused`;
}

/** Lines of contracts/ as `file:line`, by whether a test reached them. */
function parseReport(text: string): { reached: Set<string>; missed: Set<string> } {
  const reached = new Set<string>();
  const missed = new Set<string>();
  let file = "";
  for (const entry of text.split("\n")) {
    const source = /^SF:(.*)$/.exec(entry)?.[1];
    if (source !== undefined) file = /(?:^|\/)(contracts\/.*)$/.exec(source)?.[1] ?? "";
    const [, line, hits] = /^DA:(\d+),(\d+)/.exec(entry) ?? [];
    if (file === "" || line === undefined) continue;
    (hits === "0" ? missed : reached).add(`${file}:${line}`);
  }
  for (const line of reached) missed.delete(line);
  return { reached, missed };
}

/** Lines in the table `| file | line | why |` of the section "Lines no test reaches". */
function parseExceptions(text: string): Set<string> {
  const section = text.split(/^## /m).find((part) => part.startsWith("Lines no test reaches"));
  const rows = section?.matchAll(/^\|\s*`(contracts\/[^`]+)`\s*\|\s*(\d+)\s*\|\s*\S.*\|$/gm) ?? [];
  return new Set([...rows].map(([, file = "", line = ""]) => `${file}:${line}`));
}
