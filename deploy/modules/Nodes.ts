import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

import AccessModule from "./Access.js";
import TokenModule from "./Token.js";

/** Nodes: consumes Token and Access; what is slashed goes to the timelock until the reserve exists. */
export default buildModule("Nodes", (m) => {
  const genesis = m.getParameter<bigint>("genesis");
  const epochDuration = m.getParameter<bigint>("epochDuration");
  const minimumStakes = m.getParameter<bigint[]>("minimumStakes");
  const { accessManager, timelock } = m.useModule(AccessModule);
  const { token } = m.useModule(TokenModule);

  const clock = [genesis, epochDuration] as const;
  const nodes = m.contract("NodeRegistry", [
    token,
    accessManager,
    ...clock,
    timelock,
    minimumStakes,
  ]);
  const slashing = m.contract("NodeSlashing", [nodes, accessManager]);

  return { nodes, slashing };
});
