import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

import AccessModule from "./Access.js";
import TokenModule from "./Token.js";

/** Lock: consumes Token and Access; where OPA is locked to vote. */
export default buildModule("Lock", (m) => {
  const { accessManager } = m.useModule(AccessModule);
  const { token } = m.useModule(TokenModule);

  const lock = m.contract("GovernanceLock", [token, accessManager]);

  return { lock };
});
