import { MAX_LINES } from "../../sdk/statements/statement.js";
import { readCount, UsageError, type Values } from "../../tools/command.js";
import { readPort } from "../node/port.js";

/** Arguments of `npm start`. */
export interface LoopArguments {
  readonly trace: string | undefined;
  readonly json: string | undefined;
  readonly accounts: number;
  readonly providers: number;
  /** Where to serve the chain; undefined if it stays in the process. */
  readonly node: { readonly port: number; readonly deploymentId: string } | undefined;
}

/** How `npm start` is called. */
export const USAGE = {
  command: "start",
  summary: "Deploys the suite to a fresh local chain, replays a usage trace and checks every sum.",
  options: {
    trace: {
      value: "FILE",
      help: "calls to replay, as TIMESTAMP,ContextTokens,GeneratedTokens; a made-up trace if not given",
    },
    accounts: { value: "N", help: "consumers that make the calls, 1 to 1000 (20)" },
    providers: { value: "N", help: "providers that serve them, 1 to 64 (5)" },
    json: { value: "FILE", help: "also writes the figures to this file" },
    node: { help: "serves the chain over JSON-RPC, and leaves it running for the page and `opa`" },
    port: { value: "N", help: "with --node: its port, 0 for any free one (8545)" },
    "deployment-id": {
      value: "ID",
      help: "with --node: folder of deploy/deployments for the manifest (chain-31337)",
    },
  },
} as const;

/** Port that a local node listens on unless another one is named. */
export const DEFAULT_PORT = "8545";

const MAX_ACCOUNTS = 1_000;
const MAX_PROVIDERS = MAX_LINES / 2; // a statement has two lines for each

/**
 * Reads the values of the options.
 *
 * @throws {UsageError} if a value makes no sense.
 */
export function readOptions(values: Values<typeof USAGE.options>): LoopArguments {
  for (const option of ["port", "deployment-id"] as const)
    if (values[option] !== undefined && values.node !== true)
      throw new UsageError(`--${option} is for --node, which was not given.`);
  return {
    trace: requireFile(values.trace, "--trace"),
    json: requireFile(values.json, "--json"),
    accounts: readCount(values.accounts ?? "20", "--accounts", MAX_ACCOUNTS),
    providers: readCount(values.providers ?? "5", "--providers", MAX_PROVIDERS),
    node:
      values.node === true
        ? {
            port: readPort(values.port ?? DEFAULT_PORT, 0),
            deploymentId: values["deployment-id"] ?? "chain-31337",
          }
        : undefined,
  };
}

function requireFile(value: string | undefined, option: string): string | undefined {
  if (value === "") throw new UsageError(`${option} needs the name of a file.`);
  return value;
}
