import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

import AccessModule from "./Access.js";
import LockModule from "./Lock.js";
import NodesModule from "./Nodes.js";
import type { resourcesModule } from "./Resources.js";
import TokenModule from "./Token.js";

/** Metering: consumes Token, Access, Lock, Nodes and Resources. Incentives gives it scores; the role table of Roles opens it. */
export function meteringModule(resources: ReturnType<typeof resourcesModule>) {
  return buildModule("Metering", (m) => {
    const genesis = m.getParameter<bigint>("genesis");
    const epochDuration = m.getParameter<bigint>("epochDuration");
    const claimGrace = m.getParameter<bigint>("claimGrace");
    const settlementWindow = m.getParameter<bigint>("settlementWindow");
    const lockThreshold = m.getParameter<bigint>("lockThreshold");
    const scoreThreshold = m.getParameter<bigint>("scoreThreshold");
    const burnLimits = m.getParameter("burnLimits");
    const { accessManager } = m.useModule(AccessModule);
    const { token } = m.useModule(TokenModule);
    const { lock } = m.useModule(LockModule);
    const { nodes } = m.useModule(NodesModule);
    const { registry } = m.useModule(resources);

    const accessPolicy = m.contract("AccessPolicy", [
      accessManager,
      genesis,
      epochDuration,
      lock,
      lockThreshold,
      scoreThreshold,
    ]);
    const accounts = m.contract("ServiceAccounts", [
      token,
      accessManager,
      genesis,
      epochDuration,
      claimGrace,
      accessPolicy,
    ]);
    const modules = [registry, accounts, nodes];
    const settlement = m.contract("Settlement", [
      ...modules,
      settlementWindow,
      accessManager,
      burnLimits,
    ]);

    return { accessPolicy, accounts, settlement };
  });
}
