import { expect } from "chai";

import { checkAbuseCases } from "../../../scripts/checks/abuse-cases.js";
import { makeProject } from "../../support/project.js";

const TEST = "test/unit/A.test.ts";
const ROWS = `| 1 | a | [A](../${TEST}): \`reverts\` |\n| 2 | b | Never. |\n`;
const LAST = "| 3 | c | Accepted. |\n";

function project(document: string): string {
  return makeProject({ [TEST]: 'it("reverts", f);', "docs/abuse-cases.md": document });
}

describe("checks/abuse-cases", function () {
  it("fails for a test that does not exist", function () {
    const root = project(ROWS.replace("reverts", "burns") + LAST);

    expect(() => checkAbuseCases(root, 3)).to.throw('Abuse case 1 names the test "burns"');
  });

  it("fails for a case without an answer", function () {
    const root = project(ROWS.replace("Never.", "") + LAST);

    expect(() => checkAbuseCases(root, 3)).to.throw("Abuse case 2 has no answer");
  });

  it("fails for a case that is missing, listed twice, or unknown", function () {
    expect(() => checkAbuseCases(project(ROWS), 3)).to.throw("lists case 3 0 times");
    expect(() => checkAbuseCases(project(ROWS + ROWS + LAST), 3)).to.throw("case 1 2 times");
    expect(() => checkAbuseCases(project(ROWS + LAST), 2)).to.throw("more than 2 cases");
  });

  it("counts the answered cases", function () {
    expect(checkAbuseCases(project(ROWS + LAST), 3)).to.equal("3 cases are answered");
  });
});
