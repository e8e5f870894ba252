import { cpSync, rmSync } from "node:fs";
import { createServer as createProxy, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { expect } from "chai";
import type OpenAI from "openai";
import {
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  RateLimitError,
  UnprocessableEntityError,
} from "openai";

import type { Settings } from "../../examples/gateway/settings.js";
import { OPA } from "../../sdk/units.js";
import { failureOf, LARGE, SMALL, useGateway } from "../support/gateway.js";

const MESSAGES = [
  { role: "developer" as const, content: "You are a meter. Answer in tokens." },
  { role: "user" as const, content: [{ type: "text" as const, text: "What is a meter?" }] },
];

describe("gateway example with the official openai client", function () {
  this.timeout(120_000);

  const world = useGateway([
    { name: "research", epochLimit: 4_000n * OPA },
    { name: "support", epochLimit: 4n * OPA },
  ]);
  const start = (changes: Partial<Settings> = {}) => world.start(changes);
  const stop = () => world.stop();
  const clientOf = (consumer = "research", options: object = {}) =>
    world.clientOf(consumer, options);
  const settledOf = (model: string) => world.settledOf(model);

  it("completes a chat, and the use that it states is the use that settles", async function () {
    await start();

    const answer = await clientOf().chat.completions.create({ model: LARGE, messages: MESSAGES });

    expect(answer.choices[0]?.message.content).to.be.a("string").with.length.above(10);
    expect(answer.choices[0]?.finish_reason).to.equal("stop");
    const { usage } = answer;
    expect(usage?.total_tokens).to.equal(
      (usage?.prompt_tokens ?? 0) + (usage?.completion_tokens ?? 0),
    );
    expect(usage?.completion_tokens_details?.reasoning_tokens).to.be.above(0);
    expect(await settledOf(LARGE)).to.deep.equal({
      input: BigInt(usage?.prompt_tokens ?? 0),
      output: BigInt(usage?.completion_tokens ?? 0),
    });
  });

  it("streams a chat, with the use in the last chunk, and gives a repeat with the same key, quoted or plain, the same text (G10)", async function () {
    await start();
    const headers = { "Idempotency-Key": '"quoted-1"' };
    const asked = {
      ...{ model: SMALL, messages: MESSAGES, stream: true as const },
      stream_options: { include_usage: true },
    };
    const collect = async () => {
      const stream = await clientOf().chat.completions.create(asked, { headers });
      const chunks: OpenAI.ChatCompletionChunk[] = [];
      for await (const chunk of stream) chunks.push(chunk);
      return chunks;
    };

    const first = await collect();
    const again = await collect();
    const whole = await clientOf().chat.completions.create(
      { model: SMALL, messages: MESSAGES },
      { headers: { "Idempotency-Key": "quoted-1" } },
    );

    const textOf = (chunks: OpenAI.ChatCompletionChunk[]) =>
      chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join("");
    expect(first.length).to.be.above(5);
    expect(textOf(first)).to.equal(whole.choices[0]?.message.content);
    expect(textOf(again)).to.equal(textOf(first));
    expect(first.at(-1)).to.deep.include({ choices: [], usage: whole.usage });
    expect(first.at(-2)?.choices[0]?.finish_reason).to.equal(whole.choices[0]?.finish_reason);
    expect(first.slice(0, -1).every(({ usage }) => usage === null)).to.equal(true);
    expect(new Set([...first, ...again].map(({ id }) => id))).to.deep.equal(new Set([whole.id]));
    expect(await settledOf(SMALL)).to.deep.equal({
      input: BigInt(whole.usage?.prompt_tokens ?? 0),
      output: BigInt(whole.usage?.completion_tokens ?? 0),
    });
  });

  it("counts a request once that the client repeats by itself with its idempotency header (G05, M13)", async function () {
    await start();
    const { proxy, port, seen } = await startDroppingProxy(world.url, 1);
    try {
      const client = clientOf("research", {
        baseURL: `http://127.0.0.1:${port}/v1`,
        maxRetries: 2,
      });
      const answer = await client.chat.completions.create(
        { model: SMALL, messages: MESSAGES },
        { headers: { "Idempotency-Key": "a-request-of-mine" } },
      );

      expect(seen).to.deep.equal(["a-request-of-mine", "a-request-of-mine"]);
      expect(await settledOf(SMALL)).to.deep.equal({
        input: BigInt(answer.usage?.prompt_tokens ?? 0),
        output: BigInt(answer.usage?.completion_tokens ?? 0),
      });
    } finally {
      proxy.close();
    }
  });

  it("can refuse requests whose repeat could not be told from a new one (G05)", async function () {
    await start({ requireIdempotencyKey: true });
    const asked = { model: SMALL, messages: MESSAGES };

    const refused = await failureOf(clientOf().chat.completions.create(asked));
    const answer = await clientOf("research", {
      defaultHeaders: { "Idempotency-Key": "one" },
    }).chat.completions.create(asked);

    expect(refused)
      .to.be.instanceOf(BadRequestError)
      .with.property("code", "IdempotencyKeyRequired");
    expect(answer.choices).to.have.length(1);
  });

  it("caps the answer and the charge at max_completion_tokens, and at max_tokens (G04)", async function () {
    await start();

    for (const limit of [{ max_completion_tokens: 3 }, { max_tokens: 3 }]) {
      const answer = await clientOf().chat.completions.create({
        ...{ model: LARGE, messages: MESSAGES, ...limit },
      });
      expect(answer.usage?.completion_tokens).to.be.at.most(3);
      expect(answer.choices[0]?.finish_reason).to.equal("length");
    }
    expect((await settledOf(LARGE)).output <= 6n).to.equal(true);
  });

  it("ends an answer at a stop text", async function () {
    await start();
    const asked = { model: SMALL, messages: MESSAGES };
    const whole = await clientOf().chat.completions.create(asked);
    const words = whole.choices[0]?.message.content?.split(" ") ?? [];
    const end = words[3] ?? "";

    const cut = await clientOf().chat.completions.create({ ...asked, stop: [end] });

    const expected = words
      .slice(
        0,
        words.findIndex((word) => word.includes(end)),
      )
      .join(" ");
    expect(cut.choices[0]?.message.content).to.equal(expected);
    expect(cut.choices[0]?.finish_reason).to.equal("stop");
  });

  it("answers responses, at once and as a stream", async function () {
    await start();
    const asked = { model: SMALL, input: "What is a meter?", instructions: "Be brief." };

    const response = await clientOf().responses.create(asked, {
      headers: { "Idempotency-Key": "r" },
    });
    const events: string[] = [];
    let text = "";
    let total = 0;
    const stream = await clientOf().responses.create(
      { ...asked, stream: true },
      { headers: { "Idempotency-Key": "s" } },
    );
    for await (const event of stream) {
      events.push(event.type);
      if (event.type === "response.output_text.delta") text += event.delta;
      if (event.type === "response.completed") total = event.response.usage?.total_tokens ?? 0;
    }

    expect(response.status).to.equal("completed");
    expect(response.output_text).to.have.length.above(10);
    expect(text).to.equal(response.output_text);
    expect(total).to.equal(response.usage?.total_tokens);
    expect([...new Set(events)]).to.deep.equal([
      ...["response.created", "response.in_progress", "response.output_item.added"],
      ...["response.content_part.added", "response.output_text.delta"],
      ...["response.output_text.done", "response.content_part.done"],
      ...["response.output_item.done", "response.completed"],
    ]);
    expect((await settledOf(SMALL)).input).to.equal(2n * BigInt(response.usage?.input_tokens ?? 0));
  });

  it("says that a response is incomplete when its limit ends it", async function () {
    await start();

    const response = await clientOf().responses.create({
      ...{ model: SMALL, input: "What is a meter?", max_output_tokens: 2 },
    });

    expect(response.status).to.equal("incomplete");
    expect(response.incomplete_details?.reason).to.equal("max_output_tokens");
  });

  it("embeds texts, in the base64 that the client asks for and as numbers", async function () {
    await start();
    const asked = { model: SMALL, input: ["one text", "another text"] };

    const coded = await clientOf().embeddings.create(asked);
    const plain = await clientOf().embeddings.create({ ...asked, encoding_format: "float" });

    expect(coded.data).to.have.length(2);
    expect(coded.data.map(({ embedding }) => [...embedding])).to.deep.equal(
      plain.data.map(({ embedding }) => embedding),
    );
    expect(coded.usage).to.deep.equal({ prompt_tokens: 4, total_tokens: 4 });
    expect(await settledOf(SMALL)).to.deep.equal({ input: 8n, output: 0n });
  });

  it("lists its models (M12)", async function () {
    await start();

    const names: string[] = [];
    for await (const { id } of clientOf().models.list()) names.push(id);

    expect(names).to.deep.equal([SMALL, LARGE]);
    expect(await clientOf().models.retrieve(SMALL)).to.include({ id: SMALL, object: "model" });
    expect(await failureOf(clientOf().models.retrieve("none"))).to.be.instanceOf(NotFoundError);
  });

  it("refuses with the errors that the client has classes for", async function () {
    await start();
    const ask = (consumer: string, changes: object = {}, name?: string) =>
      failureOf(
        clientOf(consumer).chat.completions.create(
          { model: SMALL, messages: MESSAGES, ...changes },
          name === undefined ? {} : { headers: { "Idempotency-Key": name } },
        ),
      );
    await ask("research", {}, "taken");

    const cases = [
      [await ask("a stranger"), AuthenticationError, "UnknownApiKey"],
      [await ask("research", { model: "none" }), NotFoundError, "UnknownModel"],
      [await ask("research", { n: 3 }), BadRequestError, "UnsupportedParameter"],
      [await ask("research", { max_tokens: -1 }), BadRequestError, "InvalidRequest"],
      [
        await ask("research", { max_tokens: 5 }, "taken"),
        UnprocessableEntityError,
        "IdempotencyKeyReused",
      ],
      [await ask("support", { max_tokens: 4_096 }), RateLimitError, "KeyLimitExceeded"],
    ] as const;
    for (const [failure, type, code] of cases) {
      expect(failure, code).to.be.instanceOf(type);
      expect(failure).to.include({ code });
    }
    expect(cases[2][0]).to.include({ param: "n" });
  });

  it("answers a body of 10 MB with an error, and goes on", async function () {
    await start();
    const content = "x".repeat(10_000_000);

    const failure = await failureOf(
      clientOf().chat.completions.create({ model: SMALL, messages: [{ role: "user", content }] }),
    );

    expect((failure as { status?: number }).status ?? 413).to.equal(413);
    expect(
      (await clientOf().chat.completions.create({ model: SMALL, messages: MESSAGES })).choices,
    ).to.have.length(1);
  });

  it("counts a stream whose client hangs up, and gives it the same answer afterwards", async function () {
    const models = world.market.settings.models.map((model) => ({ ...model, delay: 300 }));
    await start({ models });
    const headers = { "Idempotency-Key": "hung-up" };
    const stream = await clientOf().chat.completions.create(
      { model: SMALL, messages: MESSAGES, stream: true },
      { headers },
    );
    stream.controller.abort();
    await sleep(100);

    const answer = await clientOf().chat.completions.create(
      { model: SMALL, messages: MESSAGES },
      { headers },
    );

    expect(await settledOf(SMALL)).to.deep.equal({
      input: BigInt(answer.usage?.prompt_tokens ?? 0),
      output: BigInt(answer.usage?.completion_tokens ?? 0),
    });
  });

  it("serves an old copy of its store no more once the chain has more (G02, G03b, F13)", async function () {
    await start();
    const ask = (name: string) =>
      clientOf().chat.completions.create(
        { model: SMALL, messages: MESSAGES },
        { headers: { "Idempotency-Key": name } },
      );
    await ask("a");
    await stop();
    cpSync(path.join(world.folder, "data"), path.join(world.folder, "copy"), { recursive: true });
    await start();
    const second = await ask("b");
    const settled = await settledOf(SMALL);
    rmSync(path.join(world.folder, "data"), { recursive: true });
    cpSync(path.join(world.folder, "copy"), path.join(world.folder, "data"), { recursive: true });

    await start();
    const known = await ask("a");
    await world.open?.gateway.settle();
    const failure = await failureOf(ask("b"));

    expect(known.usage).to.deep.equal(second.usage);
    expect(failure).to.be.instanceOf(InternalServerError).with.property("code", "Overtaken");
    expect(await settledOf(SMALL)).to.deep.equal(settled);
  });

  it("publishes what it served, refused and has not settled for Prometheus", async function () {
    await start();
    await clientOf().chat.completions.create({ model: SMALL, messages: MESSAGES });
    await failureOf(clientOf().chat.completions.create({ model: "none", messages: MESSAGES }));
    const figures = async () => (await fetch(`${world.url}/metrics`)).text();

    const before = await figures();
    await world.open?.gateway.settle();
    const after = await figures();

    expect(before).to.include(`opa_served_total{endpoint="chat",model="${SMALL}"} 1`);
    expect(before).to.include('opa_refused_total{code="UnknownModel"} 1');
    expect(before).to.match(
      new RegExp(`opa_unsettled_wei{account="${world.market.account}"} [1-9]`),
    );
    expect(before).to.match(/opa_transactions_total 0/);
    expect(after).to.match(/opa_transactions_total 1/);
    expect(after).to.match(/opa_gas_total [1-9]\d{4,}/);
    expect(after).to.not.match(/opa_unsettled_wei{/);
    const epoch = /opa_epoch (\d+)/.exec(after)?.[1];
    expect(after).to.include(`opa_oldest_unsettled_epoch ${epoch}`);
  });
});

/** A proxy that loses the first answers on their way back. */
async function startDroppingProxy(target: string, losses: number) {
  const seen: string[] = [];
  const proxy: Server = createProxy((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const kept = ["authorization", "content-type", "idempotency-key"];
      const headers = Object.fromEntries(
        kept.map((name) => [name, String(request.headers[name])] as const),
      );
      seen.push(headers["idempotency-key"] ?? "");
      const isLost = seen.length <= losses;
      void fetch(`${target}${request.url}`, {
        method: request.method ?? "POST",
        headers,
        body: Buffer.concat(parts),
      }).then(async (answer) => {
        const body = await answer.text();
        if (isLost) request.socket.destroy();
        else response.writeHead(answer.status, { "content-type": "application/json" }).end(body);
      });
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  return { proxy, port: (proxy.address() as AddressInfo).port, seen };
}
