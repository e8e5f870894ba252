/** Faults of providers that were announced. */
import { formatShare, formatTimeFrom } from "../frame/quantities.js";
import { readHistory } from "../frame/history.js";
import { bytesText } from "../frame/names.js";
import { field, list, type Entry, type Report } from "../frame/report.js";
import type { Session } from "../frame/session.js";
import type { Terminal } from "../frame/terminal.js";

/** States of a fault, as the contract counts them. */
const STATES = ["unknown", "announced", "vetoed", "executed"] as const;

/** State of a fault in a word; one that nobody vetoed and nobody executed in time has lapsed. */
export type FaultState = (typeof STATES)[number] | "executable" | "lapsed";

/** A fault with its times. */
export interface Fault {
  readonly provider: string;
  /** Share of the stake, in basis points. */
  readonly bps: bigint;
  readonly state: FaultState;
  /** First second at which it can be executed, and no longer vetoed. */
  readonly opensAt: bigint;
  /** First second at which it can no longer be executed. */
  readonly closesAt: bigint;
}

/** The fault with an id; its state is unknown if there is none. */
export async function readFault({ suite, now }: Session, id: bigint): Promise<Fault> {
  const [{ provider, bps, deadline, state }, period] = await Promise.all([
    suite.slashing.faultOf(id),
    suite.slashing.EXECUTION_PERIOD(),
  ]);
  const stored = STATES[Number(state)] ?? "unknown";
  const closesAt = deadline + period;
  const current =
    stored !== "announced" || now < deadline ? stored : now < closesAt ? "executable" : "lapsed";
  return { provider, bps, state: current, opensAt: deadline, closesAt };
}

/** Faults that can still be vetoed or executed, or all of them, the oldest first. */
export async function showFaults(
  session: Session,
  terminal: Terminal,
  withClosed: boolean,
): Promise<Report> {
  const { slashing } = session.suite;
  const announced = await readHistory(
    session,
    terminal,
    slashing,
    slashing.filters.FaultAnnounced(),
  );
  const faults = await Promise.all(
    announced.map(async ({ args }) => {
      const [id, , , evidence, uri] = args as unknown as AnnouncedArgs;
      return { id, evidence, uri, ...(await readFault(session, id)) };
    }),
  );
  const shown = withClosed ? faults : faults.filter(isOpen);
  return {
    title: withClosed ? "All faults" : "Open faults",
    entries: [
      list(
        "Faults",
        shown.map(({ id, evidence, uri, ...fault }) => ({
          title: `${id}. ${fault.provider}`,
          entries: [
            field("State", fault.state),
            field("Share of the stake", fault.bps, formatShare(fault.bps)),
            ...(isOpen(fault) ? timesOf(fault, session.now) : []),
            field("Evidence", evidence, bytesText(evidence)),
            field("Where it is", uri, uri === "" ? "not published" : uri),
          ],
        })),
        "none.",
      ),
    ],
  };
}

type AnnouncedArgs = [bigint, string, bigint, string, string, bigint];

/** Whether something can still be done about a fault. */
function isOpen({ state }: Fault): boolean {
  return state === "announced" || state === "executable";
}

/** Times of a fault: it can be vetoed until the first, and executed from then to the second. */
export function timesOf(
  { opensAt, closesAt }: Pick<Fault, "opensAt" | "closesAt">,
  now: bigint,
): Entry[] {
  return [
    field("Executable from", opensAt, `${formatTimeFrom(opensAt, now)}, unless vetoed before`),
    field("Executable until", closesAt, formatTimeFrom(closesAt, now)),
  ];
}
