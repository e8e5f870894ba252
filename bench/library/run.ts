/**
 * Measures the library: CPU of recording, admission, recovery, due use and planning, and the gateway's request path over
 * HTTP, beside the figures of before.
 *
 *   npm run bench:library [-- --calls 1000000] [--requests 3000] [--statements 10000] [--check]
 *
 * With `--check` it ends with exit code 1 if a target is missed.
 */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";

import { measureHttp } from "./http.js";
import { measureLibrary } from "./measure.js";

const { values } = parseArgs({
  options: {
    calls: { type: "string", default: "1000000" },
    requests: { type: "string", default: "3000" },
    statements: { type: "string", default: "10000" },
    check: { type: "boolean", default: false },
  },
});

const before = JSON.parse(
  await readFile(path.join(import.meta.dirname, "before.json"), "utf8"),
) as Record<string, number>;
const figures = [
  ...(await measureHttp({
    requests: Number(values.requests),
    statements: Number(values.statements),
  })),
  ...(await measureLibrary(Number(values.calls))),
];
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
