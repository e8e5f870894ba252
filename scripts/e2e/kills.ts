/** A deployment that is killed at random moments, with every process that it started, and then finished. */
import { spawn } from "node:child_process";
import { once } from "node:events";

import { createRandom } from "../loop/random.js";

const TIMES = 10;
/** Most transactions that a run may send before it is killed, so that all runs together do not finish the deployment. */
const MOST_SENT = 2;
/** Milliseconds after the last of them, at most; and after the start of a run that is to send none. */
const MOST_MS = 250;
const START_MS = 2_500;

/** Starts a command again and again, and kills each run; returns after how many transactions. Throws if a run ended by itself. */
export async function killAgainAndAgain(
  command: readonly [string, ...string[]],
  options: { cwd: string; env: NodeJS.ProcessEnv },
  seed: number,
): Promise<number[]> {
  const random = createRandom(seed);
  const moments: number[] = [];
  for (let i = 0; i < TIMES; i++) {
    const sent = Math.floor(random() * (MOST_SENT + 1));
    const ms = random() * (sent === 0 ? START_MS : MOST_MS);
    moments.push(await killOnce(command, options, { sent, ms }));
  }
  return moments;
}

/** Kills a run some time after it has sent so many transactions; returns how many it sent in all. */
async function killOnce(
  [file, ...args]: readonly [string, ...string[]],
  options: { cwd: string; env: NodeJS.ProcessEnv },
  { sent, ms }: { sent: number; ms: number },
): Promise<number> {
  // A group of its own, so that its children die with it.
  const child = spawn(file, args, { ...options, detached: true, stdio: "pipe" });
  let output = "";
  const count = () => output.match(/ of \d+: .* waits for a block\./g)?.length ?? 0;
  const kill = () => {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  };
  let timer = sent === 0 ? setTimeout(kill, ms) : undefined;
  const look = (data: Buffer) => {
    output += data.toString();
    if (timer === undefined && count() >= sent) timer = setTimeout(kill, ms);
  };
  child.stdout.on("data", look);
  child.stderr.on("data", look);
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  clearTimeout(timer);
  if (signal !== "SIGKILL")
    throw new Error(`A run ended with ${code} before it was killed:\n${output}`);
  return count();
}
