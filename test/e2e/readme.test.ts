import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";

import { expect } from "chai";

import { CONTRACT_KEYS, CONTRACTS } from "../../deploy/lib/manifest.js";
import { serveChain, type ServedChain } from "../../examples/gateway/local-chain.js";
import { openMarket, type Market } from "../../examples/gateway/market.js";

const run = promisify(execFile);

const ROOT = path.join(import.meta.dirname, "../..");
const OPA = 10n ** 18n;
const INPUT = 1n;

describe("README.md (INT-3)", function () {
  this.timeout(180_000);

  let chain: ServedChain;
  let market: Market;
  let folder: string;

  before(async function () {
    chain = await serveChain(`readme-${process.pid}`);
    folder = mkdtempSync(path.join(os.tmpdir(), "opa-readme-"));
    market = await openMarket(chain.deployment, {
      ...{ rpcUrl: chain.url, dataFolder: folder, credit: 10n * OPA },
      keys: [{ name: "research", epochLimit: 5n * OPA }],
    });
  });

  after(async function () {
    market.provider.destroy();
    await chain.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("has a program that asks the chain, signs a statement and settles it", async function () {
    const readme = readFileSync(path.join(ROOT, "README.md"), "utf8");
    const programs = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = ""]) => code);
    expect(programs).to.have.length(1);
    const { addresses, meter } = chain.deployment;
    const contracts = Object.fromEntries(
      CONTRACT_KEYS.map((key) => [CONTRACTS[key], { address: addresses[key] }] as const),
    );
    const manifest = { chainId: 31_337, deploymentBlock: 0, contracts };
    const paths = { "opa-protocol": [path.join(ROOT, "sdk/index.ts")] };
    symlinkSync(path.join(ROOT, "node_modules"), path.join(folder, "node_modules"));
    for (const [name, content] of Object.entries({
      "program.ts": programs[0] ?? "",
      "manifest.json": JSON.stringify(manifest),
      "package.json": JSON.stringify({ type: "module" }),
      "tsconfig.json": JSON.stringify({ compilerOptions: { paths } }),
    })) {
      writeFileSync(path.join(folder, name), content);
    }
    const [consumer] = market.settings.consumers;
    const [model] = market.settings.models;
    if (!consumer || !model) throw new Error("a consumer and a model expected");

    const { stdout } = await run(process.execPath, ["--import", "tsx", "program.ts"], {
      cwd: folder,
      env: {
        ...process.env,
        TSX_TSCONFIG_PATH: path.join(folder, "tsconfig.json"),
        OPA_RPC_URL: chain.url,
        OPA_MANIFEST: path.join(folder, "manifest.json"),
        OPA_SUBMITTER_KEY: market.settings.submitterKey,
        OPA_SIGNER_KEY: consumer.signerKey,
        OPA_ACCOUNT: market.account,
        OPA_PROVIDER: model.provider,
      },
    });

    expect(stdout.trim()).to.equal(`would settle: None ${4n * OPA}n`);
    const { cumulativeUnits } = await meter.lineOf(market.account, model.provider, INPUT);
    expect(cumulativeUnits).to.equal(1_000n);
  });
});
