import { expect } from "chai";
import { Wallet } from "ethers";

import { createDomain, signStatement, type SignedStatement } from "../../../sdk/index.js";
import {
  MeterError,
  nameCall,
  type Beginning,
  type DueUse,
  type MeterStore,
} from "../../../sdk/node/index.js";

export const CHAIN_ID = 31_337n;
export const SETTLEMENT = "0x5FbDB2315678afecb367f032d93F642f64180aa3";
export const DOMAIN = createDomain(CHAIN_ID, SETTLEMENT);

const wallet = (number: number) => new Wallet(`0x${String(number).padStart(64, "0")}`);
const [ALICE, BOB, KEY_A, KEY_B] = [wallet(1), wallet(2), wallet(3), wallet(4)];
const P = wallet(5).address;
const Q = wallet(6).address;
const PRICES = new Map([
  [1n, 10n],
  [2n, 3n],
]);
const DEADLINE = 2n ** 40n;

interface Use {
  readonly account?: string;
  readonly signer?: string;
  readonly provider?: string;
  readonly resource?: bigint;
  readonly units?: bigint;
  readonly epoch?: bigint;
  readonly answer?: string;
  readonly request?: string;
}

/** Subject of a test: a store, and a way to end its process and continue with another. */
export interface Subject {
  readonly store: MeterStore;
  readonly restart: () => Promise<MeterStore>;
}

/**
 * Everything that a meter's store does, whichever storage it has.
 *
 * @param open opens an empty store; `latest` bounds the epochs of calls.
 */
export function shouldBehaveLikeMeterStore(
  open: (options?: { latest?: bigint }) => Promise<Subject>,
): void {
  let calls = 0;

  function callOf(use: Use = {}) {
    const { account = ALICE.address, provider = P, resource = 1n, units = 5n, epoch = 10n } = use;
    calls += 1;
    return {
      name: `call ${calls}`,
      account,
      provider,
      epoch,
      uses: [{ resource, units }],
      ...(use.signer !== undefined && { signer: use.signer }),
      ...(use.answer !== undefined && { answer: use.answer }),
      ...(use.request !== undefined && { request: use.request }),
    };
  }

  async function serve(store: MeterStore, use: Use = {}) {
    const call = callOf(use);
    await store.record(call);
    return call;
  }

  const keys = new Map([ALICE, BOB, KEY_A, KEY_B].map((key) => [key.address, key]));

  /** Signs for due use and hands it in. */
  async function sign(store: MeterStore, due?: DueUse[]) {
    const records = [];
    for (const one of due ?? (await store.due()))
      for (const draft of await store.draft(one)) {
        const key = keys.get(one.signer);
        if (!key) throw new Error(`no key ${one.signer}`);
        records.push(
          await store.add(await signStatement(key, DOMAIN, { ...draft, deadline: DEADLINE })),
        );
      }
    return records;
  }

  const line = (total: bigint, use: Use = {}) => ({
    account: use.account ?? ALICE.address,
    provider: use.provider ?? P,
    resource: use.resource ?? 1n,
    total,
  });
  const totalsOf = (signed: SignedStatement) =>
    signed.statement.lines.map(({ cumulativeUnits }) => cumulativeUnits);

  async function unitsOf(store: MeterStore, of: { signer?: string; account?: string } = {}) {
    const open = await store.unsettled({ account: ALICE.address, ...of });
    return open.reduce((sum, { units }) => sum + units, 0n);
  }

  async function codeOf(work: Promise<unknown>): Promise<string> {
    try {
      await work;
      return "none";
    } catch (error) {
      if (error instanceof MeterError) return error.code;
      throw error;
    }
  }

  const begin = (store: MeterStore, call: ReturnType<typeof callOf>, request = "hash") =>
    store.begin({ lease: 60_000, ...call, request });

  function tokenOf(beginning: Beginning): string {
    if (beginning.kind !== "open") throw new Error(`It is ${beginning.kind}.`);
    return beginning.token;
  }

  describe("calls", function () {
    it("count once by name, and keep the first answer for whoever asks again (G02, G03)", async function () {
      const { store, restart } = await open();
      const call = callOf({ answer: '{"text": "ü"}' });

      const first = await store.record(call);
      const second = await store.record({ ...call, answer: "another" });
      const later = await restart();
      const third = await later.record(call);

      expect([first.isNew, second.isNew, third.isNew]).to.deep.equal([true, false, false]);
      expect(second.call.answer).to.equal('{"text": "ü"}');
      expect(third.call.answer).to.equal('{"text": "ü"}');
      expect(await later.find(call.name)).to.deep.equal(third.call);
      expect(await unitsOf(later)).to.equal(5n);
    });

    it("are counted with their answer or not at all, so that no answer is ever free (G03b, G09)", async function () {
      const { store } = await open();
      const call = callOf({ units: 2n ** 58n, answer: "too much" });

      expect(await codeOf(store.record(call))).to.equal("invalid");

      expect(await store.find(call.name)).to.equal(undefined);
      expect((await begin(store, { ...callOf(), name: call.name })).kind).to.equal("open");
    });

    it("are refused under a name that another request had, also while that one is served", async function () {
      const { store } = await open();
      const call = callOf();
      await store.record({ ...call, request: "one" });
      const held = callOf();
      await begin(store, held, "one");

      expect(await codeOf(store.record({ ...call, request: "two" }))).to.equal("reused");
      expect(await codeOf(begin(store, call, "two"))).to.equal("reused");
      expect(await codeOf(begin(store, held, "two"))).to.equal("reused");
      expect(await codeOf(store.record({ ...held, request: "two" }))).to.equal("reused");
    });

    it("without a request's hash are told apart by their use", async function () {
      const { store } = await open();
      const call = await serve(store);

      const other = { ...call, uses: [{ resource: 1n, units: 6n }] };

      expect(await codeOf(store.record(other))).to.equal("reused");
      expect((await store.record({ ...call, uses: [...call.uses] })).isNew).to.equal(false);
    });

    it("delivered again with a later epoch count once, also after they were forgotten if their name binds the epoch (S2)", async function () {
      const { store } = await open();
      const call = { ...callOf(), name: nameCall(10n, "7", 5n) };
      await store.record(call);

      const restamped = await codeOf(store.record({ ...call, epoch: 11n }));
      await store.forgetBefore(11n);

      expect(restamped).to.equal("invalid");
      expect(await codeOf(store.record({ ...call, epoch: 11n }))).to.equal("invalid");
      expect(await codeOf(store.record(call))).to.equal("forgotten");
      expect(await unitsOf(store)).to.equal(5n);
      const free = await serve(store, { epoch: 11n });
      expect((await store.record({ ...free, epoch: 12n })).isNew).to.equal(false);
    });

    it("of an earlier epoch come late without loss, at the price of their epoch (F11)", async function () {
      const { store } = await open();
      await serve(store, { epoch: 11n });
      await serve(store, { epoch: 10n, units: 3n });
      await serve(store, { epoch: 11n, provider: Q });
      await serve(store, { epoch: 10n, provider: Q });

      const records = await sign(store);

      const signed = records.map((record) => [
        record.signed.statement.priceEpoch,
        ...totalsOf(record.signed),
      ]);
      expect(signed.map(([epoch]) => epoch)).to.deep.equal([10n, 11n]);
      expect(signed.flat().reduce<bigint>((sum, part) => sum + part, 0n)).to.equal(
        10n + 3n + 5n + 11n + 8n + 10n,
      );
      await serve(store, { epoch: 10n, units: 1n }); // even after the later epoch is signed
      const [late] = await sign(store);
      expect(late && totalsOf(late.signed)).to.deep.equal([9n]);
    });

    it("of an epoch that has not begun are refused and lock nothing (L-6)", async function () {
      const { store } = await open({ latest: 11n });
      await serve(store);

      expect(await codeOf(store.record(callOf({ epoch: 1_010n })))).to.equal("ahead");
      expect(await codeOf(store.forgetBefore(1_010n))).to.equal("ahead");
      expect(await codeOf(store.reopen({ account: ALICE.address }, 1_010n))).to.equal("ahead");

      await serve(store);
      expect(await unitsOf(store)).to.equal(10n);
    });

    it("with values that no statement holds are refused", async function () {
      const { store } = await open();
      const call = callOf();

      for (const bad of [
        { ...call, name: "" },
        { ...call, name: "x".repeat(257) },
        { ...call, name: "a\0b" },
        { ...call, name: "half \ud800" },
        { ...call, account: "alice" },
        { ...call, provider: "0x12" },
        { ...call, signer: "key" },
        { ...call, epoch: -1n },
        { ...call, epoch: 2n ** 32n },
        { ...call, uses: [{ resource: 2n ** 32n, units: 1n }] },
        { ...call, uses: [{ resource: 1n, units: -1n }] },
      ])
        expect(await codeOf(store.record(bad)), JSON.stringify(bad.name)).to.equal("invalid");
      expect(await store.due()).to.deep.equal([]);
    });

    it("with parts that cannot be stored are refused, and fail no other call that comes with them", async function () {
      const { store } = await open();
      const started = (changes: object) =>
        store.begin({ ...callOf(), request: "r", lease: 1_000, ...changes });
      const bad = [
        () => store.abandon("x\0y", "token"),
        () => store.abandon(undefined as unknown as string, "token"),
        () => store.record({ ...callOf(), request: "a\0b" }),
        () => store.record({ ...callOf(), answer: 5 as unknown as string }),
        () => started({ lease: Infinity }),
        () => started({ lease: NaN }),
        () => started({ lease: undefined }),
        () => started({ request: undefined }),
        () => started({ request: "\ud800" }),
      ];

      for (const work of bad) {
        const good = [callOf(), callOf()].map((call) => store.record(call));
        expect(await codeOf(work())).to.equal("invalid");
        expect((await Promise.all(good)).every(({ isNew }) => isNew)).to.equal(true);
      }
    });

    it("that come at once count each name once", async function () {
      const { store } = await open();
      const call = callOf({ units: 1n });

      const results = await Promise.all(
        Array.from({ length: 60 }, (_, i) => store.record({ ...call, name: `at once ${i % 20}` })),
      );

      expect(results.filter(({ isNew }) => isNew)).to.have.length(20);
      expect(await unitsOf(store)).to.equal(20n);
    });

    it("of forgotten epochs are gone with their answers, refused when they come again, and later ones stay (L-4)", async function () {
      const { store, restart } = await open();
      const [old, young] = [await serve(store), await serve(store, { epoch: 11n, answer: "a" })];

      await store.forgetBefore(11n);

      const later = await restart();
      expect(await later.find(old.name)).to.equal(undefined);
      expect((await later.find(young.name))?.answer).to.equal("a");
      expect(await codeOf(later.record(old))).to.equal("forgotten");
      expect(await codeOf(begin(later, callOf()))).to.equal("forgotten");
      expect(await unitsOf(later)).to.equal(10n);
    });
  });

  describe("begin", function () {
    it("lets one of those serve that ask at once, and gives the others its answer", async function () {
      const { store } = await open();
      const call = callOf();

      const asked = await Promise.all(Array.from({ length: 5 }, () => begin(store, call)));
      const kinds = asked.map(({ kind }) => kind).sort();
      await store.record({ ...call, request: "hash", answer: "A" });
      const again = await begin(store, call);

      expect(kinds).to.deep.equal(["open", "running", "running", "running", "running"]);
      expect(again.kind === "answered" && again.call.answer).to.equal("A");
    });

    it("gives the name back when the call is given up, or when the lease is over", async function () {
      const { store } = await open();
      const [given, expired] = [callOf(), callOf()];
      await store.abandon(given.name, tokenOf(await begin(store, given)));
      await store.begin({ ...expired, request: "hash", lease: 1 });
      await new Promise((resolve) => setTimeout(resolve, 30));

      expect((await begin(store, given)).kind).to.equal("open");
      expect((await begin(store, expired)).kind).to.equal("open");
      expect(await store.exposure({ provider: P })).to.deep.equal([{ resource: 1n, units: 10n }]);
    });

    it("keeps the lease of another gateway when one whose lease is over gives the call up", async function () {
      const { store } = await open();
      const call = callOf();
      const late = tokenOf(await store.begin({ ...call, request: "hash", lease: 1 }));
      await new Promise((resolve) => setTimeout(resolve, 30));
      const running = tokenOf(await begin(store, call));

      await store.abandon(call.name, late);
      const third = await begin(store, call);
      await store.abandon(call.name, running);
      const fourth = await begin(store, call);

      expect([third.kind, fourth.kind]).to.deep.equal(["running", "open"]);
    });

    it("bounds the value at risk by provider and by account, so that a debtor stands alone (M-6)", async function () {
      const { store } = await open();
      const risk = { prices: PRICES, perProvider: 1_000n, perAccount: 100n };
      const ask = (use: Use) =>
        store.begin({ ...callOf(use), request: "hash", lease: 60_000, risk });
      await serve(store, { units: 8n });

      const fits = await ask({ units: 2n });
      const over = await ask({ units: 1n });
      const elsewhere = await ask({ units: 1n, provider: Q });
      const other = await ask({ units: 9n, account: BOB.address });

      expect(fits.kind).to.equal("open");
      expect(over).to.deep.equal({
        kind: "refused",
        scope: "account",
        exposure: 100n,
        limit: 100n,
      });
      expect(elsewhere.kind).to.equal("refused");
      expect(other.kind).to.equal("open");
    });

    it("refuses a call of a resource without a price, and leaves its open use out of the value at risk", async function () {
      const { store } = await open();
      const risk = { prices: PRICES, perProvider: 1_000n, perAccount: 100n };
      const ask = (use: Use) =>
        store.begin({ ...callOf(use), request: "hash", lease: 60_000, risk });
      await serve(store, { resource: 7n, units: 1_000_000n });

      const unpriced = await ask({ resource: 7n, units: 1n });
      const priced = await ask({ units: 10n });

      expect(unpriced).to.deep.equal({ kind: "unpriced", resource: 7n });
      expect(priced.kind).to.equal("open");
    });

    it("tells what is served and held for an account at one provider, beside its use at others", async function () {
      const { store, restart } = await open();
      await serve(store, { units: 8n });
      await serve(store, { units: 3n, provider: Q });
      await serve(store, { units: 4n, account: BOB.address });
      const held = callOf({ units: 2n });
      const token = tokenOf(await begin(store, held));
      const account = ALICE.address;

      expect(await store.exposure({ account, provider: P })).to.deep.equal([
        { resource: 1n, units: 10n },
      ]);
      await store.abandon(held.name, token);
      const later = await restart();
      expect(await later.exposure({ account, provider: P })).to.deep.equal([
        { resource: 1n, units: 8n },
      ]);
      expect(await later.exposure({ account, provider: Q })).to.deep.equal([
        { resource: 1n, units: 3n },
      ]);
    });

    it("bounds the value of a provider over all accounts, with what is being served", async function () {
      const { store } = await open();
      const risk = { prices: PRICES, perProvider: 100n };
      const ask = () => {
        const call = callOf({ account: wallet(100 + calls).address, units: 3n });
        return store.begin({ ...call, request: "hash", lease: 60_000, risk });
      };

      const kinds = (await Promise.all(Array.from({ length: 6 }, ask))).map(({ kind }) => kind);

      expect(kinds.filter((kind) => kind === "open")).to.have.length(3);
      expect(kinds.filter((kind) => kind === "refused")).to.have.length(3);
    });

    it("does not count a call whose gateway has died against the limits for ever", async function () {
      const { store } = await open();
      const risk = { prices: PRICES, perAccount: 50n };
      await store.begin({ ...callOf(), request: "hash", lease: 1, risk });
      await new Promise((resolve) => setTimeout(resolve, 30));

      const next = await store.begin({ ...callOf(), request: "hash", lease: 60_000, risk });

      expect(next.kind).to.equal("open");
    });
  });

  describe("signing", function () {
    it("gives each key its own use, however often keys take turns", async function () {
      const { store } = await open();
      for (let i = 0; i < 10; i += 1) {
        await serve(store, { signer: KEY_A.address, units: 2n });
        await serve(store, { signer: KEY_B.address, units: 3n });
      }

      const records = await sign(store);

      expect(records).to.have.length(2);
      expect(records.map(({ signed }) => [signed.signer, ...totalsOf(signed)])).to.deep.equal([
        [KEY_A.address, 20n],
        [KEY_B.address, 50n],
      ]);
      expect(await unitsOf(store, { signer: KEY_A.address })).to.equal(20n);
      expect(await unitsOf(store, { signer: KEY_B.address })).to.equal(30n);
      expect(await store.due()).to.deep.equal([]);
    });

    it("leaves out the running epoch and splits long statements", async function () {
      const { store } = await open();
      for (let resource = 1n; resource <= 5n; resource += 1n) await serve(store, { resource });
      await serve(store, { epoch: 11n });

      const due = await store.due({ before: 11n });
      const drafts = await Promise.all(due.map((one) => store.draft(one, 2)));

      expect(due.map(({ priceEpoch }) => priceEpoch)).to.deep.equal([10n]);
      expect(drafts.flat().map(({ lines }) => lines.length)).to.deep.equal([2, 2, 1]);
      expect((await store.due({ limit: 1 })).length).to.equal(1);
    });

    it("refuses to draft statements of no lines, or of more than one can have", async function () {
      const { store } = await open();
      await serve(store);
      const [due] = await store.due();
      if (!due) throw new Error("nothing is due");

      for (const lines of [0, -1, 0.5, NaN, 1_000_000])
        expect(await codeOf(Promise.resolve().then(() => store.draft(due, lines)))).to.equal(
          "invalid",
        );
      expect(await store.draft(due, 1)).to.have.length(1);
    });

    it("refuses a statement that says anything but what is open, and signatures that are none (M-3)", async function () {
      const { store } = await open();
      await serve(store);
      const [due] = await store.due();
      const [draft] = due ? await store.draft(due) : [];
      if (!draft) throw new Error("nothing to sign");
      const statement = { ...draft, deadline: DEADLINE };
      const good = await signStatement(ALICE, DOMAIN, statement);
      const more = { ...statement, lines: [{ provider: P, resource: 1n, cumulativeUnits: 6n }] };
      const none = { ...statement, lines: [{ provider: Q, resource: 1n, cumulativeUnits: 1n }] };

      for (const [what, bad, isWallet] of [
        ["no hex", { ...good, signature: "0x123" }],
        ["too long", { ...good, signature: `0x${"ab".repeat(10_000)}` }, true],
        ["no address", { ...good, signer: "alice.example" }],
        ["of another key", { ...good, signer: BOB.address }],
        ["for another draft", { ...good, statement: { ...statement, deadline: 5n } }],
        ["no key", { ...good, signature: "0x1234" }],
        ["another epoch", await signStatement(ALICE, DOMAIN, { ...statement, priceEpoch: 9n })],
        ["too much", await signStatement(ALICE, DOMAIN, more)],
        ["not served", await signStatement(ALICE, DOMAIN, none)],
        ["of a key that used nothing", await signStatement(BOB, DOMAIN, statement)],
        [
          "of another contract",
          await signStatement(ALICE, createDomain(1n, SETTLEMENT), statement),
        ],
        ["no lines", { ...good, statement: { ...statement, lines: [] } }],
      ] as [string, SignedStatement, boolean?][])
        expect(await codeOf(store.add(bad, isWallet)), what).to.equal("unfit");

      expect(await store.pending()).to.deep.equal([]);
      const first = await store.add(good);
      const again = await store.add(good);
      expect(again.id).to.equal(first.id);
      expect(await store.pending()).to.have.length(1);
    });

    it("takes a signature that comes late, for the part of the use that it covers", async function () {
      const { store } = await open();
      await serve(store);
      const [due] = await store.due();
      const [draft] = due ? await store.draft(due) : [];
      if (!draft) throw new Error("nothing to sign");
      await serve(store, { units: 2n });

      await store.add(await signStatement(ALICE, DOMAIN, { ...draft, deadline: DEADLINE }));

      const [rest] = await sign(store);
      expect(rest && totalsOf(rest.signed)).to.deep.equal([7n]);
      expect(
        await codeOf(store.add(await signStatement(ALICE, DOMAIN, { ...draft, deadline: 7n }))),
      ).to.equal("unfit");
    });
  });

  describe("states", function () {
    it("go from due over signed, sent and seen to final, and only final forgets", async function () {
      const { store, restart } = await open();
      await serve(store);
      const states: string[] = [];
      const look = async (from: MeterStore) => {
        const pending = await from.pending();
        const open_ = await unitsOf(from);
        states.push(`${pending.map(({ state }) => state).join() || "none"} ${open_}`);
      };
      await look(store);
      const [record] = await sign(store);
      if (!record) throw new Error("nothing signed");
      await look(store);
      const sent = {
        sender: BOB.address,
        nonce: 3,
        transaction: `0x${"12".repeat(32)}`,
        maxFeePerGas: 9n,
        maxPriorityFeePerGas: 1n,
        statements: [record.id],
      };
      await store.noteSent(sent);
      const later = await restart();
      await look(later);
      expect(await later.sent(BOB.address, 3)).to.deep.equal([sent]);
      await later.mark({ seen: [line(5n)] });
      await look(later);
      expect(await later.lines({ isOpen: true })).to.have.length(1);
      await later.mark({ final: [line(5n)] });
      await look(later);

      expect(states).to.deep.equal(["none 5", "signed 5", "sent 5", "none 0", "none 0"]);
      expect(await later.lines({ isOpen: true })).to.deep.equal([]);
      expect(await later.sent(BOB.address, 4)).to.deep.equal([]);
      expect(await later.sent(BOB.address, 3)).to.deep.equal([]);
    });

    it("give use back when the chain is reorganised, and the statement with it (M-5)", async function () {
      const { store, restart } = await open();
      await serve(store, { units: 500n });
      await sign(store);
      await store.mark({ seen: [line(500n)] });
      expect(await unitsOf(store)).to.equal(0n);

      await store.mark({ seen: [line(0n)] });

      const later = await restart();
      expect(await unitsOf(later)).to.equal(500n);
      expect((await later.pending()).map(({ signed }) => totalsOf(signed))).to.deep.equal([[500n]]);
      expect(await later.exposure({ provider: P })).to.deep.equal([{ resource: 1n, units: 500n }]);
    });

    it("do not fall below what is final, whatever a node that lags says", async function () {
      const { store } = await open();
      await serve(store);
      await sign(store);
      await store.mark({ final: [line(5n)] });

      await store.mark({ seen: [line(0n)] });

      expect(await unitsOf(store)).to.equal(0n);
      expect(await store.exposure({ account: ALICE.address })).to.deep.equal([]);
    });

    it("hand out what waits by account in the order of signing, the account with the oldest epoch first", async function () {
      const { store } = await open();
      await serve(store, { epoch: 11n });
      await sign(store);
      await serve(store, { epoch: 10n, account: BOB.address });
      await serve(store, { epoch: 9n });
      await sign(store);

      const pending = await store.pending();

      expect(
        pending.map(({ signed }) => [signed.statement.account, signed.statement.priceEpoch]),
      ).to.deep.equal([
        [ALICE.address, 11n],
        [ALICE.address, 9n],
        [BOB.address, 10n],
      ]);
      expect(await store.pending({ limit: 1 })).to.have.length(1);
      expect(await store.pending({ account: BOB.address })).to.have.length(1);
    });

    it("set a statement aside for a while without touching others (M-4)", async function () {
      const { store } = await open();
      await serve(store);
      await serve(store, { account: BOB.address });
      const [bad] = await sign(store);
      if (!bad) throw new Error("nothing signed");

      await store.setAside(bad.id, "skipped", 60_000);
      await store.setAside(bad.id, "skipped again", 60_000);

      expect((await store.pending()).map(({ signed }) => signed.signer)).to.deep.equal([
        BOB.address,
      ]);
      const all = await store.pending({ all: true });
      const aside = all.find(({ id }) => id === bad.id)?.aside;
      expect([aside?.reason, aside?.times]).to.deep.equal(["skipped again", 2]);
      await store.setAside(bad.id, "over", 0);
      expect(await store.pending()).to.have.length(2);
    });
  });

  describe("reopen", function () {
    it("takes one statement out and leaves the others of the account (I-4)", async function () {
      const { store, restart } = await open();
      await serve(store, { signer: KEY_A.address });
      await sign(store);
      await serve(store, { signer: KEY_B.address, provider: Q });
      const [kept] = await sign(store);
      const [bad] = await store.pending();
      if (!bad || !kept) throw new Error("nothing signed");

      await store.reopen({ statement: bad.id }, 12n);

      const later = await restart();
      expect((await later.pending()).map(({ id }) => id)).to.deep.equal([kept.id]);
      expect(await later.due()).to.deep.equal([
        { account: ALICE.address, signer: KEY_A.address, priceEpoch: 12n },
      ]);
      expect(await unitsOf(later)).to.equal(10n);
    });

    it("by line signs again for that line alone", async function () {
      const { store } = await open();
      await serve(store);
      await serve(store, { resource: 2n });
      await sign(store);

      await store.reopen({ account: ALICE.address, provider: P, resource: 2n }, 13n);
      const [again] = await sign(store);

      expect(again?.signed.statement.lines).to.deep.equal([
        { provider: P, resource: 2n, cumulativeUnits: 5n },
      ]);
      expect(await store.pending()).to.have.length(2);
      expect(await unitsOf(store)).to.equal(10n);
    });

    it("never charges twice when the statement that was given up settles after all", async function () {
      const { store } = await open();
      await serve(store, { units: 10n });
      await sign(store);
      await store.reopen({ account: ALICE.address });
      await serve(store, { units: 4n });

      await store.mark({ seen: [line(10n)] });

      expect(await unitsOf(store)).to.equal(4n);
      const [rest] = await sign(store);
      expect(rest && totalsOf(rest.signed)).to.deep.equal([14n]);
    });

    it("leaves use to a later statement that covers it", async function () {
      const { store } = await open();
      await serve(store);
      const [first] = await sign(store);
      await serve(store);
      await sign(store);
      if (!first) throw new Error("nothing signed");

      await store.reopen({ statement: first.id });

      expect(await store.due()).to.deep.equal([]);
      expect((await store.pending()).map(({ signed }) => totalsOf(signed))).to.deep.equal([[10n]]);
      expect(await unitsOf(store)).to.equal(10n);
    });
  });

  describe("writeOff", function () {
    it("ends use as bad debt by line and opens the limits again (M-6)", async function () {
      const { store, restart } = await open();
      await serve(store, { units: 1_000n });
      await serve(store, { resource: 2n });
      await sign(store);
      await serve(store, { units: 1n });

      const written = await store.writeOff({ account: ALICE.address, provider: P, resource: 1n });

      const later = await restart();
      expect(written).to.deep.equal([line(1_001n)]);
      expect(await later.exposure({ provider: P })).to.deep.equal([{ resource: 2n, units: 5n }]);
      expect(await later.due()).to.deep.equal([]);
      const [view] = await later.lines({ account: ALICE.address });
      expect([view?.writtenOff, view?.open, view?.signed]).to.deep.equal([1_001n, 0n, 1_000n]);
      await serve(later, { units: 3n });
      const [next] = await sign(later);
      expect(next && totalsOf(next.signed)).to.deep.equal([3n]);
    });

    it("lowers the debt when an old statement settles, before or after new use", async function () {
      for (const isNewFirst of [true, false]) {
        const { store } = await open();
        await serve(store, { units: 1_000n });
        await sign(store);
        await store.writeOff({ account: ALICE.address });
        await serve(store, { units: 50n });
        await sign(store);

        if (isNewFirst) await store.mark({ seen: [line(50n)] });
        await store.mark({ seen: [line(1_000n)] });

        const [view] = await store.lines({ account: ALICE.address });
        // 1,050 units were served and 1,000 paid, so 50 are open or bad debt.
        expect((view?.writtenOff ?? 0n) + (view?.open ?? 0n)).to.equal(50n);
      }
    });
  });

  describe("overtaken", function () {
    it("is an error with numbers, and the line is served no more until somebody decides (F08, F13, F20, G11)", async function () {
      const { store, restart } = await open();
      await serve(store, { units: 50n });
      await serve(store, { resource: 2n });

      const found = await store.mark({ seen: [line(700n), line(0n, { resource: 2n })] });

      const expected = { account: ALICE.address, provider: P, resource: 1n, chain: 700n };
      expect(found).to.deep.equal([{ ...expected, signed: 0n, open: 50n }]);
      const later = await restart();
      expect(await later.overtaken()).to.deep.equal(found);
      expect(await begin(later, callOf())).to.deep.equal({ kind: "overtaken", lines: found });
      expect((await begin(later, callOf({ resource: 2n }))).kind).to.equal("open");
      const [due] = await later.due();
      const drafts = due ? await later.draft(due) : [];
      expect(drafts.flatMap(({ lines }) => lines.map(({ resource }) => resource))).to.deep.equal([
        2n,
      ]);
      await serve(later, { units: 1n }); // it was served, so it counts
      const statement = {
        account: ALICE.address,
        priceEpoch: 10n,
        deadline: DEADLINE,
        lines: [{ provider: P, resource: 1n, cumulativeUnits: 701n }],
      };
      expect(await codeOf(later.add(await signStatement(ALICE, DOMAIN, statement)))).to.equal(
        "overtaken",
      );
    });

    it("by another meter leaves this one's use on top once that is decided", async function () {
      const { store } = await open();
      await serve(store, { units: 50n });
      await sign(store);
      await store.mark({ seen: [line(700n)] });

      await store.adopt(line(700n), "elsewhere");

      expect(await store.overtaken()).to.deep.equal([]);
      const [record] = await sign(store);
      expect(record && totalsOf(record.signed)).to.deep.equal([750n]);
      expect(await unitsOf(store)).to.equal(50n);
      expect((await begin(store, callOf())).kind).to.equal("open");
    });

    it("by the account itself pays for the use here once that is decided (M-7)", async function () {
      const { store } = await open();
      await serve(store, { units: 150n, epoch: 11n });
      await store.mark({ seen: [line(150n)] });

      await store.adopt(line(150n), "here");
      await store.adopt(line(150n), "here");

      expect(await store.due()).to.deep.equal([]);
      expect(await unitsOf(store)).to.equal(0n);
      await serve(store, { units: 1n, epoch: 11n });
      const [record] = await sign(store);
      expect(record && totalsOf(record.signed)).to.deep.equal([151n]);
    });

    it("passes by itself if the block that said so is reorganised away", async function () {
      const { store } = await open();
      await serve(store);
      await sign(store);
      await store.mark({ seen: [line(9n)] });

      await store.mark({ seen: [line(5n)] });

      expect(await store.overtaken()).to.deep.equal([]);
      expect(await unitsOf(store)).to.equal(0n);
    });

    it("is how a lost store begins, and adopting is explicit", async function () {
      const { store } = await open();
      await store.mark({ seen: [line(700n)] });
      expect((await begin(store, callOf())).kind).to.equal("overtaken");

      await store.adopt(line(700n), "elsewhere");
      await serve(store);

      const [record] = await sign(store);
      expect(record && totalsOf(record.signed)).to.deep.equal([705n]);
      expect(await codeOf(store.adopt(line(3n), "here"))).to.equal("invalid");
    });

    it("reports every unit of two meters that count one line: settled and reported make up the served (F20)", async function () {
      const [left, right] = [await open(), await open()];
      const meters = [left.store, right.store];
      let [chain, served] = [0n, 0n];
      let seed = 7;
      const random = (below: number) => {
        seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
        return Math.floor((seed / 2_147_483_648) * below);
      };
      for (let step = 0; step < 60; step += 1) {
        const store = meters[random(2)];
        if (!store) throw new Error("no meter");
        if (random(2) === 0) {
          const units = BigInt(1 + random(9));
          await serve(store, { units });
          served += units;
          continue;
        }
        await store.mark({ seen: [line(chain)] });
        for (const { chain: total, ...place } of await store.overtaken())
          await store.adopt(
            { account: place.account, provider: P, resource: 1n, total },
            "elsewhere",
          );
        for (const { signed } of await sign(store))
          for (const total of totalsOf(signed)) if (total > chain) chain = total;
        await store.mark({ seen: [line(chain)] });
      }
      const open_ = await Promise.all(meters.map((store) => unitsOf(store)));
      expect(chain + open_.reduce((sum, units) => sum + units, 0n)).to.equal(served);
    });
  });

  describe("sums", function () {
    it("are those of the lines after any course of things, also after a restart", async function () {
      const { store, restart } = await open();
      let seed = 11;
      const random = (below: number) => {
        seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
        return Math.floor((seed / 2_147_483_648) * below);
      };
      const accounts = [ALICE.address, BOB.address];
      const chain = new Map<string, bigint>();
      for (let step = 0; step < 120; step += 1) {
        const account = accounts[random(2)] ?? ALICE.address;
        const resource = BigInt(1 + random(2));
        const place = { account, provider: P, resource };
        const key = `${account} ${resource}`;
        const dice = random(10);
        if (dice < 5) await serve(store, { account, resource, units: BigInt(1 + random(9)) });
        else if (dice < 7) await sign(store);
        else if (dice < 8) {
          const signed = (await store.lines({ account })).find((one) => one.resource === resource);
          chain.set(key, signed ? (signed.signed * BigInt(random(5))) / 4n : 0n);
          await store.mark({ seen: [{ ...place, total: chain.get(key) ?? 0n }] });
        } else if (dice < 9) await store.reopen(place, 10n);
        else await store.writeOff(place);
      }

      for (const look of [() => Promise.resolve(store), restart]) {
        const subject = await look();
        const lines = await subject.lines();
        for (const resource of [1n, 2n]) {
          const sum = lines
            .filter((one) => one.resource === resource)
            .reduce((units, one) => units + one.open, 0n);
          const found = await subject.exposure({ provider: P });
          expect(found.find((one) => one.resource === resource)?.units ?? 0n).to.equal(sum);
        }
        for (const account of accounts) {
          const sum = lines
            .filter((one) => one.account === account)
            .reduce((units, one) => units + one.open, 0n);
          for (const of of [{ account }, { account, provider: P }]) {
            const found = await subject.exposure(of);
            expect(found.reduce((units, one) => units + one.units, 0n)).to.equal(sum);
          }
          expect(await unitsOf(subject, { account })).to.equal(sum);
        }
      }
    });
  });

  describe("the settler's place", function () {
    it("is one process's at a time, and free again when it is given back", async function () {
      const { store } = await open();
      const [first, second] = [await store.elect(), await store.elect()];

      expect(second).to.equal(undefined);
      expect(await first?.isHeld()).to.equal(true);
      await first?.release();

      expect(await first?.isHeld()).to.equal(false);
      const third = await store.elect();
      expect(await third?.isHeld()).to.equal(true);
      await third?.release();
    });

    it("remembers up to which block events were read", async function () {
      const { store, restart } = await open();
      expect(await store.scanned()).to.equal(undefined);

      await store.noteScanned(77);

      expect(await (await restart()).scanned()).to.equal(77);
    });
  });
}
