import { expect } from "chai";

import { checkInvariants, parseInvariants } from "../../../scripts/checks/invariants.js";
import { makeProject } from "../../support/project.js";

const ID = ["ABC", "I1"].join("-"); // put together, so that the check does not take it for an invariant of ours
const STRAY = ["ABC", "I2"].join("-");
const SOLIDITY = "test/invariant/A.invariant.t.sol";
const TYPESCRIPT = "test/unit/A.test.ts";

function entry(id: string, { formula = "`a == b`", why = "Or else.", test = "invariant_Holds" }) {
  return `### ${id}\n\n${formula}\n\n${why}\n\n- [A](../${SOLIDITY}): \`${test}\`\n\n`;
}

function project(document: string, tests: Record<string, string> = {}): string {
  return makeProject({
    [SOLIDITY]: `function invariant_Holds() public view { assert(true, "${ID}: a"); }`,
    "docs/invariants.md": `# Invariants\n\n${document}`,
    ...tests,
  });
}

describe("checks/invariants", function () {
  it("fails for a document without entries", function () {
    expect(() => checkInvariants(project(""))).to.throw("lists no invariant");
  });

  it("fails for a heading that is no id", function () {
    expect(() => checkInvariants(project(entry("Supply", {})))).to.throw('the heading "Supply"');
  });

  it("fails for an id that is listed twice", function () {
    const document = entry(ID, {}) + entry(ID, {});

    expect(() => checkInvariants(project(document))).to.throw(`lists ${ID} twice`);
  });

  for (const missing of [{ formula: "" }, { why: "" }]) {
    it(`fails for an entry with ${JSON.stringify(missing)}`, function () {
      expect(() => checkInvariants(project(entry(ID, missing)))).to.throw(`${ID} lacks`);
    });
  }

  it("fails for an entry without a test", function () {
    const document = `### ${ID}\n\n\`a == b\`\n\nOr else.\n`;

    expect(() => checkInvariants(project(document))).to.throw(`${ID} names no test`);
  });

  it("fails for a test that does not exist, also if its name is in a comment", function () {
    const document = entry(ID, { test: "invariant_Hold" });
    const tests = { "test/unit/B.test.ts": "// invariant_Hold" };

    expect(() => checkInvariants(project(document, tests))).to.throw('the test "invariant_Hold"');
  });

  it("fails for a file that does not exist", function () {
    const document = entry(ID, {}).replace(SOLIDITY, "test/none.t.sol");

    expect(() => checkInvariants(project(document))).to.throw("test/none.t.sol does not exist");
  });

  it("fails for a label with an id that is not listed", function () {
    const tests = { [TYPESCRIPT]: `it("keeps ${STRAY}", function () {});` };

    expect(() => checkInvariants(project(entry(ID, {}), tests))).to.throw(`${STRAY}, which is not`);
  });

  it("fails for a contract that names an id that is not listed", function () {
    const tests = { "contracts/A.sol": `/// @dev Invariants: ${STRAY}.` };

    expect(() => checkInvariants(project(entry(ID, {}), tests))).to.throw(`${STRAY}, which is not`);
  });

  it("fails for an id that none of its files names", function () {
    const tests = { [SOLIDITY]: "function invariant_Holds() public view {}" };

    expect(() => checkInvariants(project(entry(ID, {}), tests))).to.throw(`${ID} is named by none`);
  });

  it("takes several tests, by function and by title", function () {
    const document = `${entry(ID, {}).trimEnd()}\n- [B](../${TYPESCRIPT}): \`adds up\`, \`holds\`\n`;
    const tests = { [TYPESCRIPT]: 'it("adds up", f);\nit(\n  "holds",\n  f);' };

    expect(checkInvariants(project(document, tests))).to.contain("1 invariants are held by 3");
  });

  it("reads formula and reason", function () {
    expect(parseInvariants(entry(ID, {}))[0]).to.include({
      id: ID,
      formula: "`a == b`",
      why: "Or else.",
    });
  });
});
