import path from "node:path";

import { expect } from "chai";
import { id } from "ethers";
import JSON5 from "json5";
import { readFile } from "node:fs/promises";

import {
  parseSettings,
  readSettings,
  renderSettings,
  SettingsError,
} from "../../../examples/gateway/settings.js";

const EXAMPLE = path.join(import.meta.dirname, "../../../examples/gateway/settings.example.json5");

const ENVIRONMENT = {
  GATEWAY_RPC_URL: "http://127.0.0.1:8545",
  GATEWAY_SUBMITTER_KEY: id("submitter"),
  GATEWAY_MODEL_KEY: "secret",
  GATEWAY_RESEARCH_KEY: id("research"),
};

async function example(): Promise<Record<string, unknown>> {
  return JSON5.parse(await readFile(EXAMPLE, "utf8"));
}

describe("gateway example: settings", function () {
  it("reads the example file, with its secrets from the environment (M14)", async function () {
    const settings = await readSettings(EXAMPLE, ENVIRONMENT);

    expect(settings).to.deep.include({
      rpcUrl: ENVIRONMENT.GATEWAY_RPC_URL,
      submitterKey: ENVIRONMENT.GATEWAY_SUBMITTER_KEY,
      store: { kind: "journal", folder: "gateway-data" },
      resources: { input: 1n, cacheRead: 1n, cacheWrite: 1n, output: 2n, reasoning: 2n },
    });
    expect(settings.models.map(({ kind }) => kind)).to.deep.equal(["upstream", "stand-in"]);
    expect(settings).to.include({ rpcTimeout: 15_000, gasCap: 16_000_000n, maxFeeRaise: 6 });
    expect(settings).to.include({ maxClockLead: 60 });
    expect(settings.models[0]).to.include({ apiKey: "secret", limitField: "max_tokens" });
    expect(settings.consumers[0]).to.include({ signerKey: ENVIRONMENT.GATEWAY_RESEARCH_KEY });
  });

  it("reads back what it renders", async function () {
    const settings = await readSettings(EXAMPLE, ENVIRONMENT);

    expect(parseSettings(JSON.parse(renderSettings(settings)), {})).to.deep.equal(settings);
  });

  it("reads a database in place of a journal", async function () {
    const store = { kind: "postgres", url: { env: "DATABASE" }, schema: "opa_other" };

    const settings = parseSettings(
      { ...(await example()), store },
      { ...ENVIRONMENT, DATABASE: "postgres://127.0.0.1/opa" },
    );

    expect(settings.store).to.deep.equal({
      ...{ kind: "postgres", url: "postgres://127.0.0.1/opa", schema: "opa_other" },
    });
  });

  const WRONG: [string, Record<string, unknown>, string][] = [
    [
      "a misspelt setting",
      { limitPerAcount: "5" },
      'The settings should have no "limitPerAcount".',
    ],
    [
      "no resource for output",
      { resources: { input: "1" } },
      "Resources in the settings should ha",
    ],
    [
      "an unknown kind of token",
      { resources: { input: "1", output: "2", dreams: "3" } },
      'Resources in the settings should have no "dreams".',
    ],
    [
      "a resource that is no id",
      { resources: { input: "1", output: "2", reasoning: "-" } },
      'Resources in the settings should have a proper "reasoning".',
    ],
    [
      "no such store",
      { store: { kind: "file" } },
      'Store in the settings should have a proper "kin',
    ],
    [
      "a secret that the environment does not have",
      { submitterKey: { env: "NOT_THERE" } },
      "The environment has no NOT_THERE, which the settings ask for.",
    ],
    [
      "a secret that is no key",
      { submitterKey: { env: "GATEWAY_MODEL_KEY" } },
      'The environment\'s GATEWAY_MODEL_KEY is no proper "submitterKey".',
    ],
    [
      "a model of no kind",
      { models: [{ name: "x", provider: `0x${"11".repeat(20)}`, kind: "magic" }] },
      'Each of models in the settings should have a proper "kind".',
    ],
  ];
  for (const [what, changes, message] of WRONG)
    it(`refuses ${what}, in one sentence without the value`, async function () {
      const content = { ...(await example()), ...changes };

      expect(() => parseSettings(content, ENVIRONMENT)).to.throw(SettingsError, message);
    });
});
