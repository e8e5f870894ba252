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
