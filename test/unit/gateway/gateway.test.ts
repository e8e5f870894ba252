import { expect } from "chai";
import { id, Wallet } from "ethers";

import type { Call } from "../../../examples/gateway/api/call.js";
import { Gateway, type GatewayParts } from "../../../examples/gateway/gateway.js";
import { Metrics } from "../../../examples/gateway/metrics.js";
import { StandIn } from "../../../examples/gateway/models/stand-in.js";
import { Refusal } from "../../../examples/gateway/refusal.js";
import { MeterError, type ServedCall } from "../../../sdk/node/index.js";

const AWAY = "The meter's database does not work (connect ECONNREFUSED 10.1.2.3:5432).";
const CONSUMER = { name: "research", account: id("account"), signer: new Wallet(id("key")) };
const CALL = {
  ...{ endpoint: "chat", model: "stand-in", inputs: [], stop: [], maxTokens: 8, sampling: {} },
  messages: [{ role: "user", content: "What is a meter?" }],
} as unknown as Call;

/** A gateway whose store is away for so many recordings. */
function openGateway(away: number, lease: number) {
  const world = { recorded: [] as ServedCall[], failures: 0, abandoned: 0 };
  const prices = new Map([
    [1n, 1n],
    [2n, 1n],
  ]);
  const store = {
    begin: () => Promise.resolve({ kind: "open", token: "t" }),
    abandon: () => {
      world.abandoned += 1;
      return Promise.resolve();
    },
    record: (call: ServedCall) => {
      if (world.failures < away) {
        world.failures += 1;
        return Promise.reject(new MeterError(AWAY, "unavailable"));
      }
      world.recorded.push(call);
      return Promise.resolve({ isNew: true, call });
    },
  };
  const metrics = new Metrics();
  const model = new StandIn({ maxTokens: 8, delay: 0, reasoning: false });
  const gateway = new Gateway({
    ...{ store, metrics, lease, resources: { input: 1n, cacheRead: 1n, output: 2n } },
    chain: { now: () => Promise.resolve({ epoch: 10n, prices }) },
    gate: { admit: () => Promise.resolve() },
    models: [{ name: "stand-in", provider: id("provider"), model }],
    limits: { perProvider: 10n ** 9n, perAccount: 10n ** 9n },
    settle: () => Promise.resolve(),
  } as unknown as GatewayParts);
  return { gateway, metrics, world };
}

describe("gateway example: gateway", function () {
  it("asks a store that is away again until it counts a streamed answer", async function () {
    const { gateway, world } = openGateway(2, 60_000);
    const pieces: string[] = [];

    const { answer } = await gateway.serve(CONSUMER, "name", CALL, (text) => pieces.push(text));

    expect(pieces.join("")).to.equal(answer.text);
    expect(world.failures).to.equal(2);
    expect(world.recorded.map(({ uses }) => uses)).to.deep.equal([
      [
        { resource: 1n, units: 4n },
        { resource: 2n, units: 8n },
      ],
    ]);
    expect(world.abandoned).to.equal(0);
  });

  it("gives up when the lease ends, says so in its figures, and does not tell where the store is", async function () {
    const { gateway, metrics } = openGateway(Infinity, 250);

    const error = await gateway.serve(CONSUMER, "name", CALL).then(
      () => undefined,
      (reason: unknown) => reason,
    );

    expect(error).to.be.instanceOf(Refusal).and.to.include({ status: 503, code: "Unavailable" });
    expect((error as Refusal).message).to.not.include("10.1.2.3");
    expect(await metrics.registry.metrics()).to.include("opa_uncounted_total 1");
  });
});
