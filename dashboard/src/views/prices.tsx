/** Prices: by resource with floor and ceiling, announced changes, and load against target. */
import { useState } from "preact/hooks";

import { Chart } from "../parts/chart.js";
import { columnsOf } from "../parts/columns.js";
import { Reading, Section } from "../parts/panels.js";
import { Table } from "../parts/table.js";
import { Pager } from "../parts/pager.js";
import { Count, Price, Words } from "../parts/value.js";
import {
  readResourcePrices,
  RESOURCES_A_PAGE,
  type PricesView,
  type ResourcePrice,
} from "../reads/prices.js";
import { call, reckoned } from "../reads/source.js";
import { useRead } from "../state/read.js";
import { drawnOpa, grouped, percent, shortOpa } from "../words/amounts.js";

const RESOURCE = call("ResourceRegistry", "resourceOf");
const USE = call("Meter", "usageOf");
const PRICES = call("SystemLens", "loop", "prices");
const REGISTERED = call("ResourceRegistry", "resourceCount");
const RATE = call("ResourceRegistry", "parameterOf(rateParameter)");

const column = columnsOf<ResourcePrice>();

const UNITS_OF_TARGET = column.count(
  "Target per epoch",
  ({ target }) => target,
  unitsOf,
  `${RESOURCE}, target`,
);

const TARGET: typeof UNITS_OF_TARGET = {
  ...UNITS_OF_TARGET,
  cell: (row) => (row.target === 0n ? "none" : UNITS_OF_TARGET.cell(row)),
};

/** The view of prices. */
export function PricesPage() {
  const [from, setFrom] = useState(0n);
  const prices = useRead(`prices ${from}`, ({ suite, head }) =>
    readResourcePrices(suite, head, from),
  );
  return (
    <Reading of={prices}>{(value) => <Prices {...value} from={from} onPage={setFrom} />}</Reading>
  );
}

interface PricesProps extends PricesView {
  readonly from: bigint;
  readonly onPage: (from: bigint) => void;
}

function Prices({ count, resources, from, onPage }: PricesProps) {
  const moving = resources.filter(({ target }) => target > 0n).length;
  return (
    <>
      <p class="lead">
        <Count value={count} unit="resources" source={REGISTERED} isPlain />{" "}
        {count === 1n ? "is" : "are"} registered. Of the{" "}
        <Words source={REGISTERED}>{resources.length}</Words> below, the prices of{" "}
        <Words source={`${RESOURCE}, target`}>{moving}</Words> move with their load, the others only
        by decision.
      </p>
      <Pager count={count} from={from} size={RESOURCES_A_PAGE} noun="resources" onPage={onPage} />
      <Table
        caption="Prices in the running epoch"
        empty="No resource is registered."
        rows={resources}
        columns={[
          column.words("Resource", ({ name }) => name, `${RESOURCE}, name`),
          column.price(
            "Price",
            ({ unitPrice }) => unitPrice,
            (row) => row.unit,
            `${RESOURCE}, unitPrice`,
          ),
          column.price("Rate", ({ rate }) => rate, "CU", `${RESOURCE}, rate`),
          column.price("Floor", ({ floor }) => floor, "CU", `${RESOURCE}, floor`),
          column.price("Ceiling", ({ ceiling }) => ceiling, "CU", `${RESOURCE}, ceiling`),
          column.count(
            "Weight",
            ({ weight }) => weight,
            (row) => `CU per ${row.unit}`,
            `${RESOURCE}, weight`,
          ),
          column.text("Category", ({ category }) => category),
          column.text("State", ({ state }) => state),
          column.count(
            "Lowest tier",
            ({ minimumTier }) => minimumTier,
            "tier",
            `${RESOURCE}, minimumTier`,
          ),
          column.words("Announced", changesOf, RATE),
        ]}
      />
      <p class="note">CU: compute unit, the common measure of all resources.</p>
      <Section title="Load against target">
        <Table
          caption="Units settled per epoch"
          empty="No resource is registered."
          rows={resources}
          columns={[
            column.words("Resource", ({ name }) => name, `${RESOURCE}, name`),
            column.count("Running epoch", ({ load }) => load, unitsOf, `${USE}, current`),
            column.count("Epoch before", (row) => row.previousLoad, unitsOf, `${USE}, previous`),
            TARGET,
            column.share(
              "Load of the epoch before",
              ({ previousLoad, target }) =>
                target === 0n ? "no target" : percent(previousLoad, target),
              reckoned("Share", `${USE}, previous`, `${RESOURCE}, target`),
            ),
            column.words(
              "Price policy",
              ({ policy }) => (policy === 0n ? "none" : `number ${policy}`),
              `${RESOURCE}, policy`,
            ),
          ]}
        />
      </Section>
      <Section title="Prices by epoch">
        <div class="charts">
          {resources.map(({ id, name, unit, history }) => (
            <figure key={`${id}`}>
              <figcaption>
                <Words source={`${RESOURCE}, name`}>{name}</Words>:{" "}
                <Price wei={history.at(-1)?.unitPrice ?? 0n} unit={unit} source={PRICES} isPlain />{" "}
                in epoch <Words source={PRICES}>{`${history.at(-1)?.epoch ?? 0n}`}</Words>
              </figcaption>
              <Chart
                label={`price of ${name} by epoch: ${history
                  .map(({ epoch, unitPrice }) => `${epoch}: ${shortOpa(unitPrice, 9)}`)
                  .join(", ")}`}
                unit={`OPA per ${unit}`}
                xName="epoch"
                xs={history.map(({ epoch }) => Number(epoch))}
                series={[
                  {
                    name: "price",
                    source: PRICES,
                    kind: "steps",
                    values: history.map(({ unitPrice }) =>
                      unitPrice === 0n ? null : drawnOpa(unitPrice),
                    ),
                  },
                ]}
              />
            </figure>
          ))}
        </div>
        <p class="note">Source: SystemLens.loop(), prices. The chain keeps eight epochs.</p>
      </Section>
    </>
  );
}

function unitsOf({ unit }: ResourcePrice): string {
  return `${unit}s`;
}

/** Announced changes of a resource in words. */
function changesOf({ announced, announcedTarget, nextPolicy, unit }: ResourcePrice): string {
  const changes = [
    announced && `rate ${shortOpa(announced.value, 9)} OPA per CU from epoch ${announced.epoch}`,
    announcedTarget &&
      `target ${grouped(announcedTarget.value)} ${unit}s from epoch ${announcedTarget.epoch}`,
    nextPolicy &&
      (nextPolicy.policy === 0n
        ? `no price policy from epoch ${nextPolicy.epoch}`
        : `price policy ${nextPolicy.policy} from epoch ${nextPolicy.epoch}`),
  ].filter((change) => change !== undefined);
  return changes.length === 0 ? "nothing" : changes.join("; ");
}
