/** Safety: pauses, limits, the condition of the reserve, and rights with their delays. */
import { columnsOf } from "../parts/columns.js";
import { Figures, Reading, Section } from "../parts/panels.js";
import { Table } from "../parts/table.js";
import { Address, Opa, Share, When, Words } from "../parts/value.js";
import {
  readRights,
  rightsScope,
  type RightsView,
  type RightView,
  type RoleView,
} from "../reads/rights.js";
import {
  conditionsIn,
  DRAW_STATES,
  readSafety,
  safetyScope,
  type ConditionView,
  type DrawView,
  type Incident,
  type LimitView,
  type PauseView,
  type SafetyView,
} from "../reads/safety.js";
import { call, reckoned } from "../reads/source.js";
import { useRead } from "../state/read.js";
import { percent, percentOfBps } from "../words/amounts.js";
import { nameIn } from "../words/names.js";
import { durationText } from "../words/times.js";

const RESERVE = "SystemReserve";

const pause = columnsOf<PauseView>();
const limit = columnsOf<LimitView>();
const condition = columnsOf<ConditionView>();
const draw = columnsOf<DrawView>();
const incident = columnsOf<Incident>();
const role = columnsOf<RoleView>();
const right = columnsOf<RightView>();

/** The view of safety. */
export function SafetyPage() {
  const safety = useRead("safety", async ({ suite, head, events }) =>
    readSafety(suite, head, await events(safetyScope(suite))),
  );
  const rights = useRead("rights", async ({ suite, head, events }) => {
    const conditions = conditionsIn(await events(safetyScope(suite)));
    const stageCap = conditions.find(({ kind }) => kind === "stage-cap");
    return readRights(suite, head, await events(rightsScope(suite)), stageCap?.address);
  });
  return (
    <>
      <Reading of={safety}>{(value) => <Stops {...value} />}</Reading>
      <Section title="Who can do what, with which delay">
        <Reading of={rights}>{(value) => <Rights {...value} />}</Reading>
      </Section>
    </>
  );
}

function Stops({
  pauses,
  limits,
  conditions,
  necessityPeriod,
  drawCap,
  periodCap,
  draws,
  incidents,
}: SafetyView) {
  const paused = pauses.filter(({ isPaused }) => isPaused);
  const tripped = limits.filter(({ isTripped }) => isTripped);
  const needed = conditions.filter(({ isTrue }) => isTrue);
  return (
    <>
      <p class="lead">
        {paused.length === 0
          ? "No module is paused. "
          : `Paused: ${paused.map(({ module }) => module).join(", ")}. `}
        {tripped.length === 0
          ? "No limit is tripped. "
          : `Tripped: ${tripped.map(({ name }) => name).join(", ")}. `}
        {needed.length === 0
          ? "The reserve is not needed."
          : `The reserve is needed: ${needed.map(({ kind }) => kind).join(", ")}.`}
      </p>
      <Table
        caption="Pauses"
        empty="No module can be paused."
        rows={pauses}
        columns={[
          pause.text("Module", ({ module }) => module),
          pause.text("State", ({ isPaused }) => (isPaused ? "paused" : "running")),
          pause.words(
            "Reason",
            ({ isPaused, reason }) => (isPaused ? reason : "–"),
            "pauseState(), reason",
          ),
          pause.time("Last pause until", ({ until }) => until, "pauseState(), until"),
          pause.time(
            "Guardian can pause from",
            (row) => row.pausableAt,
            "pauseState(), pausableAt",
          ),
        ]}
      />
      <Table
        caption="Limits"
        empty="There are no limits."
        rows={limits}
        columns={[
          limit.text("Limit", ({ name }) => name),
          limit.opa("Per period", (row) => row.limit, "limits(), claimLimit(), periodCap()"),
          limit.optionalOpa(
            "Available now",
            (row) => row.available,
            "–",
            "claimLimit(), available",
          ),
          limit.text("State", ({ isTripped }) => (isTripped ? "tripped" : "free")),
          limit.time("Clears at", ({ clearsAt }) => clearsAt, "restrictionOf(), clearsAt"),
          limit.text("Module", ({ module }) => module),
          limit.words("Meaning", ({ words }) => words, "rules of the module, docs/economics.md"),
        ]}
      />
      <Section title="Reserve">
        <Figures
          of={[
            {
              name: "Most that a draw takes",
              value: <Opa wei={drawCap} source={call(RESERVE, "drawCap")} />,
            },
            {
              name: "Left for draws of this period",
              value: <Opa wei={periodCap} source={call(RESERVE, "periodCap")} />,
            },
            {
              name: "A condition has to be true for",
              value: (
                <Share
                  text={durationText(necessityPeriod)}
                  source={call(RESERVE, "NECESSITY_PERIOD")}
                />
              ),
            },
          ]}
        />
        <Table
          caption="Conditions that open the reserve"
          empty="No condition is registered."
          rows={conditions}
          columns={[
            condition.text("Condition", ({ kind }) => kind),
            condition.text("Now", ({ isTrue }) => (isTrue ? "true" : "not true")),
            condition.time(
              "Observed as true since",
              ({ since }) => since,
              call(RESERVE, "watchOf", "since"),
            ),
            condition.time(
              "Last observation",
              ({ seenAt }) => seenAt,
              call(RESERVE, "watchOf", "seenAt"),
            ),
            condition.share(
              "Held back of κ × burned",
              ({ demand }) =>
                demand === undefined ? "–" : percent(demand.heldBack, demand.backed),
              reckoned("Share", call("StageCapCondition", "demand")),
            ),
            condition.share(
              "True above",
              ({ demand }) => (demand === undefined ? "–" : percentOfBps(demand.share)),
              call("StageCapCondition", "parameterOf(SHARE)"),
            ),
            condition.address("Contract", ({ address }) => address),
          ]}
        />
        <Table
          caption="Draws"
          empty="Nothing was drawn."
          rows={draws}
          columns={[
            draw.words("Number", ({ id }) => `${id}`, call(RESERVE, "drawOf")),
            draw.opa("Amount", ({ amount }) => amount, call(RESERVE, "drawOf", "amount")),
            draw.address("For", ({ module }) => module),
            draw.time(
              "Can be paid from",
              (row) => row.executableAt,
              call(RESERVE, "drawOf", "executableAt"),
            ),
            draw.text("State", ({ status }) => nameIn(DRAW_STATES, status)),
          ]}
        />
        <Table
          caption="What happened"
          empty="Nothing was paused, held back or drawn."
          pageSize={10}
          rows={incidents}
          columns={[
            incident.words(
              "Block",
              ({ block }) => `${block}`,
              ({ source }) => source,
            ),
            incident.words(
              "What",
              ({ words }) => words,
              ({ source }) => source,
            ),
            incident.text("Event", ({ source }) => source),
          ]}
        />
      </Section>
    </>
  );
}

function Rights({ timelockDelay, proposalGuardian, guardianExpiresAt, roles, rights }: RightsView) {
  const differences = rights.filter(({ isAsPublished }) => !isAsPublished).length;
  return (
    <>
      <p>
        {differences === 0 ? (
          "Every function asks for the role of the published table."
        ) : (
          <Words source={call("AccessManager", "getTargetFunctionRole")}>
            {differences} functions ask for another role than the published table says.
          </Words>
        )}{" "}
        A function that is not listed is open to everyone, within its own rules.
      </p>
      <Figures
        of={[
          {
            name: "Every decision waits",
            value: (
              <Share
                text={durationText(timelockDelay)}
                source={call("SystemTimelock", "getMinDelay")}
              />
            ),
          },
          {
            name: "Can cancel proposals",
            value: <Address of={proposalGuardian} />,
          },
          {
            name: "Until",
            value: (
              <When at={guardianExpiresAt} source={call("OPAGovernor", "guardianExpiresAt")} />
            ),
          },
        ]}
      />
      <Table
        caption="Roles and who has them"
        empty="There are no roles."
        rows={roles}
        columns={[
          role.text("Role", ({ name }) => name),
          role.text(
            "Held by, with the delay of their calls",
            ({ holders }) =>
              holders.map(({ account, delay }) => `${account} after ${delay} seconds`).join("; "),
            ({ holders }) => (
              <ul class="plain">
                {holders.length === 0 && <li>nobody</li>}
                {holders.map(({ account, name, delay }) => (
                  <li key={account}>
                    <Address of={account} name={name} />{" "}
                    <Share
                      text={delay === 0n ? "at once" : `after ${durationText(delay)}`}
                      source={call(
                        "AccessManager",
                        "hasRole",
                        "executionDelay, with the timelock's own",
                      )}
                    />
                  </li>
                ))}
              </ul>
            ),
          ),
          role.words("For", ({ note }) => note, "published table, docs/roles.md"),
        ]}
      />
      <Table
        caption="Functions that ask for a role"
        empty="Every function is open."
        pageSize={20}
        rows={rights}
        columns={[
          right.text("Contract", ({ contract }) => contract),
          right.text(
            "Function",
            (row) => row.function,
            (row) => <code>{row.function}</code>,
          ),
          right.text("Role", (row) =>
            row.isAsPublished ? row.role : `${row.role}, not the published one`,
          ),
          right.words("At worst", ({ worstCase }) => worstCase, "published table, docs/roles.md"),
        ]}
      />
    </>
  );
}
