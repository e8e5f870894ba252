/** docs/abuse-cases.md answers every case once, and each test it names exists. */
import { parseCitedTests, requireTests } from "./cited-tests.js";
import { CheckError, readText } from "./files.js";

const FOLDER = "docs";
const DOCUMENT = `${FOLDER}/abuse-cases.md`;
const CASES = 95;

/** Reads the rows `| no. | case | answer |`. */
export function checkAbuseCases(root: string, count = CASES): string {
  const text = readText(root, DOCUMENT);
  const rows = [...text.matchAll(/^\|\s*(\d+)\s*\|(.*?)\|(.*)\|$/gm)];
  for (const [, number = "", , answer = ""] of rows) {
    if (answer.trim() === "") throw new CheckError(`Abuse case ${number} has no answer.`);
    requireTests(root, `Abuse case ${number}`, parseCitedTests(answer, FOLDER));
  }

  const numbers = rows.map(([, number = ""]) => Number(number));
  for (let number = 1; number <= count; number++) {
    const times = numbers.filter((listed) => listed === number).length;
    if (times !== 1) throw new CheckError(`${DOCUMENT} lists case ${number} ${times} times.`);
  }
  if (numbers.length > count) throw new CheckError(`${DOCUMENT} lists more than ${count} cases.`);
  return `${rows.length} cases are answered`;
}
