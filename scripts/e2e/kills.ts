/** A deployment that is killed at random moments, with every process that it started, and then finished. */
import { spawn } from "node:child_process";
import { once } from "node:events";

import { createRandom } from "../loop/random.js";

/** Lines of progress after which a run is killed at most, and milliseconds after the last of them. */
const MOST_LINES = 9;
const MOST_MS = 300;
const TIMES = 10;

/** Starts a command again and again, and kills each run; returns after how many lines. Throws if a run ended by itself. */
export async function killAgainAndAgain(
  command: readonly [string, ...string[]],
  options: { cwd: string; env: NodeJS.ProcessEnv },
  seed: number,
): Promise<number[]> {
  const random = createRandom(seed);
  const moments: number[] = [];
  for (let i = 0; i < TIMES; i++) {
    const lines = Math.floor(random() * MOST_LINES);
    await killOnce(command, options, { lines, ms: random() * MOST_MS });
    moments.push(lines);
  }
  return moments;
}

/** Kills a run once it has sent so many transactions, and some time later than that. */
async function killOnce(
  [file, ...args]: readonly [string, ...string[]],
  options: { cwd: string; env: NodeJS.ProcessEnv },
  { lines, ms }: { lines: number; ms: number },
): Promise<void> {
  // A group of its own, so that what it started dies with it.
  const child = spawn(file, args, { ...options, detached: true, stdio: "pipe" });
  let output = "";
  let timer: NodeJS.Timeout | undefined;
  const kill = () => {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  };
  const look = (data: Buffer) => {
    output += data.toString();
    const sent = output.match(/ of \d+: .* waits for a block\./g)?.length ?? 0;
    const isPlanned = output.includes("Transactions: ");
    if (timer === undefined && isPlanned && sent >= lines) timer = setTimeout(kill, ms);
  };
  child.stdout.on("data", look);
  child.stderr.on("data", look);
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  clearTimeout(timer);
  if (signal !== "SIGKILL")
    throw new Error(`A run ended with ${code} before it was killed:\n${output}`);
}
