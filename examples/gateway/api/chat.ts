import { Refusal } from "../refusal.js";
import { Body } from "./body.js";
import type { Answer, Asked, Delivery, Sampling } from "./call.js";
import { MAX_MESSAGES, readMessage } from "./messages.js";

const SAMPLING = ["temperature", "top_p", "presence_penalty", "frequency_penalty", "seed"];
const MAX_STOPS = 4;

/** Reads the body of `POST /v1/chat/completions`. @throws {Refusal} if a field is wrong or would not be heeded. */
export function readChat(content: unknown): Asked {
  const body = new Body(content);
  const model = body.takeName("model");
  const messages = body
    .takeList("messages", MAX_MESSAGES)
    .map((message, i) => readMessage(message, `messages.${i}`));
  const maxTokens = readMaxTokens(body);
  const stop = readStop(body);
  const sampling = readSampling(body, SAMPLING);
  const isStreamed = body.takeFlag("stream");
  const options = body.take("stream_options");
  const hasUsage = options !== undefined && readHasUsage(options);
  readTextOnly(body);
  body.requireEnd();
  return {
    call: {
      ...{ endpoint: "chat", model, messages, inputs: [], maxTokens, stop, sampling },
      dimensions: undefined,
    },
    delivery: { isStreamed, hasUsage, isBase64: false },
  };
}

/** The limit under its old and its new name. */
function readMaxTokens(body: Body): number | undefined {
  const [old, current] = [body.takeLimit("max_tokens"), body.takeLimit("max_completion_tokens")];
  if (old !== undefined && current !== undefined && old !== current)
    throw new Refusal(
      400,
      "InvalidRequest",
      "max_tokens and max_completion_tokens should be the same.",
      { param: "max_tokens" },
    );
  return current ?? old;
}

/** Texts that end the answer. */
function readStop(body: Body): string[] {
  const value = body.take("stop");
  const list: unknown[] = value === undefined ? [] : Array.isArray(value) ? value : [value];
  if (list.length > MAX_STOPS || list.some((text) => typeof text !== "string" || text === ""))
    throw new Refusal(400, "InvalidRequest", `stop should be up to ${MAX_STOPS} texts.`, {
      param: "stop",
    });
  return list as string[];
}

/** Fields that choose among answers. */
export function readSampling(body: Body, names: readonly string[]): Sampling {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = body.takeNumber(name);
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}

function readHasUsage(options: unknown): boolean {
  const body = new Body(options, "stream_options");
  const hasUsage = body.takeFlag("include_usage");
  body.takeFlag("include_obfuscation");
  body.requireEnd();
  return hasUsage;
}

/** Takes the fields that ask for text, the only format. */
function readTextOnly(body: Body): void {
  const format = body.take("response_format");
  if (format !== undefined && (format as { type?: unknown }).type !== "text")
    throw new Refusal(400, "UnsupportedParameter", "This gateway answers with plain text only.", {
      param: "response_format",
    });
  const modalities = body.take("modalities");
  if (modalities !== undefined && JSON.stringify(modalities) !== '["text"]')
    throw new Refusal(400, "UnsupportedParameter", "This gateway answers with text only.", {
      param: "modalities",
    });
}

/** The answer as a chat completion. */
export function renderChat({ id, created, model, text, finishReason, usage }: Answer): object {
  const message = { role: "assistant", content: text, refusal: null };
  return {
    ...{ id: `chatcmpl-${id}`, object: "chat.completion", created, model },
    choices: [{ index: 0, message, logprobs: null, finish_reason: finishReason }],
    usage,
  };
}

/** Events of a streamed chat completion: the beginning, pieces of text, and the end. */
export const chatStream = {
  begin: (head: StreamHead, delivery: Delivery) => [
    chunk(head, delivery, { role: "assistant", content: "" }, null),
  ],
  text: (head: StreamHead, delivery: Delivery, text: string) => [
    chunk(head, delivery, { content: text }, null),
  ],
  end: (head: StreamHead, delivery: Delivery, { finishReason, usage }: Answer) => [
    chunk(head, delivery, {}, finishReason),
    ...(delivery.hasUsage ? [event({ ...chunkHead(head), choices: [], usage })] : []),
    "data: [DONE]\n\n",
  ],
};

/** Fields of an answer that are known before it is made. */
export type StreamHead = Pick<Answer, "id" | "created" | "model">;

function chunkHead({ id, created, model }: StreamHead) {
  return { id: `chatcmpl-${id}`, object: "chat.completion.chunk", created, model };
}

function chunk(head: StreamHead, { hasUsage }: Delivery, delta: object, finish: string | null) {
  const choices = [{ index: 0, delta, logprobs: null, finish_reason: finish }];
  return event({ ...chunkHead(head), choices, ...(hasUsage && { usage: null }) });
}

function event(data: object): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}
