import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";

import { expect } from "chai";

import { listFiles } from "../../scripts/checks/files.js";
import { seedChain, type SeededChain } from "../support/dashboard/seeded-chain.js";
import { readCommands, toScript } from "../support/shell-pages.js";

const ROOT = path.join(import.meta.dirname, "../..");
const GUIDES = path.join(ROOT, "docs/guides");
const MINUTE = 60_000;

/** Guides with commands for a seeded node, in the order in which a reader of all would follow them. */
const TRIED = ["README", "consumer", "provider", "contributor", "voter", "guardian"];

/** Guides whose commands install, deploy or check the repository: CI runs those commands themselves. */
const UNTRIED = ["auditor", "deployer"];

describe("docs/guides (INT-7)", function () {
  this.timeout(15 * MINUTE);

  let chain: SeededChain;
  let folder: string;

  before(async function () {
    chain = await seedChain(`guides-${process.pid}`);
    folder = mkdtempSync(path.join(os.tmpdir(), "opa-guides-"));
  });

  after(async function () {
    rmSync(folder, { recursive: true, force: true });
    await chain.close();
  });

  it("has a guide for each role, and knows which have commands to try", function () {
    const guides = listFiles(GUIDES).map((file) => path.basename(file, ".md"));

    expect(guides).to.have.members([...TRIED, ...UNTRIED]);
    for (const guide of TRIED) {
      expect(readCommands(path.join(GUIDES, `${guide}.md`)), guide).to.include("opa ");
    }
    for (const guide of UNTRIED) {
      expect(readCommands(path.join(GUIDES, `${guide}.md`)), guide).to.equal("");
    }
  });

  for (const guide of TRIED) {
    it(`runs every command of docs/guides/${guide}.md against a seeded node`, async function () {
      const tsx = import.meta.resolve("tsx");
      const opa = `'${process.execPath}' --import '${tsx}' '${path.join(ROOT, "cli/main.ts")}'`;
      const script = toScript(readCommands(path.join(GUIDES, `${guide}.md`)), {
        url: chain.url,
        opa,
      });

      const { code, output } = await runScript(script);

      expect(code, output).to.equal(0);
    });
  }

  /** Runs a script of bash in a folder of its own; resolves to its exit code and everything that it printed. */
  async function runScript(script: string): Promise<{ code: number | null; output: string }> {
    const environment = {
      PATH: process.env["PATH"],
      TSX_TSCONFIG_PATH: path.join(ROOT, "tsconfig.json"),
      OPA_RPC_URL: chain.url,
      OPA_MANIFEST: path.resolve(ROOT, chain.manifest),
    };
    const child = spawn("bash", ["--norc", "-c", script], { cwd: folder, env: environment });
    const parts: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => parts.push(text));
    }
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject).once("close", resolve);
    });
    return { code, output: parts.join("") };
  }
});
