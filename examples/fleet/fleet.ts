import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { formatEther } from "ethers";

import { connectContracts, type Use } from "../../sdk/index.js";
import { PostgresStore } from "../../sdk/node/index.js";
import { ask, type Served } from "../gateway/client.js";
import { serveChain } from "../gateway/local-chain.js";
import { openMarket } from "../gateway/market.js";
import { GatewayProcess } from "../gateway/process.js";
import { findDifferences, totalsOf } from "../gateway/reconcile.js";
import { renderSettings } from "../gateway/settings.js";
import { freePort, PostgresServer } from "./postgres-server.js";

/** How a fleet is tried. */
export interface FleetPlan {
  readonly requests: number;
  readonly gateways: number;
  /** How often a gateway is killed, and started again. */
  readonly kills: number;
  /** How often the database is killed, and started again. */
  readonly databaseKills: number;
  /** How often a gateway is frozen for longer than its lease of a call, and goes on. */
  readonly freezes: number;
  /** JavaScript made of the gateway, which starts sooner than its sources. */
  readonly bundle?: string;
  readonly log: (line: string) => void;
}

/** Result of a run. */
export interface FleetReport {
  readonly table: Readonly<Record<string, string | number>>;
  /** Sentences about sums that do not match; none if all do. */
  readonly differences: readonly string[];
}

/** One of the gateways: started again after a kill, at another address. */
interface Member {
  readonly file: string;
  readonly bundle: string | undefined;
  url: string | undefined;
  process: GatewayProcess | undefined;
}

const OPA = 10n ** 18n;
const COSTLIEST = 2n * OPA; // of a request, at launch prices
const SPARE = 200n * OPA; // for requests in flight, at the most that they can cost
const KEYS = 10;
const CLIENTS_PER_GATEWAY = 24;
const REPEATS = 0.1; // part of the requests that a client sends once more though it has the answer
const PATIENCE = 600; // tries of one request
const LEASE = 2_000; // milliseconds until the fleet takes the calls of a dead gateway over
const FREEZE = 3_000; // milliseconds

/** Runs a fleet, disturbs it, and compares the answers with the database and the chain. */
export async function runFleet(plan: FleetPlan): Promise<FleetReport> {
  const { requests, gateways, log } = plan;
  const credit = COSTLIEST * BigInt(requests) + SPARE;
  const folder = await mkdtemp(path.join(os.tmpdir(), "opa-fleet-"));
  const database = await PostgresServer.start();
  const chain = await serveChain(`fleet-${process.pid}`);
  const members: Member[] = [];
  try {
    const market = await openMarket(chain.deployment, {
      rpcUrl: chain.url,
      dataFolder: folder,
      credit,
      keys: Array.from({ length: KEYS }, (_, i) => ({ name: `key-${i}`, epochLimit: credit })),
      changes: {
        store: { kind: "postgres", url: database.url, schema: "opa_meter" },
        settleEvery: Math.min(10_000, 2_000 + Math.round(requests / 10)),
        lease: LEASE,
        limitPerAccount: credit,
        limitPerProvider: credit,
      },
    });
    const { settings, apiKeys, account } = market;
    const models = settings.models.map((model) => ({ ...model, delay: 1 }));
    for (let i = 0; i < gateways; i += 1) {
      const file = path.join(folder, `gateway-${i}.json`);
      const own = { ...settings, models, port: await freePort() };
      await writeFile(file, renderSettings(own), { mode: 0o600 });
      members.push({ file, bundle: plan.bundle, url: undefined, process: undefined });
    }
    for (const member of members) await start(member);
    log(`${gateways} gateways on one database, ${requests} requests, ${KEYS} keys of one account`);

    const startedAt = performance.now();
    const served: Served[] = [];
    const counts = { answered: 0, repeated: 0, refused: 0, lost: 0 };
    let next = 0;
    const random = createRandom(7);
    const client = async (home: number) => {
      for (let i = next++; i < requests; i = next++) {
        const request = requestOf(i);
        const apiKey = apiKeys[`key-${i % KEYS}`] ?? "";
        const times = random() < REPEATS ? 2 : 1;
        for (let time = 0; time < times; time += 1) {
          const answer = await insist(members, home + time, apiKey, request, counts, random);
          if (answer.isRepeated) counts.repeated += 1;
          else counts.answered += 1;
          served.push({ ...answer, body: "" });
        }
      }
    };
    const disturbing = disturb(plan, members, database, () => Math.min(1, next / requests), log);
    await Promise.all(
      Array.from({ length: gateways * CLIENTS_PER_GATEWAY }, (_, i) => client(i % gateways)),
    );
    const seconds = (performance.now() - startedAt) / 1_000;
    const kills = await disturbing;

    // All but one end gently, and settle open use while they do.
    for (const member of members) await member.process?.end("SIGTERM");
    const contracts = await connectContracts(settings.settlement, market.provider);
    const store = await PostgresStore.open({
      pool: database.pool({ max: 2 }),
      chainId: 31_337n,
      settlement: settings.settlement,
    });
    const open = await store.unsettled({ account });
    const exposure = await Promise.all(models.map(({ provider }) => store.exposure({ provider })));
    await store.close();
    const totals = totalsOf(served, settings);
    const { differences, burned } = await findDifferences(contracts, account, totals);
    const units = totals.reduce((sum, total) => sum + total.units, 0n);
    const differing = [...differences, ...findOpen(open, exposure.flat())];
    const names = new Set(served.map(({ call }) => call)).size;
    if (names !== requests) differing.push(`${names} of ${requests} requests were answered.`);
    market.provider.destroy();
    return {
      differences: differing,
      table: {
        gateways,
        requests,
        "requests sent": counts.answered + counts.repeated + counts.refused + counts.lost,
        "answers that were made": counts.answered,
        "answers that were sent again": counts.repeated,
        "asked to come again": counts.refused,
        "connections lost": counts.lost,
        "gateways killed": kills.gateways,
        "database killed": kills.database,
        "gateways frozen": kills.frozen,
        "tokens answered": String(units),
        "tokens open at the end": String(open.reduce((sum, use) => sum + use.units, 0n)),
        "OPA burned": formatEther(burned),
        seconds: Math.round(seconds),
        "requests per second": Math.round(requests / seconds),
      },
    };
  } finally {
    for (const { process: gateway } of members) await gateway?.end("SIGKILL");
    await chain.close();
    await database.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

function findOpen(open: readonly Use[], exposure: readonly Use[]): string[] {
  const sentences = open.map(
    ({ resource, units }) => `${units} units of resource ${resource} are not settled.`,
  );
  for (const { resource, units } of exposure)
    sentences.push(`The sums say that ${units} units of resource ${resource} are open.`);
  return sentences;
}

async function start(member: Member): Promise<void> {
  for (let attempt = 0; ; attempt += 1)
    try {
      member.process = await GatewayProcess.start(member.file, member.bundle);
      member.url = member.process.url;
      return;
    } catch (error) {
      if (attempt >= 20) throw error;
      await sleep(500); // the database may be starting
    }
}

/** Kills and freezes gateways and kills the database while requests are served, each spread over the run. */
async function disturb(
  { kills, databaseKills, freezes, gateways }: FleetPlan,
  members: readonly Member[],
  database: PostgresServer,
  progress: () => number,
  log: (line: string) => void,
): Promise<{ gateways: number; database: number; frozen: number }> {
  const done = { gateways: 0, database: 0, frozen: 0 };
  const spread = (count: number, kind: "kill" | "database" | "freeze") =>
    Array.from({ length: count }, (_, i) => ({ kind, at: (i + 1) / (count + 1) }));
  const plan = [
    ...spread(kills, "kill"),
    ...spread(databaseKills, "database"),
    ...spread(freezes, "freeze"),
  ].sort((a, b) => a.at - b.at);
  for (const [i, { kind, at }] of plan.entries()) {
    while (progress() < at) await sleep(20);
    const when = `at ${Math.round(at * 100)}%`;
    if (kind === "database") {
      await database.kill();
      await sleep(300);
      await database.restart();
      done.database += 1;
      log(`${when}: the database was killed and started again`);
      continue;
    }
    const number = i % gateways;
    const member = members[number];
    const running = member?.process;
    if (!member || !running) continue;
    if (kind === "freeze") {
      await running.freeze(FREEZE);
      done.frozen += 1;
      log(`${when}: gateway ${number} was frozen for ${FREEZE / 1_000} s`);
      continue;
    }
    member.url = undefined;
    await running.end("SIGKILL");
    done.gateways += 1;
    log(`${when}: gateway ${number} was killed and started again`);
    await start(member);
  }
  return done;
}

interface Request {
  readonly model: string;
  readonly question: string;
  readonly name: string;
}

function requestOf(number: number): Request {
  const model = number % 3 === 0 ? "stand-in-large" : "stand-in-small";
  return { model, question: `What does request ${number} cost?`, name: `request-${number}` };
}

/** Asks until there is an answer, each time at another gateway. */
async function insist(
  members: readonly Member[],
  home: number,
  apiKey: string,
  request: Request,
  counts: { refused: number; lost: number },
  random: () => number,
): Promise<Served> {
  let last = "";
  for (let attempt = 0; attempt < PATIENCE; attempt += 1) {
    const url = members[(home + attempt) % members.length]?.url;
    if (url !== undefined)
      try {
        const answer = await ask(url, apiKey, request);
        if ("usage" in answer) return answer;
        counts.refused += 1;
        last = `${answer.status} ${answer.code}`;
      } catch (error) {
        counts.lost += 1;
        last = (error as Error).message;
      }
    await sleep(20 + Math.min(200, attempt * 10) * random());
  }
  throw new Error(`Request ${request.name} was not answered after ${PATIENCE} tries: ${last}`);
}

/** Numbers from 0 to 1, the same in each run. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}
