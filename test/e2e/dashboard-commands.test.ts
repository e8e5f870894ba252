import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

import { expect } from "chai";

const ROOT = path.join(import.meta.dirname, "..", "..");
const ADDRESS = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";

interface Ending {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

function start(script: string, args: readonly string[]): ChildProcess {
  const file = path.join("scripts", script);
  return spawn(process.execPath, ["--import", "tsx", file, ...args], { cwd: ROOT });
}

async function run(script: string, ...args: readonly string[]): Promise<Ending> {
  const child = start(script, args);
  let output = "";
  let errors = "";
  child.stdout?.on("data", (part: Buffer) => (output += part.toString()));
  child.stderr?.on("data", (part: Buffer) => (errors += part.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, output, errors: errors.trim() };
}

describe("commands of the page", function () {
  let folder: string;
  let manifest: string;

  before(function () {
    folder = mkdtempSync(path.join(tmpdir(), "opa-dashboard-commands-"));
    manifest = path.join(folder, "manifest.json");
    const contracts = {
      SystemDirectory: { address: ADDRESS, abi: [] },
      Genesis: { address: ADDRESS, abi: [] },
      Meter: { address: ADDRESS, abi: [] },
    };
    writeFileSync(manifest, JSON.stringify({ chainId: 5, deploymentBlock: 1, contracts }));
  });

  after(function () {
    rmSync(folder, { recursive: true, force: true });
  });

  it("write static files for any path, with the node and the addresses that were named", async function () {
    const out = path.join(folder, "site");
    const args = ["--out", out, "--rpc", "https://node.example", "--manifest", manifest];

    const { code, errors } = await run("build-dashboard.ts", ...args);

    expect([code, errors]).to.deep.equal([0, ""]);
    const html = readFileSync(path.join(out, "index.html"), "utf8");
    const files = [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map((match) => match[1] ?? "");
    expect(files).to.have.length.above(2);
    for (const file of files) {
      expect(file).to.match(/^\.\//);
      expect(existsSync(path.join(out, file)), file).to.equal(true);
    }
    expect(html).not.to.match(/<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=/);
    expect(html).to.include("default-src 'none'; script-src 'self'; style-src 'self'");
    expect(JSON.parse(readFileSync(path.join(out, "config.json"), "utf8"))).to.deep.equal({
      rpc: "https://node.example",
      manifest: {
        ...{ chainId: 5, deploymentBlock: 1 },
        contracts: { SystemDirectory: { address: ADDRESS }, Genesis: { address: ADDRESS } },
      },
    });
  });

  it("serve the page and say where, until they are ended", async function () {
    const child = start("serve-dashboard.ts", ["--port", "0", "--manifest", manifest]);
    let output = "";
    for await (const part of child.stdout ?? []) {
      output += String(part);
      if (output.includes("Ctrl-C ends it.")) break;
    }

    const url = /is served at (http:\S+)/.exec(output)?.[1] ?? "";
    const page = await (await fetch(url)).text();
    const { rpc } = (await (await fetch(`${url}config.json`)).json()) as { rpc: string };
    child.kill();
    await once(child, "close");

    expect(page).to.include('<div id="app">');
    expect(rpc).to.equal("http://127.0.0.1:8545");
  });

  it("say in one sentence that a port is taken", async function () {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const address = taken.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;

    const { code, errors } = await run(
      "serve-dashboard.ts",
      "--port",
      `${port}`,
      "--manifest",
      manifest,
    );
    taken.close();

    expect([code, errors]).to.deep.equal([
      ...[1, `Port ${port} is taken; end what uses it, or name another one with --port.`],
    ]);
  });

  const MISTAKES: [string, string, string[], string][] = [
    ["an unknown option", "serve-dashboard.ts", ["--speed", "9"], "Unknown option '--speed'"],
    ["a port that is none", "serve-dashboard.ts", ["--port", "x"], '"x" is not a port'],
    [
      ...(["a missing manifest", "build-dashboard.ts"] as const),
      ["--manifest", "none.json"],
      "There is no manifest at none.json; deploy first.",
    ],
    [
      ...(["an address that is none", "build-dashboard.ts"] as const),
      ["--rpc", "node"],
      '"node" is not the address of a node, such as http://127.0.0.1:8545.',
    ],
  ];
  for (const [mistake, script, args, expected] of MISTAKES)
    it(`refuse ${mistake} in one sentence`, async function () {
      const { code, errors } = await run(script, ...args);

      expect(errors.slice(0, expected.length)).to.equal(expected);
      expect(errors).not.to.include("\n");
      expect(code).to.equal(1);
    });

  for (const script of ["serve-dashboard.ts", "build-dashboard.ts"])
    it(`explain ${script} with --help`, async function () {
      const { code, output } = await run(script, "--help");

      expect(code).to.equal(0);
      expect(output).to.match(/--manifest FILE/);
    });
});
