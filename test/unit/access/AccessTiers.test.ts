import { expect } from "chai";
import { network } from "hardhat";

import { deployModules, EPOCH } from "../../support/metering.js";
import { send } from "../../support/release.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;

const NOTICE = 172_800n;

async function fixture() {
  const suite = await deployModules(connection);
  const next = await ethers.deployContract("AccessPolicyMock");
  const { policy: first } = await suite.meter.accessPolicy();
  return { ...suite, first, next };
}

describe("AccessTiers", function () {
  describe("registerAccessPolicy", function () {
    it("reverts for everyone but governance", async function () {
      const { meter, next, stranger } = await networkHelpers.loadFixture(fixture);

      await expect(meter.connect(stranger).registerAccessPolicy(next))
        .to.be.revertedWithCustomError(meter, "AccessManagedUnauthorized")
        .withArgs(stranger);
    });

    it("reverts for what does not say that it is a policy", async function () {
      const { meter, alice, token } = await networkHelpers.loadFixture(fixture);

      for (const impostor of [alice.address, await token.getAddress()])
        await expect(meter.registerAccessPolicy(impostor))
          .to.be.revertedWithCustomError(meter, "AccessTiersInvalidPolicy")
          .withArgs(impostor);
    });

    it("reverts for a policy that is registered", async function () {
      const { meter, first } = await networkHelpers.loadFixture(fixture);

      await expect(meter.registerAccessPolicy(first))
        .to.be.revertedWithCustomError(meter, "AccessTiersPolicyRegistered")
        .withArgs(first);
    });

    it("registers a policy and leaves the one in force", async function () {
      const { meter, first, next } = await networkHelpers.loadFixture(fixture);
      expect(await meter.isAccessPolicy(next)).to.equal(false);

      await expect(meter.registerAccessPolicy(next))
        .to.emit(meter, "AccessPolicyRegistered")
        .withArgs(next);
      expect(await meter.isAccessPolicy(next)).to.equal(true);
      expect(await meter.accessPolicy()).to.deep.equal([first, first, 0n]);
    });
  });

  describe("chooseAccessPolicy", function () {
    it("reverts for everyone but governance", async function () {
      const { meter, first, stranger } = await networkHelpers.loadFixture(fixture);

      await expect(meter.connect(stranger).chooseAccessPolicy(first))
        .to.be.revertedWithCustomError(meter, "AccessManagedUnauthorized")
        .withArgs(stranger);
    });

    it("reverts for a policy that is not registered", async function () {
      const { meter, next } = await networkHelpers.loadFixture(fixture);

      await expect(meter.chooseAccessPolicy(next))
        .to.be.revertedWithCustomError(meter, "AccessTiersPolicyUnknown")
        .withArgs(next);
    });

    it("reverts for the policy that was chosen last", async function () {
      const { meter, first } = await networkHelpers.loadFixture(fixture);

      await expect(meter.chooseAccessPolicy(first))
        .to.be.revertedWithCustomError(meter, "AccessTiersPolicyUnchanged")
        .withArgs(first);
    });

    it("changes the policy at the first epoch that begins 48 hours later", async function () {
      const { meter, alice, first, next, startedAt } = await networkHelpers.loadFixture(fixture);
      await meter.registerAccessPolicy(next);
      await send(next, "setTier", alice, 5);
      const edge = startedAt + 20n * EPOCH;

      await time.setNextBlockTimestamp(edge - NOTICE);
      await expect(meter.chooseAccessPolicy(next))
        .to.emit(meter, "AccessPolicyChosen")
        .withArgs(first, next, 20n);
      await time.increaseTo(edge - 1n);
      expect(await meter.accessPolicy()).to.deep.equal([first, await next.getAddress(), 20n]);
      expect(await meter.tierOf(alice)).to.equal(0n);

      await time.increaseTo(edge);
      const chosen = await next.getAddress();
      expect(await meter.accessPolicy()).to.deep.equal([chosen, chosen, 20n]);
      expect(await meter.tierOf(alice)).to.equal(5n);
    });

    it("waits an epoch more when 48 hours end a second after an edge", async function () {
      const { meter, first, next, startedAt } = await networkHelpers.loadFixture(fixture);
      await meter.registerAccessPolicy(next);

      await time.setNextBlockTimestamp(startedAt + 20n * EPOCH - NOTICE + 1n);
      await expect(meter.chooseAccessPolicy(next))
        .to.emit(meter, "AccessPolicyChosen")
        .withArgs(first, next, 21n);
    });

    it("replaces a choice that is not in force yet", async function () {
      const { meter, first, next } = await networkHelpers.loadFixture(fixture);
      await meter.registerAccessPolicy(next);
      await meter.chooseAccessPolicy(next);

      await meter.chooseAccessPolicy(first);
      await time.increase(10n * EPOCH);
      expect((await meter.accessPolicy()).policy).to.equal(first);
    });
  });

  describe("tierOf", function () {
    it("never exceeds the highest tier, whatever the policy says", async function () {
      const { meter, alice, next } = await networkHelpers.loadFixture(fixture);
      await meter.registerAccessPolicy(next);
      await meter.chooseAccessPolicy(next);
      await time.increase(10n * EPOCH);

      await send(next, "setTier", alice, 255);
      expect(await meter.tierOf(alice)).to.equal(7n);
    });

    for (const burns of [false, true])
      it(`names none while the policy ${burns ? "burns its gas" : "reverts"}, and refuses to ask it without gas`, async function () {
        const { meter, alice } = await networkHelpers.loadFixture(fixture);
        const failing = await ethers.deployContract("FailingPolicyMock", [burns]);
        await meter.registerAccessPolicy(failing);
        await meter.chooseAccessPolicy(failing);
        await time.increase(10n * EPOCH);

        expect(await meter.tierOf(alice)).to.equal(0n);
        await expect(meter.tierOf(alice, { gasLimit: 140_000n }))
          .to.be.revertedWithCustomError(meter, "AccessTiersGasTooLow")
          .withArgs(125_000n);
        expect(await meter.TIER_GAS()).to.equal(100_000n);
      });
  });
});
