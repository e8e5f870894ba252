import { readFile } from "node:fs/promises";
import path from "node:path";

import { expect } from "chai";

import { lineCodesOf, REASONS, reasonOf } from "../../../sdk/index.js";

const SOURCE = "../../../contracts/interfaces/types/Metering.sol";

describe("sdk/reasons", function () {
  it("names every code as the contracts do, in their order", async function () {
    const source = await readFile(path.join(import.meta.dirname, SOURCE), "utf8");
    const code = source.replace(/\/\/\/.*/g, "");
    const names = /enum Reason \{([^}]*)\}/.exec(code)?.[1]?.match(/\w+/g);

    expect(REASONS.map(({ name }) => name)).to.deep.equal(names);
  });

  it("names a code for every line of a statement that settles whole, and none for one that is skipped", function () {
    expect(lineCodesOf({ reason: 0n, reasons: [] }, 2)).to.deep.equal([0n, 0n]);
    expect(lineCodesOf({ reason: 0n, reasons: [0n, 19n] }, 2)).to.deep.equal([0n, 19n]);
    expect(lineCodesOf({ reason: 3n, reasons: [] }, 2)).to.deep.equal([]);
  });

  it("finds a reason by its code", function () {
    expect(reasonOf(0n)).to.deep.equal({ code: 0n, name: "None", outlook: "done" });
    expect(reasonOf(3n)).to.deep.equal({ code: 3n, name: "DeadlineExpired", outlook: "never" });
    expect(reasonOf(28n)).to.deep.equal({
      code: 28n,
      name: "OrganisationTotalExceeded",
      outlook: "later",
    });
  });

  it("calls only settled and repeated lines done", function () {
    const done = REASONS.filter(({ outlook }) => outlook === "done").map(({ name }) => name);

    expect(done).to.deep.equal(["None", "NothingNew"]);
  });

  for (const code of [-1n, 33n])
    it(`refuses code ${code}`, function () {
      expect(() => reasonOf(code)).to.throw(
        `There is no reason with code ${code}; the contract may be newer.`,
      );
    });
});
