import { ZeroAddress } from "ethers";

import { formatAmount, formatPart, formatTimeFrom } from "../frame/quantities.js";
import { field, type Report } from "../frame/report.js";
import type { Session } from "../frame/session.js";

/** The lock of an account, its votes, and the sum of all locks. */
export async function showLock({ suite, now }: Session, account: string): Promise<Report> {
  const { lock } = suite;
  const [{ amount, end, heldUntil }, power, votes, delegate, withdrawableAt, total, range] =
    await Promise.all([
      lock.lockOf(account),
      lock.powerOf(account),
      lock.getVotes(account),
      lock.delegates(account),
      lock.withdrawableAt(account),
      lock.totalVotes(),
      lock.endRange(),
    ]);
  const own =
    amount === 0n
      ? [field("Locked", amount, "nothing")]
      : [
          field("Locked", amount, formatAmount(amount)),
          field("Ends", end, formatTimeFrom(end, now)),
          field(
            "Held until",
            heldUntil,
            heldUntil <= now ? "not held by a vote" : formatTimeFrom(heldUntil, now),
          ),
          field("Withdrawable", withdrawableAt, formatTimeFrom(withdrawableAt, now)),
        ];
  return {
    title: `Lock of ${account}`,
    entries: [
      ...own,
      field("Power", power, `${formatAmount(power)} votes, falling to zero at the end`),
      field(
        "Delegated to",
        delegate,
        delegate === ZeroAddress ? "nobody" : delegate === account ? "itself" : delegate,
      ),
      field("Votes", votes, `${formatAmount(votes)} votes, ${formatPart(votes, total)} of all`),
      field("Votes of all", total, `${formatAmount(total)} votes`),
      field("Latest end", range.latest, formatTimeFrom(range.latest, now)),
    ],
  };
}
