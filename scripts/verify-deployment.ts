/**
 * Compares a deployment with its parameter file, without sending anything.
 *
 *   npm run verify -- --network <name> [--parameters <name>] [--deployment-id <id>] [--no-build]
 */

import {
  buildContracts,
  openDeployment,
  readArguments,
  reportDifferences,
  runCommand,
} from "../deploy/lib/command.js";
import { loadParameters } from "../deploy/parameters/reader.js";
import { verifyDeployment } from "../deploy/verify/verify.js";

await runCommand(async () => {
  const options = readArguments();
  const { connection, manifest } = await openDeployment(options);
  try {
    const parameters = loadParameters(options.parameters ?? manifest.parameters.name);
    if (!options["no-build"]) await buildContracts();
    reportDifferences(await verifyDeployment(connection, manifest, parameters));
  } finally {
    await connection.close();
  }
});
