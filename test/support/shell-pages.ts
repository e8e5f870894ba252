/** Commands of Markdown pages, as one shell script for each page. */
import { readFileSync } from "node:fs";

/** Mark of a comment that stands for time that passes on the chain, such as `# wait 3d`. */
const WAIT = /^# wait (\d+)([smhd])$/gm;

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** Program that sends a request to a node, and fails unless it answers. */
const POST = `const [url, body] = process.argv.slice(1);
fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body })
  .then((answer) => process.exit(answer.ok ? 0 : 1));`;

/** How a script reaches the node and the command line. */
export interface Shell {
  /** Address of the node. */
  readonly url: string;
  /** Command line that stands for `npm run --silent opa --`. */
  readonly opa: string;
}

/** Commands of all blocks marked `sh` of a page, in order. */
export function readCommands(file: string): string {
  const blocks = readFileSync(file, "utf8").matchAll(/^```sh\n(.*?)^```$/gms);
  return [...blocks].map(([, block = ""]) => block).join("\n");
}

/**
 * A script for bash that runs the commands, prints each before it runs, and stops at the first that fails. Waits move the
 * clock of the node.
 */
export function toScript(commands: string, { url, opa }: Shell): string {
  const call = (method: string, params: readonly number[]): string => {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
    return `'${process.execPath}' -e '${POST}' '${url}' '${body}'`;
  };
  const waited = commands.replace(WAIT, (_, count: string, unit: string) => {
    const seconds = Number(count) * (SECONDS[unit] ?? 0);
    return `${call("evm_increaseTime", [seconds])}\n${call("evm_mine", [])}`;
  });
  return [
    "set -euo pipefail",
    "set -v",
    waited.replaceAll("npm run --silent opa --", opa),
    "",
  ].join("\n");
}
