import { expect } from "chai";
import { id } from "ethers";

import { CONTRACTS } from "../../deploy/lib/manifest.js";
import { PERMISSIONS } from "../../deploy/roles/table.js";
import { GOVERNED } from "../../deploy/verify/changes.js";
import { listEmittingFunctions, type EmittingFunction } from "../support/emitted-events.js";

/** Selectors, without 0x, of the functions of a contract for governance alone. */
function governedSelectors(contract: string): Set<string> {
  const address = contract === "MeterExtension" ? "Meter" : contract;
  return new Set(
    PERMISSIONS.filter((entry) => entry.contract === address && entry.role === "GOVERNANCE").map(
      ({ signature }) => id(signature).slice(2, 10),
    ),
  );
}

/** Events of each contract that only a decision can cause. */
async function eventsOfDecisions(): Promise<{ events: Set<string>; functions: number }> {
  const events = new Set<string>();
  let count = 0;
  for (const contract of Object.values(CONTRACTS)) {
    const governed = governedSelectors(contract);
    const isGoverned = ({ selector, modifiers }: EmittingFunction) =>
      governed.has(selector) || modifiers.includes("onlyGovernance");
    const functions = (await listEmittingFunctions(contract)).filter(
      ({ isStateChanging }) => isStateChanging,
    );
    const others = new Set(
      functions.filter((entry) => !isGoverned(entry)).flatMap((entry) => [...entry.events]),
    );
    for (const entry of functions.filter(isGoverned)) {
      count += governed.has(entry.selector) ? 1 : 0;
      for (const event of entry.events) if (!others.has(event)) events.add(event);
    }
  }
  return { events, functions: count };
}

describe("changes that only a decision can cause (INT-2)", function () {
  it("are known to the verifier by every event of every governed function, and by no other", async function () {
    const { events, functions } = await eventsOfDecisions();

    const governed = PERMISSIONS.filter(({ role }) => role === "GOVERNANCE");
    expect(functions, "governed functions in the sources").to.equal(governed.length);
    expect([...GOVERNED].sort()).to.deep.equal([...events].sort());
  });
});
