import { serveChain, type ServedChain } from "../../examples/gateway/local-chain.js";

/**
 * Gives a suite a chain with the deployed contracts, which others reach over JSON-RPC.
 *
 * @returns the chain, once the suite runs.
 */
export function useServedChain(): () => ServedChain {
  let chain: ServedChain | undefined;
  before(async function () {
    chain = await serveChain(`e2e-${process.pid}`);
  });
  after(async function () {
    await chain?.close();
  });
  return () => {
    if (!chain) throw new Error("The chain is there once the suite runs.");
    return chain;
  };
}
