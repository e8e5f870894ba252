import { isError } from "ethers";

/** A round of settling that could not be finished; nothing is lost, and the next one goes on. */
export class SettlerError extends Error {
  override readonly name = "SettlerError";
}

/** Meaning of a node's error for a batch. */
export type Refusal =
  /** It takes too much gas, or costs too much: it has to be cut. */
  | "size"
  /** A transaction of this nonce is in the pool with a higher fee. */
  | "fee"
  /** The pool has this very transaction. */
  | "known"
  /** Another transaction of this nonce was mined, or may have been. */
  | "nonce"
  /** The sender cannot pay. */
  | "funds"
  /** Nothing is known. */
  | "doubt";

const SIZE =
  /gas limit|exceeds (?:the )?(?:block|configured|maximum|cap)|gas required exceeds|tx fee|fee cap|out of gas|oversized|too (?:large|big)/i;

const CALL = /revert|invalid opcode|stack (?:under|over)flow|execution error|memory limit/i;

/** Meaning of a node's error. Nodes word the same refusal in many ways. */
export function refusalOf(error: unknown): Refusal {
  const text = messageOf(error);
  if (isError(error, "REPLACEMENT_UNDERPRICED") || /underpriced|fee too low/i.test(text))
    return "fee";
  if (/already known|already imported|known transaction/i.test(text)) return "known";
  if (isError(error, "NONCE_EXPIRED") || /nonce/i.test(text)) return "nonce";
  if (isError(error, "INSUFFICIENT_FUNDS") || /insufficient funds|enough funds/i.test(text))
    return "funds";
  if (SIZE.test(text)) return "size";
  return "doubt";
}

/** Whether a call itself failed, and not the way to the node. Ethers gives both the same code. */
export function isCallError(error: unknown): boolean {
  if (isError(error, "INVALID_ARGUMENT") || isError(error, "BAD_DATA")) return true;
  if (isError(error, "CALL_EXCEPTION") && error.data !== null) return true;
  return CALL.test(messageOf(error)) || SIZE.test(messageOf(error));
}

/** The text of an error, with that of the node in it. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const inner = (error as { info?: { error?: { message?: unknown } } }).info?.error?.message;
  if (typeof inner !== "string") return error.message;
  // Ethers says "missing revert data" of every call that failed without any.
  if (isError(error, "CALL_EXCEPTION")) return inner;
  return error.message.includes(inner) ? error.message : `${error.message} (${inner})`;
}
