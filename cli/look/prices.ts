import { readEpoch, readPrices, RESOURCE_STATES } from "../../sdk/index.js";
import { categoryName, findResource, readResources, type NamedResource } from "../frame/names.js";
import { countOf, formatAmount, formatCount, formatPart } from "../frame/quantities.js";
import { field, list, type Entry, type Item, type Report } from "../frame/report.js";
import type { Session } from "../frame/session.js";
import { parametersOf } from "../frame/suite.js";

const STATES = Object.keys(RESOURCE_STATES).map((name) => name.toLowerCase());

/** Prices of all resources, or of one with every price that can still settle. */
export async function showPrices(session: Session, name?: string): Promise<Report> {
  const resources = await readResources(session);
  const { number } = await readEpoch(session.suite);
  if (name === undefined) {
    const items = await Promise.all(resources.map((resource) => describe(session, resource)));
    return {
      title: `Prices in epoch ${number}`,
      entries: [field("Epoch", number), list("Resources", items)],
    };
  }
  const resource = findResource(resources, name);
  const { entries } = await describe(session, resource);
  const prices = await readPrices(session.suite, resource.id);
  const byEpoch = [...prices].map(([epoch, price]) => ({
    title: `Epoch ${epoch}`,
    entries: [field("Price", price, `${formatAmount(price)} per ${resource.unit}`)],
  }));
  return {
    title: `Price of ${resource.name} in epoch ${number}`,
    entries: [field("Epoch", number), ...entries, list("Prices that can still settle", byEpoch)],
  };
}

async function describe(session: Session, { id, name, unit }: NamedResource): Promise<Item> {
  const { suite } = session;
  const [found, use, announced] = await Promise.all([
    suite.registry.resourceOf(id),
    suite.meter.usageOf(id),
    suite.registry
      .rateParameter(id)
      .then((key) => parametersOf(session, "ResourceRegistry").parameterOf(key)),
  ]);
  const { unitPrice, weight, rate, floor, ceiling, target, category, state, parent } = found;
  const per = `per ${unit}`;
  const used = use.current.units;
  const entries: Entry[] = [
    field("Price", unitPrice, `${formatAmount(unitPrice)} ${per}`),
    field("Category", categoryName(category)),
    field("State", STATES[Number(state)] ?? String(state)),
    field("Rate", rate, `${formatAmount(rate)} per compute unit`),
    field("Floor", floor, formatAmount(floor)),
    field("Ceiling", ceiling, formatAmount(ceiling)),
    field("Weight", weight, `${countOf(weight, "compute unit")} ${per}`),
    target === 0n
      ? field("Target", null, "none, so the price is fixed")
      : field("Target", target, `${formatCount(target)} units an epoch`),
    field(
      "Used this epoch",
      used,
      `${formatCount(used)}${target === 0n ? "" : `, ${formatPart(used, target)} of the target`}`,
    ),
    field("Used before", use.previous.units, formatCount(use.previous.units)),
  ];
  if (parent !== 0n) entries.push(field("Derived from", parent, `resource ${parent}`));
  const { next, effectiveEpoch, value } = announced.current;
  if (effectiveEpoch !== 0n && next !== value)
    entries.push(
      field("Announced rate", next, `${formatAmount(next)} from epoch ${effectiveEpoch} on`),
    );
  return { title: name, entries };
}
