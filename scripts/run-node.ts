/**
 * Runs a local node and says in a sentence if its port is taken.
 *
 *   npm run node [-- --port <number>]
 */
import { createServer } from "node:net";
import { once } from "node:events";
import { parseArgs } from "node:util";

import hre from "hardhat";

const DEFAULT_PORT = "8545";
const { values } = parseArgs({ options: { port: { type: "string", default: DEFAULT_PORT } } });
const port = Number(values.port);

if (!Number.isSafeInteger(port) || port < 1 || port > 65_535) {
  console.error(`"${values.port}" is not a port: a number from 1 to 65535.`);
  process.exitCode = 1;
} else if (!(await isFree(port))) {
  console.error(
    `Port ${port} is taken, perhaps by another node; end it, or name another port with --port and set LOCALHOST_RPC_URL to http://127.0.0.1:<port>.`,
  );
  process.exitCode = 1;
} else await hre.tasks.getTask("node").run({ hostname: "127.0.0.1", port });

/** Whether nobody listens on a port of this machine. */
async function isFree(wanted: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(wanted, "127.0.0.1"), "listening");
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
