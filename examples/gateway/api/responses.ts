import { Refusal } from "../refusal.js";
import { Body } from "./body.js";
import type { Answer, Asked, Delivery, Message } from "./call.js";
import { readSampling, type StreamHead } from "./chat.js";
import { MAX_MESSAGES, readContent, readMessage } from "./messages.js";

const SAMPLING = ["temperature", "top_p"];

/** Reads the body of `POST /v1/responses`. @throws {Refusal} if a field is wrong or would not be heeded. */
export function readResponses(content: unknown): Asked {
  const body = new Body(content);
  const model = body.takeName("model");
  const instructions = body.takeText("instructions");
  const asked = readInput(body.take("input"));
  const maxTokens = body.takeLimit("max_output_tokens");
  const sampling = readSampling(body, SAMPLING);
  const isStreamed = body.takeFlag("stream");
  const format = body.take("text");
  if (format !== undefined) requirePlain(format);
  body.requireEnd();
  const system: Message[] =
    instructions === undefined ? [] : [{ role: "developer", content: instructions }];
  return {
    call: {
      ...{ endpoint: "responses", model, messages: [...system, ...asked], inputs: [], maxTokens },
      ...{ stop: [], sampling, dimensions: undefined },
    },
    delivery: { isStreamed, hasUsage: true, isBase64: false },
  };
}

/** The conversation: text of the user, or a list of messages and results of tools. */
function readInput(input: unknown): Message[] {
  if (typeof input === "string") return [{ role: "user", content: input }];
  if (!Array.isArray(input) || input.length === 0 || input.length > MAX_MESSAGES)
    throw new Refusal(400, "InvalidRequest", "input should be text or a list of items.", {
      param: "input",
    });
  return input.map((item: unknown, i) => readItem(item, `input.${i}`));
}

function readItem(item: unknown, path: string): Message {
  const body = new Body(item, path);
  const type = body.takeText("type") ?? "message";
  body.take("id");
  body.take("status");
  if (type === "message") {
    const message = { role: body.take("role"), content: body.take("content") };
    body.requireEnd();
    return readMessage(message, path);
  }
  if (type === "function_call_output") {
    const toolCallId = body.takeName("call_id");
    const content = readContent(body.take("output"), `${path}.output`) ?? "";
    body.requireEnd();
    return { role: "tool", content, toolCallId };
  }
  throw new Refusal(400, "UnsupportedContent", `${path} is of type ${type}, which is not served.`, {
    param: `${path}.type`,
  });
}

function requirePlain(text: unknown): void {
  const body = new Body(text, "text");
  const format = body.take("format");
  body.take("verbosity");
  body.requireEnd();
  if (format !== undefined && (format as { type?: unknown }).type !== "text")
    throw new Refusal(400, "UnsupportedParameter", "This gateway answers with plain text only.", {
      param: "text.format",
    });
}

/** The answer as a response. */
export function renderResponse(answer: Answer): object {
  const isComplete = answer.finishReason === "stop";
  return {
    ...responseHead(answer, isComplete ? "completed" : "incomplete"),
    incomplete_details: isComplete ? null : { reason: "max_output_tokens" },
    output: [messageOf(answer)],
    usage: {
      input_tokens: answer.usage.prompt_tokens,
      input_tokens_details: answer.usage.prompt_tokens_details,
      output_tokens: answer.usage.completion_tokens,
      output_tokens_details: answer.usage.completion_tokens_details,
      total_tokens: answer.usage.total_tokens,
    },
  };
}

function responseHead({ id, created, model }: StreamHead, status: string) {
  return {
    ...{ id: `resp_${id}`, object: "response", created_at: created, status, model },
    ...{ error: null, incomplete_details: null, instructions: null, metadata: {}, output: [] },
    ...{ parallel_tool_calls: false, tool_choice: "none", tools: [], usage: null },
    ...{ temperature: null, top_p: null },
  };
}

function messageOf({ id, text }: { id: string; text: string }, status = "completed") {
  const content = [{ type: "output_text", text, annotations: [], logprobs: [] }];
  return { id: `msg_${id}`, type: "message", status, role: "assistant", content };
}

/** Events of a streamed response. Their numbers go on from one list to the next. */
export class ResponseStream {
  #number = 0;
  #text = "";

  begin(head: StreamHead): string[] {
    const response = responseHead(head, "in_progress");
    const item = { ...messageOf({ id: head.id, text: "" }, "in_progress"), content: [] };
    const part = { type: "output_text", text: "", annotations: [], logprobs: [] };
    return [
      this.#event("response.created", { response }),
      this.#event("response.in_progress", { response }),
      this.#event("response.output_item.added", { output_index: 0, item }),
      this.#event("response.content_part.added", { ...this.#place(head), part }),
    ];
  }

  text(head: StreamHead, _: Delivery, delta: string): string[] {
    this.#text += delta;
    const place = this.#place(head);
    return [this.#event("response.output_text.delta", { ...place, delta, logprobs: [] })];
  }

  end(head: StreamHead, _: Delivery, answer: Answer): string[] {
    const [place, text] = [this.#place(head), this.#text];
    const part = { type: "output_text", text, annotations: [], logprobs: [] };
    const last = answer.finishReason === "stop" ? "response.completed" : "response.incomplete";
    return [
      this.#event("response.output_text.done", { ...place, text, logprobs: [] }),
      this.#event("response.content_part.done", { ...place, part }),
      this.#event("response.output_item.done", { output_index: 0, item: messageOf(answer) }),
      this.#event(last, { response: renderResponse(answer) }),
    ];
  }

  #place({ id }: StreamHead) {
    return { item_id: `msg_${id}`, output_index: 0, content_index: 0 };
  }

  #event(type: string, fields: object): string {
    const data = { type, sequence_number: this.#number, ...fields };
    this.#number += 1;
    return `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
  }
}
