/** Messages for users when a command cannot continue, with the next command. */
import { ParameterError } from "../parameters/schema.js";
import { DeploymentError } from "./error.js";
import { firstLine, NodeError } from "./rpc.js";

/** A command that cannot go on; the message is one sentence. */
export class CommandError extends Error {
  override readonly name = "CommandError";
}

const OURS = [CommandError, DeploymentError, ParameterError];

/** Sentences in the place of those of Hardhat, by the code that it puts first. */
const REFUSALS: Readonly<Record<string, string>> = {
  HHE700:
    "The address of the network is not one like https://host/path; correct its variable in .env, then run the same command again.",
  HHE703: "The node does not answer any more; run the same command again when it does.",
  HHE704: "The node takes too long to answer; run the same command again.",
  HHE910:
    "The contracts do not compile, for the reasons above; correct them, then run the same command again.",
  HHE1000: "The contracts are not compiled; run the same command without --no-build.",
  HHE1001:
    "The compiled contracts are of several versions; run `npx hardhat clean`, then the same command again without --no-build.",
};

/** An error as a user reads it: all sentences of ours, otherwise one of ours around the first line. */
export function explainError(error: unknown): string {
  if (OURS.some((kind) => error instanceof kind)) return (error as Error).message;

  const line = firstLine(error);
  if (error instanceof NodeError)
    return `The node answered with an error: ${line}. Run the same command again, or use another node.`;
  const [, code = "", rest = line] = /^(HHE\d+): (.*)$/.exec(line) ?? [];
  return REFUSALS[code] ?? `${rest}. Correct this, then run the same command again.`;
}

/** Why another program refused something, without the code that Hardhat puts first and without a full stop. */
export function reasonOf(error: unknown): string {
  return firstLine(error).replace(/^HHE\d+: /, "");
}
