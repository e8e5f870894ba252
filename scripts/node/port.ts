import { once } from "node:events";
import { createServer } from "node:net";

/** Address that local nodes listen at. */
export const LOCAL_HOST = "127.0.0.1";

const MAX_PORT = 65_535;

/**
 * Port number in an argument.
 *
 * @param smallest 0 if the system may choose a free port, otherwise 1.
 * @throws if it is none.
 */
export function readPort(text: string, smallest: 0 | 1): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : -1;
  if (port >= smallest && port <= MAX_PORT) return port;
  throw new Error(`"${text}" is not a port: a number from ${smallest} to ${MAX_PORT}.`);
}

/** Refuses a port that another program listens on. */
export async function requireFreePort(port: number): Promise<void> {
  if (port === 0 || (await isFree(port))) return;
  throw new Error(
    `Port ${port} is taken, perhaps by another node; end it, or name another port with --port and set LOCALHOST_RPC_URL to http://${LOCAL_HOST}:<port>.`,
  );
}

/** Whether nobody listens on a port of this machine. */
export async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(port, LOCAL_HOST), "listening");
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
