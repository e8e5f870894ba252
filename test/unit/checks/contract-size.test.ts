import { expect } from "chai";

import { checkContractSizes, type ContractSize } from "../../../scripts/checks/contract-size.js";
import { SHIPPED } from "../../../tools/compiler/settings.js";

function sizeOf(name: string, runtime: number, init: number): ContractSize {
  return { name, runtime, init, source: `contracts/${name}.sol`, settings: SHIPPED };
}

describe("checks/contract-size", function () {
  it("fails for one byte of code too many", function () {
    const sizes = [sizeOf("Wide", 24_577, 30_000)];

    expect(() => checkContractSizes(sizes)).to.throw("Wide has 24577 bytes of code");
  });

  it("fails for one byte of init code too many", function () {
    const sizes = [sizeOf("Heavy", 1, 49_153)];

    expect(() => checkContractSizes(sizes)).to.throw("Heavy has 49153 bytes of init code");
  });

  it("fails when nothing was built", function () {
    expect(() => checkContractSizes([])).to.throw("No contract is built");
  });

  it("fails for a contract that was built with other settings than it ships with", function () {
    const optimizer = { enabled: true, runs: 200 };
    const changes = [{ viaIR: false }, { optimizer }, { evmVersion: "paris" }];

    for (const change of changes) {
      const sizes = [{ ...sizeOf("Other", 1, 1), settings: { ...SHIPPED, ...change } }];
      expect(() => checkContractSizes(sizes)).to.throw("Other is not built with the settings");
    }
  });

  it("takes the fewer runs of a contract that needs them, and no others", function () {
    const source = "contracts/governance/OPAGovernor.sol";
    const settings = { ...SHIPPED, optimizer: { enabled: true, runs: 800 } };

    expect(checkContractSizes([{ ...sizeOf("OPAGovernor", 1, 1), source, settings }])).to.match(
      /^1 contracts fit/,
    );
    expect(() => checkContractSizes([{ ...sizeOf("OPAGovernor", 1, 1), source }])).to.throw(
      "OPAGovernor is not built with the settings",
    );
  });

  it("names the largest of those that just fit", function () {
    const sizes = [sizeOf("Small", 10, 49_152), sizeOf("Large", 24_576, 24_600)];

    expect(checkContractSizes(sizes)).to.equal(
      "2 contracts fit; the largest is Large with 24576 of 24576 bytes",
    );
  });
});
