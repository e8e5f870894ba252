import { expect } from "chai";

import { listRoleRows, readOwnAbis, renderRoleTable } from "../../deploy/roles/render.js";

describe("role table (ACL-I1, SAF-4)", function () {
  it("has a decision for every state-changing function of every contract", async function () {
    const abis = await readOwnAbis();

    expect(Object.keys(abis).sort()).to.deep.equal([
      "AccessPolicy",
      "Attestations",
      "GenesisFactory",
      "GovernanceLock",
      "IncentivePool",
      "IncentiveVault",
      "Meter",
      "NodeRegistry",
      "NodeSlashing",
      "OPAGovernor",
      "OPAToken",
      "ReleaseVault",
      "ResourceRegistry",
      "Settlement",
      "StageCapCondition",
      "SystemDirectory",
      "SystemReserve",
      "SystemTimelock",
    ]);
    expect(listRoleRows(abis).length).to.be.greaterThan(50);
  });

  it("throws for a function that nobody decided about", async function () {
    const abis = { ...(await readOwnAbis()), NodeRegistry: ["function sweep(address to)"] };

    expect(() => listRoleRows(abis)).to.throw(
      "NodeRegistry.sweep(address) has no row in the role table.",
    );
  });

  it("throws for a contract that nobody decided about", async function () {
    const abis = { ...(await readOwnAbis()), Treasury: ["function pay(address to)"] };

    expect(() => listRoleRows(abis)).to.throw(
      "Treasury.pay(address) has no row in the role table.",
    );
  });

  it("throws for a decision about a function that does not exist", async function () {
    const abis = { ...(await readOwnAbis()), NodeRegistry: ["function exit()"] };

    expect(() => listRoleRows(abis)).to.throw("has a row but does not exist.");
  });

  it("leaves out functions that only read", function () {
    expect(() =>
      listRoleRows({ GenesisFactory: ["function peek() view returns (uint256)"] }),
    ).to.throw("has a row but does not exist.");
  });

  it("names role, holder and delay in the document", async function () {
    const document = await renderRoleTable();

    expect(document).to.include("| METER | 1 | Settlement | none |");
    expect(document).to.include(
      "| GOVERNANCE | 2 | SystemTimelock | a vote and the timelock, 49 hours at least |",
    );
    expect(document).to.include("| `revoke(uint256)` | GOVERNANCE | SystemTimelock |");
    expect(document).to.include("| `claim(uint256)` | anyone | – | – |");
  });
});
