/** How the commands of the page end: with one sentence if something is wrong. */
import { CommanderError, InvalidArgumentError } from "@commander-js/extra-typings";

/** A command as far as it is run here. */
interface Runnable {
  exitOverride(): this;
  configureOutput(output: {
    outputError: (text: string, write: (line: string) => void) => void;
  }): this;
  parseAsync(): Promise<unknown>;
}

/** Runs a command line. Exit code 1 comes with one sentence. */
export async function runCommand(command: Runnable): Promise<void> {
  command.exitOverride().configureOutput({
    outputError: (text, write) => {
      write(text.replace(/^error: (.)/, (_, first: string) => first.toUpperCase()));
    },
  });
  try {
    await command.parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode;
    else {
      console.error(sentenceOf(error));
      process.exitCode = 1;
    }
  }
}

/** A port. @throws if it is none. */
export function portIn(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535)
    throw new InvalidArgumentError("It is not a port: a number from 0 to 65535.");
  return port;
}

function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const port = /^Port (\d+) is already in use/.exec(error.message)?.[1];
  return port === undefined
    ? error.message
    : `Port ${port} is taken; end what uses it, or name another one with --port.`;
}
