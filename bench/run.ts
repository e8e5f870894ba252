/**
 * Measures every system side by side, prints the tables, and writes `bench/report.md` and
 * `bench/report.json`.
 *
 *   npm run bench [-- --check]
 *
 * With `--check` it ends with exit code 1 if an operation of ours misses its target by more than
 * the stated margin. The same holds if the gas of a settlement grows with a quantity that it must
 * not depend on.
 */
import { writeFile } from "node:fs/promises";
import path from "node:path";

import { runCommand } from "../tools/command.js";
import { measureCallData, renderCallData } from "./call-data.js";
import { measureDeployment, renderDeployment } from "./deployment.js";
import { measureGrowth, renderGrowth, type Growth } from "./growth.js";
import { openLab } from "./lab.js";
import { measureSystem, type Row } from "./measure.js";
import { QUOTED } from "./quoted.js";
import { judge, renderReport } from "./report.js";
import { opa, source } from "./systems/opa.js";
import { openzeppelin } from "./systems/openzeppelin.js";
import { sablier } from "./systems/sablier.js";
import { solady } from "./systems/solady.js";
import { solmate } from "./systems/solmate.js";

const SYSTEMS = [opa, openzeppelin, solady, solmate, sablier];

const USAGE = {
  command: "bench",
  summary: "Measures every system side by side and writes bench/report.md and bench/report.json.",
  options: {
    check: { help: "exit code 1 if a target is missed by more than is stated, or gas grows" },
  },
} as const;

await runCommand(USAGE, async ({ check }) => {
  const lab = await openLab();
  const rows: Row[] = [];
  for (const system of SYSTEMS) rows.push(...(await measureSystem(lab, system)));
  rows.push(...QUOTED);
  const growth = await measureGrowth(lab, source);
  await lab.connection.close();

  const report = await renderReport(
    rows,
    SYSTEMS,
    opa.name,
    renderCallData(await measureCallData()),
    renderGrowth(growth),
    renderDeployment(await measureDeployment()),
  );
  await writeFile(path.join(import.meta.dirname, "report.md"), report);
  await writeFile(
    path.join(import.meta.dirname, "report.json"),
    `${JSON.stringify(rows, null, 2)}\n`,
  );
  console.log(report);
  const isHeld = reportMisses(rows) && reportGrowth(growth);
  if (check && !isHeld) process.exitCode = 1;
});

/** Prints the targets that are missed; tells whether each is missed by no more than is stated. */
function reportMisses(rows: readonly Row[]): boolean {
  const missed = judge(rows, opa.name).filter(({ isMet }) => !isMet);
  const reasons = missed.map(({ operation, gasPerItem, target }) =>
    gasPerItem === undefined
      ? `${operation} (not measured)`
      : `${operation} (${gasPerItem}, target ${target})`,
  );
  if (missed.length > 0) console.error(`Targets missed: ${reasons.join(", ")}.`);
  return missed.every(({ isHeld }) => isHeld);
}

/** Prints the quantities that the gas of a settlement grows with; returns whether there is none. */
function reportGrowth(growth: readonly Growth[]): boolean {
  const growing = growth.filter(({ isBounded }) => !isBounded).map(({ quantity }) => quantity);
  if (growing.length > 0) console.error(`Gas grows with ${growing.join(", ")}.`);
  return growing.length === 0;
}
