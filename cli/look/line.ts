import { resourceName, findResource, readResources } from "../frame/names.js";
import { formatCount } from "../frame/quantities.js";
import { field, list, type Item, type Report } from "../frame/report.js";
import type { Session } from "../frame/session.js";

/** Settled use of an account at a provider: running totals by resource. */
export async function showLine(
  session: Session,
  account: string,
  provider: string,
  name: string | undefined,
): Promise<Report> {
  const resources = await readResources(session);
  const asked = name === undefined ? resources : [findResource(resources, name)];
  const found = await Promise.all(
    asked.map(({ id }) => session.suite.meter.lineOf(account, provider, id)),
  );
  const items = asked.flatMap(({ id, unit }, i): Item[] => {
    const { cumulativeUnits = 0n, priceEpoch = 0n } = found[i] ?? {};
    if (cumulativeUnits === 0n && name === undefined) return [];
    return [
      {
        title: resourceName(resources, id),
        entries: [
          field("Settled", cumulativeUnits, `${formatCount(cumulativeUnits)} in ${unit}`),
          field(
            "Last price epoch",
            priceEpoch,
            cumulativeUnits === 0n ? "none" : String(priceEpoch),
          ),
        ],
      },
    ];
  });
  return {
    title: "Settled use",
    entries: [
      field("Account", account),
      field("Provider", provider),
      list("Lines", items, "nothing is settled."),
    ],
  };
}
