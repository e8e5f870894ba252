import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import { expect } from "chai";
import { Wallet } from "ethers";

import { createDomain, signStatement } from "../../../sdk/index.js";
import { JournalStore } from "../../../sdk/disk/journal-store.js";
import {
  CHAIN_ID,
  SETTLEMENT,
  shouldBehaveLikeMeterStore,
} from "../../support/behaviours/meter-store.js";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

describe("JournalStore (INT-6)", function () {
  let folder: string;
  let files = 0;
  const opened: JournalStore[] = [];

  before(async function () {
    folder = await mkdtemp(path.join(tmpdir(), "opa-store-"));
  });

  afterEach(async function () {
    for (const store of opened.splice(0)) await store.close();
  });

  after(async function () {
    await rm(folder, { recursive: true, force: true });
  });

  async function open(file: string, latest?: bigint) {
    const bound = latest !== undefined && { latestEpoch: () => latest };
    const store = await JournalStore.open({
      file,
      chainId: CHAIN_ID,
      settlement: SETTLEMENT,
      ...bound,
    });
    opened.push(store);
    return store;
  }

  it("sets a statement aside by a monotonic clock, also over a compaction and a restart", async function () {
    const file = path.join(folder, "aside");
    const { now } = Date;
    const key = new Wallet(`0x${"1".padStart(64, "0")}`);
    const first = await open(file);
    await first.record({
      ...{ name: "call", account: key.address, provider: key.address, epoch: 10n },
      uses: [{ resource: 1n, units: 5n }],
    });
    const [due] = await first.due();
    const [draft] = due ? await first.draft(due) : [];
    if (!draft) throw new Error("nothing is due");
    const domain = createDomain(CHAIN_ID, SETTLEMENT);
    const { id } = await first.add(
      await signStatement(key, domain, { ...draft, deadline: 2n ** 40n }),
    );

    await first.setAside(id, "It fits no transaction", 60_000);
    try {
      Date.now = () => now() + 3_600_000;
      expect(await first.pending()).to.have.length(0);
    } finally {
      Date.now = now;
    }
    await first.compact();
    await first.close();
    const second = await open(file);
    const [record] = await second.pending({ all: true });

    expect(await second.pending()).to.have.length(0);
    expect(record?.aside?.wait).to.be.within(30_000, 60_000);
  });

  it("keeps the answers of calls in the file, finds each after compactions and restarts, and stays small", async function () {
    this.timeout(120_000);
    const file = path.join(folder, "answers");
    const callOf = (i: number) => ({
      ...{ name: `call ${i}`, account: SETTLEMENT, provider: SETTLEMENT, epoch: 10n },
      uses: [{ resource: 1n, units: 1n }],
      answer: `${i} ü ${"x".repeat(4_096)}`,
    });
    const heap = () => {
      collect();
      return process.memoryUsage().heapUsed;
    };
    const store = await open(file);
    await store.record(callOf(0));
    const before = heap();

    for (let i = 1; i < 4_000; i += 100)
      await Promise.all(Array.from({ length: 100 }, (_, n) => store.record(callOf(i + n))));
    const [compacting, ...during] = [
      store.compact(),
      ...Array.from({ length: 50 }, (_, i) => store.record(callOf(5_000 + i))),
    ];
    const found = await store.find("call 77");
    await Promise.all([compacting, ...during]);
    const grown = heap() - before;
    const compacted = [0, 77, 4_000, 5_000, 5_049].map((i) => store.find(`call ${i}`));

    expect(grown).to.be.lessThan(6 << 20); // of 16 MiB of answers
    expect(found?.answer).to.equal(callOf(77).answer);
    expect((await Promise.all(compacted)).map((call) => call?.answer)).to.deep.equal(
      [0, 77, 4_000, 5_000, 5_049].map((i) => callOf(i).answer),
    );
    await store.close();
    const again = await open(file);
    for (const i of [0, 77, 4_000, 5_000, 5_049]) {
      const { isNew, call } = await again.record(callOf(i));
      expect(isNew).to.equal(false);
      expect(call.answer).to.equal(callOf(i).answer);
    }
    expect(await again.exposure({ account: SETTLEMENT })).to.deep.equal([
      { resource: 1n, units: 4_051n },
    ]);
  });

  it("admits a call at the same cost with 10 and with 2,000 accounts (S1)", async function () {
    this.timeout(60_000);
    const accounts = Array.from(
      { length: 2_000 },
      (_, i) => `0x${(BigInt(i) + 10n ** 30n).toString().padStart(40, "1")}`,
    );
    const risk = {
      prices: new Map([
        [1n, 1n],
        [2n, 1n],
      ]),
      ...{ perAccount: 10n ** 18n, perProvider: 10n ** 18n },
    };
    const uses = [1n, 2n].map((resource) => ({ resource, units: 1n }));
    const common = { provider: SETTLEMENT, epoch: 10n, uses };
    const measure = async (count: number) => {
      const store = await open(path.join(folder, `admission-${count}`));
      await Promise.all(
        accounts
          .slice(0, count)
          .map((account) => store.record({ ...common, account, name: account })),
      );
      let least = Infinity;
      for (let round = 0; round < 10; round += 1) {
        const before = process.cpuUsage();
        for (let i = 0; i < 50; i += 1) {
          const call = { ...common, name: "call", request: "r", lease: 60_000, risk };
          const beginning = await store.begin({ ...call, account: accounts[i % 10] ?? "" });
          if (beginning.kind === "open") await store.abandon("call", beginning.token);
        }
        const { user, system } = process.cpuUsage(before);
        least = Math.min(least, (user + system) / 50_000);
      }
      return least; // milliseconds of CPU
    };
    await measure(11); // until it is compiled

    const [few, many] = [await measure(10), await measure(2_000)];

    expect(many).to.be.lessThan(3 * few + 0.1);
    expect(many).to.be.lessThan(4); // it was 40 ms when each account was looked at
  });

  it("keeps a statement as small after a thousand turns of two keys as after the first (F09)", async function () {
    this.timeout(60_000);
    const [account = "", ...keys] = [1, 2, 3].map((i) => `0x${String(i).repeat(40)}`);
    const store = await open(path.join(folder, "turns"));
    const sizes: number[] = [];
    for (let i = 0; i < 1_000; i += 1) {
      const signer = keys[i % 2] ?? "";
      await store.record({
        ...{ name: `call ${i}`, account, signer, epoch: 10n },
        ...{ provider: SETTLEMENT, uses: [{ resource: 1n, units: 1n }] },
      });
      for (const due of await store.due())
        for (const draft of await store.draft(due)) {
          sizes.push(draft.lines.length);
          const statement = { ...draft, deadline: 2n ** 40n };
          await store.add({ statement, signer, signature: "0x00" }, true); // of contract wallets
        }
    }

    const before = process.cpuUsage();
    const pending = await store.pending();
    const { user, system } = process.cpuUsage(before);

    expect(new Set(sizes)).to.deep.equal(new Set([1]));
    expect(pending.map(({ signed }) => signed.statement.lines[0]?.cumulativeUnits)).to.deep.equal(
      Array.from({ length: 1_000 }, (_, i) => BigInt(i + 1)),
    );
    expect((user + system) / 1_000).to.be.lessThan(100); // milliseconds
  });

  shouldBehaveLikeMeterStore(async ({ latest } = {}) => {
    files += 1;
    const file = path.join(folder, `store-${files}`);
    const store = await open(file, latest);
    return {
      store,
      restart: async () => {
        await store.close();
        return open(file, latest);
      },
    };
  });
});
