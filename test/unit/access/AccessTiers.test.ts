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
  const { policy: first } = await suite.accounts.accessPolicy();
  return { ...suite, first, next };
}

describe("AccessTiers", function () {
  describe("registerAccessPolicy", function () {
    it("reverts for everyone but governance", async function () {
      const { accounts, next, stranger } = await networkHelpers.loadFixture(fixture);

      await expect(accounts.connect(stranger).registerAccessPolicy(next))
        .to.be.revertedWithCustomError(accounts, "AccessManagedUnauthorized")
        .withArgs(stranger);
    });

    it("reverts for what does not say that it is a policy", async function () {
      const { accounts, alice, token } = await networkHelpers.loadFixture(fixture);

      for (const impostor of [alice.address, await token.getAddress()])
        await expect(accounts.registerAccessPolicy(impostor))
          .to.be.revertedWithCustomError(accounts, "AccessTiersInvalidPolicy")
          .withArgs(impostor);
    });

    it("reverts for a policy that is registered", async function () {
      const { accounts, first } = await networkHelpers.loadFixture(fixture);

      await expect(accounts.registerAccessPolicy(first))
        .to.be.revertedWithCustomError(accounts, "AccessTiersPolicyRegistered")
        .withArgs(first);
    });

    it("registers a policy and leaves the one in force", async function () {
      const { accounts, first, next } = await networkHelpers.loadFixture(fixture);
      expect(await accounts.isAccessPolicy(next)).to.equal(false);

      await expect(accounts.registerAccessPolicy(next))
        .to.emit(accounts, "AccessPolicyRegistered")
        .withArgs(next);
      expect(await accounts.isAccessPolicy(next)).to.equal(true);
      expect(await accounts.accessPolicy()).to.deep.equal([first, first, 0n]);
    });
  });

  describe("chooseAccessPolicy", function () {
    it("reverts for everyone but governance", async function () {
      const { accounts, first, stranger } = await networkHelpers.loadFixture(fixture);

      await expect(accounts.connect(stranger).chooseAccessPolicy(first))
        .to.be.revertedWithCustomError(accounts, "AccessManagedUnauthorized")
        .withArgs(stranger);
    });

    it("reverts for a policy that is not registered", async function () {
      const { accounts, next } = await networkHelpers.loadFixture(fixture);

      await expect(accounts.chooseAccessPolicy(next))
        .to.be.revertedWithCustomError(accounts, "AccessTiersPolicyUnknown")
        .withArgs(next);
    });

    it("reverts for the policy that was chosen last", async function () {
      const { accounts, first } = await networkHelpers.loadFixture(fixture);

      await expect(accounts.chooseAccessPolicy(first))
        .to.be.revertedWithCustomError(accounts, "AccessTiersPolicyUnchanged")
        .withArgs(first);
    });

    it("changes the policy at the first epoch that begins 48 hours later", async function () {
      const { accounts, alice, first, next, startedAt } = await networkHelpers.loadFixture(fixture);
      await accounts.registerAccessPolicy(next);
      await send(next, "setTier", alice, 5);
      const edge = startedAt + 20n * EPOCH;

      await time.setNextBlockTimestamp(edge - NOTICE);
      await expect(accounts.chooseAccessPolicy(next))
        .to.emit(accounts, "AccessPolicyChosen")
        .withArgs(first, next, 20n);
      await time.increaseTo(edge - 1n);
      expect(await accounts.accessPolicy()).to.deep.equal([first, await next.getAddress(), 20n]);
      expect(await accounts.tierOf(alice)).to.equal(0n);

      await time.increaseTo(edge);
      const chosen = await next.getAddress();
      expect(await accounts.accessPolicy()).to.deep.equal([chosen, chosen, 20n]);
      expect(await accounts.tierOf(alice)).to.equal(5n);
    });

    it("waits an epoch more when 48 hours end a second after an edge", async function () {
      const { accounts, first, next, startedAt } = await networkHelpers.loadFixture(fixture);
      await accounts.registerAccessPolicy(next);

      await time.setNextBlockTimestamp(startedAt + 20n * EPOCH - NOTICE + 1n);
      await expect(accounts.chooseAccessPolicy(next))
        .to.emit(accounts, "AccessPolicyChosen")
        .withArgs(first, next, 21n);
    });

    it("replaces a choice that is not in force yet", async function () {
      const { accounts, first, next } = await networkHelpers.loadFixture(fixture);
      await accounts.registerAccessPolicy(next);
      await accounts.chooseAccessPolicy(next);

      await accounts.chooseAccessPolicy(first);
      await time.increase(10n * EPOCH);
      expect((await accounts.accessPolicy()).policy).to.equal(first);
    });
  });

  describe("tierOf", function () {
    it("never exceeds the highest tier, whatever the policy says", async function () {
      const { accounts, alice, next } = await networkHelpers.loadFixture(fixture);
      await accounts.registerAccessPolicy(next);
      await accounts.chooseAccessPolicy(next);
      await time.increase(10n * EPOCH);

      await send(next, "setTier", alice, 255);
      expect(await accounts.tierOf(alice)).to.equal(7n);
    });

    for (const burns of [false, true])
      it(`names none while the policy ${burns ? "burns its gas" : "reverts"}, and refuses to ask it without gas`, async function () {
        const { accounts, alice } = await networkHelpers.loadFixture(fixture);
        const failing = await ethers.deployContract("FailingPolicyMock", [burns]);
        await accounts.registerAccessPolicy(failing);
        await accounts.chooseAccessPolicy(failing);
        await time.increase(10n * EPOCH);

        expect(await accounts.tierOf(alice)).to.equal(0n);
        await expect(accounts.tierOf(alice, { gasLimit: 140_000n }))
          .to.be.revertedWithCustomError(accounts, "AccessTiersGasTooLow")
          .withArgs(125_000n);
        expect(await accounts.TIER_GAS()).to.equal(100_000n);
      });
  });
});
