import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import type { ModelSettings } from "./settings.js";

/** A message of a conversation. */
export interface Message {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
}

/** What a client asks for, as far as the stand-in heeds it. */
export interface ChatRequest {
  readonly model: string;
  readonly messages: readonly Message[];
  readonly max_tokens?: number;
}

/** What was used, in the words of OpenAI's interface. */
export interface ChatUsage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
  readonly prompt_tokens_details: { readonly cached_tokens: number };
  readonly completion_tokens_details: { readonly reasoning_tokens: number };
}

/** What a model says. */
export interface Completion {
  readonly content: string;
  readonly finishReason: "stop" | "length";
  readonly usage: ChatUsage;
}

/** Largest answer in tokens, also if a client asks for more. */
export const MAX_TOKENS = 4_096;
const DEFAULT_TOKENS = 256;
const WORDS = ["the", "meter", "counts", "what", "a", "node", "has", "served", "and", "nothing"];

/** The most that a request can use, which is known before it is served. */
export function estimate(request: ChatRequest): ChatUsage {
  return usage(countTokens(request.messages), 0, limitOf(request), 0);
}

/**
 * Answers as a model would. The same request has the same answer, words stand for tokens, and the system message counts
 * as cached.
 */
export async function complete(
  { delay, reasoning }: ModelSettings,
  request: ChatRequest,
): Promise<Completion> {
  await sleep(delay);
  const seed = createHash("sha256").update(JSON.stringify(request.messages)).digest();
  const limit = limitOf(request);
  const prompt = countTokens(request.messages);
  const cached = countTokens(request.messages.filter(({ role }) => role === "system"));

  const thought = reasoning ? Math.min(limit, 4 + ((seed[0] ?? 0) % 16)) : 0;
  const wanted = 8 + ((seed[1] ?? 0) % 48);
  const said = Math.min(limit - thought, wanted);
  const words = Array.from(
    { length: said },
    (_, i) => WORDS[(seed[i % seed.length] ?? 0) % WORDS.length],
  );
  return {
    content: words.join(" "),
    finishReason: said < wanted ? "length" : "stop",
    usage: usage(prompt, cached, thought + said, thought),
  };
}

function usage(prompt: number, cached: number, completion: number, reasoning: number): ChatUsage {
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: cached },
    completion_tokens_details: { reasoning_tokens: reasoning },
  };
}

function limitOf({ max_tokens }: ChatRequest): number {
  return Math.min(max_tokens ?? DEFAULT_TOKENS, MAX_TOKENS);
}

function countTokens(messages: readonly Message[]): number {
  return messages.reduce(
    (sum, { content }) => sum + content.split(/\s+/).filter(Boolean).length,
    0,
  );
}
