/** Nodes: stake, categories, capacity, use, score and exits of providers. */
import { useState } from "preact/hooks";

import { columnsOf } from "../parts/columns.js";
import { Pager } from "../parts/pager.js";
import { Figures, Reading } from "../parts/panels.js";
import { Table } from "../parts/table.js";
import { Count, Opa, Words } from "../parts/value.js";
import { NODES_A_PAGE, readNodes, type NodesView, type NodeView } from "../reads/nodes.js";
import { call } from "../reads/source.js";
import { useRead } from "../state/read.js";
import { shortOpa } from "../words/amounts.js";
import { timeText } from "../words/times.js";

const NODE = call("NodeRegistry", "nodeOf");
const COUNT = call("NodeRegistry", "nodeCount");
const STAKE = call("NodeRegistry", "stakeOf");
const USE = call("Meter", "providerUsageOf");

const column = columnsOf<NodeView>();

/** The view of providers. */
export function NodesPage() {
  const [from, setFrom] = useState(0n);
  const nodes = useRead(`nodes ${from}`, ({ suite, head }) => readNodes(suite, head, from));
  return (
    <Reading of={nodes}>{(value) => <Nodes {...value} from={from} onPage={setFrom} />}</Reading>
  );
}

interface NodesProps extends NodesView {
  readonly from: bigint;
  readonly onPage: (from: bigint) => void;
}

function Nodes({ count, totalStake, nodes, from, onPage }: NodesProps) {
  const serving = nodes.filter(({ isActive }) => isActive).length;
  return (
    <>
      <p class="lead">
        <Count value={count} unit="providers" source={COUNT} isPlain />{" "}
        {count === 1n ? "has" : "have"} registered;{" "}
        <Words source={call("NodeRegistry", "isActive")}>{serving}</Words> of the{" "}
        <Words source={COUNT}>{nodes.length}</Words> below serve now.
      </p>
      <Figures
        of={[
          {
            name: "Providers",
            value: <Count value={count} unit="providers" source={COUNT} />,
          },
          {
            name: "At stake, what is on its way out included",
            value: <Opa wei={totalStake} source={call("NodeRegistry", "totalStake")} />,
          },
        ]}
      />
      <Pager count={count} from={from} size={NODES_A_PAGE} noun="providers" onPage={onPage} />
      <Table
        caption="Service of providers"
        empty="No provider has registered."
        rows={nodes}
        columns={[
          column.address("Provider", ({ provider }) => provider),
          column.text("Status", ({ status }) => status),
          column.text("Serves", ({ categories }) => categories.join(", ")),
          column.text(
            "Capacity per epoch",
            ({ capacity }) =>
              capacity.map(({ name, unit, units }) => `${name} ${units} ${unit}s`).join("; "),
            ({ capacity }) => <Capacity of={capacity} />,
          ),
          column.opa("Burned, running epoch", ({ burned }) => burned.current, `${USE}, current`),
          column.opa("Burned, epoch before", ({ burned }) => burned.previous, `${USE}, previous`),
          column.opa("Burned, all", ({ burned }) => burned.all, `${USE}, allTime`),
          column.count("Use, running epoch", (row) => row.computeUnits, "CU", `${USE}, current`),
          column.opa("Score", ({ score }) => score, call("IncentivePool", "scoreOf")),
          column.opa(
            "Rewards to claim",
            (row) => row.claimable,
            call("IncentivePool", "claimableOf"),
          ),
        ]}
      />
      <Table
        caption="Stake of providers"
        empty="No provider has registered."
        rows={nodes}
        columns={[
          column.address("Provider", ({ provider }) => provider),
          column.opa("Stake", ({ staked }) => staked, `${STAKE}, staked`),
          column.opa(
            "Asked for",
            ({ minimum }) => minimum,
            call("NodeRegistry", "minimumStakeFor"),
          ),
          column.opa("On its way out", ({ unbonding }) => unbonding, `${STAKE}, unbonding`),
          column.words(
            "Ready",
            ({ parts }) => parts.map(partText).join("; ") || "nothing is on its way",
            call("NodeRegistry", "unbondingsOf"),
          ),
          column.opa(
            "Can be slashed now",
            (row) => row.slashable,
            call("NodeRegistry", "slashableOf"),
          ),
          column.time("Last exit ends", ({ exitAt }) => exitAt, `${NODE}, exitAt`),
          column.time("Registered", ({ registeredAt }) => registeredAt, `${NODE}, registeredAt`),
          column.address("Operator", ({ operator }) => operator),
          column.words("Description", ({ metadata }) => metadata || "none", `${NODE}, metadataURI`),
        ]}
      />
    </>
  );
}

function Capacity({ of }: { readonly of: NodeView["capacity"] }) {
  if (of.length === 0) return <>not published</>;
  return (
    <ul class="plain">
      {of.map(({ resource, name, unit, units }) => (
        <li key={`${resource}`}>
          <Words source={call("ResourceRegistry", "resourceOf", "name")}>{name}</Words>:{" "}
          <Count
            value={units}
            unit={`${unit}s`}
            source={call("NodeRegistry", "capacityOf")}
            isPlain
          />
        </li>
      ))}
    </ul>
  );
}

function partText({ amount, readyAt }: NodeView["parts"][number]): string {
  return `${shortOpa(amount)} OPA at ${timeText(readyAt)}`;
}
