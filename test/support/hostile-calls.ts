import { toBeHex } from "ethers";
import type { NetworkConnection } from "hardhat/types/network";

import { deployMetered, type SignedWords } from "./meter.js";
import { OPA } from "./release.js";

const DIGITS = 64; // of a word
const ACCEPTS_ALL = 1; // how a WalletMock calls every signature its own

/** The word at an index of call data without its selector. */
export function wordAt(body: string, index: number): bigint {
  return BigInt(`0x${body.slice(index * DIGITS, (index + 1) * DIGITS)}`);
}

/** Call data without its selector with another word at an index. */
export function withWord(body: string, index: number, value: bigint): string {
  const word = toBeHex(BigInt.asUintN(256, value), 32).slice(2);
  return body.slice(0, index * DIGITS) + word + body.slice((index + 1) * DIGITS);
}

/** Number of words of call data without its selector. */
export function wordCount(body: string): number {
  return Math.ceil(body.length / DIGITS);
}

/** The Meter with an account of a wallet that calls every signature its own, and 50 OPA of credit for it. */
export async function deployWithLaxWallet(connection: NetworkConnection) {
  const suite = await deployMetered(connection);
  const { meter, verifier, alice, bob, sign, line } = suite;
  const wallet = await connection.ethers.deployContract("WalletMock", [bob]);
  await wallet.behave(ACCEPTS_ALL);
  const account = await wallet.getAddress();
  await meter.connect(alice).deposit(account, 50n * OPA);
  // The first preview in a transaction deploys the simulator.
  await verifier.preview([{ ...(await sign([line(1n)])), lines: [] }]);

  /** A statement of the wallet, with any signature. */
  const claim = async (lines: bigint[], signature = "0x"): Promise<SignedWords> => {
    const priceEpoch = await meter.currentEpoch();
    const deadline = 2n ** 48n - 1n;
    return { account, priceEpoch, deadline, signer: account, lines, signature };
  };
  return { ...suite, wallet, account, claim };
}
