import { expect } from "chai";

import { checkWithoutIr } from "../../../scripts/checks/without-ir.js";

describe("checks/without-ir", function () {
  it("fails for a contract that only IR compiles", function () {
    const errors = ["Stack too deep. --> contracts/A.sol:1:1"];

    expect(() => checkWithoutIr({ files: 9, errors })).to.throw("Without IR: Stack too deep");
  });

  it("counts the files that compile", function () {
    expect(checkWithoutIr({ files: 9, errors: [] })).to.equal(
      "9 files of contracts/ compile without IR",
    );
  });
});
