import type { AddressLike } from "ethers";
import type { NetworkConnection } from "hardhat/types/network";

/** A lock with its token; the whole supply is in `purse` and leaves it through `fund`. */
export async function deployLock({ ethers }: NetworkConnection) {
  const [admin] = await ethers.getSigners();
  if (!admin) throw new Error("a signer expected");
  const purse = await ethers.deployContract("WalletMock", [admin]);
  const token = await ethers.deployContract("OPAToken", [purse]);
  const authority = await ethers.deployContract("AuthorityMock", [admin]);
  const lock = await ethers.deployContract("GovernanceLock", [token, authority]);

  async function fund(account: AddressLike, amount: bigint): Promise<void> {
    const recipient = await ethers.resolveAddress(account);
    const call = token.interface.encodeFunctionData("transfer", [recipient, amount]);
    await purse.getFunction("execute")(token, call);
  }
  return { admin, token, authority, lock, fund };
}
