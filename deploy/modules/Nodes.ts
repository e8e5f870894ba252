import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

/** Nodes: providers speak for themselves; nobody has a right here. */
export default buildModule("Nodes", (m) => {
  const nodes = m.contract("NodeRegistry");

  return { nodes };
});
