import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

import AccessModule from "./Access.js";

/**
 * Resources: consumes Access; registers the price policy and then the first resources in one transaction, in the order of
 * the parameter file.
 */
export function resourcesModule(resourceCount: number) {
  return buildModule("Resources", (m) => {
    const genesis = m.getParameter<bigint>("genesis");
    const epochDuration = m.getParameter<bigint>("epochDuration");
    const { accessManager } = m.useModule(AccessModule);

    const registry = m.contract("ResourceRegistry", [accessManager, genesis, epochDuration]);
    const pricePolicy = m.contract("LoadPricePolicy");

    const registerPolicy = m.encodeFunctionCall(registry, "registerPricePolicy", [pricePolicy]);
    const policyCall = m.encodeFunctionCall(accessManager, "execute", [registry, registerPolicy], {
      id: "execute_policy",
    });
    const calls = Array.from({ length: resourceCount }, (_, i) => {
      const resource = m.getParameter(`resource_${i}`);
      const register = m.encodeFunctionCall(registry, "register", [resource], {
        id: `register_${i}`,
      });
      return m.encodeFunctionCall(accessManager, "execute", [registry, register], {
        id: `execute_${i}`,
      });
    });
    m.call(accessManager, "multicall", [[policyCall, ...calls]], { id: "registerResources" });

    return { registry, pricePolicy };
  });
}
