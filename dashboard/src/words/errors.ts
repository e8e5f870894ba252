/** Failures as sentences. */
import { Interface, isError, type ErrorFragment } from "ethers";

import { exactOpa, grouped } from "./amounts.js";
import { durationText, timeText } from "./times.js";
import { wordsOf } from "./names.js";

/** A failure that a person can act on; its message is the sentence. */
export class Sentence extends Error {
  override readonly name = "Sentence";
}

/** Errors of OpenZeppelin's contracts that our calls can meet. */
const STANDARD = new Interface([
  "error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed)",
  "error ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed)",
  "error ERC1363TransferFailed(address receiver, uint256 value)",
  "error GovernorAlreadyCastVote(address voter)",
  "error GovernorNonexistentProposal(uint256 proposalId)",
  "error GovernorUnexpectedProposalState(uint256 proposalId, uint8 current, bytes32 expectedStates)",
  "error GovernorInvalidVoteType()",
  "error AccessManagedUnauthorized(address caller)",
  "error EnforcedPause()",
]);

/** Sentences for errors whose name and values alone would not help. */
const KNOWN: Readonly<Record<string, string>> = {
  GovernorAlreadyCastVote: "This account has voted on this proposal already.",
  GovernorUnexpectedProposalState: "The proposal does not take votes now.",
  ERC1363TransferFailed: "The receiver refused the transfer.",
};

/**
 * Why a call failed, in one sentence: the custom error in words with its values, or the message of the node.
 *
 * @param interfaces Interfaces that declare the errors of the call.
 */
export function failureText(error: unknown, interfaces: readonly Interface[] = []): string {
  if (error instanceof Sentence) return error.message;
  const data = revertData(error);
  if (data !== undefined && data !== "0x") {
    for (const each of [...interfaces, STANDARD]) {
      const found = each.parseError(data);
      if (found) return errorSentence(found.fragment, found.args.toArray());
    }
    return `The call would fail with the error ${data.slice(0, 10)}, which this page does not know.`;
  }
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

/** The custom error as a sentence: its name, then its values with their names. */
function errorSentence(fragment: ErrorFragment, values: readonly unknown[]): string {
  const known = KNOWN[fragment.name];
  if (known !== undefined) return known;
  const list = fragment.inputs.map(
    (input, i) => `${wordsOf(input.name).toLowerCase()} ${valueText(input.name, values[i])}`,
  );
  return `${wordsOf(fragment.name)}${list.length === 0 ? "" : `: ${list.join(", ")}`}.`;
}

/** A value by the name of its parameter: amounts are OPA, times are dates. */
function valueText(name: string, value: unknown): string {
  if (typeof value !== "bigint") return String(value);
  if (/(amount|balance|needed|allowance|stake|available|limit|minimum|maximum)$/i.test(name))
    return value >= 10n ** 12n ? `${exactOpa(value)} OPA` : grouped(value);
  if (/(at|until|end|expiry|deadline|earliest|latest)$/i.test(name) && value > 10n ** 9n)
    return timeText(value);
  if (/(delay|period)$/i.test(name)) return durationText(value);
  return grouped(value);
}

/** The bytes that a failed call returned, wherever the node or ethers put them. */
function revertData(error: unknown): string | undefined {
  for (let each = error, depth = 0; isRecord(each) && depth < 6; depth += 1) {
    const { data, info, error: inner, cause } = each;
    if (typeof data === "string" && /^0x[\da-f]*$/i.test(data)) return data;
    if (isRecord(data) && typeof data["data"] === "string") return data["data"];
    each = inner ?? (isRecord(info) ? info["error"] : undefined) ?? cause;
  }
  return undefined;
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
