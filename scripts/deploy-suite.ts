/**
 * Deploys the suite, compares the chain with the parameter file and writes the manifest. It can be interrupted anywhere and repeated;
 * when everything is deployed it does nothing but compare. Without a name it goes to a node on this machine. On public networks it only
 * shows the plan unless CONFIRM=1 is set.
 *
 *   npm run deploy [-- --network <name>] [--parameters <name>] [--deployment-id <id>] [--no-build]
 */
import path from "node:path";

import {
  buildContracts,
  openNetwork,
  reportVerdict,
  requireNetworkName,
  runCommand,
} from "../deploy/lib/command.js";
import {
  defaultDeploymentId,
  finishDeployment,
  manifestPath,
  planDeployment,
} from "../deploy/lib/deploy.js";
import { describePlan, readCosts, requireAffordable } from "../deploy/lib/plan.js";
import { NETWORKS } from "../deploy/networks.js";
import { findParameters, loadParameters } from "../deploy/parameters/reader.js";
import { verifyDeployment } from "../deploy/verify/verify.js";

const USAGE = {
  command: "deploy",
  summary: "Deploys the suite, or goes on with a deployment that was interrupted, and verifies it.",
  options: ["network", "parameters", "deployment-id", "no-build"],
} as const;

await runCommand(USAGE, async (options) => {
  const name = requireNetworkName(options.network ?? "localhost");
  const parameters = loadParameters(options.parameters ?? findParameters(name));
  const connection = await openNetwork(name, { sends: true });
  try {
    if (options["no-build"] !== true) await buildContracts();
    const { chainId, isPublic } = NETWORKS[name] ?? { chainId: 0n, isPublic: true };
    const deploymentId = options["deployment-id"] ?? defaultDeploymentId(chainId);
    const log = console.log;
    const planned = await planDeployment(connection, parameters, { deploymentId, log });
    const costs = await readCosts(planned);
    if (costs.transactions === 0) log("Nothing to do: everything is deployed.");
    else for (const line of describePlan(planned, costs)) log(line);
    requireAffordable(planned, costs);
    if (isPublic && costs.transactions > 0 && process.env["CONFIRM"] !== "1") {
      log("Nothing was sent. Set CONFIRM=1 to deploy.");
      return;
    }

    const { manifest } = await finishDeployment(planned, { log });
    reportVerdict(await verifyDeployment(connection, manifest, parameters), parameters);
    log(`The manifest is ${path.relative(process.cwd(), manifestPath(deploymentId))}.`);
  } finally {
    await connection.close();
  }
});
