/**
 * Deploys the suite to a fresh local chain, replays a usage trace over several epochs and checks every sum.
 *
 *   npm start -- [--trace FILE.csv] [--accounts N] [--providers N] [--json OUT.json] [--node [--port N] [--deployment-id ID]]
 *
 * Ends with exit code 1 and one sentence if an argument, the trace or a sum is wrong. With `--node` the chain is served
 * over JSON-RPC and stays until the command is interrupted.
 */
import { open, type FileHandle } from "node:fs/promises";
import path from "node:path";

import hre from "hardhat";

import { runCommand } from "../tools/command.js";
import { DEFAULT_PORT, readOptions, USAGE, type LoopArguments } from "./loop/arguments.js";
import { generateTrace } from "./loop/generate-trace.js";
import { untilInterrupted } from "./loop/interrupt.js";
import {
  LOCAL,
  openLocalChain,
  serveLocalChain,
  type LocalChain,
  type ServedChain,
} from "./loop/local-chain.js";
import { listFigures, renderReport, type LoopFigures } from "./loop/summary.js";
import { readTrace, type TraceRow } from "./loop/trace.js";
import { createWallet } from "./loop/wallets.js";
import { LOCAL_HOST, requireFreePort } from "./node/port.js";

const SEED = 20_260_101;
const GENERATED_CALLS = 3_000;
/** Manifest that `opa` and the page look for on a local chain. */
const MANIFEST = path.join("deploy", "deployments", "chain-31337", "manifest.json");

/** How to see a run on the page and by `opa`; a chain that is not at the usual place is named. */
function whereToLook(chain?: ServedChain): string[] {
  const usual = `http://${LOCAL_HOST}:${DEFAULT_PORT} ${MANIFEST}`;
  const isUsual = chain === undefined || `${chain.url} ${chain.manifest}` === usual;
  const place = isUsual ? "" : ` --rpc ${chain.url} --manifest ${chain.manifest}`;
  return [
    `On the page:   npm run dashboard${place === "" ? "" : ` --${place}`}`,
    `By command:    npm run opa -- status${place}`,
  ];
}

await runCommand(USAGE, async (values) => {
  const options = readOptions(values);
  const { trace, json, node } = options;
  if (node) await requireFreePort(node.port);
  const figures = json === undefined ? undefined : await openFile(json);
  const rows = trace === undefined ? generateTrace(GENERATED_CALLS, SEED) : await readAll(trace);
  console.log(`${rows.length} calls ${trace === undefined ? "made up" : "read"}`);

  await hre.tasks.getTask("build").run({ quiet: true, noTests: true });
  if (node) return serve(node, rows, options, figures);

  const chain = await openLocalChain();
  const mismatches = await replay(chain, rows, options, figures);
  await chain.connection.close();
  console.log(`\nTo look at this run, keep its chain with "npm start -- --node"; then beside it:`);
  for (const line of whereToLook()) console.log(`  ${line}`);
  return mismatches === 0 ? 0 : 1;
});

/** Runs the loop on a chain that others reach, and keeps it until the command is interrupted. */
async function serve(
  { port, deploymentId }: NonNullable<LoopArguments["node"]>,
  rows: readonly TraceRow[],
  options: LoopArguments,
  figures: FileHandle | undefined,
): Promise<never> {
  const interrupted = untilInterrupted();
  const chain = await serveLocalChain(port, deploymentId);
  const run = replay(chain, rows, options, figures).then((mismatches) => {
    const { address, privateKey } = createWallet("consumer 0");
    console.log(`\nThe chain of this run is at ${chain.url} until Ctrl-C.`);
    console.log(`Its manifest is ${chain.manifest}.`);
    console.log(`Consumer 0 is ${address}, with the key ${privateKey}, which everybody can know.`);
    for (const line of whereToLook(chain)) console.log(line);
    return mismatches;
  });
  let code: number;
  try {
    const mismatches = await Promise.race([run, interrupted.then(() => 0)]);
    await interrupted;
    code = mismatches === 0 ? 0 : 1;
  } finally {
    await chain.close();
  }
  console.log("The chain is gone.");
  process.exit(code); // a run that was interrupted would go on
}

/** Runs the loop, reports it, and resolves to the number of sums that are wrong. */
async function replay(
  { connection, suite, ...schedules }: LocalChain,
  rows: readonly TraceRow[],
  { accounts, providers }: LoopArguments,
  figures: FileHandle | undefined,
): Promise<number> {
  console.log("suite deployed, supply distributed");
  const { runLoop } = await import("./loop/loop.js"); // needs generated files of the build
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

  console.log(renderReport(result));
  if (figures) await writeFigures(figures, listFigures(result));
  for (const mismatch of result.mismatches) console.error(mismatch);
  return result.mismatches.length;
}

/** The file for the figures, opened before the run so that a bad name does not cost one. */
async function openFile(file: string): Promise<FileHandle> {
  try {
    return await open(file, "a"); // keeps the old content, in case the run fails
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
