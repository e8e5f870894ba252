import { expect } from "chai";
import { network } from "hardhat";

import { deployModules, EPOCH } from "../../support/metering.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;

async function fixture() {
  return deployModules(connection, 0n);
}

describe("EpochClock", function () {
  describe("constructor", function () {
    it("reverts when it would start in the future or an epoch is shorter than an hour", async function () {
      const { registry, authority } = await networkHelpers.loadFixture(fixture);
      const now = BigInt(await time.latest()) + 10n;

      for (const [genesis, duration] of [
        [now + 1n, EPOCH],
        [now, 0n],
        [now, 3_599n],
      ] as const) {
        const snapshot = await networkHelpers.takeSnapshot();
        await time.setNextBlockTimestamp(now);
        await expect(ethers.deployContract("ResourceRegistry", [authority, genesis, duration]))
          .to.be.revertedWithCustomError(registry, "EpochClockInvalid")
          .withArgs(genesis, duration);
        await snapshot.restore();
      }
    });

    it("may start in the second of deployment and last an hour", async function () {
      const { authority } = await networkHelpers.loadFixture(fixture);
      const now = BigInt(await time.latest()) + 10n;
      await time.setNextBlockTimestamp(now);

      const registry = await ethers.deployContract("ResourceRegistry", [authority, now, 3_600n]);

      expect(await registry.GENESIS()).to.equal(now);
      expect(await registry.EPOCH_DURATION()).to.equal(3_600n);
      expect(await registry.currentEpoch()).to.equal(0n);
    });
  });

  describe("currentEpoch", function () {
    it("moves on in the first second of each epoch", async function () {
      const { registry, meter, startedAt } = await networkHelpers.loadFixture(fixture);

      for (const [at, epoch] of [
        [EPOCH - 1n, 0n],
        [EPOCH, 1n],
        [2n * EPOCH - 1n, 1n],
        [2n * EPOCH, 2n],
        [1_000n * EPOCH, 1_000n],
      ] as const) {
        await time.increaseTo(startedAt + at);
        expect(await registry.currentEpoch()).to.equal(epoch);
        expect(await meter.currentEpoch()).to.equal(epoch);
      }
    });
  });
});
