import type { ContractRunner } from "ethers";

import { IResourceRegistry__factory as RegistryFactory } from "../../../typechain-types/factories/contracts/interfaces/IResourceRegistry__factory.js";
import { ISettlement__factory as SettlementFactory } from "../../../typechain-types/factories/contracts/interfaces/ISettlement__factory.js";
import type { IResourceRegistry } from "../../../typechain-types/contracts/interfaces/IResourceRegistry.js";
import type { ISettlement } from "../../../typechain-types/contracts/interfaces/ISettlement.js";

export interface GatewaySuite {
  readonly settlement: ISettlement;
  readonly registry: IResourceRegistry;
}

export async function connectSuite(address: string, runner: ContractRunner): Promise<GatewaySuite> {
  const settlement = SettlementFactory.connect(address, runner);
  return { settlement, registry: RegistryFactory.connect(await settlement.REGISTRY(), runner) };
}
