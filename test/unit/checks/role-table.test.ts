import { expect } from "chai";

import { checkRoleTable, renderRolesDocument } from "../../../scripts/checks/role-table.js";
import { makeProject } from "../../support/project.js";

const RENDERED = "| `burn(uint256)` | anyone |\n";

describe("checks/role-table", function () {
  it("fails when the document is not what is rendered", function () {
    const root = makeProject({ "docs/roles.md": RENDERED.replace("anyone", "nobody") });

    expect(() => checkRoleTable(root, RENDERED)).to.throw("not what the code says");
  });

  it("fails when there is no document", function () {
    expect(() => checkRoleTable(makeProject({}), RENDERED)).to.throw("does not exist");
  });

  it("fails when the table is empty", function () {
    expect(() => checkRoleTable(makeProject({ "docs/roles.md": "" }), "")).to.throw("no row");
  });

  it("counts the rows of the real table", async function () {
    const rendered = await renderRolesDocument();
    const rows = rendered.split("\n").filter((line) => line.startsWith("| `")).length;

    const found = checkRoleTable(makeProject({ "docs/roles.md": rendered }), rendered);

    expect(rows).to.be.greaterThan(50);
    expect(found).to.contain(`${rows} functions`);
  });
});
