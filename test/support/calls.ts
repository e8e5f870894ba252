import { type FunctionFragment, type Interface } from "ethers";
import type { NetworkConnection } from "hardhat/types/network";

/** Functions of a contract that can change something. */
export function stateChanging(contract: Interface): FunctionFragment[] {
  const functions: FunctionFragment[] = [];
  contract.forEachFunction((fragment) => {
    if (!fragment.constant) functions.push(fragment);
  });
  return functions;
}

/** The selector of the error that a call would be answered with, and nothing of one that would succeed. */
export async function refusalOf(
  { ethers }: NetworkConnection,
  call: { from: string; to: string; data: string },
): Promise<string> {
  const reason = await ethers.provider.call(call).then(() => "0x", revertData);
  return reason.slice(0, 10);
}

/** Revert data of a failed call, from the places where clients put it. */
function revertData(error: unknown): string {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if ("data" in cause && typeof cause.data === "string") return cause.data;
  throw error;
}
