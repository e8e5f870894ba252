/** Use of an account: a bill by epoch, its lines, and settled statements. */
import { Chart } from "../parts/chart.js";
import { columnsOf } from "../parts/columns.js";
import { Figures, Reading, Section } from "../parts/panels.js";
import { Table } from "../parts/table.js";
import { Count, Hash, Opa } from "../parts/value.js";
import {
  billCsv,
  type Bill,
  type BillRow,
  type LineTotal,
  type ResourceName,
  type SettledStatement,
} from "../reads/bill.js";
import { call, event } from "../reads/source.js";
import { readResources } from "../reads/resources.js";
import { useRead } from "../state/read.js";
import { drawnOpa } from "../words/amounts.js";
import { iso } from "../words/times.js";

const SETTLED = event("Meter", "LineSettled");
const AMOUNT = `${SETTLED}, amount`;
const EPOCH = `${SETTLED}, priceEpoch`;
const RESOURCE = call("ResourceRegistry", "resourceOf", "name");
const UNITS = `${SETTLED}, cumulativeUnits`;

const row = columnsOf<BillRow>();
const line = columnsOf<LineTotal>();
const statement = columnsOf<SettledStatement>();

interface Resources {
  readonly names: ReadonlyMap<bigint, ResourceName>;
  readonly startOf: (epoch: bigint) => bigint;
}

/** Settled use of an account. */
export function AccountUse({ bill }: { readonly bill: Bill }) {
  const resources = useRead("resource names", async ({ suite, head }): Promise<Resources> => {
    const at = { blockTag: head.number };
    const [found, genesis, duration] = await Promise.all([
      readResources(suite, head),
      suite.registry.GENESIS(at),
      suite.registry.EPOCH_DURATION(at),
    ]);
    return {
      names: new Map(found.map(({ id, name, unit }) => [id, { name, unit }])),
      startOf: (epoch) => genesis + epoch * duration,
    };
  });
  return (
    <Section title="Use">
      <Reading of={resources}>{(value) => <Use bill={bill} resources={value} />}</Reading>
    </Section>
  );
}

function Use({ bill, resources }: { readonly bill: Bill; readonly resources: Resources }) {
  const { rows, lines, statements, total } = bill;
  const { names, startOf } = resources;
  const nameOf = (resource: bigint) => names.get(resource)?.name ?? `resource ${resource}`;
  const unitOf = (resource: bigint) => `${names.get(resource)?.unit ?? "unit"}s`;
  const byEpoch = new Map<bigint, bigint>();
  for (const { epoch, amount } of rows) byEpoch.set(epoch, (byEpoch.get(epoch) ?? 0n) + amount);
  const epochs = [...byEpoch].reverse();
  return (
    <>
      <Figures
        of={[
          { name: "Settled in all", value: <Opa wei={total} source={AMOUNT} /> },
          {
            name: "Statements settled",
            value: <Count value={BigInt(statements.length)} unit="statements" source={SETTLED} />,
          },
          {
            name: "Lines",
            value: <Count value={BigInt(lines.length)} unit="lines" source={SETTLED} />,
          },
        ]}
      />
      {epochs.length > 0 && (
        <Chart
          label="OPA settled by price epoch"
          unit="OPA"
          xName="epoch"
          xs={epochs.map(([epoch]) => Number(epoch))}
          series={[
            {
              ...{ name: "settled", source: AMOUNT, kind: "bars" },
              values: epochs.map(([, wei]) => drawnOpa(wei)),
            },
          ]}
        />
      )}
      <Table
        caption="Bill by epoch"
        empty="There is nothing to bill."
        rows={rows}
        columns={[
          row.words("Price epoch", ({ epoch }) => `${epoch}`, EPOCH),
          row.address("Provider", ({ provider }) => provider),
          row.words("Resource", ({ resource }) => nameOf(resource), RESOURCE),
          row.count(
            "Units",
            ({ units }) => units,
            ({ resource }) => unitOf(resource),
            UNITS,
          ),
          row.opa("Amount", ({ amount }) => amount, AMOUNT),
          row.count("Settlements", (each) => BigInt(each.lines), "lines", SETTLED),
        ]}
      />
      <button
        type="button"
        disabled={rows.length === 0}
        onClick={() => {
          save("opa-bill.csv", billCsv(rows, names, startOf));
        }}
      >
        Save the bill as CSV
      </button>
      <Table
        caption="Lines"
        empty="There are no lines."
        rows={lines}
        columns={[
          line.address("Provider", ({ provider }) => provider),
          line.words("Resource", ({ resource }) => nameOf(resource), RESOURCE),
          line.count(
            "Units since the first use",
            ({ units }) => units,
            ({ resource }) => unitOf(resource),
            UNITS,
          ),
          line.opa("Settled", ({ amount }) => amount, AMOUNT),
        ]}
      />
      <Table
        caption="Statements settled"
        empty="No statement has settled."
        rows={statements}
        columns={[
          statement.words("Block", ({ block }) => `${block}`, `${SETTLED}, block`),
          statement.words(
            "Price epoch",
            ({ epoch }) => `${epoch}, from ${iso(startOf(epoch)).slice(0, 10)}`,
            EPOCH,
          ),
          statement.address("Signer", ({ signer }) => signer),
          statement.count("Lines", (each) => BigInt(each.lines), "lines", SETTLED),
          statement.opa("Amount", ({ amount }) => amount, AMOUNT),
          statement.text(
            "Transaction",
            ({ transaction }) => transaction,
            ({ transaction }) => <Hash of={transaction} />,
          ),
        ]}
      />
    </>
  );
}

/** Has the browser save a text as a file. */
function save(name: string, text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
