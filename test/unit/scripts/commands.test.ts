import fs from "node:fs";
import fsPromises from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

import { expect } from "chai";
import hre from "hardhat";

import { explainError, readArguments, readCount, renderUsage } from "../../../tools/command.js";

const ROOT = path.join(import.meta.dirname, "..", "..", "..");

/** Scripts of package.json that are commands of ours, with their files. */
const COMMANDS = Object.entries(
  (
    JSON.parse(fs.readFileSync(path.join(ROOT, "package.json"), "utf8")) as {
      scripts: Record<string, string>;
    }
  ).scripts,
).flatMap(([name, line]) => {
  const file = /^(?:tsx|node .+ --import tsx) (\S+)$/.exec(line)?.[1];
  return file === undefined ? [] : [{ name, file }];
});

/** Output and exit code of a command, or its forbidden effect. */
interface Outcome {
  output: string;
  errors: string;
  code: number;
  deeds: string[];
}

/** Runs a command in this process, in which nothing can be written or built. */
async function run(file: string, argument: string): Promise<Outcome> {
  const outcome: Outcome = { output: "", errors: "", code: 0, deeds: [] };
  const forbid = (deed: string): never => {
    outcome.deeds.push(deed);
    throw new Error(`It would ${deed}.`);
  };
  // The loader of TypeScript keeps a cache elsewhere.
  const guard = <F extends (...args: never[]) => unknown>(deed: string, original: F): F =>
    ((...args: Parameters<F>) =>
      path.resolve(String(args[0])).startsWith(ROOT) ? forbid(deed) : original(...args)) as F;
  const kept = {
    ...{ argv: process.argv, exitCode: process.exitCode, log: console.log, error: console.error },
    out: process.stdout.write.bind(process.stdout),
    err: process.stderr.write.bind(process.stderr),
    getTask: hre.tasks.getTask.bind(hre.tasks),
    ...{ writeFileSync: fs.writeFileSync, mkdirSync: fs.mkdirSync, rmSync: fs.rmSync },
    writeFile: fsPromises.writeFile,
  };
  const keep = (key: "output" | "errors") => (text: unknown) => {
    outcome[key] += String(text);
    return true;
  };
  process.argv = [process.execPath, path.join(ROOT, file), argument];
  process.exitCode = 0;
  console.log = (text: unknown) => keep("output")(`${String(text)}\n`);
  console.error = (text: unknown) => keep("errors")(`${String(text)}\n`);
  process.stdout.write = keep("output");
  process.stderr.write = keep("errors");
  hre.tasks.getTask = () => forbid("build");
  fs.writeFileSync = guard("write a file", kept.writeFileSync);
  fs.mkdirSync = guard("make a folder", kept.mkdirSync);
  fs.rmSync = guard("remove files", kept.rmSync);
  fsPromises.writeFile = guard("write a file", kept.writeFile);
  syncBuiltinESMExports();
  try {
    await import(`${pathToFileURL(path.join(ROOT, file)).href}?with=${argument}`);
    outcome.code = process.exitCode;
  } finally {
    process.argv = kept.argv;
    process.exitCode = kept.exitCode;
    console.log = kept.log;
    console.error = kept.error;
    process.stdout.write = kept.out;
    process.stderr.write = kept.err;
    hre.tasks.getTask = kept.getTask;
    fs.writeFileSync = kept.writeFileSync;
    fs.mkdirSync = kept.mkdirSync;
    fs.rmSync = kept.rmSync;
    fsPromises.writeFile = kept.writeFile;
    syncBuiltinESMExports();
  }
  return outcome;
}

describe("commands of the repository", function () {
  this.timeout(120_000);

  it("are many", function () {
    expect(COMMANDS.length).to.be.above(18);
  });

  for (const { name, file } of COMMANDS) {
    it(`npm run ${name}: explains itself and does nothing else when asked for --help`, async function () {
      const { output, errors, code, deeds } = await run(file, "--help");

      expect([errors, code, deeds]).to.deep.equal(["", 0, []]);
      expect(output).to.contain("--help");
      expect(output.split("\n")[0]?.length ?? 0).to.be.above(10);
    });

    it(`npm run ${name}: refuses an unknown option in one line and does nothing else`, async function () {
      const { output, errors, code, deeds } = await run(file, "--teapot");

      expect([output, deeds]).to.deep.equal(["", []]);
      expect(code).to.be.above(0);
      expect(errors).to.match(/^[^\n]*--teapot[^\n]*\n$/);
    });
  }

  describe("tools/command", function () {
    const usage = {
      command: "brew",
      summary: "Brews something.",
      options: { strength: { value: "N", help: "from 1 to 9" }, milk: { help: "with milk" } },
    } as const;

    it("reads options, operands and requests for help", function () {
      const withOperands = { ...usage, operands: { name: "CUP", help: "cups" } };

      expect(readArguments(usage, ["--strength", "3", "--milk"])).to.deep.equal({
        ...{ values: { __proto__: null, strength: "3", milk: true }, operands: [] },
      });
      expect(readArguments(withOperands, ["a", "b"])?.operands).to.deep.equal(["a", "b"]);
      expect(readArguments(usage, ["-h"])).to.equal(undefined);
    });

    it("refuses anything else with the way to its help", function () {
      const hint = '"npm run brew -- --help" lists what it takes.';
      for (const [args, sentence] of [
        [["--sugar"], `Unknown option '--sugar'. ${hint}`],
        [["cup"], `Unexpected argument 'cup'. ${hint}`],
        [["--strength"], `Option '--strength <value>' argument missing. ${hint}`],
      ] as const)
        expect(() => readArguments(usage, args)).to.throw(sentence);
    });

    it("explains each option on a line of its own", function () {
      expect(renderUsage(usage)).to.equal(
        [
          ...["Brews something.", "", "  npm run brew -- [options]", ""],
          ...[
            "  --strength N  from 1 to 9",
            "  --milk        with milk",
            "  --help        prints this",
          ],
        ].join("\n"),
      );
    });

    it("reads counts inside their bounds", function () {
      expect(readCount("12", "--cups", 12)).to.equal(12);
      for (const text of ["0", "13", "-1", "1.5", "x", ""])
        expect(() => readCount(text, "--cups", 12)).to.throw(
          `--cups takes a whole number from 1 to 12, and "${text}" is none.`,
        );
    });

    it("makes one line of an error", function () {
      expect(explainError(new Error("HHE7: It broke\nat a place"))).to.equal("It broke.");
      expect(explainError("no")).to.equal("no.");
      expect(explainError(new Error("Really?"))).to.equal("Really?");
    });
  });
});
