import { expect } from "chai";
import { id, Wallet } from "ethers";

import { reasonOf, type Reason, type Use } from "../../../sdk/index.js";
import type { Consumer } from "../../../examples/gateway/consumers.js";
import { Gate } from "../../../examples/gateway/gate.js";
import { Refusal, refusalOf } from "../../../examples/gateway/refusal.js";

const ACCOUNT = new Wallet(id("account")).address;
const [LEFT, RIGHT] = [new Wallet(id("left")).address, new Wallet(id("right")).address];
const PRICES: Readonly<Record<string, bigint>> = { 1: 3n, 2: 10n };
const NEVER_AGAIN = 60_000;

/** A gate before a chain that allows so many units of each resource beyond what is settled. */
function openGate(options: { allowed?: bigint; limit?: bigint; believeFor?: number } = {}) {
  const { limit = 1_000_000n, believeFor = NEVER_AGAIN } = options;
  const world = {
    allowed: options.allowed ?? 1_000_000n,
    unsettled: [] as { provider: string; resource: bigint; units: bigint }[],
    /** Units of resource 1 that the chain was asked for. */
    asked: [] as bigint[],
    /** What every question waits for. */
    answer: Promise.resolve(),
  };
  const authorize = async ({ uses }: { uses: readonly Use[] }): Promise<Reason> => {
    world.asked.push(uses.find(({ resource }) => resource === 1n)?.units ?? 0n);
    await world.answer;
    return reasonOf(uses.some(({ units }) => units > world.allowed) ? 18n : 0n);
  };
  const exposure = new Map<string, bigint>();
  const gate = new Gate({
    chain: {
      now: () => Promise.resolve({ epoch: 1n, secondsLeft: 77, prices: new Map() }),
      chargeFor: (uses) =>
        uses.reduce(
          (sum, { resource, units }) => sum + (PRICES[resource.toString()] ?? 0n) * units,
          0n,
        ),
    },
    meter: {
      lines: () => world.unsettled.map((line) => ({ account: ACCOUNT, ...line })),
      unsettled: (_, provider) =>
        world.unsettled.filter((line) => provider === undefined || line.provider === provider),
    },
    authorize,
    risk: {
      setExposure: (provider, charge) => exposure.set(provider, charge),
      canServe: (provider, charge) => (exposure.get(provider) ?? 0n) + charge <= limit,
    },
    believeFor,
  });
  return { gate, world };
}

const consumer: Consumer = {
  name: "research",
  account: ACCOUNT,
  project: 1,
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
    const { gate, world } = openGate();

    for (let i = 0; i < 8; i += 1) await gate.admit(consumer, LEFT, units(10n));
    expect(world.asked).to.deep.equal([80n]);
    await gate.admit(consumer, LEFT, units(10n));

    expect(world.asked).to.deep.equal([80n, 160n]);
  });

  it("asks one question at a time for requests that come at once", async function () {
    const { gate, world } = openGate();

    await Promise.all(Array.from({ length: 20 }, () => gate.admit(consumer, LEFT, units(10n))));

    expect(world.asked).to.deep.equal([270n]);
  });

  it("asks for exactly what is wanted when more is refused", async function () {
    const { gate, world } = openGate({ allowed: 25n });

    await gate.admit(consumer, LEFT, units(10n));
    await gate.admit(consumer, LEFT, units(10n));
    const refused = await refusal(gate.admit(consumer, LEFT, units(10n)));

    expect(world.asked).to.deep.equal([80n, 10n, 90n, 20n, 100n, 30n]);
    expect(refused).to.include({ status: 429, code: "KeyLimitExceeded", reason: 18 });
    expect(refused.retryAfter).to.equal(77);
  });

  it("gives back what a request reserved when it ends and when it is refused", async function () {
    const { gate } = openGate({ allowed: 25n });

    const ticket = await gate.admit(consumer, LEFT, units(20n));
    await refusal(gate.admit(consumer, LEFT, units(20n)));
    expect(gate.exposureOf(LEFT)).to.equal(60n);
    ticket.release();

    expect(gate.exposureOf(LEFT)).to.equal(0n);
    await gate.admit(consumer, LEFT, units(20n));
  });

  it("counts what the account has used and not settled, at any provider", async function () {
    const { gate, world } = openGate({ allowed: 25n });
    world.unsettled = [
      { provider: LEFT, resource: 1n, units: 8n },
      { provider: RIGHT, resource: 1n, units: 8n },
    ];

    await gate.admit(consumer, LEFT, units(9n));
    await refusal(gate.admit(consumer, LEFT, units(1n)));

    expect(world.asked.slice(0, 2)).to.deep.equal([88n, 25n]);
  });

  it("asks again when its answer is too old, or something was settled", async function () {
    const old = openGate({ believeFor: 0 });
    const settled = openGate();

    for (const { gate } of [old, settled]) await gate.admit(consumer, LEFT, units(1n));
    settled.gate.forget(ACCOUNT);
    for (const { gate } of [old, settled]) await gate.admit(consumer, LEFT, units(1n));

    expect(old.world.asked).to.deep.equal([8n, 9n]);
    expect(settled.world.asked).to.deep.equal([8n, 9n]);
  });

  it("does not believe an answer that was on its way while something was settled", async function () {
    const { gate, world } = openGate();
    let answer = () => {};
    world.answer = new Promise((resolve) => {
      answer = resolve;
    });

    const first = gate.admit(consumer, LEFT, units(1n));
    while (world.asked.length === 0) await Promise.resolve();
    gate.forget(ACCOUNT);
    answer();
    await first;
    await gate.admit(consumer, LEFT, units(1n));

    expect(world.asked).to.deep.equal([8n, 9n]);
  });

  it("refuses what would take a provider over its value at risk, and no other", async function () {
    const { gate, world } = openGate({ limit: 100n });
    world.unsettled = [{ provider: LEFT, resource: 2n, units: 7n }];

    await gate.admit(consumer, LEFT, units(10n));
    const refused = await refusal(gate.admit(consumer, LEFT, units(1n)));
    await gate.admit(consumer, RIGHT, units(33n));

    expect(refused).to.include({ status: 429, code: "ValueAtRisk", retryAfter: 1 });
    expect(refused.reason).to.equal(undefined);
    expect([gate.exposureOf(LEFT), gate.exposureOf(RIGHT)]).to.deep.equal([100n, 99n]);
  });

  it("goes on after a question that the chain did not answer", async function () {
    const { gate, world } = openGate();
    const failure = Promise.reject(new Error("no answer"));
    failure.catch(() => undefined);
    world.answer = failure;

    const outcome = await gate.admit(consumer, LEFT, units(1n)).catch((error: unknown) => error);
    world.answer = Promise.resolve();
    await gate.admit(consumer, LEFT, units(1n));

    expect(outcome).to.be.instanceOf(Error).with.property("message", "no answer");
    expect(gate.exposureOf(LEFT)).to.equal(3n);
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
