import { formatAmount, formatPart } from "../frame/quantities.js";
import { field, note, type Report } from "../frame/report.js";
import type { Session } from "../frame/session.js";

/** Where all OPA is, with the sum. */
export async function showSupply({ suite: { lens } }: Session): Promise<Report> {
  const { initial, burned, total, unvested, pool, reserve, credit, staked, locked, circulating } =
    await lens.supply();
  const parts: [string, bigint][] = [
    ["Burned", burned],
    ["Unvested", unvested],
    ["Incentive pool", pool],
    ["Reserve", reserve],
    ["Credit", credit],
    ["Staked", staked],
    ["Locked", locked],
    ["Circulating", circulating],
  ];
  const sum = parts.reduce((all, [, amount]) => all + amount, 0n);
  return {
    title: "Supply of OPA",
    entries: [
      field("Initial", initial, formatAmount(initial)),
      field("Total", total, formatAmount(total)),
      ...parts.map(([label, amount]) =>
        field(label, amount, `${formatAmount(amount)}, ${formatPart(amount, initial)}`),
      ),
      field("Sum", sum, formatAmount(sum)),
      note(
        sum === initial
          ? "Burned and all parts of the total add up to the initial supply."
          : "Warning: the parts do not add up to the initial supply.",
      ),
    ],
  };
}
