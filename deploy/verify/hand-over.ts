/**
 * What the deployer did with the rights it had. Who holds a right now is not enough to know: whatever was added, chosen or
 * scheduled before the hand-over would go on after it.
 */
import { Interface, type InterfaceAbi } from "ethers";

import { MODULES } from "../lib/interface-ids.js";
import type { ContractName } from "../lib/manifest.js";
import type { Parameters } from "../parameters/schema.js";
import { PERMISSIONS, ROLES } from "../roles/table.js";

/** Conditions that the suite gives the reserve. */
const CONDITION_COUNT = 1;

/** Rights that the suite grants: one for each role, and ADMIN twice, to the deployer and then to the timelock. */
const GRANTS = Object.keys(ROLES).length + 2;

/** What only somebody with a right can cause, and not who was given that right by what is counted here. */
const PRIVILEGED: ReadonlySet<string> = new Set([
  ...["AuthorityUpdated", "RoleGranted", "RoleRevoked", "RoleAdminChanged", "RoleGuardianChanged"],
  ...["RoleGrantDelayChanged", "TargetClosed", "TargetAdminDelayUpdated", "OperationScheduled"],
  ...["CallScheduled", "CallExecuted", "MinDelayChange"],
  ...["ResourceRegistered", "ResourceDeprecated", "ResourceRetired"],
  ...["ParameterAnnounced", "AnnouncementWithdrawn", "PricePolicyRegistered", "PricePolicyChosen"],
  ...["PriceFrozen", "AccessPolicyRegistered", "AccessPolicyChosen", "TierGranted"],
  ...["KindDefined", "KindRetired", "VerifiersChanged", "BookSet", "ScoreChanged"],
  ...["ScheduleRevoked", "FaultAnnounced", "FaultVetoed"],
  ...["MeterSynced", "HolderSynced", "ConditionSet", "DrawRequested", "DrawExecuted"],
  ...["ModuleRegistered", "MigrationSet", "Paused", "PauseMoved"],
]);

/** How often a deployment causes each of them at a contract; what is not named, never. */
export function privilegedCounts(
  contract: ContractName,
  { resources, kinds }: Parameters,
): Record<string, number> {
  const specific: Partial<Record<ContractName, Record<string, number>>> = {
    AccessManager: { RoleGranted: GRANTS, RoleRevoked: 1 },
    // Itself and the deployer as administrators, everyone as executor, the Governor as proposer and canceller.
    SystemTimelock: { RoleGranted: 5, RoleRevoked: 1, MinDelayChange: 1 },
    ResourceRegistry: {
      ResourceRegistered: resources.length,
      PricePolicyRegistered: 1,
      MeterSynced: 1,
      BookSet: 1,
    },
    AccessPolicy: { ScoreChanged: 1 },
    ServiceAccounts: { AccessPolicyRegistered: 1, MeterSynced: 1 },
    Attestations: { KindDefined: kinds.length, VerifiersChanged: kinds.length },
    GovernanceLock: { HolderSynced: 1 },
    SystemReserve: { ConditionSet: CONDITION_COUNT },
    SystemDirectory: { ModuleRegistered: Object.keys(MODULES).length },
  };
  const isManaged = PERMISSIONS.some((permission) => permission.contract === contract);
  return { ...(isManaged && { AuthorityUpdated: 1 }), ...specific[contract] };
}

/** How often each privileged event is in these logs. */
export function countPrivileged(
  abi: InterfaceAbi,
  logs: readonly { topics: readonly string[]; data: string }[],
): Record<string, number> {
  const contract = Interface.from(abi);
  const counts: Record<string, number> = {};
  for (const log of logs) {
    const name = contract.parseLog(log)?.name;
    if (name === undefined || !PRIVILEGED.has(name)) continue;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}
