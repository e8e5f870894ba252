/**
 * Deploys, verifies, deploys again and runs the gateway example on every execution client at hand.
 * Blocks come by the clock, the base fee moves, and the block gas limit is small.
 *
 *   npm run build && npm run e2e:clients [-- --geth]
 *
 * With --geth it builds `geth` by the Go toolchain if there is none on the path, which takes some minutes.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";

import { HDNodeWallet, parseEther, toQuantity } from "ethers";

import { deploymentFolder } from "../deploy/lib/deploy.js";
import {
  buildGeth,
  listClients,
  startClient,
  type Client,
  type RunningClient,
} from "./e2e/clients.js";

const ROOT = path.join(import.meta.dirname, "..");
/** Phrase of the accounts that the example uses, known to everybody. */
const PHRASE = `${"test ".repeat(11)}junk`;
const ACCOUNTS = 14;

/** Runs a script of the repository and takes its outcome for ours. */
async function run(url: string, script: string, ...args: string[]): Promise<string> {
  const command = ["--import", "tsx", path.join(ROOT, script), ...args];
  const env = { ...process.env, LOCALHOST_RPC_URL: url };
  const child = spawn(process.execPath, command, { cwd: ROOT, env });
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

/** Everything that a deployment has to do on a client. */
async function tryClient(client: Client): Promise<void> {
  const id = `e2e-${client.name.replaceAll(/\W+/g, "-")}-${process.pid}`;
  const target = ["--network", "localhost", "--no-build", "--deployment-id", id];
  const running = await startClient(client);
  const say = (line: string) => {
    console.log(`${client.name}: ${line}`);
  };
  try {
    const started = Date.now();
    await fundAccounts(running);
    const deployed = await run(running.url, "scripts/deploy-suite.ts", ...target);
    say(`deployed and verified in ${Math.round((Date.now() - started) / 1_000)} s`);
    if (!deployed.includes("The chain is what the parameter file says"))
      throw new Error(`The deployment is not verified:\n${deployed}`);
    const again = await run(running.url, "scripts/deploy-suite.ts", ...target);
    if (!again.startsWith("Nothing to do: everything is deployed."))
      throw new Error(`The second run did something:\n${again}`);
    await run(running.url, "scripts/verify-deployment.ts", ...target);
    say("a second run does nothing, and the deployment verifies");
    await run(running.url, "examples/gateway/demo.ts", "--deployment-id", id);
    say("the gateway signs, settles and burns to the unit");
  } finally {
    await running.stop();
    rmSync(deploymentFolder(id), { recursive: true, force: true });
  }
}

const { values } = parseArgs({ options: { geth: { type: "boolean", default: false } } });
if (values.geth) buildGeth();
const clients = listClients();
for (const { name, missing } of clients)
  if (missing !== undefined) console.log(`${name} is left out: ${missing}.`);
const results = await Promise.allSettled(
  clients.filter(({ missing }) => missing === undefined).map(tryClient),
);
for (const result of results) {
  if (result.status === "fulfilled") continue;
  console.error(result.reason instanceof Error ? result.reason.message : String(result.reason));
  process.exitCode = 1;
}
