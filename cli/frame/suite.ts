import type { BaseContract, ContractRunner, Interface } from "ethers";

import type { IBoundedParameter } from "../../typechain-types/contracts/interfaces/IBoundedParameter.js";
import { addressIn, type KnownDeployment } from "../../sdk/index.js";
import { AccessManager__factory } from "../../typechain-types/factories/@openzeppelin/contracts/access/manager/AccessManager__factory.js";
import { OPAGovernor__factory } from "../../typechain-types/factories/contracts/governance/OPAGovernor__factory.js";
import { SystemTimelock__factory } from "../../typechain-types/factories/contracts/governance/SystemTimelock__factory.js";
import {
  IAccessGrants__factory,
  IAttestations__factory,
  IBoundedParameter__factory,
  IGovernanceLock__factory,
  IGuardedPause__factory,
  IIncentivePool__factory,
  IIncentiveVault__factory,
  IMeter__factory,
  INodeRegistry__factory,
  INodeSlashing__factory,
  IOPAToken__factory,
  IReleaseVault__factory,
  IResourceRegistry__factory,
  ISettlement__factory,
  IStageCapCondition__factory,
  ISystemDirectory__factory,
  ISystemLens__factory,
  ISystemReserve__factory,
} from "../../typechain-types/factories/contracts/interfaces/index.js";

/** Contracts of a deployment with generated types, by the names that the code has for them. */
export function connectSuite(deployment: KnownDeployment, runner: ContractRunner) {
  const at = (name: string) => addressIn(deployment, name);
  return {
    accessManager: AccessManager__factory.connect(at("AccessManager"), runner),
    accessPolicy: IAccessGrants__factory.connect(at("AccessPolicy"), runner),
    attestations: IAttestations__factory.connect(at("Attestations"), runner),
    directory: ISystemDirectory__factory.connect(at("SystemDirectory"), runner),
    governor: OPAGovernor__factory.connect(at("OPAGovernor"), runner),
    incentiveVault: IIncentiveVault__factory.connect(at("IncentiveVault"), runner),
    lens: ISystemLens__factory.connect(at("SystemLens"), runner),
    lock: IGovernanceLock__factory.connect(at("GovernanceLock"), runner),
    meter: IMeter__factory.connect(at("Meter"), runner),
    nodes: INodeRegistry__factory.connect(at("NodeRegistry"), runner),
    pool: IIncentivePool__factory.connect(at("IncentivePool"), runner),
    registry: IResourceRegistry__factory.connect(at("ResourceRegistry"), runner),
    releaseVault: IReleaseVault__factory.connect(at("ReleaseVault"), runner),
    reserve: ISystemReserve__factory.connect(at("SystemReserve"), runner),
    settlement: ISettlement__factory.connect(at("Settlement"), runner),
    slashing: INodeSlashing__factory.connect(at("NodeSlashing"), runner),
    stageCap: IStageCapCondition__factory.connect(at("StageCapCondition"), runner),
    timelock: SystemTimelock__factory.connect(at("SystemTimelock"), runner),
    token: IOPAToken__factory.connect(at("OPAToken"), runner),
  };
}

/** Contracts of a deployment. */
export type Suite = ReturnType<typeof connectSuite>;

/** Bounded parameters of a module. */
export function parametersOf(
  { deployment, provider }: { deployment: KnownDeployment; provider: ContractRunner },
  module: string,
): IBoundedParameter {
  return IBoundedParameter__factory.connect(addressIn(deployment, module), provider);
}

/** Name of a contract of the deployment at an address. */
export function contractAt({ addresses }: KnownDeployment, address: string): string | undefined {
  const wanted = address.toLowerCase();
  return Object.entries(addresses).find(([, at]) => at.toLowerCase() === wanted)?.[0];
}

/** Address of a contract in lower case. */
export function addressOf({ target }: BaseContract): string {
  if (typeof target !== "string") throw new Error("The contract has no address yet.");
  return target.toLowerCase();
}

/**
 * The interface of the contract at an address that has a function, those that modules share included.
 *
 * @throws if none has it.
 */
export function codecAt({ suite }: { suite: Suite }, address: string, name: string): Interface {
  const wanted = address.toLowerCase();
  const own = Object.values(suite).filter((contract) => addressOf(contract) === wanted);
  const codecs: Interface[] = [
    ...own.map((contract) => contract.interface),
    IBoundedParameter__factory.createInterface(),
    IGuardedPause__factory.createInterface(),
  ];
  const found = codecs.find((codec) => codec.getFunction(name) !== null);
  if (!found) throw new Error(`There is no function ${name}.`);
  return found;
}
