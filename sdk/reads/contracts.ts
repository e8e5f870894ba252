import { getAddress, ZeroAddress, type ContractRunner } from "ethers";

import type { IIncentivePool } from "../../typechain-types/contracts/interfaces/IIncentivePool.js";
import type { IIncentiveVault } from "../../typechain-types/contracts/interfaces/IIncentiveVault.js";
import type { INodeRegistry } from "../../typechain-types/contracts/interfaces/INodeRegistry.js";
import type { IOPAToken } from "../../typechain-types/contracts/interfaces/IOPAToken.js";
import type { IResourceRegistry } from "../../typechain-types/contracts/interfaces/IResourceRegistry.js";
import type { IServiceAccounts } from "../../typechain-types/contracts/interfaces/IServiceAccounts.js";
import type { ISettlement } from "../../typechain-types/contracts/interfaces/ISettlement.js";
import { IIncentivePool__factory } from "../../typechain-types/factories/contracts/interfaces/IIncentivePool__factory.js";
import { IIncentiveVault__factory } from "../../typechain-types/factories/contracts/interfaces/IIncentiveVault__factory.js";
import { INodeRegistry__factory } from "../../typechain-types/factories/contracts/interfaces/INodeRegistry__factory.js";
import { IOPAToken__factory } from "../../typechain-types/factories/contracts/interfaces/IOPAToken__factory.js";
import { IResourceRegistry__factory } from "../../typechain-types/factories/contracts/interfaces/IResourceRegistry__factory.js";
import { IServiceAccounts__factory } from "../../typechain-types/factories/contracts/interfaces/IServiceAccounts__factory.js";
import { ISettlement__factory } from "../../typechain-types/factories/contracts/interfaces/ISettlement__factory.js";

export type {
  IIncentivePool,
  IIncentiveVault,
  INodeRegistry,
  IOPAToken,
  IResourceRegistry,
  IServiceAccounts,
  ISettlement,
};

/** The contracts that metering runs through, typed. */
export interface Contracts {
  readonly settlement: ISettlement;
  readonly registry: IResourceRegistry;
  readonly accounts: IServiceAccounts;
  readonly nodes: INodeRegistry;
  readonly token: IOPAToken;
}

/**
 * Connects to a deployment by the address of its settlement contract, which names all others.
 *
 * @throws if there is no settlement contract at that address.
 */
export async function connectContracts(
  address: string,
  runner: ContractRunner,
): Promise<Contracts> {
  const settlement = ISettlement__factory.connect(getAddress(address), runner);
  if (!runner.provider)
    throw new Error("The contracts cannot be read without a connection to a chain.");
  if ((await runner.provider.getCode(address)) === "0x")
    throw new Error(`There is no contract at ${address}.`);

  const [registry, accounts, nodes] = await Promise.all([
    settlement.REGISTRY(),
    settlement.ACCOUNTS(),
    settlement.NODES(),
  ]);
  const serviceAccounts = IServiceAccounts__factory.connect(accounts, runner);
  return {
    settlement,
    registry: IResourceRegistry__factory.connect(registry, runner),
    accounts: serviceAccounts,
    nodes: INodeRegistry__factory.connect(nodes, runner),
    token: IOPAToken__factory.connect(await serviceAccounts.TOKEN(), runner),
  };
}

/**
 * The incentive pool that divides an epoch, by default the next one: its claims pay what that epoch and others of the pool released.
 *
 * @throws if no pool divides the epoch.
 */
export async function connectPool(
  { registry }: Pick<Contracts, "registry">,
  epoch?: bigint,
): Promise<IIncentivePool> {
  const at = epoch ?? (await registry.currentEpoch()) + 1n;
  const book = await registry.bookOf(at);
  if (book === ZeroAddress) throw new Error(`No pool divides epoch ${at}.`);
  return IIncentivePool__factory.connect(book, registry.runner);
}

/** The vault that fixes and pays what epochs release, as any of its pools names it. */
export async function connectVault(pool: IIncentivePool): Promise<IIncentiveVault> {
  return IIncentiveVault__factory.connect(await pool.VAULT(), pool.runner);
}
