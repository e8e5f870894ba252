/**
 * The gate of each commit. After the build, programs that read the sources run beside the tests, because
 * each of them keeps one core busy. After a failure no other step starts.
 *
 *   npm run check
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";

import { runCommand } from "../tools/command.js";
import { runLanes, type StepResult } from "../tools/lanes.js";

const ROOT = path.join(import.meta.dirname, "..");
const READERS = ["lint", "types", "checks"];
const TESTS = ["test", "test:e2e", "gas:check"];

/** Runs a script of package.json. The output of readers comes with the result, so that it stays in one piece. */
async function runScript(script: string): Promise<StepResult> {
  const isWindows = process.platform === "win32";
  const child = spawn(isWindows ? "npm.cmd" : "npm", ["run", script], {
    cwd: ROOT,
    shell: isWindows,
    stdio: READERS.includes(script) ? ["ignore", "pipe", "pipe"] : "inherit",
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding("utf8").on("data", (text: string) => (output += text));
  const [code] = (await once(child, "close")) as [number | null];
  return { hasPassed: code === 0, output };
}

await runCommand(
  {
    command: "check",
    summary: "Runs the gate of each commit: build, lint, types, all tests, checks.",
  },
  async () => {
    const print = (line: string) => {
      console.log(line);
    };
    const failed = await runLanes([["build"]], runScript, print);
    if (failed.length === 0) failed.push(...(await runLanes([READERS, TESTS], runScript, print)));
    if (failed.length > 0) throw new Error(`These failed: ${failed.join(", ")}.`);
  },
);
