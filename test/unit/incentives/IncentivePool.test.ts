import { expect } from "chai";
import { ZeroAddress } from "ethers";
import { network } from "hardhat";

import {
  deployIncentives,
  Kind,
  MAINTENANCE_SHARE,
  PROVISION_SHARE,
} from "../../support/incentives.js";
import {
  deployPool,
  deploySettling,
  EPOCH,
  fund,
  GWEI,
  KAPPA_BPS,
  SHARES,
  CLAIM_LIMIT,
  STAGES,
} from "../../support/metering.js";
import { OPA } from "../../support/release.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;

const BPS = 10_000n;
const PPM = 1_000_000n;
const YEAR = 365n * 86_400n;
const MAX_POINTS = 2n ** 56n - 1n;

/** What provision earns of an epoch in which κ binds and the provider was alone. */
const earned = (burned: bigint, kappa = KAPPA_BPS) =>
  (((burned * kappa) / BPS) * PROVISION_SHARE) / BPS;

async function fixture() {
  return deployIncentives(connection);
}

/** Alice's provider burned 1,000 gwei in epoch 11; epoch 12 runs. */
async function served() {
  const suite = await fixture();
  await suite.use(suite.provider, 1_000n);
  await suite.enter(12n);
  return suite;
}

const SERVED = 1_000n * GWEI;

describe("IncentivePool", function () {
  describe("constructor", function () {
    it("reverts without registry or nodes", async function () {
      const { pool, registry, nodes, authority } = await networkHelpers.loadFixture(fixture);

      for (const [r, n] of [
        [ZeroAddress, nodes],
        [registry, ZeroAddress],
      ] as const)
        await expect(deployPool(connection, r, n, authority)).to.be.revertedWithCustomError(
          pool,
          "IncentivePoolZeroAddress",
        );
    });

    const build = async (changes: { kappa?: bigint; shares?: bigint[]; stages?: object[] }) => {
      const { registry, nodes, authority } = await networkHelpers.loadFixture(fixture);
      const { kappa = KAPPA_BPS, shares = [...SHARES], stages = STAGES } = changes;
      return ethers.deployContract("IncentivePool", [
        registry,
        nodes,
        authority,
        ethers.ZeroAddress,
        authority,
        kappa,
        CLAIM_LIMIT,
        shares,
        stages,
      ]);
    };

    it("reverts for κ outside 10% to 90% (INC-3)", async function () {
      const { pool } = await networkHelpers.loadFixture(fixture);

      for (const kappa of [999n, 9_001n])
        await expect(build({ kappa })).to.be.revertedWithCustomError(
          pool,
          "BoundedParameterInvalid",
        );
      for (const kappa of [1_000n, 9_000n]) await build({ kappa });
      expect(await pool.MAX_KAPPA_BPS()).to.equal(9_000n);
    });

    it("reverts for shares that are not 100% together", async function () {
      const { pool } = await networkHelpers.loadFixture(fixture);

      for (const first of [6_999n, 7_001n])
        await expect(build({ shares: [first, ...SHARES.slice(1)] }))
          .to.be.revertedWithCustomError(pool, "IncentivePoolInvalidShares")
          .withArgs(first + 3_000n);
    });

    const stage = (from: number, ratePpm: number) => ({ from, ratePpm });
    for (const [what, stages, index] of [
      ["no stages", [], 0n],
      ["nine stages", Array.from({ length: 9 }, (_, i) => stage(i, 1)), 8n],
      ["a late beginning", [stage(1, 1)], 0n],
      ["a rate of nothing", [stage(0, 0)], 0n],
      ["a rate over 1%", [stage(0, 10_001)], 0n],
      ["stages at once", [stage(0, 5), stage(0, 5)], 1n],
      ["a cliff", [stage(0, 101), stage(1, 50)], 1n],
    ] as const)
      it(`reverts for ${what} (INC-5)`, async function () {
        const { pool } = await networkHelpers.loadFixture(fixture);

        await expect(build({ stages: [...stages] }))
          .to.be.revertedWithCustomError(pool, "IncentivePoolInvalidStages")
          .withArgs(index);
      });

    it("keeps shares, stages and modules; the last stage never ends (INC-5)", async function () {
      const { pool, registry, nodes, token } = await networkHelpers.loadFixture(fixture);

      expect(await pool.REGISTRY()).to.equal(registry);
      expect(await pool.NODES()).to.equal(nodes);
      expect(await pool.TOKEN()).to.equal(token);
      expect(await pool.START_EPOCH()).to.equal(10n);
      expect((await pool.schedule()).map(({ from, ratePpm }) => ({ from, ratePpm }))).to.deep.equal(
        STAGES,
      );
      for (const [category, share] of SHARES.entries())
        expect(await pool.shareOf(category)).to.equal(share);
      for (const [epoch, rate] of [
        [0n, 0n],
        [10n, 0n],
        [11n, 1_000n],
        [39n, 1_000n],
        [40n, 800n],
        [2n ** 32n - 1n, 800n],
      ] as const)
        expect(await pool.rateOf(epoch)).to.equal(rate);
    });
  });

  describe("absorb", function () {
    it("reverts when nothing came in, and counts what did from the next epoch on (INC-I8)", async function () {
      const suite = await networkHelpers.loadFixture(fixture);
      const { pool } = suite;
      await expect(pool.absorb()).to.be.revertedWithCustomError(
        pool,
        "IncentivePoolNothingToAbsorb",
      );

      await fund(connection, suite, pool, 7n);
      await expect(pool.absorb()).to.emit(pool, "PoolFunded").withArgs(7n);
      await fund(connection, suite, pool, 5n);
      await pool.absorb();

      const [remaining, incoming] = await pool.fundsOf();
      expect([remaining, incoming]).to.deep.equal([1_000_000n * OPA + 12n, 12n]);
      await suite.enter(12n);
      expect((await pool.fundsOf()).incoming).to.equal(0n);
    });

    it("gives an epoch what was there when it began, whenever it is worked out (INC-I3, abuse case 53)", async function () {
      const suite = await networkHelpers.loadFixture(fixture);
      const { pool, enter, use, provider } = suite;
      const burned = 4_000n * 10n ** 9n * GWEI; // so much that the stage cap binds
      await use(provider, burned / GWEI);
      await fund(connection, suite, pool, 1_000_000n * OPA);
      await pool.absorb(); // in the same epoch: for later ones
      await enter(13n);
      await fund(connection, suite, pool, 1_000_000n * OPA);
      await pool.absorb(); // after its end, before it is worked out

      const cap = (1_000_000n * OPA * 1_000n) / PPM;
      expect((await pool.epochOf(11n)).allotment).to.equal(cap);
    });
  });

  describe("closeEpoch (INC-3)", function () {
    it("releases the smaller of stage cap and κ × burned, once (INC-I1, abuse case 53)", async function () {
      const { pool, stranger } = await networkHelpers.loadFixture(served);
      const allotment = (SERVED * KAPPA_BPS) / BPS;
      const released = (allotment * PROVISION_SHARE) / BPS;

      const sent = pool.connect(stranger).closeEpoch();
      await expect(sent)
        .to.emit(pool, "EpochClosed")
        .withArgs(11n, SERVED, allotment, released, KAPPA_BPS);
      const again = await (await pool.closeEpoch()).wait();

      expect(again?.logs).to.have.length(0);
      expect([...(await pool.epochOf(11n))]).to.deep.equal([
        SERVED,
        allotment,
        released,
        KAPPA_BPS,
      ]);
      expect([...(await pool.fundsOf())]).to.deep.equal([
        1_000_000n * OPA - released,
        0n,
        released,
        released,
      ]);
    });

    it("releases nothing for the epoch of the deployment, nor for one that runs (abuse case 52)", async function () {
      const suite = await deployIncentivesInStartEpoch();
      const { pool, enter, use, provider } = suite;
      await use(provider, 1_000n);
      expect(await pool.claimableOf(provider)).to.equal(0n);
      await enter(11n);

      await pool.closeEpoch();

      expect(await pool.claimableOf(provider)).to.equal(0n);
      expect((await pool.fundsOf()).released).to.equal(0n);
      await use(provider, 1_000n);
      expect(await pool.claimableOf(provider)).to.equal(0n);
    });

    for (const gap of [1n, 10n, 365n])
      it(`has the same result ${gap} epochs later (INC-I3, abuse case 53)`, async function () {
        const { pool, enter, use, provider } = await networkHelpers.loadFixture(served);

        if (gap > 1n) await enter(11n + gap);
        expect(await pool.claimableOf(provider)).to.equal(earned(SERVED));
        await use(provider, 5n); // rolls, and has it booked

        expect(await pool.claimableOf(provider)).to.equal(earned(SERVED));
        expect((await pool.epochOf(11n)).burned).to.equal(SERVED);
      });

    it("releases nothing for a category that nobody contributed to (INC-I5)", async function () {
      const { pool } = await networkHelpers.loadFixture(served);

      expect([...(await pool.categoryOf(11n, Kind.Maintenance))]).to.deep.equal([0n, 0n]);
      expect((await pool.categoryOf(11n, Kind.Provision)).points).to.equal(SERVED);
      const { allotment, released } = await pool.epochOf(11n);
      expect(released).to.equal((allotment * PROVISION_SHARE) / BPS);
    });
  });

  describe("κ (INC-3, GOV-5)", function () {
    it("counts as it was in the epoch, also for one worked out after it changed (INC-I3)", async function () {
      const { pool, enter, use, provider } = await networkHelpers.loadFixture(fixture);
      await pool.announce(await pool.KAPPA(), 6_000n);
      await use(provider, 1_000n);
      await enter(14n);
      await use(provider, 1_000n);
      await enter(20n);
      await pool.announce(await pool.KAPPA(), 7_000n);
      await enter(30n);

      expect((await pool.epochOf(11n)).kappaBps).to.equal(KAPPA_BPS);
      expect((await pool.epochOf(14n)).kappaBps).to.equal(6_000n);
      expect(await pool.claimableOf(provider)).to.equal(earned(SERVED) + earned(SERVED, 6_000n));
    });

    it("never leaves its bounds, nor moves by more than a fifth", async function () {
      const { pool } = await networkHelpers.loadFixture(fixture);
      const kappa = await pool.KAPPA();

      await expect(pool.announce(kappa, 9_001n))
        .to.be.revertedWithCustomError(pool, "BoundedParameterOutOfBounds")
        .withArgs(kappa, 9_001n, 1_000n, 9_000n);
      await expect(pool.announce(kappa, 6_001n))
        .to.be.revertedWithCustomError(pool, "BoundedParameterStepTooLarge")
        .withArgs(kappa, 6_001n, 5_000n, 1_000n);
    });
  });

  describe("book", function () {
    it("changes no amount, whenever and by whomever (INC-I3, abuse case 54)", async function () {
      const { pool, provider, other, stranger, use, enter } =
        await networkHelpers.loadFixture(served);
      await use(other, 3n);

      for (let i = 0; i < 3; i += 1) {
        await pool.connect(stranger).book([provider, other, stranger, provider]);
        expect(await pool.claimableOf(provider)).to.equal(earned(SERVED));
        expect(await pool.claimableOf(other)).to.equal(0n);
      }
      await enter(13n);
      await pool.connect(stranger).book([]);
      expect(await pool.claimableOf(other)).to.equal(earned(3n * GWEI));
    });

    it("shares an epoch by what was burned through each, and keeps the rest (INC-I6, abuse case 28)", async function () {
      const { pool, provider, other, use, enter } = await networkHelpers.loadFixture(fixture);
      await use(provider, 1n);
      await use(other, 2n);
      await enter(12n);

      const released = (await pool.epochOf(11n)).released;
      const [first, second] = [await pool.claimableOf(provider), await pool.claimableOf(other)];
      expect([first, second]).to.deep.equal([released / 3n, (released * 2n) / 3n]);
      await pool.claim(provider);
      await pool.claim(other);
      expect((await pool.fundsOf()).owed).to.equal(released - first - second);
    });
  });

  describe("recordPoints (INC-1)", function () {
    it("is for RECORDER alone, and for points of somebody in an attested category", async function () {
      const { pool, alice, stranger } = await networkHelpers.loadFixture(fixture);

      await expect(pool.connect(stranger).recordPoints(alice, Kind.Support, 1n))
        .to.be.revertedWithCustomError(pool, "AccessManagedUnauthorized")
        .withArgs(stranger);
      for (const [account, category, points] of [
        [ZeroAddress, Kind.Support, 1n],
        [alice.address, Kind.Provision, 1n],
        [alice.address, Kind.Support, 0n],
      ] as const)
        await expect(pool.recordPoints(account, category, points))
          .to.be.revertedWithCustomError(pool, "IncentivePoolInvalidPoints")
          .withArgs(account, category, points);
    });

    it("reverts when the points of an epoch would not fit", async function () {
      const { pool, alice, bob } = await networkHelpers.loadFixture(fixture);
      for (const points of [MAX_POINTS + 1n, ethers.MaxUint256])
        await expect(pool.recordPoints(alice, Kind.Support, points))
          .to.be.revertedWithCustomError(pool, "IncentivePoolPointsOverflow")
          .withArgs(Kind.Support, points, MAX_POINTS);
      await pool.recordPoints(alice, Kind.Support, MAX_POINTS - 1n);
      await pool.recordPoints(bob, Kind.Support, 1n);

      await expect(pool.recordPoints(bob, Kind.Support, 1n))
        .to.be.revertedWithCustomError(pool, "IncentivePoolPointsOverflow")
        .withArgs(Kind.Support, 1n, 0n);
      await pool.recordPoints(bob, Kind.Other, MAX_POINTS);
      expect(await pool.pointsOf(alice, Kind.Support)).to.equal(MAX_POINTS - 1n);
      expect(await pool.pointsOf(bob, Kind.Provision)).to.equal(0n);
    });

    it("counts in the running epoch, beside other categories, and shares what the epoch gives them (INC-I4)", async function () {
      const { pool, alice, bob, provider, use, enter } = await networkHelpers.loadFixture(fixture);
      await use(provider, 1_000n);
      const sent = pool.recordPoints(alice, Kind.Maintenance, 30n);
      await expect(sent)
        .to.emit(pool, "PointsRecorded")
        .withArgs(alice, Kind.Maintenance, 11n, 30n);
      await pool.recordPoints(bob, Kind.Maintenance, 10n);
      await pool.recordPoints(bob, Kind.Other, 1n);
      await enter(12n);

      const { allotment } = await pool.epochOf(11n);
      const maintenance = (allotment * MAINTENANCE_SHARE) / BPS;
      const other = (allotment * 500n) / BPS;
      expect([...(await pool.categoryOf(11n, Kind.Maintenance))]).to.deep.equal([40n, maintenance]);
      expect(await pool.pointsOf(alice, Kind.Maintenance)).to.equal(0n);
      expect(await pool.claimableOf(alice)).to.equal((maintenance * 3n) / 4n);
      expect(await pool.claimableOf(bob)).to.equal(maintenance / 4n + other);
      expect((await pool.epochOf(11n)).released).to.equal(
        (allotment * (PROVISION_SHARE + MAINTENANCE_SHARE + 500n)) / BPS,
      );
    });

    it("is worth nothing in an epoch without use, and books the epoch before (INC-I5)", async function () {
      const { pool, alice, provider, use, enter } = await networkHelpers.loadFixture(fixture);
      await use(provider, 1_000n);
      await pool.recordPoints(alice, Kind.Support, 1n);
      await enter(12n);
      await pool.recordPoints(alice, Kind.Support, 1n);
      await enter(13n);

      const support = ((await pool.epochOf(11n)).allotment * 500n) / BPS;
      expect(await pool.claimableOf(alice)).to.equal(support);
      await pool.claim(alice);
      expect(await pool.claimableOf(alice)).to.equal(0n);
      expect((await pool.epochOf(12n)).released).to.equal(0n);
    });
  });

  describe("claim (INC-6)", function () {
    it("pays the payout address, whoever asks, once (INC-I2, abuse case 52)", async function () {
      const { pool, nodes, token, provider, bob, stranger } =
        await networkHelpers.loadFixture(served);
      await nodes.connect(provider).setPayout(bob);
      const amount = earned(SERVED);

      const sent = pool.connect(stranger).claim(provider);
      await expect(sent).to.emit(pool, "RewardClaimed").withArgs(provider, bob, amount);
      await expect(sent).to.changeTokenBalances(ethers, token, [bob, pool], [amount, -amount]);
      for (const call of [() => pool.claim(provider), () => pool.connect(provider).claimTo(bob)])
        await expect(call())
          .to.be.revertedWithCustomError(pool, "IncentivePoolNothingToClaim")
          .withArgs(provider);
    });

    it("finds nothing for an unfinished epoch, nor for who contributed nothing (abuse case 52)", async function () {
      const { pool, provider, stranger, use } = await networkHelpers.loadFixture(fixture);
      await use(provider, 1_000n);

      for (const account of [provider, stranger])
        await expect(pool.claim(account))
          .to.be.revertedWithCustomError(pool, "IncentivePoolNothingToClaim")
          .withArgs(account);
    });

    it("works out the epoch in the block in which it is claimed (abuse case 52)", async function () {
      const { pool, provider } = await networkHelpers.loadFixture(served);

      const sent = pool.claim(provider);
      await expect(sent).to.emit(pool, "EpochClosed");
      await expect(sent).to.emit(pool, "RewardClaimed");
    });

    it("pays where the account says, never to nobody", async function () {
      const { pool, provider, bob } = await networkHelpers.loadFixture(served);

      for (const recipient of [ZeroAddress, await pool.getAddress()])
        await expect(pool.connect(provider).claimTo(recipient)).to.be.revertedWithCustomError(
          pool,
          "IncentivePoolZeroAddress",
        );
      await expect(pool.connect(provider).claimTo(bob))
        .to.emit(pool, "RewardClaimed")
        .withArgs(provider, bob, earned(SERVED));
    });

    it("adds to the stake of a provider, and leaves the reward of who is none", async function () {
      const { pool, nodes, alice, provider, use, enter } = await networkHelpers.loadFixture(served);
      const [before] = await nodes.stakeOf(provider);
      await pool.connect(provider).claimToStake();
      const [after] = await nodes.stakeOf(provider);
      expect(after - before).to.equal(earned(SERVED));
      await use(provider, 1n);
      await pool.recordPoints(alice, Kind.Support, 1n);
      await enter(13n);

      const claimable = await pool.claimableOf(alice);
      await expect(pool.connect(alice).claimToStake())
        .to.be.revertedWithCustomError(nodes, "NodeRegistryUnknownNode")
        .withArgs(alice);
      expect(await pool.claimableOf(alice)).to.equal(claimable);
    });

    it("costs the same after one epoch and after a hundred", async function () {
      const { pool, provider, other, use, enter } = await networkHelpers.loadFixture(fixture);
      const gasOf = async (account: { address: string }) => {
        const receipt = await (await pool.claim(account.address)).wait();
        return receipt?.gasUsed ?? 0n;
      };
      await use(provider, 1_000n);
      await use(other, 1_000n);
      await enter(12n);
      await use(other, 1n); // books other, and closes epoch 11
      const soon = await gasOf(other);
      for (let epoch = 13n; epoch < 113n; epoch += 1n) {
        await enter(epoch);
        await use(other, 1n);
      }

      const late = await gasOf(other);
      expect(late).to.be.lessThan(soon + 1_000n);
    });

    it("is fed by real settlements, booked at the first one of a later epoch (SET-7)", async function () {
      const suite = await networkHelpers.loadFixture(settling);
      const { pool, settle, sign, line, provider, startedAt } = suite;
      await time.increaseTo(startedAt + 11n * EPOCH);
      const { results } = await settle([await sign([line(1_000n)])]);
      await time.increaseTo(startedAt + 14n * EPOCH);
      const burned = results[0]?.burned ?? 0n;

      await settle([await sign([line(1_001n)])]);

      expect(burned > 0n).to.equal(true);
      expect((await pool.epochOf(11n)).burned).to.equal(burned);
      await time.increaseTo(startedAt + 15n * EPOCH);
      const more = await pool.epochOf(14n);
      const parts = [burned, more.burned].map((amount) => earned(amount));
      expect(await pool.claimableOf(provider)).to.equal((parts[0] ?? 0n) + (parts[1] ?? 0n));
    });

    it("never pays back what was burned: paying oneself loses (INC-I7, abuse case 46)", async function () {
      const suite = await networkHelpers.loadFixture(settling);
      const { pool, token, settle, sign, line, provider, startedAt } = suite;
      let burned = 0n;
      for (let epoch = 11n; epoch < 16n; epoch += 1n) {
        await time.increaseTo(startedAt + epoch * EPOCH);
        const { results } = await settle([await sign([line(epoch * 1_000n)])]);
        burned += results[0]?.burned ?? 0n;
      }
      await time.increaseTo(startedAt + 16n * EPOCH);
      const before = await token.balanceOf(provider);
      await pool.claim(provider);

      const got = (await token.balanceOf(provider)) - before;
      expect(got > 0n).to.equal(true);
      expect(got * BPS).to.be.lessThan(burned * KAPPA_BPS + 1n);
    });
  });

  describe("returnUnclaimed (INC-6)", function () {
    it("returns what was left for 365 days, to the second, and nothing can be claimed then", async function () {
      const { pool, provider, stranger, startedAt } = await networkHelpers.loadFixture(served);
      const returnableAt = startedAt + 12n * EPOCH + YEAR;
      expect(await pool.returnableAt(provider)).to.equal(returnableAt);
      expect(await pool.returnableAt(stranger)).to.equal(0n);

      await time.setNextBlockTimestamp(returnableAt - 1n);
      await expect(pool.returnUnclaimed(provider))
        .to.be.revertedWithCustomError(pool, "IncentivePoolTooEarly")
        .withArgs(provider, returnableAt);
      await time.setNextBlockTimestamp(returnableAt);
      await expect(pool.connect(stranger).returnUnclaimed(provider))
        .to.emit(pool, "RewardReturned")
        .withArgs(provider, earned(SERVED));
      expect([...(await pool.fundsOf())]).to.deep.equal([
        1_000_000n * OPA,
        earned(SERVED),
        0n,
        earned(SERVED),
      ]);
      for (const call of [() => pool.claim(provider), () => pool.returnUnclaimed(provider)])
        await expect(call())
          .to.be.revertedWithCustomError(pool, "IncentivePoolNothingToClaim")
          .withArgs(provider);
    });

    it("counts from the last contribution or claim", async function () {
      const { pool, provider, use, enter, startedAt } = await networkHelpers.loadFixture(served);
      await enter(200n);
      await use(provider, 1n);
      await enter(300n);

      expect(await pool.returnableAt(provider)).to.equal(startedAt + 201n * EPOCH + YEAR);
      await pool.claim(provider);
      expect(await pool.returnableAt(provider)).to.equal(startedAt + 301n * EPOCH + YEAR);
    });
  });

  describe("scoreOf (INC-7)", function () {
    it("is what was earned, from its epoch on, and halves in 90 epochs", async function () {
      const { pool, provider, use, enter } = await networkHelpers.loadFixture(fixture);
      await use(provider, 10n ** 12n);
      await enter(11n + 90n);
      expect(await pool.scoreOf(provider)).to.equal(0n); // not booked yet
      const amount = earned(10n ** 12n * GWEI);
      await pool.claim(provider);

      const half = await pool.scoreOf(provider);
      expect(half).to.be.lessThan(amount / 2n + GWEI);
      expect(half + 2n * GWEI).to.be.greaterThan(amount / 2n);
      await enter(11n + 180n);
      expect((await pool.scoreOf(provider)) * 2n).to.be.lessThan(half + 2n * GWEI);
      await enter(11n + 90n * 64n);
      expect(await pool.scoreOf(provider)).to.equal(0n);
    });

    it("gives an access tier", async function () {
      const { pool, authority, provider, use, enter, startedAt } =
        await networkHelpers.loadFixture(fixture);
      const policy = await ethers.deployContract("AccessPolicy", [
        authority,
        startedAt,
        EPOCH,
        ZeroAddress,
        pool,
        OPA,
        OPA,
      ]);
      await use(provider, 4n * 10n ** 9n);
      await enter(12n);
      expect(await policy.tierOf(provider)).to.equal(0n);

      await pool.book([provider]);

      expect(await policy.tierOf(provider)).to.equal(1n);
    });
  });
});

async function settling() {
  const suite = await deploySettling(connection);
  await fund(connection, suite, suite.pool, 1_000_000n * OPA);
  await suite.pool.absorb();
  return suite;
}

/** The fixture, in the epoch of the deployment. */
async function deployIncentivesInStartEpoch() {
  const suite = await networkHelpers.loadFixture(fixture);
  const { registry, nodes, authority, enter } = suite;
  const pool = await deployPool(connection, registry, nodes, authority);
  const use = async (node: { address: string }, gwei: bigint) => {
    await suite.use(node, gwei);
    await pool.book([node.address]);
  };
  return { ...suite, pool, use, enter: (epoch: bigint) => enter(epoch + 1n) };
}
