import { fork } from "node:child_process";
import path from "node:path";

import { expect } from "chai";
import { Pool } from "pg";

import { freePort, PostgresServer } from "../../examples/fleet/postgres-server.js";
import {
  MeterError,
  PostgresStore,
  type Leadership,
  type MeterStore,
} from "../../sdk/node/index.js";
import { CHAIN_ID, SETTLEMENT } from "../support/behaviours/meter-store.js";

const ACCOUNT = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
const PROVIDER = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC";

const callOf = (name: string, units = 1n) => ({
  name,
  account: ACCOUNT,
  provider: PROVIDER,
  epoch: 10n,
  uses: [{ resource: 1n, units }],
  answer: `answer to ${name}`,
});

/** The place of a store that tries until it is elected. */
async function electedIn(store: MeterStore): Promise<Leadership> {
  for (;;) {
    const leadership = await store.elect();
    if (leadership) return leadership;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function errorOf(work: Promise<unknown>): Promise<MeterError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof MeterError)) throw new Error(`no MeterError: ${String(error)}`);
  return error;
}

describe("PostgresStore and its database", function () {
  let server: PostgresServer;
  let schemas = 0;
  const opened: PostgresStore[] = [];

  before(async function () {
    server = await PostgresServer.start();
  });

  afterEach(async function () {
    for (const store of opened.splice(0)) await store.close();
  });

  after(async function () {
    await server.stop();
  });

  async function open(schema: string, changes: Record<string, unknown> = {}) {
    const options = { chainId: CHAIN_ID, settlement: SETTLEMENT, schema };
    const store = await PostgresStore.open({
      pool: server.pool({ max: 4 }),
      ...options,
      ...changes,
    });
    opened.push(store);
    return store;
  }

  const newSchema = () => {
    schemas += 1;
    return `faults_${schemas}`;
  };

  async function unitsOf(store: MeterStore): Promise<bigint> {
    const open_ = await store.unsettled({ account: ACCOUNT });
    return open_.reduce((sum, { units }) => sum + units, 0n);
  }

  it("counts every call once over eight stores that are given the same calls, in any order", async function () {
    const schema = newSchema();
    const stores = await Promise.all(Array.from({ length: 8 }, () => open(schema)));
    const names = Array.from({ length: 100 }, (_, i) => `call ${i}`);

    const results = await Promise.all(
      stores.flatMap((store, turn) =>
        names.map((_, i) => store.record(callOf(names[(i * 7 + turn * 13) % 100] ?? ""))),
      ),
    );

    expect(results.filter(({ isNew }) => isNew)).to.have.length(100);
    const [first] = stores;
    if (!first) throw new Error("no store");
    expect(await unitsOf(first)).to.equal(100n);
    expect(await first.exposure({ provider: PROVIDER })).to.deep.equal([
      { resource: 1n, units: 100n },
    ]);
  });

  it("loses nothing and counts nothing twice when the database is killed and starts again", async function () {
    this.timeout(120_000);
    const schema = newSchema();
    const stores = [
      await open(schema, { timeout: 60_000 }),
      await open(schema, { timeout: 60_000 }),
    ];
    let confirmed = 0;
    let next = 0;
    const work = Array.from({ length: 16 }, async (_, i) => {
      for (let number = next++; number < 600; number = next++) {
        const store = stores[i % 2];
        if (!store) throw new Error("no store");
        const call = callOf(`call ${number}`);
        await store.begin({ ...call, request: "hash", lease: 60_000 });
        await store.record({ ...call, request: "hash" });
        confirmed += 1;
      }
    });
    while (confirmed < 150) await new Promise((resolve) => setTimeout(resolve, 5));
    await server.kill();
    await server.restart();
    await Promise.all(work);

    expect(confirmed).to.equal(600);
    const later = await open(schema);
    expect(await unitsOf(later)).to.equal(600n);
    expect(await later.exposure({ account: ACCOUNT })).to.deep.equal([
      { resource: 1n, units: 600n },
    ]);
    expect((await later.find("call 599"))?.answer).to.equal("answer to call 599");
  });

  it("gives the settler's place to another when the connection of the first is lost", async function () {
    const schema = newSchema();
    const [first, second] = [await open(schema), await open(schema)];
    const leader = await first.elect();
    expect(await second.elect()).to.equal(undefined);
    const pool = new Pool({ connectionString: server.url });
    await pool.query(
      "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()",
    );
    await pool.end();

    expect(await leader?.isHeld()).to.equal(false);
    const next = await second.elect();
    expect(await next?.isHeld()).to.equal(true);
    await next?.release();
  });

  it("says after its time that the database is away, and goes on when it is back", async function () {
    this.timeout(60_000);
    const schema = newSchema();
    const store = await open(schema, { timeout: 800 });
    await store.record(callOf("before"));
    await server.kill();

    const refused = await errorOf(store.record(callOf("meanwhile")));
    await server.restart();

    expect(refused.code).to.equal("unavailable");
    expect(refused.message).to.include("repeat it");
    const patient = await open(schema, { timeout: 30_000 });
    await patient.record(callOf("meanwhile"));
    expect(await unitsOf(patient)).to.equal(2n);
    await store.record(callOf("meanwhile"));
    expect(await unitsOf(store)).to.equal(2n);
  });

  it("says at once that there is no database", async function () {
    const pool = new Pool({ host: "127.0.0.1", port: await freePort() });
    const options = { chainId: CHAIN_ID, settlement: SETTLEMENT, timeout: 100 };

    const refused = await errorOf(PostgresStore.open({ pool, ...options }));

    expect(refused.code).to.equal("unavailable");
    await pool.end();
  });

  it("waits for a slow database and does not count twice", async function () {
    this.timeout(60_000);
    const schema = newSchema();
    const store = await open(schema, { timeout: 30_000 });
    await store.record(callOf("first"));
    const pool = new Pool({ connectionString: server.url });
    const locker = await pool.connect();
    await locker.query(`BEGIN; LOCK TABLE ${schema}.accounts IN ACCESS EXCLUSIVE MODE`);

    const slow = store.record(callOf("second"));
    await new Promise((resolve) => setTimeout(resolve, 6_000)); // longer than a statement may take
    await locker.query("ROLLBACK");
    locker.release();
    await pool.end();

    expect((await slow).isNew).to.equal(true);
    expect(await unitsOf(store)).to.equal(2n);
  });

  it("says that a database without room has none, and stores nothing by halves", async function () {
    const schema = newSchema();
    const store = await open(schema);
    const pool = new Pool({ connectionString: server.url });
    await pool.query(`
      CREATE FUNCTION ${schema}.full() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$;
      CREATE TRIGGER full_disk BEFORE UPDATE ON ${schema}.accounts FOR EACH ROW EXECUTE FUNCTION ${schema}.full()`);

    const refused = await errorOf(store.record(callOf("full")));
    await pool.query(`DROP TRIGGER full_disk ON ${schema}.accounts`);
    await pool.end();

    expect(refused.message).to.include("no room left: make some");
    expect(await store.find("full")).to.equal(undefined);
    expect((await store.record(callOf("full"))).isNew).to.equal(true);
    expect(await unitsOf(store)).to.equal(1n);
  });

  it("refuses the tables of another deployment or another version, and says what to do", async function () {
    const schema = newSchema();
    await open(schema);
    const other = await errorOf(open(schema, { chainId: 1n }));
    const pool = new Pool({ connectionString: server.url });
    await pool.query(`UPDATE ${schema}.meta SET version = 2`);
    await pool.end();
    const newer = await errorOf(open(schema));
    const named = await errorOf(open("no; DROP TABLE x"));

    expect(other.code).to.equal("misplaced");
    expect(other.message).to.include("on chain 31337").and.to.include("use another schema");
    expect(newer.code).to.equal("misplaced");
    expect(newer.message).to.include("has version 2, and this library reads version 1");
    expect(named.code).to.equal("invalid");
  });

  it("holds the limits over gateways that begin at once on a new account", async function () {
    const schema = newSchema();
    const stores = await Promise.all(Array.from({ length: 6 }, () => open(schema)));
    const prices = new Map([
      [1n, 1n],
      [2n, 1n],
    ]);
    const risk = { prices, perAccount: 10n, perProvider: 1_000n };

    const kinds = await Promise.all(
      stores.flatMap((store, i) =>
        [1n, 2n].map(async (resource) => {
          const call = { ...callOf(`${i} ${resource}`), uses: [{ resource, units: 10n }] };
          return (await store.begin({ ...call, request: "r", lease: 60_000, risk })).kind;
        }),
      ),
    );

    expect(kinds.filter((kind) => kind === "open")).to.have.length(1);
    expect(kinds.filter((kind) => kind === "refused")).to.have.length(11);
  });

  it("loses the settler's place within seconds when the session of it hangs", async function () {
    this.timeout(60_000);
    const store = await open(newSchema());
    const leader = await store.elect();
    const pool = new Pool({ connectionString: server.url });
    const { rows } = await pool.query<{ pid: number }>(
      "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted",
    );
    const pid = rows[0]?.pid ?? 0;
    process.kill(pid, "SIGSTOP");

    const startedAt = performance.now();
    const isHeld = await leader?.isHeld().finally(() => process.kill(pid, "SIGCONT"));
    const took = performance.now() - startedAt;
    await pool.end();

    expect(isHeld).to.equal(false);
    expect(took).to.be.lessThan(15_000);
  });

  it("bounds how long the server keeps the settler's place for a process that hangs", async function () {
    const schema = newSchema();
    const store = await open(schema);
    const leader = await store.elect();
    const held = await leader?.isHeld();
    const pool = new Pool({ connectionString: server.url });
    const { rows } = await pool.query<{ query: string }>(
      "SELECT query FROM pg_stat_activity JOIN pg_locks USING (pid) WHERE locktype = 'advisory'",
    );
    await pool.end();

    // The check runs in the session of the lock, which the server ends when it hears nothing for 40 s.
    expect(held).to.equal(true);
    expect(rows.map(({ query }) => query)).to.deep.equal([
      `UPDATE ${schema}.election SET heard = clock_timestamp() WHERE generation = $1 RETURNING generation`,
    ]);
    await leader?.release();
  });

  it("gives the settler's place to another when a session hangs that nobody can end, and not back", async function () {
    this.timeout(60_000);
    const schema = newSchema();
    const [first, second, third] = [
      await open(schema, { leaderSilence: 2_000 }),
      await open(schema, { leaderSilence: 2_000 }),
      await open(schema, { leaderSilence: 2_000 }),
    ];
    const leader = await first.elect();
    const pool = new Pool({ connectionString: server.url });
    const { rows } = await pool.query<{ pid: number }>(
      "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted",
    );
    await pool.end();
    const pid = rows[0]?.pid ?? 0;
    expect(await second.elect()).to.equal(undefined);

    process.kill(pid, "SIGSTOP");
    const startedAt = performance.now();
    const next = await electedIn(second);
    const took = performance.now() - startedAt;
    const others = [await third.elect(), await first.elect()];
    process.kill(pid, "SIGCONT");

    expect(took).to.be.within(1_500, 10_000);
    expect(others).to.deep.equal([undefined, undefined]);
    expect(await leader?.isHeld()).to.equal(false);
    expect(await next.isHeld()).to.equal(true);
    await next.release();
    expect(await (await third.elect())?.isHeld()).to.equal(true);
  });

  it("gives the settler's place to another when a process hangs, which notices when it goes on", async function () {
    this.timeout(120_000);
    const schema = newSchema();
    const second = await open(schema, { leaderSilence: 2_000 });
    const file = path.join(import.meta.dirname, "../support/leader-process.ts");
    const child = fork(file, [server.url, schema], { execArgv: ["--import", "tsx"] });
    const said = (text: string) =>
      new Promise<void>((resolve) => {
        child.on("message", (message) => {
          if (message === text) resolve();
        });
      });
    try {
      await said("elected");
      expect(await second.elect()).to.equal(undefined);

      child.kill("SIGSTOP");
      const next = await electedIn(second);
      const noticed = said("lost");
      child.kill("SIGCONT");

      await noticed;
      expect(await next.isHeld()).to.equal(true);
    } finally {
      child.kill("SIGKILL");
    }
  });

  it("counts on when a process hangs in the middle of a transaction, whose locks the server ends", async function () {
    this.timeout(60_000);
    const schema = newSchema();
    const real = server.pool({ max: 2 });
    let isHanging = false;
    let hangs: (() => void) | undefined;
    const hanging = new Promise<void>((resolve) => {
      hangs = resolve;
    });
    const connect = async () => {
      const client = await real.connect();
      return {
        query: (text: string, values?: unknown[]) => {
          if (!isHanging || text !== "COMMIT") return client.query(text, values);
          hangs?.();
          return new Promise<never>(() => undefined);
        },
        release: (destroy?: boolean) => {
          client.release(destroy);
        },
        on: client.on.bind(client),
        removeListener: client.removeListener.bind(client),
      };
    };
    const frozen = await open(schema, { pool: { on: real.on.bind(real), connect } });
    const other = await open(schema, { timeout: 40_000 });
    await frozen.record(callOf("before"));
    isHanging = true;
    const lost = frozen.record(callOf("call")).catch(() => undefined);
    await hanging;

    const startedAt = performance.now();
    const recorded = await other.record(callOf("call"));
    isHanging = false;

    expect(recorded.isNew).to.equal(true);
    expect(performance.now() - startedAt).to.be.lessThan(20_000);
    await lost;
    expect(await unitsOf(other)).to.equal(2n);
  });

  it("gives back a connection that comes too late for an election", async function () {
    const schema = newSchema();
    const real = server.pool({ max: 1 });
    let wait = 0;
    const connect = async () => {
      const client = await real.connect();
      await new Promise((resolve) => setTimeout(resolve, wait));
      return client;
    };
    const pool = { on: real.on.bind(real), connect };
    const store = await open(schema, { pool, timeout: 300 });
    wait = 600;

    const refused = await errorOf(store.elect());
    wait = 0;
    await new Promise((resolve) => setTimeout(resolve, 700));
    const next = await store.elect();

    expect(refused.code).to.equal("unavailable");
    expect(await next?.isHeld()).to.equal(true);
    await next?.release();
  });

  it("says how much it has written off, also when the connection is lost while it is committed", async function () {
    const schema = newSchema();
    const real = server.pool({ max: 4 });
    let lost = 0;
    const connect = async () => {
      const client = await real.connect();
      return {
        query: async (text: string, values?: unknown[]) => {
          const result = await client.query(text, values);
          if (text === "COMMIT" && lost > 0) {
            lost -= 1;
            throw new Error("The connection was lost.");
          }
          return result;
        },
        release: (destroy?: boolean) => {
          client.release(destroy);
        },
        on: client.on.bind(client),
        removeListener: client.removeListener.bind(client),
      };
    };
    const store = await open(schema, { pool: { on: real.on.bind(real), connect } });
    await store.record(callOf("owed", 7n));

    lost = 2;
    const written = await store.writeOff({ account: ACCOUNT });

    expect(written.map(({ total }) => total)).to.deep.equal([7n]);
    const [line] = await store.lines({ account: ACCOUNT });
    expect(line).to.include({ open: 0n, writtenOff: 7n });
  });
});
