import path from "node:path";
import { mock as fake } from "node:test";

import { expect } from "chai";
import type { SolidityCompilerConfig } from "hardhat/types/config";
import type { HookContext } from "hardhat/types/hooks";
import type { CompilerInput } from "hardhat/types/solidity";

import createHooks from "../../../tools/compiler/hooks.js";
import { omitImportedContracts } from "../../../tools/compiler/outputs.js";
import { CompilerPool } from "../../../tools/compiler/pool.js";
import { BuildProgress } from "../../../tools/compiler/progress.js";
import {
  irProfile,
  listShippedFiles,
  ROOT,
  SHIPPED,
  SOLC_LONG_VERSION,
  SOLC_PATH,
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

    it("starts the longest of the jobs that wait", async function () {
      const pool = new CompilerPool(1);
      const ended: string[] = [];
      const names = ["First", "Short", "TheLongestOfAllNames", "OfMiddleLength"];

      await Promise.all(
        names.map((name) =>
          pool.compile(inputOf(`contract ${name} {}`)).then(() => ended.push(name)),
        ),
      );

      expect(ended).to.deep.equal(["First", "TheLongestOfAllNames", "OfMiddleLength", "Short"]);
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
      fake.timers.enable({ apis: ["setTimeout", "Date"] });
    });

    afterEach(function () {
      fake.timers.reset();
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

      fake.timers.tick(1_999);
      progress.end();
      fake.timers.tick(60_000);

      expect(printed).to.deep.equal([]);
    });

    it("prints nothing when there is nothing to compile", function () {
      const { printed, progress } = open();

      fake.timers.tick(30_000);
      progress.end();

      expect(printed).to.deep.equal([]);
    });

    it("says what is compiled, how far it is every ten seconds with the time left, and how long it took", function () {
      const { printed, progress } = open();
      for (const bytes of [100, 200, 300]) progress.add(bytes);

      fake.timers.tick(2_000);
      progress.finish(200);
      fake.timers.tick(10_000);
      progress.finish(300);
      fake.timers.tick(10_000);
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

      fake.timers.tick(2_000);
      progress.finish(100);
      fake.timers.tick(1_000);
      progress.end();

      expect(printed).to.deep.equal([
        `\r\u001B[KCompiling the contracts: [${"-".repeat(24)}] 0 of 2 compiler jobs done, 2 s so far.`,
        `\r\u001B[KCompiling the contracts: [######${"-".repeat(18)}] 1 of 2 compiler jobs done, about 9 s left.`,
        "\r\u001B[KCompiled the contracts in 3 s.\n",
      ]);
    });
  });

  describe("build", function () {
    /** Files that a build of `scope` hands to Hardhat. */
    async function build(scope: "contracts" | "tests", ...files: string[]): Promise<string[]> {
      const { build: run } = await createHooks();
      const results = new Map();
      let roots: string[] = [];
      await run?.({} as HookContext, files, { scope }, (_context, handed) => {
        roots = handed;
        return Promise.resolve(results);
      });
      return roots;
    }

    const mock = path.join(ROOT, "test/mocks/MeterMock.sol");
    const other = path.join(ROOT, "test/fuzz/token/OPAToken.t.sol");

    it("compiles mocks with the contracts and not once more with the tests", async function () {
      expect(await build("contracts", mock)).to.deep.equal([mock]);
      expect(await build("tests", mock, other)).to.deep.equal([other]);
    });
  });

  describe("compile", function () {
    it("answers input that solc refuses with the error of solc", async function () {
      // eslint-disable-next-line @typescript-eslint/no-deprecated -- Hardhat 3.17 has no other hook for it
      const { getCompiler } = await createHooks();
      const config = { type: "solc", version: "0.8.37", path: SOLC_PATH, settings: {} };
      const compiler = await getCompiler?.(
        { config: { solidity: { profiles: {} } } } as unknown as HookContext,
        config as unknown as SolidityCompilerConfig,
        () => Promise.reject(new Error("another compiler")),
      );
      const input = JSON.parse(inputOf("contract A {}")) as CompilerInput;
      input.settings.evmVersion = "nope";

      const { errors } = (await compiler?.compile(input)) ?? {};
      expect(errors?.[0]?.message).to.equal("Invalid EVM version requested.");
    });
  });

  describe("omitImportedContracts", function () {
    const everything = { "": ["ast"], "*": ["abi", "evm.bytecode.object"] };

    /** Names of the sources whose outputs are asked for, or "*" for all. */
    function select(contents: Record<string, string>, own?: readonly string[]): string[] {
      const sources = Object.entries(contents).map(([name, content]) => [name, { content }]);
      const input: CompilerInput = {
        language: "Solidity",
        sources: Object.fromEntries(sources) as CompilerInput["sources"],
        settings: { optimizer: {}, outputSelection: { "*": everything } },
      };
      const { outputSelection } = omitImportedContracts(input, own).settings;
      for (const outputs of Object.values(outputSelection))
        expect(outputs).to.deep.equal(everything);
      return Object.keys(outputSelection);
    }

    const imported = {
      "project/contracts/IA.sol": "interface IA {}",
      "project/contracts/A.sol": "contract A is IA {}",
      "project/contracts/Linked.sol": "library L {\n    function f() external {}\n}",
      "project/contracts/Part.sol": "abstract contract Part {}",
      "project/test/mocks/M.sol": "contract M {}",
      "npm/@scope/package@1.2.3/C.sol": "contract C {}",
    };

    it("leaves out contracts and mocks that tests import", function () {
      const tests = {
        "project/test/T.t.sol": "contract T is Part {}",
        "project/test/H.sol": "contract H {}",
      };

      expect(select({ ...imported, ...tests })).to.have.members([
        "project/contracts/IA.sol",
        "project/contracts/Part.sol",
        ...Object.keys(tests),
      ]);
    });

    it("keeps contracts that a test inherits from, with their own bases", function () {
      const tests = { "project/test/T.t.sol": "contract T is\n    Part,\n    A(1)\n{}" };
      const bases = { "project/contracts/IA.sol": "contract IA {}" };

      expect(select({ ...imported, ...bases, ...tests })).to.have.members([
        "project/contracts/IA.sol",
        "project/contracts/A.sol",
        "project/contracts/Part.sol",
        "project/test/T.t.sol",
      ]);
    });

    it("leaves out other tests in a job for a file with settings of its own", function () {
      const tests = {
        "project/test/T.t.sol": "contract T is Base {}",
        "project/test/Base.sol": "abstract contract Base {}",
        "project/test/H.sol": "contract H {}",
      };

      expect(select({ ...imported, ...tests }, ["test/T.t.sol"])).to.have.members([
        "project/contracts/IA.sol",
        "project/contracts/Part.sol",
        "project/test/T.t.sol",
        "project/test/Base.sol",
      ]);
    });

    it("leaves a job without tests as it is", function () {
      expect(select(imported)).to.deep.equal(["*"]);
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

    it("give IR to each test alone for test:production, and leave mocks together", function () {
      const { compilers, overrides } = irProfile();
      const tests = Object.keys(overrides).filter((file) => file.startsWith("test/"));

      expect(compilers[0]).to.deep.include({ settings: SHIPPED });
      expect(tests).to.include.members([
        "test/fuzz/token/OPAToken.t.sol",
        "test/invariant/handlers/TokenHandler.sol",
      ]);
      expect(tests.filter((file) => file.startsWith("test/mocks/"))).to.deep.equal([]);
      for (const file of tests) expect(overrides[file]).to.deep.include({ settings: SHIPPED });
      expect(new Set(Object.values(overrides)).size).to.equal(Object.keys(overrides).length);
    });

    it("do not count interfaces, abstract contracts and internal libraries as shipped", function () {
      const files = listShippedFiles();

      expect(files).not.to.include("contracts/interfaces/IOPAToken.sol");
      expect(files).not.to.include("contracts/safety/GuardedPause.sol");
      expect(files).not.to.include("contracts/libraries/ReceiptHash.sol");
    });
  });
});
