/** Commands of Markdown pages, as one shell script for each page. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

/** Mark of a comment that stands for time that passes on the chain, such as `# wait 3d`. */
const WAIT = /^# wait (\d+)([smhd])$/gm;

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** How a script reaches the node and the command line. */
export interface Shell {
  /** Lines before the commands, which are not printed. */
  readonly prelude: string;
  /** Command that moves the clock of the node by the seconds in its argument. */
  readonly wait: string;
  /** Command lines that stand for others, such as `npm run --silent opa --`. */
  readonly instead: Readonly<Record<string, string>>;
}

/** A block of a page: its mark, such as `sh`, and its lines. */
export interface Block {
  readonly mark: string;
  readonly text: string;
}

/** Blocks of a page, in order, without the indentation of a list. */
export function readBlocks(file: string): Block[] {
  const blocks = readFileSync(file, "utf8").matchAll(/^( *)```(\w*)\n(.*?)^\1```$/gms);
  return [...blocks].map(([, indent = "", mark = "", text = ""]) => ({
    mark,
    text: text.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
  }));
}

/** Commands of all blocks marked `sh` of a page, in order. */
export function readCommands(file: string): string {
  return readBlocks(file)
    .filter(({ mark }) => mark === "sh")
    .map(({ text }) => text)
    .join("\n");
}

/**
 * A script for bash that runs the commands, prints each before it runs, and stops at the first that fails. Waits move the
 * clock of the node.
 */
export function toScript(commands: string, { prelude, wait, instead }: Shell): string {
  const waited = commands.replace(
    WAIT,
    (_, count: string, unit: string) => `${wait} ${Number(count) * (SECONDS[unit] ?? 0)}`,
  );
  const replaced = Object.entries(instead).reduce(
    (text, [written, run]) => text.replaceAll(written, run),
    waited,
  );
  return [prelude, "set -euo pipefail", "set -v", replaced, ""].join("\n");
}

/** Runs a script of bash in a folder; resolves to its exit code and everything that it printed. */
export async function runScript(
  script: string,
  folder: string,
  env: NodeJS.ProcessEnv,
): Promise<{ code: number | null; output: string }> {
  const child = spawn("bash", ["--norc", "-c", script], { cwd: folder, env });
  const parts: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => parts.push(text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject).once("close", resolve);
  });
  return { code, output: parts.join("") };
}
