import { expect } from "chai";

import { checkReasons } from "../../../scripts/checks/reasons.js";
import { makeProject } from "../../support/project.js";

const FILE = "contracts/interfaces/types/Metering.sol";

const EXPECTED = [
  { name: "None", outlook: "done" },
  { name: "NoLines", outlook: "never" },
] as const;

const project = (...lines: string[]): string =>
  makeProject({
    [FILE]: [
      ...["library Metering {", "    enum Category {", "        A", "    }"],
      ...["", "    enum Reason {", ...lines.map((line) => `        ${line}`), "    }", "}", ""],
    ].join("\n"),
  });

describe("checks/reasons", function () {
  for (const [fault, comment] of [
    ["without a comment", []],
    ["that does not say what to do", ["/// @dev Permanent: no line."]],
  ] as const) {
    it(`fails for a reason code ${fault}`, function () {
      const root = project("/// @dev Settled.", "None,", ...comment, "NoLines");

      expect(() => checkReasons(root, EXPECTED)).to.throw(
        "Reason.NoLines does not say what it means and what to do.",
      );
    });
  }

  it("fails for a permanent reason code that does not say so, and for one that wrongly does", function () {
    const silent = project(
      "/// @dev Settled.",
      "None,",
      "/// @dev No line. Sign again.",
      "NoLines",
    );
    const wrong = project("/// @dev Permanent.", "None,", "/// @dev Permanent. Sign.", "NoLines");

    expect(() => checkReasons(silent, EXPECTED)).to.throw("Reason.NoLines is permanent");
    expect(() => checkReasons(wrong, EXPECTED)).to.throw("Reason.None is not permanent");
  });

  it("fails for other reason codes than those of the library, and for none", function () {
    const root = project("/// @dev Settled.", "None");

    expect(() => checkReasons(root, EXPECTED)).to.throw(`other reasons than ${FILE}: None.`);
    expect(() => checkReasons(makeProject({ [FILE]: "" }), EXPECTED)).to.throw(": none.");
  });

  it("counts reason codes with meaning and remedy, over several lines too", function () {
    const comment = ["/// @dev Permanent: no line.", "/// Sign again."];

    expect(
      checkReasons(project("/// @dev Settled.", "None,", ...comment, "NoLines"), EXPECTED),
    ).to.equal("2 reason codes say what they mean and what to do");
  });
});
