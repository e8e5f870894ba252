/** Operations of the timelock: every call of a decision, also nested ones. */
import type { Interface, InterfaceAbi } from "ethers";

import { interfaceOf } from "../lib/artifacts.js";
import type { Manifest } from "../lib/manifest.js";
import type { FoundLog } from "../lib/rpc.js";

/** Events that tell a decision: its title, its execution, and the calls in it. */
export const DECISION_EVENTS: ReadonlySet<string> = new Set([
  "ProposalCreated",
  "ProposalExecuted",
  "CallExecuted",
]);

/** A call that a decision made. */
export interface Call {
  target: string;
  /** Signature of the function; its selector if the manifest does not know it. */
  signature: string;
  args: readonly unknown[];
}

/** Calls of decisions by the transaction that executed them, and how to name the decision. */
export class Decisions {
  readonly #calls = new Map<string, Call[]>();
  readonly #names = new Map<string, string>();

  constructor(manifest: Manifest, logs: readonly FoundLog[]) {
    const { SystemTimelock, OPAGovernor } = manifest.contracts;
    const interfaces = new Map(
      Object.values(manifest.contracts).map(({ address, abi }) => [address, interfaceOf(abi)]),
    );
    const titles = new Map<string, string>();
    for (const log of logs) {
      if (log.address === OPAGovernor.address) this.#readProposal(OPAGovernor.abi, log, titles);
      if (log.address !== SystemTimelock.address) continue;
      const event = interfaceOf(SystemTimelock.abi).parseLog(log);
      if (event?.name !== "CallExecuted") continue;
      const [id, , target, , data] = event.args as unknown as [
        string,
        bigint,
        string,
        bigint,
        string,
      ];
      const known = this.#calls.get(log.transactionHash) ?? [];
      this.#calls.set(log.transactionHash, [...known, ...unpack(interfaces, target, data)]);
      if (!this.#names.has(log.transactionHash))
        this.#names.set(log.transactionHash, `operation ${id}`);
    }
  }

  /** The decision in whose transaction a call was made that `is` the one; undefined if there is none. */
  find(transaction: string, is: (call: Call) => boolean): string | undefined {
    const isMade = this.#calls.get(transaction)?.some(is) ?? false;
    return isMade ? this.#names.get(transaction) : undefined;
  }

  /** Proposals have titles, which the operation's transaction is named by. */
  #readProposal(abi: InterfaceAbi, log: FoundLog, titles: Map<string, string>): void {
    const event = interfaceOf(abi).parseLog(log);
    if (event?.name === "ProposalCreated") {
      const [title = ""] = String(event.args["description"]).split("\n");
      titles.set(String(event.args["proposalId"]), title);
    }
    if (event?.name !== "ProposalExecuted") return;
    const id = String(event.args["proposalId"]);
    this.#names.set(log.transactionHash, `proposal ${id} ("${titles.get(id) ?? ""}")`);
  }
}

/** A call, with those inside of it. */
function unpack(interfaces: ReadonlyMap<string, Interface>, target: string, data: string): Call[] {
  const call = interfaces.get(target)?.parseTransaction({ data });
  if (!call) return [{ target, signature: data.slice(0, 10), args: [] }];
  const outer = { target, signature: call.signature, args: [...call.args] as unknown[] };
  switch (call.signature) {
    case "multicall(bytes[])": {
      const inner = call.args[0] as string[];
      return [outer, ...inner.flatMap((part) => unpack(interfaces, target, part))];
    }
    case "execute(address,bytes)":
      return [outer, ...unpack(interfaces, String(call.args[0]), String(call.args[1]))];
    default:
      return [outer];
  }
}
