/** Cancels a proposal, as its proposer or as the guardian of proposals. */
import { ZeroAddress } from "ethers";

import { CliError } from "../exit-codes.js";
import type { Actor } from "../frame/keys.js";
import { step, type Plan } from "../frame/plan.js";
import { formatTimeFrom } from "../frame/quantities.js";
import { field } from "../frame/report.js";
import type { Session } from "../frame/session.js";
import type { Terminal } from "../frame/terminal.js";
import { findProposal, isOpen } from "../look/proposals.js";

/** Cancels a proposal for good. */
export async function planCancellation(
  session: Session,
  terminal: Terminal,
  { address }: Actor,
  text: string,
): Promise<Plan> {
  const { suite, now } = session;
  const proposal = await findProposal(session, terminal, text);
  const { number, title, state, proposer, voteStart } = proposal;
  if (!isOpen(proposal))
    throw new CliError("refused", `Proposal ${number} is ${state}, so there is nothing to cancel.`);
  const [guardian, expiry] = await Promise.all([
    suite.governor.proposalGuardian(),
    suite.governor.guardianExpiresAt(),
  ]);
  const isPending = state === "pending";
  const guardianWords =
    guardian === ZeroAddress
      ? "there is no guardian of proposals"
      : now < expiry
        ? `the guardian of proposals, ${guardian}, can until it is executed`
        : `the term of the guardian of proposals has ended ${formatTimeFrom(expiry, now)}`;
  const isGuardian = address === guardian && now < expiry;
  if (!isGuardian && !(isPending && address === proposer))
    throw new CliError(
      "refused",
      `${address} cannot cancel proposal ${number}: its proposer, ${proposer}, ${isPending ? "can until the vote begins" : "could until the vote began"} ${formatTimeFrom(voteStart, now)}; ${guardianWords}.`,
    );
  const { targets, values, calldatas, descriptionHash } = proposal;
  return {
    title: `Cancel proposal ${number}, "${title}"`,
    steps: [
      step(
        "Cancel it",
        await suite.governor.cancel.populateTransaction(
          ...([targets, values, calldatas, descriptionHash] as const),
        ),
      ),
    ],
    changes: [
      field("State", "canceled", `${state} becomes canceled, for good`),
      isGuardian
        ? field("Canceled by", address, `${address}, the guardian of proposals`)
        : field("Canceled by", address, `${address}, the proposer, before the vote`),
    ],
  };
}
