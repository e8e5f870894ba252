import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import { encodeBytes32String, id } from "ethers";

import { MODULES } from "../lib/interface-ids.js";
import { TIMELOCK_REPORTER } from "../parameters/schema.js";
import { ADMIN_ROLE, PERMISSIONS, ROLES } from "../roles/table.js";
import AccessModule from "./Access.js";
import GovernanceModule from "./Governance.js";
import type { incentivesModule } from "./Incentives.js";
import LockModule from "./Lock.js";
import type { meteringModule } from "./Metering.js";
import NodesModule from "./Nodes.js";
import type { releaseModule } from "./Release.js";
import ReserveModule from "./Reserve.js";
import type { resourcesModule } from "./Resources.js";
import TokenModule from "./Token.js";
/** Role in which OpenZeppelin's timelock is administered: by itself, once the deployer has renounced it. */
const TIMELOCK_ADMIN = `0x${"0".repeat(64)}`;

/**
 * Roles: consumes everything, comes last. Lists the modules in the directory, writes the table in
 * one transaction and copies the flags of the hot paths. Then it makes the Governor the only
 * proposer of the timelock, gives ADMIN to the timelock, and removes every right of the deployer.
 */
export function rolesModule(
  reporter: string,
  release: ReturnType<typeof releaseModule>,
  resources: ReturnType<typeof resourcesModule>,
  incentives: ReturnType<typeof incentivesModule>,
  metering: ReturnType<typeof meteringModule>,
) {
  return buildModule("Roles", (m) => {
    const { accessManager, timelock, directory } = m.useModule(AccessModule);
    const { token } = m.useModule(TokenModule);
    const { lock } = m.useModule(LockModule);
    const { reserve } = m.useModule(ReserveModule);
    const { vault } = m.useModule(release);
    const { registry, pricePolicy } = m.useModule(resources);
    const { nodes, slashing } = m.useModule(NodesModule);
    const { incentiveVault, pool, attestations, stageCap } = m.useModule(incentives);
    const { accessPolicy, core, meter, settlement } = m.useModule(metering);
    const { governor, lens } = m.useModule(GovernanceModule);
    const targets = {
      ReleaseVault: vault,
      ResourceRegistry: registry,
      Meter: core,
      AccessPolicy: accessPolicy,
      NodeRegistry: nodes,
      NodeSlashing: slashing,
      IncentiveVault: incentiveVault,
      IncentivePool: pool,
      Attestations: attestations,
      GovernanceLock: lock,
      OPAGovernor: governor,
      SystemReserve: reserve,
      StageCapCondition: stageCap,
      SystemDirectory: directory,
    };
    const listed = {
      ...{ token, vault, registry, pricePolicy, accessPolicy, meter, nodes, slashing, pool },
      ...{
        incentiveVault,
        attestations,
        settlement,
        lock,
        governor,
        timelock,
        reserve,
        lens,
      },
    };
    const holders = {
      "pause guardian": m.getParameter<string>("pauseGuardian"),
      reporter: reporter === TIMELOCK_REPORTER ? timelock : m.getParameter<string>("reporter"),
      OPAGovernor: governor,
      SystemTimelock: timelock,
      Settlement: settlement,
      Attestations: attestations,
      NodeSlashing: slashing,
      NodeRegistry: nodes,
    };
    const encode = (name: string, args: Parameters<typeof m.call>[2], callId: string) =>
      m.encodeFunctionCall(accessManager, name, args, { id: callId });

    const listing = Object.entries(MODULES).map(([key, { id: name }]) => {
      const module = listed[key as keyof typeof listed];
      const args = [encodeBytes32String(name), module, m.getParameter<string>(`interface_${key}`)];
      const register = m.encodeFunctionCall(directory, "register", args, { id: `register_${key}` });
      return encode("execute", [directory, register], `execute_${key}`);
    });
    const directed = m.call(accessManager, "multicall", [listing], {
      id: "fillDirectory",
      after: [release, incentives, metering, GovernanceModule],
    });
    const roles = Object.entries(ROLES).flatMap(([name, role]) => [
      encode("labelRole", [role.id, name], `label_${name}`),
      encode("grantRole", [role.id, holders[role.holder], 0n], `grant_${name}`),
    ]);
    const permissions = PERMISSIONS.map(({ contract, signature, role }) => {
      const selectors = [id(signature).slice(0, 10)];
      const callId = `permit_${contract}_${signature.slice(0, signature.indexOf("("))}`;
      const args = [targets[contract], selectors, ROLES[role].id];
      return encode("setTargetFunctionRole", args, callId);
    });
    const connections = Object.entries({ registry, nodes }).map(([key, module]) => {
      const connect = m.encodeFunctionCall(module, "setMeter", [core], { id: `connect_${key}` });
      return encode("execute", [module, connect], `executeConnection_${key}`);
    });
    const table = m.call(accessManager, "multicall", [[...connections, ...roles, ...permissions]], {
      id: "setTable",
      after: [directed],
    });

    const synced = [
      m.call(core, "syncMeter", [settlement], { id: "syncMeter", after: [table] }),
      m.call(lock, "syncHolder", [governor], { id: "syncHolder", after: [table] }),
    ];
    const grants = ["PROPOSER_ROLE", "CANCELLER_ROLE"].map((name) =>
      m.call(timelock, "grantRole", [id(name), governor], { id: `grant_${name}`, after: synced }),
    );
    const deployer = m.getAccount(0);
    const renounced = m.call(timelock, "renounceRole", [TIMELOCK_ADMIN, deployer], {
      id: "renounceTimelock",
      after: grants,
    });
    const handOver = [
      encode("grantRole", [ADMIN_ROLE, timelock, 0n], "grantAdmin"),
      encode("renounceRole", [ADMIN_ROLE, m.getAccount(0)], "renounceAdmin"),
    ];
    m.call(accessManager, "multicall", [handOver], { id: "handOver", after: [renounced] });

    return { accessManager };
  });
}
