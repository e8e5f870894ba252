import { Refusal } from "../refusal.js";
import { Body } from "./body.js";
import type { Answer, Asked, Delivery } from "./call.js";

const MAX_INPUTS = 2_048;
const MAX_DIMENSIONS = 4_096;

/** Reads the body of `POST /v1/embeddings`. @throws {Refusal} if a field is wrong or would not be heeded. */
export function readEmbeddings(content: unknown): Asked {
  const body = new Body(content);
  const model = body.takeName("model");
  const input = body.take("input");
  const inputs: unknown[] = Array.isArray(input) ? input : [input];
  const isText = inputs.every((text) => typeof text === "string" && text !== "");
  if (inputs.length === 0 || inputs.length > MAX_INPUTS || !isText)
    throw new Refusal(400, "InvalidRequest", `input should be 1 to ${MAX_INPUTS} texts.`, {
      param: "input",
    });
  const dimensions = body.takeLimit("dimensions");
  if ((dimensions ?? 1) > MAX_DIMENSIONS)
    throw new Refusal(400, "InvalidRequest", `dimensions should be at most ${MAX_DIMENSIONS}.`, {
      param: "dimensions",
    });
  const format = body.takeText("encoding_format") ?? "float";
  if (format !== "float" && format !== "base64")
    throw new Refusal(400, "InvalidRequest", "encoding_format should be float or base64.", {
      param: "encoding_format",
    });
  body.requireEnd();
  return {
    call: {
      ...{ endpoint: "embeddings", model, messages: [], inputs: inputs as string[], dimensions },
      ...{ maxTokens: undefined, stop: [], sampling: {} },
    },
    delivery: { isStreamed: false, hasUsage: true, isBase64: format === "base64" },
  };
}

/** The answer as a list of embeddings. */
export function renderEmbeddings(
  { model, embeddings, usage }: Answer,
  { isBase64 }: Delivery,
): object {
  const data = embeddings.map((vector, index) => {
    const embedding = isBase64
      ? Buffer.from(Float32Array.from(vector).buffer).toString("base64")
      : vector;
    return { object: "embedding", index, embedding };
  });
  const { prompt_tokens, total_tokens } = usage;
  return { object: "list", data, model, usage: { prompt_tokens, total_tokens } };
}
