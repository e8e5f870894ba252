import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

import { expect } from "chai";
import { Wallet } from "ethers";

import { toCliError } from "../../../cli/frame/errors.js";
import { findActor } from "../../../cli/frame/keys.js";
import { parseAddress, parseCategories } from "../../../cli/frame/names.js";
import {
  field,
  group,
  hidden,
  list,
  note,
  renderJson,
  renderText,
} from "../../../cli/frame/report.js";
import { Terminal } from "../../../cli/frame/terminal.js";
import { runProgram } from "../../../cli/program.js";
import { MeterError } from "../../../sdk/metering/meter-error.js";
import { describedProgram, listCommands } from "../../../cli/reference.js";
import { EXAMPLES } from "../../../cli/frame/context.js";
import { SCENES } from "../../support/cli-scenario.js";

/** A stream that keeps its text. */
function sink(isTTY = false) {
  let text = "";
  return {
    isTTY,
    write: (more: string) => (text += more),
    read: () => text,
  };
}

/** Runs `opa` without a node. */
async function run(args: readonly string[], env: Record<string, string> = {}) {
  const [out, err] = [sink(), sink()];
  const code = await runProgram(args, { out, err, env });
  return { code, out: out.read(), err: err.read() };
}

describe("frame of opa", function () {
  describe("commands", function () {
    it("have help, and an example that begins with their name", async function () {
      for (const { path: name, command } of listCommands(describedProgram())) {
        const { code, out, err } = await run([...name.split(" "), "--help"]);
        expect([code, err], name).to.deep.equal([0, ""]);
        expect(out, name).to.contain(command.description().slice(0, 40));
        if (command.commands.length > 0 && EXAMPLES.get(command) === undefined) continue;
        for (const example of EXAMPLES.get(command) ?? [""]) {
          expect(example, name).to.match(new RegExp(`^opa ${name}( |$)`));
          expect(out, name).to.contain(example.slice(0, 60));
        }
      }
    });

    it("are all tried on a node", function () {
      const lines = SCENES.flatMap((scene) => scene.lines);
      for (const { path: name, command } of listCommands(describedProgram())) {
        if (name === "completion") continue; // needs no node
        if (command.commands.length > 0 && EXAMPLES.get(command) === undefined) continue;
        const found = lines.some((line) => line === name || line.startsWith(`${name} `));
        expect(found, name).to.equal(true);
      }
    });

    it("refuse an unknown option in one sentence, with exit code 2", async function () {
      for (const { path: name } of listCommands(describedProgram())) {
        const { code, out, err } = await run([...name.split(" "), "--teapot"]);
        expect([code, out], name).to.deep.equal([2, ""]);
        expect(err, name).to.match(
          /^(Unknown option '--teapot'|Required option '.*' not specified)\..* list what there is\.\n$/,
        );
      }
    });

    it("are suggested when one is misspelt", async function () {
      const { code, err } = await run(["statsu"]);

      expect(code).to.equal(2);
      expect(err).to.contain("Unknown command 'statsu'. Did you mean status?");
    });

    it("say which argument is missing", async function () {
      expect((await run(["account"])).err).to.match(/^Missing required argument 'account'\./);
      expect((await run(["lock", "create", "5"])).err).to.match(
        /^Required option '--for <term>' not specified\./,
      );
    });

    it("print errors as JSON if asked to", async function () {
      const { code, out, err } = await run(["status", "--rpc", "nowhere", "--json"]);

      expect([code, out]).to.deep.equal([2, ""]);
      expect(JSON.parse(err)).to.deep.equal({
        error: '"nowhere" is not the address of a node, like http://127.0.0.1:8545.',
        code: 2,
      });
    });
  });

  describe("setup", function () {
    it("says that no node answers, with exit code 3", async function () {
      const { code, err } = await run(["status", "--rpc", "http://127.0.0.1:1"]);

      expect(code).to.equal(3);
      expect(err).to.match(/^No node answers at http:\/\/127\.0\.0\.1:1\. Check the address/);
    });

    it("names the variable that a network needs", async function () {
      const { code, err } = await run(["status", "--network", "sepolia"]);

      expect(code).to.equal(3);
      expect(err).to.equal(
        "SEPOLIA_RPC_URL is not set; put it into .env, or name the node with --rpc.\n",
      );
      expect((await run(["status", "--network", "moon"])).err).to.match(
        /^There is no network "moon"/,
      );
    });
  });

  describe("process", function () {
    const ROOT = path.join(import.meta.dirname, "../../..");
    let folder: string;

    before(function () {
      folder = mkdtempSync(path.join(os.tmpdir(), "opa-process-"));
    });

    after(function () {
      rmSync(folder, { recursive: true });
    });

    /** Runs `opa` in the folder, as Node.js 20.0 does it: without functions that came later. */
    function start(args: readonly string[], env: Record<string, string> = {}) {
      const old =
        "data:text/javascript,delete process.loadEnvFile; delete process.getBuiltinModule";
      return spawnSync(
        process.execPath,
        [
          ...["--import", old, "--import", import.meta.resolve("tsx")],
          ...[path.join(ROOT, "cli/main.ts"), ...args],
        ],
        {
          ...{ cwd: folder, encoding: "utf8" },
          env: {
            PATH: process.env["PATH"],
            TSX_TSCONFIG_PATH: path.join(ROOT, "tsconfig.json"),
            ...env,
          },
        },
      );
    }

    it("reads .env of the folder on Node.js 20.0, and prefers variables that are set", function () {
      this.timeout(60_000);
      writeFileSync(path.join(folder, ".env"), "OPA_RPC_URL=http://127.0.0.1:1\n");

      const found = start(["status"]);
      const preferred = start(["status"], { OPA_RPC_URL: "http://127.0.0.1:2" });

      expect([found.stdout, found.status]).to.deep.equal(["", 3]);
      expect(found.stderr).to.match(/^No node answers at http:\/\/127\.0\.0\.1:1\./);
      expect(preferred.stderr).to.match(/^No node answers at http:\/\/127\.0\.0\.1:2\./);
    });
  });

  describe("findActor", function () {
    const terminal = new Terminal({ out: sink(), err: sink(), env: {} });
    const wallet = new Wallet(`0x${"11".repeat(32)}`);
    let folder: string;
    let file: string;

    before(async function () {
      this.timeout(60_000);
      folder = mkdtempSync(path.join(os.tmpdir(), "opa-keys-"));
      file = path.join(folder, "wallet.json");
      const fast = { scrypt: { N: 1_024 } };
      const { encryptKeystoreJson } = await import("ethers");
      const { address, privateKey } = wallet;
      writeFileSync(file, await encryptKeystoreJson({ address, privateKey }, "secret", fast));
    });

    after(function () {
      rmSync(folder, { recursive: true });
    });

    it("knows the address of an encrypted wallet without its password, and opens it with it", async function () {
      const env = { OPA_WALLET_PASSWORD: "secret" };

      const actor = await findActor({ wallet: file }, env, terminal);

      expect(actor?.address).to.equal(wallet.address);
      expect((await actor?.unlock?.())?.privateKey).to.equal(wallet.privateKey);
      expect((await findActor({}, { OPA_WALLET: file }, terminal))?.address).to.equal(
        wallet.address,
      );
    });

    it("says that a password is wrong, or that a file is no wallet", async function () {
      const actor = await findActor({ wallet: file }, { OPA_WALLET_PASSWORD: "x" }, terminal);
      const message = await actor?.unlock?.().catch((error: unknown) => (error as Error).message);
      expect(message).to.equal(`The password does not open ${file}.`);

      const other = path.join(folder, "other.json");
      writeFileSync(other, "{}");
      for (const [name, sentence] of [
        [other, "is not an encrypted JSON wallet"],
        [path.join(folder, "none.json"), "There is no wallet at"],
      ] as const) {
        const error = await findActor({ wallet: name }, {}, terminal).catch(
          (each: unknown) => each,
        );
        expect((error as Error).message).to.contain(sentence);
      }
    });

    it("takes a key of the environment, and never shows what it holds", async function () {
      const env = { OPA_PRIVATE_KEY: wallet.privateKey, WRONG: "0x1234" };

      expect((await findActor({}, env, terminal))?.address).to.equal(wallet.address);
      expect((await findActor({ keyEnv: "OPA_PRIVATE_KEY" }, env, terminal))?.address).to.equal(
        wallet.address,
      );
      const wrong = await findActor({ keyEnv: "WRONG" }, env, terminal).catch(
        (each: unknown) => each,
      );
      expect((wrong as Error).message).to.equal(
        "WRONG is not a private key: 0x and 64 hexadecimal digits.",
      );
      const unset = await findActor({ keyEnv: "UNSET" }, env, terminal).catch(
        (each: unknown) => each,
      );
      expect((unset as Error).message).to.contain("UNSET is not set");
    });

    it("acts for an address without a key, and refuses a key of another one", async function () {
      const from = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
      const env = { OPA_PRIVATE_KEY: wallet.privateKey };

      expect(await findActor({ from }, env, terminal)).to.deep.equal({
        address: from,
        unlock: undefined,
      });
      expect((await findActor({ from: wallet.address }, env, terminal))?.unlock).to.be.a(
        "function",
      );
      const error = await findActor({ from, keyEnv: "OPA_PRIVATE_KEY" }, env, terminal).catch(
        (each: unknown) => each,
      );
      expect((error as Error).message).to.contain(`The key is that of ${wallet.address}`);
      const two = await findActor({ wallet: file, keyEnv: "X" }, {}, terminal).catch(
        (each: unknown) => each,
      );
      expect((two as Error).message).to.contain("Name one key");
      expect(await findActor({}, {}, terminal)).to.equal(undefined);
    });
  });

  describe("reports", function () {
    const report = {
      title: "Title",
      entries: [
        field("Amount left", 5n, "5 OPA"),
        hidden("Raw data", "0x"),
        group("More facts", [field("κ", 1)]),
        list("Things", [{ title: "One", entries: [field("Size", 2), note("A note.")] }]),
        list("Others", [], "none."),
        note("The end."),
      ],
    };

    it("are lines that make sense one after the other", function () {
      expect(renderText(report)).to.deep.equal([
        ...["Title", "Amount left: 5 OPA", "", "More facts:", "  κ: 1", "", "Things:"],
        ...["  One: size 2", "    A note.", "Others: none.", "The end."],
      ]);
    });

    it("are JSON with the same facts", function () {
      expect(JSON.parse(renderJson(report))).to.deep.equal({
        amountLeft: "5",
        rawData: "0x",
        moreFacts: { kappa: 1 },
        things: [{ title: "One", size: 2, notes: ["A note."] }],
        others: [],
        notes: ["The end."],
      });
    });

    it("gain no line and no control of the terminal by a text of the chain", function () {
      const text = "\u001b[2Jfine\nStatus: active\u009b0m\u202e";
      const hostile = { title: text, entries: [field("Text", text), note(text)] };

      const shown = "\\u{1b}[2Jfine\\nStatus: active\\u{9b}0m\\u{202e}";
      expect(renderText(hostile)).to.deep.equal([shown, `Text: ${shown}`, shown]);
      expect(renderJson(hostile)).to.match(/^[\n -~]*$/);
      expect(JSON.parse(renderJson(hostile))).to.deep.equal({ text, notes: [text] });
      const err = sink(true);
      new Terminal({ out: sink(), err, env: { NO_COLOR: "1" } }).error(text, 1);
      expect(err.read()).to.equal(`${shown}\n`);
    });

    it("have colours on a terminal only, and not if NO_COLOR is set", function () {
      const print = (isTTY: boolean, env: Record<string, string>) => {
        const out = sink(isTTY);
        new Terminal({ out, err: out, env }).report({ title: "Title", entries: [] });
        return out.read();
      };

      expect(print(true, {})).to.equal("\u001B[1mTitle\u001B[0m\n");
      for (const plain of [
        print(false, {}),
        print(true, { NO_COLOR: "1" }),
        print(true, { TERM: "dumb" }),
      ])
        expect(plain).to.equal("Title\n");
    });
  });

  describe("names", function () {
    it("tells a wrong checksum from a wrong address", function () {
      expect(() => parseAddress("0x70997970C51812dc3A010C7d01b50e0d17dc79c8")).to.throw(
        "The checksum of",
      );
      expect(() => parseAddress("0x7099")).to.throw('"0x7099" is not the address of an account');
      expect(parseAddress("0x70997970c51812dc3a010c7d01b50e0d17dc79c8")).to.equal(
        "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
      );
    });

    it("turns categories into bits", function () {
      expect(parseCategories("inference, Storage")).to.equal(0b01010);
      expect(() => parseCategories("teapots")).to.throw('There is no category "teapots"');
    });
  });

  describe("toCliError", function () {
    it("tells refusals, empty balances and lost nodes apart", function () {
      const tooLarge = {
        ...{ code: "INVALID_ARGUMENT", shortMessage: "value out-of-bounds" },
        ...{ argument: "units", value: 2n ** 64n },
      };
      const errors: [object, string, string][] = [
        [{ code: "INSUFFICIENT_FUNDS", message: "no funds" }, "refused", "too little ETH"],
        [{ code: "CALL_EXCEPTION", data: null, message: "x" }, "refused", "without a reason"],
        [{ code: "CALL_EXCEPTION", data: "0xdeadbeef", message: "x" }, "refused", "0xdeadbeef"],
        [{ code: "TIMEOUT", message: "x" }, "setup", "does not answer any more"],
        [tooLarge, "usage", "18446744073709551616 is too large for units."],
        [new RangeError("Too many"), "usage", "Too many."],
        [new MeterError("5 is no epoch."), "usage", "5 is no epoch."],
        [new Error("HHE1: It broke\nat a place"), "failed", "It broke."],
      ];
      for (const [error, exit, words] of errors) {
        const found = toCliError(error);
        expect([found.exit, found.message.includes(words)], words).to.deep.equal([exit, true]);
      }
    });
  });

  describe("completion", function () {
    it("is a script that bash takes, with the commands in it", async function () {
      const { code, out } = await run(["completion", "bash"]);

      expect(code).to.equal(0);
      const typed = 'COMP_WORDS=(opa lock cr); COMP_CWORD=2; _opa; echo "${COMPREPLY[@]}"';
      const answer = execFileSync("bash", ["-c", `${out}\n${typed}`], { encoding: "utf8" });
      expect(answer.trim()).to.equal("create");
    });

    it("is there for zsh and fish, and for no teapot", async function () {
      expect((await run(["completion", "zsh"])).out).to.match(/^#compdef opa\n/);
      expect((await run(["completion", "fish"])).out).to.contain(
        "complete -c opa -f -n '__fish_seen_subcommand_from lock' -a 'create add extend withdraw delegate'",
      );
      expect((await run(["completion", "teapot"])).code).to.equal(2);
    });
  });
});
