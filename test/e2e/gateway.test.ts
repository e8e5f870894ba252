import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { expect } from "chai";
import { HDNodeWallet, toQuantity, Wallet } from "ethers";

import { ask, type Refused, type Served } from "../../examples/gateway/client.js";
import type { ServedChain } from "../../examples/gateway/local-chain.js";
import { openMarket, type Market } from "../../examples/gateway/market.js";
import { GatewayProcess } from "../../examples/gateway/process.js";
import { findDifferences, totalsOf } from "../../examples/gateway/reconcile.js";
import {
  readSettings,
  renderSettings,
  SettingsError,
  type Settings,
} from "../../examples/gateway/settings.js";
import { useBundledProgram } from "../support/bundled-program.js";
import { useServedChain } from "../support/served-chain.js";

const OPA = 10n ** 18n;
const CREDIT = 40_000n * OPA;
const KEY_LIMIT = 4_000n * OPA; // of an epoch
const DAY = 86_400;
const SMALL = "stand-in-small";
const LARGE = "stand-in-large";
const RARELY = 3_600_000; // milliseconds between settlements of a gateway that is not to settle by itself
const REASON = { keyUnknown: 8, providerInactive: 11, keyLimit: 18, credit: 19 };

describe("gateway example", function () {
  const servedChain = useServedChain();
  const bundle = useBundledProgram("examples/gateway/main.ts");
  let chain: ServedChain;
  /** OPA wei of a token in the epoch in which every test begins. */
  let price: Record<"input" | "output", bigint>;
  let market: Market;
  let snapshot: string;
  let folder: string;
  let gateway: GatewayProcess | undefined;
  /** Every answer that a client got in the running test. */
  let served: Served[];

  before(async function () {
    chain = servedChain();
    market = await openMarket(chain.deployment, {
      rpcUrl: chain.url,
      dataFolder: "data",
      credit: CREDIT,
      keys: [
        { name: "research", epochLimit: KEY_LIMIT },
        { name: "support", epochLimit: KEY_LIMIT },
      ],
    });
    snapshot = (await market.provider.send("evm_snapshot", [])) as string;
    price = await readPrice();
  });

  beforeEach(async function () {
    await market.provider.send("evm_revert", [snapshot]);
    snapshot = (await market.provider.send("evm_snapshot", [])) as string;
    folder = mkdtempSync(path.join(os.tmpdir(), "opa-gateway-test-"));
    served = [];
  });

  afterEach(async function () {
    await gateway?.end("SIGKILL");
    gateway = undefined;
    rmSync(folder, { recursive: true, force: true });
  });

  after(function () {
    market.provider.destroy();
  });

  /** Starts the gateway, or starts it again on the same journals. */
  async function start(changes: Partial<Settings> = {}): Promise<GatewayProcess> {
    const store = { kind: "journal", folder: path.join(folder, "data") } as const;
    const settings = { ...market.settings, store, ...changes };
    const file = path.join(folder, "settings.json");
    writeFileSync(file, renderSettings(settings), { mode: 0o600 });
    gateway = await GatewayProcess.start(file, bundle());
    return gateway;
  }

  /** Asks as a consumer; undefined if the gateway died meanwhile. */
  async function askAs(
    consumer: string,
    model: string,
    name: string,
    question = `What is ${name}?`,
  ) {
    const apiKey = market.apiKeys[consumer] ?? consumer;
    try {
      const outcome = await ask(gateway?.url ?? "", apiKey, { model, question, name });
      if ("usage" in outcome) served.push(outcome);
      return outcome;
    } catch {
      return undefined;
    }
  }

  /** Sends a request as it is. */
  async function post(body: string, headers: Record<string, string> = {}) {
    const response = await fetch(`${gateway?.url}/v1/chat/completions`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${market.apiKeys["research"]}`,
        "content-type": "application/json",
        ...headers,
      },
      body,
    });
    const { error } = (await response.json()) as { error?: { code: string; message: string } };
    return { status: response.status, code: error?.code, message: error?.message };
  }

  /** Use of the account by the gateway's metrics. */
  async function usage() {
    const response = await fetch(`${gateway?.url}/v1/usage`, {
      headers: { authorization: `Bearer ${market.apiKeys["research"]}` },
    });
    return (await response.json()) as { epoch: string; unsettled: unknown[]; signed: number };
  }

  async function until(isSo: () => Promise<boolean>): Promise<void> {
    const end = Date.now() + 20_000;
    while (!(await isSo())) {
      if (Date.now() > end) throw new Error("It did not come about in 20 seconds.");
      await sleep(50);
    }
  }

  /** Stops the gateway as an operator would, and expects every sum to match to the unit. */
  async function stopAndReconcile(charge?: bigint) {
    expect(await gateway?.end("SIGTERM")).to.deep.equal({ code: 0, signal: null });
    await reconcile(charge);
  }

  /** OPA wei of a token now. */
  async function readPrice() {
    const { registry } = chain.deployment;
    const epoch = await registry.currentEpoch();
    const [input, output] = [
      await registry.unitPriceOf(1n, epoch),
      await registry.unitPriceOf(2n, epoch),
    ];
    return { input, output };
  }

  /** Price of answers. */
  function chargeOf(answers: readonly Served[], at = price): bigint {
    return totalsOf(answers, market.settings).reduce(
      (sum, { resource, units }) => sum + at[resource] * units,
      0n,
    );
  }

  async function reconcile(charge = chargeOf(served)) {
    const { token, meter } = chain.deployment;
    const totals = totalsOf(served, market.settings);
    const { differences, burned } = await findDifferences(chain.deployment, market.account, totals);
    expect(differences).to.deep.equal([]);
    expect(burned).to.equal(charge);
    expect(await meter.creditOf(market.account)).to.equal(CREDIT - charge);
    expect(await token.totalBurned()).to.equal(charge);
  }

  /** Seconds until the next epoch. */
  async function secondsLeft() {
    const { meter } = chain.deployment;
    const block = await market.provider.getBlock("latest");
    const passed = BigInt(block?.timestamp ?? 0) - (await meter.GENESIS());
    return DAY - Number(passed % BigInt(DAY));
  }

  /** Gives a consumer's key another limit per epoch. */
  async function limitKey(name: string, epochLimit: bigint) {
    const meter = chain.deployment.meter.connect(organisation());
    const consumer = market.settings.consumers.find((known) => known.name === name);
    const { address } = new Wallet(consumer?.signerKey ?? "");
    const key = await meter.keyOf(market.account, address);
    const { totalLimit, expiresAt, categories } = key.limits;
    const limits = { epochLimit, totalLimit, expiresAt, categories };
    await meter.setKey(market.account, address, key.project, key.role, limits);
  }

  /** Expects each key to have been charged for so much in this epoch. */
  async function expectSpent(own: Readonly<Record<string, bigint>>) {
    const { meter } = chain.deployment;
    for (const { name, signerKey } of market.settings.consumers) {
      const { spent } = await meter.keyOf(market.account, new Wallet(signerKey).address);
      expect(spent, name).to.equal(own[name]);
    }
  }

  function organisation() {
    const phrase = `${"test ".repeat(11)}junk`;
    return HDNodeWallet.fromPhrase(phrase, undefined, "m/44'/60'/0'/0/10").connect(market.provider);
  }

  function submitter() {
    return new Wallet(market.settings.submitterKey).address;
  }

  async function setBalance(address: string, amount: bigint) {
    await market.provider.send("hardhat_setBalance", [address, toQuantity(amount)]);
  }

  describe("requests", function () {
    it("answers as OpenAI's interface does, and settles what it answered", async function () {
      await start();

      const [small, large] = await Promise.all([
        askAs("research", SMALL, "a"),
        askAs("research", LARGE, "b"),
      ]);

      const body = JSON.parse((small as Served).body) as Record<string, unknown>;
      expect(body).to.include({ object: "chat.completion", model: SMALL });
      expect(body["choices"]).to.have.nested.property("[0].message.role", "assistant");
      const { usage: used } = large as Served;
      expect(used.total_tokens).to.equal(used.prompt_tokens + used.completion_tokens);
      expect(used.prompt_tokens_details.cached_tokens).to.be.within(1, used.prompt_tokens);
      expect(used.completion_tokens_details.reasoning_tokens).to.be.within(
        1,
        used.completion_tokens,
      );
      expect(await (await fetch(`${gateway?.url}/health`)).json()).to.deep.equal({
        status: "ok",
        epoch: (await usage()).epoch,
        serving: 0,
      });
      await stopAndReconcile();
    });

    it("refuses what is no request, and counts nothing for it", async function () {
      await start();
      const messages = [{ role: "user", content: "Hello" }];
      const good = { model: SMALL, messages };
      const cases: [number, string, string, Record<string, string>?][] = [
        [401, "UnknownApiKey", JSON.stringify(good), { authorization: "Bearer nobody" }],
        [401, "UnknownApiKey", JSON.stringify(good), { authorization: "Basic Zm9vOmJhcg==" }],
        [401, "UnknownApiKey", "{", { authorization: "" }],
        [400, "FST_ERR_CTP_INVALID_JSON_BODY", "{"],
        [400, "InvalidRequest", "[]"],
        [400, "InvalidRequest", JSON.stringify({ model: SMALL })],
        [400, "InvalidRequest", JSON.stringify({ ...good, messages: [] })],
        [400, "InvalidRequest", JSON.stringify({ ...good, max_tokens: "12" })],
        [400, "InvalidRequest", JSON.stringify({ ...good, max_tokens: 0 })],
        [400, "InvalidRequest", JSON.stringify({ ...good, max_tokens: 1.5 })],
        [400, "InvalidRequest", JSON.stringify({ ...good, stream: "yes" })],
        [400, "UnsupportedParameter", JSON.stringify({ ...good, n: 3 })],
        [400, "UnsupportedParameter", JSON.stringify({ ...good, max_output_tokens: 3 })],
        [400, "InvalidRequest", JSON.stringify({ ...good, messages: [{ role: "root" }] })],
        [400, "InvalidIdempotencyKey", JSON.stringify(good), { "idempotency-key": "a/b" }],
        [404, "UnknownModel", JSON.stringify({ ...good, model: "none" })],
        [413, "FST_ERR_CTP_BODY_TOO_LARGE", `"${"x".repeat(1 << 20)}"`],
        [415, "FST_ERR_CTP_INVALID_MEDIA_TYPE", "a=b", { "content-type": "text/csv" }],
      ];

      for (const [status, code, body, headers] of cases)
        expect(await post(body, headers), body.slice(0, 80)).to.include({ status, code });

      expect((await fetch(`${gateway?.url}/v1/models`)).status).to.equal(401);
      expect((await fetch(`${gateway?.url}/v1/usage`)).status).to.equal(401);
      expect(await usage()).to.deep.include({ unsettled: [], signed: 0 });
      await stopAndReconcile();
    });

    it("gives a repeated request the same answer and counts it once", async function () {
      await start();

      const first = await askAs("research", SMALL, "a");
      const again = await askAs("research", SMALL, "a");
      const atOnce = await Promise.all([1, 2, 3, 4].map(() => askAs("research", LARGE, "b")));
      const other = await askAs("research", SMALL, "a", "Something else?");
      const otherKey = await askAs("support", SMALL, "a");

      expect(again).to.deep.equal({ ...(first as Served), isRepeated: true });
      expect(new Set(atOnce.map((answer) => (answer as Served).body)).size).to.equal(1);
      expect(atOnce.filter((answer) => !(answer as Served).isRepeated)).to.have.length(1);
      expect(other).to.include({ status: 422, code: "IdempotencyKeyReused" });
      expect(otherKey).to.include({ isRepeated: false });
      await stopAndReconcile();
    });

    it("answers what it is serving when it is told to stop, and settles it", async function () {
      const models = market.settings.models.map((model) => ({ ...model, delay: 1_000 }));
      await start({ settleEvery: RARELY, models });
      const asked = [1, 2, 3, 4, 5].map((i) => askAs("research", LARGE, `a${i}`));
      await until(async () => {
        const response = await fetch(`${gateway?.url}/health`);
        return ((await response.json()) as { serving: number }).serving === asked.length;
      });

      const ended = gateway?.end("SIGTERM");

      const answers = await Promise.all(asked);
      expect(answers.filter((answer) => answer === undefined)).to.deep.equal([]);
      expect(await ended).to.deep.equal({ code: 0, signal: null });
      await reconcile();
    });
  });

  describe("limits", function () {
    it("refuses a key over its limit of the epoch, and serves it in the next", async function () {
      await limitKey("support", KEY_LIMIT / 1_000n);
      await start({ settleEvery: 300, authorizeFor: 0 });

      let refused: Refused | undefined;
      for (let i = 0; i < 20 && !refused; i += 1) {
        const outcome = await askAs("support", LARGE, `a${i}`);
        if (outcome && "status" in outcome) refused = outcome;
      }
      const left = await secondsLeft();
      const research = await askAs("research", LARGE, "a");
      await market.provider.send("evm_increaseTime", [DAY]);
      await market.provider.send("evm_mine", []);
      await sleep(1_100); // the gateway caches the epoch for a second
      const today = served.slice();
      const next = await askAs("support", LARGE, "b");

      expect(refused).to.include({
        status: 429,
        code: "KeyLimitExceeded",
        reason: REASON.keyLimit,
      });
      expect(Number(refused?.retryAfter)).to.be.within(left, left + 60);
      expect(
        served.filter(({ call }) => call.startsWith(market.apiKeys["support"] ?? "-")),
      ).to.have.length.above(2);
      expect([research, next]).to.not.include(undefined);
      expect(research).to.have.property("usage");
      expect(next).to.have.property("usage");
      const later = await readPrice();
      expect(later).to.not.deep.equal(price); // prices follow use, so that the epoch of an answer can be told
      await stopAndReconcile(chargeOf(today) + chargeOf([next as Served], later));
    });

    it("says which reason the chain has against serving", async function () {
      await start({ settleEvery: 300, authorizeFor: 0 });
      const { meter, nodes } = chain.deployment;
      const { consumers, models } = market.settings;
      const admin = meter.connect(organisation());
      const support = consumers.find(({ name }) => name === "support");
      const small = models.find(({ name }) => name === SMALL);
      const phrase = `${"test ".repeat(11)}junk`;
      const node = HDNodeWallet.fromPhrase(phrase, undefined, "m/44'/60'/0'/0/12");
      expect(node.address).to.equal(small?.provider);

      await admin.revokeKey(market.account, new Wallet(support?.signerKey ?? "").address);
      const revoked = await askAs("support", LARGE, "a");
      await nodes.connect(node.connect(market.provider)).deactivate(node.address);
      const inactive = await askAs("research", SMALL, "a");
      await admin.withdraw(market.account, market.account, CREDIT);
      const poor = await askAs("research", LARGE, "a");

      expect(revoked).to.include({ status: 403, code: "KeyUnknown", reason: REASON.keyUnknown });
      expect(inactive).to.include({
        status: 503,
        code: "ProviderInactive",
        reason: REASON.providerInactive,
      });
      expect(poor).to.include({
        status: 402,
        code: "InsufficientCredit",
        reason: REASON.credit,
      });
      expect(await usage()).to.deep.include({ unsettled: [], signed: 0 });
    });

    it("serves no more than the value at risk while it cannot settle", async function () {
      const limit = KEY_LIMIT / 500n;
      await setBalance(submitter(), 0n);
      await start({ settleEvery: 300, limitPerProvider: limit });

      const asked = Array.from({ length: 40 }, (_, i) => askAs("research", SMALL, `a${i}`));
      const outcomes = await Promise.all(asked);
      const risk = chargeOf(served);
      const refused = outcomes.filter((outcome) => outcome && "status" in outcome) as Refused[];
      await setBalance(submitter(), OPA);
      await until(async () => (await usage()).unsettled.length === 0);
      const later = await askAs("research", SMALL, "later");

      expect(risk > 0n && risk <= limit).to.equal(true);
      expect(refused).to.have.length(outcomes.length - served.length + 1);
      for (const refusal of refused)
        expect(refusal).to.include({ status: 429, code: "ValueAtRisk", retryAfter: "1" });
      expect(later).to.have.property("usage");
      await stopAndReconcile();
    });

    it("has each key of an account pay for its own use", async function () {
      await start({ settleEvery: RARELY });
      const own = { research: 0n, support: 0n };
      for (let i = 0; i < 6; i += 1)
        for (const name of ["research", "support"] as const)
          own[name] += chargeOf([(await askAs(name, SMALL, `a${i}`)) as Served]);

      await stopAndReconcile();

      await expectSpent(own);
    });

    it("keeps a key's statement back while one that another key signed before waits", async function () {
      await start({ settleEvery: RARELY });
      const research = (await askAs("research", SMALL, "a")) as Served;
      const support = (await askAs("support", SMALL, "b")) as Served;
      await limitKey("research", 10n ** 9n);
      expect(await gateway?.end("SIGTERM")).to.deep.equal({ code: 0, signal: null });

      const { token } = chain.deployment;
      expect(gateway?.lines).to.include(
        `a statement of ${market.account} does not settle: KeyLimitExceeded`,
      );
      expect(await token.totalBurned()).to.equal(0n);
      await limitKey("research", KEY_LIMIT);
      await start({ settleEvery: RARELY });
      await stopAndReconcile();

      await expectSpent({ research: chargeOf([research]), support: chargeOf([support]) });
    });
  });

  describe("crashes", function () {
    it("loses nothing and counts nothing twice when it is killed in the middle of load", async function () {
      const calls = Array.from({ length: 90 }, (_, i) => ({
        consumer: i % 9 === 0 ? "support" : "research",
        model: i % 2 === 0 ? SMALL : LARGE,
        name: `load-${i}`,
      }));
      let open = calls;
      let cutOff = 0;
      for (const answersUntilKill of [9, 25, Infinity]) {
        await start({ settleEvery: 150, authorizeFor: 500 });
        const before = served.length;
        const asked = Promise.all(
          open.map(async ({ consumer, model, name }, i) => {
            await sleep(i * 4);
            return askAs(consumer, model, name);
          }),
        );
        if (answersUntilKill < Infinity) {
          const round = { isOver: false as boolean }; // a busy machine may refuse some of them
          void asked.then(() => (round.isOver = true));
          while (!round.isOver && served.length - before < answersUntilKill) await sleep(2);
          expect(await gateway?.end("SIGKILL")).to.deep.equal({ code: null, signal: "SIGKILL" });
        }
        const outcomes = await asked;
        open = open.filter((_, i) => outcomes[i] === undefined || "status" in outcomes[i]);
        if (answersUntilKill < Infinity) cutOff += open.length;
      }
      for (let i = 0; i < 3 && open.length > 0; i += 1) {
        const outcomes = await Promise.all(
          open.map(({ consumer, model, name }) => askAs(consumer, model, name)),
        );
        open = open.filter((_, j) => outcomes[j] === undefined || "status" in outcomes[j]);
      }

      expect(cutOff).to.be.above(0);
      expect(open).to.deep.equal([]);
      expect(served).to.have.length(calls.length);
      await stopAndReconcile();
    });

    it("settles after a restart what it had signed before it was killed", async function () {
      await setBalance(submitter(), 0n);
      await start({ settleEvery: 200 });
      await Promise.all([1, 2, 3].map((i) => askAs("research", SMALL, `a${i}`)));
      await until(async () => (await usage()).signed > 0);
      await gateway?.end("SIGKILL");
      expect(await chain.deployment.token.totalBurned()).to.equal(0n);

      await setBalance(submitter(), OPA);
      await start({ settleEvery: 200 });
      await until(async () => (await usage()).unsettled.length === 0);

      expect(await usage()).to.deep.include({ unsettled: [], signed: 0 });
      await gateway?.end("SIGKILL");
      await reconcile();
    });

    it("burns nothing twice for what was sent before it was killed", async function () {
      const { provider } = market;
      const waiting = async () => {
        const block: unknown = await provider.send("eth_getBlockByNumber", ["pending", false]);
        return (block as { transactions: string[] }).transactions;
      };
      await provider.send("evm_setAutomine", [false]);
      try {
        await start({ settleEvery: 200 });
        await Promise.all([1, 2, 3].map((i) => askAs("research", LARGE, `a${i}`)));
        await until(async () => (await waiting()).length > 0);
        const [before] = await waiting();
        await gateway?.end("SIGKILL");
        await start({ settleEvery: 200 });
        // The next process does not know of it, and sends the statements again in its place.
        await until(async () => (await waiting())[0] !== before);
      } finally {
        await provider.send("evm_mine", []);
        await provider.send("evm_setAutomine", [true]);
      }
      await askAs("research", LARGE, "b");

      await stopAndReconcile();
      const { meter } = chain.deployment;
      const settled = await meter.queryFilter(meter.filters.LineSettled(market.account));
      expect(new Set(settled.map(({ transactionHash }) => transactionHash)).size).to.equal(2);
    });

    it("goes on from the chain when its journals are lost", async function () {
      await start({ settleEvery: RARELY });
      await askAs("research", SMALL, "a");
      expect(await gateway?.end("SIGTERM")).to.deep.equal({ code: 0, signal: null });
      rmSync(path.join(folder, "data"), { recursive: true });

      await start({ settleEvery: RARELY });
      await askAs("research", SMALL, "b");

      await stopAndReconcile();
    });
  });

  describe("start", function () {
    it("refuses to run twice on the same journals", async function () {
      await start();
      const file = path.join(folder, "settings.json");

      const second = GatewayProcess.start(file, bundle()).then(
        () => "it listens",
        (error: unknown) => (error as Error).message,
      );

      expect(await second).to.match(/^The gateway ended: .*journal.* is open/);
      await stopAndReconcile();
    });

    const MISTAKES: [string, Record<string, unknown>, string][] = [
      ["no address", { settlement: "0x12" }, 'The settings should have a proper "settlement".'],
      [
        "no amount",
        { limitPerAccount: "-1" },
        'The settings should have a proper "limitPerAccount".',
      ],
      ["no interval", { settleEvery: -5 }, 'The settings should have a proper "settleEvery".'],
      ["no models", { models: [] }, 'The settings should have a proper "models".'],
      ["no resources", { resources: 7 }, "Resources in the settings should be an object."],
      [
        "half a consumer",
        { consumers: [{ name: "x" }] },
        'Each of consumers in the settings should have a proper "apiKeySha256".',
      ],
    ];
    for (const [name, changes, message] of MISTAKES)
      it(`says in one sentence that there is ${name} in the settings`, async function () {
        const file = path.join(folder, "settings.json");
        const settings = JSON.parse(renderSettings(market.settings)) as object;
        writeFileSync(file, JSON.stringify({ ...settings, ...changes }));

        const failure = await readSettings(file).catch((error: unknown) => error);

        expect(failure).to.be.instanceOf(SettingsError).with.property("message", message);
      });

    it("says that there are no settings", async function () {
      const file = path.join(folder, "none.json");

      const failure = GatewayProcess.start(file).then(
        () => "it listens",
        (error: unknown) => (error as Error).message,
      );

      expect(await failure).to.equal(`The gateway ended: The settings in ${file} cannot be read.`);
    });
  });
});
