/** Loaded by mocha in each of its processes: makes chains of tests cheaper. */
import hre from "hardhat";
import type { NetworkHooks } from "hardhat/types/hooks";

import { omitTraces } from "./traces.js";

const GAS = "0x1000000"; // the most that a transaction may have (EIP-7825)
const FEES = { maxFeePerGas: "0x4a817c800", maxPriorityFeePerGas: "0x3b9aca00" }; // 20 and 1 gwei

hre.hooks.registerHandlers("network", { onRequest: sendUnestimated() });
if (process.env["TRACES"] === "0") omitTraces();

/**
 * Sends a transaction that has no gas limit with the highest one. Hardhat would estimate it, which runs the transaction up
 * to ten times. One call refuses the same transactions before they are mined.
 */
function sendUnestimated(): NetworkHooks["onRequest"] {
  return async (context, connection, request, next) => {
    const { networkConfig, provider } = connection;
    const [transaction] = Array.isArray(request.params) ? (request.params as unknown[]) : [];
    const isEstimated =
      request.method === "eth_sendTransaction" &&
      networkConfig.type === "edr-simulated" &&
      networkConfig.gas === "auto" &&
      isObject(transaction) &&
      transaction["gas"] === undefined;
    if (!isEstimated) return next(context, connection, request);

    const limited: Record<string, unknown> = { ...transaction, gas: GAS };
    await provider.request({ method: "eth_call", params: [limited, "pending"] });
    const isPriced = ["gasPrice", ...Object.keys(FEES)].some((key) => limited[key] !== undefined);
    const params = [isPriced ? limited : { ...limited, ...FEES }];
    return next(context, connection, { ...request, params });
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
