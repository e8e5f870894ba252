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

import { readCount, runCommand } from "../../tools/command.js";
import { measureHttp } from "./http.js";
import { measureLibrary } from "./measure.js";

const USAGE = {
  command: "bench:library",
  summary: "Measures the library and the gateway's request path, beside the figures of before.",
  options: {
    calls: { value: "N", help: "calls that are recorded (1000000)" },
    requests: { value: "N", help: "requests over HTTP (3000)" },
    statements: { value: "N", help: "statements that are planned (10000)" },
    check: { help: "exit code 1 if a target is missed" },
  },
} as const;

await runCommand(USAGE, async ({ check, ...values }) => {
  const { calls = "1000000", requests = "3000", statements = "10000" } = values;
  const before = JSON.parse(
    await readFile(path.join(import.meta.dirname, "before.json"), "utf8"),
  ) as Record<string, number>;
  const figures = [
    ...(await measureHttp({
      requests: readCount(requests, "--requests", 1_000_000),
      statements: readCount(statements, "--statements", 1_000_000),
    })),
    ...(await measureLibrary(readCount(calls, "--calls", 100_000_000))),
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
  if (check === true && missed.length > 0) {
    console.error(`Targets missed: ${missed.map(({ name }) => name).join(", ")}.`);
    return 1;
  }
  return 0;
});
