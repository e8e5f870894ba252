import { globSync } from "node:fs";
import path from "node:path";

import { overrideTask } from "hardhat/config";

const ROOT = path.resolve(import.meta.dirname, "..");

/** Test files that run when none is named: all but those that start processes, which `npm run test:e2e` names. */
export function listTestFiles(): string[] {
  return globSync("test/**/*.test.ts", { cwd: ROOT })
    .map((file) => file.split(path.sep).join("/"))
    .filter((file) => !file.startsWith("test/e2e/"))
    .map((file) => path.join(ROOT, file))
    .sort();
}

/** Mocha's task, which otherwise would load every file below test/. */
export const mochaTask = overrideTask(["test", "mocha"])
  .setInlineAction((values, _hre, runSuper) => {
    const named = values["testFiles"] as string[];
    return runSuper({ ...values, testFiles: named.length > 0 ? named : listTestFiles() });
  })
  .build();
