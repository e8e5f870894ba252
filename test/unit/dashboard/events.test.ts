import { expect } from "chai";
import { Interface, zeroPadValue } from "ethers";

import { History, type Progress } from "../../../dashboard/src/events/history.js";
import {
  decoderOf,
  filterOf,
  toLog,
  type Log,
  type Scope,
} from "../../../dashboard/src/events/logs.js";
import { pageLogs } from "../../../dashboard/src/events/paging.js";
import { MemoryStore } from "../../../dashboard/src/events/segments.js";
import { inSlices } from "../../../dashboard/src/events/slices.js";
import { IMeter__factory } from "../../../typechain-types/factories/contracts/interfaces/IMeter__factory.js";

const METER = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
const ACCOUNT = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC";
const contract = IMeter__factory.createInterface();
const scope: Scope = {
  name: "account",
  first: zeroPadValue(ACCOUNT, 32).toLowerCase(),
  sources: [{ address: METER, contract, events: ["CreditDeposited", "KeySet"] }],
};

function deposit(block: number, amount: bigint): Log {
  const { topics, data } = contract.encodeEventLog("CreditDeposited", [ACCOUNT, METER, amount]);
  return { address: METER.toLowerCase(), topics, data, block, index: 0, transaction: "0x01" };
}

const ONE_DEPOSIT = deposit(0, 1n);

/** Everything that an iterator yields. */
async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

describe("events of the page", function () {
  describe("paging", function () {
    it("covers every block once, in order, with ranges that grow where there is little", async function () {
      const pages = await all(pageLogs(() => Promise.resolve([]), { from: 7, to: 400_000 }));

      let next = 7;
      for (const { from, to } of pages) {
        expect(from).to.equal(next);
        next = to + 1;
      }
      expect(next).to.equal(400_001);
      const lengths = pages.map(({ from, to }) => to - from + 1);
      expect(lengths[0]).to.equal(5_000);
      expect(Math.max(...lengths)).to.equal(50_000);
    });

    it("halves a range that the node refuses, down to one block", async function () {
      const asked: number[] = [];
      const pages = await all(
        pageLogs(
          (from, to) => {
            asked.push(to - from + 1);
            return to - from + 1 > 3
              ? Promise.reject(new Error("more than 10000 results"))
              : Promise.resolve([]);
          },
          { from: 0, to: 9 },
        ),
      );

      expect(asked[0]).to.equal(10);
      expect(pages.map(({ from, to }) => to - from + 1).every((length) => length <= 3)).to.equal(
        true,
      );
      expect(pages.at(-1)?.to).to.equal(9);
    });

    it("gives up on a node that refuses a single block, and at once on one that is gone", async function () {
      let calls = 0;
      const refuse = (error: Error) => () => {
        calls += 1;
        return Promise.reject(error);
      };
      const message = async (error: Error) => {
        calls = 0;
        return all(pageLogs(refuse(error), { from: 0, to: 1_000 })).catch(
          (thrown: unknown) => (thrown as Error).message,
        );
      };

      expect(await message(new Error("no logs here"))).to.equal("no logs here");
      expect(calls).to.equal(11);
      expect(await message(new TypeError("Failed to fetch"))).to.equal("Failed to fetch");
      expect(calls).to.equal(1);
    });

    it("shortens ranges that are full", async function () {
      const log = deposit(1, 1n);
      const full = Array.from({ length: 5_000 }, () => log);
      const pages = await all(pageLogs(() => Promise.resolve(full), { from: 0, to: 20_000 }));

      const lengths = pages.map(({ from, to }) => to - from + 1);
      expect(lengths.slice(0, 3)).to.deep.equal([5_000, 2_500, 1_250]);
    });
  });

  describe("decoding", function () {
    it("reads words as ethers does, and the rest through ethers", function () {
      const decode = decoderOf(scope);
      const limits = [1n, 2n, 3n, 4n];
      const set = contract.encodeEventLog("KeySet", [ACCOUNT, METER, 5, 1, limits, limits]);
      const key = decode({ ...deposit(1, 1n), ...set });

      expect(decode(deposit(9, 12n))).to.deep.include({
        name: "CreditDeposited",
        block: 9,
        args: { account: ACCOUNT, payer: METER, amount: 12n },
      });
      expect(key?.args["key"]).to.equal(METER);
      expect(key?.args["project"]).to.equal(5n);
    });

    it("reads every kind of word", function () {
      const kinds = new Interface([
        "event Kinds(bool indexed yes, bytes32 indexed id, int64 below, bytes4 some, uint8 few)",
      ]);
      const id = `0x${"ab".repeat(32)}`;
      const encoded = kinds.encodeEventLog("Kinds", [true, id, -3n, "0x01020304", 7]);
      const decode = decoderOf({
        name: "kinds",
        sources: [{ address: METER, contract: kinds, events: ["Kinds"] }],
      });

      expect(decode({ ...deposit(1, 1n), ...encoded })?.args).to.deep.equal({
        ...{ yes: true, id, below: -3n, some: "0x01020304", few: 7n },
      });
    });

    it("leaves out what is of another contract, another event, or cut off", function () {
      const decode = decoderOf(scope);
      const log = deposit(1, 1n);

      expect(decode({ ...log, address: ACCOUNT.toLowerCase() })).to.equal(undefined);
      expect(decode({ ...log, topics: [`0x${"0".repeat(64)}`] })).to.equal(undefined);
      expect(decode({ ...log, data: log.data.slice(0, 20) })).to.equal(undefined);
    });

    it("asks the node for the events and the account alone", function () {
      const { address, topics } = filterOf(scope);

      expect(address).to.deep.equal([METER]);
      expect(topics).to.deep.equal([
        [contract.getEvent("CreditDeposited").topicHash, contract.getEvent("KeySet").topicHash],
        zeroPadValue(ACCOUNT, 32).toLowerCase(),
      ]);
      expect(() =>
        filterOf({ name: "x", sources: [{ address: METER, contract, events: ["Nothing"] }] }),
      ).to.throw("There is no event Nothing.");
    });
  });

  describe("slices", function () {
    it("give way whenever they took long", async function () {
      let pauses = 0;
      const handled: number[] = [];
      const busy = (item: number) => {
        const end = performance.now() + 5;
        while (performance.now() < end);
        handled.push(item);
      };

      await inSlices([1, 2, 3, 4, 5, 6, 7, 8], busy, () => {
        pauses += 1;
        return Promise.resolve();
      });

      expect(handled).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8]);
      expect(pauses).to.be.within(2, 8);
    });
  });

  describe("history", function () {
    /** A chain with a deposit in each tenth block; `fork` changes the hashes of blocks from there on. */
    class Chain {
      fork = Infinity;
      readonly ranges: [number, number][] = [];

      send(method: string, [first]: readonly unknown[]): Promise<unknown> {
        if (method === "eth_getBlockByNumber") {
          const block = Number(first);
          return Promise.resolve({ hash: `${block}${block >= this.fork ? "'" : ""}` });
        }
        const { fromBlock, toBlock } = first as { fromBlock: string; toBlock: string };
        const [from, to] = [Number(fromBlock), Number(toBlock)];
        this.ranges.push([from, to]);
        const logs: unknown[] = [];
        for (let block = Math.ceil(from / 10) * 10; block <= to; block += 10) {
          const { topics, data } = ONE_DEPOSIT;
          const position = { blockNumber: block, logIndex: 0, transactionHash: "0x01" };
          logs.push({ address: METER, topics, data, ...position });
        }
        return Promise.resolve(logs);
      }
    }

    const sourceOf = (provider: Chain, store: MemoryStore) => ({
      ...{ provider, store, from: 1, deployment: "31337/0x" },
    });
    const blocksOf = (events: readonly { readonly block: number }[]) =>
      events.map(({ block }) => block);
    const upTo = (last: number) => Array.from({ length: last / 10 }, (_, i) => 10 * (i + 1));

    it("reads everything with progress, and later only what is new", async function () {
      const chain = new Chain();
      const history = new History(scope, sourceOf(chain, new MemoryStore()));
      const progress: Progress[] = [];

      expect(
        blocksOf(await history.read({ number: 20_000 }, (each) => progress.push(each))),
      ).to.deep.equal(upTo(20_000));
      expect(progress.at(-1)).to.deep.equal({ block: 20_000, from: 1, to: 20_000, events: 2_000 });
      expect(progress.length).to.be.greaterThan(2);

      chain.ranges.length = 0;
      expect(blocksOf(await history.read({ number: 20_010 }))).to.deep.equal(upTo(20_010));
      expect(chain.ranges).to.deep.equal([[19_937, 20_010]]);
    });

    it("takes old blocks from the cache on the next visit", async function () {
      const chain = new Chain();
      const store = new MemoryStore();
      await new History(scope, sourceOf(chain, store)).read({ number: 20_000 });
      chain.ranges.length = 0;

      const events = await new History(scope, sourceOf(chain, store)).read({ number: 20_000 });

      expect(blocksOf(events)).to.deep.equal(upTo(20_000));
      expect(chain.ranges).to.deep.equal([[19_937, 20_000]]);
    });

    it("forgets blocks that are no longer part of the chain", async function () {
      const chain = new Chain();
      const store = new MemoryStore();
      const open = new History(scope, sourceOf(chain, store));
      await open.read({ number: 20_000 });
      chain.fork = 10_000;
      chain.ranges.length = 0;

      expect(blocksOf(await open.read({ number: 20_000 }))).to.deep.equal(upTo(20_000));
      expect(chain.ranges[0]).to.deep.equal([1, 5_000]);

      chain.fork = 3;
      chain.ranges.length = 0;
      const anew = new History(scope, sourceOf(chain, store));
      expect(blocksOf(await anew.read({ number: 20_000 }))).to.deep.equal(upTo(20_000));
      expect(chain.ranges[0]).to.deep.equal([1, 5_000]);
    });

    it("reads on without a cache that fails", async function () {
      class Broken extends MemoryStore {
        override get = () => Promise.reject(new Error("gone"));
        override put = () => Promise.reject(new Error("full"));
      }
      const history = new History(scope, sourceOf(new Chain(), new Broken()));

      expect(blocksOf(await history.read({ number: 20_000 }))).to.deep.equal(upTo(20_000));
    });

    it("stops when the reader leaves, and goes on where it was", async function () {
      const history = new History(scope, sourceOf(new Chain(), new MemoryStore()));
      const ending = new AbortController();
      const stopped = await history
        .read(
          { number: 200_000 },
          () => {
            ending.abort(new Error("left"));
          },
          ending.signal,
        )
        .catch((error: unknown) => (error as Error).message);

      expect(stopped).to.equal("left");
      expect(blocksOf(await history.read({ number: 200_000 }))).to.deep.equal(upTo(200_000));
    });
  });

  it("read numbers of a node's answer, whether hexadecimal or not", function () {
    const log = {
      address: METER,
      topics: [],
      data: "0x",
      blockNumber: "0x10",
      logIndex: "0x2",
      transactionHash: "0x3",
    };
    expect(toLog(log)).to.deep.equal({
      ...{
        address: METER.toLowerCase(),
        topics: [],
        data: "0x",
        block: 16,
        index: 2,
        transaction: "0x3",
      },
    });
  });
});
