import { expect } from "chai";

import { checkParameters } from "../../../scripts/checks/parameters.js";
import { readText, ROOT } from "../../../scripts/checks/files.js";
import { makeProject } from "../../support/project.js";

const TESTNET = "deploy/parameters/testnet.json5";
const real = {
  [TESTNET]: readText(ROOT, TESTNET),
  ".env.example": readText(ROOT, ".env.example"),
};

describe("checks/parameters", function () {
  for (const [what, from, to] of [
    ["a value out of its range", '"320000000"', '"320000001"'],
    ["a broken file", "{", "{{"],
    ["a key that nobody reads", "settlementWindow:", "settlementWindows:"],
  ] as const) {
    it(`fails for ${what}`, function () {
      const content = readText(ROOT, TESTNET).replace(from, to);
      const root = makeProject({ ...real, [TESTNET]: content });

      expect(() => checkParameters(root)).to.throw(`${TESTNET}: `);
    });
  }

  it("fails for a variable that the example does not name", function () {
    const example = real[".env.example"].replace("OPA_REPORTER_ADDRESS=", "REPORTER_ADDRESS=");
    const root = makeProject({ ...real, ".env.example": example });

    expect(() => checkParameters(root)).to.throw(
      "OPA_REPORTER_ADDRESS is taken from the environment",
    );
  });

  it("fails when there is no file", function () {
    expect(() => checkParameters(makeProject({}))).to.throw("no parameter file");
  });

  it("takes the file of the test network with any addresses", function () {
    expect(checkParameters(makeProject(real))).to.equal("testnet can be deployed from");
  });
});
