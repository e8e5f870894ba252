import { expect } from "chai";

import { checkCoverage } from "../../../scripts/checks/coverage.js";
import { makeProject } from "../../support/project.js";

const TABLE = "## Lines no test reaches\n\n| file | line | why |\n| --- | --- | --- |\n";

function project(report: string, decisions = ""): string {
  return makeProject({ "coverage/lcov.info": report, "docs/decisions.md": decisions });
}

const REPORT = "SF:contracts/a/A.sol\nDA:3,1\nDA:4,0\nend_of_record\nSF:bench/B.sol\nDA:1,0\n";

describe("checks/coverage", function () {
  it("fails for a line that no test reaches", function () {
    expect(() => checkCoverage(project(REPORT))).to.throw("No test reaches contracts/a/A.sol:4.");
  });

  it("fails for an excuse without a reason, or outside the section", function () {
    const silent = `${TABLE}| \`contracts/a/A.sol\` | 4 |  |\n`;
    const elsewhere = "## Other\n\n| `contracts/a/A.sol` | 4 | because |\n";

    expect(() => checkCoverage(project(REPORT, silent))).to.throw("No test reaches");
    expect(() => checkCoverage(project(REPORT, elsewhere))).to.throw("No test reaches");
  });

  it("fails for an excuse that is not needed", function () {
    const decisions = `${TABLE}| \`contracts/a/A.sol\` | 3 | because |\n`;

    expect(() => checkCoverage(project(REPORT.replace("4,0", "4,2"), decisions))).to.throw(
      "excuses contracts/a/A.sol:3, which need no excuse",
    );
  });

  it("fails for a report without lines of contracts/, or without a report", function () {
    expect(() => checkCoverage(project("SF:bench/B.sol\nDA:1,1\n"))).to.throw("has no line");
    expect(() => checkCoverage(makeProject({}))).to.throw("lcov.info does not exist");
  });

  it("takes a line that is excused", function () {
    const decisions = `${TABLE}| \`contracts/a/A.sol\` | 4 | because |\n`;

    expect(checkCoverage(project(REPORT, decisions))).to.equal(
      "1 lines are reached, 1 are excused",
    );
  });
});
