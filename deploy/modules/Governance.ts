import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import { encodeBytes32String } from "ethers";

import { MODULES } from "../lib/interface-ids.js";
import AccessModule from "./Access.js";
import LockModule from "./Lock.js";
import ReserveModule from "./Reserve.js";

/** Governance: consumes Access, Lock and Reserve; the Governor, the lens, and what opens the reserve. */
export default buildModule("Governance", (m) => {
  const genesis = m.getParameter<bigint>("genesis");
  const epochDuration = m.getParameter<bigint>("epochDuration");
  const guardian = m.getParameter<string>("guardian");
  const settings = m.getParameter("settings");
  const runwayEpochs = m.getParameter<bigint>("runwayEpochs");
  const { accessManager, timelock, directory } = m.useModule(AccessModule);
  const { lock } = m.useModule(LockModule);
  const { reserve } = m.useModule(ReserveModule);

  const governor = m.contract("OPAGovernor", [
    lock,
    timelock,
    directory,
    accessManager,
    genesis,
    epochDuration,
    guardian,
    settings,
  ]);
  const lens = m.contract("SystemLens", [directory]);
  const settlementId = encodeBytes32String(MODULES.settlement.id);
  const poolId = encodeBytes32String(MODULES.pool.id);
  const limit = (moduleId: string, name: string, id: string) =>
    m.contract("TrippedLimitCondition", [directory, moduleId, encodeBytes32String(name)], { id });
  const conditions = {
    runway: m.contract("PoolRunwayCondition", [directory, poolId, runwayEpochs]),
    burnLimit: limit(settlementId, "total-burns", "burnLimit"),
    claimLimit: limit(poolId, "claims", "claimLimit"),
    migration: m.contract("MigrationCondition", [directory, poolId]),
  };
  const calls = Object.entries(conditions).map(([name, condition]) => {
    const add = m.encodeFunctionCall(reserve, "addCondition", [condition], { id: `add_${name}` });
    return m.encodeFunctionCall(accessManager, "execute", [reserve, add], {
      id: `execute_${name}`,
    });
  });
  m.call(accessManager, "multicall", [calls], { id: "addConditions" });

  return { governor, lens, ...conditions };
});
