import { expect } from "chai";

import { checkRequirementIds } from "../../../scripts/checks/requirement-ids.js";
import { makeProject } from "../../support/project.js";

const rows = (...ids: string[]): string => ids.map((id) => `| ${id} | text |\n`).join("");

const named = {
  "test/unit/A.test.ts": "TOK-1, TOK-2",
  "docs/requirements.md": rows("TOK-1", "TOK-2"),
};
const claimed = ["TOK-1", "TOK-2"];

describe("checks/requirement-ids", function () {
  it("fails for an id that no test names, whatever its beginning", function () {
    const root = makeProject({ ...named, "test/unit/A.test.ts": "TOK-1, TOK-20" });

    expect(() => checkRequirementIds(root, claimed)).to.throw("No test names TOK-2.");
  });

  it("fails for an id that only a test of the checks names", function () {
    const root = makeProject({
      ...named,
      "test/unit/A.test.ts": "",
      "test/unit/checks/a.test.ts": "TOK-1",
    });

    expect(() => checkRequirementIds(root, ["TOK-1"])).to.throw("No test names TOK-1.");
  });

  it("fails for an id without a row in the document", function () {
    const root = makeProject({ ...named, "docs/requirements.md": `${rows("TOK-2")}TOK-1\n` });

    expect(() => checkRequirementIds(root, claimed)).to.throw(
      "docs/requirements.md has no row for TOK-1.",
    );
  });

  for (const [fault, ids] of [
    ["a row that is not claimed", ["TOK-1", "TOK-2", "TOK-3"]],
    ["rows in another order", ["TOK-2", "TOK-1"]],
  ] as const) {
    it(`fails for ${fault}`, function () {
      const root = makeProject({ ...named, "docs/requirements.md": rows(...ids) });

      expect(() => checkRequirementIds(root, claimed)).to.throw("has other rows, or another order");
    });
  }

  it("counts requirements with row and test", function () {
    expect(checkRequirementIds(makeProject(named), claimed)).to.contain("2 requirements");
  });
});
