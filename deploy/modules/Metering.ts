import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

import AccessModule from "./Access.js";
import LockModule from "./Lock.js";
import type { resourcesModule } from "./Resources.js";
import TokenModule from "./Token.js";

/**
 * Metering: consumes Token, Access, Lock and Resources. The Meter with its extension, and the settlement that verifies statements.
 * Incentives gives it scores and a book; Roles connects the registries and opens it.
 */
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
    const { registry } = m.useModule(resources);

    const accessPolicy = m.contract("AccessPolicy", [
      accessManager,
      genesis,
      epochDuration,
      lock,
      lockThreshold,
      scoreThreshold,
    ]);
    const extension = m.contract("MeterExtension", [
      token,
      registry,
      accessManager,
      claimGrace,
      accessPolicy,
      burnLimits,
    ]);
    const core = m.contract("Meter", [extension, settlementWindow]);
    const meter = m.contractAt("IMeter", core, { id: "IMeter" });
    const settlement = m.contract("Settlement", [core]);

    return { accessPolicy, extension, core, meter, settlement };
  });
}
