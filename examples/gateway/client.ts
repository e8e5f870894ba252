import type { ChatUsage } from "./api/call.js";

/** An answer that a client got. */
export interface Served {
  /** The client's name for its request, with its API key. */
  readonly call: string;
  readonly model: string;
  readonly usage: ChatUsage;
  readonly isRepeated: boolean;
  /** Body of the answer, byte by byte. */
  readonly body: string;
}

/** A request that a client was refused. */
export interface Refused {
  readonly status: number;
  readonly code: string;
  readonly reason: number | undefined;
  readonly retryAfter: string | null;
}

/** Asks a model something, as a client would. @throws if the gateway does not answer. */
export async function ask(
  url: string,
  apiKey: string,
  request: { readonly model: string; readonly question: string; readonly name: string },
): Promise<Served | Refused> {
  const { model, question, name } = request;
  const messages = [
    { role: "system", content: "You are a meter. Answer in tokens." },
    { role: "user", content: question },
  ];
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${apiKey}`,
      "content-type": "application/json",
      "idempotency-key": name,
    },
    body: JSON.stringify({ model, messages, max_tokens: 64 }),
  });
  const body = await response.text();
  if (response.ok) {
    const { usage } = JSON.parse(body) as { usage: ChatUsage };
    const isRepeated = response.headers.get("idempotent-replayed") === "true";
    return { call: `${apiKey} ${name}`, model, usage, isRepeated, body };
  }
  const { error } = JSON.parse(body) as { error: { code: string; reason?: number } };
  const retryAfter = response.headers.get("retry-after");
  return { status: response.status, code: error.code, reason: error.reason, retryAfter };
}
