import { expect } from "chai";

import { checkRequirementIds } from "../../../scripts/checks/requirement-ids.js";
import { makeProject } from "../../support/project.js";

const named = { "test/unit/A.test.ts": "TOK-1, TOK-2", "docs/a.md": "TOK-1 and TOK-2" };
const claimed = ["TOK-1", "TOK-2"];

describe("checks/requirement-ids", function () {
  it("fails for an id that no test names, whatever its beginning", function () {
    const root = makeProject({ ...named, "test/unit/A.test.ts": "TOK-1, TOK-20" });

    expect(() => checkRequirementIds(root, claimed)).to.throw("No test names TOK-2.");
  });

  it("fails for an id that only a test of the checks names", function () {
    const root = makeProject({ "docs/a.md": "TOK-1", "test/unit/checks/a.test.ts": "TOK-1" });

    expect(() => checkRequirementIds(root, ["TOK-1"])).to.throw("No test names TOK-1.");
  });

  it("fails for an id that no document names", function () {
    const root = makeProject({ ...named, "docs/a.md": "TOK-2" });

    expect(() => checkRequirementIds(root, claimed)).to.throw("No document names TOK-1.");
  });

  it("counts what is named", function () {
    expect(checkRequirementIds(makeProject(named), claimed)).to.contain("2 requirements");
  });
});
