/** Changes by role holders after the deployment, from events. */
import { interfaceOf } from "../lib/artifacts.js";
import type { Manifest } from "../lib/manifest.js";
import type { FoundLog } from "../lib/rpc.js";
import type { Decisions } from "./decisions.js";

/** A change, and by which decision; undefined if by none. */
export interface Change {
  what: string;
  transaction: string;
  decision: string | undefined;
}

/**
 * Events that only a decision can cause. Rights are read from the chain, so their events are not
 * here.
 */
export const GOVERNED: ReadonlySet<string> = new Set([
  ...["ResourceRegistered", "ResourceDeprecated", "ResourceRetired", "ParameterDefined"],
  ...["ParameterAnnounced", "AnnouncementWithdrawn", "PricePolicyRegistered", "PricePolicyChosen"],
  ...["PriceFrozen", "AccessPolicyRegistered", "AccessPolicyChosen", "BookSet"],
  ...["MeterSet", "ScoresChanged"],
  ...["KindDefined", "KindRetired", "VerifiersChanged"],
  ...["ScheduleRevoked", "FaultVetoed", "ConditionSet", "DrawRequested", "DrawWithdrawn"],
  ...["ModuleRegistered", "PauseMoved"],
  ...["VotingDelaySet", "VotingPeriodSet", "ProposalThresholdSet", "QuorumNumeratorUpdated"],
  ...["LateQuorumVoteExtensionSet", "ProposalGuardianSet", "GuardianExpirySet"],
]);

/** Every governed change in the logs of a deployment. */
export function listChanges(
  { contracts }: Manifest,
  logs: readonly FoundLog[],
  decisions: Decisions,
): Change[] {
  const byAddress = new Map(
    Object.entries(contracts).map(([name, { address, abi }]) => [
      address,
      { name, abi: interfaceOf(abi) },
    ]),
  );
  return logs.flatMap((log) => {
    const contract = byAddress.get(log.address);
    const event = contract?.abi.parseLog(log);
    if (!contract || !event || !GOVERNED.has(event.name)) return [];
    const transaction = log.transactionHash;
    const decision = decisions.find(transaction, ({ target }) => target === log.address);
    const args = event.args.map((arg: unknown) => String(arg)).join(", ");
    return [{ what: `${contract.name}: ${event.name}(${args})`, transaction, decision }];
  });
}
