/** Events that a verification needs. Those of daily use are left out, because a busy chain has many. */
import { interfaceOf } from "../lib/artifacts.js";
import type { Manifest } from "../lib/manifest.js";
import type { FoundLog, Rpc } from "../lib/rpc.js";
import { GOVERNED } from "./changes.js";
import { DECISION_EVENTS } from "./decisions.js";
import { isRightEvent } from "./rights.js";

/** Events of rights, decisions and governed values since a block, the oldest first. */
export async function readLogs(
  rpc: Rpc,
  { contracts }: Manifest,
  first: number,
): Promise<FoundLog[]> {
  const addresses = Object.values(contracts).map(({ address }) => address);
  return rpc.logs(addresses, listTopics(contracts), first, await rpc.blockNumber());
}

/** Topics of the events that a verification needs, of every contract. */
export function listTopics(contracts: Manifest["contracts"]): string[] {
  const topics = new Set<string>();
  for (const { abi } of Object.values(contracts))
    interfaceOf(abi).forEachEvent(({ name, topicHash }) => {
      if (GOVERNED.has(name) || DECISION_EVENTS.has(name) || isRightEvent(name))
        topics.add(topicHash);
    });
  return [...topics];
}
