import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import type { Future } from "@nomicfoundation/ignition-core";

import AccessModule from "./Access.js";

/** Resources that one transaction registers, about 4 million gas. */
const PORTION = 24;

/**
 * Resources: consumes Access; registers the price policy and then the first resources in portions, in the order of the
 * parameter file.
 */
export function resourcesModule(resourceCount: number) {
  return buildModule("Resources", (m) => {
    const genesis = m.getParameter<bigint>("genesis");
    const epochDuration = m.getParameter<bigint>("epochDuration");
    const { accessManager } = m.useModule(AccessModule);

    const registry = m.contract("ResourceRegistry", [accessManager, genesis, epochDuration]);
    const pricePolicy = m.contract("LoadPricePolicy");

    const registerPolicy = m.encodeFunctionCall(registry, "registerPricePolicy", [pricePolicy]);
    const calls = Array.from({ length: resourceCount }, (_, i) => {
      const resource = m.getParameter(`resource_${i}`);
      const register = m.encodeFunctionCall(registry, "register", [resource], {
        id: `register_${i}`,
      });
      return m.encodeFunctionCall(accessManager, "execute", [registry, register], {
        id: `execute_${i}`,
      });
    });
    // Ids count up in the order of the file, so that each portion waits for the one before.
    let last: Future = m.call(accessManager, "execute", [registry, registerPolicy], {
      id: "registerPolicy",
    });
    for (let from = 0; from < calls.length; from += PORTION)
      last = m.call(accessManager, "multicall", [calls.slice(from, from + PORTION)], {
        id: `registerResources_${from / PORTION + 1}`,
        after: [last],
      });

    return { registry, pricePolicy };
  });
}
