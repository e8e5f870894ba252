import { Agent, createServer, request as send } from "node:http";
import type { AddressInfo } from "node:net";

/** A node behind a proxy. */
export interface CountingNode {
  readonly url: string;
  /** Calls since the start or the last reset; those of a batch count one by one. */
  count(): number;
  reset(): void;
  close(): void;
}

/** A node behind a proxy that counts the calls of each request. */
export async function countCalls(target: string): Promise<CountingNode> {
  let calls = 0;
  const agent = new Agent({ keepAlive: true });
  const proxy = createServer((incoming, response) => {
    const parts: Buffer[] = [];
    incoming.on("data", (part: Buffer) => parts.push(part));
    incoming.on("end", () => {
      const body = Buffer.concat(parts);
      const asked = JSON.parse(body.toString()) as unknown;
      calls += Array.isArray(asked) ? asked.length : 1;
      const headers = { "content-type": "application/json", "content-length": body.length };
      const outgoing = send(target, { method: "POST", agent, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, { "content-type": "application/json" });
        answer.pipe(response);
      });
      outgoing.on("error", () => response.destroy());
      outgoing.end(body);
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const { port } = proxy.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    count: () => calls,
    reset: () => {
      calls = 0;
    },
    close: () => {
      agent.destroy();
      proxy.closeAllConnections();
      proxy.close();
    },
  };
}
