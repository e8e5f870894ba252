import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

import { expect } from "chai";
import { JsonRpcSigner, toQuantity } from "ethers";

import type { ModelSettings } from "../../examples/gateway/settings.js";
import { OPA } from "../../sdk/units.js";
import { failureOf, SMALL, useGateway } from "../support/gateway.js";

const MESSAGES = [{ role: "user" as const, content: "What is a meter?" }];
const DAY = 86_400;
const YEAR = 31_536_000;
const KNOWN_FOR = 1_100; // milliseconds after which a gateway reads the block again

describe("gateway example before faulty parts", function () {
  this.timeout(240_000);

  const world = useGateway([{ name: "research", epochLimit: 4_000n * OPA }]);
  const servers: Server[] = [];

  afterEach(function () {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  const listen = async (server: Server) => {
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const ask = (key: string, request: object = {}) =>
    world
      .clientOf("research")
      .chat.completions.create(
        { model: SMALL, messages: MESSAGES, ...request, stream: false },
        { headers: { "Idempotency-Key": key } },
      );
  const upstream = (url: string): ModelSettings => ({
    ...{ kind: "upstream", name: SMALL, model: "any", apiKey: undefined, maxTokens: 256 },
    ...{ provider: world.providerOf(SMALL), timeout: 5_000, url },
    limitField: "max_completion_tokens",
  });
  const statusOf = (error: unknown) => (error as { status?: number } | undefined)?.status;

  /** A node that can be made to name blocks of another time. */
  async function serveLies() {
    const state = { seconds: 0 };
    const url = await listen(
      createServer((request, response) => {
        const pieces: Buffer[] = [];
        request.on("data", (piece: Buffer) => pieces.push(piece));
        request.on("end", () => {
          void (async () => {
            const headers = { "content-type": "application/json" };
            const body = Buffer.concat(pieces);
            const answer = await fetch(world.chain.url, { method: "POST", headers, body });
            const text = (await answer.text()).replace(
              /"timestamp":"(0x[0-9a-f]+)"/g,
              (_, time: string) => `"timestamp":"0x${(Number(time) + state.seconds).toString(16)}"`,
            );
            response.writeHead(200, headers).end(text);
          })();
        });
      }),
    );
    return { url, state };
  }

  it("serves and forgets nothing by a block time that the machine's clock refutes, and goes on after it", async function () {
    const { url, state } = await serveLies();
    await world.start({ rpcUrl: url, maxClockLead: YEAR });
    await ask("before");

    state.seconds = 10 * YEAR;
    await sleep(KNOWN_FOR);
    const meanwhile = await failureOf(ask("meanwhile"));
    const settling = await failureOf(world.open?.gateway.settle() ?? Promise.resolve());
    state.seconds = 0;
    await sleep(KNOWN_FOR);
    const after = await ask("after");
    await world.stop();
    await world.start({ maxClockLead: YEAR });
    const again = await ask("after");
    const restarted = await ask("restarted");

    expect(statusOf(meanwhile)).to.equal(503);
    expect(String(settling)).to.include("ahead of this machine's clock");
    expect(again).to.deep.equal(after);
    expect(restarted.usage?.total_tokens).to.be.greaterThan(0);
  });

  it("serves nothing whose resource has no price", async function () {
    await world.start();
    const { registry, addresses } = world.chain.deployment;
    const send = (method: string, ...params: unknown[]) =>
      world.market.provider.send(method, params);
    const before = await ask("before");
    await send("hardhat_impersonateAccount", addresses.timelock);
    await send("hardhat_setBalance", addresses.timelock, toQuantity(OPA));
    const timelock = new JsonRpcSigner(world.market.provider, addresses.timelock);
    await (await registry.connect(timelock).deprecate(2n)).wait();
    await (await registry.connect(timelock).retire(2n)).wait();
    await send("evm_increaseTime", DAY);
    await send("evm_mine");
    await sleep(KNOWN_FOR);

    const refused = await failureOf(ask("after"));
    const again = await ask("before");
    const settled = await world.settledOf(SMALL);

    expect(refused).to.include({ status: 503, code: "NoPrice" });
    expect(again).to.deep.equal(before);
    expect(settled.output).to.equal(BigInt(before.usage?.completion_tokens ?? 0));
  });

  it("charges its own count for a model that states more than the request was admitted for", async function () {
    const usage = { prompt_tokens: 5_000_000, completion_tokens: 900_000, total_tokens: 5_900_000 };
    const events = [
      { choices: [{ delta: { content: "sixteen bytes ok" }, finish_reason: "stop" }] },
      { choices: [], usage },
    ];
    let body = "";
    const url = await listen(
      createServer((request, response) => {
        request.on("data", (piece: Buffer) => (body += piece.toString()));
        request.on("end", () => {
          response.writeHead(200, { "content-type": "text/event-stream" });
          for (const event of events) response.write(`data: ${JSON.stringify(event)}\n\n`);
          response.end("data: [DONE]\n\n");
        });
      }),
    );
    await world.start({ models: [upstream(`${url}/v1`)] });

    const answer = await ask("overstated", { max_completion_tokens: 4 });
    const metrics = await (await fetch(`${world.url}/metrics`)).text();

    expect(answer.usage).to.include({ prompt_tokens: 4, completion_tokens: 4 });
    expect(JSON.parse(body))
      .to.include({ max_completion_tokens: 4 })
      .and.not.have.key("max_tokens");
    expect(metrics).to.include(`opa_overstated_total{model="${SMALL}"} 1`);
    expect(await world.settledOf(SMALL)).to.deep.equal({ input: 4n, output: 4n });
  });

  it("does not wait for a node that does not answer longer than its setting says", async function () {
    const url = await listen(createServer((request) => request.resume())); // and never answers
    const startedAt = performance.now();

    const error = await failureOf(world.start({ rpcUrl: url, rpcTimeout: 300 }));

    expect(String(error)).to.match(/timeout/i);
    expect(performance.now() - startedAt).to.be.lessThan(30_000);
  });
});
