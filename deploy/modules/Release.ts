import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import { encodeBytes32String } from "ethers";

import AccessModule from "./Access.js";
import type { incentivesModule } from "./Incentives.js";
import TokenModule from "./Token.js";

/** What a parameter file decides of the shape of this module; the numbers come as Ignition parameters. */
export interface ReleaseShape {
  curves: Readonly<Record<string, unknown>>;
  transfers: readonly { label: string; to: "timelock" | "incentivePool" }[];
  grants: readonly { label: string; curve: string; revocable: boolean }[];
}

/**
 * Release: consumes Token, Access and Incentives; stores the curves, hands out the whole supply in one transaction and has the
 * pool count its part. Curve ids are looked up by content, so curves that strangers add in between change nothing.
 */
export function releaseModule(
  shape: ReleaseShape,
  incentives: ReturnType<typeof incentivesModule>,
) {
  return buildModule("Release", (m) => {
    const { timelock, accessManager } = m.useModule(AccessModule);
    const { genesis, token } = m.useModule(TokenModule);
    const { pool } = m.useModule(incentives);
    const holders = { timelock, incentivePool: pool };

    const vault = m.contract("ReleaseVault", [token, accessManager, timelock]);

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
    const distributed = m.call(genesis, "distribute", [token, vault, transfers, grants]);
    if (shape.transfers.some(({ to }) => to === "incentivePool"))
      m.call(pool, "absorb", [], { after: [distributed] });

    return { vault };
  });
}
