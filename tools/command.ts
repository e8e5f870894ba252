/** Commands of the repository: their arguments, their help, and one sentence when something is wrong. */
import { parseArgs } from "node:util";

/** An option of a command; one without a value is a switch. */
export interface OptionUsage {
  /** Name of its value in the help, such as `FILE`. */
  readonly value?: string;
  readonly help: string;
}

/** How a command is called. */
export interface Usage<Options extends Record<string, OptionUsage> = Record<string, OptionUsage>> {
  /** Name in the scripts of package.json. */
  readonly command: string;
  /** Purpose in one sentence. */
  readonly summary: string;
  readonly options?: Options;
  /** Arguments without a name; without it the command takes none. */
  readonly operands?: { readonly name: string; readonly help: string };
}

/** Values of the options that were given. */
export type Values<Options extends Record<string, OptionUsage>> = {
  readonly [Name in keyof Options]?: Options[Name] extends { readonly value: string }
    ? string
    : boolean;
};

/** Arguments of a command, read. */
export interface Arguments<Options extends Record<string, OptionUsage>> {
  readonly values: Values<Options>;
  readonly operands: readonly string[];
}

/** An error in the arguments; the message is one or two sentences. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/**
 * Runs a command with its arguments, or prints its help. An error ends it with one sentence and exit code 1; a number that
 * the command resolves to is its exit code.
 */
export async function runCommand<Options extends Record<string, OptionUsage>>(
  usage: Usage<Options>,
  command: (values: Values<Options>, operands: readonly string[]) => unknown,
  args: readonly string[] = process.argv.slice(2),
): Promise<void> {
  try {
    const read = readArguments(usage, args);
    if (read === undefined) console.log(renderUsage(usage));
    else {
      const result = await command(read.values, read.operands);
      if (typeof result === "number") process.exitCode = result;
    }
  } catch (error) {
    console.error(explainError(error));
    process.exitCode = 1;
  }
}

/**
 * Reads the arguments of a command; undefined if they ask for help.
 *
 * @throws {UsageError} if an option is unknown, or its value is missing.
 */
export function readArguments<Options extends Record<string, OptionUsage>>(
  usage: Usage<Options>,
  args: readonly string[],
): Arguments<Options> | undefined {
  const known = Object.entries<OptionUsage>(usage.options ?? {}).map(
    ([name, { value }]) =>
      [name, { type: value === undefined ? "boolean" : "string" } as const] as const,
  );
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { ...Object.fromEntries(known), help: { type: "boolean", short: "h" } } as const,
      allowPositionals: usage.operands !== undefined,
    });
    if (values.help === true) return undefined;
    return { values: values as Values<Options>, operands: positionals };
  } catch (error) {
    throw new UsageError(
      `${sentenceOf(error)} "${callOf(usage.command)} --help" lists what it takes.`,
      { cause: error },
    );
  }
}

/** A whole number from 1 to a maximum. @throws {UsageError} if the text is none. */
export function readCount(text: string, option: string, maximum: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > maximum)
    throw new UsageError(
      `${option} takes a whole number from 1 to ${maximum}, and "${text}" is none.`,
    );
  return value;
}

/** Text of `--help`. */
export function renderUsage({ command, summary, options, operands }: Usage): string {
  const rows: [string, string][] = Object.entries(options ?? {}).map(([name, { value, help }]) => [
    value === undefined ? `--${name}` : `--${name} ${value}`,
    help,
  ]);
  if (operands) rows.unshift([operands.name, operands.help]);
  rows.push(["--help", "prints this"]);
  const width = Math.max(...rows.map(([name]) => name.length));
  const call = `${callOf(command)}${operands ? ` [${operands.name} ...]` : ""} [options]`;
  return [
    summary,
    "",
    `  ${call}`,
    "",
    ...rows.map(([name, help]) => `  ${name.padEnd(width)}  ${help}`),
  ].join("\n");
}

/** An error in one line, without the code that Hardhat puts before it. */
export function explainError(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const line = (message.split("\n")[0] ?? "").replace(/^HHE\d+: /, "");
  return /[.!?]$/.test(line) ? line : `${line}.`;
}

/** First sentence of an error of `parseArgs`, whose others speak of spellings that no command needs. */
function sentenceOf(error: unknown): string {
  const [sentence = ""] = (error as Error).message.split(". ");
  return `${sentence.replace(/\.$/, "")}.`;
}

function callOf(command: string): string {
  return command === "start" || command === "test" ? `npm ${command} --` : `npm run ${command} --`;
}
