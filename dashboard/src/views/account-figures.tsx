/** Credit, limits and rewards of an account. */
import { categoriesIn } from "../../../sdk/index.js";
import { columnsOf } from "../parts/columns.js";
import { Figures, Section } from "../parts/panels.js";
import { Table } from "../parts/table.js";
import { Address, Count, Opa, Share, Votes, When } from "../parts/value.js";
import type {
  AccountView,
  KeyView,
  LimitsView,
  MandateView,
  OwnSchedule,
  ProjectView,
} from "../reads/account.js";
import { call } from "../reads/source.js";
import { durationText } from "../words/times.js";

const METER = "Meter";
const NO_LIMIT = "no limit";
const MANDATE = call(METER, "reservationOf");
const SCHEDULE = call("ReleaseVault", "scheduleOf");

const mandate = columnsOf<MandateView>();
const project = columnsOf<ProjectView>();
const key = columnsOf<KeyView>();
const schedule = columnsOf<OwnSchedule>();

/** Credit, limits and rewards of an account. */
export function AccountFigures({ of }: { readonly of: AccountView }) {
  const { mandates, projects, keys, schedules } = of;
  return (
    <>
      <Money of={of} />
      <Section title="Mandates">
        <Table
          caption="Credit set aside for providers"
          empty="No credit is set aside for a provider."
          rows={mandates}
          columns={[
            mandate.address("Provider", ({ provider }) => provider),
            mandate.opa("Left", ({ amount }) => amount, `${MANDATE}, amount`),
            mandate.time("Until", ({ until }) => until, `${MANDATE}, until`),
            mandate.address("Signer", ({ signer }) => signer),
          ]}
        />
      </Section>
      <Section title="Limits, projects and keys">
        <Figures of={limitFigures(of.limits, call(METER, "organisationOf"))} />
        <Table
          caption="Projects"
          empty="The account has no projects."
          rows={projects}
          columns={[
            project.words("Project", (row) => `${row.project}`, call(METER, "projectOf")),
            ...limitColumns(project, call(METER, "projectOf")),
          ]}
        />
        <Table
          caption="Keys"
          empty="The account signs by itself alone."
          rows={keys}
          columns={[
            key.address("Key", (row) => row.key),
            key.text("May", ({ role }) => role),
            key.words(
              "Project",
              (row) => (row.project === 0n ? "none" : `${row.project}`),
              call(METER, "keyOf", "project"),
            ),
            ...limitColumns(key, call(METER, "keyOf")),
          ]}
        />
      </Section>
      <Section title="Schedules">
        <Table
          caption="Vesting schedules"
          empty="No schedule pays this account."
          rows={schedules}
          columns={[
            schedule.words("Number", ({ id }) => `${id}`, SCHEDULE),
            schedule.opa("Total", ({ total }) => total, `${SCHEDULE}, total`),
            schedule.opa("Released", ({ released }) => released, `${SCHEDULE}, released`),
            schedule.opa("Can be claimed", ({ claimable }) => claimable, `${SCHEDULE}, claimable`),
            schedule.time("More from", (row) => row.nextStageAt, `${SCHEDULE}, nextStageAt`),
          ]}
        />
      </Section>
    </>
  );
}

function Money({ of }: { readonly of: AccountView }) {
  const { runway, lock } = of;
  const burned = call(METER, "burnedOf");
  return (
    <Figures
      of={[
        { name: "Credit, free", value: <Opa wei={of.credit} source={call(METER, "creditOf")} /> },
        {
          name: "Lasts at the rate of late",
          value: (
            <Share
              text={runway === undefined ? "nothing was burned of late" : durationText(runway)}
              source={call(METER, "runway")}
            />
          ),
        },
        {
          name: "Burned in the running epoch",
          value: <Opa wei={of.burned.current} source={`${burned}, current`} />,
        },
        {
          name: "Burned in the epoch before",
          value: <Opa wei={of.burned.previous} source={`${burned}, previous`} />,
        },
        { name: "Held", value: <Opa wei={of.balance} source={call("OPAToken", "balanceOf")} /> },
        {
          name: "Access tier",
          value: <Count value={of.tier} unit="tier" source={call(METER, "tierOf")} />,
        },
        {
          name: "Admins",
          value: <Count value={of.admins} unit="admins" source={call(METER, "organisationOf")} />,
        },
        {
          name: "Rewards to claim",
          value: <Opa wei={of.claimable} source={call("IncentivePool", "claimableOf")} />,
        },
        { name: "Rewards are paid to", value: <Address of={of.payout} /> },
        {
          name: "Locked",
          value: <Opa wei={lock.amount} source={call("GovernanceLock", "lockOf", "amount")} />,
        },
        {
          name: "Lock ends",
          value: <When at={lock.end} source={call("GovernanceLock", "lockOf", "end")} />,
        },
        {
          name: "Votes that count for it",
          value: <Votes wei={of.votes} source={call("GovernanceLock", "getVotes")} />,
        },
        { name: "Its own votes count for", value: <Address of={of.delegatee} /> },
      ]}
    />
  );
}

/** Limits of the account itself. */
function limitFigures(
  { epochLimit, spent, totalLeft, expiresAt, categories }: LimitsView,
  source: string,
) {
  return [
    {
      name: "Limit per epoch",
      value: epochLimit === undefined ? NO_LIMIT : <Opa wei={epochLimit} source={source} />,
    },
    { name: "Used of it", value: <Opa wei={spent} source={call(METER, "burnedOf")} /> },
    {
      name: "Left of the total",
      value: totalLeft === undefined ? NO_LIMIT : <Opa wei={totalLeft} source={source} />,
    },
    { name: "Expires", value: <When at={expiresAt} source={source} /> },
    { name: "May use", value: categoryText(categories) },
  ];
}

/** Columns of the limits of a project or a key. */
function limitColumns<T extends LimitsView>(
  column: ReturnType<typeof columnsOf<T>>,
  source: string,
) {
  return [
    column.optionalOpa("Limit per epoch", (row) => row.epochLimit, NO_LIMIT, source),
    column.opa("Used of it", ({ spent }) => spent, `${source}, spent`),
    column.optionalOpa("Left of the total", ({ totalLeft }) => totalLeft, NO_LIMIT, source),
    column.time("Expires", ({ expiresAt }) => expiresAt, source),
    column.text("May use", ({ categories }) => categoryText(categories)),
  ];
}

/** Categories in a bit mask; all of them if the mask has every known one. */
function categoryText(categories: bigint): string {
  try {
    return categoriesIn(categories).join(", ") || "nothing";
  } catch {
    return "every category";
  }
}
