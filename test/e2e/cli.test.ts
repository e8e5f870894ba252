/**
 * Every command of `opa` on nodes of two clients, with the output that people get. `GOLDEN=1` writes the expected
 * output anew.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

import { expect } from "chai";
import { HDNodeWallet, id, JsonRpcProvider } from "ethers";
import { network } from "hardhat";

import { parseSpan } from "../../cli/frame/quantities.js";
import { runProgram } from "../../cli/program.js";
import { deploymentFolder, deploySuite, manifestPath } from "../../deploy/lib/deploy.js";
import { loadParameters } from "../../deploy/parameters/reader.js";
import {
  listClients,
  startClient,
  type Client,
  type RunningClient,
} from "../../scripts/e2e/clients.js";
import {
  buildReceipt,
  createReceiptDomain,
  signReceipt,
  type ContractDomain,
} from "../../sdk/index.js";
import { startLocalNode } from "../support/local-node.js";
import { ACTORS, normalise, SCENES } from "../support/cli-scenario.js";

const ROOT = path.join(import.meta.dirname, "..", "..");
const GOLDEN = path.join(ROOT, "test", "e2e", "golden", "cli.txt");
const PHRASE = `${"test ".repeat(11)}junk`;

/** Monday, 3 January 2028, 12:00 UTC, for every run. */
const START = Date.UTC(2028, 0, 3, 12) / 1_000;

/** A node and a connection to it. */
type RunningNode = Pick<RunningClient, "url" | "provider" | "stop">;

/** Clients that mine each transaction at once; anvil is there on platforms that its package has a binary for. */
const CLIENTS: readonly { readonly name: string; start(): Promise<RunningNode> }[] = [
  { name: "hardhat node", start: startHardhat },
  ...listClients()
    .filter(({ name, missing }) => missing === undefined && name === "anvil")
    .map((client) => ({ name: client.name, start: () => startClient(atOnce(client)) })),
];

async function startHardhat(): Promise<RunningNode> {
  const { url, stop } = await startLocalNode();
  const provider = new JsonRpcProvider(url, undefined, { cacheTimeout: -1 });
  return {
    url,
    provider,
    stop: async () => {
      provider.destroy();
      await stop();
    },
  };
}

/** The client without blocks by the clock. */
function atOnce(client: Client): Client {
  return {
    ...client,
    command: (port) => {
      const { file, args } = client.command(port);
      const times = args.indexOf("--block-time");
      return { file, args: args.filter((_, i) => times < 0 || (i !== times && i !== times + 1)) };
    },
    prepare: () => Promise.resolve(),
  };
}

/** Expected output by title. */
function readGolden(): Map<string, string> {
  if (!existsSync(GOLDEN)) return new Map();
  const parts = readFileSync(GOLDEN, "utf8")
    .split(/^=== (.*)\n/m)
    .slice(1);
  const found = new Map<string, string>();
  for (let i = 0; i < parts.length; i += 2) found.set(parts[i] ?? "", parts[i + 1] ?? "");
  return found;
}

function walletOf(index: number): HDNodeWallet {
  return HDNodeWallet.fromPhrase(PHRASE, "", `m/44'/60'/0'/0/${index}`);
}

/** Writes receipts that the operator signed: two that contradict each other, one apart, and one with a false signature. */
async function writeReceipts(folder: string, domain: ContractDomain): Promise<void> {
  const sign = (request: string, content: string) =>
    signReceipt(
      walletOf(ACTORS.OPERATOR),
      domain,
      buildReceipt({
        provider: walletOf(ACTORS.PROVIDER).address,
        account: walletOf(ACTORS.CONSUMER).address,
        request: id(request),
        uses: [{ resource: 1n, units: 100n }],
        content: id(content),
      }),
    );
  const first = await sign("request", "answer");
  const second = await sign("request", "another answer");
  const receipts = {
    first,
    second,
    unrelated: await sign("another request", "answer"),
    forged: { ...second, signature: first.signature },
  };
  for (const [name, receipt] of Object.entries(receipts))
    writeFileSync(
      path.join(folder, `${name}.json`),
      JSON.stringify(receipt, (_, value: unknown) =>
        typeof value === "bigint" ? value.toString() : value,
      ),
    );
}

/** Runs a process to its end. */
async function runProcess(
  [file = "", ...args]: readonly string[],
  input: string,
  env: NodeJS.ProcessEnv,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(file, args, { cwd: ROOT, env });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  child.stdin.end(input);
  const [code] = (await once(child, "close")) as [number | null];
  return { code, stdout, stderr };
}

const WALLETS = Object.entries(ACTORS).map(([name, index]) => [name, walletOf(index)] as const);
const written = new Map<string, string>();

for (const [order, client] of CLIENTS.entries())
  describe(`opa on ${client.name} (INT-7)`, function () {
    const deploymentId = `cli-${order}-${process.pid}`;
    const golden = readGolden();
    let node: RunningNode;
    let folder = "";
    let env: Record<string, string>;
    const addresses = new Map(WALLETS.map(([name, { address }]) => [address, `$${name}`]));

    before(async function () {
      this.timeout(300_000);
      node = await client.start();
      await node.provider.send("evm_setNextBlockTimestamp", [START]);
      await node.provider.send("evm_mine", []);
      const connection = await network.create({
        network: "localhost",
        override: { url: node.url },
      });
      const { addresses: contracts } = await deploySuite(connection, loadParameters("local"), {
        deploymentId,
      });
      await connection.close();
      for (const [name, address] of Object.entries(contracts)) addresses.set(address, `<${name}>`);
      folder = mkdtempSync(path.join(os.tmpdir(), "opa-cli-"));
      const calls = [
        { set: "held-back-share", value: "30%" },
        { contract: "resource-registry", function: "deprecate", args: [6] },
      ];
      writeFileSync(
        path.join(folder, "proposal.json"),
        JSON.stringify({ description: "Two changes", calls }),
      );
      await writeReceipts(folder, createReceiptDomain(31_337n, contracts.slashing));
      const keys = WALLETS.map(([name, { privateKey }]) => [name, privateKey] as const);
      env = {
        ...Object.fromEntries(keys),
        OPA_RPC_URL: node.url,
        OPA_MANIFEST: path.relative(process.cwd(), manifestPath(deploymentId)),
      };
    });

    after(async function () {
      rmSync(deploymentFolder(deploymentId), { recursive: true, force: true });
      await node.stop();
      if (folder !== "") rmSync(folder, { recursive: true, force: true });
    });

    /** Runs one line of a scene; resolves to the visible output. */
    async function run(line: string): Promise<string> {
      if (line.startsWith("@")) {
        await node.provider.send("evm_increaseTime", [Number(parseSpan(line.slice(1)))]);
        await node.provider.send("evm_mine", []);
        return `(${line.slice(1)} later)\n`;
      }
      const [command = "", file] = line.replaceAll("FOLDER", folder).split(" > ");
      const filled = command.replace(
        /\$(\w+)/g,
        (_, name: keyof typeof ACTORS) => walletOf(ACTORS[name]).address,
      );
      const args = [...filled.matchAll(/"([^"]*)"|(\S+)/g)].map(
        (match) => match[1] ?? match[2] ?? "",
      );
      let output = "";
      const sink = { write: (text: string) => (output += text) };
      const code = await runProgram(args, { out: sink, err: sink, env });
      if (file !== undefined) writeFileSync(file, output);
      const shown = normalise(output, addresses, folder);
      if (order === 0) await requireJson(args);
      return `$ opa ${line}\n${shown}${code === 0 ? "" : `[exit code ${code}]\n`}\n`;
    }

    const asJson = new Set<string>();

    /** Runs the first line of each command again, without sending, and requires JSON with the same exit code. */
    async function requireJson(args: readonly string[]): Promise<void> {
      const name = args
        .slice(0, 2)
        .filter((arg) => /^[a-z-]+$/.test(arg))
        .join(" ");
      if (asJson.has(name) || args.includes("--unsigned") || args.includes("--safe")) return;
      asJson.add(name);
      const plain = args.filter((arg) => arg !== "--send" && arg !== "--json");
      const [out, err] = [[], []] as [string[], string[]];
      const code = await runProgram([...plain, "--json"], {
        out: { write: (text) => out.push(text) },
        err: { write: (text) => err.push(text) },
        env,
      });
      const isAnswer = code === 0 || code === 5;
      const text = (isAnswer ? out : err).join("");
      expect(
        () => JSON.parse(text) as unknown,
        `${plain.join(" ")} --json\n${text}`,
      ).not.to.throw();
      if (!isAnswer) expect(JSON.parse(text), text).to.have.all.keys("error", "code");
    }

    for (const { title, lines } of SCENES)
      it(title, async function () {
        this.timeout(300_000);
        let transcript = "";
        for (const line of lines) transcript += await run(line);

        if (process.env["GOLDEN"] === "1" && order === 0) {
          written.set(title, transcript);
          writeFileSync(
            GOLDEN,
            [...written].map(([name, text]) => `=== ${name}\n${text}`).join(""),
          );
        } else expect(transcript).to.equal(golden.get(title));
      });

    it("is a process that takes a key of Hardhat's keystore, and ends when its reader does", async function () {
      this.timeout(300_000);
      const variables: NodeJS.ProcessEnv = {
        ...process.env,
        ...env,
        XDG_CONFIG_HOME: path.join(folder, "config"),
        HOME: folder,
      };
      for (const name of ["CI", "HH_TEST"]) Reflect.deleteProperty(variables, name); // no keystore with them
      const start = (args: readonly string[], input = "") => runProcess(args, input, variables);
      const hardhat = path.join(ROOT, "node_modules/hardhat/dist/src/cli.js");
      const { privateKey, address } = walletOf(ACTORS.TREASURY);
      const opa = [process.execPath, "--import", "tsx", path.join(ROOT, "cli/main.ts")];

      await start(
        [process.execPath, hardhat, "keystore", "set", "--dev", "KEPT_KEY"],
        `${privateKey}\n`,
      );
      const found = await start([...opa, "lock", "--keystore", "KEPT_KEY"]);
      const missing = await start([...opa, "lock", "--keystore", "LOST_KEY"]);
      const cut = await start(["sh", "-c", `"${opa.join('" "')}" --help | head -n 1`]);

      expect(found.stdout).to.match(new RegExp(`^Lock of ${address}\n`));
      expect(missing.code).to.equal(3);
      expect(missing.stderr).to.contain("Hardhat's keystore has no LOST_KEY");
      expect([cut.stdout, cut.stderr]).to.deep.equal(["Usage: opa [options] [command]\n", ""]);
    });

    it("keeps the batch that a Safe imports", function () {
      const batch = JSON.parse(readFileSync(path.join(folder, "batch.json"), "utf8")) as {
        chainId: string;
        transactions: { to: string; value: string; data: string }[];
      };

      expect(batch.chainId).to.equal("31337");
      expect(batch.transactions).to.have.length(1);
      expect(addresses.get(batch.transactions[0]?.to ?? "")).to.equal("<token>");
    });
  });
