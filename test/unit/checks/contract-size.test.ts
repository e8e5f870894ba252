import { expect } from "chai";

import { checkContractSizes } from "../../../scripts/checks/contract-size.js";

describe("checks/contract-size", function () {
  it("fails for one byte of code too many", function () {
    const sizes = [{ name: "Wide", runtime: 24_577, init: 30_000 }];

    expect(() => checkContractSizes(sizes)).to.throw("Wide has 24577 bytes of code");
  });

  it("fails for one byte of init code too many", function () {
    const sizes = [{ name: "Heavy", runtime: 1, init: 49_153 }];

    expect(() => checkContractSizes(sizes)).to.throw("Heavy has 49153 bytes of init code");
  });

  it("fails when nothing was built", function () {
    expect(() => checkContractSizes([])).to.throw("No contract is built");
  });

  it("names the largest of those that just fit", function () {
    const sizes = [
      { name: "Small", runtime: 10, init: 49_152 },
      { name: "Large", runtime: 24_576, init: 24_600 },
    ];

    expect(checkContractSizes(sizes)).to.equal(
      "2 contracts fit; the largest is Large with 24576 of 24576 bytes",
    );
  });
});
