/** Loaded by mocha in each of its processes: makes chains of tests cheaper. */
import hre from "hardhat";
import type { NetworkHooks } from "hardhat/types/hooks";

import { omitTraces } from "./traces.js";

const GAS = "0x1000000"; // the most that a transaction may have (EIP-7825)
const FEES = { maxFeePerGas: "0x4a817c800", maxPriorityFeePerGas: "0x3b9aca00" }; // 20 and 1 gwei

hre.hooks.registerHandlers("network", { onRequest: sendUnestimated() });
if (process.env["TRACES"] === "0") omitTraces();

/**
 * Fills in the gas limit and the fees that a transaction leaves to Hardhat. Hardhat would ask for the fees of the last blocks,
 * and estimate the gas, which runs the transaction up to ten times. One call refuses the same transactions before they are
 * mined, and the highest limit fits the others.
 */
function sendUnestimated(): NetworkHooks["onRequest"] {
  return async (context, connection, request, next) => {
    const { networkConfig, provider } = connection;
    const [transaction] = Array.isArray(request.params) ? (request.params as unknown[]) : [];
    if (
      request.method !== "eth_sendTransaction" ||
      networkConfig.type !== "edr-simulated" ||
      !isObject(transaction)
    )
      return next(context, connection, request);

    let sent = transaction;
    if (sent["gas"] === undefined && networkConfig.gas === "auto") {
      sent = { ...sent, gas: GAS };
      await provider.request({ method: "eth_call", params: [sent, "pending"] });
    }
    const isPriced = ["gasPrice", ...Object.keys(FEES)].some((key) => sent[key] !== undefined);
    if (!isPriced && networkConfig.gasPrice === "auto") sent = { ...sent, ...FEES };
    return next(context, connection, { ...request, params: [sent] });
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
