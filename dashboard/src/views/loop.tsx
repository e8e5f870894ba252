/** Loop: burned and released by epoch, with κ and the two bounds of the vault. */
import { useState } from "preact/hooks";

import { Chart } from "../parts/chart.js";
import { columnsOf } from "../parts/columns.js";
import { Figures, Reading, Section } from "../parts/panels.js";
import { Table } from "../parts/table.js";
import { Count, Opa, Share, Votes, When, Words } from "../parts/value.js";
import { EPOCHS_A_PAGE, readLoop, type LoopEpoch, type LoopView } from "../reads/loop.js";
import { call, reckoned } from "../reads/source.js";
import { useRead } from "../state/read.js";
import { drawnOpa, percentOfBps } from "../words/amounts.js";

const LENS = call("SystemLens", "loop");
const CLOSING = call("IncentiveVault", "closingOf");
const FUNDS = call("IncentiveVault", "fundsOf");
const EPOCH = call("Meter", "currentEpoch");
const KAPPA = call("IncentiveVault", "parameterOf(KAPPA)");
const BOUND = reckoned("Product", `${CLOSING}, burned`, `${CLOSING}, kappaBps`);

const column = columnsOf<LoopEpoch>();

/** The view of the loop. */
export function LoopPage() {
  const [last, setLast] = useState<bigint>();
  const loop = useRead(`loop ${last ?? "now"}`, ({ suite, head }) => readLoop(suite, head, last));
  return (
    <Reading of={loop}>
      {(value) => (
        <>
          <Present {...value} />
          <Epochs {...value} onPage={setLast} />
        </>
      )}
    </Reading>
  );
}

function Present(loop: LoopView) {
  const { burned, current, endsAt, kappa, own, drawn, released, room, isReleasing } = loop;
  const change =
    kappa.announced === undefined ? (
      "No change of κ is announced."
    ) : (
      <Words source={KAPPA}>
        {percentOfBps(kappa.announced.value)} from epoch {`${kappa.announced.epoch}`} on.
      </Words>
    );
  return (
    <>
      <p class="lead">
        Epoch <Words source={EPOCH}>{`${current}`}</Words> has burned{" "}
        <Opa wei={burned} source={`${LENS}, burned`} isPlain /> so far. It releases at most{" "}
        <Share text={percentOfBps(kappa.value)} source={KAPPA} /> of what it burns, and at most the
        stage cap
        {isReleasing ? "." : "; before something is burned it releases nothing."}
      </p>
      <Figures
        of={[
          {
            name: "Burned in the running epoch",
            value: <Opa wei={burned} source={`${LENS}, burned`} />,
          },
          {
            name: "End of the running epoch",
            value: (
              <When
                at={endsAt}
                source={reckoned("End", call("Meter", "GENESIS"), call("Meter", "EPOCH_DURATION"))}
              />
            ),
          },
          {
            name: "κ, largest share of the burned OPA that is released",
            value: <Share text={percentOfBps(kappa.value)} source={KAPPA} />,
            note: change,
          },
          { name: "Vault, own funds", value: <Opa wei={own} source={`${FUNDS}, own`} /> },
          {
            name: "Vault, draws of the reserve",
            value: <Opa wei={drawn} source={`${FUNDS}, drawn`} />,
          },
          { name: "Ever released", value: <Opa wei={released} source={`${FUNDS}, released`} /> },
          {
            name: "Can be released without further burning",
            value: <Opa wei={room} source={`${FUNDS}, room`} />,
          },
          { name: "At stake", value: <Opa wei={loop.staked} source={`${LENS}, staked`} /> },
          {
            name: "Locked",
            value: <Opa wei={loop.locked} source={`${LENS}, locked`} />,
            note: (
              <>
                <Share text={percentOfBps(loop.lockRatioBps)} source={`${LENS}, lockRatioBps`} /> of
                the supply
              </>
            ),
          },
          { name: "Votes", value: <Votes wei={loop.votes} source={`${LENS}, votes`} /> },
        ]}
      />
    </>
  );
}

function Epochs({
  epochs,
  current,
  onPage,
}: LoopView & { readonly onPage: (last: bigint | undefined) => void }) {
  const first = epochs[0]?.epoch ?? 0n;
  const last = epochs.at(-1)?.epoch ?? 0n;
  const finished = epochs.map(({ burned, isRunning }) => burned > 0n && !isRunning);
  const bound = (of: (epoch: LoopEpoch) => bigint) =>
    epochs.map((epoch, i) => (finished[i] === true ? drawnOpa(of(epoch)) : null));
  return (
    <Section
      title={
        <Words source={EPOCH}>
          Epochs {`${first}`} to {`${last}`}
        </Words>
      }
    >
      <Chart
        label="burned and released OPA by epoch, with κ × burned and the stage cap"
        unit="OPA"
        xName="epoch"
        xs={epochs.map(({ epoch }) => Number(epoch))}
        series={[
          {
            name: "burned",
            source: `${LENS}, burned`,
            kind: "bars",
            values: epochs.map(({ burned }) => drawnOpa(burned)),
          },
          {
            name: "released",
            source: `${LENS}, released`,
            kind: "bars",
            values: epochs.map(({ released }) => drawnOpa(released)),
          },
          {
            name: "κ × burned",
            source: BOUND,
            kind: "points",
            values: bound(({ burnBound }) => burnBound),
          },
          {
            name: "stage cap",
            source: `${CLOSING}, stageCap`,
            kind: "points",
            values: bound(({ stageCap }) => stageCap),
          },
        ]}
      />
      <p class="note">
        An epoch without use is never closed, so it has no κ and no stage cap. Of the running epoch
        only what it burned is known.
      </p>
      <p class="paging">
        <button
          type="button"
          disabled={first === 0n}
          onClick={() => {
            onPage(first - 1n);
          }}
        >
          {EPOCHS_A_PAGE} earlier epochs
        </button>
        <button
          type="button"
          disabled={last === current}
          onClick={() => {
            onPage(undefined);
          }}
        >
          Newest epochs
        </button>
      </p>
      <Table
        caption="Burned and released by epoch"
        empty="No epoch has begun."
        rows={[...epochs].reverse()}
        columns={[
          column.words(
            "Epoch",
            ({ epoch, isRunning }) => `${epoch}${isRunning ? " (running)" : ""}`,
            EPOCH,
          ),
          column.time("Start", ({ start }) => start, reckoned("Start", call("Meter", "GENESIS"))),
          column.opa("Burned", ({ burned }) => burned, `${LENS}, burned`),
          column.share(
            "κ",
            ({ kappaBps }) => (kappaBps === 0n ? "–" : percentOfBps(kappaBps)),
            `${CLOSING}, kappaBps`,
          ),
          column.opa("κ × burned", ({ burnBound }) => burnBound, BOUND),
          column.opa("Stage cap", ({ stageCap }) => stageCap, `${CLOSING}, stageCap`),
          column.opa("Allotment", ({ allotment }) => allotment, `${LENS}, allotment`),
          column.opa("Released", ({ released }) => released, `${LENS}, released`),
          column.votes("Votes", ({ votes }) => votes, `${LENS}, votes`),
        ]}
      />
      <p class="note">
        Running epoch: <Count value={current} unit="epoch" source={EPOCH} />
      </p>
    </Section>
  );
}
