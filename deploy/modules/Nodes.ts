import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

import AccessModule from "./Access.js";
import ReserveModule from "./Reserve.js";
import TokenModule from "./Token.js";

/** Nodes: consumes Token, Access and Reserve, the recipient of slashes. */
export default buildModule("Nodes", (m) => {
  const genesis = m.getParameter<bigint>("genesis");
  const epochDuration = m.getParameter<bigint>("epochDuration");
  const minimumStakes = m.getParameter<bigint[]>("minimumStakes");
  const { accessManager } = m.useModule(AccessModule);
  const { token } = m.useModule(TokenModule);
  const { reserve } = m.useModule(ReserveModule);

  const clock = [genesis, epochDuration] as const;
  const nodes = m.contract("NodeRegistry", [
    token,
    accessManager,
    ...clock,
    reserve,
    minimumStakes,
  ]);
  const slashing = m.contract("NodeSlashing", [nodes, accessManager]);

  return { nodes, slashing };
});
