/**
 * Compares a deployment with its parameter file, without sending anything.
 *
 *   npm run verify -- --network <name> [--parameters <name>] [--deployment-id <id>] [--no-build]
 */
import {
  buildContracts,
  openDeployment,
  reportVerdict,
  runCommand,
} from "../deploy/lib/command.js";
import { loadParameters } from "../deploy/parameters/reader.js";
import { verifyDeployment } from "../deploy/verify/verify.js";

const USAGE = {
  command: "verify",
  summary: "Verifies a deployment by replay, and lists what was decided since. Sends nothing.",
  options: ["network", "parameters", "deployment-id", "no-build"],
} as const;

await runCommand(USAGE, async (options) => {
  const { connection, manifest } = await openDeployment(options, { sends: false });
  try {
    const parameters = loadParameters(options.parameters ?? manifest.parameters.name);
    if (options["no-build"] !== true) await buildContracts();
    reportVerdict(await verifyDeployment(connection, manifest, parameters), parameters);
  } finally {
    await connection.close();
  }
});
