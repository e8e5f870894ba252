import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

import { expect } from "chai";
import { HDNodeWallet, JsonRpcSigner, toQuantity, Wallet } from "ethers";
import type OpenAI from "openai";

import { countCalls } from "../../bench/library/counting-node.js";
import { hashApiKey } from "../../examples/gateway/consumers.js";
import type { ModelSettings } from "../../examples/gateway/settings.js";
import { connectContracts, readKey, readMandate } from "../../sdk/index.js";
import { OPA } from "../../sdk/units.js";
import { failureOf, LARGE, SMALL, useGateway } from "../support/gateway.js";

const MANDATE = 40n * OPA;
const PROMPT = "What is a meter, and what does it count?"; // 40 bytes, 10 tokens by the gateway's count
const MESSAGES = [{ role: "user" as const, content: PROMPT }];
const DAY = 86_400;
const PHRASE = `${"test ".repeat(11)}junk`;

describe("gateway example in hard cases", function () {
  this.timeout(120_000);

  const world = useGateway([
    { name: "research", epochLimit: 4_000n * OPA },
    { name: "mandated", mandate: MANDATE },
    { name: "support", epochLimit: 4_000n * OPA },
  ]);
  const ask = (consumer: string, request: object = {}, headers: Record<string, string> = {}) =>
    world
      .clientOf(consumer)
      .chat.completions.create(
        { model: SMALL, messages: MESSAGES, ...request, stream: false },
        { headers },
      );
  const actor = (index: number) =>
    HDNodeWallet.fromPhrase(PHRASE, undefined, `m/44'/60'/0'/0/${index}`).connect(
      world.market.provider,
    );
  const send = (method: string, ...params: unknown[]) => world.market.provider.send(method, params);
  const setBalance = (address: string, amount: bigint) =>
    send("hardhat_setBalance", address, toQuantity(amount));
  const signerOf = (name: string) =>
    new Wallet(world.market.settings.consumers.find((one) => one.name === name)?.signerKey ?? "");

  describe("a model behind it", function () {
    let models: Server | undefined;

    afterEach(function () {
      models?.closeAllConnections();
      models?.close();
      models = undefined;
    });

    /** Starts a server with OpenAI's interface, and the gateway before it. */
    async function startBefore(answer: (response: ServerResponse, call: number) => void) {
      let calls = 0;
      const server = createServer((request, response) => {
        request.resume().on("end", () => {
          calls += 1;
          response.writeHead(200, { "content-type": "text/event-stream" });
          answer(response, calls);
        });
      });
      models = server;
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const { port } = server.address() as AddressInfo;
      const model: ModelSettings = {
        ...{ kind: "upstream", name: SMALL, model: "any", apiKey: undefined, maxTokens: 256 },
        ...{ provider: world.providerOf(SMALL), timeout: 1_000, limitField: "max_tokens" },
        url: `http://127.0.0.1:${port}/v1`,
      };
      await world.start({ models: [model] });
    }

    const write = (response: ServerResponse, event: object) =>
      response.write(`data: ${JSON.stringify(event)}\n\n`);
    const say = (response: ServerResponse, content: string, usage?: object) =>
      write(response, { choices: [{ delta: { content } }], ...(usage && { usage }) });
    const readings = { prompt_tokens: 31, completion_tokens: 7, total_tokens: 38 };
    const figures = async () => (await fetch(`${world.url}/metrics`)).text();

    it("settles the use that the model states, also if it takes it from the last of several readings", async function () {
      await startBefore((response) => {
        say(response, "It ", { prompt_tokens: 31, completion_tokens: 1, total_tokens: 32 });
        say(response, "counts.", { prompt_tokens: 31, completion_tokens: 4, total_tokens: 35 });
        response.end("data: [DONE]\n\n");
      });

      const answer = await ask("research");

      expect(answer.choices[0]?.message.content).to.equal("It counts.");
      expect(answer.choices[0]?.finish_reason).to.equal("stop");
      expect(answer.usage).to.include({ prompt_tokens: 31, completion_tokens: 4 });
      expect(await figures()).to.not.match(/opa_(broken|estimated)_total\{/);
      expect(await world.settledOf(SMALL)).to.deep.equal({ input: 31n, output: 4n });
    });

    it("is paid for an answer that it broke off, by its last reading", async function () {
      await startBefore((response) => {
        say(response, "It counts", readings);
        setTimeout(() => response.destroy(), 50);
      });

      const answer = await ask("research", {}, { "Idempotency-Key": "broken" });
      const again = await ask("research", {}, { "Idempotency-Key": "broken" });

      expect(answer.choices[0]?.message.content).to.equal("It counts");
      expect(answer.choices[0]?.finish_reason).to.equal("length");
      expect(answer.usage).to.include({ prompt_tokens: 31, completion_tokens: 7 });
      expect(again).to.deep.equal(answer);
      expect(await figures()).to.include(`opa_broken_total{model="${SMALL}"} 1`);
      expect(await world.settledOf(SMALL)).to.deep.equal({ input: 31n, output: 7n });
    });

    it("is paid by the gateway's count for an answer that it broke off without any reading", async function () {
      await startBefore((response) => {
        say(response, "sixteen bytes ok");
        setTimeout(() => response.end("data: {no event\n\n"), 20);
      });
      const pieces: string[] = [];

      const stream = await world.clientOf().chat.completions.create({
        ...{ model: SMALL, messages: MESSAGES, stream: true },
        stream_options: { include_usage: true },
      });
      let last: OpenAI.ChatCompletionChunk | undefined;
      for await (const chunk of stream) {
        pieces.push(chunk.choices[0]?.delta.content ?? "");
        last = chunk;
      }

      expect(pieces.join("")).to.equal("sixteen bytes ok");
      expect(last?.usage).to.include({ prompt_tokens: 10, completion_tokens: 4 });
      expect(await world.settledOf(SMALL)).to.deep.equal({ input: 10n, output: 4n });
    });

    it("is paid for what came before its time was over", async function () {
      await startBefore((response) => {
        say(response, "It hangs", readings); // and never ends
      });

      const answer = await ask("research");

      expect(answer.usage).to.include({ completion_tokens: 7 });
      expect(await world.settledOf(SMALL)).to.deep.equal({ input: 31n, output: 7n });
    });

    it("is not paid for nothing, and the same request is served by its next answer", async function () {
      await startBefore((response, call) => {
        if (call === 1) {
          response.flushHeaders();
          setTimeout(() => response.destroy(), 20);
          return;
        }
        say(response, "Now.", { prompt_tokens: 31, completion_tokens: 2, total_tokens: 33 });
        response.end("data: [DONE]\n\n");
      });

      const refused = await failureOf(ask("research", {}, { "Idempotency-Key": "twice" }));
      const answer = await ask("research", {}, { "Idempotency-Key": "twice" });

      expect(refused).to.include({ status: 502, code: "ModelUnavailable" });
      expect(answer.choices[0]?.message.content).to.equal("Now.");
      expect(await world.settledOf(SMALL)).to.deep.equal({ input: 31n, output: 2n });
    });
  });

  describe("a mandate (ACC-2)", function () {
    it("pays for use that a signer without a key of the account signs, and for nothing else", async function () {
      await world.start();
      const { account, provider } = world.market;
      const contracts = await connectContracts(world.market.settings.settlement, provider);
      const credit = await contracts.meter.creditOf(account);

      const answer = await ask("mandated");
      const settled = await world.settledOf(SMALL);

      const { prompt_tokens: input = 0, completion_tokens: output = 0 } = answer.usage ?? {};
      expect(settled).to.deep.equal({ input: BigInt(input), output: BigInt(output) });
      const prices = await Promise.all(
        [1n, 2n].map(async (id) =>
          contracts.registry.unitPriceOf(id, await contracts.meter.currentEpoch()),
        ),
      );
      const charge = BigInt(input) * (prices[0] ?? 0n) + BigInt(output) * (prices[1] ?? 0n);
      const mandate = await readMandate(contracts, account, world.providerOf(SMALL));
      expect(mandate).to.include({
        amount: MANDATE - charge,
        signer: signerOf("mandated").address,
      });
      expect(await contracts.meter.creditOf(account)).to.equal(credit);
      expect(await readKey(contracts, account, signerOf("mandated").address)).to.equal(undefined);
    });

    it("is served as far as it goes, whatever the account withdraws or uses elsewhere", async function () {
      await world.start();
      const { account } = world.market;
      const meter = world.chain.deployment.meter.connect(actor(10));
      await ask("research", { model: LARGE });
      await world.open?.gateway.settle();
      await (await meter.withdraw(account, account, await meter.creditOf(account))).wait();

      const poor = await failureOf(ask("research"));
      const answer = await ask("mandated");
      const tooMuch = await failureOf(ask("mandated", { max_tokens: 4_096 }));

      expect(poor).to.include({ status: 402, code: "InsufficientCredit" });
      expect(answer.choices).to.have.length(1);
      expect((tooMuch as { status?: number }).status).to.be.oneOf([402, 403]);
      expect((await world.settledOf(SMALL)).output).to.equal(
        BigInt(answer.usage?.completion_tokens ?? 0),
      );
    });
  });

  it("asks the node at most once a request on average, for one key and for keys in turns", async function () {
    const node = await countCalls(world.chain.url);
    try {
      await world.start({ rpcUrl: node.url });
      for (const keys of [["research"], ["research", "support", "mandated"]]) {
        for (const key of keys) await ask(key, { max_tokens: 8 });
        node.reset();
        for (let i = 0; i < 24; i += 1)
          await ask(keys[i % keys.length] ?? "", { max_tokens: 8, model: SMALL });
        expect(node.count(), keys.join()).to.be.at.most(24);
      }
      await world.stop();
    } finally {
      node.close();
    }
  });

  it("serves within a key's limit when thirty requests come at once, and settles what it served (G07)", async function () {
    await world.start();
    const { meter, registry } = world.chain.deployment;
    const epoch = await meter.currentEpoch();
    const [input, output] = await Promise.all(
      [1n, 2n].map((id) => registry.unitPriceOf(id, epoch)),
    );
    const [most, words] = [64, PROMPT.split(" ").length];
    const largest = BigInt(words) * (input ?? 0n) + BigInt(most) * (output ?? 0n);
    const { account } = world.market;
    const key = signerOf("support").address;
    const { limits, project, role } = await meter.keyOf(account, key);
    const { totalLimit, expiresAt, categories } = limits;
    const epochLimit = 3n * largest;
    await (
      await meter
        .connect(actor(10))
        .setKey(account, key, project, role, { epochLimit, totalLimit, expiresAt, categories })
    ).wait();

    const outcomes = await Promise.all(
      Array.from({ length: 30 }, (_, i) =>
        ask("support", { max_tokens: most }, { "Idempotency-Key": `at-once-${i}` }).catch(
          (error: unknown) => error as { status: number; code: string },
        ),
      ),
    );
    const served = outcomes.flatMap((outcome) => ("usage" in outcome ? [outcome.usage] : []));
    const refused = outcomes.filter((outcome) => !("usage" in outcome));
    const sum = (field: "prompt_tokens" | "completion_tokens") =>
      served.reduce((total, usage) => total + BigInt(usage[field]), 0n);
    const settled = await world.settledOf(SMALL);

    expect(served.length).to.be.within(1, 29);
    for (const refusal of refused)
      expect(refusal).to.include({ status: 429, code: "KeyLimitExceeded" });
    expect(settled).to.deep.equal({
      input: sum("prompt_tokens"),
      output: sum("completion_tokens"),
    });
    expect((await meter.keyOf(account, key)).spent <= epochLimit).to.equal(true);
  });

  it("closes the door to a debtor alone, and serves other accounts (M-6)", async function () {
    const debtor = world.market.account;
    const other = actor(14);
    const { token, meter } = world.chain.deployment;
    const sponsor = actor(8);
    await (await token.connect(sponsor).approve(meter, 100n * OPA)).wait();
    await (await meter.connect(sponsor).deposit(other, 100n * OPA)).wait();
    const submitter = new Wallet(world.market.settings.submitterKey).address;
    await setBalance(submitter, 0n); // nothing settles
    await world.start({
      limitPerAccount: 6n * OPA,
      limitPerProvider: 60n * OPA,
      consumers: [
        ...world.market.settings.consumers,
        {
          ...{ name: "other", account: other.address, signerKey: other.privateKey },
          apiKeySha256: hashApiKey("key-of-the-other"),
        },
      ],
    });

    let refused: unknown;
    for (let i = 0; i < 40 && !refused; i += 1)
      refused = await failureOf(ask("research", { max_tokens: 256 }));
    const answer = await ask("key-of-the-other", { max_tokens: 256 });
    const figures = await (await fetch(`${world.url}/metrics`)).text();

    expect(refused).to.include({ status: 429, code: "AccountAtRisk" });
    expect(answer.choices).to.have.length(1);
    for (const account of [debtor, other.address])
      expect(figures).to.match(new RegExp(`opa_unsettled_wei\\{account="${account}"\\} [1-9]`));
    await setBalance(submitter, OPA);
    expect((await world.settledOf(SMALL, other.address)).output).to.equal(
      BigInt(answer.usage?.completion_tokens ?? 0),
    );
  });

  it("serves on and settles what was admitted before, when a resource is retired (L-2, L-3)", async function () {
    const models = world.market.settings.models.map((model) =>
      model.name === LARGE ? { ...model, delay: 1_500 } : model,
    );
    await world.start({ models, requireIdempotencyKey: false });
    const { registry, addresses } = world.chain.deployment;
    const before = ask("research", { model: LARGE });
    await sleep(300); // it is admitted in this epoch, and answered in the next one
    await send("hardhat_impersonateAccount", addresses.timelock);
    await setBalance(addresses.timelock, OPA);
    const timelock = new JsonRpcSigner(world.market.provider, addresses.timelock);
    await (await registry.connect(timelock).deprecate(2n)).wait();
    await (await registry.connect(timelock).retire(2n)).wait();
    await send("evm_increaseTime", DAY);
    await send("evm_mine");

    const answer = await before;
    await sleep(1_100); // the gateway caches the epoch for a second
    const health = await fetch(`${world.url}/health`);
    const embedded = await world
      .clientOf("mandated")
      .embeddings.create({ model: SMALL, input: "text" });
    const settled = await world.settledOf(LARGE);

    expect(health.status).to.equal(200);
    expect(embedded.data).to.have.length(1);
    expect(settled).to.deep.equal({
      input: BigInt(answer.usage?.prompt_tokens ?? 0),
      output: BigInt(answer.usage?.completion_tokens ?? 0),
    });
    expect(world.lines.filter((line) => /ResourceRetired|failed/.test(line))).to.deep.equal([]);
  });
});
