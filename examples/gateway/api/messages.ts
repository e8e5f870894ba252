import { Refusal } from "../refusal.js";
import { Body } from "./body.js";
import type { Message } from "./call.js";

const ROLES = new Set(["system", "developer", "user", "assistant", "tool"]);
const TEXT_PARTS = new Set(["text", "input_text", "output_text", "refusal"]);

/** Largest number of messages of a conversation. */
export const MAX_MESSAGES = 1_000;

/** A message of a chat. Text in parts is the same as text in one piece. @throws {Refusal} if it makes no sense. */
export function readMessage(item: unknown, path: string): Message {
  const body = new Body(item, path);
  const role = readRole(body.takeName("role"), path);
  const toolCalls = body.take("tool_calls");
  const toolCallId = body.takeText("tool_call_id");
  const content = readContent(body.take("content"), `${path}.content`);
  body.take("name");
  body.take("refusal");
  body.requireEnd();
  if (content === undefined && toolCalls === undefined)
    throw new Refusal(400, "InvalidRequest", `${path} should have a content.`, { param: path });
  return {
    ...{ role, content: content ?? "" },
    ...(toolCalls !== undefined && { toolCalls }),
    ...(toolCallId !== undefined && { toolCallId }),
  };
}

function readRole(role: string, path: string): Message["role"] {
  if (ROLES.has(role)) return role as Message["role"];
  throw new Refusal(
    400,
    "InvalidRequest",
    `${path}.role should be one of ${[...ROLES].join(", ")}.`,
    {
      param: `${path}.role`,
    },
  );
}

/** Text of a message, or undefined if it has none. @throws {Refusal} if a part is no text, whose price is not known. */
export function readContent(content: unknown, path: string): string | undefined {
  if (content === undefined || content === null) return undefined;
  if (typeof content === "string") return content;
  if (!Array.isArray(content))
    throw new Refusal(400, "InvalidRequest", `${path} should be text or a list of parts.`, {
      param: path,
    });
  return content
    .map((part: unknown, i) => {
      const body = new Body(part, `${path}.${i}`);
      const type = body.takeName("type");
      if (!TEXT_PARTS.has(type))
        throw new Refusal(
          400,
          "UnsupportedContent",
          `${path}.${i} is of type ${type}; this gateway knows the price of text only.`,
          { param: `${path}.${i}.type` },
        );
      body.take("annotations");
      const text = body.takeText(type === "refusal" ? "refusal" : "text");
      body.requireEnd();
      return text ?? "";
    })
    .join("");
}
