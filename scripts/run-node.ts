/**
 * Runs a local node and says in a sentence if its port is taken.
 *
 *   npm run node -- [--port N]
 */
import hre from "hardhat";

import { runCommand } from "../tools/command.js";
import { LOCAL_HOST, readPort, requireFreePort } from "./node/port.js";

const USAGE = {
  command: "node",
  summary: "Runs a local node of the in-process chain, for `npm run deploy` and the tests.",
  options: { port: { value: "N", help: "port of this machine, 1 to 65535 (8545)" } },
} as const;

await runCommand(USAGE, async ({ port: text = "8545" }) => {
  const port = readPort(text, 1);
  await requireFreePort(port);
  await hre.tasks.getTask("node").run({ hostname: LOCAL_HOST, port });
});
