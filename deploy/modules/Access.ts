import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import { ZeroAddress } from "ethers";

/**
 * Access: the authority of the system, and the directory of its modules. The deployer administers
 * roles and the timelock until Roles hands them over.
 */
export default buildModule("Access", (m) => {
  const minDelay = m.getParameter<bigint>("minDelay");
  const deployer = m.getAccount(0);

  // Executor zero: anyone may execute an operation after its delay. Who proposes is for Roles to
  // say, once the Governor exists.
  const timelock = m.contract("SystemTimelock", [minDelay, [], [ZeroAddress], deployer]);
  const accessManager = m.contract("AccessManager", [deployer]);
  const directory = m.contract("SystemDirectory", [accessManager]);

  return { accessManager, timelock, directory };
});
