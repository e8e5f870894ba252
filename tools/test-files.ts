import { globSync } from "node:fs";
import path from "node:path";

import { overrideTask } from "hardhat/config";
import { errorResult, successfulResult } from "hardhat/utils/result";
import Mocha from "mocha";

const ROOT = path.resolve(import.meta.dirname, "..");

/** Test files that run when none is named: all but those that start processes, which `npm run test:e2e` names. */
export function listTestFiles(): string[] {
  return globSync("test/**/*.test.ts", { cwd: ROOT })
    .map((file) => file.split(path.sep).join("/"))
    .filter((file) => !file.startsWith("test/e2e/"))
    .map((file) => path.join(ROOT, file))
    .sort();
}

/** Mocha's task, which otherwise would load every file below test/, and each of them in this process as well. */
export const mochaTask = overrideTask(["test", "mocha"])
  .setInlineAction(async (values, hre, runSuper) => {
    const named = values["testFiles"] as string[];
    // A failed test is run again by the name of its file, and then has the stack trace in Solidity.
    if (named.length === 0) process.env["TRACES"] ??= "0";
    const testFiles = named.length > 0 ? named : listTestFiles();
    if (hre.config.test.mocha.parallel !== true)
      return (await runSuper({ ...values, testFiles })) as unknown;

    const count = countInWorkers();
    await runSuper({ ...values, testFiles });
    const { passes, failures, pending } = count();
    // `todo` is of node:test; mocha has no such tests.
    const summary = { passed: passes, failed: failures, skipped: pending, todo: 0 };
    return failures > 0 ? errorResult({ summary }) : successfulResult({ summary });
  })
  .build();

/** Leaves the loading of test files to the workers of mocha; returns a function that counts their tests after the run. */
function countInWorkers(): () => Mocha.Stats {
  const run = Reflect.get(Mocha.prototype, "run");
  let runner: Mocha.Runner | undefined;
  Mocha.prototype.loadFilesAsync = () => Promise.resolve();
  Mocha.prototype.run = function (done) {
    runner = run.call(this, done);
    return runner;
  };
  return () => {
    if (runner?.stats === undefined) throw new Error("mocha did not run");
    return runner.stats;
  };
}
