import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import { readUsage } from "../../../sdk/index.js";
import { canonicalJson, type Call, type ChatUsage, type Message } from "../api/call.js";
import { DEFAULT_TOKENS, type Estimate, type Made, type Model } from "./model.js";

const WORDS = ["the", "meter", "counts", "what", "a", "node", "has", "served", "and", "nothing"];
const DEFAULT_DIMENSIONS = 8;

/** How a stand-in behaves. */
export interface StandInOptions {
  /** Milliseconds that an answer takes. */
  readonly delay: number;
  /** Whether it thinks before it answers, in tokens that are counted. */
  readonly reasoning: boolean;
  /** Largest answer in tokens, also if a client asks for more. */
  readonly maxTokens: number;
}

/**
 * Answers as a model would, without one. The same request has the same answer, words stand for tokens, and messages of the
 * system count as cached.
 */
export class StandIn implements Model {
  readonly #options: StandInOptions;

  constructor(options: StandInOptions) {
    this.#options = options;
  }

  estimate(call: Call): Estimate {
    return { prompt: countPrompt(call), completion: this.#limitOf(call) };
  }

  async answer(call: Call, onText: (text: string) => void): Promise<Made> {
    const { delay, reasoning } = this.#options;
    if (delay > 0) await sleep(delay);
    const prompt = countPrompt(call);
    if (call.endpoint === "embeddings") {
      const embeddings = call.inputs.map((text) => embed(text, call.dimensions));
      const usage = readUsage({ prompt_tokens: prompt, total_tokens: prompt });
      const counted = { prompt, completion: 0 };
      return { text: "", finishReason: "stop", embeddings, usage, counted, isBroken: false };
    }

    const seed = createHash("sha256").update(canonicalJson(call.messages)).digest();
    const limit = this.#limitOf(call);
    const thought = reasoning ? Math.min(limit, 4 + ((seed[0] ?? 0) % 16)) : 0;
    const wanted = 8 + ((seed[1] ?? 0) % 48);
    const words: string[] = [];
    let isStopped = false;
    for (let i = 0; i < Math.min(limit - thought, wanted); i += 1) {
      const word = WORDS[(seed[i % seed.length] ?? 0) % WORDS.length] ?? "";
      isStopped = call.stop.some((end) => word.includes(end));
      if (isStopped) break;
      onText(words.length === 0 ? word : ` ${word}`);
      words.push(word);
    }
    const cached = countWords(call.messages.filter(isOfSystem));
    const completion = thought + words.length;
    return {
      ...{ text: words.join(" "), embeddings: [] },
      finishReason: !isStopped && words.length < wanted ? "length" : "stop",
      usage: readUsage(usageOf(prompt, cached, completion, thought)),
      counted: { prompt, completion },
      isBroken: false,
    };
  }

  #limitOf({ endpoint, maxTokens }: Call): number {
    if (endpoint === "embeddings") return 0;
    return Math.min(maxTokens ?? DEFAULT_TOKENS, this.#options.maxTokens);
  }
}

function usageOf(prompt: number, cached: number, completion: number, reasoning: number): ChatUsage {
  return {
    ...{ prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion },
    prompt_tokens_details: { cached_tokens: cached },
    completion_tokens_details: { reasoning_tokens: reasoning },
  };
}

function isOfSystem({ role }: Message): boolean {
  return role === "system" || role === "developer";
}

/** Words of a prompt; an empty one counts as a token, as models begin with one. */
function countPrompt({ messages, inputs }: Call): number {
  return Math.max(1, countWords(messages) + countWords(inputs.map((content) => ({ content }))));
}

function countWords(texts: readonly { readonly content: string }[]): number {
  return texts.reduce((sum, { content }) => sum + content.split(/\s+/).filter(Boolean).length, 0);
}

/** A vector of length 1 that depends on the text alone. */
function embed(text: string, dimensions = DEFAULT_DIMENSIONS): number[] {
  const raw = Array.from({ length: dimensions }, (_, i) => {
    const hash = createHash("sha256").update(`${i} ${text}`).digest();
    return (hash.readInt32BE(0) || 1) / 2 ** 31;
  });
  const length = Math.hypot(...raw);
  return raw.map((value) => Math.fround(value / length));
}
