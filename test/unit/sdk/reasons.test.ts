import { readFile } from "node:fs/promises";
import path from "node:path";

import { expect } from "chai";

import { REASONS, reasonOf } from "../../../sdk/index.js";

const SOURCE = "../../../contracts/interfaces/types/Metering.sol";

describe("sdk/reasons", function () {
  it("names every code as the contracts do, in their order", async function () {
    const source = await readFile(path.join(import.meta.dirname, SOURCE), "utf8");
    const code = source.replace(/\/\/\/.*/g, "");
    const names = /enum Reason \{([^}]*)\}/.exec(code)?.[1]?.match(/\w+/g);

    expect(REASONS.map(({ name }) => name)).to.deep.equal(names);
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
