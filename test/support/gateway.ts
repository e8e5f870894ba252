import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";

import { expect } from "chai";
import type { FastifyInstance } from "fastify";
import OpenAI from "openai";

import type { ServedChain } from "../../examples/gateway/local-chain.js";
import { openMarket, type KeyPlan, type Market } from "../../examples/gateway/market.js";
import { openGateway, type OpenGateway } from "../../examples/gateway/open.js";
import { createServer } from "../../examples/gateway/server.js";
import type { Settings } from "../../examples/gateway/settings.js";
import { OPA } from "../../sdk/units.js";
import { useServedChain } from "./served-chain.js";

/** Milliseconds between settlements of a gateway that is not to settle by itself. */
export const RARELY = 3_600_000;
/** Names of the stand-in models. */
export const SMALL = "stand-in-small";
export const LARGE = "stand-in-large";

/** A gateway in this process, and the market that it serves. */
export class GatewayWorld {
  market!: Market;
  chain!: ServedChain;
  /** Where the gateway listens. */
  url = "";
  /** Where the journal of the running test is. */
  folder = "";
  /** The gateway, while one runs. */
  open: OpenGateway | undefined;
  #server: FastifyInstance | undefined;
  readonly failures: Error[] = [];
  readonly lines: string[] = [];

  /** Starts a gateway, or starts it again on the same journal. */
  async start(changes: Partial<Settings> = {}): Promise<void> {
    const store = { kind: "journal", folder: path.join(this.folder, "data") } as const;
    const settings = { ...this.market.settings, store, settleEvery: RARELY, ...changes };
    this.open = await openGateway(settings, {
      log: (line) => this.lines.push(line),
      onFailure: (error) => this.failures.push(error),
    });
    this.#server = createServer(this.open.gateway, settings);
    this.url = await this.#server.listen({ host: "127.0.0.1", port: 0 });
  }

  /** Stops the gateway, which settles. */
  async stop(): Promise<void> {
    await this.#server?.close();
    await this.open?.close();
    [this.#server, this.open] = [undefined, undefined];
  }

  /** OpenAI's client with the API key of a consumer, or with any other. */
  clientOf(consumer = "research", options: object = {}): OpenAI {
    const apiKey = this.market.apiKeys[consumer] ?? consumer;
    return new OpenAI({ apiKey, baseURL: `${this.url}/v1`, maxRetries: 0, ...options });
  }

  /** Stops the gateway; then the units of a model that the chain has for an account, by resource. */
  async settledOf(
    model: string,
    account = this.market.account,
  ): Promise<{ input: bigint; output: bigint }> {
    await this.stop();
    const provider = this.providerOf(model);
    const { meter } = this.chain.deployment;
    const [input, output] = await Promise.all(
      [1n, 2n].map((resource) => meter.lineOf(account, provider, resource)),
    );
    return { input: input?.cumulativeUnits ?? 0n, output: output?.cumulativeUnits ?? 0n };
  }

  providerOf(model: string): string {
    return this.market.settings.models.find(({ name }) => name === model)?.provider ?? "";
  }
}

/**
 * Gives a suite a gateway on a market of its own. Changes of a test to the chain are undone before
 * the next one.
 */
export function useGateway(keys: readonly KeyPlan[]): GatewayWorld {
  const world = new GatewayWorld();
  const servedChain = useServedChain();
  let snapshot = "";
  const revert = async () => {
    await world.market.provider.send("evm_revert", [snapshot]);
    snapshot = (await world.market.provider.send("evm_snapshot", [])) as string;
  };

  before(async function () {
    world.chain = servedChain();
    world.market = await openMarket(world.chain.deployment, {
      ...{ rpcUrl: world.chain.url, dataFolder: "data", credit: 40_000n * OPA },
      keys,
    });
    snapshot = (await world.market.provider.send("evm_snapshot", [])) as string;
  });

  beforeEach(async function () {
    await revert();
    world.folder = mkdtempSync(path.join(os.tmpdir(), "opa-gateway-test-"));
    world.failures.length = world.lines.length = 0;
  });

  afterEach(async function () {
    // If a test failed, the chain may be in a state in which nothing settles.
    if (world.open) await revert();
    await world.stop();
    rmSync(world.folder, { recursive: true, force: true });
    expect(world.failures).to.deep.equal([]);
  });

  after(function () {
    world.market.provider.destroy();
  });

  return world;
}

/** The error of some work; undefined if it succeeds. */
export async function failureOf(asked: Promise<unknown>): Promise<unknown> {
  return asked.then(
    () => undefined,
    (error: unknown) => error,
  );
}
