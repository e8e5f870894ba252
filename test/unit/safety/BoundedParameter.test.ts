import { expect } from "chai";
import { network } from "hardhat";

import { send } from "../../support/release.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;

const DAY = 86_400n;
const NAME = ethers.encodeBytes32String("test-parameter");
const BOUNDS = {
  minimum: 50n,
  maximum: 130n,
  stepBps: 2_000n,
  cooldown: 7n * DAY,
  notice: 2n * DAY,
};

/** A parameter of 101, in the middle of epoch 10 of a day each. */
async function fixture() {
  const [admin, alice] = await ethers.getSigners();
  if (!admin || !alice) throw new Error("two signers expected");
  const authority = await ethers.deployContract("AuthorityMock", [admin]);
  const genesis = BigInt(await time.latest()) - 10n * DAY - DAY / 2n;
  const mock = await ethers.deployContract("ParameterMock", [authority, genesis, DAY]);
  const parameters = await ethers.getContractAt("BoundedParameter", mock);
  const define = (name: string, value: bigint, bounds: typeof BOUNDS) =>
    send(mock, "defineParameter", name, value, bounds);
  const startOf = (epoch: bigint) => genesis + epoch * DAY;
  await define(NAME, 101n, BOUNDS);
  return { parameters, define, admin, alice, startOf };
}

describe("BoundedParameter", function () {
  describe("definition (GOV-5)", function () {
    it("reverts when the parameter exists, its value is out of bounds or its bounds make no sense", async function () {
      const { parameters, define } = await networkHelpers.loadFixture(fixture);
      const other = ethers.encodeBytes32String("other");

      await expect(define(NAME, 101n, BOUNDS))
        .to.be.revertedWithCustomError(parameters, "BoundedParameterDefined")
        .withArgs(NAME);
      for (const [value, bounds] of [
        [49n, BOUNDS],
        [131n, BOUNDS],
        [0n, { ...BOUNDS, minimum: 0n, maximum: 0n }],
        [101n, { ...BOUNDS, notice: 0n }],
      ] as const)
        await expect(define(other, value, bounds))
          .to.be.revertedWithCustomError(parameters, "BoundedParameterInvalid")
          .withArgs(other, value, Object.values(bounds));
    });

    it("keeps value and bounds", async function () {
      const { parameters, define } = await networkHelpers.loadFixture(fixture);
      const other = ethers.encodeBytes32String("other");
      const bounds = [0n, 2n ** 96n - 1n, 10_000n, 2n ** 24n - 1n, 1n] as const;

      await expect(
        define(other, bounds[1], {
          minimum: bounds[0],
          maximum: bounds[1],
          stepBps: bounds[2],
          cooldown: bounds[3],
          notice: bounds[4],
        }),
      )
        .to.emit(parameters, "ParameterDefined")
        .withArgs(other, bounds[1], ...bounds);

      expect(await parameters.parameterOf(other)).to.deep.equal([
        [bounds[1], bounds[1], 0n, 0n],
        [...bounds],
      ]);
    });
  });

  describe("announce (GOV-5)", function () {
    it("reverts when the caller is not governance", async function () {
      const { parameters, alice } = await networkHelpers.loadFixture(fixture);

      for (const call of [
        () => parameters.connect(alice).announce(NAME, 100n),
        () => parameters.connect(alice).withdrawAnnouncement(NAME),
      ])
        await expect(call())
          .to.be.revertedWithCustomError(parameters, "AccessManagedUnauthorized")
          .withArgs(alice.address);
    });

    it("reverts when the parameter is unknown", async function () {
      const { parameters } = await networkHelpers.loadFixture(fixture);
      const other = ethers.encodeBytes32String("other");

      for (const call of [
        () => parameters.announce(other, 1n),
        () => parameters.withdrawAnnouncement(other),
        () => parameters.parameterOf(other),
      ])
        await expect(call())
          .to.be.revertedWithCustomError(parameters, "BoundedParameterUnknown")
          .withArgs(other);
    });

    it("reverts when the value is the same, out of bounds or a step too far", async function () {
      const { parameters } = await networkHelpers.loadFixture(fixture);

      await expect(parameters.announce(NAME, 101n))
        .to.be.revertedWithCustomError(parameters, "BoundedParameterUnchanged")
        .withArgs(NAME, 101n);
      for (const value of [49n, 131n, 2n ** 256n - 1n])
        await expect(parameters.announce(NAME, value))
          .to.be.revertedWithCustomError(parameters, "BoundedParameterOutOfBounds")
          .withArgs(NAME, value, 50n, 130n);
      for (const value of [80n, 122n])
        await expect(parameters.announce(NAME, value))
          .to.be.revertedWithCustomError(parameters, "BoundedParameterStepTooLarge")
          .withArgs(NAME, value, 101n, 20n); // 20.2 rounded down
    });

    it("reverts while a change is pending, and until a week after the announcement", async function () {
      const { parameters, startOf } = await networkHelpers.loadFixture(fixture);
      const announcedAt = startOf(11n);
      await time.setNextBlockTimestamp(announcedAt);
      await parameters.announce(NAME, 100n);
      await time.setNextBlockTimestamp(startOf(13n) - 1n);

      await expect(parameters.announce(NAME, 99n))
        .to.be.revertedWithCustomError(parameters, "BoundedParameterPending")
        .withArgs(NAME, 13n);
      for (const at of [startOf(13n), announcedAt + 7n * DAY - 1n]) {
        await time.setNextBlockTimestamp(at);
        await expect(parameters.announce(NAME, 99n))
          .to.be.revertedWithCustomError(parameters, "BoundedParameterTooSoon")
          .withArgs(NAME, announcedAt + 7n * DAY);
      }
      await time.setNextBlockTimestamp(announcedAt + 7n * DAY);
      await parameters.announce(NAME, 99n);
      expect((await parameters.parameterOf(NAME)).current).to.deep.equal([
        100n,
        99n,
        20n,
        announcedAt + 7n * DAY,
      ]);
    });

    for (const [late, effectiveEpoch] of [
      [0n, 13n],
      [1n, 14n],
      [DAY - 1n, 14n],
    ] as const)
      it(`takes effect in epoch ${effectiveEpoch} when announced ${late} s into epoch 11`, async function () {
        const { parameters, startOf } = await networkHelpers.loadFixture(fixture);
        const announcedAt = startOf(11n) + late;
        await time.setNextBlockTimestamp(announcedAt);

        await expect(parameters.announce(NAME, 121n))
          .to.emit(parameters, "ParameterAnnounced")
          .withArgs(NAME, 101n, 121n, effectiveEpoch);

        await time.increaseTo(startOf(effectiveEpoch) - 1n);
        expect((await parameters.parameterOf(NAME)).current).to.deep.equal([
          101n,
          121n,
          effectiveEpoch,
          announcedAt,
        ]);
        await time.increaseTo(startOf(effectiveEpoch));
        expect((await parameters.parameterOf(NAME)).current).to.deep.equal([
          121n,
          121n,
          0n,
          announcedAt,
        ]);
      });
  });

  describe("withdrawAnnouncement (GOV-5)", function () {
    it("reverts when nothing is announced or the change is in force", async function () {
      const { parameters, startOf } = await networkHelpers.loadFixture(fixture);
      const refused = async () => {
        await expect(parameters.withdrawAnnouncement(NAME))
          .to.be.revertedWithCustomError(parameters, "BoundedParameterNothingPending")
          .withArgs(NAME);
      };

      await refused();
      await parameters.announce(NAME, 100n);
      await time.setNextBlockTimestamp(startOf(13n));
      await refused();
    });

    it("takes the change back and lets the cooldown run on", async function () {
      const { parameters, startOf } = await networkHelpers.loadFixture(fixture);
      const announcedAt = startOf(11n);
      await time.setNextBlockTimestamp(announcedAt);
      await parameters.announce(NAME, 100n);
      await time.setNextBlockTimestamp(startOf(13n) - 1n);

      await expect(parameters.withdrawAnnouncement(NAME))
        .to.emit(parameters, "AnnouncementWithdrawn")
        .withArgs(NAME, 100n, 13n);

      expect((await parameters.parameterOf(NAME)).current).to.deep.equal([
        101n,
        101n,
        0n,
        announcedAt,
      ]);
      await time.setNextBlockTimestamp(announcedAt + 7n * DAY - 1n);
      await expect(parameters.announce(NAME, 99n))
        .to.be.revertedWithCustomError(parameters, "BoundedParameterTooSoon")
        .withArgs(NAME, announcedAt + 7n * DAY);
      expect((await parameters.parameterOf(NAME)).current.value).to.equal(101n);
    });
  });
});
