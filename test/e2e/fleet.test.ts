import { expect } from "chai";

import { runFleet } from "../../examples/fleet/fleet.js";
import { useBundledProgram } from "../support/bundled-program.js";

describe("fleet example", function () {
  const bundle = useBundledProgram("examples/gateway/main.ts");

  it("settles every unit once on one database, whichever gateway dies or hangs and while the database is away", async function () {
    const lines: string[] = [];

    const { differences, table } = await runFleet({
      ...{ requests: 240, gateways: 3, kills: 2, databaseKills: 1, freezes: 1 },
      bundle: bundle(),
      log: (line) => lines.push(line),
    });

    expect(differences).to.deep.equal([]);
    expect(table).to.include({
      ...{
        gateways: 3,
        requests: 240,
        "gateways killed": 2,
        "database killed": 1,
        "gateways frozen": 1,
      },
      "tokens open at the end": "0",
    });
    expect(Number(table["tokens answered"])).to.be.above(240);
    expect(lines.filter((line) => line.includes("was killed"))).to.have.length(3);
  });
});
