import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

/** Token: the whole supply is created at the genesis contract, which Release empties. */
export default buildModule("Token", (m) => {
  const genesis = m.contract("Genesis", [m.getAccount(0)]);
  const token = m.contract("OPAToken", [genesis]);

  return { genesis, token };
});
