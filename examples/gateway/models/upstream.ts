import { readUsage, StreamUsage, usageIn } from "../../../sdk/index.js";
import type { Call } from "../api/call.js";
import { Refusal } from "../refusal.js";
import { DEFAULT_TOKENS, readOrUnknown, type Estimate, type Made, type Model } from "./model.js";
import { readEvents } from "./events.js";

/** A server with OpenAI's interface, such as vLLM, Ollama or a vendor's own. */
export interface UpstreamOptions {
  /** Address up to the version, such as `http://127.0.0.1:8000/v1`. */
  readonly url: string;
  /** Name of the model there. */
  readonly model: string;
  readonly apiKey: string | undefined;
  /** Largest answer in tokens, also if a client asks for more. */
  readonly maxTokens: number;
  /** Name of the field that bounds the answer in tokens. */
  readonly limitField: LimitField;
  /** Milliseconds until an answer is given up. */
  readonly timeout: number;
}

/** Fields that servers read a bound of the answer from. Some refuse the older one, others do not know the newer one. */
export const LIMIT_FIELDS = ["max_tokens", "max_completion_tokens"] as const;

/** Name of a field that bounds an answer. */
export type LimitField = (typeof LIMIT_FIELDS)[number];

/** Tokens around each message, and the most that a byte of text can be. */
const TOKENS_PER_MESSAGE = 16;
/** Bytes of a token on average, for answers whose use is not stated. */
const BYTES_PER_TOKEN = 4;

/** Forwards calls to a server with OpenAI's interface, always as a stream, and reads the use that it states. */
export class Upstream implements Model {
  readonly #options: UpstreamOptions;

  constructor(options: UpstreamOptions) {
    this.#options = options;
  }

  /** A token has at least one byte, so the prompt has at most as many tokens as bytes. */
  estimate(call: Call): Estimate {
    const texts = textsOf(call);
    const prompt = bytesOf(texts) + TOKENS_PER_MESSAGE * (texts.length + 1);
    return { prompt, completion: this.#limitOf(call) };
  }

  async answer(call: Call, onText: (text: string) => void): Promise<Made> {
    return call.endpoint === "embeddings" ? this.#embed(call) : this.#chat(call, onText);
  }

  async #chat(call: Call, onText: (text: string) => void): Promise<Made> {
    const limit = this.#limitOf(call);
    const response = await this.#post("chat/completions", {
      ...{ model: this.#options.model, [this.#options.limitField]: limit, ...call.sampling },
      messages: call.messages.map(({ role, content, toolCalls, toolCallId }) => ({
        ...{ role, content, tool_calls: toolCalls, tool_call_id: toolCallId },
      })),
      ...(call.stop.length > 0 && { stop: call.stop }),
      ...{ stream: true, stream_options: { include_usage: true } },
    });
    const stream = new StreamUsage();
    let [text, finish, isWhole, isBegun] = ["", "stop", false, false];
    try {
      for await (const data of readEvents(response)) {
        if (data === "[DONE]") {
          isWhole = true;
          break;
        }
        const event = JSON.parse(data) as ChatEvent;
        const usage = usageIn(event);
        stream.add(usage);
        const [choice] = event.choices ?? [];
        const delta = choice?.delta?.content ?? "";
        finish = choice?.finish_reason ?? finish;
        isBegun ||= usage !== undefined || delta !== "";
        if (delta === "") continue;
        text += delta;
        onText(delta);
      }
    } catch {
      // The connection broke, the time was over, or an event was none. The part that came was made, and counts.
    }
    if (!isWhole && !isBegun) throw unavailable("The model broke its answer off.");
    return {
      ...{ text, embeddings: [], isBroken: !isWhole },
      finishReason: isWhole && finish !== "length" ? "stop" : "length",
      usage: readOrUnknown(() => (isWhole ? stream.close() : stream.abort())),
      counted: { prompt: countTokens(textsOf(call)), completion: countTokens([text]) },
    };
  }

  async #embed(call: Call): Promise<Made> {
    const response = await this.#post("embeddings", {
      ...{ model: this.#options.model, input: call.inputs, encoding_format: "float" },
      ...(call.dimensions !== undefined && { dimensions: call.dimensions }),
    });
    const answer = (await response.json()) as { data?: { embedding: number[] }[] };
    const embeddings = (answer.data ?? []).map(({ embedding }) => embedding);
    if (embeddings.length !== call.inputs.length)
      throw unavailable("The model did not embed every text.");
    const counted = { prompt: countTokens(call.inputs), completion: 0 };
    const usage = readOrUnknown(() => readUsage(usageIn(answer)));
    return { text: "", finishReason: "stop", embeddings, usage, counted, isBroken: false };
  }

  async #post(path: string, body: object): Promise<Response> {
    const { url, apiKey, timeout } = this.#options;
    const response = await fetch(`${url.replace(/\/$/, "")}/${path}`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(timeout),
    }).catch((error: unknown) => {
      throw unavailable(`The model cannot be reached: ${(error as Error).message}`);
    });
    if (response.ok) return response;
    await response.body?.cancel();
    if (response.status === 400 || response.status === 422)
      throw new Refusal(400, "ModelRefused", "The model refuses this request.");
    throw unavailable(`The model answered with status ${response.status}.`);
  }

  #limitOf({ endpoint, maxTokens }: Call): number {
    if (endpoint === "embeddings") return 0;
    return Math.min(maxTokens ?? DEFAULT_TOKENS, this.#options.maxTokens);
  }
}

interface ChatEvent {
  readonly choices?: readonly {
    readonly delta?: { readonly content?: string | null };
    readonly finish_reason?: string | null;
  }[];
}

function textsOf({ messages, inputs }: Call): string[] {
  const contents = messages.map(({ content, toolCalls }) =>
    toolCalls === undefined ? content : content + JSON.stringify(toolCalls),
  );
  return [...contents, ...inputs];
}

function bytesOf(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}

function countTokens(texts: readonly string[]): number {
  return Math.ceil(bytesOf(texts) / BYTES_PER_TOKEN);
}

function unavailable(message: string): Refusal {
  return new Refusal(502, "ModelUnavailable", message);
}
