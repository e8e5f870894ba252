import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";

import { expect } from "chai";
import { JsonRpcProvider } from "ethers";

import { runProgram } from "../../cli/program.js";
import { deploymentFolder, manifestPath } from "../../deploy/lib/deploy.js";
import { freePort } from "../../scripts/e2e/clients.js";
import { listFiles } from "../../scripts/checks/files.js";
import { serveCommands, type ShellCommands } from "../support/shell-commands.js";
import { seedChain, type SeededChain } from "../support/dashboard/seeded-chain.js";
import { ROOT, SCRIPT_FLAGS } from "../support/script-process.js";
import { readBlocks, readCommands, runScript, toScript } from "../support/shell-pages.js";

const GUIDES = path.join(ROOT, "docs/guides");
const RUNBOOKS = path.join(ROOT, "docs/runbooks");
const MINUTE = 60_000;

/** Guides for a seeded node, in the order in which a reader of all would follow them. */
const SEEDED_GUIDES = ["README", "consumer", "provider", "contributor", "voter", "guardian"];

/** Runbooks for a seeded node; each begins on the stage that their README sets. */
const SEEDED_RUNBOOKS = [
  ...["pause", "stolen-operator-key", "stolen-gateway-key"],
  ...["lost-journal", "stuck-transaction", "chain-reorganised"],
];

/** Pages for an empty node. */
const DEPLOYER = path.join(GUIDES, "deployer.md");
const INTERRUPTED = path.join(RUNBOOKS, "interrupted-deployment.md");

/** Commands of blocks marked `console`, each with the file that runs them, and the text there that does. */
const RUN_ELSEWHERE: Readonly<Record<string, readonly [file: string, text: string]>> = {
  "npm ci": [".ci/run", "step npm ci "],
  "npm run check": [".ci/run", "step npm run check\n"],
  "npm run build": ["scripts/check.ts", 'runLanes([["build"]]'],
  "npm run checks": ["scripts/check.ts", '"lint", "types", "checks"'],
  "npm start -- --node": ["test/e2e/loop.test.ts", '"--node",'],
  "npm run node": ["test/e2e/guides.test.ts", 'start("run-node.ts", "--port", '],
  "npm run sources -- --network sepolia": ["test/deployment/sources.test.ts", "publishSources("],
  "npm run gateway -- settings.json5": ["test/e2e/gateway.test.ts", "GatewayProcess.start("],
};

/** How pages write the command line, how it runs here, and how time passes here. */
const [OPA, OPA_HERE, WAIT] = ["npm run --silent opa --", "run_here opa", "run_here wait"];

describe("docs/guides and docs/runbooks (INT-7)", function () {
  this.timeout(15 * MINUTE);

  let folder: string;
  /** Address of the node of the running suite. */
  let url: string;
  let shell: ShellCommands;

  before(async function () {
    // Other files run `opa` as a process.
    shell = await serveCommands({
      opa: async (args, env) => {
        const [out, err]: [string[], string[]] = [[], []];
        const code = await runProgram(args, {
          out: { write: (text) => out.push(text) },
          err: { write: (text) => err.push(text) },
          env,
        });
        return { code, out: out.join(""), err: err.join("") };
      },
      wait: async ([seconds]) => {
        const provider = new JsonRpcProvider(url);
        await provider.send("evm_increaseTime", [Number(seconds)]);
        await provider.send("evm_mine", []);
        provider.destroy();
        return { code: 0, out: "", err: "" };
      },
    });
    folder = mkdtempSync(path.join(os.tmpdir(), "opa-guides-"));
  });

  after(async function () {
    await shell.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("have commands on every page, which run here or, marked `console`, elsewhere", function () {
    const names = (of: string) => listFiles(of).map((file) => path.basename(file, ".md"));
    expect(names(GUIDES)).to.have.members([...SEEDED_GUIDES, "deployer", "auditor"]);
    expect(names(RUNBOOKS)).to.have.members([
      ...["README", "interrupted-deployment"],
      ...SEEDED_RUNBOOKS,
    ]);

    const pages = [GUIDES, RUNBOOKS].flatMap((of) =>
      listFiles(of).map((file) => path.join(of, file)),
    );
    for (const page of pages) {
      const blocks = readBlocks(page);
      const marks = blocks.map(({ mark }) => mark);
      expect(
        marks.filter((mark) => !["sh", "console", "toml", "ts"].includes(mark)),
        page,
      ).to.be.empty;
      expect(marks.includes("sh") || marks.includes("console"), page).to.equal(true);
      for (const { text } of blocks.filter(({ mark }) => mark === "console"))
        for (const command of text.trim().split("\n")) {
          const [file, run] = RUN_ELSEWHERE[command] ?? ["", ""];
          expect(file, `${page}: ${command}`).not.to.equal("");
          expect(readFileSync(path.join(ROOT, file), "utf8"), command).to.include(run);
        }
    }
  });

  describe("on a seeded node", function () {
    let chain: SeededChain;
    let fresh: { restore(): Promise<void> };

    before(async function () {
      chain = await seedChain(`guides-${process.pid}`);
      url = chain.url;
      fresh = await chain.connection.networkHelpers.takeSnapshot();
    });

    after(async function () {
      await chain.close();
    });

    /** Runs commands of pages, one after the other. */
    async function run(commands: string): Promise<void> {
      const { code, output } = await runScript(
        toScript(commands, { prelude: shell.prelude, wait: WAIT, instead: { [OPA]: OPA_HERE } }),
        folder,
        {
          PATH: process.env["PATH"],
          OPA_RPC_URL: chain.url,
          OPA_MANIFEST: path.resolve(ROOT, chain.manifest),
        },
      );
      expect(code, output).to.equal(0);
    }

    describe("guides", function () {
      for (const guide of SEEDED_GUIDES)
        it(`run every command of docs/guides/${guide}.md`, async function () {
          await run(readCommands(path.join(GUIDES, `${guide}.md`)));
        });
    });

    describe("runbooks", function () {
      const [names = "", stage = ""] = readBlocks(path.join(RUNBOOKS, "README.md")).map(
        ({ text }) => text,
      );
      let seeded: { restore(): Promise<void> };

      before(async function () {
        // The guides have moved the time and used the accounts.
        await fresh.restore();
        await run(`${names}\n${stage}`);
        seeded = await chain.connection.networkHelpers.takeSnapshot();
      });

      afterEach(async function () {
        await seeded.restore();
      });

      for (const runbook of SEEDED_RUNBOOKS)
        it(`run every command of docs/runbooks/${runbook}.md`, async function () {
          await run(`${names}\n${readCommands(path.join(RUNBOOKS, `${runbook}.md`))}`);
        });
    });
  });

  describe("on an empty node", function () {
    const deploymentId = `guides-empty-${process.pid}`;
    let node: ChildProcess;

    before(async function () {
      const port = await freePort();
      url = `http://127.0.0.1:${port}`;
      node = start("run-node.ts", "--port", `${port}`);
      await new Promise<void>((resolve, reject) => {
        node.once("exit", reject);
        node.stdout?.on("data", (part: Buffer) => {
          if (part.includes("Started")) resolve();
        });
      });
    });

    after(async function () {
      if (node.exitCode === null) {
        node.kill();
        await once(node, "close");
      }
      rmSync(deploymentFolder(deploymentId), { recursive: true, force: true });
    });

    /** Runs commands of pages that deploy: to this node, without another build. */
    async function run(commands: string): Promise<void> {
      const where = `--network localhost --no-build --deployment-id ${deploymentId}`;
      const script = (file: string) =>
        `'${process.execPath}' ${SCRIPT_FLAGS.join(" ")} scripts/${file} ${where}`;
      const instead = {
        [OPA]: OPA_HERE,
        "npm run deploy -- --network localhost": script("deploy-suite.ts"),
        "npm run deploy -- --network sepolia": script("deploy-suite.ts"),
        "npm run verify -- --network localhost": script("verify-deployment.ts"),
        "npm run verify -- --network sepolia": script("verify-deployment.ts"),
        " --network sepolia": " --network localhost",
      };
      const { code, output } = await runScript(
        toScript(commands, { prelude: shell.prelude, wait: WAIT, instead }),
        ROOT,
        {
          ...process.env,
          LOCALHOST_RPC_URL: url,
          OPA_MANIFEST: manifestPath(deploymentId),
        },
      );
      expect(code, output).to.equal(0);
    }

    it("run every command of docs/runbooks/interrupted-deployment.md, after a deployment was killed", async function () {
      const killed = "timeout -s KILL 8 npm run deploy -- --network localhost || test $? -eq 137";

      await run(`${killed}\n${readCommands(INTERRUPTED)}`);
    });

    it("run every command of docs/guides/deployer.md", async function () {
      await run(readCommands(DEPLOYER));
    });
  });
});

/** Starts a command of scripts/. */
function start(file: string, ...args: readonly string[]): ChildProcess {
  const command = [...SCRIPT_FLAGS, path.join("scripts", file), ...args];
  return spawn(process.execPath, command, { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] });
}
