import { mock } from "node:test";

import { expect } from "chai";
import type { CompilerInput } from "hardhat/types/solidity";

import { omitImportedCode } from "../../../tools/compiler/outputs.js";
import { CompilerPool } from "../../../tools/compiler/pool.js";
import { BuildProgress } from "../../../tools/compiler/progress.js";
import {
  listShippedFiles,
  SHIPPED,
  SOLC_LONG_VERSION,
  shippedProfile,
  shippedSettings,
} from "../../../tools/compiler/settings.js";

function inputOf(content: string): string {
  const outputSelection = { "*": { "*": ["abi"] } };
  return JSON.stringify({
    language: "Solidity",
    sources: { "A.sol": { content } },
    settings: { outputSelection },
  });
}

describe("tools/compiler", function () {
  describe("CompilerPool", function () {
    it("answers each of more jobs than compilers with its own output", async function () {
      const pool = new CompilerPool(2);
      const names = ["Red", "Green", "Blue", "White", "Black"];

      const outputs = await Promise.all(
        names.map((name) => pool.compile(inputOf(`contract ${name} {}`))),
      );

      for (const [index, output] of outputs.entries()) {
        const { contracts } = JSON.parse(output) as { contracts: Record<string, object> };
        expect(Object.keys(contracts["A.sol"] ?? {})).to.deep.equal([names[index]]);
      }
    });

    it("reports errors of the source as the compiler does, and compiles on", async function () {
      const pool = new CompilerPool(1);

      const [broken, whole] = await Promise.all([
        pool.compile(inputOf("contract {}")),
        pool.compile(inputOf("contract A {}")),
      ]);

      expect(broken).to.contain("ParserError");
      expect(whole).not.to.contain("ParserError");
    });
  });

  describe("SOLC_LONG_VERSION", function () {
    it("is the version that the compiler reports", async function () {
      const input = JSON.parse(inputOf("contract A {}")) as CompilerInput;
      input.settings.outputSelection = { "*": { "*": ["metadata"] } };

      const output = JSON.parse(await new CompilerPool(1).compile(JSON.stringify(input))) as {
        contracts: Record<string, Record<string, { metadata: string }>>;
      };

      const { metadata = "" } = output.contracts["A.sol"]?.["A"] ?? {};
      const { compiler } = JSON.parse(metadata) as { compiler: { version: string } };
      expect(compiler.version).to.equal(SOLC_LONG_VERSION);
    });
  });

  describe("BuildProgress", function () {
    beforeEach(function () {
      mock.timers.enable({ apis: ["setTimeout", "Date"] });
    });

    afterEach(function () {
      mock.timers.reset();
    });

    /** Progress of the contracts, with its output. */
    function open(isTerminal = false) {
      const printed: string[] = [];
      const write = (text: string) => void printed.push(text);
      return { printed, progress: new BuildProgress("the contracts", { isTerminal, write }) };
    }

    it("prints nothing for a build of less than two seconds", function () {
      const { printed, progress } = open();
      progress.add(1);

      mock.timers.tick(1_999);
      progress.end();
      mock.timers.tick(60_000);

      expect(printed).to.deep.equal([]);
    });

    it("prints nothing when there is nothing to compile", function () {
      const { printed, progress } = open();

      mock.timers.tick(30_000);
      progress.end();

      expect(printed).to.deep.equal([]);
    });

    it("says what is compiled, how far it is every ten seconds with the time left, and how long it took", function () {
      const { printed, progress } = open();
      for (const bytes of [100, 200, 300]) progress.add(bytes);

      mock.timers.tick(2_000);
      progress.finish(200);
      mock.timers.tick(10_000);
      progress.finish(300);
      mock.timers.tick(10_000);
      progress.finish(100);
      progress.end();

      expect(printed).to.deep.equal([
        "Compiling the contracts: 0 of 3 compiler jobs done, 2 s so far.\n",
        "Compiling the contracts: 1 of 3 compiler jobs done, about 24 s left.\n",
        "Compiling the contracts: 2 of 3 compiler jobs done, about 5 s left.\n",
        "Compiled the contracts in 22 s.\n",
      ]);
    });

    it("draws a bar on a terminal, anew every second on the same line", function () {
      const { printed, progress } = open(true);
      progress.add(100);
      progress.add(300);

      mock.timers.tick(2_000);
      progress.finish(100);
      mock.timers.tick(1_000);
      progress.end();

      expect(printed).to.deep.equal([
        `\r\u001B[KCompiling the contracts: [${"-".repeat(24)}] 0 of 2 compiler jobs done, 2 s so far.`,
        `\r\u001B[KCompiling the contracts: [######${"-".repeat(18)}] 1 of 2 compiler jobs done, about 9 s left.`,
        "\r\u001B[KCompiled the contracts in 3 s.\n",
      ]);
    });
  });

  describe("omitImportedCode", function () {
    const all = { "": ["ast"], "*": ["abi", "evm.bytecode.object"] };
    const input: CompilerInput = {
      language: "Solidity",
      sources: {
        "project/test/A.t.sol": { content: "" },
        "project/contracts/B.sol": { content: "" },
      },
      settings: { optimizer: {}, outputSelection: { "*": all } },
    };

    it("asks for the code of the files and the syntax trees of all", function () {
      const { settings } = omitImportedCode(input, ["test/A.t.sol", "test/Other.t.sol"]);

      expect(settings.outputSelection).to.deep.equal({
        "*": { "": ["ast"] },
        "project/test/A.t.sol": all,
      });
    });

    it("leaves the input of other jobs as it is", function () {
      expect(omitImportedCode(input, [])).to.equal(input);
      expect(omitImportedCode(input, ["test/Other.t.sol"])).to.equal(input);
    });
  });

  describe("settings", function () {
    it("give IR to every contract that ships, with its own runs", function () {
      const { overrides } = shippedProfile();
      const files = listShippedFiles();

      expect(files).to.include.members([
        "contracts/token/OPAToken.sol",
        "contracts/governance/OPAGovernor.sol",
      ]);
      for (const file of files) {
        expect(overrides[file], file).to.deep.include({ settings: shippedSettings(file) });
        expect(shippedSettings(file).viaIR).to.equal(true);
      }
      expect(shippedSettings("contracts/token/OPAToken.sol")).to.equal(SHIPPED);
      expect(shippedSettings("contracts/governance/OPAGovernor.sol").optimizer.runs).to.equal(800);
    });

    it("do not count interfaces, abstract contracts and internal libraries as shipped", function () {
      const files = listShippedFiles();

      expect(files).not.to.include("contracts/interfaces/IOPAToken.sol");
      expect(files).not.to.include("contracts/safety/GuardedPause.sol");
      expect(files).not.to.include("contracts/libraries/ReceiptHash.sol");
    });
  });
});
