/**
 * Deploys the suite, compares the chain with the parameter file and writes the manifest. A second run does nothing but
 * compare. Without a name it goes to a node on this machine. On public networks it only shows the plan unless CONFIRM=1 is set.
 *
 *   npm run deploy [-- --network <name>] [--parameters <name>] [--deployment-id <id>] [--no-build]
 */
import path from "node:path";

import {
  buildContracts,
  openNetwork,
  readArguments,
  reportDifferences,
  runCommand,
} from "../deploy/lib/command.js";
import { defaultDeploymentId, deploySuite, manifestPath, plan } from "../deploy/lib/deploy.js";
import { loadParameters } from "../deploy/parameters/reader.js";
import { verifyDeployment } from "../deploy/verify/verify.js";

const LOCAL_CHAIN = 31_337n;

await runCommand(async () => {
  const options = readArguments();
  const target = options.network ?? "localhost";
  const connection = await openNetwork(target);
  try {
    const parameters = loadParameters(
      options.parameters ?? (target === "localhost" ? "local" : target),
    );
    const { chainId } = await connection.ethers.provider.getNetwork();
    if (chainId !== LOCAL_CHAIN && process.env["CONFIRM"] !== "1") {
      for (const line of plan(parameters)) console.log(line);
      console.log("Nothing was sent. Set CONFIRM=1 to deploy.");
      return;
    }
    if (!options["no-build"]) await buildContracts();

    const deploymentId = options["deployment-id"] ?? defaultDeploymentId(chainId);
    const { manifest, transactions, isWritten } = await deploySuite(connection, parameters, {
      deploymentId,
      log: console.log,
    });
    if (transactions === 0) console.log("Nothing to do: everything is deployed.");
    reportDifferences(await verifyDeployment(connection, manifest, parameters));
    const file = path.relative(process.cwd(), manifestPath(deploymentId));
    if (isWritten) console.log(`The manifest is ${file}.`);
  } finally {
    await connection.close();
  }
});
