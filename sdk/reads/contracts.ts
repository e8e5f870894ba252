import { getAddress, ZeroAddress, type ContractRunner } from "ethers";

import type { IIncentivePool } from "../../typechain-types/contracts/interfaces/IIncentivePool.js";
import type { IIncentiveVault } from "../../typechain-types/contracts/interfaces/IIncentiveVault.js";
import type { IMeter } from "../../typechain-types/contracts/interfaces/IMeter.js";
import type { INodeRegistry } from "../../typechain-types/contracts/interfaces/INodeRegistry.js";
import type { IOPAToken } from "../../typechain-types/contracts/interfaces/IOPAToken.js";
import type { IResourceRegistry } from "../../typechain-types/contracts/interfaces/IResourceRegistry.js";
import type { ISettlement } from "../../typechain-types/contracts/interfaces/ISettlement.js";
import { IIncentivePool__factory } from "../../typechain-types/factories/contracts/interfaces/IIncentivePool__factory.js";
import { IIncentiveVault__factory } from "../../typechain-types/factories/contracts/interfaces/IIncentiveVault__factory.js";
import { IMeter__factory } from "../../typechain-types/factories/contracts/interfaces/IMeter__factory.js";
import { INodeRegistry__factory } from "../../typechain-types/factories/contracts/interfaces/INodeRegistry__factory.js";
import { IOPAToken__factory } from "../../typechain-types/factories/contracts/interfaces/IOPAToken__factory.js";
import { IResourceRegistry__factory } from "../../typechain-types/factories/contracts/interfaces/IResourceRegistry__factory.js";
import { ISettlement__factory } from "../../typechain-types/factories/contracts/interfaces/ISettlement__factory.js";

export type {
  IIncentivePool,
  IIncentiveVault,
  IMeter,
  INodeRegistry,
  IOPAToken,
  IResourceRegistry,
  ISettlement,
};

/** The contracts that metering runs through, typed. */
export interface Contracts {
  readonly settlement: ISettlement;
  readonly meter: IMeter;
  readonly registry: IResourceRegistry;
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

  const meter = IMeter__factory.connect(await settlement.METER(), runner);
  const [registry, token] = await Promise.all([meter.REGISTRY(), meter.TOKEN()]);
  return {
    settlement,
    meter,
    registry: IResourceRegistry__factory.connect(registry, runner),
    token: IOPAToken__factory.connect(token, runner),
  };
}

/**
 * The incentive pool that divides an epoch, by default the next one: its claims pay the releases of all its epochs.
 *
 * @throws if no pool divides the epoch.
 */
export async function connectPool(
  { meter }: Pick<Contracts, "meter">,
  epoch?: bigint,
): Promise<IIncentivePool> {
  const at = epoch ?? (await meter.currentEpoch()) + 1n;
  const book = await meter.bookOf(at);
  if (book === ZeroAddress) throw new Error(`No pool divides epoch ${at}.`);
  return IIncentivePool__factory.connect(book, meter.runner);
}

/** The vault that fixes and pays the release of each epoch, as any of its pools names it. */
export async function connectVault(pool: IIncentivePool): Promise<IIncentiveVault> {
  return IIncentiveVault__factory.connect(await pool.VAULT(), pool.runner);
}

/** The registry of nodes that a pool pays, with the stake and the categories of each provider. */
export async function connectNodes(pool: IIncentivePool): Promise<INodeRegistry> {
  return INodeRegistry__factory.connect(await pool.NODES(), pool.runner);
}
