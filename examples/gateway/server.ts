import { randomUUID } from "node:crypto";

import { fastify, type FastifyInstance, type FastifyReply } from "fastify";

import type { Gateway } from "./gateway.js";
import type { ChatRequest } from "./model.js";
import { Refusal } from "./refusal.js";

const CHAT_REQUEST = {
  type: "object",
  required: ["model", "messages"],
  properties: {
    model: { type: "string", minLength: 1, maxLength: 128 },
    messages: {
      type: "array",
      minItems: 1,
      maxItems: 1_000,
      items: {
        type: "object",
        required: ["role", "content"],
        properties: {
          role: { enum: ["system", "user", "assistant"] },
          content: { type: "string" },
        },
      },
    },
    max_tokens: { type: "integer", minimum: 1 },
    stream: { const: false },
  },
};

const IDEMPOTENCY_KEY = /^[\w.:-]{1,128}$/;

/** The gateway's HTTP interface, with the paths, bodies and errors of OpenAI's. */
export function createServer(gateway: Gateway): FastifyInstance {
  const server = fastify({
    bodyLimit: 1 << 20,
    // Wrong types are errors and not guesses, because tokens cost money.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false } },
  });

  // Connections that are kept alive would keep a closing server waiting.
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

  server.get("/v1/usage", ({ headers }) =>
    gateway.usageOf(gateway.consumers.authenticate(headers.authorization)),
  );

  server.post<{ Body: ChatRequest }>(
    "/v1/chat/completions",
    {
      schema: { body: CHAT_REQUEST },
      // Before the body is read: strangers do not get to send one.
      onRequest: ({ headers }, _, done) => {
        gateway.consumers.authenticate(headers.authorization);
        done();
      },
    },
    async ({ headers, body }, reply) => {
      const consumer = gateway.consumers.authenticate(headers.authorization);
      const name = readIdempotencyKey(headers["idempotency-key"]);
      const { body: text, isRepeated } = await gateway.serve(consumer, name, body);
      return reply
        .header("idempotency-key", name)
        .header("idempotent-replayed", isRepeated)
        .type("application/json; charset=utf-8")
        .send(text);
    },
  );

  server.setNotFoundHandler(({ method, url }, reply) =>
    sendRefusal(reply, new Refusal(404, "NotFound", `There is no ${method} ${url}.`)),
  );
  server.setErrorHandler<Error & { statusCode?: number; code?: string }>((error, _, reply) => {
    if (error instanceof Refusal) return sendRefusal(reply, error);
    const status = error.statusCode ?? 500;
    return status < 500
      ? sendRefusal(reply, new Refusal(status, error.code ?? "BadRequest", error.message))
      : sendRefusal(reply, new Refusal(503, "Unavailable", "The gateway cannot serve now."));
  });
  return server;
}

function readIdempotencyKey(header: string | string[] | undefined): string {
  if (header === undefined) return randomUUID();
  if (typeof header !== "string" || !IDEMPOTENCY_KEY.test(header))
    throw new Refusal(
      400,
      "InvalidIdempotencyKey",
      'An idempotency key has 1 to 128 letters, digits, "_", ".", ":" and "-".',
    );
  return header;
}

function sendRefusal(reply: FastifyReply, { status, code, message, reason, retryAfter }: Refusal) {
  if (retryAfter !== undefined) reply.header("retry-after", retryAfter);
  const type = status < 500 ? "invalid_request_error" : "server_error";
  const error = { message, type, code, ...(reason !== undefined && { reason }) };
  return reply.code(status).send({ error });
}
