import { expect } from "chai";
import { encodeBytes32String, MaxUint256, ZeroAddress } from "ethers";
import { network } from "hardhat";

import { EPOCH } from "../../support/metering.js";
import { OPA, send } from "../../support/release.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;

const REGISTRAR = 3n;
const LOCK_THRESHOLD = encodeBytes32String("access/lock-threshold");
const SCORE_THRESHOLD = encodeBytes32String("access/score-threshold");
const SUPPLY = 800_000_000n * OPA;

async function fixture() {
  const [admin, registrar, alice, stranger] = await ethers.getSigners();
  if (!admin || !registrar || !alice || !stranger) throw new Error("four signers expected");
  const authority = await ethers.deployContract("AuthorityMock", [admin]);
  const source = await ethers.deployContract("TierSourceMock");
  const startedAt = BigInt(await time.latest()) - 10n * EPOCH;
  const clock = [authority, startedAt, EPOCH] as const;
  const policy = await ethers.deployContract("AccessPolicy", [
    ...clock,
    source,
    1_000n * OPA,
    50n * OPA,
  ]);
  await policy.setScores([source]);
  const selector = policy.interface.getFunction("grantTier").selector;
  await send(authority, "setTargetFunctionRole", policy, [selector], REGISTRAR);
  await send(authority, "grantRole", REGISTRAR, registrar, 0);
  const bare = await ethers.deployContract("AccessPolicy", [...clock, ZeroAddress, OPA, OPA]);
  return { admin, registrar, alice, stranger, authority, source, policy, bare, clock, startedAt };
}

describe("AccessPolicy", function () {
  describe("constructor", function () {
    it("refuses thresholds below one OPA and above the supply", async function () {
      const { clock, policy } = await networkHelpers.loadFixture(fixture);
      const factory = await ethers.getContractFactory("AccessPolicy");

      for (const [lock, score, parameter, value] of [
        [OPA - 1n, OPA, LOCK_THRESHOLD, OPA - 1n],
        [OPA, SUPPLY + 1n, SCORE_THRESHOLD, SUPPLY + 1n],
      ] as const)
        await expect(factory.deploy(...clock, ZeroAddress, lock, score))
          .to.be.revertedWithCustomError(policy, "BoundedParameterInvalid")
          .withArgs(parameter, value, [OPA, SUPPLY, 5_000n, 604_800n, 172_800n]);
    });

    it("names its sources and its thresholds", async function () {
      const { bare, policy, source } = await networkHelpers.loadFixture(fixture);

      expect(await policy.LOCK()).to.equal(source);
      expect(await policy.scores()).to.deep.equal([await source.getAddress()]);
      expect(await bare.LOCK()).to.equal(ZeroAddress);
      expect(await bare.scores()).to.deep.equal([]);
      expect(await bare.scoreOf(source)).to.equal(0n);
      expect(await policy.MAX_SCORES()).to.equal(3n);
      expect((await policy.parameterOf(LOCK_THRESHOLD)).current.value).to.equal(1_000n * OPA);
      expect((await policy.parameterOf(SCORE_THRESHOLD)).current.value).to.equal(50n * OPA);
      expect(await policy.LOCK_THRESHOLD()).to.equal(LOCK_THRESHOLD);
      expect(await policy.SCORE_THRESHOLD()).to.equal(SCORE_THRESHOLD);
      expect(await policy.MAX_TIER()).to.equal(7n);
    });

    it("follows other sources of scores, by governance alone", async function () {
      const { policy, source, stranger, alice } = await networkHelpers.loadFixture(fixture);
      await send(source, "setScore", alice, 50n * OPA);
      expect(await policy.tierOf(alice)).to.equal(1n);

      await expect(policy.connect(stranger).setScores([]))
        .to.be.revertedWithCustomError(policy, "AccessManagedUnauthorized")
        .withArgs(stranger);
      await expect(policy.setScores([])).to.emit(policy, "ScoresChanged").withArgs([]);
      expect(await policy.tierOf(alice)).to.equal(0n);
      expect(await policy.scoreOf(alice)).to.equal(0n);
    });

    it("adds up the scores of up to three sources, each of which can go again (INC-7)", async function () {
      const { policy, source, alice } = await networkHelpers.loadFixture(fixture);
      const second = await ethers.deployContract("TierSourceMock");
      const third = await ethers.deployContract("TierSourceMock");
      for (const each of [source, second, third]) await send(each, "setScore", alice, 20n * OPA);
      const all = await Promise.all([source, second, third].map((each) => each.getAddress()));

      for (const count of [3, 2, 1, 3]) {
        await policy.setScores(all.slice(0, count));
        expect(await policy.scores()).to.deep.equal(all.slice(0, count));
        expect(await policy.scoreOf(alice)).to.equal(BigInt(count) * 20n * OPA);
        expect(await policy.tierOf(alice)).to.equal(count === 3 ? 1n : 0n);
      }
    });

    it("counts a source that fails or overflows as nothing, and keeps grants and the other sources", async function () {
      const { policy, registrar, source, alice } = await networkHelpers.loadFixture(fixture);
      const broken = await ethers.deployContract("AnswerMock");
      const boundless = await ethers.deployContract("TierSourceMock");
      await send(source, "setScore", alice, 50n * OPA);
      await policy.connect(registrar).grantTier(alice, 1n, BigInt(await time.latest()) + 1_000n);

      await policy.setScores([broken, source]);
      expect(await policy.scoreOf(alice)).to.equal(50n * OPA);
      await policy.setScores([broken]);
      expect(await policy.tierOf(alice)).to.equal(1n);
      await send(boundless, "setScore", alice, 2n ** 256n - 1n);
      await policy.setScores([boundless, source]);
      expect(await policy.scoreOf(alice)).to.equal(2n ** 256n - 1n);
      expect(await policy.tierOf(alice)).to.equal(7n);
    });

    it("refuses a fourth source, the zero address and a source named twice", async function () {
      const { policy, source, alice } = await networkHelpers.loadFixture(fixture);
      const other = await ethers.deployContract("TierSourceMock");

      await expect(policy.setScores([source, alice]))
        .to.be.revertedWithCustomError(policy, "AccessPolicyInvalidScore")
        .withArgs(alice);
      await expect(policy.setScores([source, other, alice, policy]))
        .to.be.revertedWithCustomError(policy, "AccessPolicyTooManyScores")
        .withArgs(4n, 3n);
      await expect(policy.setScores([source, ZeroAddress]))
        .to.be.revertedWithCustomError(policy, "AccessPolicyInvalidScore")
        .withArgs(ZeroAddress);
      await expect(policy.setScores([source, other, source]))
        .to.be.revertedWithCustomError(policy, "AccessPolicyInvalidScore")
        .withArgs(source);
      expect(await policy.scores()).to.deep.equal([await source.getAddress()]);
    });

    it("says by ERC-165 that it is an access policy, and nothing else", async function () {
      const { bare } = await networkHelpers.loadFixture(fixture);
      const tierOf = bare.interface.getFunction("tierOf").selector;

      expect(await bare.supportsInterface(tierOf)).to.equal(true);
      expect(await bare.supportsInterface("0x01ffc9a7")).to.equal(true);
      expect(await bare.supportsInterface("0xffffffff")).to.equal(false);
    });
  });

  describe("grantTier", function () {
    it("reverts for everyone but the registrar", async function () {
      const { admin, alice, policy, stranger } = await networkHelpers.loadFixture(fixture);
      const until = BigInt(await time.latest()) + EPOCH;

      for (const caller of [admin, stranger])
        await expect(policy.connect(caller).grantTier(alice, 1, until))
          .to.be.revertedWithCustomError(policy, "AccessManagedUnauthorized")
          .withArgs(caller);
    });

    it("reverts for nobody and for a tier that does not exist", async function () {
      const { alice, policy, registrar } = await networkHelpers.loadFixture(fixture);
      const until = BigInt(await time.latest()) + EPOCH;

      for (const [account, tier] of [
        [ZeroAddress, 1n],
        [alice.address, 8n],
      ] as const)
        await expect(policy.connect(registrar).grantTier(account, tier, until))
          .to.be.revertedWithCustomError(policy, "AccessPolicyInvalidGrant")
          .withArgs(account, tier, 7n);
    });

    it("reverts when the grant would be over at once", async function () {
      const { alice, policy, registrar } = await networkHelpers.loadFixture(fixture);
      const now = BigInt(await time.latest()) + 10n;
      await time.setNextBlockTimestamp(now);

      await expect(policy.connect(registrar).grantTier(alice, 1, now))
        .to.be.revertedWithCustomError(policy, "AccessPolicyExpired")
        .withArgs(alice, now);
    });

    it("grants a tier up to its last second", async function () {
      const { alice, policy, registrar, stranger } = await networkHelpers.loadFixture(fixture);
      const until = BigInt(await time.latest()) + EPOCH;

      await expect(policy.connect(registrar).grantTier(alice, 7, until))
        .to.emit(policy, "TierGranted")
        .withArgs(alice, 0n, 0n, 7n, until);
      await time.increaseTo(until);
      expect(await policy.tierOf(alice)).to.equal(7n);
      expect(await policy.grantOf(alice)).to.deep.equal([7n, until]);
      expect(await policy.tierOf(stranger)).to.equal(0n);

      await time.increaseTo(until + 1n);
      expect(await policy.tierOf(alice)).to.equal(0n);
      expect(await policy.grantOf(alice)).to.deep.equal([0n, until]);
    });

    it("takes a grant back with tier 0, whatever the expiry", async function () {
      const { alice, policy, registrar } = await networkHelpers.loadFixture(fixture);
      const until = BigInt(await time.latest()) + EPOCH;
      await policy.connect(registrar).grantTier(alice, 3, until);

      await expect(policy.connect(registrar).grantTier(alice, 0, 0))
        .to.emit(policy, "TierGranted")
        .withArgs(alice, 3n, until, 0n, 0n);
      expect(await policy.tierOf(alice)).to.equal(0n);
    });
  });

  describe("tierOf", function () {
    it("earns tier 1 at the threshold and one more for each four times as much", async function () {
      const { alice, policy, source } = await networkHelpers.loadFixture(fixture);

      let tier = 0n;
      for (let needed = 1_000n * OPA; needed <= 1_000n * OPA * 4n ** 7n; needed *= 4n) {
        await send(source, "setPower", alice, needed - 1n);
        expect(await policy.tierOf(alice)).to.equal(tier);
        tier = tier < 7n ? tier + 1n : 7n;
        await send(source, "setPower", alice, needed);
        expect(await policy.tierOf(alice)).to.equal(tier);
      }
      await send(source, "setPower", alice, MaxUint256);
      expect(await policy.tierOf(alice)).to.equal(7n);
    });

    it("takes the highest of grant, lock and score (ACC-I6)", async function () {
      const { alice, policy, registrar, source } = await networkHelpers.loadFixture(fixture);
      const until = BigInt(await time.latest()) + EPOCH;
      const earning = (threshold: bigint, tier: bigint) =>
        tier === 0n ? 0n : threshold * 4n ** (tier - 1n);

      for (const [granted, locked, scored] of [
        [3n, 2n, 1n],
        [1n, 5n, 4n],
        [0n, 2n, 6n],
        [4n, 4n, 4n],
        [0n, 0n, 0n],
      ] as const) {
        await policy.connect(registrar).grantTier(alice, granted, until);
        await send(source, "setPower", alice, earning(1_000n * OPA, locked));
        await send(source, "setScore", alice, earning(50n * OPA, scored));
        const highest = [granted, locked, scored].reduce((a, b) => (a > b ? a : b));
        expect(await policy.tierOf(alice)).to.equal(highest);
      }
    });

    it("earns nothing from sources that do not exist yet", async function () {
      const { alice, bare } = await networkHelpers.loadFixture(fixture);

      expect(await bare.tierOf(alice)).to.equal(0n);
    });

    it("follows a threshold from the epoch its change was announced for", async function () {
      const { alice, policy, source, startedAt } = await networkHelpers.loadFixture(fixture);
      await send(source, "setPower", alice, 1_000n * OPA);

      await policy.announce(LOCK_THRESHOLD, 1_500n * OPA);
      const { effectiveEpoch } = (await policy.parameterOf(LOCK_THRESHOLD)).current;
      await time.increaseTo(startedAt + effectiveEpoch * EPOCH - 1n);
      expect(await policy.tierOf(alice)).to.equal(1n);
      await time.increaseTo(startedAt + effectiveEpoch * EPOCH);
      expect(await policy.tierOf(alice)).to.equal(0n);
    });

    it("does not let a threshold move by more than half", async function () {
      const { policy } = await networkHelpers.loadFixture(fixture);

      await expect(policy.announce(LOCK_THRESHOLD, 1_500n * OPA + 1n))
        .to.be.revertedWithCustomError(policy, "BoundedParameterStepTooLarge")
        .withArgs(LOCK_THRESHOLD, 1_500n * OPA + 1n, 1_000n * OPA, 500n * OPA);
    });
  });
});
