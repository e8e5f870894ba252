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

const ROOT = path.join(import.meta.dirname, "..");
const READERS = ["lint", "types", "checks"];
const TESTS = ["test", "test:e2e", "gas:check"];

/** Runs scripts of package.json one after another; `failed` holds those of all lanes that failed. */
async function runLane(scripts: readonly string[], isLive: boolean, failed: string[]) {
  for (const script of scripts) {
    if (failed.length > 0) return;
    const startedAt = Date.now();
    const { code, output } = await runScript(script, isLive);
    const seconds = Math.round((Date.now() - startedAt) / 1_000);
    console.log(`${output}== ${script}: ${code === 0 ? "passed" : "FAILED"} in ${seconds} s`);
    if (code !== 0) failed.push(script);
  }
}

/** Runs a script. Output that is not shown live comes with the result, so that it stays in one piece. */
async function runScript(script: string, isLive: boolean) {
  const child = spawn(npm(), ["run", script], {
    cwd: ROOT,
    shell: process.platform === "win32",
    stdio: isLive ? "inherit" : ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding("utf8").on("data", (text: string) => (output += text));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, output };
}

function npm(): string {
  return process.platform === "win32" ? "npm.cmd" : "npm";
}

await runCommand(
  {
    command: "check",
    summary: "Runs the gate of each commit: build, lint, types, all tests, checks.",
  },
  async () => {
    const failed: string[] = [];
    await runLane(["build"], true, failed);
    await Promise.all([runLane(READERS, false, failed), runLane(TESTS, true, failed)]);
    if (failed.length > 0) throw new Error(`These failed: ${failed.join(", ")}.`);
  },
);
