/** Votes: locks and their decay, proposals with decoded calls and timelines. */
import { useState } from "preact/hooks";

import { Chart } from "../parts/chart.js";
import { columnsOf } from "../parts/columns.js";
import { Figures, Reading, Section } from "../parts/panels.js";
import { Table } from "../parts/table.js";
import { Address, Count, Share, Votes, When, Words } from "../parts/value.js";
import { lockScope, readLocks, type LocksView, type LockView } from "../reads/locks.js";
import {
  PROPOSAL_STATES,
  proposalScope,
  readProposals,
  type ProposalView,
} from "../reads/proposals.js";
import { LockActions, VoteActions } from "./vote-actions.js";
import { call, event, reckoned } from "../reads/source.js";
import { useRead } from "../state/read.js";
import { drawnOpa } from "../words/amounts.js";
import { nameIn } from "../words/names.js";
import type { DescribedCall } from "../../../sdk/index.js";

const LOCK = event("GovernanceLock", "Locked and later ones");
const DECAY = reckoned("Amount × time left / 104 weeks", LOCK);
const GOVERNOR = "OPAGovernor";
const CALLS = event(GOVERNOR, "ProposalCreated", "calldatas");

/** Proposals that are shown at first, and more each time. */
const PROPOSALS = 10;

const column = columnsOf<LockView>();

/** The view of votes. */
export function VotesPage() {
  const [most, setMost] = useState(PROPOSALS);
  const locks = useRead("locks", async ({ suite, head, events }) =>
    readLocks(suite, head, await events(lockScope(suite))),
  );
  const proposals = useRead(`proposals ${most}`, async ({ suite, head, events }) =>
    readProposals(suite, head, await events(proposalScope(suite)), most),
  );
  return (
    <>
      <Section title="Proposals">
        <Reading of={proposals}>
          {(found) => (
            <>
              {found.length === 0 && <p class="empty">Nothing has been proposed.</p>}
              {found.map((proposal) => (
                <Proposal key={`${proposal.id}`} of={proposal} />
              ))}
              {found.length === most && (
                <button
                  type="button"
                  onClick={() => {
                    setMost(most + PROPOSALS);
                  }}
                >
                  Earlier proposals
                </button>
              )}
            </>
          )}
        </Reading>
      </Section>
      <Section title="Locks and their decay">
        <LockActions />
        <Reading of={locks}>{(value) => <Locks {...value} />}</Reading>
      </Section>
    </>
  );
}

function Proposal({ of }: { readonly of: ProposalView }) {
  const { id, proposer, description, state, calls, steps, quorum } = of;
  return (
    <article class="proposal" aria-label={`Proposal: ${description}`}>
      <h4>
        <Words source={event(GOVERNOR, "ProposalCreated", "description")}>{description}</Words>{" "}
        <span class="state">{nameIn(PROPOSAL_STATES, state)}</span>
      </h4>
      <p class="note">
        Number{" "}
        <Count value={id} unit="" source={event(GOVERNOR, "ProposalCreated", "proposalId")} />,
        proposed by <Address of={proposer} />
      </p>
      <ol class="steps">
        {steps.map(({ name, time, isDone }) => (
          <li key={name} class={isDone ? "done" : ""}>
            {name}{" "}
            {time === undefined ? (
              <span class="note">not yet known</span>
            ) : (
              <When at={time} source={`${GOVERNOR}, ${name}`} />
            )}
            <span class="hidden">{isDone ? ", done" : ", to come"}</span>
          </li>
        ))}
      </ol>
      <Figures
        of={[
          ["For", of.forVotes],
          ["Against", of.againstVotes],
          ["Abstain", of.abstainVotes],
        ].map(([name, wei]) => ({
          name: name as string,
          value: (
            <Votes
              wei={wei as bigint}
              source={call(GOVERNOR, "proposalVotes", String(name).toLowerCase())}
            />
          ),
        }))}
      />
      <p>
        Quorum:{" "}
        {quorum === undefined ? (
          "fixed when voting begins"
        ) : (
          <Votes wei={quorum} source={call(GOVERNOR, "quorum")} />
        )}
      </p>
      {Number(state) === PROPOSAL_STATES.Active && <VoteActions proposal={of} />}
      <h5>What it does</h5>
      <Calls of={calls} />
    </article>
  );
}

function Calls({ of }: { readonly of: readonly DescribedCall[] }) {
  return (
    <ol class="calls">
      {of.map(({ target, words, warnings, inner }, i) => (
        <li key={i}>
          <Words source={CALLS}>{words}</Words> <Address of={target} />
          {warnings.map((warning) => (
            <p key={warning} class="alert">
              Warning: <Words source={CALLS}>{warning}</Words>
            </p>
          ))}
          {inner.length > 0 && <Calls of={inner} />}
        </li>
      ))}
    </ol>
  );
}

function Locks({ total, locks, decay }: LocksView) {
  return (
    <>
      <p>
        A lock gives its amount × time left /{" "}
        <Share text="104 weeks" source={call("GovernanceLock", "endRange")} /> as votes, so votes
        fall every second. The chart shows all votes if nobody changes a lock.
      </p>
      <Figures
        of={[
          {
            name: "Votes of all",
            value: <Votes wei={total} source={call("GovernanceLock", "totalVotes")} />,
          },
          {
            name: "Locks",
            value: (
              <Count
                value={BigInt(locks.length)}
                unit="locks"
                source={event("GovernanceLock", "Locked")}
              />
            ),
          },
        ]}
      />
      <Chart
        label="votes of all locks at the beginning of each week to come"
        unit="votes"
        isTime
        xName="day"
        xs={decay.map(({ time }) => Number(time))}
        series={[
          { name: "votes", source: DECAY, values: decay.map(({ votes }) => drawnOpa(votes)) },
        ]}
      />
      <Table
        caption="Locks"
        empty="Nobody has locked OPA."
        rows={locks}
        columns={[
          column.address("Account", ({ account }) => account),
          column.opa("Locked", ({ amount }) => amount, `${LOCK}, amount`),
          column.time("End", ({ end }) => end, `${LOCK}, end`),
          column.votes("Votes now", ({ votes }) => votes, DECAY),
          column.address("Counts for", ({ delegatee }) => delegatee),
          column.time("Held by a vote until", (row) => row.heldUntil, `${LOCK}, heldUntil`),
        ]}
      />
    </>
  );
}
