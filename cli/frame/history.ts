/** Events of a contract, read in ranges of blocks that nodes answer. */
import type { BaseContract, ContractEventName, EventLog, Filter, Log } from "ethers";

import { CliError } from "../exit-codes.js";
import { formatCount } from "./quantities.js";
import type { Session } from "./session.js";
import type { Terminal } from "./terminal.js";

const FIRST_RANGE = 10_000;
const SMALLEST_RANGE = 16;

/** Blocks to read, both ends included. */
export interface BlockRange {
  readonly from: number;
  readonly to: number;
}

/** All blocks of the deployment. */
export function allBlocks({ deployment, block }: Session): BlockRange {
  return { from: deployment.deploymentBlock, to: block };
}

/** Events of one kind since the deployment, the oldest first. */
export async function readHistory(
  session: Session,
  terminal: Terminal,
  contract: BaseContract,
  event: ContractEventName,
): Promise<EventLog[]> {
  const logs = await inRanges(terminal, allBlocks(session), (from, to) =>
    contract.queryFilter(event, from, to),
  );
  return logs.filter((log) => "args" in log);
}

/** Logs that match a filter, the oldest first. */
export async function readLogs(
  { provider }: Session,
  terminal: Terminal,
  filter: Pick<Filter, "address" | "topics">,
  range: BlockRange,
): Promise<Log[]> {
  return inRanges(terminal, range, (fromBlock, toBlock) =>
    provider.getLogs({ ...filter, fromBlock, toBlock }),
  );
}

/** Reads range by range; a range that the node refuses is halved. */
async function inRanges<T>(
  terminal: Terminal,
  { from, to }: BlockRange,
  read: (from: number, to: number) => Promise<T[]>,
): Promise<T[]> {
  const found: T[] = [];
  let size = FIRST_RANGE;
  await terminal.during("Reading events", async (report) => {
    for (let first = from; first <= to;) {
      const last = Math.min(first + size - 1, to);
      report(
        `block ${formatCount(first)} of ${formatCount(to)}, ${formatCount(found.length)} found`,
      );
      try {
        found.push(...(await read(first, last)));
      } catch (error) {
        if (size <= SMALLEST_RANGE)
          throw new CliError(
            "setup",
            "The node does not give events of so few blocks; name another node with --rpc.",
            {
              cause: error,
            },
          );
        size = Math.max(SMALLEST_RANGE, Math.floor(size / 4));
        continue;
      }
      first = last + 1;
    }
  });
  return found;
}
