import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { Agent, request as send } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";

import { id, JsonRpcProvider, Wallet } from "ethers";
import { fastify } from "fastify";

import { Chain } from "../../examples/gateway/chain.js";
import { Consumers } from "../../examples/gateway/consumers.js";
import { Gate } from "../../examples/gateway/gate.js";
import { Gateway } from "../../examples/gateway/gateway.js";
import { serveChain } from "../../examples/gateway/local-chain.js";
import { openMarket, type Market } from "../../examples/gateway/market.js";
import { Metrics } from "../../examples/gateway/metrics.js";
import { StandIn } from "../../examples/gateway/models/stand-in.js";
import { createServer } from "../../examples/gateway/server.js";
import {
  authorize,
  connectContracts,
  createDomain,
  OPA,
  readMandate,
  reasonOf,
  signStatement,
} from "../../sdk/index.js";
import { JournalStore } from "../../sdk/node/index.js";
import { countCalls } from "./counting-node.js";
import { above, below, plain, type Figure } from "./figure.js";

const KEYS = 10;
const MODEL = "stand-in-small";
const CHAIN_ID = 31_337n;
const PARTS = 4; // of a measurement, of which the best counts, since other programs disturb each
const WARM_UP = 2_000; // until the code is compiled
const LIMIT = 400_000n * OPA;

/** How much is measured over HTTP. */
export interface HttpPlan {
  /** Requests of each measurement. */
  readonly requests: number;
  /** Statements that wait in the second measurement of latency. */
  readonly statements: number;
}

/** The gateway's request path: questions to the node, keys in turns, waiting statements, and time beside a bare server. */
export async function measureHttp(plan: HttpPlan): Promise<Figure[]> {
  const folder = await mkdtemp(path.join(tmpdir(), "opa-bench-http-"));
  const chain = await serveChain(`bench-${process.pid}`);
  const node = await countCalls(chain.url);
  const market = await openMarket(chain.deployment, {
    ...{ rpcUrl: chain.url, dataFolder: folder, credit: LIMIT },
    keys: Array.from({ length: KEYS }, (_, i) => ({ name: `key-${i}`, epochLimit: LIMIT })),
  });
  try {
    const idle = await openBench(market, node.url, path.join(folder, "idle"));
    await load(idle.url, keysOf(market, 1), WARM_UP, 1);
    node.reset();
    const [bares, alones]: [Load[], Load[]] = [[], []];
    for (let part = 0; part < PARTS; part += 1) {
      const requests = Math.ceil(plan.requests / PARTS);
      bares.push(await measureBare(requests));
      alones.push(await load(idle.url, keysOf(market, 1), requests, 1));
    }
    const asked = node.count() / plan.requests;
    const alone = alones.flatMap(({ times }) => times);
    await load(idle.url, keysOf(market, KEYS), WARM_UP, 16);
    const one = await load(idle.url, keysOf(market, 1), plan.requests, 16);
    const ten = await load(idle.url, keysOf(market, KEYS), plan.requests, 16);
    await idle.close();

    const busyFolder = path.join(folder, "busy");
    await fill(market, busyFolder, plan.statements);
    const busy = await openBench(market, node.url, busyFolder);
    await load(busy.url, keysOf(market, 1), WARM_UP, 1);
    const waiting = await load(busy.url, keysOf(market, 1), plan.requests, 1);
    await busy.close();

    const change =
      (100 * (percentile(waiting.times, 95) - percentile(alone, 95))) / percentile(alone, 95);
    return [
      below("questions to the node per request", asked, "", 1, "at most"),
      plain("one key over HTTP", "oneKey", one.rate, "requests per second"),
      plain("ten keys in turns over HTTP", "twoKeysInTurns", ten.rate, "requests per second"),
      {
        ...above("ten keys in turns over HTTP, of one key's rate", ten.rate / one.rate, "", 0.8),
        key: "turnsOfTwoKeys",
      },
      above("ten keys in turns over HTTP, of one key's CPU", one.cpu / ten.cpu, "", 0.8),
      below(
        "overhead over a bare server, one key",
        least(alones, ({ cpu }) => cpu) - least(bares, ({ cpu }) => cpu),
        ...(["ms of CPU", 1] as const),
      ),
      below(
        "overhead over a bare server, one key, median",
        least(alones, ({ times }) => percentile(times, 50)) -
          least(bares, ({ times }) => percentile(times, 50)),
        ...(["ms", 1] as const),
      ),
      below(`p95 with ${plan.statements} waiting statements, change`, change, "%", 20),
    ];
  } finally {
    market.provider.destroy();
    node.close();
    await chain.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** A gateway over HTTP on a journal of its own, without a settler. */
async function openBench(market: Market, rpcUrl: string, folder: string) {
  const { settings } = market;
  await mkdir(folder, { recursive: true });
  const provider = new JsonRpcProvider(rpcUrl, undefined, {
    cacheTimeout: -1,
    staticNetwork: true,
  });
  const contracts = await connectContracts(settings.settlement, provider);
  const chain = await Chain.open(contracts, {
    resources: [1n, 2n],
    maxClockLead: settings.maxClockLead,
  });
  const store = await openStore(settings.settlement, folder);
  const gate = new Gate({
    ...{ chain, store, believeFor: settings.authorizeFor },
    ask: {
      authorize: async (request) => (await authorize(contracts, request)).reason,
      mandate: (account, of) => readMandate(contracts, account, of),
      keyReason: async (account, signer) =>
        reasonOf((await contracts.meter.fundsOf(account, signer)).reason),
    },
  });
  const metrics = new Metrics();
  const models = settings.models.flatMap((model) =>
    model.kind === "stand-in" ? [{ ...model, model: new StandIn({ ...model, delay: 0 }) }] : [],
  );
  const gateway = new Gateway({
    ...{
      store,
      chain,
      gate,
      metrics,
      models,
      lease: settings.lease,
      resources: settings.resources,
    },
    consumers: new Consumers(settings.consumers),
    limits: { perProvider: LIMIT, perAccount: LIMIT },
    settle: () => Promise.resolve(),
    onFailure: (error) => {
      throw error;
    },
  });
  const server = createServer(gateway, settings);
  const url = await server.listen({ host: "127.0.0.1", port: 0 });
  const close = async () => {
    await server.close();
    await store.close();
    provider.destroy();
  };
  return { url, close };
}

function openStore(settlement: string, folder: string): Promise<JournalStore> {
  const file = path.join(folder, "meter.journal");
  return JournalStore.open({ file, chainId: CHAIN_ID, settlement });
}

/** A store in which statements of as many accounts wait to be settled. */
async function fill({ settings }: Market, folder: string, count: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  const store = await openStore(settings.settlement, folder);
  const key = new Wallet(id("key of all"));
  const domain = createDomain(CHAIN_ID, settings.settlement);
  const provider = settings.models[0]?.provider ?? "";
  const accounts = Array.from(
    { length: count },
    (_, i) => `0x${(BigInt(i) + 10n ** 30n).toString().padStart(40, "1")}`,
  );
  const signer = key.address;
  await Promise.all(
    accounts.map((account, i) =>
      store.record({
        ...{ name: `call ${i}`, account, signer, provider, epoch: 1n },
        uses: [{ resource: 1n, units: 10n }],
      }),
    ),
  );
  for (const due of await store.due())
    for (const draft of await store.draft(due))
      await store.add(await signStatement(key, domain, { ...draft, deadline: 2n ** 40n }));
  await store.close();
}

/** Times in milliseconds, requests per second, and milliseconds of CPU of a request. */
interface Load {
  readonly times: readonly number[];
  readonly rate: number;
  readonly cpu: number;
}

function least(loads: readonly Load[], of: (load: Load) => number): number {
  return Math.min(...loads.map(of));
}

/** Sends requests, so many at once, each with the next key. */
async function load(
  url: string,
  keys: readonly string[],
  requests: number,
  atOnce: number,
): Promise<Load> {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  const times: number[] = [];
  let next = 0;
  const used = process.cpuUsage();
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let i = next++; i < requests; i = next++) {
        const before = performance.now();
        const status = await post(`${url}/v1/chat/completions`, keys[i % keys.length] ?? "", agent);
        if (status !== 200) throw new Error(`The gateway answered with status ${status}.`);
        times.push(performance.now() - before);
      }
    }),
  );
  const seconds = (performance.now() - startedAt) / 1_000;
  const { user, system } = process.cpuUsage(used);
  agent.destroy();
  return { times, rate: requests / seconds, cpu: (user + system) / 1_000 / requests };
}

function post(url: string, apiKey: string, agent: Agent): Promise<number> {
  const body = JSON.stringify({
    model: MODEL,
    messages: [{ role: "user", content: "What does a request cost?" }],
    max_tokens: 16,
  });
  return new Promise((resolve, reject) => {
    const sent = send(
      url,
      {
        ...{ method: "POST", agent },
        headers: {
          ...{ authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
          "content-length": Buffer.byteLength(body),
        },
      },
      (response) => {
        response.resume().on("end", () => {
          resolve(response.statusCode ?? 0);
        });
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}

/** Requests to a server that reads a body and answers with one, and does nothing else. */
async function measureBare(requests: number) {
  const server = fastify();
  server.post("/v1/chat/completions", ({ body }) => ({ echo: body }));
  const url = await server.listen({ host: "127.0.0.1", port: 0 });
  await load(url, ["none"], WARM_UP, 1);
  const bare = await load(url, ["none"], requests, 1);
  await server.close();
  return bare;
}

function keysOf({ apiKeys }: Market, count: number): string[] {
  return Array.from({ length: count }, (_, i) => apiKeys[`key-${i}`] ?? "");
}

function percentile(times: readonly number[], part: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * part) / 100))] ?? 0;
}
