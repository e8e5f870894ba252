/**
 * Publishes the sources of a deployment at Etherscan, Blockscout and Sourcify.
 *
 *   npm run sources -- --network <name> [--deployment-id <id>]
 */
import {
  importUserConfig,
  createHardhatRuntimeEnvironment,
  resolveHardhatConfigPath,
} from "hardhat/hre";

import { openDeployment, requireNetworkName, runCommand } from "../deploy/lib/command.js";
import { EXPLORERS, publishSources, reportPublished } from "../deploy/lib/sources.js";

const USAGE = {
  command: "sources",
  summary:
    "Publishes the sources of a deployment at Etherscan (ETHERSCAN_API_KEY), Blockscout and Sourcify.",
  options: ["network", "deployment-id"],
} as const;

await runCommand(USAGE, async (options) => {
  const network = requireNetworkName(options.network);
  const { connection, manifest } = await openDeployment(options, { sends: false });
  await connection.close();
  const file = await resolveHardhatConfigPath();
  const config = await importUserConfig(file);
  const hre = await createHardhatRuntimeEnvironment(config, { config: file, network });
  reportPublished(await publishSources(hre, manifest, EXPLORERS, console.log));
});
