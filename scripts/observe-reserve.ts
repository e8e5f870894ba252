/**
 * Observes each condition of the reserve once and says since when it is true. A draw needs a
 * condition that was true for three days, by observations at most twelve hours apart. So a
 * scheduler should call this more often.
 *
 *   npm run observe -- --network <name> [--deployment-id <id>]
 */
import { Contract, decodeBytes32String, EventLog } from "ethers";

import { openDeployment, runCommand } from "../deploy/lib/command.js";
import { CommandError } from "../deploy/lib/explain.js";
import { Rpc } from "../deploy/lib/rpc.js";

/** Figures of a condition; not each has a limit. */
const ABOUT = [
  "function MODULE_ID() view returns (bytes32)",
  "function LIMIT() view returns (bytes32)",
];

const USAGE = {
  command: "observe",
  summary: "Observes each condition of the reserve once, and says since when it is true.",
  options: ["network", "deployment-id"],
} as const;

await runCommand(USAGE, async (options) => {
  const { connection, manifest } = await openDeployment(options, { sends: true });
  try {
    const { ethers } = connection;
    const [sender] = await ethers.getSigners();
    if (!sender) throw new CommandError("The network has no account to observe with.");
    const reserve = await ethers.getContractAt(
      "SystemReserve",
      manifest.contracts.SystemReserve.address,
      sender,
    );
    const latest = await ethers.provider.getBlockNumber();
    const changes = await new Rpc(connection).inRanges(
      manifest.deploymentBlock,
      latest,
      (first, last) => reserve.queryFilter(reserve.filters.ConditionSet(), first, last),
    );
    const conditions = new Map(
      changes
        .filter((log) => log instanceof EventLog)
        .map(({ args }) => [args[0], decodeBytes32String(args[1])] as const),
    );

    for (const [address, kind] of conditions) {
      if (!(await reserve.watchOf(address)).registered) continue;
      await (await reserve.observe(address)).wait();
      const { since } = await reserve.watchOf(address);
      const state =
        since === 0n
          ? "is not true"
          : `is true since ${new Date(Number(since) * 1_000).toISOString()}`;
      const about = await readAbout(new Contract(address, ABOUT, ethers.provider));
      console.log(`${kind}${about} at ${address} ${state}.`);
    }
  } finally {
    await connection.close();
  }
});

/** The module that a condition watches, and the limit if it watches one. */
async function readAbout(condition: Contract): Promise<string> {
  const names: string[] = [];
  for (const getter of ["MODULE_ID", "LIMIT"]) {
    const value = (await condition
      .getFunction(getter)()
      .catch(() => undefined)) as string | undefined;
    if (value !== undefined) names.push(decodeBytes32String(value));
  }
  return names.length === 0 ? "" : ` (${names.join(", ")})`;
}
