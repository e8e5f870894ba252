import { Contract, type BaseContract, type ContractRunner, type Interface } from "ethers";

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

/** How a contract gets its generated type. */
interface Factory {
  createInterface(): Interface;
  connect(address: string, runner: ContractRunner): BaseContract;
}

/** Contracts by the names that the code has for them: their name in a deployment, and their type. */
const CONTRACTS = {
  accessManager: ["AccessManager", AccessManager__factory],
  accessPolicy: ["AccessPolicy", IAccessGrants__factory],
  attestations: ["Attestations", IAttestations__factory],
  directory: ["SystemDirectory", ISystemDirectory__factory],
  governor: ["OPAGovernor", OPAGovernor__factory],
  incentiveVault: ["IncentiveVault", IIncentiveVault__factory],
  lens: ["SystemLens", ISystemLens__factory],
  lock: ["GovernanceLock", IGovernanceLock__factory],
  meter: ["Meter", IMeter__factory],
  nodes: ["NodeRegistry", INodeRegistry__factory],
  pool: ["IncentivePool", IIncentivePool__factory],
  registry: ["ResourceRegistry", IResourceRegistry__factory],
  releaseVault: ["ReleaseVault", IReleaseVault__factory],
  reserve: ["SystemReserve", ISystemReserve__factory],
  settlement: ["Settlement", ISettlement__factory],
  slashing: ["NodeSlashing", INodeSlashing__factory],
  stageCap: ["StageCapCondition", IStageCapCondition__factory],
  timelock: ["SystemTimelock", SystemTimelock__factory],
  token: ["OPAToken", IOPAToken__factory],
} as const satisfies Readonly<Record<string, readonly [name: string, factory: Factory]>>;

const KEYS = Object.keys(CONTRACTS) as (keyof typeof CONTRACTS)[];

/** Contracts of a deployment. */
export type Suite = {
  readonly [Key in keyof typeof CONTRACTS]: ReturnType<(typeof CONTRACTS)[Key][1]["connect"]>;
};

/** Parsed ABIs. A command needs few of them, and all together take a quarter of a second. */
const interfaces = new Map<Factory, Interface>();

/**
 * Contracts of a deployment with generated types, each made when it is first asked for.
 *
 * @throws if one of them is not in the deployment.
 */
export function connectSuite(deployment: KnownDeployment, runner: ContractRunner): Suite {
  const suite = {};
  for (const key of KEYS) {
    const [name, factory] = CONTRACTS[key];
    const address = addressIn(deployment, name);
    let contract: Contract | undefined;
    Object.defineProperty(suite, key, {
      enumerable: true,
      get: () => (contract ??= new Contract(address, interfaceOf(factory), runner)),
    });
  }
  return suite as Suite;
}

/** Bounded parameters of a module. */
export function parametersOf(
  { deployment, provider }: { deployment: KnownDeployment; provider: ContractRunner },
  module: string,
): IBoundedParameter {
  const api = interfaceOf(IBoundedParameter__factory);
  return new Contract(addressIn(deployment, module), api, provider) as unknown as IBoundedParameter;
}

/** Name of a contract of the deployment at an address. */
export function contractAt({ addresses }: KnownDeployment, address: string): string | undefined {
  const wanted = address.toLowerCase();
  return Object.entries(addresses).find(([, at]) => at.toLowerCase() === wanted)?.[0];
}

/** A deployment and its contracts. */
interface Connected {
  readonly deployment: KnownDeployment;
  readonly suite: Suite;
}

/** Interfaces of the contracts of the suite at an address. No other contract is made. */
export function interfacesAt({ deployment, suite }: Connected, address: string): Interface[] {
  const wanted = address.toLowerCase();
  return KEYS.filter((key) => {
    const [name] = CONTRACTS[key];
    return addressIn(deployment, name).toLowerCase() === wanted;
  }).map((key) => suite[key].interface);
}

/**
 * The interface of the contract at an address that has a function, those that modules share included.
 *
 * @throws if none has it.
 */
export function codecAt(session: Connected, address: string, name: string): Interface {
  const codecs = [
    ...interfacesAt(session, address),
    interfaceOf(IBoundedParameter__factory),
    interfaceOf(IGuardedPause__factory),
  ];
  const found = codecs.find((codec) => codec.getFunction(name) !== null);
  if (!found) throw new Error(`There is no function ${name}.`);
  return found;
}

function interfaceOf(factory: Factory): Interface {
  let found = interfaces.get(factory);
  if (found === undefined) interfaces.set(factory, (found = factory.createInterface()));
  return found;
}
