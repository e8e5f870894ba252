import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

import AccessModule from "./Access.js";
import LockModule from "./Lock.js";
import type { meteringModule } from "./Metering.js";
import NodesModule from "./Nodes.js";
import ReserveModule from "./Reserve.js";
import TokenModule from "./Token.js";

/**
 * Incentives: consumes Token, Access, Reserve, Lock, Nodes and Metering. The vault, the first pool,
 * the first kinds of attested contributions, and the condition of the reserve. The pool divides the
 * epochs from the next one on, and access tiers follow its scores. Release sends the vault its
 * share of the supply.
 */
export function incentivesModule(metering: ReturnType<typeof meteringModule>, kindCount: number) {
  return buildModule("Incentives", (m) => {
    const kappa = m.getParameter<bigint>("kappa");
    const claimLimit = m.getParameter<bigint>("claimLimit");
    const shares = m.getParameter<bigint[]>("shares");
    const stages = m.getParameter("stages");
    const heldBackShare = m.getParameter<bigint>("heldBackShare");
    const { accessManager } = m.useModule(AccessModule);
    const { token } = m.useModule(TokenModule);
    const { reserve } = m.useModule(ReserveModule);
    const { lock } = m.useModule(LockModule);
    const { nodes } = m.useModule(NodesModule);
    const { accessPolicy, meter } = m.useModule(metering);

    const incentiveVault = m.contract("IncentiveVault", [
      token,
      meter,
      reserve,
      accessManager,
      kappa,
      stages,
    ]);
    const pool = m.contract("IncentivePool", [
      incentiveVault,
      nodes,
      lock,
      accessManager,
      claimLimit,
      shares,
    ]);
    const attestations = m.contract("Attestations", [meter, accessManager]);
    const stageCap = m.contract("StageCapCondition", [
      incentiveVault,
      accessManager,
      heldBackShare,
    ]);

    /** A call of a module that the deployer governs until the end. */
    const governed = (
      name: string,
      target: Parameters<typeof m.encodeFunctionCall>[0],
      method: string,
      args: Parameters<typeof m.encodeFunctionCall>[2],
    ) => {
      const call = m.encodeFunctionCall(target, method, args, { id: `${method}_${name}` });
      return m.encodeFunctionCall(accessManager, "execute", [target, call], {
        id: `execute_${name}`,
      });
    };
    const calls = [
      governed("pool", meter, "setBook", [pool]),
      governed("scores", accessPolicy, "setScores", [[pool]]),
      governed("condition", reserve, "addCondition", [stageCap]),
      ...Array.from({ length: kindCount }, (_, i) =>
        governed(`kind_${i}`, attestations, "defineKind", [m.getParameter(`kind_${i}`)]),
      ),
    ];
    m.call(accessManager, "multicall", [calls], { id: "openIncentives" });

    return { incentiveVault, pool, attestations, stageCap };
  });
}
