/** A transaction, simulated before the wallet opens, then sent and waited for. */
import { toQuantity } from "ethers";

import type { Suite } from "../reads/suite.js";
import { failureText, Sentence } from "../words/errors.js";
import { shortAddress } from "../words/names.js";
import type { Step } from "./plans.js";
import type { WalletProvider } from "./discovery.js";

/** Expected effect of a transaction. */
export interface DryRun {
  /** Why it would fail; undefined if it would not. */
  readonly failure: string | undefined;
  readonly changes: readonly string[];
  /** Units of gas, and the most that they cost, in wei of the chain's own coin. */
  readonly gas: bigint;
  readonly fee: bigint;
}

/** Milliseconds from one look for a receipt to the next. */
const POLL = 1_000;

/** Simulates a step as if the account sent it now; nothing is sent. */
export async function dryRun({ provider }: Suite, from: string, step: Step): Promise<DryRun> {
  const { to, data } = step;
  try {
    await provider.call({ from, to, data });
    const [gas, { maxFeePerGas, gasPrice }, changes] = await Promise.all([
      provider.estimateGas({ from, to, data }),
      provider.getFeeData(),
      step.changes(),
    ]);
    return { failure: undefined, changes, gas, fee: gas * (maxFeePerGas ?? gasPrice ?? 0n) };
  } catch (error) {
    return { failure: failureText(error), changes: [], gas: 0n, fee: 0n };
  }
}

/**
 * Has the wallet send a step.
 *
 * @throws {Sentence} if the wallet is on another chain, or no longer has the account.
 */
export async function sendStep(
  { chainId }: Suite,
  wallet: WalletProvider,
  from: string,
  { to, data }: Step,
): Promise<string> {
  const found = BigInt((await wallet.request({ method: "eth_chainId" })) as string);
  if (found !== chainId)
    throw new Sentence(
      `The wallet is on chain ${found}, the page on chain ${chainId}. Choose chain ${chainId} in the wallet.`,
    );
  const accounts = (await wallet.request({ method: "eth_accounts" })) as readonly string[];
  if (!accounts.some((account) => account.toLowerCase() === from.toLowerCase()))
    throw new Sentence(`The wallet no longer offers ${shortAddress(from)}; connect it again.`);
  // The wallet refuses if it changed the chain meanwhile.
  const sent = await wallet.request({
    method: "eth_sendTransaction",
    params: [{ chainId: toQuantity(chainId), from, to, data, value: "0x0" }],
  });
  return sent as string;
}

/**
 * The block in which a transaction was mined.
 *
 * @throws {Sentence} if it failed.
 */
export async function waitFor({ provider }: Suite, hash: string): Promise<number> {
  for (;;) {
    const receipt = await provider.getTransactionReceipt(hash);
    if (receipt !== null) {
      if (receipt.status === 0)
        throw new Sentence(`The transaction ${hash} was mined and failed; it changed nothing.`);
      return receipt.blockNumber;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL));
  }
}
