/**
 * Observes each condition of the reserve once and says since when it is true. A draw needs one that was true for three days, in
 * observations at most twelve hours apart, so something that runs by the clock should call this more often than that.
 *
 *   npm run observe -- --network <name> [--deployment-id <id>]
 */
import { decodeBytes32String, EventLog } from "ethers";

import { CommandError, openDeployment, readArguments, runCommand } from "../deploy/lib/command.js";
import { inPortions } from "../deploy/lib/logs.js";

await runCommand(async () => {
  const { connection, manifest } = await openDeployment(readArguments());
  try {
    const { ethers } = connection;
    const [sender] = await ethers.getSigners();
    if (!sender) throw new CommandError("The network has no account to observe with.");
    const { address } = manifest.contracts.SystemReserve;
    const reserve = await ethers.getContractAt("SystemReserve", address, sender);
    const latest = await ethers.provider.getBlockNumber();
    const changes = await inPortions(manifest.deploymentBlock, latest, (first, last) =>
      reserve.queryFilter(reserve.filters.ConditionSet(), first, last),
    );
    const kinds = new Map(
      changes
        .filter((log) => log instanceof EventLog)
        .map(({ args }) => [args[0], decodeBytes32String(args[1])] as const),
    );

    for (const [condition, kind] of kinds) {
      if (!(await reserve.watchOf(condition)).registered) continue;
      await (await reserve.observe(condition)).wait();
      const { since } = await reserve.watchOf(condition);
      const state =
        since === 0n
          ? "is not true"
          : `is true since ${new Date(Number(since) * 1_000).toISOString()}`;
      console.log(`${kind} at ${condition} ${state}.`);
    }
  } finally {
    await connection.close();
  }
});
