/** Events of a contract, read in ranges of blocks that nodes answer. */
import { setTimeout as sleep } from "node:timers/promises";

import type { BaseContract, ContractEventName, EventLog, Filter, Log } from "ethers";

import { BlockRangeError, readRanges } from "../../sdk/reads/ranges.js";
import { CliError } from "../exit-codes.js";
import { formatCount } from "./quantities.js";
import type { Session } from "./session.js";
import type { Terminal } from "./terminal.js";

/** Refusals in a row that are repeated, besides those that halve the range. */
const RETRIES = 2;

/** Longest pause after a refusal, in milliseconds: somebody waits for the answer. */
const LONGEST_WAIT_MS = 500;

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

/** Reads range by range, with progress. */
function inRanges<T>(
  terminal: Terminal,
  { from, to }: BlockRange,
  read: (from: number, to: number) => Promise<T[]>,
): Promise<T[]> {
  let found = 0;
  return terminal.during("Reading events", async (report) => {
    try {
      return await readRanges(
        from,
        to,
        async (first, last) => {
          report(`block ${formatCount(first)} of ${formatCount(to)}, ${formatCount(found)} found`);
          const part = await read(first, last);
          found += part.length;
          return part;
        },
        {
          retries: RETRIES,
          wait: (milliseconds) => sleep(Math.min(milliseconds, LONGEST_WAIT_MS)),
        },
      );
    } catch (error) {
      if (!(error instanceof BlockRangeError)) throw error;
      throw new CliError("setup", `${error.message}; name another node with --rpc.`, {
        cause: error,
      });
    }
  });
}
