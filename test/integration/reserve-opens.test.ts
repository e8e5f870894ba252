import { expect } from "chai";
import { network } from "hardhat";

import { DAY, OPA } from "../support/release.js";
import { PARAMETERS } from "../support/suite.js";
import { decide, deployInUse, outcome, statementFor, type InUse } from "../support/upgrade.js";

const connection = await network.create();
const { networkHelpers } = connection;
const { time } = networkHelpers;

const HOUR = 3_600n;
const BURN = 900n * OPA; // of which κ is 450 OPA
const RATE_PPM = 1n; // a stage cap of 320 OPA, so that 29% of it is held back
const DRAW = 1_000n * OPA;

/** As many days with an observation of the reserve's condition every eleven hours. */
async function keepUp({ reserve, stageCap }: InUse, days: bigint) {
  for (let halves = 2n * days + 1n; halves > 0n; halves -= 1n) {
    await reserve.observe(stageCap);
    await time.increase(11n * HOUR);
  }
}

async function lowCap() {
  const { incentives } = PARAMETERS;
  const stages = [{ from: 0n, ratePpm: RATE_PPM }];
  return deployInUse(connection, { incentives: { ...incentives, stages } });
}

/** Settles use worth about {@link BURN}, once. */
async function burn(suite: InUse) {
  const { registry, settlement } = suite;
  const price = await registry.unitPriceOf(1n, await registry.currentEpoch());
  const signed = await statementFor(suite, settlement, BURN / price);
  expect(await outcome(settlement, signed)).to.equal("None");
}

describe("The reserve opens (RSV-1)", function () {
  it("while the stage cap holds back what real use would release, pays the vault, and takes the rest back", async function () {
    const suite = await networkHelpers.loadFixture(lowCap);
    const { incentiveVault, reserve, stageCap, token } = suite;
    expect(await stageCap.isNecessary()).to.equal(false);
    const latest = BigInt(await time.latest()) + 60n * DAY;
    const data = reserve.interface.encodeFunctionData("request", [
      await incentiveVault.getAddress(),
      DRAW,
      await stageCap.getAddress(),
      "the stage cap holds providers back",
      latest,
    ]);

    await decide(suite, [[reserve, data]], "A draw", async () => {
      await burn(suite);
      await keepUp(suite, 5n); // the need begins up to 35 hours after the burn, and lasts three days
    });
    await keepUp(suite, 2n);
    await incentiveVault.close();
    await expect(reserve.execute(1n)).to.changeTokenBalances(
      connection.ethers,
      token,
      [reserve, incentiveVault],
      [-DRAW, DRAW],
    );

    expect((await incentiveVault.fundsOf()).drawn).to.equal(DRAW);
    await time.increase(91n * DAY); // nobody needed it
    const before = await token.balanceOf(reserve);
    await incentiveVault.returnUnused();
    expect((await token.balanceOf(reserve)) - before).to.equal(DRAW);
  });

  it("refuses a decision after its latest time, however long the need lasts (B5)", async function () {
    const suite = await networkHelpers.loadFixture(lowCap);
    const { governor, incentiveVault, reserve, stageCap } = suite;
    const data = reserve.interface.encodeFunctionData("request", [
      await incentiveVault.getAddress(),
      DRAW,
      await stageCap.getAddress(),
      "an old decision",
      BigInt(await time.latest()) + DAY,
    ]);

    await expect(
      decide(suite, [[reserve, data]], "A draw", async () => {
        await burn(suite);
        await keepUp(suite, 5n); // the need begins up to 35 hours after the burn, and lasts three days
      }),
    ).to.be.revertedWithCustomError(reserve, "SystemReserveTooLate");
    expect(await reserve.drawCount()).to.equal(0n);
    expect(await governor.getAddress()).to.have.length(42);
  });
});
