/**
 * Compares a deployment with its parameter file, without sending anything.
 *
 *   npm run verify -- --network <name> [--parameters <name>] [--deployment-id <id>] [--no-build]
 */

import {
  buildContracts,
  CommandError,
  openNetwork,
  readArguments,
  reportDifferences,
  runCommand,
} from "../deploy/lib/command.js";
import { defaultDeploymentId, manifestPath } from "../deploy/lib/deploy.js";
import { readManifest } from "../deploy/lib/manifest.js";
import { loadParameters } from "../deploy/lib/parameters.js";
import { verifyDeployment } from "../deploy/lib/verify.js";

await runCommand(async () => {
  const options = readArguments();
  if (options.network === undefined) throw new CommandError("Name the network with --network.");
  const connection = await openNetwork(options.network);
  try {
    const { chainId } = await connection.ethers.provider.getNetwork();
    const deploymentId = options["deployment-id"] ?? defaultDeploymentId(chainId);
    const manifest = readManifest(manifestPath(deploymentId));
    const parameters = loadParameters(options.parameters ?? manifest.parameters.name);
    if (BigInt(manifest.chainId) !== chainId) {
      throw new CommandError(
        `${options.network} is chain ${chainId.toString()}; the manifest is of chain ${manifest.chainId}.`,
      );
    }
    if (!options["no-build"]) await buildContracts();
    reportDifferences(await verifyDeployment(connection, manifest, parameters));
  } finally {
    await connection.close();
  }
});
