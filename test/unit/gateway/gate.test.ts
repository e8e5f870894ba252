import { setTimeout as sleep } from "node:timers/promises";

import { expect } from "chai";
import { id, Wallet } from "ethers";

import { reasonOf, type Mandate, type Reason, type Use } from "../../../sdk/index.js";
import type { OpenUse } from "../../../sdk/node/index.js";
import type { Consumer } from "../../../examples/gateway/consumers.js";
import { Gate } from "../../../examples/gateway/gate.js";
import { Refusal, refusalOf } from "../../../examples/gateway/refusal.js";

const ACCOUNT = new Wallet(id("account")).address;
const [LEFT, RIGHT] = [new Wallet(id("left")).address, new Wallet(id("right")).address];
const KEY = new Wallet(id("key")).address;
const NEVER_AGAIN = 60_000;

/**
 * A gate before a chain that allows a number of units of each resource beyond the settled total.
 */
function openGate(options: { allowed?: bigint; believeFor?: number } = {}) {
  const world = {
    allowed: options.allowed ?? 1_000_000n,
    /** Use that is served and not settled; epoch 10 is the running one. */
    unsettled: [] as OpenUse[],
    /** Use of requests that were begun. */
    held: [] as Use[],
    prices: new Map([
      [1n, 100n],
      [2n, 10n],
    ]),
    /** Prices in epoch 9. */
    before: new Map([[1n, 100n]]),
    /** Units of resource 1 that the chain was asked for. */
    asked: [] as bigint[],
    /** Resources of the last question. */
    resources: [] as bigint[],
    /** The mandate of the account for the provider that is asked for. */
    mandate: undefined as Mandate | undefined,
    /** Whether the signer is a key of the account. */
    isKey: true,
    /** Promise that every question waits for. */
    answer: Promise.resolve(),
  };
  const authorize = async ({ uses }: { uses: readonly Use[] }): Promise<Reason> => {
    world.asked.push(uses.find(({ resource }) => resource === 1n)?.units ?? 0n);
    world.resources = uses.map(({ resource }) => resource);
    await world.answer;
    return reasonOf(uses.some((use) => use.units > world.allowed) ? 18n : 0n);
  };
  const gate = new Gate({
    chain: {
      now: () =>
        Promise.resolve({ epoch: 10n, time: 1_000n, secondsLeft: 77, prices: world.prices }),
      priceIn: (_, resource) => Promise.resolve(world.before.get(resource)),
    },
    store: {
      exposure: (of) => {
        const sums = new Map<bigint, bigint>();
        const isIn = (use: OpenUse) => !("provider" in of) || use.provider === of.provider;
        for (const use of [...world.unsettled.filter(isIn), ...world.held])
          sums.set(use.resource, (sums.get(use.resource) ?? 0n) + use.units);
        return Promise.resolve([...sums].map(([resource, sum]) => ({ resource, units: sum })));
      },
      unsettled: ({ provider }) =>
        Promise.resolve(
          world.unsettled.filter((use) => provider === undefined || use.provider === provider),
        ),
    },
    ask: {
      authorize,
      mandate: () => Promise.resolve(world.mandate),
      keyReason: () => Promise.resolve(reasonOf(world.isKey ? 0n : 8n)),
    },
    believeFor: options.believeFor ?? NEVER_AGAIN,
  });
  /** Begins a request, as the store does, and asks whether to serve it; gives it up if it is refused. */
  const admit = async (provider: string, uses: readonly Use[]) => {
    world.held.push(...uses);
    try {
      await gate.admit(consumer, provider, uses);
    } catch (error) {
      world.held = world.held.filter((use) => !uses.includes(use));
      throw error;
    }
  };
  return { gate, world, admit };
}

/** Use that is not settled. */
function open(resource: bigint, amount: bigint, epoch = 10n): OpenUse {
  const common = { account: ACCOUNT, provider: RIGHT, signer: ACCOUNT, isSigned: false };
  return { ...common, resource, units: amount, epoch };
}

const consumer: Consumer = {
  name: "research",
  account: ACCOUNT,
  signer: new Wallet(id("key")),
};

function units(amount: bigint): Use[] {
  return [{ resource: 1n, units: amount }];
}

async function refusal(asked: Promise<unknown>): Promise<Refusal> {
  try {
    await asked;
  } catch (error) {
    expect(error).to.be.instanceOf(Refusal);
    return error as Refusal;
  }
  throw new Error("It was admitted.");
}

describe("gateway example: gate", function () {
  it("asks the chain once for several requests", async function () {
    const { world, admit } = openGate();

    for (let i = 0; i < 8; i += 1) await admit(LEFT, units(10n));
    expect(world.asked).to.deep.equal([80n]);
    await admit(LEFT, units(10n));

    expect(world.asked).to.deep.equal([80n, 90n + 150n]); // for twice as many
  });

  it("asks one question at a time for requests that come at once", async function () {
    const { world, admit } = openGate();

    await Promise.all(Array.from({ length: 20 }, () => admit(LEFT, units(10n))));

    expect(world.asked).to.deep.equal([270n]);
  });

  it("asks for exactly what is wanted when more is refused", async function () {
    const { world, admit } = openGate({ allowed: 25n });

    await admit(LEFT, units(10n));
    await admit(LEFT, units(10n));
    const refused = await refusal(admit(LEFT, units(10n)));

    expect(world.asked).to.deep.equal([80n, 10n, 20n, 40n, 30n]);
    expect(refused).to.include({ status: 429, code: "KeyLimitExceeded", reason: 18 });
    expect(refused.retryAfter).to.equal(77);
  });

  it("counts what the account has used and not settled, at any provider", async function () {
    const { world, admit } = openGate({ allowed: 25n });
    world.unsettled = [open(1n, 8n), open(1n, 8n)];

    await admit(LEFT, units(9n));
    await refusal(admit(LEFT, units(1n)));

    expect(world.asked.slice(0, 2)).to.deep.equal([88n, 25n]);
  });

  it("counts use of an epoch with a higher price for as much as it will cost (L-9)", async function () {
    const { world, admit } = openGate();
    world.unsettled = [open(1n, 1_000n, 9n)];
    world.prices.set(1n, 99n);
    world.before.set(1n, 113n);

    await admit(LEFT, units(1n));

    // 1,000 units at 113 are 1,141.4 units at 99; the request itself is asked for eight times.
    expect(world.asked).to.deep.equal([1_142n + 8n]);
  });

  it("counts use of an epoch with a lower price, or with none, for no more than its units", async function () {
    const { world, admit } = openGate();
    world.unsettled = [open(1n, 1_000n, 9n), open(1n, 500n, 8n)];
    world.before.set(1n, 50n);
    await admit(LEFT, units(1n));
    world.before.delete(1n);
    await admit(RIGHT, units(1n));

    expect(world.asked).to.deep.equal([1_508n, 1_509n]);
  });

  describe("with a mandate that names the key (ACC-2)", function () {
    const mandate = (amount: bigint, until = 2_000n, signer = consumer.signer.address) => ({
      ...{ amount, until, tier: 0n, priceEpoch: 10n, signer },
    });

    it("asks for use of this key at this provider alone", async function () {
      const { world, admit } = openGate();
      world.mandate = mandate(100_000n);
      const others = [open(1n, 7n), { ...open(1n, 5n), provider: LEFT }];
      world.unsettled = [...others, { ...open(1n, 3n), provider: LEFT, signer: KEY }];

      await admit(LEFT, units(1n));

      expect(world.asked).to.deep.equal([3n + 8n]);
    });

    it("asks ahead only for as much as the mandate has", async function () {
      const { world, admit } = openGate();
      world.mandate = mandate(700n); // 7 units

      await admit(LEFT, units(1n));

      expect(world.asked).to.deep.equal([1n]);
    });

    it("counts all use of the account again for what the mandate does not cover", async function () {
      const { world, admit } = openGate();
      world.mandate = mandate(700n);
      world.unsettled = [open(1n, 50n)];

      await admit(LEFT, units(8n));

      expect(world.asked).to.deep.equal([50n + 64n]);
    });

    it("takes no notice of a mandate for another signer", async function () {
      const { world, admit } = openGate();
      world.mandate = mandate(100_000n, 2_000n, ACCOUNT);
      world.unsettled = [open(1n, 50n)];

      await admit(LEFT, units(1n));

      expect(world.asked).to.deep.equal([58n]);
    });

    it("refuses a key beside a mandate whose signer could settle its use first at an older price", async function () {
      const { world, admit } = openGate();
      world.mandate = { ...mandate(100_000n, 2_000n, ACCOUNT), priceEpoch: 9n };

      const refused = await refusal(admit(LEFT, units(1n)));

      expect(refused).to.include({ status: 403, code: "OtherMandate" });
      expect(refused.message).to.include(ACCOUNT).and.to.include("release it");
      expect(world.asked).to.deep.equal([]);
    });

    it("refuses a signer that has nothing but a mandate once its promise has ended", async function () {
      const { world, admit } = openGate();
      world.mandate = mandate(100_000n, 999n);
      world.isKey = false;

      const refused = await refusal(admit(LEFT, units(1n)));
      world.isKey = true;
      await admit(LEFT, units(1n));

      expect(refused).to.include({ status: 402, code: "MandateEnded" });
      expect(world.asked).to.deep.equal([8n]);
    });
  });

  it("leaves use of a retired resource out of the question (L-3)", async function () {
    const { world, admit } = openGate();
    world.unsettled = [open(1n, 5n), open(2n, 7n)];
    world.prices.delete(2n);

    await admit(LEFT, units(1n));

    expect(world.resources).to.deep.equal([1n]);
  });

  it("refuses a request of a resource without a price, and asks nothing", async function () {
    const { world, admit } = openGate();
    world.prices.delete(2n);

    const refused = await refusal(admit(LEFT, [{ resource: 2n, units: 1n }]));

    expect(refused).to.include({ status: 503, code: "NoPrice" });
    expect(world.asked).to.deep.equal([]);
  });

  it("asks nothing for a request that can use nothing", async function () {
    const { world, admit } = openGate();

    await admit(LEFT, []);

    expect(world.asked).to.deep.equal([]);
  });

  it("asks again when its answer is too old, or something was settled", async function () {
    const old = openGate({ believeFor: 0 });
    const settled = openGate();

    for (const { admit } of [old, settled]) await admit(LEFT, units(1n));
    settled.gate.forget(ACCOUNT);
    for (const { admit } of [old, settled]) await admit(LEFT, units(1n));

    expect(old.world.asked).to.deep.equal([8n, 2n + 15n]);
    expect(settled.world.asked).to.deep.equal([8n, 2n + 15n]);
  });

  it("does not believe an answer longer because the computer's clock went back (L-5)", async function () {
    const { world, admit } = openGate({ believeFor: 20 });
    const { now } = Date;
    try {
      await admit(LEFT, units(1n));
      Date.now = () => now() - 3_600_000;
      await sleep(40);
      await admit(LEFT, units(1n));
    } finally {
      Date.now = now;
    }

    expect(world.asked).to.deep.equal([8n, 2n + 15n]);
  });

  it("does not believe an answer that was on its way while something was settled", async function () {
    const { gate, world, admit } = openGate();
    let answer = () => {};
    world.answer = new Promise((resolve) => {
      answer = resolve;
    });

    const first = admit(LEFT, units(1n));
    while (world.asked.length === 0) await sleep(1);
    gate.forget(ACCOUNT);
    answer();
    await first;
    await admit(LEFT, units(1n));

    expect(world.asked).to.deep.equal([8n, 2n + 15n]);
  });

  it("goes on after a question that the chain did not answer", async function () {
    const { world, admit } = openGate();
    const failure = Promise.reject(new Error("no answer"));
    failure.catch(() => undefined);
    world.answer = failure;

    const outcome = await admit(LEFT, units(1n)).catch((error: unknown) => error);
    world.answer = Promise.resolve();
    await admit(LEFT, units(1n));

    expect(outcome).to.be.instanceOf(Error).with.property("message", "no answer");
    expect(world.asked).to.deep.equal([8n, 8n]);
  });

  it("has a status for every reason of the chain", function () {
    const statuses = new Map<number, string[]>();
    for (let code = 1n; code <= 28n; code += 1n) {
      const { status, code: name, reason } = refusalOf(reasonOf(code), 5);
      expect(reason).to.equal(Number(code));
      statuses.set(status, [...(statuses.get(status) ?? []), name]);
    }

    expect(statuses.get(402)).to.deep.equal([
      "InsufficientCredit",
      "KeyTotalExceeded",
      "ProjectTotalExceeded",
      "OrganisationTotalExceeded",
    ]);
    expect(statuses.get(403)).to.deep.equal([
      "KeyUnknown",
      "KeyExpired",
      "TierTooLow",
      "CategoryNotAllowed",
      "KeyCannotSpend",
      "ProjectExpired",
      "OrganisationExpired",
    ]);
    expect(statuses.get(429)).to.deep.equal([
      "KeyLimitExceeded",
      "ProjectLimitExceeded",
      "OrganisationLimitExceeded",
    ]);
    expect(statuses.get(503)).to.have.length(14);
  });
});
