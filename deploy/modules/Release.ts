import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import { encodeBytes32String } from "ethers";

import AccessModule from "./Access.js";
import type { incentivesModule } from "./Incentives.js";
import LockModule from "./Lock.js";
import NodesModule from "./Nodes.js";
import ReserveModule from "./Reserve.js";
import TokenModule from "./Token.js";

/** What a parameter file decides of the shape of this module; the numbers come as Ignition parameters. */
export interface ReleaseShape {
  curves: Readonly<Record<string, unknown>>;
  transfers: readonly { label: string; to: "systemReserve" | "incentiveVault" }[];
  grants: readonly { label: string; curve: string; revocable: boolean }[];
}

/**
 * Release: consumes Token, Access, Lock, Reserve, Nodes and Incentives; stores the curves and hands out the whole supply in one transaction.
 * Curve ids are looked up by content, so curves that strangers add in between change nothing.
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
    const { genesis, token } = m.useModule(TokenModule);
    const { incentiveVault } = m.useModule(incentives);
    const holders = { systemReserve: reserve, incentiveVault };

    const vault = m.contract("ReleaseVault", [token, accessManager, reserve, lock, nodes]);

    const curveIds = new Map(
      Object.keys(shape.curves).map((name) => {
        const stages = m.getParameter(`curve_${name}`);
        const created = m.call(vault, "createCurve", [stages], { id: `create_${name}` });
        const find = { id: `find_${name}`, after: [created] };
        return [name, m.staticCall(vault, "curveIdOf", [stages], 0, find)] as const;
      }),
    );
    const transfers = shape.transfers.map(({ label, to }, i) => ({
      label: encodeBytes32String(label),
      recipient: holders[to],
      amount: m.getParameter<bigint>(`transfer_${i}_amount`),
    }));
    const grants = shape.grants.map(({ label, curve, revocable }, i) => {
      const curveId = curveIds.get(curve);
      if (curveId === undefined) throw new Error(`The allocation ${label} names no known curve.`);
      return {
        label: encodeBytes32String(label),
        beneficiary: m.getParameter<string>(`grant_${i}_beneficiary`),
        start: m.getParameter<bigint>(`grant_${i}_start`),
        curveId,
        revocable,
        amount: m.getParameter<bigint>(`grant_${i}_amount`),
      };
    });
    m.call(genesis, "distribute", [token, vault, transfers, grants]);

    return { vault };
  });
}
