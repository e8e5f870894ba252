/**
 * Measures every system side by side, prints the tables, and writes `bench/report.md` and
 * `bench/report.json`.
 *
 *   npm run bench [-- --check]
 *
 * With `--check` it ends with exit code 1 if an operation of ours misses its target.
 */
import { writeFile } from "node:fs/promises";
import path from "node:path";

import { runCommand } from "../tools/command.js";
import { measureDeployment, renderDeployment } from "./deployment.js";
import { openLab } from "./lab.js";
import { measureSystem, type Row } from "./measure.js";
import { QUOTED } from "./quoted.js";
import { judge, renderReport } from "./report.js";
import { opa } from "./systems/opa.js";
import { openzeppelin } from "./systems/openzeppelin.js";
import { sablier } from "./systems/sablier.js";
import { solady } from "./systems/solady.js";
import { solmate } from "./systems/solmate.js";

const SYSTEMS = [opa, openzeppelin, solady, solmate, sablier];

const USAGE = {
  command: "bench",
  summary: "Measures every system side by side and writes bench/report.md and bench/report.json.",
  options: { check: { help: "exit code 1 if an operation of ours misses its target" } },
} as const;

await runCommand(USAGE, async ({ check }) => {
  const lab = await openLab();
  const rows: Row[] = [];
  for (const system of SYSTEMS) rows.push(...(await measureSystem(lab, system)));
  rows.push(...QUOTED);
  await lab.connection.close();

  const report = await renderReport(
    rows,
    SYSTEMS,
    opa.name,
    renderDeployment(await measureDeployment()),
  );
  await writeFile(path.join(import.meta.dirname, "report.md"), report);
  await writeFile(
    path.join(import.meta.dirname, "report.json"),
    `${JSON.stringify(rows, null, 2)}\n`,
  );
  console.log(report);

  const missed = judge(rows, opa.name).filter(({ isMet }) => !isMet);
  if (check && missed.length > 0) {
    const reasons = missed.map(({ operation, gasPerItem, target }) =>
      gasPerItem === undefined || target === undefined
        ? `${operation} (not measured)`
        : `${operation} (${gasPerItem}, target ${target})`,
    );
    console.error(`Targets missed: ${reasons.join(", ")}.`);
    return 1;
  }
  return 0;
});
