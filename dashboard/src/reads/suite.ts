/** Contracts of a deployment, typed, each in the version that the directory names as current. */
import { Contract, encodeBytes32String, type JsonRpcApiProvider } from "ethers";

import { addressIn, type KnownDeployment } from "../../../sdk/index.js";
import type { IBoundedParameter } from "../../../typechain-types/contracts/interfaces/IBoundedParameter.js";
import type { IGovernanceLock } from "../../../typechain-types/contracts/interfaces/IGovernanceLock.js";
import type { IIncentivePool } from "../../../typechain-types/contracts/interfaces/IIncentivePool.js";
import type { IIncentiveVault } from "../../../typechain-types/contracts/interfaces/IIncentiveVault.js";
import type { IMeter } from "../../../typechain-types/contracts/interfaces/IMeter.js";
import type { INodeRegistry } from "../../../typechain-types/contracts/interfaces/INodeRegistry.js";
import type { IOPAToken } from "../../../typechain-types/contracts/interfaces/IOPAToken.js";
import type { IReleaseVault } from "../../../typechain-types/contracts/interfaces/IReleaseVault.js";
import type { IResourceRegistry } from "../../../typechain-types/contracts/interfaces/IResourceRegistry.js";
import type { ISystemDirectory } from "../../../typechain-types/contracts/interfaces/ISystemDirectory.js";
import type { ISystemLens } from "../../../typechain-types/contracts/interfaces/ISystemLens.js";
import type { ISystemReserve } from "../../../typechain-types/contracts/interfaces/ISystemReserve.js";
import { IBoundedParameter__factory } from "../../../typechain-types/factories/contracts/interfaces/IBoundedParameter__factory.js";
import { IGenesis__factory } from "../../../typechain-types/factories/contracts/interfaces/IGenesis__factory.js";
import { IGovernanceLock__factory } from "../../../typechain-types/factories/contracts/interfaces/IGovernanceLock__factory.js";
import { IIncentivePool__factory } from "../../../typechain-types/factories/contracts/interfaces/IIncentivePool__factory.js";
import { IIncentiveVault__factory } from "../../../typechain-types/factories/contracts/interfaces/IIncentiveVault__factory.js";
import { IMeter__factory } from "../../../typechain-types/factories/contracts/interfaces/IMeter__factory.js";
import { INodeRegistry__factory } from "../../../typechain-types/factories/contracts/interfaces/INodeRegistry__factory.js";
import { IOPAToken__factory } from "../../../typechain-types/factories/contracts/interfaces/IOPAToken__factory.js";
import { IReleaseVault__factory } from "../../../typechain-types/factories/contracts/interfaces/IReleaseVault__factory.js";
import { IResourceRegistry__factory } from "../../../typechain-types/factories/contracts/interfaces/IResourceRegistry__factory.js";
import { ISystemDirectory__factory } from "../../../typechain-types/factories/contracts/interfaces/ISystemDirectory__factory.js";
import { ISystemLens__factory } from "../../../typechain-types/factories/contracts/interfaces/ISystemLens__factory.js";
import { ISystemReserve__factory } from "../../../typechain-types/factories/contracts/interfaces/ISystemReserve__factory.js";
import { Sentence } from "../words/errors.js";
import { ACCESS_MANAGER_ABI, GOVERNOR_ABI, TIMELOCK_ABI } from "./foreign.js";

/** A deployment that can be read. */
export interface Suite {
  readonly chainId: bigint;
  /** Block before the first transaction of the deployment. */
  readonly deploymentBlock: number;
  readonly provider: JsonRpcApiProvider;
  readonly directory: ISystemDirectory;
  readonly lens: ISystemLens;
  readonly token: IOPAToken;
  readonly vault: IReleaseVault;
  readonly registry: IResourceRegistry;
  /** Rates and targets of the registry. */
  readonly rates: IBoundedParameter;
  readonly meter: IMeter;
  readonly nodes: INodeRegistry;
  readonly incentiveVault: IIncentiveVault;
  readonly pool: IIncentivePool;
  readonly lock: IGovernanceLock;
  readonly reserve: ISystemReserve;
  readonly governor: Contract;
  readonly timelock: Contract;
  readonly accessManager: Contract;
  /** Contract that distributed the supply; its events name the allocations. */
  readonly genesis: string;
  /** Addresses by the id in the directory, such as `node-registry`, with the directory and the AccessManager. */
  readonly modules: ReadonlyMap<string, string>;
}

export const GENESIS = IGenesis__factory.createInterface();

/** Ids of the modules that the page reads. */
const MODULES = [
  ...["system-lens", "token", "release-vault", "resource-registry", "meter", "node-registry"],
  ...["node-slashing", "incentive-vault", "incentive-pool", "governance-lock", "system-reserve"],
  ...["governor", "timelock", "attestations", "access-policy", "settlement"],
] as const;

/**
 * Connects to a deployment through its directory.
 *
 * @throws {Sentence} if the chain has no directory at the address in the manifest.
 */
export async function connectSuite(
  deployment: KnownDeployment,
  provider: JsonRpcApiProvider,
): Promise<Suite> {
  const address = addressIn(deployment, "SystemDirectory");
  if ((await provider.getCode(address)) === "0x")
    throw new Sentence(
      `Chain ${deployment.chainId} has no contract at ${address}, where the manifest has the directory. ` +
        "A local chain may have been started anew: deploy again and read the new manifest.",
    );

  const directory = ISystemDirectory__factory.connect(address, provider);
  const [authority, ...found] = await Promise.all([
    managerOf(address, provider),
    ...MODULES.map((id) => directory.currentOf(encodeBytes32String(id))),
  ]);
  const modules = new Map<string, string>([
    ...found.map((module, i): [string, string] => [MODULES[i] ?? "", module]),
    ["system-directory", address],
    ["access-manager", authority],
  ]);
  const at = (id: (typeof MODULES)[number]) => modules.get(id) ?? "";
  return {
    chainId: deployment.chainId,
    deploymentBlock: deployment.deploymentBlock,
    provider,
    directory,
    lens: ISystemLens__factory.connect(at("system-lens"), provider),
    token: IOPAToken__factory.connect(at("token"), provider),
    vault: IReleaseVault__factory.connect(at("release-vault"), provider),
    registry: IResourceRegistry__factory.connect(at("resource-registry"), provider),
    rates: IBoundedParameter__factory.connect(at("resource-registry"), provider),
    meter: IMeter__factory.connect(at("meter"), provider),
    nodes: INodeRegistry__factory.connect(at("node-registry"), provider),
    incentiveVault: IIncentiveVault__factory.connect(at("incentive-vault"), provider),
    pool: IIncentivePool__factory.connect(at("incentive-pool"), provider),
    lock: IGovernanceLock__factory.connect(at("governance-lock"), provider),
    reserve: ISystemReserve__factory.connect(at("system-reserve"), provider),
    governor: new Contract(at("governor"), GOVERNOR_ABI, provider),
    timelock: new Contract(at("timelock"), TIMELOCK_ABI, provider),
    accessManager: new Contract(authority, ACCESS_MANAGER_ABI, provider),
    genesis: addressIn(deployment, "Genesis"),
    modules,
  };
}

/** The AccessManager of a module. */
async function managerOf(module: string, provider: JsonRpcApiProvider): Promise<string> {
  const managed = new Contract(module, ["function authority() view returns (address)"], provider);
  return (await managed.getFunction("authority")()) as string;
}
