/** The reserve: its balance, the conditions that open it, and its draws. */
import type { EventLog } from "ethers";

import { readHistory } from "../frame/history.js";
import { bytesText } from "../frame/names.js";
import { formatAmount, formatSpan, formatTimeFrom } from "../frame/quantities.js";
import { field, list, type Item, type Report } from "../frame/report.js";
import type { Session } from "../frame/session.js";
import { contractAt } from "../frame/suite.js";
import type { Terminal } from "../frame/terminal.js";

/** States of a draw by their number. */
export const DRAW_STATUSES = ["none", "pending", "executed", "withdrawn"];

/** A condition that draws can name. */
export interface Condition {
  readonly address: string;
  readonly kind: string;
  /** First observation since which it was true without a break, or 0. */
  readonly since: bigint;
  readonly seenAt: bigint;
}

/** Conditions that are registered. */
export async function readConditions(session: Session, terminal: Terminal): Promise<Condition[]> {
  const { reserve } = session.suite;
  const set = await readHistory(session, terminal, reserve, reserve.filters.ConditionSet());
  const kinds = new Map(
    set.map(({ args }: EventLog) => [String(args[0]), bytesText(String(args[1]))]),
  );
  const found = await Promise.all(
    [...kinds].map(async ([address, kind]) => ({
      address,
      kind,
      ...watchOf(await reserve.watchOf(address)),
    })),
  );
  return found.filter(({ registered }) => registered);
}

function watchOf({
  registered,
  since,
  seenAt,
}: {
  registered: boolean;
  since: bigint;
  seenAt: bigint;
}) {
  return { registered, since, seenAt };
}

/** Balance, caps, conditions and draws. */
export async function showReserve(session: Session, terminal: Terminal): Promise<Report> {
  const { suite, deployment, now } = session;
  const { reserve, stageCap, token } = suite;
  const [balance, drawCap, periodCap, period, gap, count, conditions, [backed, heldBack]] =
    await Promise.all([
      token.balanceOf(reserve),
      reserve.drawCap(),
      reserve.periodCap(),
      reserve.NECESSITY_PERIOD(),
      reserve.MAX_GAP(),
      reserve.drawCount(),
      readConditions(session, terminal),
      stageCap.demand(),
    ]);
  const isNecessary = await stageCap.isNecessary();
  const ids = Array.from({ length: Number(count) }, (_, i) => BigInt(i + 1));
  const draws = await Promise.all(
    ids.map(async (id): Promise<Item> => {
      const { module, amount, executableAt, status } = await reserve.drawOf(id);
      return {
        title: `Draw ${id}`,
        entries: [
          field("Status", DRAW_STATUSES[Number(status)] ?? String(status)),
          field("Amount", amount, formatAmount(amount)),
          field("To", module, contractAt(deployment, module) ?? module),
          field("Executable", executableAt, formatTimeFrom(executableAt, now)),
        ],
      };
    }),
  );
  return {
    title: "System reserve",
    entries: [
      field("Balance", balance, formatAmount(balance)),
      field("Largest draw", drawCap, formatAmount(drawCap)),
      field("Most in 30 days", periodCap, formatAmount(periodCap)),
      field("Backed by burns", backed, `${formatAmount(backed)} in the last closed epochs`),
      field("Held back by the stage cap", heldBack, formatAmount(heldBack)),
      field("Needed now", isNecessary, isNecessary ? "yes" : "no"),
      list(
        "Conditions",
        conditions.map(({ address, kind, since, seenAt }) => ({
          title: kind,
          entries: [
            field("Address", address),
            field("True since", since, since === 0n ? "it is not" : formatTimeFrom(since, now)),
            field("Observed", seenAt, seenAt === 0n ? "never" : formatTimeFrom(seenAt, now)),
            field(
              "Opens",
              since === 0n ? null : since + period,
              since === 0n ? "no" : formatTimeFrom(since + period, now),
            ),
          ],
        })),
        "none.",
      ),
      field("Observe every", gap, `${formatSpan(gap)} at most, with "opa observe"`),
      list("Draws", draws, "none."),
    ],
  };
}
