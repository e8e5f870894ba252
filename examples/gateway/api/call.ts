import { createHash } from "node:crypto";

/** A message of a conversation, as models get it. */
export interface Message {
  readonly role: "system" | "developer" | "user" | "assistant" | "tool";
  readonly content: string;
  /** Calls of tools that the assistant asked for, as the client repeats them. */
  readonly toolCalls?: unknown;
  /** Call of a tool that this is the result of. */
  readonly toolCallId?: string;
}

/** Fields that choose among answers of the same price, handed on to the model as they are. */
export type Sampling = Readonly<Record<string, number>>;

/** A request in the one form that counts, whichever interface it came by and however its body was written. */
export interface Call {
  readonly endpoint: "chat" | "responses" | "embeddings";
  readonly model: string;
  /** The conversation; empty for embeddings. */
  readonly messages: readonly Message[];
  /** Texts to embed; empty for conversations. */
  readonly inputs: readonly string[];
  /** Largest answer in tokens that the client wants. */
  readonly maxTokens: number | undefined;
  readonly stop: readonly string[];
  readonly sampling: Sampling;
  /** Number of coordinates of an embedding. */
  readonly dimensions: number | undefined;
}

/** How the answer is written; it changes neither the answer nor its price. */
export interface Delivery {
  readonly isStreamed: boolean;
  /** Whether the last chunk of a streamed chat completion has the use. */
  readonly hasUsage: boolean;
  /** Whether embeddings are written as base64 of 32-bit numbers, which OpenAI's client asks for. */
  readonly isBase64: boolean;
}

/** A body as an endpoint reads it. */
export interface Asked {
  readonly call: Call;
  readonly delivery: Delivery;
}

/** Use in the words of chat completions, in which every answer is kept. */
export interface ChatUsage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
  readonly prompt_tokens_details: { readonly cached_tokens: number };
  readonly completion_tokens_details: { readonly reasoning_tokens: number };
}

/** An answer as it is kept, from which every delivery of it is written. */
export interface Answer {
  readonly id: string;
  /** Seconds since 1970. */
  readonly created: number;
  readonly model: string;
  readonly text: string;
  readonly finishReason: "stop" | "length";
  readonly embeddings: readonly (readonly number[])[];
  readonly usage: ChatUsage;
  /** Whether the use is the gateway's estimate, because the model did not state it. */
  readonly isEstimated: boolean;
}

/** Hash of the fields that count in a request. Bodies that mean the same have the same hash. */
export function hashCall(call: Call): string {
  return createHash("sha256").update(canonicalJson(call)).digest("hex");
}

/** JSON with the keys of every object in order, without fields that are undefined. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return inner;
    const entries = Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(entries);
  });
}
