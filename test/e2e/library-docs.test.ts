import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";

import { expect } from "chai";
import { Wallet } from "ethers";

import { CONTRACT_KEYS, CONTRACTS } from "../../deploy/lib/manifest.js";
import type { ServedChain } from "../../examples/gateway/local-chain.js";
import { openMarket, type Market } from "../../examples/gateway/market.js";
import { readAbis, renderAbis } from "../../scripts/library/render-abi.js";
import { useServedChain } from "../support/served-chain.js";
import { compileProject } from "../support/typescript.js";

const run = promisify(execFile);

const ROOT = path.join(import.meta.dirname, "..", "..");
const OPA = 10n ** 18n;

/** Where the names of the entry points lead, so that the page is tried on the source and not on an older build. */
const PATHS = {
  "opa-protocol": [path.join(ROOT, "sdk/index.ts")],
  "opa-protocol/node": [path.join(ROOT, "sdk/node/index.ts")],
  "opa-protocol/abi": [path.join(ROOT, "typechain-types/abi.ts")],
};

/** Headings of the page, and the code of all sections in their order. */
function readPage(): { headings: string[]; sections: number; program: string } {
  const page = readFileSync(path.join(ROOT, "docs/library.md"), "utf8");
  const headings = [...page.matchAll(/^## (.*)$/gm)].map((match) => match[1] ?? "");
  const blocks = [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map((match) => match[1] ?? "");
  return { headings, sections: blocks.length, program: blocks.join("\n") };
}

describe("docs/library.md (INT-3)", function () {
  this.timeout(180_000);

  const servedChain = useServedChain();
  let chain: ServedChain;
  let market: Market;
  let folder: string;

  before(async function () {
    chain = servedChain();
    folder = mkdtempSync(path.join(os.tmpdir(), "opa-docs-"));
    market = await openMarket(chain.deployment, {
      ...{ rpcUrl: chain.url, dataFolder: folder, credit: 40_000n * OPA },
      keys: [{ name: "research", epochLimit: 4_000n * OPA }],
    });
    const abi = renderAbis(readAbis(path.join(ROOT, "artifacts")));
    writeFileSync(path.join(ROOT, "typechain-types", "abi.ts"), abi);
    symlinkSync(path.join(ROOT, "node_modules"), path.join(folder, "node_modules"));
    writeFileSync(path.join(folder, "package.json"), JSON.stringify({ type: "module" }));
    writeFileSync(path.join(folder, "page.ts"), readPage().program);
    const { addresses } = chain.deployment;
    const contracts = Object.fromEntries(
      CONTRACT_KEYS.map((key) => [CONTRACTS[key], { address: addresses[key] }] as const),
    );
    const manifest = { chainId: 31_337, deploymentBlock: 0, contracts };
    writeFileSync(path.join(folder, "manifest.json"), JSON.stringify(manifest));
    const compilerOptions = { paths: PATHS, noUnusedLocals: false, moduleDetection: "force" };
    writeFileSync(
      path.join(folder, "tsconfig.json"),
      JSON.stringify({
        extends: path.join(ROOT, "tsconfig.json"),
        compilerOptions: { ...compilerOptions, types: ["node"] },
        include: [path.join(folder, "page.ts")],
      }),
    );
  });

  after(function () {
    market.provider.destroy();
    rmSync(folder, { recursive: true, force: true });
  });

  it("has code in every section", function () {
    const { headings, sections } = readPage();

    expect(sections).to.equal(headings.length);
    expect(sections).to.be.above(8);
  });

  it("compiles with strict types", function () {
    // The sources that the page imports are checked with the repository.
    expect(compileProject(folder, (file) => file.endsWith("/page.ts"))).to.equal("");
  });

  it("runs against a local chain, and settles the use that it meters", async function () {
    const [consumer] = market.settings.consumers;
    const [model] = market.settings.models;
    const environment = {
      ...process.env,
      OPA_RPC_URL: chain.url,
      OPA_MANIFEST: path.join(folder, "manifest.json"),
      OPA_SUBMITTER_KEY: market.settings.submitterKey,
      OPA_PROVIDER: model?.provider ?? "",
      OPA_ACCOUNT: market.account,
      OPA_SIGNER_KEY: consumer?.signerKey ?? "",
      OPA_JOURNAL: path.join(folder, "meter.journal"),
      OPA_RECEIPTS: path.join(folder, "receipts.journal"),
    };

    const { stdout } = await run(process.execPath, ["--import", "tsx", "page.ts"], {
      cwd: folder,
      env: { ...environment, TSX_TSCONFIG_PATH: path.join(folder, "tsconfig.json") },
    });

    const { registry, meter } = chain.deployment;
    const epoch = await meter.currentEpoch();
    const [input, output] = [
      await registry.unitPriceOf(1n, epoch),
      await registry.unitPriceOf(2n, epoch),
    ];
    const submitter = new Wallet(market.settings.submitterKey).address;
    const lines = stdout.trim().split("\n");
    expect(lines).to.include.members([
      `${input}n true`,
      `${500n * input + 256n * output}n None`,
      "The answer has no usage object.",
      "15n",
      'true {"text":"Hello"}',
      "true",
      "true 1",
      "2 true",
      `OrganisationsNotAdmin ${submitter} is no admin of account ${market.account}. ` +
        "Send the transaction from an admin; at first that is the account itself.",
    ]);
    expect(lines.find((line) => /^1 \d{5,}n 40n$/.test(line))).to.not.equal(undefined);
    expect(lines.at(-1)).to.match(/^\d{20,}n \d{2}$/);
  });
});
