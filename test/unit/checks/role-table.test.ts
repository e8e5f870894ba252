import { expect } from "chai";

import { listRoleRows, readOwnAbis, renderPrivileges } from "../../../deploy/roles/render.js";
import {
  checkRoleTable,
  renderRolesDocument,
  renderTrustDocument,
  TABLE_BEGIN,
  TABLE_END,
} from "../../../scripts/checks/role-table.js";
import { makeProject } from "../../support/project.js";

const RENDERED = "| `burn(uint256)` | anyone |\n";
const TRUST = "# Trust\n";

describe("checks/role-table", function () {
  it("fails when the document is not what is rendered", function () {
    const root = makeProject({ "docs/roles.md": RENDERED.replace("anyone", "nobody") });

    expect(() => checkRoleTable(root, RENDERED, TRUST)).to.throw("not what the code says");
  });

  it("fails when the table of the trust model is not what is rendered (SAF-4)", function () {
    const root = makeProject({ "docs/roles.md": RENDERED, "docs/trust-model.md": "# Other\n" });

    expect(() => checkRoleTable(root, RENDERED, TRUST)).to.throw(
      "docs/trust-model.md is not what the code says",
    );
  });

  it("fails when the trust model has no place for the table", async function () {
    const root = makeProject({ "docs/trust-model.md": TRUST });

    const outcome = await renderTrustDocument(root).catch((error: unknown) => error);
    expect(String(outcome)).to.contain("has no place for the table");
  });

  it("puts every privilege into the trust model, and keeps what people wrote (SAF-4)", async function () {
    const text = `# Trust\n\nKept.\n\n${TABLE_BEGIN}\n\nSTALE\n\n${TABLE_END}\n\nKept too.\n`;

    const rendered = await renderTrustDocument(makeProject({ "docs/trust-model.md": text }));

    expect(rendered).to.contain("Kept.").and.to.contain("Kept too.").and.not.to.contain("STALE");
    const rows = listRoleRows(await readOwnAbis());
    for (const { contract, signature, caller } of rows) {
      const isOpen = /^(admins|anyone|nobody|the (account|bene|owner|prov|recip|AccessM)|who)/.test(
        caller,
      );
      const name = `\`${contract}.${signature.slice(0, signature.indexOf("("))}\``;
      if (!isOpen) expect(rendered, caller).to.contain(name);
    }
    for (const name of ["`GovernanceLock.hold`", "`Meter.pause`", "`OPAGovernor.cancel`"])
      expect(rendered).to.contain(name);
    for (const name of ["`IncentiveVault.receiveDraw`", "`GenesisFactory.create`"])
      expect(rendered).to.contain(name);
  });

  it("fails for a caller of whom nobody said whether that is a privilege", async function () {
    const signature = "sweep(address)";
    const row = { contract: "Lock", signature, caller: "the treasurer", holder: "–", delay: "–" };

    const outcome = await renderPrivileges([{ ...row, worstCase: "All." }]).catch(String);

    expect(outcome).to.contain('Lock.sweep(address) for "the treasurer"');
  });

  it("fails when there is no document", function () {
    expect(() => checkRoleTable(makeProject({}), RENDERED, TRUST)).to.throw("does not exist");
  });

  it("fails when the table is empty", function () {
    const root = makeProject({ "docs/roles.md": "", "docs/trust-model.md": TRUST });
    expect(() => checkRoleTable(root, "", TRUST)).to.throw("no row");
  });

  it("counts the rows of the real table", async function () {
    const rendered = await renderRolesDocument();
    const rows = rendered.split("\n").filter((line) => line.startsWith("| `")).length;

    const root = makeProject({ "docs/roles.md": rendered, "docs/trust-model.md": TRUST });
    const found = checkRoleTable(root, rendered, TRUST);

    expect(rows).to.be.greaterThan(50);
    expect(found).to.contain(`${rows} functions`);
  });
});
