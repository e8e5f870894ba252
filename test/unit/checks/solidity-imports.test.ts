import { expect } from "chai";

import { checkSolidityImports } from "../../../scripts/checks/solidity-imports.js";
import { makeProject } from "../../support/project.js";

const file = (...imports: string[]) =>
  imports.map((target) => `import {\n    A,\n    B\n} from "${target}";\n`).join("");

describe("checks/solidity-imports", function () {
  it("fails for two folders that import each other", function () {
    const root = makeProject({
      "contracts/safety/A.sol": file("../metering/B.sol"),
      "contracts/metering/B.sol": file("../safety/A.sol"),
    });

    expect(() => checkSolidityImports(root)).to.throw(
      "Folders import each other: metering → safety → metering.",
    );
  });

  it("fails for a circle of three folders", function () {
    const root = makeProject({
      "contracts/a/A.sol": file("./C.sol", "../b/B.sol"),
      "contracts/b/B.sol": file("../c/C.sol"),
      "contracts/c/C.sol": file("@openzeppelin/contracts/X.sol", "../a/A.sol"),
    });

    expect(() => checkSolidityImports(root)).to.throw("Folders import each other: a → b → c → a.");
  });

  it("takes arrows in one direction, and counts types as interfaces", function () {
    const root = makeProject({
      "contracts/a/A.sol": file("./B.sol", "../interfaces/types/T.sol", "../interfaces/I.sol"),
      "contracts/a/B.sol": file("../b/B.sol"),
      "contracts/interfaces/I.sol": file("./types/T.sol"),
    });

    expect(checkSolidityImports(root)).to.equal(
      "2 arrows between folders of contracts/ and no circle",
    );
  });
});
