/** Supply: where all OPA is, and staged release past and to come. */
import { Chart } from "../parts/chart.js";
import { columnsOf } from "../parts/columns.js";
import { Figures, Reading, Section } from "../parts/panels.js";
import { Table } from "../parts/table.js";
import { Opa, Words } from "../parts/value.js";
import {
  readReleases,
  releaseScope,
  type Allocation,
  type ReleaseView,
  type Schedule,
} from "../reads/releases.js";
import { call, event, reckoned } from "../reads/source.js";
import { readSupplyParts, type SupplyPart, type SupplyView } from "../reads/supply.js";
import { useRead } from "../state/read.js";
import { useSession } from "../state/session.js";
import { drawnOpa, exactOpa, percent } from "../words/amounts.js";

const SUPPLY = call("SystemLens", "supply");
const CREATED = event("ReleaseVault", "ScheduleCreated");
const CLAIMED = event("ReleaseVault", "ScheduleClaimed", "amount");
const VESTED = reckoned("Vested part", call("ReleaseVault", "curveOf"), CREATED);

const part = columnsOf<SupplyPart>();
const allocation = columnsOf<Allocation>();
const schedule = columnsOf<Schedule>();
const transfer = columnsOf<ReleaseView["transfers"][number]>();

/** The view of the supply. */
export function SupplyPage() {
  const supply = useRead("supply", ({ suite, head }) => readSupplyParts(suite, head));
  const releases = useRead("releases", async ({ suite, head, events }) =>
    readReleases(suite, head, await events(releaseScope(suite))),
  );
  return (
    <>
      <Reading of={supply}>{(value) => <Parts {...value} />}</Reading>
      <Section title="Staged release, past and to come">
        <Reading of={releases}>{(value) => <Release {...value} />}</Reading>
      </Section>
    </>
  );
}

function Parts({ initial, total, parts, sum }: SupplyView) {
  const note =
    sum === initial ? (
      "Equal to the supply at first, to the wei."
    ) : (
      <Words source={SUPPLY}>Not the supply at first: {exactOpa(sum - initial)} OPA apart.</Words>
    );
  const together = {
    name: "together",
    note: "Sum of the parts above.",
    amount: sum,
    source: reckoned("Sum", SUPPLY),
  };
  const place = (wanted: string) => parts.findIndex(({ name }) => name === wanted) + 1;
  return (
    <>
      <p class="lead">
        Of <Opa wei={initial} source={`${SUPPLY}, initial`} isPlain /> at first,{" "}
        <Opa wei={total} source={`${SUPPLY}, total`} isPlain /> exist and{" "}
        <Opa wei={initial - total} source={reckoned("Difference", SUPPLY)} isPlain /> are burned.
        The parts below add up to all of it.
      </p>
      <Figures
        of={[
          { name: "Supply at first", value: <Opa wei={initial} source={`${SUPPLY}, initial`} /> },
          { name: "Supply now", value: <Opa wei={total} source={`${SUPPLY}, total`} /> },
          { name: "Sum of all parts", value: <Opa wei={sum} source={together.source} />, note },
        ]}
      />
      <ul class="parts" aria-hidden="true">
        {parts.map(({ name, amount }) => (
          <li key={name} class={`series-${place(name)}`} style={{ flexGrow: drawnOpa(amount) }} />
        ))}
      </ul>
      <Table
        caption="Parts of the supply"
        empty="There are no parts."
        rows={[...parts, together]}
        columns={[
          part.text(
            "Part",
            ({ name }) => name,
            ({ name }) => (
              <>
                <span class={`swatch series-${place(name)}`} />
                {name}
              </>
            ),
          ),
          part.opa(
            "Amount",
            ({ amount }) => amount,
            ({ source }) => source,
          ),
          part.share(
            "Share of the supply at first",
            ({ amount }) => percent(amount, initial),
            reckoned("Share", SUPPLY),
          ),
          part.text("Where it is", ({ note: where }) => where),
        ]}
      />
    </>
  );
}

function Release({ allocations, transfers, times, schedules }: ReleaseView) {
  const { head } = useSession();
  return (
    <>
      <p>
        What has vested of each allocation, and what will if nothing is revoked. The dashed line is
        the latest block.
      </p>
      <Chart
        label="vested OPA of each allocation over time"
        unit="OPA"
        isTime
        xName="day"
        xs={times.map(Number)}
        mark={Number(head.time)}
        series={allocations.map(({ name, course }) => ({
          ...{ name, source: VESTED },
          values: course.map(drawnOpa),
        }))}
      />
      <Table
        caption="Allocations that are released in stages"
        empty="Nothing is released in stages."
        rows={allocations}
        columns={[
          allocation.text("Allocation", ({ name }) => name),
          allocation.count("Schedules", (row) => BigInt(row.schedules), "schedules", CREATED),
          allocation.opa("Total", ({ total }) => total, `${CREATED}, total`),
          allocation.opa("Vested", ({ vested }) => vested, VESTED),
          allocation.opa("Claimed", ({ claimed }) => claimed, CLAIMED),
          allocation.time("All vested at", ({ endsAt }) => endsAt, VESTED),
        ]}
      />
      <Table
        caption="Schedules"
        empty="There are no schedules."
        rows={schedules}
        columns={[
          schedule.words("Number", ({ id }) => `${id}`, `${CREATED}, id`),
          schedule.text("Allocation", (row) => row.allocation),
          schedule.address("Beneficiary", ({ beneficiary }) => beneficiary),
          schedule.opa("Total", ({ total }) => total, `${CREATED}, total`),
          schedule.opa("Claimed", ({ claimed }) => claimed, CLAIMED),
          schedule.time("Start", ({ start }) => start, `${CREATED}, start`),
        ]}
      />
      <Table
        caption="Allocations that were paid at once"
        empty="Nothing was paid at once."
        rows={transfers}
        columns={[
          transfer.text("Allocation", ({ name }) => name),
          transfer.address("Recipient", ({ recipient }) => recipient),
          transfer.opa(
            "Amount",
            ({ amount }) => amount,
            event("Genesis", "AllocationTransferred", "amount"),
          ),
        ]}
      />
    </>
  );
}
