/**
 * Deploys, verifies, deploys again, settles through the library and runs the gateway example on every execution client at hand.
 * Blocks come by the clock, the base fee moves, and the block gas limit is small. On the first client the deployment is killed
 * ten times at random moments before it is finished.
 *
 *   npm run build && npm run e2e:clients [-- --geth] [--seed <number>]
 *
 * With --geth it builds `geth` by the Go toolchain if there is none on the path, which takes some minutes.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import path from "node:path";

import { HDNodeWallet, parseEther, toQuantity, type JsonRpcProvider } from "ethers";

import { readCount, runCommand } from "../tools/command.js";
import { deploymentFolder, manifestPath } from "../deploy/lib/deploy.js";
import { readManifest } from "../deploy/lib/manifest.js";
import {
  buildGeth,
  listClients,
  startClient,
  type Client,
  type RunningClient,
} from "./e2e/clients.js";
import { killAgainAndAgain } from "./e2e/kills.js";
import { runLibraryFlow } from "./e2e/library-flow.js";

const ROOT = path.join(import.meta.dirname, "..");
/** Most blocks whose fees are asked for at once. */
const MOST_BLOCKS = 1_000;
/** Phrase of the accounts that the example uses, known to everybody. */
const PHRASE = `${"test ".repeat(11)}junk`;
const ACCOUNTS = 18;

/** How to run a script of the repository. */
function commandOf(script: string, args: readonly string[]): [string, ...string[]] {
  return [process.execPath, "--import", "tsx", path.join(ROOT, script), ...args];
}

function environmentOf(url: string): NodeJS.ProcessEnv {
  return { ...process.env, LOCALHOST_RPC_URL: url };
}

/** Runs a script of the repository and takes its outcome for ours. */
async function run(url: string, script: string, ...args: string[]): Promise<string> {
  const [file, ...rest] = commandOf(script, args);
  const child = spawn(file, rest, { cwd: ROOT, env: environmentOf(url) });
  let output = "";
  child.stdout.on("data", (data: Buffer) => (output += data.toString()));
  child.stderr.on("data", (data: Buffer) => (output += data.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`${script} ended with ${code}:\n${output}`);
  return output;
}

/** Gives the accounts of the example something for gas; local clients but geth do so themselves. */
async function fundAccounts({ provider }: RunningClient): Promise<void> {
  const [from] = (await provider.send("eth_accounts", [])) as string[];
  for (let i = 0; i < ACCOUNTS; i++) {
    const { address } = HDNodeWallet.fromPhrase(PHRASE, undefined, `m/44'/60'/0'/0/${i}`);
    if ((await provider.getBalance(address)) > parseEther("1")) continue;
    const value = toQuantity(parseEther("10"));
    const hash = (await provider.send("eth_sendTransaction", [
      { from, to: address, value },
    ])) as string;
    await provider.waitForTransaction(hash);
  }
}

/** How the base fee moved since a block, and how full the fullest block was. */
async function readFees(
  provider: JsonRpcProvider,
  first: number,
): Promise<{ fees: { low: bigint; high: bigint }; full: number }> {
  const latest = await provider.getBlockNumber();
  const history = (await provider.send("eth_feeHistory", [
    toQuantity(Math.min(latest - first, MOST_BLOCKS)),
    "latest",
    [],
  ])) as { baseFeePerGas: string[]; gasUsedRatio: number[] };
  const fees = history.baseFeePerGas.map(BigInt).sort((a, b) => (a < b ? -1 : 1));
  const [low = 0n, high = 0n] = [fees[0], fees.at(-1)];
  if (low === high) throw new Error("The base fee never moved.");
  return { fees: { low, high }, full: Math.round(Math.max(...history.gasUsedRatio) * 100) };
}

/** Everything that a deployment has to do on a client. */
async function tryClient(client: Client, seed: number | undefined): Promise<void> {
  const id = `e2e-${client.name.replaceAll(/\W+/g, "-")}-${process.pid}`;
  const target = ["--network", "localhost", "--no-build", "--deployment-id", id];
  const running = await startClient(client);
  const say = (line: string) => {
    console.log(`${client.name}: ${line}`);
  };
  try {
    await fundAccounts(running);
    if (seed !== undefined) {
      const moments = await killAgainAndAgain(
        commandOf("scripts/deploy-suite.ts", target),
        { cwd: ROOT, env: environmentOf(running.url) },
        seed,
      );
      say(
        `killed ${moments.length} times (seed ${seed}), after ${moments.join(", ")} transactions`,
      );
    }
    const started = Date.now();
    const deployed = await run(running.url, "scripts/deploy-suite.ts", ...target);
    say(`deployed and verified in ${Math.round((Date.now() - started) / 1_000)} s`);
    if (!deployed.includes("The chain is what deploy/parameters/local.json5 says"))
      throw new Error(`The deployment is not verified:\n${deployed}`);
    const again = await run(running.url, "scripts/deploy-suite.ts", ...target);
    if (!again.startsWith("Nothing to do: everything is deployed."))
      throw new Error(`The second run did something:\n${again}`);
    await run(running.url, "scripts/verify-deployment.ts", ...target);
    say("a second run does nothing, and the deployment verifies");
    await run(running.url, "examples/gateway/demo.ts", "--deployment-id", id);
    say("the gateway signs, settles and burns to the unit");
    const manifest = readManifest(manifestPath(id));
    const { calls, burned, gas } = await runLibraryFlow(running.provider, PHRASE, manifest);
    say(`the library settles ${calls} calls with ${gas} gas and burns ${burned} wei, to the wei`);
    const { fees, full } = await readFees(running.provider, manifest.deploymentBlock);
    say(`base fees from ${fees.low} to ${fees.high} wei; fullest block ${full} %`);
  } finally {
    await running.stop();
    rmSync(deploymentFolder(id), { recursive: true, force: true });
  }
}

const USAGE = {
  command: "e2e:clients",
  summary:
    "Deploys, verifies, settles and runs the gateway example on every execution client at hand.",
  options: {
    geth: { help: "builds geth by the Go toolchain if there is none, which takes some minutes" },
    seed: { value: "N", help: "seed of the moments at which the deployment is killed" },
  },
} as const;

await runCommand(USAGE, async (values) => {
  const seed = readCount(
    values.seed ?? String(1 + (Date.now() % 1_000_000)),
    "--seed",
    999_999_999,
  );
  if (values.geth === true) buildGeth();
  const clients = listClients();
  for (const { name, missing } of clients)
    if (missing !== undefined) console.log(`${name} is left out: ${missing}.`);
  const results = await Promise.allSettled(
    clients
      .filter(({ missing }) => missing === undefined)
      .map((client, i) => tryClient(client, i === 0 ? seed : undefined)),
  );
  for (const result of results) {
    if (result.status === "fulfilled") continue;
    console.error(result.reason instanceof Error ? result.reason.message : String(result.reason));
    process.exitCode = 1;
  }
});
