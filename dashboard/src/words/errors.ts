/** Failures as sentences. */
import { isError } from "ethers";

import { describeError, revertDataOf } from "../../../sdk/index.js";

/** A failure that a person can act on; its message is the sentence. */
export class Sentence extends Error {
  override readonly name = "Sentence";
}

/** Why a call failed: the custom error and its remedy in words, or the message of the node. */
export function failureText(error: unknown): string {
  if (error instanceof Sentence) return error.message;
  const described = describeError(error);
  if (described) return `${described.words} ${described.remedy}`.trim();
  const data = revertDataOf(error);
  if (data !== undefined)
    return `The call would fail with the error ${data.slice(0, 10)}, which this page does not know.`;
  if (isError(error, "CALL_EXCEPTION"))
    return error.reason === null
      ? "The call would fail without a reason."
      : `The call would fail: ${error.reason}.`;
  if (isError(error, "TIMEOUT")) return "The node did not answer in time.";
  if (isError(error, "ACTION_REJECTED")) return "The wallet refused.";
  if (error instanceof TypeError && /fetch/i.test(error.message))
    return "The node does not answer.";
  const message = error instanceof Error ? error.message : messageIn(error);
  return ended(message.split(" (", 1)[0] ?? message);
}

function messageIn(error: unknown): string {
  return isRecord(error) && typeof error["message"] === "string" ? error["message"] : String(error);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function ended(sentence: string): string {
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}
