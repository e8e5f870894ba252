import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import { ZeroAddress } from "ethers";

/** Access: who decides. The deployer administers roles until Roles hands them to the timelock. */
export default buildModule("Access", (m) => {
  const minDelay = m.getParameter<bigint>("minDelay");
  const proposers = m.getParameter<string[]>("proposers");

  // Executor zero: anyone may execute what has waited. Admin zero: the timelock administers itself alone.
  const timelock = m.contract("TimelockController", [
    minDelay,
    proposers,
    [ZeroAddress],
    ZeroAddress,
  ]);
  const accessManager = m.contract("AccessManager", [m.getAccount(0)]);

  return { accessManager, timelock };
});
