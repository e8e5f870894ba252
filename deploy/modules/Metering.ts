import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import { ZeroAddress } from "ethers";

import AccessModule from "./Access.js";
import NodesModule from "./Nodes.js";
import TokenModule from "./Token.js";

/**
 * Metering: consumes Token, Access and Nodes; registers the price policy and then the first resources in one
 * transaction, in the order of the parameter file. The role table of Roles opens it.
 */
export function meteringModule(resourceCount: number) {
  return buildModule("Metering", (m) => {
    const genesis = m.getParameter<bigint>("genesis");
    const epochDuration = m.getParameter<bigint>("epochDuration");
    const claimGrace = m.getParameter<bigint>("claimGrace");
    const settlementWindow = m.getParameter<bigint>("settlementWindow");
    const lockThreshold = m.getParameter<bigint>("lockThreshold");
    const scoreThreshold = m.getParameter<bigint>("scoreThreshold");
    const { accessManager } = m.useModule(AccessModule);
    const { token } = m.useModule(TokenModule);
    const { nodes } = m.useModule(NodesModule);

    const registry = m.contract("ResourceRegistry", [accessManager, genesis, epochDuration]);
    // Locks and scores have no module yet, so they earn no tier.
    const accessPolicy = m.contract("AccessPolicy", [
      accessManager,
      genesis,
      epochDuration,
      ZeroAddress,
      ZeroAddress,
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
    const settlement = m.contract("Settlement", [registry, accounts, nodes, settlementWindow]);

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

    return { registry, pricePolicy, accessPolicy, accounts, settlement };
  });
}
