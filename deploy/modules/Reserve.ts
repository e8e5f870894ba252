import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

import AccessModule from "./Access.js";
import TokenModule from "./Token.js";

/**
 * Reserve: consumes Token and Access; receives slashes and revoked schedules. Incentives adds the
 * condition of its draws.
 */
export default buildModule("Reserve", (m) => {
  const { accessManager, directory } = m.useModule(AccessModule);
  const { token } = m.useModule(TokenModule);

  const reserve = m.contract("SystemReserve", [token, directory, accessManager]);

  return { reserve };
});
