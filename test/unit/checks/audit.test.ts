import { expect } from "chai";

import type { Layout } from "../../../scripts/audit/layouts.js";
import { renderConstants, renderScope, renderStorage } from "../../../scripts/audit/render.js";
import { countCode, readConstants, readScope } from "../../../scripts/audit/scope.js";
import { checkAudit, requireSharedStorage } from "../../../scripts/checks/audit.js";
import { makeProject } from "../../support/project.js";

const WORD = { label: "_a", slot: 0n, offset: 0, bytes: 32, type: "uint256" };
const FLAG = { label: "_b", slot: 1n, offset: 20, bytes: 1, type: "bool" };

const layout = (contract: string, ...variables: Layout["variables"]): Layout => ({
  ...{ contract, variables, structs: new Map([["struct I.Pause", [FLAG]]]) },
});

const CONTRACTS = {
  "contracts/interfaces/IA.sol": `interface IA {
    /// @notice Seconds of the delay, see
    /// {IB-wait}. More text.
    /// @dev Not this.
    function DELAY() external view returns (uint48);
}
`,
  "contracts/A.sol": `// SPDX
/* block
   comment */
contract A is IA {

    /// @inheritdoc IA
    uint48 public constant DELAY = 2 days; // trailing
    string private constant URL = "https://example.org";
}
`,
  "contracts/parts/B.sol": "abstract contract B {}\n",
  "contracts/libraries/C.sol": "library C {}\n",
};

describe("checks/audit (INT-5)", function () {
  it("fails for a document that differs from its rendering, and names the command", function () {
    const root = makeProject({ "docs/audit/scope.md": "old\n" });

    expect(() => checkAudit(root, new Map([["docs/audit/scope.md", "new\n"]]))).to.throw(
      "docs/audit/scope.md is not up to date; `npm run audit-docs` renews it.",
    );
    expect(checkAudit(root, new Map([["docs/audit/scope.md", "old\n"]]))).to.equal(
      "docs/audit/scope.md agree with the contracts",
    );
  });

  it("fails for an extension whose storage does not begin with that of its contract", function () {
    const layouts = [layout("A", WORD), layout("B", WORD, FLAG), layout("C", FLAG, WORD)];

    expect(() => {
      requireSharedStorage(layouts, "A", "B");
    }).not.to.throw();
    for (const other of ["C", "missing"]) {
      expect(() => {
        requireSharedStorage(layouts, "A", other);
      }).to.throw(`${other} does not begin with the storage layout of A.`);
    }
  });

  it("renders slots, and each struct once", async function () {
    const text = await renderStorage([layout("A", WORD), layout("B", WORD, FLAG)]);

    expect(text).to.contain("| 0    | 0      | 32    | `_a`     | `uint256` |");
    expect(text).to.contain("| 1    | 20     | 1     | `_b`     | `bool`    |");
    expect(text.split("### I.Pause")).to.have.length(2);
  });

  it("counts lines with code, and sorts files by kind", async function () {
    const root = makeProject(CONTRACTS);
    const files = readScope(root);

    expect(countCode(CONTRACTS["contracts/A.sol"])).to.equal(4);
    expect(files.map(({ kind, code }) => [kind, code])).to.deep.equal([
      ["contract", 4],
      ["interface", 3],
      ["library", 1],
      ["part", 1],
    ]);
    expect(await renderScope(files)).to.match(/\| all +\| 4 +\| 9 +\|/);
  });

  it("lists public constants with the first sentence of their documentation", async function () {
    const constants = readConstants(makeProject(CONTRACTS));

    expect(constants).to.deep.equal([
      {
        ...{ contract: "A", name: "DELAY", value: "2 days" },
        meaning: "Seconds of the delay, see {IB-wait}.",
      },
    ]);
    expect(await renderConstants(constants)).to.contain("Seconds of the delay, see `wait`.");
  });

  it("fails for a public constant without documentation", function () {
    const root = makeProject({ ...CONTRACTS, "contracts/interfaces/IA.sol": "interface IA {}\n" });

    expect(() => readConstants(root)).to.throw("contracts/A.sol does not document DELAY");
  });
});
