/** Errors of contracts and nodes in sentences, each with the exit code that it ends a command with. */
import { describeError, revertDataOf, type KnownDeployment } from "../../sdk/index.js";
import { MeterError } from "../../sdk/metering/meter-error.js";
import { CliError } from "../exit-codes.js";
import { contractAt } from "./suite.js";

/** Messages of nodes for a transaction that its sender cannot pay. */
const TOO_POOR = /insufficient funds|doesn't have enough funds|enough funds|exceeds allowance/i;

/** Whether an error is a refusal of a contract, and not one of the node. */
export function isRevert(error: unknown): boolean {
  return (
    (error as { code?: unknown }).code === "CALL_EXCEPTION" || revertDataOf(error) !== undefined
  );
}

/** An error of a call or of a transaction as one that ends the command. */
export function toCliError(error: unknown, deployment?: KnownDeployment): CliError {
  if (error instanceof CliError) return error;
  const nameOf = (address: string) => deployment && contractAt(deployment, address);
  const described = describeError(error, nameOf);
  if (described)
    return new CliError("refused", `${described.words} ${described.remedy}`.trim(), {
      cause: error,
    });

  const message = messageOf(error);
  const { code } = error as { code?: unknown };
  if (error instanceof MeterError && error.code === "invalid")
    return new CliError("usage", message, { cause: error });
  if (error instanceof RangeError) return new CliError("usage", message, { cause: error });
  if (code === "INVALID_ARGUMENT" && /out-of-bounds|overflow|underflow/.test(message)) {
    const { argument, value } = error as { argument?: unknown; value?: unknown };
    const subject = typeof argument === "string" && argument !== "" ? ` for ${argument}` : "";
    return new CliError("usage", `${String(value)} is too large${subject}.`, { cause: error });
  }
  if (code === "INSUFFICIENT_FUNDS" || TOO_POOR.test(message))
    return new CliError(
      "refused",
      "The account has too little ETH for the gas of this transaction; send it some.",
      {
        cause: error,
      },
    );
  const data = revertDataOf(error);
  if (code === "CALL_EXCEPTION" || data !== undefined)
    return new CliError(
      "refused",
      data === undefined || data === "0x"
        ? "The contract refuses without a reason. The deployment may be another version than this command."
        : `The contract refuses with an error that this version does not know: ${data}.`,
      { cause: error },
    );
  if (
    ["NETWORK_ERROR", "TIMEOUT", "SERVER_ERROR", "ECONNREFUSED", "ECONNRESET"].includes(
      String(code),
    )
  )
    return new CliError(
      "setup",
      "The node does not answer any more; run the command again when it does.",
      {
        cause: error,
      },
    );
  return new CliError("failed", message, { cause: error });
}

/** The first line of a message, as a sentence. */
function messageOf(error: unknown): string {
  const { shortMessage, error: inner } = error as {
    shortMessage?: unknown;
    error?: { message?: unknown };
  };
  const text =
    typeof inner?.message === "string"
      ? inner.message
      : typeof shortMessage === "string"
        ? shortMessage
        : error instanceof Error
          ? error.message
          : String(error);
  const line = (text.split("\n")[0] ?? "").replace(/^HHE\d+: /, "");
  return /[.!?]$/.test(line) ? line : `${line}.`;
}
