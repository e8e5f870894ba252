/**
 * Every reason code has a meaning and a remedy, and is permanent exactly if the library gives up on
 * it.
 */
import { REASONS, type Outlook } from "../../sdk/reads/reasons.js";
import { CheckError, readText } from "./files.js";

const FILE = "contracts/interfaces/types/Metering.sol";

/** A value of the enum and its comment. */
interface Reason {
  readonly name: string;
  readonly comment: string;
}

/**
 * Compares the enum `Metering.Reason` with the reasons of the library. The comment of each value has two sentences, meaning
 * and remedy, and begins with "Permanent" if a statement with this reason never settles. `None` needs no remedy.
 */
export function checkReasons(
  root: string,
  expected: readonly { name: string; outlook: Outlook }[] = REASONS,
): string {
  const reasons = parseReasons(readText(root, FILE));
  const names = reasons.map(({ name }) => name).join(", ");
  if (names !== expected.map(({ name }) => name).join(", ")) {
    throw new CheckError(`The library has other reasons than ${FILE}: ${names || "none"}.`);
  }

  for (const [index, { name, comment }] of reasons.entries()) {
    const sentences = comment.match(/[.!?](?:\s|$)/g)?.length ?? 0;
    if (sentences < (name === "None" ? 1 : 2)) {
      throw new CheckError(`Reason.${name} does not say what it means and what to do.`);
    }
    const isPermanent = expected[index]?.outlook === "never";
    if (comment.startsWith("Permanent") !== isPermanent) {
      throw new CheckError(
        `Reason.${name} is ${isPermanent ? "" : "not "}permanent in the library.`,
      );
    }
  }
  return `${reasons.length} reason codes say what they mean and what to do`;
}

/** Values of the enum in order, each with the text of the comment before it. */
function parseReasons(source: string): Reason[] {
  const [, body = ""] = /\benum Reason \{(.*?)\n\s*\}/s.exec(source) ?? [];
  const reasons: Reason[] = [];
  let comment: string[] = [];
  for (const line of body.split("\n").map((text) => text.trim())) {
    if (line.startsWith("///")) comment.push(line.replace(/^\/\/\/\s*(?:@dev\s*)?/, ""));
    else if (line !== "") {
      reasons.push({ name: line.replace(/,$/, ""), comment: comment.join(" ").trim() });
      comment = [];
    }
  }
  return reasons;
}
