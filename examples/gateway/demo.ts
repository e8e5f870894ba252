/**
 * Shows the gateway at work: a local node, the suite, an organisation with two keys, requests, settlement, and the sums.
 *
 *   npm run example:gateway [-- --deployment-id <id>]
 *
 * With an id it uses that deployment on the node of LOCALHOST_RPC_URL, and the contracts as they were compiled last.
 *
 * Ends with exit code 1 if a sum does not match to the unit.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";

import { formatEther } from "ethers";
import hre from "hardhat";

import { runCommand } from "../../tools/command.js";
import type { Deployment } from "../../deploy/lib/deploy.js";
import { ask, type Served } from "./client.js";
import { serveChain, useChain } from "./local-chain.js";
import { openMarket, type Market } from "./market.js";
import { GatewayProcess } from "./process.js";
import { findDifferences, totalsOf } from "./reconcile.js";
import { renderSettings } from "./settings.js";

const OPA = 10n ** 18n;
const PLANS = [
  { name: "research", epochLimit: 40n * OPA },
  { name: "support", epochLimit: 4n * OPA },
];
const REQUESTS = 12;

const USAGE = {
  command: "example:gateway",
  summary: "Shows the gateway at work on a local node: requests, settlement, and the sums.",
  options: {
    "deployment-id": {
      value: "ID",
      help: "uses this deployment on the node of LOCALHOST_RPC_URL, and the contracts as compiled last",
    },
  },
} as const;

await runCommand(USAGE, async ({ "deployment-id": deploymentId }) => {
  if (deploymentId === undefined)
    await hre.tasks.getTask("build").run({ quiet: true, noTests: true });
  const chain = await (deploymentId === undefined
    ? serveChain(`example-${process.pid}`)
    : useChain(deploymentId));
  const folder = await mkdtemp(path.join(os.tmpdir(), "opa-gateway-"));
  try {
    const market = await openMarket(chain.deployment, {
      rpcUrl: chain.url,
      dataFolder: folder,
      credit: 40_000n * OPA,
      keys: PLANS,
    });
    console.log(`organisation ${market.account} has a project with ${PLANS.length} keys`);
    const code = await show(chain.deployment, market, folder);
    market.provider.destroy();
    return code;
  } finally {
    await chain.close();
    await rm(folder, { recursive: true });
  }
});

async function show(deployment: Deployment, market: Market, dataFolder: string): Promise<number> {
  const { settings, apiKeys, account } = market;
  const file = path.join(dataFolder, "settings.json");
  await writeFile(file, renderSettings(settings), { mode: 0o600 });
  const gateway = await GatewayProcess.start(file);
  console.log(`the gateway listens at ${gateway.url}`);

  const served: Served[] = [];
  const refused = new Map<string, number>();
  const send = async (consumer: string, model: string, question: string, name: string) => {
    const outcome = await ask(gateway.url, apiKeys[consumer] ?? "none", { model, question, name });
    if ("usage" in outcome) served.push(outcome);
    else {
      const reason = outcome.reason === undefined ? "" : `, reason ${outcome.reason}`;
      const why = `${consumer}: ${outcome.status} ${outcome.code}${reason}`;
      refused.set(why, (refused.get(why) ?? 0) + 1);
    }
  };
  const questions = Array.from({ length: REQUESTS }, (_, i) => `What does request ${i} cost?`);
  await Promise.all(
    questions.map((question, i) => send("research", "stand-in-small", question, `r${i}`)),
  );
  for (const [i, question] of questions.entries())
    await send("support", "stand-in-large", question, `s${i}`);
  await send("research", "stand-in-small", questions[0] ?? "", "r0"); // again, as after a lost connection
  await send("a stranger", "stand-in-small", "May I?", "x0");

  const { code } = await gateway.end("SIGTERM");
  for (const line of gateway.lines.slice(1)) console.log(line);
  if (code !== 0) throw new Error(`The gateway ended with exit code ${code}.`);

  const totals = totalsOf(served, settings);
  const repeated = served.filter(({ isRepeated }) => isRepeated).length;
  console.log(
    `answered ${served.length - repeated}, and ${repeated} again for a client that asked twice`,
  );
  for (const [why, count] of refused) console.log(`refused ${count}: ${why}`);
  for (const { model, resource, units } of totals)
    console.log(`${model}: ${units} ${resource} tokens`);

  const { differences, burned } = await findDifferences(deployment, account, totals);
  console.log(`burned ${formatEther(burned)} OPA of ${account}`);
  for (const difference of differences) console.error(difference);
  if (differences.length > 0) return 1;
  console.log("The sums match to the unit: what was answered is what was settled and burned.");
  return 0;
}
