import type { NetworkConnection } from "hardhat/types/network";

import type { ContractKey } from "./manifest.js";

/** Typed contracts at the addresses of a deployment. */
export async function attachSuite(
  { ethers }: NetworkConnection,
  addresses: Readonly<Record<ContractKey, string>>,
) {
  return {
    accessManager: await ethers.getContractAt("AccessManager", addresses.accessManager),
    timelock: await ethers.getContractAt("SystemTimelock", addresses.timelock),
    factory: await ethers.getContractAt("GenesisFactory", addresses.factory),
    genesis: await ethers.getContractAt("Genesis", addresses.genesis),
    token: await ethers.getContractAt("OPAToken", addresses.token),
    vault: await ethers.getContractAt("ReleaseVault", addresses.vault),
    registry: await ethers.getContractAt("ResourceRegistry", addresses.registry),
    pricePolicy: await ethers.getContractAt("LoadPricePolicy", addresses.pricePolicy),
    accessPolicy: await ethers.getContractAt("AccessPolicy", addresses.accessPolicy),
    meter: await ethers.getContractAt("IMeter", addresses.meter),
    nodes: await ethers.getContractAt("NodeRegistry", addresses.nodes),
    slashing: await ethers.getContractAt("NodeSlashing", addresses.slashing),
    pool: await ethers.getContractAt("IncentivePool", addresses.pool),
    attestations: await ethers.getContractAt("Attestations", addresses.attestations),
    settlement: await ethers.getContractAt("Settlement", addresses.settlement),
    directory: await ethers.getContractAt("SystemDirectory", addresses.directory),
    lock: await ethers.getContractAt("GovernanceLock", addresses.lock),
    governor: await ethers.getContractAt("OPAGovernor", addresses.governor),
    reserve: await ethers.getContractAt("SystemReserve", addresses.reserve),
    lens: await ethers.getContractAt("SystemLens", addresses.lens),
    incentiveVault: await ethers.getContractAt("IncentiveVault", addresses.incentiveVault),
    stageCap: await ethers.getContractAt("StageCapCondition", addresses.stageCap),
  };
}
