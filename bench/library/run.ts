/**
 * Measures the library: CPU of recording, admission, recovery, due use and planning, beside the figures of before.
 *
 *   npm run bench:library [-- --calls 1000000] [--check]
 *
 * With `--check` it ends with exit code 1 if a target is missed.
 */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";

import { measureLibrary } from "./measure.js";

const { values } = parseArgs({
  options: {
    calls: { type: "string", default: "1000000" },
    check: { type: "boolean", default: false },
  },
});

const before = JSON.parse(
  await readFile(path.join(import.meta.dirname, "before.json"), "utf8"),
) as Record<string, number>;
const figures = await measureLibrary(Number(values.calls));
console.table(
  Object.fromEntries(
    figures.map(({ name, key, value, unit, target, isMet }) => [
      name,
      {
        now: Number(value.toPrecision(3)),
        before: key === undefined ? "" : (before[key] ?? ""),
        unit,
        target,
        met: isMet,
      },
    ]),
  ),
);
const missed = figures.filter(({ isMet }) => !isMet);
if (values.check && missed.length > 0) {
  console.error(`Targets missed: ${missed.map(({ name }) => name).join(", ")}.`);
  process.exitCode = 1;
}
