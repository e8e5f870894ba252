import { createInterface } from "node:readline";
import { Writable } from "node:stream";

import { CliError } from "../exit-codes.js";

/** Asks for a secret on the terminal without showing it. @throws {CliError} if there is no terminal. */
export async function askSecret(question: string, variable: string): Promise<string> {
  if (!process.stdin.isTTY)
    throw new CliError(
      "setup",
      `${question} is asked for on a terminal, and there is none; set ${variable}.`,
    );
  process.stderr.write(`${question}: `);
  const nowhere = new Writable({
    write: (_chunk, _encoding, done) => {
      done();
    },
  });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  try {
    return await new Promise((resolve, reject) => {
      lines.once("line", resolve);
      lines.once("SIGINT", () => {
        reject(new CliError("interrupted", "Interrupted."));
      });
    });
  } finally {
    lines.close();
    process.stderr.write("\n");
  }
}
