import { readEpoch } from "../../sdk/index.js";
import {
  formatAmount,
  formatCount,
  formatShare,
  formatTime,
  formatTimeFrom,
} from "../frame/quantities.js";
import { field, group, list, note, type Report } from "../frame/report.js";
import type { Session } from "../frame/session.js";
import type { Terminal } from "../frame/terminal.js";
import { isOpen, readProposals } from "./proposals.js";
import { readPauses } from "./safety.js";

/** The system on one screen. */
export async function showStatus(session: Session, terminal: Terminal): Promise<Report> {
  const { suite, now } = session;
  const [epoch, supply, present, kappa, pauses, proposals, nodeCount] = await Promise.all([
    readEpoch(suite),
    suite.lens.supply(),
    suite.lens.present(),
    suite.incentiveVault.KAPPA().then((key) => suite.incentiveVault.parameterOf(key)),
    readPauses(session),
    readProposals(session, terminal),
    suite.nodes.nodeCount(),
  ]);
  const { value } = kappa.current;
  return {
    title: "State of the system",
    entries: [
      field("Node", session.url),
      field("Chain id", session.chainId),
      field("Block", session.block, formatCount(session.block)),
      field("Time", now, formatTime(now)),
      field("Epoch", epoch.number, `${epoch.number}, ends ${formatTimeFrom(epoch.end, now)}`),
      group("Supply", [
        field("Total", supply.total, formatAmount(supply.total)),
        field("Burned", supply.burned, formatAmount(supply.burned)),
        field("Circulating", supply.circulating, formatAmount(supply.circulating)),
      ]),
      group("Loop", [
        field("Burned this epoch", present.burned, formatAmount(present.burned)),
        field("κ", value, formatShare(value)),
        field("Staked", present.staked, formatAmount(present.staked)),
        field("Providers", nodeCount, formatCount(nodeCount)),
        field("Locked", present.locked, formatAmount(present.locked)),
        field("Votes", present.votes, formatAmount(present.votes)),
        field("Lock ratio", present.lockRatioBps, formatShare(present.lockRatioBps)),
      ]),
      list(
        "Paused",
        pauses
          .filter(({ isPaused }) => isPaused)
          .map(({ module, until, reason }) => ({
            title: module,
            entries: [field("Reason", reason), field("Until", until, formatTimeFrom(until, now))],
          })),
        "nothing.",
      ),
      list(
        "Open proposals",
        proposals.filter(isOpen).map(({ number, state, title }) => ({
          title: `${number}`,
          entries: [field("State", state), field("About", title)],
        })),
        "none.",
      ),
      note('"opa doctor" says what needs attention.'),
    ],
  };
}
