import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

import AccessModule from "./Access.js";
import LockModule from "./Lock.js";

/** Governance: consumes Access and Lock; the Governor and the lens. */
export default buildModule("Governance", (m) => {
  const genesis = m.getParameter<bigint>("genesis");
  const epochDuration = m.getParameter<bigint>("epochDuration");
  const guardian = m.getParameter<string>("guardian");
  const settings = m.getParameter("settings");
  const { accessManager, timelock, directory } = m.useModule(AccessModule);
  const { lock } = m.useModule(LockModule);

  const governor = m.contract("OPAGovernor", [
    lock,
    timelock,
    accessManager,
    genesis,
    epochDuration,
    guardian,
    settings,
  ]);
  const lens = m.contract("SystemLens", [directory]);

  return { governor, lens };
});
