import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import { encodeBytes32String } from "ethers";

import AccessModule from "./Access.js";
import type { incentivesModule } from "./Incentives.js";
import LockModule from "./Lock.js";
import NodesModule from "./Nodes.js";
import ReserveModule from "./Reserve.js";
import TokenModule from "./Token.js";

/** Parts of a parameter file that shape this module; the numbers are Ignition parameters. */
export interface ReleaseShape {
  curves: Readonly<Record<string, unknown>>;
  transfers: readonly { label: string; to: "systemReserve" | "incentiveVault" }[];
  grants: readonly { label: string; curve: string; revocable: boolean }[];
}

/**
 * Release: consumes Token, Access, Lock, Reserve, Nodes and Incentives; hands out the whole supply in one transaction. The genesis looks curves up by content, so curves that strangers add in between change nothing.
 */
export function releaseModule(
  shape: ReleaseShape,
  incentives: ReturnType<typeof incentivesModule>,
) {
  return buildModule("Release", (m) => {
    const { accessManager } = m.useModule(AccessModule);
    const { lock } = m.useModule(LockModule);
    const { reserve } = m.useModule(ReserveModule);
    const { nodes } = m.useModule(NodesModule);
    const { factory, token } = m.useModule(TokenModule);
    const { incentiveVault } = m.useModule(incentives);
    const holders = { systemReserve: reserve, incentiveVault };

    const vault = m.contract("ReleaseVault", [token, accessManager, reserve, lock, nodes]);

    const names = Object.keys(shape.curves);
    const curves = names.map((name) => m.getParameter(`curve_${name}`));
    const transfers = shape.transfers.map(({ label, to }, i) => ({
      label: encodeBytes32String(label),
      recipient: holders[to],
      amount: m.getParameter<bigint>(`transfer_${i}_amount`),
    }));
    const grants = shape.grants.map(({ label, curve, revocable }, i) => ({
      label: encodeBytes32String(label),
      beneficiary: m.getParameter<string>(`grant_${i}_beneficiary`),
      start: m.getParameter<bigint>(`grant_${i}_start`),
      curve: names.indexOf(curve),
      revocable,
      amount: m.getParameter<bigint>(`grant_${i}_amount`),
    }));
    m.call(factory, "create", [token, vault, curves, transfers, grants], {
      id: "distribute",
    });

    return { vault };
  });
}
