import { parseArgs } from "node:util";

import { MAX_LINES } from "../../sdk/statements/statement.js";

/** What `npm start` was asked to do. */
export interface LoopArguments {
  readonly help: boolean;
  readonly trace: string | undefined;
  readonly json: string | undefined;
  readonly accounts: number;
  readonly providers: number;
}

/** What is wrong with the arguments, in one sentence. */
export class ArgumentError extends Error {
  override readonly name = "ArgumentError";
}

/** What `--help` prints. */
export const HELP = `Deploys the suite to a fresh in-process chain, replays a usage trace and checks every sum.

  npm start -- [--trace FILE.csv] [--accounts N] [--providers N] [--json OUT.json]

  --trace      calls to replay, as TIMESTAMP,ContextTokens,GeneratedTokens; a made-up trace if not given
  --accounts   consumers that make the calls, 1 to 1000 (20)
  --providers  providers that serve them, 1 to 64 (5)
  --json       also writes the figures to this file
  --help       prints this
`;

const MAX_ACCOUNTS = 1_000;
const MAX_PROVIDERS = MAX_LINES / 2; // a statement has two lines for each

/**
 * Reads the command line of the loop.
 *
 * @throws {ArgumentError} if an option is unknown or a value makes no sense.
 */
export function readArguments(args: readonly string[]): LoopArguments {
  const values = parse(args);
  return {
    help: values.help,
    trace: requireFile(values.trace, "--trace"),
    json: requireFile(values.json, "--json"),
    accounts: readCount(values.accounts, "--accounts", MAX_ACCOUNTS),
    providers: readCount(values.providers, "--providers", MAX_PROVIDERS),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        trace: { type: "string" },
        json: { type: "string" },
        accounts: { type: "string", default: "20" },
        providers: { type: "string", default: "5" },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    const [sentence = ""] = (error as Error).message.split(". ");
    throw new ArgumentError(`${sentence.replace(/\.$/, "")}; --help lists the options.`);
  }
}

function requireFile(value: string | undefined, option: string): string | undefined {
  if (value === "") throw new ArgumentError(`${option} needs the name of a file.`);
  return value;
}

function readCount(text: string, option: string, maximum: number): number {
  const value = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > maximum)
    throw new ArgumentError(
      `${option} takes a whole number from 1 to ${maximum}, and "${text}" is none.`,
    );
  return value;
}
