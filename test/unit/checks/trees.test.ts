import { expect } from "chai";

import { checkTrees } from "../../../scripts/checks/trees.js";
import { makeProject } from "../../support/project.js";

const TREE = "claim\n├── given nothing\n│   └── it reverts\n└── it pays, once\n";
const TEST = 'it("reverts", f);\nit("pays, once", f);';

function project(tree: string, test: string): string {
  return makeProject({ "test/unit/A.claim.tree": tree, "test/unit/A.test.ts": test });
}

describe("checks/trees", function () {
  it("fails for a leaf without a test", function () {
    const test = TEST.replace("pays, once", "pays");

    expect(() => checkTrees(project(TREE, test))).to.throw('the leaf "pays, once"');
  });

  it("fails for a leaf that only a comment names", function () {
    expect(() => checkTrees(project(TREE, '// reverts\nit("pays, once", f);'))).to.throw(
      'the leaf "reverts"',
    );
  });

  it("fails for a tree without leaves", function () {
    expect(() => checkTrees(project("claim\n", TEST))).to.throw("has no leaf");
  });

  it("fails for a tree without a test file", function () {
    const root = makeProject({ "test/unit/A.claim.tree": TREE });

    expect(() => checkTrees(root)).to.throw("test/unit/A.test.ts does not exist");
  });

  it("fails when there is no tree", function () {
    expect(() => checkTrees(makeProject({}))).to.throw("no tree");
  });

  it("counts leaves", function () {
    expect(checkTrees(project(TREE, TEST))).to.equal("2 leaves of 1 trees have their test");
  });
});
