import type { NetworkConnection } from "hardhat/types/network";

import type * as types from "../../typechain-types/index.js";
import { contractAt } from "./artifacts.js";
import type { ContractKey } from "./manifest.js";

/** Typed contracts at the addresses of a deployment. */
export async function attachSuite(
  connection: NetworkConnection,
  addresses: Readonly<Record<ContractKey, string>>,
) {
  return {
    accessManager: await contractAt<types.AccessManager>(
      connection,
      "AccessManager",
      addresses.accessManager,
    ),
    timelock: await contractAt<types.SystemTimelock>(
      connection,
      "SystemTimelock",
      addresses.timelock,
    ),
    factory: await contractAt<types.GenesisFactory>(
      connection,
      "GenesisFactory",
      addresses.factory,
    ),
    genesis: await contractAt<types.Genesis>(connection, "Genesis", addresses.genesis),
    token: await contractAt<types.OPAToken>(connection, "OPAToken", addresses.token),
    vault: await contractAt<types.ReleaseVault>(connection, "ReleaseVault", addresses.vault),
    registry: await contractAt<types.ResourceRegistry>(
      connection,
      "ResourceRegistry",
      addresses.registry,
    ),
    pricePolicy: await contractAt<types.LoadPricePolicy>(
      connection,
      "LoadPricePolicy",
      addresses.pricePolicy,
    ),
    accessPolicy: await contractAt<types.AccessPolicy>(
      connection,
      "AccessPolicy",
      addresses.accessPolicy,
    ),
    meter: await contractAt<types.IMeter>(connection, "IMeter", addresses.meter),
    nodes: await contractAt<types.NodeRegistry>(connection, "NodeRegistry", addresses.nodes),
    slashing: await contractAt<types.NodeSlashing>(connection, "NodeSlashing", addresses.slashing),
    pool: await contractAt<types.IncentivePool>(connection, "IncentivePool", addresses.pool),
    attestations: await contractAt<types.Attestations>(
      connection,
      "Attestations",
      addresses.attestations,
    ),
    settlement: await contractAt<types.Settlement>(connection, "Settlement", addresses.settlement),
    directory: await contractAt<types.SystemDirectory>(
      connection,
      "SystemDirectory",
      addresses.directory,
    ),
    lock: await contractAt<types.GovernanceLock>(connection, "GovernanceLock", addresses.lock),
    governor: await contractAt<types.OPAGovernor>(connection, "OPAGovernor", addresses.governor),
    reserve: await contractAt<types.SystemReserve>(connection, "SystemReserve", addresses.reserve),
    lens: await contractAt<types.SystemLens>(connection, "SystemLens", addresses.lens),
    incentiveVault: await contractAt<types.IncentiveVault>(
      connection,
      "IncentiveVault",
      addresses.incentiveVault,
    ),
    stageCap: await contractAt<types.StageCapCondition>(
      connection,
      "StageCapCondition",
      addresses.stageCap,
    ),
  };
}
