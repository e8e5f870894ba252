import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { expect } from "chai";
import { BrowserProvider, id, Transaction, Wallet } from "ethers";
import { network } from "hardhat";

import {
  connectContracts,
  createDomain,
  Settler,
  signStatement,
  type SettlerOptions,
  type SignDue,
  type SignedStatement,
  type Statement,
} from "../../sdk/index.js";
import { JournalStore, MeterError } from "../../sdk/node/index.js";
import { ISettlement__factory } from "../../typechain-types/index.js";
import { connectFaulty, type FaultSide } from "../support/faults.js";
import {
  deploySettling,
  EPOCH,
  limits,
  PRICE,
  Role,
  SECONDS,
  TOKENS,
} from "../support/metering.js";
import { OPA } from "../support/release.js";
import { packed } from "../support/statements.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;
const noWait = () => Promise.resolve();

/** Selector of the settlement's preview. */
const PREVIEW = ISettlement__factory.createInterface().getFunction("preview").selector;

interface Request {
  readonly method: string;
  readonly params?: unknown;
}

/** Answers a request, or passes it on with `pass`. */
type Middleman = (
  request: { method: string; params: unknown[] },
  pass: (request?: Request) => Promise<unknown>,
) => Promise<unknown>;

const closing: (() => Promise<void> | void)[] = [];

async function fixture() {
  const deployed = await deploySettling(connection);
  const { meter, alice, bob, key, settlement } = deployed;
  await meter.connect(bob).deposit(bob, 50n * OPA);
  await meter.connect(alice).setKey(alice, key, 0n, Role.Spender, limits());
  const domain = createDomain(31_337n, await settlement.getAddress());
  return { ...deployed, domain };
}

/** A store and a settler on it, behind a middleman if one is given. */
async function world(options: Partial<SettlerOptions> = {}, middleman?: Middleman) {
  const deployed = await networkHelpers.loadFixture(fixture);
  const { meter, settlement, stranger, alice, bob, key, provider, registry } = deployed;
  const folder = await mkdtemp(path.join(tmpdir(), "opa-settler-"));
  const address = await settlement.getAddress();
  const store = await JournalStore.open({
    file: path.join(folder, "journal"),
    chainId: 31_337n,
    settlement: address,
  });
  closing.push(async () => {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });
  const sender = middleman ? await connectThrough(middleman) : stranger;
  const contracts = await connectContracts(address, sender);
  const signers = new Map([alice, bob, key].map((one) => [one.address, one]));
  const sign: SignDue = async (statement, { signer }, domain) => {
    const found = signers.get(signer);
    return found && signStatement(found, domain, statement);
  };
  const settler = (changes: Partial<SettlerOptions> = {}) =>
    new Settler({ store, contracts, sender, sign, wait: noWait, ...options, ...changes });
  let calls = 0;
  const serve = async (
    units: bigint,
    use: { account?: string; signer?: string; resource?: bigint; epoch?: bigint } = {},
  ) => {
    calls += 1;
    const { account = alice.address, resource = TOKENS, signer } = use;
    await store.record({
      name: `call ${calls}`,
      account,
      provider: provider.address,
      epoch: use.epoch ?? (await registry.currentEpoch()),
      uses: [{ resource, units }],
      ...(signer !== undefined && { signer }),
    });
  };
  const settled = async (account: string = alice.address, resource = TOKENS) =>
    (await meter.lineOf(account, provider, resource)).cumulativeUnits;
  const transactions = () => ethers.provider.getTransactionCount(sender);
  return { ...deployed, store, contracts, sender, settler, serve, settled, sign, transactions };
}

async function connectThrough(middleman: Middleman): Promise<Wallet> {
  const request = async ({ method, params }: { method: string; params?: unknown }) => {
    const asked = { method, params: [...((params as unknown[] | undefined) ?? [])] };
    return middleman(asked, (changed = asked) =>
      connection.provider.request({ method: changed.method, params: changed.params as unknown[] }),
    );
  };
  const browser = new BrowserProvider({ request }, undefined, {
    cacheTimeout: -1,
    polling: true,
    pollingInterval: 10,
  });
  closing.push(() => {
    browser.destroy();
  });
  const wallet = Wallet.createRandom();
  await networkHelpers.setBalance(wallet.address, OPA);
  return new Wallet(wallet.privateKey, browser);
}

/** The transaction that a node is given. */
function transactionOf([raw]: unknown[]): Transaction & { hash: string } {
  const transaction = Transaction.from(raw as string);
  if (transaction.hash === null) throw new Error("not signed");
  return transaction as Transaction & { hash: string };
}

function domainOfStore({ chainId, settlement }: JournalStore) {
  return createDomain(chainId, settlement);
}

function nodeError(message: string): Error {
  return Object.assign(new Error(message), { code: -32_000 });
}

describe("Settler", function () {
  afterEach(async function () {
    for (const close of closing.splice(0).reverse()) await close();
  });

  describe("a round", function () {
    it("asks a key that hangs once, and settles what is signed before it and what others sign after it", async function () {
      const { store, settler, serve, settled, sign, alice, bob, domain } = await world();
      await serve(10n);
      const [due] = await store.due();
      const [draft] = due ? await store.draft(due) : [];
      if (!draft) throw new Error("nothing is due");
      await store.add(await signStatement(alice, domain, { ...draft, deadline: 2n ** 40n }));
      const hung = Wallet.createRandom().address;
      for (let i = 0; i < 5; i += 1)
        await serve(1n, { account: Wallet.createRandom().address, signer: hung });
      await serve(20n, { account: bob.address });
      let asked = 0;
      let settledBefore = 0n;

      const round = await settler({
        signWithin: 100,
        sign: async (statement, of, chain) => {
          if (of.signer !== hung) return sign(statement, of, chain);
          asked += 1;
          settledBefore = await settled();
          return new Promise(() => undefined);
        },
      }).settle();

      expect(asked).to.equal(1);
      expect(settledBefore).to.equal(10n);
      expect(await settled(bob.address)).to.equal(20n);
      expect(round.problems).to.have.length(5);
    });

    it("waits for any number of keys that hang hardly longer than for one, whichever accounts they are of", async function () {
      const { settler, serve, settled, sign, alice, bob } = await world();
      const hung = Array.from({ length: 12 }, (_, i) => new Wallet(id(`hung ${i}`)).address);
      for (const signer of hung.slice(0, 6)) await serve(1n, { signer }); // all of alice's
      for (const signer of hung.slice(6)) await serve(1n, { account: signer, signer });
      await serve(10n, { resource: SECONDS });
      await serve(20n, { account: bob.address });
      const asked: string[] = [];
      let startedAt = 0;
      const one = settler({
        signWithin: 1_000,
        sign: async (statement, of, chain) => {
          startedAt ||= performance.now();
          asked.push(of.signer);
          if (!hung.includes(of.signer)) return sign(statement, of, chain);
          return new Promise(() => undefined);
        },
      });

      const round = await one.settle();
      const took = performance.now() - startedAt;

      expect(asked.filter((signer) => hung.includes(signer)).toSorted()).to.deep.equal(
        hung.toSorted(),
      );
      expect(took).to.be.lessThan(4_000); // one after the other they take twelve seconds
      expect(round.problems).to.have.length(12);
      expect(await settled(alice.address, SECONDS)).to.equal(10n);
      expect(await settled(bob.address)).to.equal(20n);
    });

    it("settles each key's own use, once, when all keys of an account are slow and none hangs", async function () {
      const { settler, serve, settled, sign, store, meter, alice, key } = await world();
      const asked: string[] = [];
      await serve(10n);
      await serve(20n, { signer: key.address });
      await serve(30n, { signer: key.address, resource: SECONDS });
      await serve(40n, { resource: SECONDS });

      const round = await settler({
        signWithin: 2_000,
        sign: async (statement, of, chain) => {
          asked.push(of.signer);
          await new Promise((resolve) => setTimeout(resolve, 700)); // longer than a key may take without others being asked
          return sign(statement, of, chain);
        },
      }).settle();

      expect(asked).to.have.length(3); // the second key was tried, and signed in its turn
      expect([round.signed, round.problems]).to.deep.equal([2, []]);
      expect([await settled(), await settled(alice.address, SECONDS)]).to.deep.equal([30n, 70n]);
      expect(await store.unsettled({ account: alice.address })).to.deep.equal([]);
      const { spent } = await meter.keyOf(alice, key);
      const [token = 0n, second = 0n] = [TOKENS, SECONDS].map((id) => PRICE[String(id)]);
      expect(spent).to.equal(20n * token + 30n * second);
    });

    it("signs, settles and sees what was served, to the unit", async function () {
      const { settler, serve, settled, store, bob, key } = await world();
      await serve(10n);
      await serve(5n, { signer: key.address });
      await serve(7n, { account: bob.address, resource: SECONDS });

      const round = await settler().settle();

      expect([round.signed, round.done.length, round.transactions.length]).to.deep.equal([3, 3, 1]);
      expect(round.problems).to.deep.equal([]);
      expect(await settled()).to.equal(15n);
      expect(await settled(bob.address, SECONDS)).to.equal(7n);
      expect(await store.unsettled({ account: bob.address })).to.deep.equal([]);
      expect(await store.pending({ all: true })).to.deep.equal([]);
    });

    it("gives a reorganised settlement back and settles it again (M-5)", async function () {
      let final = 0;
      const { settler, serve, settled, store, alice } = await world(
        {},
        async ({ method, params }, pass) =>
          method === "eth_getBlockByNumber" && params[0] === "finalized"
            ? pass({ method, params: [`0x${final.toString(16)}`, false] })
            : pass(),
      );
      final = await ethers.provider.getBlockNumber();
      await serve(500n);
      const snapshot = await networkHelpers.takeSnapshot();
      const one = settler();
      await one.settle();
      expect(await settled()).to.equal(500n);
      expect(await store.unsettled({ account: alice.address })).to.deep.equal([]);

      await snapshot.restore();
      const seen = await one.watch();
      const open = await store.unsettled({ account: alice.address });
      await one.settle();

      expect(seen).to.deep.equal([]);
      expect(open.map(({ units }) => units)).to.deep.equal([500n]);
      expect(await settled()).to.equal(500n);
    });

    it("reports lines that another meter signed for, and signs nothing for them (F08, F13, F20)", async function () {
      const { settler, serve, settlement, line, store, settled, alice, ...rest } = await world();
      const foreign = await signStatement(alice, rest.domain, {
        account: alice.address,
        priceEpoch: await rest.registry.currentEpoch(),
        deadline: 2n ** 40n,
        lines: [line(700n)],
      });
      await settlement.settle(packed([foreign]));
      await serve(50n);

      const one = settler();
      const round = await one.settle();

      expect(round.overtaken.map(({ chain, signed, open }) => [chain, signed, open])).to.deep.equal(
        [[700n, 0n, 50n]],
      );
      expect([round.signed, round.transactions.length]).to.deep.equal([0, 0]);
      await store.adopt({ ...line(0n), account: alice.address, total: 700n }, "elsewhere");
      await one.settle();
      expect(await settled()).to.equal(750n);
    });

    it("finds every line of its providers by events from the deployment's block, after the loss of a store", async function () {
      const { settler, settlement, line, domain, registry, alice, bob, provider } = await world();
      for (const account of [alice, bob])
        await settlement.settle(
          packed([
            await signStatement(account, domain, {
              account: account.address,
              priceEpoch: await registry.currentEpoch(),
              deadline: 2n ** 40n,
              lines: [line(7n)],
            }),
          ]),
        );

      const found = await settler({ providers: [provider.address], fromBlock: 0 }).watch();

      expect(found.map(({ account, chain }) => [account, chain])).to.have.deep.members([
        [alice.address, 7n],
        [bob.address, 7n],
      ]);
    });

    it("is one process's at a time", async function () {
      const { settler, serve, settled } = await world();
      await serve(10n);
      const [first, second] = [settler(), settler()];

      const rounds = await Promise.all([first.settle(), second.settle()]);
      expect(rounds.map(({ isLeader }) => isLeader)).to.deep.equal([true, false]);
      expect(await settled()).to.equal(10n);

      await first.stop();
      await serve(1n);
      expect((await second.settle()).isLeader).to.equal(true);
      expect(await settled()).to.equal(11n);
    });
  });

  describe("one bad item", function () {
    for (const [what, answer] of [
      ["no hex", (good) => ({ ...good, signature: "0x123" })],
      [
        "another key's signature",
        (good) => ({ ...good, signer: good.statement.lines[0]?.provider ?? "" }),
      ],
      ["another draft", (good) => ({ ...good, statement: { ...good.statement, deadline: 9n } })],
      ["nothing in time", undefined],
    ] as [string, ((good: SignedStatement) => SignedStatement) | undefined][])
      it(`does not stop the others: a signer that gives ${what} (M-3)`, async function () {
        const { settler, serve, settled, sign, bob, alice } = await world();
        await serve(5n);
        await serve(100n, { account: bob.address });

        const bad: SignDue = async (statement, due, domain) => {
          const good = await sign(statement, due, domain);
          if (due.account !== alice.address || !good) return good;
          if (!answer) return new Promise(() => undefined);
          return answer(good);
        };
        const round = await settler({ sign: bad, signWithin: 50 }).settle();

        expect(await settled(bob.address)).to.equal(100n);
        expect(await settled()).to.equal(0n);
        expect(round.problems.map(({ account }) => account)).to.deep.equal([alice.address]);
        await settler().stop();
      });

    for (const [what, change] of [
      ["a past deadline", (asked) => ({ ...asked, deadline: 9n })],
      [
        "fewer units",
        ({ lines, ...asked }) => ({
          ...asked,
          lines: lines.map((line) => ({ ...line, cumulativeUnits: 1n })),
        }),
      ],
      ["a later epoch", (asked) => ({ ...asked, priceEpoch: asked.priceEpoch + 1n })],
    ] as [string, (asked: Statement) => Statement][])
      it(`takes no statement with ${what} for the one that it has asked for`, async function () {
        const { settler, serve, settled, sign, store, bob, alice } = await world();
        await serve(5n);
        await serve(100n, { account: bob.address });

        const round = await settler({
          sign: (asked, due, domain) =>
            sign(due.account === alice.address ? change(asked) : asked, due, domain),
        }).settle();

        expect(round.problems.map(({ message }) => message).join()).to.include(
          "has signed another statement than it was asked for",
        );
        expect(await store.pending({ account: alice.address, all: true })).to.deep.equal([]);
        expect([await settled(), await settled(bob.address)]).to.deep.equal([0n, 100n]);
      });

    it("does not stop the others: a wallet that signs in simulations and not in blocks (M-4)", async function () {
      const { settler, serve, settled, sign, store, meter, alice, bob, registry, transactions } =
        await world();
      const wallet = ethers.getAddress("0x00000000000000000000000000000000000077a1");
      // GASPRICE == 0 ? magic value : 0
      const code = "0x3a15600f57600060005260206000f35b631626ba7e60e01b60005260206000f3";
      await networkHelpers.setCode(wallet, code);
      await meter.connect(alice).setKey(alice, wallet, 0n, Role.Spender, limits());
      await time.increase(EPOCH);
      const epoch = await registry.currentEpoch();
      await serve(10n, { signer: wallet, epoch: epoch - 1n });
      await serve(100n, { account: bob.address });
      const evil: SignDue = async (statement, due, domain) =>
        due.signer === wallet
          ? { statement, signer: wallet, signature: "0x00" }
          : sign(statement, due, domain);
      const before = await transactions();

      const one = settler({ sign: evil });
      const round = await one.settle();
      const again = await one.settle();

      expect(await settled(bob.address)).to.equal(100n);
      expect((await transactions()) - before).to.be.at.most(2);
      expect(round.problems.map(({ message }) => message).join()).to.include("skipped it");
      expect(again.transactions).to.deep.equal([]);
      const [aside] = await store.pending({ account: alice.address, all: true });
      expect(aside?.aside?.times).to.equal(1);
    });

    it("does not stop the others: sixty statements that never settle beside a good one (F05)", async function () {
      const { settler, serve, settled, store, domain, bob, transactions } = await world();
      const addBad = async (count: number) => {
        const accounts = Array.from(
          { length: count },
          (_, i) => new Wallet(id(`bad ${count} ${i} ${String(Math.random())}`)),
        );
        for (const { address } of accounts) await serve(3n, { account: address });
        const keys = new Map(accounts.map((one) => [one.address, one]));
        for (const due of await store.due()) {
          const key = keys.get(due.signer);
          const [draft] = await store.draft(due);
          if (key && draft)
            await store.add(await signStatement(key, domain, { ...draft, deadline: 1n }));
        }
      };
      await addBad(60);
      await serve(100n, { account: bob.address });
      const one = settler();

      const first = await one.settle();
      await addBad(60);
      const before = await transactions();
      const second = await one.settle();

      expect(await settled(bob.address)).to.equal(100n);
      expect([first.never.length, first.done.length]).to.deep.equal([60, 1]);
      expect(second.never).to.have.length(60);
      expect([second.transactions, await transactions()]).to.deep.equal([[], before]);
    });

    it("is reported and left alone when it can never settle, instead of signed for again and again (L-3)", async function () {
      const { settler, serve, settled, store, registry, alice, bob, admin } = await world();
      await registry.connect(admin).deprecate(SECONDS);
      await registry.connect(admin).retire(SECONDS);
      await time.increase(EPOCH);
      const epoch = await registry.currentEpoch();
      await serve(3n, { resource: SECONDS, epoch });
      await serve(4n, { account: bob.address, epoch });
      const one = settler();

      const rounds = [await one.settle(), await one.settle(), await one.settle()];

      expect(rounds.map(({ signed }) => signed)).to.deep.equal([2, 0, 0]);
      expect(rounds[0]?.problems.map(({ message }) => message).join()).to.include("write it off");
      expect(await settled(bob.address)).to.equal(4n);
      await store.writeOff({
        account: alice.address,
        provider: (await store.lines())[0]?.provider ?? "",
        resource: SECONDS,
      });
      expect(await store.unsettled({ account: alice.address })).to.deep.equal([]);
    });

    it("is told of together with the outcome of the others, and a round with problems reopens too (L-8)", async function () {
      let refused = "no account yet";
      const { settler, serve, settled, alice, bob } = await world({}, async (asked, pass) => {
        const { data = "" } = (asked.params[0] ?? {}) as { data?: string };
        const isRefused = data.startsWith(PREVIEW) && data.includes(refused);
        if (asked.method === "eth_call" && isRefused)
          throw nodeError("execution reverted: too much for this node");
        return pass();
      });
      refused = alice.address.slice(2).toLowerCase();
      await serve(10n, { account: bob.address });
      await time.increase(EPOCH * 8n);
      await serve(3n);
      const one = settler();

      const first = await one.settle();
      const second = await one.settle();

      expect(first.problems.map(({ account }) => account)).to.deep.equal([alice.address]);
      expect(first.never.map(({ signed }) => signed.statement.account)).to.deep.equal([
        bob.address,
      ]);
      expect(second.problems).to.deep.equal([]);
      expect(await settled(bob.address)).to.equal(10n);
      expect(await settled()).to.equal(0n);
    });

    it("that is too old is signed for again at the running epoch's price (I-4)", async function () {
      const { settler, serve, settled } = await world();
      await serve(10n);
      await time.increase(EPOCH * 8n);
      const one = settler();

      const [first, second] = [await one.settle(), await one.settle()];

      expect([first.never.length, second.done.length]).to.deep.equal([1, 1]);
      expect(await settled()).to.equal(10n);
    });

    it("does not keep the account's next key from paying: a key that was revoked (L-1)", async function () {
      const { settler, serve, settled, sign, store, meter, alice, key } = await world();
      await serve(10n, { signer: key.address });
      const [due] = await store.due();
      const [draft] = due ? await store.draft(due) : [];
      if (!due || !draft) throw new Error("nothing to sign");
      await store.add(
        await signStatement(key, domainOfStore(store), { ...draft, deadline: 2n ** 40n }),
      );
      await meter.connect(alice).revokeKey(alice, key);
      await serve(1_000n);

      await settler({ sign }).settle();

      expect(await settled()).to.equal(1_010n);
    });
  });

  describe("sending", function () {
    it("replaces a stuck transaction above what its nonce was last sent with, in later rounds too (F04)", async function () {
      const pool = new Map<number, bigint>();
      const sent: bigint[] = [];
      let isOpen = false;
      const { settler, serve, settled } = await world(
        { confirmWithin: 20 },
        async ({ method, params }, pass) => {
          if (method !== "eth_sendRawTransaction") return pass();
          const { nonce: number, maxFeePerGas: fee, hash } = transactionOf(params);
          if (fee === null) throw new Error("no fee");
          sent.push(fee);
          const held = pool.get(number);
          if (held !== undefined && fee < (held * 110n) / 100n)
            throw nodeError("replacement transaction underpriced");
          pool.set(number, fee);
          // The pool keeps it and no block takes it.
          return isOpen ? pass() : hash;
        },
      );
      await serve(10n);

      const one = settler();
      await one.settle();
      const first = sent.length;
      await one.stop();
      const again = settler(); // as after a restart
      await again.settle();
      isOpen = true;
      await again.settle();

      expect(first).to.be.greaterThan(0);
      expect(
        sent.every((fee, i) => i === 0 || fee * 1_000n >= (sent[i - 1] ?? 0n) * 1_100n),
      ).to.equal(true);
      expect(await settled()).to.equal(10n);
    });

    it("settles when another transaction takes its nonce while it waits (F03)", async function () {
      const own: { wallet?: Wallet } = {};
      let sends = 0;
      const { settler, serve, settled, sender } = await world(
        { confirmWithin: 400 },
        async ({ method, params }, pass) => {
          if (method !== "eth_sendRawTransaction") return pass();
          sends += 1;
          if (sends > 1) return pass();
          const { nonce, hash, maxFeePerGas } = transactionOf(params);
          const other = await own.wallet?.signTransaction({
            ...{ to: own.wallet.address, nonce, chainId: 31_337n, type: 2, gasLimit: 21_000n },
            ...{ maxFeePerGas: (maxFeePerGas ?? 0n) * 2n, maxPriorityFeePerGas: 1n },
          });
          await pass({ method, params: [other] });
          return hash; // the pool drops it for the other one
        },
      );
      own.wallet = sender as Wallet;
      await serve(10n);
      const startedAt = performance.now();

      const round = await settler().settle();

      expect(await settled()).to.equal(10n);
      expect(round.problems).to.deep.equal([]);
      expect(sends).to.equal(2);
      expect(performance.now() - startedAt).to.be.lessThan(10_000);
    });

    it("settles with a node whose answers are one nonce late (F21)", async function () {
      let late = 3;
      const { settler, serve, settled, sender, transactions } = await world(
        {},
        async ({ method }, pass) => {
          const answer = await pass();
          if (method !== "eth_getTransactionCount" || late === 0) return answer;
          late -= 1;
          return `0x${(BigInt(answer as string) - 1n).toString(16)}`;
        },
      );
      const wallet = sender as Wallet;
      late = 0;
      await (await wallet.sendTransaction({ to: wallet.address })).wait();
      await serve(10n);
      late = 3;
      const before = await transactions();

      const round = await settler().settle();

      expect(await settled()).to.equal(10n);
      expect(round.problems).to.deep.equal([]);
      expect((await transactions()) - before).to.equal(1);
    });

    it("does not raise the fee while nothing can be sent, and settles at the usual one afterwards", async function () {
      const fees: bigint[] = [];
      let isDown = true;
      const { settler, serve, settled } = await world({}, async ({ method, params }, pass) => {
        if (method !== "eth_sendRawTransaction") return pass();
        fees.push(transactionOf(params).maxFeePerGas ?? 0n);
        if (isDown) throw nodeError("the sequencer is down, try again later");
        return pass();
      });
      await serve(10n);

      const one = settler();
      for (let round = 0; round < 4; round += 1) await one.settle();
      isDown = false;
      await one.settle();

      const [first = 0n] = fees;
      expect(fees.length).to.be.greaterThan(20);
      expect(fees.every((fee) => fee <= first)).to.equal(true);
      expect(await settled()).to.equal(10n);
    });

    it("pays no more than a multiple of the node's suggestion for a nonce that is taken", async function () {
      const fees: bigint[] = [];
      const { settler, serve } = await world({ maxRaise: 2n }, async ({ method, params }, pass) => {
        if (method !== "eth_sendRawTransaction") return pass();
        fees.push(transactionOf(params).maxFeePerGas ?? 0n);
        throw nodeError("replacement transaction underpriced");
      });
      await serve(10n);

      const round = await settler().settle();

      const [first = 0n] = fees;
      expect(fees.every((fee) => fee <= 2n * first)).to.equal(true);
      expect(fees.at(-1)).to.be.greaterThan((first * 17n) / 10n); // 1.125 ^ 5, the last step below 2
      expect(round.problems[0]?.message).to.include("more than 2 times the fee");
    });

    it("waits for a transaction that the pool has already, and does not replace it at once", async function () {
      const fees: bigint[] = [];
      let isFirst = true;
      const { settler, serve, settled } = await world(
        { confirmWithin: 2_000 },
        async ({ method, params }, pass) => {
          if (method !== "eth_sendRawTransaction") return pass();
          fees.push(transactionOf(params).maxFeePerGas ?? 0n);
          if (!isFirst) return pass();
          isFirst = false;
          await pass();
          throw nodeError("already known");
        },
      );
      await serve(10n);

      await settler().settle();

      expect(fees).to.have.length(1);
      expect(await settled()).to.equal(10n);
    });

    it("raises the fee until the pool takes it, where an unknown transaction has its nonce", async function () {
      let refusals = 4;
      const { settler, serve, settled } = await world({}, async ({ method }, pass) => {
        if (method === "eth_sendRawTransaction" && refusals > 0) {
          refusals -= 1;
          throw nodeError("replacement transaction underpriced");
        }
        return pass();
      });
      await serve(10n);

      const round = await settler().settle();

      expect(round.transactions).to.have.length(1);
      expect(await settled()).to.equal(10n);
    });

    it("raises the gas price on a chain without a base fee", async function () {
      const prices: bigint[] = [];
      let isFirst = true;
      const { settler, serve, settled } = await world(
        { confirmWithin: 20 },
        async (asked, pass) => {
          const { method, params } = asked;
          if (method === "eth_getBlockByNumber") {
            const block = (await pass()) as Record<string, unknown> | null;
            if (block) delete block["baseFeePerGas"];
            return block;
          }
          if (method === "eth_maxPriorityFeePerGas") throw nodeError("not supported");
          if (method === "eth_gasPrice") return "0x77359400";
          if (method !== "eth_sendRawTransaction") return pass();
          const { gasPrice } = params[0] as { gasPrice?: string };
          prices.push(BigInt(gasPrice ?? 0));
          if (!isFirst) return pass();
          isFirst = false;
          return `0x${"cd".repeat(32)}`;
        },
      );
      await serve(10n);

      await settler().settle();

      expect(prices).to.have.length(2);
      expect((prices[1] ?? 0n) * 1_000n).to.be.at.least((prices[0] ?? 0n) * 1_125n);
      expect(await settled()).to.equal(10n);
    });

    it("heeds the block's gas limit and splits (F22)", async function () {
      const { settler, serve, bob } = await world({}, async ({ method }, pass) => {
        const answer = await pass();
        if (method === "eth_getBlockByNumber" && answer !== null)
          (answer as { gasLimit: string }).gasLimit = `0x${(550_000).toString(16)}`;
        return answer;
      });
      const one = settler();
      for (let resource = 1n; resource <= 3n; resource += 1n) await serve(5n, { resource });
      for (let resource = 1n; resource <= 3n; resource += 1n)
        await serve(5n, { resource, account: bob.address });

      const round = await one.settle();

      expect(round.transactions.length).to.be.greaterThan(1);
      expect(round.problems).to.deep.equal([]);
      expect(round.later).to.deep.equal([]);
    });

    it("splits where the node caps the cost of a transaction, and does not pay more (F23)", async function () {
      let cap: bigint | undefined;
      const { settler, serve, settled, bob } = await world({}, async ({ method, params }, pass) => {
        if (method !== "eth_sendRawTransaction") return pass();
        const { gasLimit } = transactionOf(params);
        cap ??= gasLimit - 1n;
        if (gasLimit > cap)
          throw nodeError("tx fee (1.20 ether) exceeds the configured cap (1.00 ether)");
        return pass();
      });
      await serve(5n);
      await serve(6n, { account: bob.address });

      const round = await settler().settle();

      expect(round.transactions).to.have.length(2);
      expect([await settled(), await settled(bob.address)]).to.deep.equal([5n, 6n]);
    });

    for (const lag of [1, 3, 6])
      it(`sends once where calls are answered ${lag} blocks behind (L-7)`, async function () {
        const { settler, serve, settled, transactions } = await world({}, async (asked, pass) => {
          const { method, params } = asked;
          if (method !== "eth_call" || (params[1] !== undefined && params[1] !== "latest"))
            return pass();
          const head = Number(await connection.provider.request({ method: "eth_blockNumber" }));
          return pass({ method, params: [params[0], `0x${(head - lag).toString(16)}`] });
        });
        await serve(100n);
        for (let i = 0; i < 8; i += 1) await networkHelpers.mine();
        const before = await transactions();

        const round = await settler().settle();

        expect(round.problems).to.deep.equal([]);
        expect((await transactions()) - before).to.equal(1);
        expect(await settled()).to.equal(100n);
      });

    it("says that its sender cannot pay", async function () {
      const { settler, serve } = await world({}, ({ method }, pass) => {
        if (method === "eth_sendRawTransaction")
          throw nodeError("insufficient funds for gas * price + value");
        return pass();
      });
      await serve(1n);

      const refused = await settler()
        .settle()
        .catch((error: unknown) => String(error));

      expect(refused).to.include("has not enough to pay for gas: send it some");
    });

    it("survives the loss of any action of the store, before or after it took effect", async function () {
      this.timeout(240_000);
      const { store, settler, serve, settled } = await world();
      let [actions, failing, side] = [0, -1, "before" as FaultSide];
      const isLost = (at: FaultSide) => actions === failing && side === at;
      const faulty = new Proxy(store, {
        get(target, name) {
          const value = Reflect.get(target, name, target) as unknown;
          if (typeof value !== "function") return value;
          return async (...parts: unknown[]) => {
            if (name === "elect") return Reflect.apply(value, target, parts) as unknown; // in this process, so nothing is lost
            actions += 1;
            if (isLost("before")) throw new MeterError("The store is away.", "unavailable");
            const mine = actions;
            const result: unknown = await Reflect.apply(value, target, parts);
            if (mine === failing && side === "after")
              throw new MeterError("The store is away.", "unavailable");
            return result;
          };
        },
      });
      const one = settler({ store: faulty });
      let served = 0n;
      for (side of ["before", "after"] as FaultSide[])
        for (let n = 1; ; n += 1) {
          await serve(1n);
          served += 1n;
          [actions, failing] = [0, n];
          await one.settle().catch(() => undefined);
          const isOver = actions < n;
          failing = -1;
          await one.settle();
          expect(await settled(), `${side} ${n}`).to.equal(served);
          expect(await store.pending({ all: true }), `${side} ${n}`).to.deep.equal([]);
          if (isOver) break;
        }
      expect(served).to.be.above(20n);
    });

    it("settles every unit once when two processes believe that they are the one to settle", async function () {
      const { store, settler, serve, settled, bob, transactions } = await world();
      const all = new Proxy(store, {
        get(target, name) {
          const held = { isHeld: () => Promise.resolve(true), release: () => Promise.resolve() };
          if (name === "elect") return () => Promise.resolve(held);
          const value = Reflect.get(target, name, target) as unknown;
          return typeof value === "function"
            ? (...parts: unknown[]) => Reflect.apply(value, target, parts) as unknown
            : value;
        },
      });
      const both = [settler({ store: all }), settler({ store: all })];
      const before = await transactions();

      for (let round = 0; round < 4; round += 1) {
        await serve(5n);
        await serve(7n, { account: bob.address });
        await Promise.all(both.map((one) => one.settle().catch(() => undefined)));
      }
      await both[0]?.settle();

      expect([await settled(), await settled(bob.address)]).to.deep.equal([20n, 28n]);
      expect(await store.pending({ all: true })).to.deep.equal([]);
      expect((await transactions()) - before).to.be.at.most(12);
    });

    it("survives the loss of any request, before or after the node has seen it", async function () {
      this.timeout(240_000);
      const counted = await world();
      const chain = await connectFaulty(connection, counted.stranger.address);
      closing.push(() => {
        chain.close();
      });
      const contracts = await connectContracts(await counted.settlement.getAddress(), chain.signer);
      const one = counted.settler({ contracts, sender: chain.signer, confirmWithin: 300 });
      let served = 0n;
      for (const side of ["before", "after"] as FaultSide[])
        for (let n = 0; ; n += 1) {
          await counted.serve(1n);
          served += 1n;
          chain.failAt(n, side);
          await one.settle().catch(() => undefined);
          const isOver = chain.requests() <= n;
          chain.failAt(-1, side);
          await one.settle();
          expect(await counted.settled(), `${side} ${n}`).to.equal(served);
          if (isOver) break;
        }
    });

    it("reads events in ranges that shrink at a refusal, with a pause, and grow again (F06, F07)", async function () {
      for (const refused of [0, 3, 8, 13]) {
        let [requests, left] = [0, refused];
        const pauses: number[] = [];
        const { settler, provider } = await world(
          {
            retries: 8,
            wait: (milliseconds) => {
              pauses.push(milliseconds);
              return Promise.resolve();
            },
          },
          async ({ method }, pass) => {
            if (method !== "eth_getLogs") return pass();
            requests += 1;
            left -= 1;
            if (left >= 0) throw nodeError("rate limit exceeded");
            return [];
          },
        );
        await networkHelpers.mine(20_000);

        await settler({ providers: [provider.address], fromBlock: 1 }).watch();

        expect(requests, `${refused} refusals`).to.be.at.most(refused + 3 + 14);
        expect(pauses.length).to.equal(refused);
      }
    });

    it("settles once when the batch is mined in the next epoch, which has everything to book (L-11)", async function () {
      let isLate = false;
      const statuses: unknown[] = [];
      const deployed = await world({}, async (asked, pass) => {
        if (isLate && asked.method === "eth_sendRawTransaction") {
          isLate = false;
          const { registry } = deployed;
          const next = (await registry.currentEpoch()) + 1n;
          await time.setNextBlockTimestamp((await registry.GENESIS()) + next * EPOCH);
        }
        const answer = await pass();
        if (asked.method === "eth_getTransactionReceipt" && answer)
          statuses.push((answer as { status: unknown }).status);
        return answer;
      });
      const { settler, serve, settled, bob } = deployed;
      const one = settler();
      await serve(5n);
      await serve(5n, { resource: SECONDS });
      await one.settle(); // so that every record has use of this epoch
      await serve(7n);
      await serve(7n, { resource: SECONDS });
      await serve(7n, { account: bob.address });

      isLate = true;
      const round = await one.settle();

      expect(isLate).to.equal(false);
      expect(round.transactions).to.have.length(1);
      expect(new Set(statuses)).to.deep.equal(new Set(["0x1"]));
      expect([await settled(), await settled(bob.address)]).to.deep.equal([12n, 7n]);
    });

    it("asks the node for no constant twice", async function () {
      const calls = new Map<string, number>();
      const { settler, serve, settled, meter } = await world({}, async (asked, pass) => {
        if (asked.method === "eth_call") {
          const { data } = asked.params[0] as { data: string };
          calls.set(data.slice(0, 10), (calls.get(data.slice(0, 10)) ?? 0) + 1);
        }
        return pass();
      });
      const one = settler();
      for (let i = 1n; i <= 3n; i += 1n) {
        await serve(1n);
        await one.settle();
      }

      for (const name of ["GENESIS", "EPOCH_DURATION", "SETTLEMENT_WINDOW"] as const) {
        const selector = meter.interface.getFunction(name).selector;
        expect(calls.get(selector), name).to.equal(1);
      }
      expect(await settled()).to.equal(3n);
    });
  });
});
