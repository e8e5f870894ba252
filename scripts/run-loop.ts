/**
 * Deploys the suite to a fresh in-process chain, replays a usage trace over several epochs and checks every sum.
 *
 *   npm start -- [--trace FILE.csv] [--accounts N] [--providers N] [--json OUT.json]
 *
 * Ends with exit code 1 and one sentence if an argument, the trace or a sum is wrong.
 */
import { open, type FileHandle } from "node:fs/promises";

import hre from "hardhat";

import { readTrace, type TraceRow } from "./loop/trace.js";
import { HELP, readArguments } from "./loop/arguments.js";
import { generateTrace } from "./loop/generate-trace.js";
import { LOCAL, openLocalChain } from "./loop/local-chain.js";
import { listFigures, renderReport, type LoopFigures } from "./loop/summary.js";

const SEED = 20_260_101;
const GENERATED_CALLS = 3_000;

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function main(args: readonly string[]): Promise<number> {
  const { help, trace, json, accounts, providers } = readArguments(args);
  if (help) {
    console.log(HELP);
    return 0;
  }
  const figures = json === undefined ? undefined : await openFile(json);
  const rows = trace === undefined ? generateTrace(GENERATED_CALLS, SEED) : await readAll(trace);
  console.log(`${rows.length} calls ${trace === undefined ? "made up" : "read"}`);

  await hre.tasks.getTask("build").run({ quiet: true, noTests: true });
  const { runLoop } = await import("./loop/loop.js"); // needs what the build generates
  const { connection, suite, ...schedules } = await openLocalChain();
  console.log("suite deployed, supply distributed");
  const result = await runLoop(connection, suite, rows, {
    accounts,
    providers,
    ...schedules,
    inputResource: LOCAL.inputResource,
    outputResource: LOCAL.outputResource,
    seed: SEED,
    progress: (line) => {
      console.log(line);
    },
  });
  await connection.close();

  console.log(renderReport(result));
  if (figures) await writeFigures(figures, listFigures(result));
  for (const mismatch of result.mismatches) console.error(mismatch);
  return result.mismatches.length === 0 ? 0 : 1;
}

/** The file for the figures, opened before the run so that a bad name does not cost one. */
async function openFile(file: string): Promise<FileHandle> {
  try {
    return await open(file, "a"); // leaves what is there, in case the run fails
  } catch (error) {
    throw new Error(`The figures cannot be written to ${file}: ${(error as Error).message}.`, {
      cause: error,
    });
  }
}

async function writeFigures(file: FileHandle, figures: LoopFigures): Promise<void> {
  await file.truncate();
  await file.writeFile(`${JSON.stringify(figures, null, 2)}\n`);
  await file.close();
}

async function readAll(file: string): Promise<TraceRow[]> {
  const rows: TraceRow[] = [];
  for await (const row of readTrace(file)) rows.push(row);
  return rows;
}
