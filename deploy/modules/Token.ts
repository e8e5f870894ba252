import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

/** Token: the whole supply is created at the address of the genesis, which Release makes and which hands it out. */
export default buildModule("Token", (m) => {
  const factory = m.contract("GenesisFactory");
  const genesisAddress = m.staticCall(factory, "GENESIS");
  const token = m.contract("OPAToken", [genesisAddress]);

  return { factory, genesis: m.contractAt("Genesis", genesisAddress), token };
});
