import { id, Wallet } from "ethers";
import type { NetworkConnection } from "hardhat/types/network";

const ETHER = 1_000n * 10n ** 18n;

/** A wallet for the local chain only: anybody can find its key. */
export function createWallet(name: string): Wallet {
  return new Wallet(id(`opa local ${name}`));
}

/** The same, connected and with ether for gas. */
export async function openWallet(connection: NetworkConnection, name: string): Promise<Wallet> {
  const wallet = createWallet(name).connect(connection.ethers.provider);
  await connection.networkHelpers.setBalance(wallet.address, ETHER);
  return wallet;
}
