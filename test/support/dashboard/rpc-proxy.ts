/** A node before the node: it answers as the other one, except where a test decides otherwise. */
import { createServer } from "node:http";

/** A call of JSON-RPC. */
export interface RpcCall {
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[];
}

/** The answer of a test to a call: a result, or an error; undefined for the node's own answer. */
export type Answer = { readonly result: unknown } | { readonly error: RpcError } | undefined;

/** An error as nodes report it. */
export interface RpcError {
  readonly code: number;
  readonly message: string;
}

/** A running proxy. */
export interface RpcProxy {
  readonly url: string;
  /** Calls that were made, in their order. */
  readonly calls: RpcCall[];
  /** Whether requests are dropped without an answer. */
  isDown: boolean;
  answer: (call: RpcCall) => Answer;
  close(): void;
}

const HEADERS = {
  "access-control-allow-origin": "*",
  "access-control-allow-headers": "content-type",
  "content-type": "application/json",
};

/** Starts a proxy of the node at an address. */
export async function openProxy(target: string): Promise<RpcProxy> {
  const server = createServer((request, response) => {
    if (proxy.isDown) {
      request.destroy();
      return;
    }
    if (request.method === "OPTIONS") {
      response.writeHead(204, HEADERS).end();
      return;
    }
    let body = "";
    request.on("data", (part: Buffer) => (body += part.toString()));
    request.on("end", () => {
      const asked = JSON.parse(body) as RpcCall | RpcCall[];
      const calls = Array.isArray(asked) ? asked : [asked];
      Promise.all(calls.map(answerOf)).then(
        (answers) => {
          const text = JSON.stringify(Array.isArray(asked) ? answers : answers[0]);
          response.writeHead(200, HEADERS).end(text);
        },
        () => response.writeHead(502, HEADERS).end(),
      );
    });
  });
  const answerOf = async (call: RpcCall): Promise<unknown> => {
    proxy.calls.push(call);
    const own = proxy.answer(call);
    if (own) return { jsonrpc: "2.0", id: call.id, ...own };
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ ...call, jsonrpc: "2.0" });
    return (await fetch(target, { method: "POST", headers, body })).json();
  };
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The proxy has no port.");
  const proxy: RpcProxy = {
    url: `http://127.0.0.1:${address.port}`,
    calls: [],
    isDown: false,
    answer: () => undefined,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
  return proxy;
}
