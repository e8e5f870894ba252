import { createHash, randomUUID } from "node:crypto";

import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";

import type { Asked } from "./api/call.js";
import { ENDPOINTS, type Endpoint } from "./api/endpoint.js";
import type { Consumer } from "./consumers.js";
import type { Gateway } from "./gateway.js";
import { Refusal, renderRefusal } from "./refusal.js";

/** Names as the draft of the header has them, quoted, and as most clients send them. */
const IDEMPOTENCY_KEY = /^(?:"([\w.:-]{1,128})"|([\w.:-]{1,128}))$/;

/** How a server reads requests. */
export interface ServerOptions {
  /** Whether requests without an `Idempotency-Key` are refused. */
  readonly requireIdempotencyKey: boolean;
}

/** The gateway's HTTP interface, with the paths, bodies, events and errors of OpenAI's. */
export function createServer(gateway: Gateway, options: ServerOptions): FastifyInstance {
  const server = fastify({ bodyLimit: 1 << 20 });
  let isClosing = false;
  server.addHook("preClose", (done) => {
    isClosing = true;
    done();
  });
  server.addHook("onSend", (_, reply, payload, done) => {
    if (isClosing) reply.header("connection", "close");
    done(null, payload);
  });

  server.get("/health", () => gateway.health());
  server.get("/metrics", async (_, reply) => {
    const { registry } = gateway.metrics;
    return reply.type(registry.contentType).send(await registry.metrics());
  });

  const authenticate = (authorization: string | undefined) =>
    gateway.consumers.authenticate(authorization);
  server.get("/v1/usage", ({ headers }) => gateway.usageOf(authenticate(headers.authorization)));
  server.get("/v1/models", ({ headers }) => {
    authenticate(headers.authorization);
    return { object: "list", data: gateway.models.map(renderModel) };
  });
  server.get<{ Params: { name: string } }>("/v1/models/:name", ({ headers, params }) => {
    authenticate(headers.authorization);
    const model = gateway.models.find(({ name }) => name === params.name);
    if (model) return renderModel(model);
    throw new Refusal(404, "UnknownModel", `There is no model "${params.name}".`);
  });

  const callers = new WeakMap<FastifyRequest, Consumer>();
  for (const endpoint of Object.values(ENDPOINTS))
    server.post(
      endpoint.path,
      {
        // Before the body is read: strangers do not get to send one.
        onRequest: (request, _, done) => {
          callers.set(request, authenticate(request.headers.authorization));
          done();
        },
      },
      async (request, reply) => {
        const { headers, body } = request;
        const consumer = callers.get(request) ?? authenticate(headers.authorization);
        const name = readIdempotencyKey(headers["idempotency-key"], options);
        const asked = endpoint.read(body);
        reply.header("idempotency-key", name);
        if (asked.delivery.isStreamed && endpoint.stream)
          return stream(gateway, endpoint, { consumer, name, asked }, reply);
        const { answer, isRepeated } = await gateway.serve(consumer, name, asked.call);
        return reply
          .header("idempotent-replayed", isRepeated)
          .type("application/json; charset=utf-8")
          .send(JSON.stringify(endpoint.render(answer, asked.delivery)));
      },
    );

  server.setNotFoundHandler(({ method, url }, reply) =>
    refuse(gateway, reply, new Refusal(404, "NotFound", `There is no ${method} ${url}.`)),
  );
  server.setErrorHandler<Error & { statusCode?: number; code?: string }>((error, _, reply) =>
    refuse(gateway, reply, refusalFor(error)),
  );
  return server;
}

/**
 * Sends an answer as server-sent events. The use and the end are sent once the call is counted. A client that hangs up
 * does not stop the model: it is counted, and the client has the same answer when it asks again.
 */
async function stream(
  gateway: Gateway,
  endpoint: Endpoint,
  work: { readonly consumer: Consumer; readonly name: string; readonly asked: Asked },
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { consumer, name, asked } = work;
  const { call, delivery } = asked;
  const events = endpoint.stream?.();
  if (!events) throw new Error(`${endpoint.path} has no streams.`);
  const id = createHash("sha256").update(`${consumer.name}/${name}`).digest("hex").slice(0, 24);
  const head = { id, created: Math.floor(Date.now() / 1_000), model: call.model };
  const sender = new EventSender(reply, {
    ...{ "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" },
    "idempotency-key": name,
  });
  const begin = (isRepeated: boolean) => {
    sender.open({ "idempotent-replayed": `${isRepeated}` }, events.begin(head, delivery));
  };
  try {
    const { answer, isRepeated } = await gateway.serve(consumer, name, call, (text) => {
      begin(false);
      sender.send(events.text(head, delivery, text));
    });
    if (!sender.isOpen) {
      begin(isRepeated);
      if (answer.text !== "") sender.send(events.text(head, delivery, answer.text));
    }
    sender.send(events.end(head, delivery, answer));
  } catch (error) {
    if (!sender.isOpen) throw error;
    const refusal = refusalFor(error as Error);
    gateway.metrics.refused(refusal.code);
    sender.send([`data: ${JSON.stringify(renderRefusal(refusal).body)}\n\n`]);
  }
  sender.close();
  return reply;
}

/** Writes events past the framework, from the first one on; nobody may be listening any more. */
class EventSender {
  readonly #reply: FastifyReply;
  readonly #headers: Readonly<Record<string, string>>;
  #isOpen = false;

  constructor(reply: FastifyReply, headers: Readonly<Record<string, string>>) {
    this.#reply = reply;
    this.#headers = headers;
  }

  /** Whether the status is sent, so that an error can only end the stream. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Sends the status, headers and first events, once. */
  open(headers: Readonly<Record<string, string>>, events: readonly string[]): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#reply.hijack();
    this.#reply.raw.writeHead(200, { ...this.#headers, ...headers });
    this.send(events);
  }

  send(events: readonly string[]): void {
    if (!this.#reply.raw.destroyed) this.#reply.raw.write(events.join(""));
  }

  close(): void {
    this.#reply.raw.end();
  }
}

function readIdempotencyKey(
  header: string | string[] | undefined,
  { requireIdempotencyKey }: ServerOptions,
): string {
  if (header === undefined && requireIdempotencyKey)
    throw new Refusal(
      400,
      "IdempotencyKeyRequired",
      "The header Idempotency-Key is required, so that a request that is sent again is not counted again.",
    );
  if (header === undefined) return randomUUID();
  const [, quoted, plain] = typeof header === "string" ? (IDEMPOTENCY_KEY.exec(header) ?? []) : [];
  const name = quoted ?? plain;
  if (name === undefined)
    throw new Refusal(
      400,
      "InvalidIdempotencyKey",
      'An idempotency key has 1 to 128 letters, digits, "_", ".", ":" and "-".',
    );
  return name;
}

function renderModel({ name, provider }: { readonly name: string; readonly provider: string }) {
  return { id: name, object: "model", created: 0, owned_by: provider };
}

function refusalFor(error: Error & { statusCode?: number; code?: string }): Refusal {
  if (error instanceof Refusal) return error;
  const status = error.statusCode ?? 500;
  return status < 500
    ? new Refusal(status, error.code ?? "BadRequest", error.message)
    : new Refusal(503, "Unavailable", "The gateway cannot serve now.");
}

function refuse(gateway: Gateway, reply: FastifyReply, refusal: Refusal): FastifyReply {
  gateway.metrics.refused(refusal.code);
  const { headers, body } = renderRefusal(refusal);
  return reply.headers(headers).code(refusal.status).send(body);
}
