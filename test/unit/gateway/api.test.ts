import { expect } from "chai";

import { hashCall } from "../../../examples/gateway/api/call.js";
import { readChat } from "../../../examples/gateway/api/chat.js";
import { readEmbeddings } from "../../../examples/gateway/api/embeddings.js";
import { readResponses } from "../../../examples/gateway/api/responses.js";
import { Refusal, renderRefusal } from "../../../examples/gateway/refusal.js";

const CHAT = {
  model: "m",
  messages: [
    { role: "system", content: "Be brief." },
    { role: "user", content: "What is a meter?" },
  ],
};

function hashOf(body: unknown): string {
  return hashCall(readChat(body).call);
}

function refusalOf(read: () => unknown): Refusal {
  try {
    read();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error("It was taken.");
}

describe("gateway example: requests", function () {
  describe("one form for every body that means the same (G01)", function () {
    const SAME: [string, object][] = [
      ["fields in another order", { messages: CHAT.messages, model: "m" }],
      [
        "fields of messages in another order",
        {
          model: "m",
          messages: CHAT.messages.map(({ role, content }) => ({ content, role })),
        },
      ],
      ["defaults written out", { ...CHAT, stream: false, n: 1, stop: null, max_tokens: null }],
      [
        "the answer as a stream",
        { ...CHAT, stream: true, stream_options: { include_usage: true } },
      ],
      ["fields that change nothing", { ...CHAT, user: "alice", metadata: { a: "b" }, store: true }],
      [
        "content in parts",
        {
          model: "m",
          messages: [
            { role: "system", content: [{ type: "text", text: "Be brief." }] },
            {
              role: "user",
              content: [
                { type: "text", text: "What is " },
                { type: "text", text: "a meter?" },
              ],
            },
          ],
        },
      ],
    ];
    for (const [what, body] of SAME)
      it(`is the same with ${what}`, function () {
        expect(hashOf(body)).to.equal(hashOf(CHAT));
      });

    const OTHER: [string, object][] = [
      ["another model", { ...CHAT, model: "n" }],
      ["another question", { ...CHAT, messages: CHAT.messages.slice(1) }],
      ["a limit", { ...CHAT, max_tokens: 5 }],
      ["an end", { ...CHAT, stop: "a" }],
      ["a temperature", { ...CHAT, temperature: 0.5 }],
      ["messages in another order", { ...CHAT, messages: [...CHAT.messages].reverse() }],
    ];
    for (const [what, body] of OTHER)
      it(`is another with ${what}`, function () {
        expect(hashOf(body)).to.not.equal(hashOf(CHAT));
      });

    it("is another by another interface", function () {
      const body = { model: "m", input: CHAT.messages };

      expect(hashCall(readResponses(body).call)).to.not.equal(hashOf(CHAT));
    });
  });

  describe("chat completions", function () {
    it("heeds the limit under both of its names (G04)", function () {
      const limits = [{ max_tokens: 3 }, { max_completion_tokens: 3 }];
      const both = { max_tokens: 3, max_completion_tokens: 3 };

      for (const limit of [...limits, both, { ...both, max_tokens: null }])
        expect(readChat({ ...CHAT, ...limit }).call.maxTokens).to.equal(3);
      expect(readChat(CHAT).call.maxTokens).to.equal(undefined);
      expect(
        refusalOf(() => readChat({ ...CHAT, max_tokens: 3, max_completion_tokens: 4 })),
      ).to.include({ status: 400, param: "max_tokens" });
    });

    it("takes every role, content in parts, and turns of tools (G04b)", function () {
      const calls = [{ id: "c", type: "function", function: { name: "f", arguments: "{}" } }];
      const { call } = readChat({
        model: "m",
        messages: [
          { role: "developer", content: "Be brief." },
          { role: "user", name: "alice", content: [{ type: "text", text: "How warm is it?" }] },
          { role: "assistant", content: null, tool_calls: calls },
          { role: "tool", tool_call_id: "c", content: "21" },
        ],
      });

      expect(call.messages).to.deep.equal([
        { role: "developer", content: "Be brief." },
        { role: "user", content: "How warm is it?" },
        { role: "assistant", content: "", toolCalls: calls },
        { role: "tool", content: "21", toolCallId: "c" },
      ]);
    });

    it("knows whether the answer is streamed, and whether with its use", function () {
      const options = { stream: true, stream_options: { include_usage: true } };

      expect(readChat(CHAT).delivery).to.include({ isStreamed: false });
      expect(readChat({ ...CHAT, stream: true }).delivery).to.include({
        ...{ isStreamed: true, hasUsage: false },
      });
      expect(readChat({ ...CHAT, ...options }).delivery).to.include({
        ...{ isStreamed: true, hasUsage: true },
      });
    });

    const REFUSED: [string, object, string, string | undefined][] = [
      ["several choices", { n: 3 }, "UnsupportedParameter", "n"],
      ["an unknown limit", { max_output_tokens: 3 }, "UnsupportedParameter", "max_output_tokens"],
      ["tools", { tools: [{ type: "function" }] }, "UnsupportedParameter", "tools"],
      ["another price", { service_tier: "priority" }, "UnsupportedParameter", "service_tier"],
      [
        "answers as JSON",
        { response_format: { type: "json_object" } },
        "UnsupportedParameter",
        "response_format",
      ],
      [
        "answers as speech",
        { modalities: ["text", "audio"] },
        "UnsupportedParameter",
        "modalities",
      ],
      ["a limit as text", { max_tokens: "3" }, "InvalidRequest", "max_tokens"],
      ["a limit of nothing", { max_tokens: 0 }, "InvalidRequest", "max_tokens"],
      ["an end that is no text", { stop: [5] }, "InvalidRequest", "stop"],
      ["too many ends", { stop: ["a", "b", "c", "d", "e"] }, "InvalidRequest", "stop"],
      ["a temperature as text", { temperature: "hot" }, "InvalidRequest", "temperature"],
      ["no messages", { messages: [] }, "InvalidRequest", "messages"],
      ["no model", { model: "" }, "InvalidRequest", "model"],
      [
        "a message of nobody",
        { messages: [{ role: "root", content: "x" }] },
        "InvalidRequest",
        "messages.0.role",
      ],
      ["a message of nothing", { messages: [{ role: "user" }] }, "InvalidRequest", "messages.0"],
      ["a message that is text", { messages: ["x"] }, "InvalidRequest", "messages.0"],
      [
        "a message with an unknown field",
        { messages: [{ role: "user", content: "x", audio: 1 }] },
        "UnsupportedParameter",
        "messages.0.audio",
      ],
      [
        "an image",
        { messages: [{ role: "user", content: [{ type: "image_url", image_url: {} }] }] },
        "UnsupportedContent",
        "messages.0.content.0.type",
      ],
      [
        "options of a stream that are not known",
        { stream_options: { pace: 2 } },
        "UnsupportedParameter",
        "stream_options.pace",
      ],
    ];
    for (const [what, changes, code, param] of REFUSED)
      it(`refuses ${what}`, function () {
        expect(refusalOf(() => readChat({ ...CHAT, ...changes }))).to.include({
          ...{ status: 400, code, param },
        });
      });

    for (const body of [undefined, null, "x", 5, []])
      it(`refuses ${JSON.stringify(body)} as a body`, function () {
        expect(refusalOf(() => readChat(body))).to.include({ code: "InvalidRequest" });
      });
  });

  describe("responses", function () {
    it("reads text, instructions and a list of items", function () {
      const text = readResponses({ model: "m", input: "Hello", instructions: "Be brief." });
      const items = readResponses({
        model: "m",
        max_output_tokens: 9,
        input: [
          { role: "user", content: [{ type: "input_text", text: "Hello" }] },
          {
            type: "message",
            id: "x",
            status: "completed",
            role: "assistant",
            content: [{ type: "output_text", text: "Hi", annotations: [] }],
          },
          { type: "function_call_output", call_id: "c", output: "21" },
        ],
      });

      expect(text.call.messages).to.deep.equal([
        { role: "developer", content: "Be brief." },
        { role: "user", content: "Hello" },
      ]);
      expect(items.call).to.deep.include({ endpoint: "responses", maxTokens: 9 });
      expect(items.call.messages).to.deep.equal([
        { role: "user", content: "Hello" },
        { role: "assistant", content: "Hi" },
        { role: "tool", content: "21", toolCallId: "c" },
      ]);
    });

    const REFUSED: [string, object, string][] = [
      ["an earlier response", { previous_response_id: "resp_1" }, "UnsupportedParameter"],
      ["tools of the vendor", { tools: [{ type: "web_search" }] }, "UnsupportedParameter"],
      ["an item of another type", { input: [{ type: "reasoning" }] }, "UnsupportedContent"],
      ["answers as JSON", { text: { format: { type: "json_schema" } } }, "UnsupportedParameter"],
      ["no input", { input: [] }, "InvalidRequest"],
    ];
    for (const [what, changes, code] of REFUSED)
      it(`refuses ${what}`, function () {
        expect(
          refusalOf(() => readResponses({ model: "m", input: "Hello", ...changes })),
        ).to.include({ status: 400, code });
      });
  });

  describe("embeddings", function () {
    it("reads one text and several, as numbers and as base64", function () {
      expect(readEmbeddings({ model: "m", input: "a" }).call.inputs).to.deep.equal(["a"]);
      const several = readEmbeddings({
        ...{ model: "m", input: ["a", "b"], encoding_format: "base64", dimensions: 4 },
      });
      expect(several.call).to.deep.include({ inputs: ["a", "b"], dimensions: 4 });
      expect(several.delivery.isBase64).to.equal(true);
    });

    for (const changes of [
      ...[{ input: [] }, { input: [1, 2] }, { input: "" }, { encoding_format: "hex" }],
      ...[{ dimensions: 5_000 }, { dimensions: 0.5 }, { truncate: true }],
    ])
      it(`refuses ${JSON.stringify(changes)}`, function () {
        expect(refusalOf(() => readEmbeddings({ model: "m", input: "a", ...changes }))).to.include({
          status: 400,
        });
      });
  });

  describe("refusals", function () {
    it("tell OpenAI's clients whether to repeat a request by themselves", function () {
      const retried = (refusal: Refusal) => renderRefusal(refusal).headers["x-should-retry"];

      expect(retried(new Refusal(429, "ValueAtRisk", "", { retryAfter: 1 }))).to.equal("true");
      expect(retried(new Refusal(409, "StillServing", "", { retryAfter: 5 }))).to.equal("true");
      expect(retried(new Refusal(503, "Unavailable", ""))).to.equal("true");
      expect(
        retried(new Refusal(429, "KeyLimitExceeded", "", { reason: 18, retryAfter: 9_000 })),
      ).to.equal("false");
      expect(retried(new Refusal(503, "ProviderInactive", "", { reason: 11 }))).to.equal("false");
      expect(retried(new Refusal(402, "InsufficientCredit", "", { reason: 19 }))).to.equal("false");
    });

    it("have the fields of OpenAI's errors", function () {
      const refusal = new Refusal(429, "KeyLimitExceeded", "No.", { reason: 18, retryAfter: 7 });

      expect(renderRefusal(refusal)).to.deep.equal({
        headers: { "x-should-retry": "true", "retry-after": "7" },
        body: {
          error: {
            ...{ message: "No.", type: "invalid_request_error", param: null },
            ...{ code: "KeyLimitExceeded", reason: 18 },
          },
        },
      });
    });
  });
});
