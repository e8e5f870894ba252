import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import { ZeroAddress } from "ethers";

import AccessModule from "./Access.js";
import LockModule from "./Lock.js";
import NodesModule from "./Nodes.js";
import type { resourcesModule } from "./Resources.js";

/**
 * Incentives: consumes Access, Lock, Nodes and Resources; defines the first kinds of attested contributions in one transaction.
 * Release sends the pool its share of the supply.
 */
export function incentivesModule(resources: ReturnType<typeof resourcesModule>, kindCount: number) {
  return buildModule("Incentives", (m) => {
    const kappa = m.getParameter<bigint>("kappa");
    const claimLimit = m.getParameter<bigint>("claimLimit");
    const shares = m.getParameter<bigint[]>("shares");
    const stages = m.getParameter("stages");
    const { accessManager } = m.useModule(AccessModule);
    const { lock } = m.useModule(LockModule);
    const { nodes } = m.useModule(NodesModule);
    const { registry } = m.useModule(resources);

    const pool = m.contract("IncentivePool", [
      registry,
      nodes,
      lock,
      ZeroAddress, // the first pool
      accessManager,
      kappa,
      claimLimit,
      shares,
      stages,
    ]);
    const attestations = m.contract("Attestations", [pool, accessManager]);
    const scheduler = m.contract("NodeScheduler", [pool]);

    const calls = Array.from({ length: kindCount }, (_, i) => {
      const kind = m.getParameter(`kind_${i}`);
      const define = m.encodeFunctionCall(attestations, "defineKind", [kind], {
        id: `define_${i}`,
      });
      return m.encodeFunctionCall(accessManager, "execute", [attestations, define], {
        id: `execute_${i}`,
      });
    });
    if (calls.length > 0) m.call(accessManager, "multicall", [calls], { id: "defineKinds" });

    return { pool, attestations, scheduler };
  });
}
