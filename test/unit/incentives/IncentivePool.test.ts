import { expect } from "chai";
import { ZeroAddress } from "ethers";
import { network } from "hardhat";

import { itBoundsGas } from "../../support/gas.js";
import {
  CLAIM_LIMIT,
  deployIncentives,
  EPOCH,
  GWEI,
  KAPPA_BPS,
  Kind,
  MAINTENANCE_SHARE,
  PROVISION_SHARE,
  SHARES,
} from "../../support/incentives.js";
import { OPA } from "../../support/release.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;

const BPS = 10_000n;
const YEAR = 365n * EPOCH;
const MAX_POINTS = 2n ** 56n - 1n;
const MOST_CLAIMS = 16_000_000n * OPA;

/** Reward of provision in an epoch in which κ binds and the provider was alone. */
const earned = (burned: bigint) => (((burned * KAPPA_BPS) / BPS) * PROVISION_SHARE) / BPS;

const SERVED = 1_000n * OPA;
const FEW = 100n * OPA;

async function fixture() {
  return deployIncentives(connection);
}

/** A provider burned 1,000 OPA in epoch 11; epoch 12 runs. */
async function served() {
  const suite = await fixture();
  await suite.use(suite.provider, SERVED);
  await suite.enter(12n);
  return suite;
}

describe("IncentivePool", function () {
  describe("constructor", function () {
    const build = async (changes: Record<string, unknown> = {}) => {
      const { vault, nodes, lock, authority } = await networkHelpers.loadFixture(fixture);
      const all = { vault, nodes, lock, limit: CLAIM_LIMIT, shares: [...SHARES], ...changes };
      return ethers.deployContract("IncentivePool", [
        all.vault,
        all.nodes,
        all.lock,
        authority,
        all.limit,
        all.shares,
      ]);
    };

    for (const name of ["vault", "nodes", "lock"])
      it(`reverts without ${name}`, async function () {
        const { pool } = await networkHelpers.loadFixture(fixture);

        await expect(build({ [name]: ZeroAddress })).to.be.revertedWithCustomError(
          pool,
          "IncentivePoolZeroAddress",
        );
      });

    it("reverts for a limit of nothing or over 16,000,000 OPA", async function () {
      const { pool } = await networkHelpers.loadFixture(fixture);

      for (const limit of [0n, MOST_CLAIMS + 1n])
        await expect(build({ limit }))
          .to.be.revertedWithCustomError(pool, "IncentivePoolInvalidLimit")
          .withArgs(limit, MOST_CLAIMS);
      await build({ limit: MOST_CLAIMS });
    });

    it("reverts for shares that are not 100% together", async function () {
      const { pool } = await networkHelpers.loadFixture(fixture);

      for (const first of [6_999n, 7_001n])
        await expect(build({ shares: [first, ...SHARES.slice(1)] }))
          .to.be.revertedWithCustomError(pool, "IncentivePoolInvalidShares")
          .withArgs(first + 3_000n);
    });

    it("takes token and Meter from the vault, and keeps modules and shares", async function () {
      const { pool, vault, token, meter, nodes, lock } = await networkHelpers.loadFixture(fixture);

      expect([
        await pool.VAULT(),
        await pool.TOKEN(),
        await pool.METER(),
        await pool.NODES(),
        await pool.LOCK(),
      ]).to.deep.equal(
        await Promise.all([vault, token, meter, nodes, lock].map((module) => module.getAddress())),
      );
      for (const [category, share] of SHARES.entries())
        expect(await pool.shareOf(category)).to.equal(share);
      expect(await pool.POINT_CEILING()).to.equal(GWEI);
      expect(await pool.MAX_POINTS()).to.equal(MAX_POINTS);
    });
  });

  describe("book (SET-7)", function () {
    it("reverts for anyone but the Meter", async function () {
      const { pool, stranger } = await networkHelpers.loadFixture(fixture);

      await expect(pool.connect(stranger).book(stranger, 11n, OPA))
        .to.be.revertedWithCustomError(pool, "IncentivePoolNotMeter")
        .withArgs(stranger);
    });

    it("closes the epoch and books the provider with the first use of a later one", async function () {
      const { pool, vault, provider, use } = await networkHelpers.loadFixture(served);

      await expect(use(provider, OPA)).to.emit(vault, "EpochClosed");

      expect(await pool.claimableOf(provider)).to.equal(earned(SERVED));
      expect(await pool.scoreOf(provider)).to.be.greaterThan(0n);
    });

    it("closes the epoch also where the first use of a later one is that of a new provider", async function () {
      const { vault, pool, provider, other, use, enter } = await networkHelpers.loadFixture(served);
      await use(other, OPA); // never used before
      expect(await vault.lastClosed()).to.equal(11n);
      await enter(50n);

      expect(await pool.claimableOf(provider)).to.equal(earned(SERVED));
    });

    it("adds nothing to what a claim has booked before", async function () {
      const { pool, token, provider, use } = await networkHelpers.loadFixture(served);
      await pool.claim(provider);
      await use(provider, OPA);

      expect(await pool.claimableOf(provider)).to.equal(0n);
      expect(await token.balanceOf(provider)).to.equal(earned(SERVED));
    });

    it("shares an epoch by what was burned through each, and keeps the rest (INC-I6, abuse case 28)", async function () {
      const { pool, vault, provider, other, use, enter } =
        await networkHelpers.loadFixture(fixture);
      await use(provider, 7n * GWEI);
      await use(other, 3n * GWEI);
      await enter(12n);
      await vault.close();

      const { allotment, released } = await vault.closingOf(11n);
      const part = (allotment * PROVISION_SHARE) / BPS;
      const both = [await pool.claimableOf(provider), await pool.claimableOf(other)];
      expect([part, released]).to.deep.equal([(35n * GWEI) / 10n, 4n * GWEI]); // of 5 gwei, in whole gwei
      expect(both).to.deep.equal([(7n * part) / 10n, (3n * part) / 10n]);
      await pool.claim(provider);
      await pool.claim(other);
    });
  });

  describe("recordPoints (INC-1)", function () {
    /** The same with use in epoch 11, so that points can be recorded. */
    async function running() {
      const suite = await fixture();
      await suite.use(suite.provider, SERVED);
      return suite;
    }

    it("reverts for anyone without RECORDER", async function () {
      const { pool, stranger, alice } = await networkHelpers.loadFixture(running);

      await expect(pool.connect(stranger).recordPoints(alice, Kind.Support, 1n))
        .to.be.revertedWithCustomError(pool, "AccessManagedUnauthorized")
        .withArgs(stranger);
    });

    it("reverts while paused", async function () {
      const { pool, guardian, alice } = await networkHelpers.loadFixture(running);
      const reason = `0x${"01".repeat(20)}`;
      await pool.connect(guardian).pause(reason, BigInt(await time.latest()) + EPOCH);

      await expect(pool.recordPoints(alice, Kind.Support, 1n)).to.be.revertedWithCustomError(
        pool,
        "GuardedPauseActive",
      );
    });

    it("reverts for nobody, no points, provision, and a category without a share", async function () {
      const { pool, alice } = await networkHelpers.loadFixture(running);

      for (const [account, category, points] of [
        [ZeroAddress, Kind.Support, 1n],
        [alice.address, Kind.Support, 0n],
        [alice.address, Kind.Provision, 1n],
        [alice.address, Kind.Other, 1n],
      ] as const)
        await expect(pool.recordPoints(account, category, points))
          .to.be.revertedWithCustomError(pool, "IncentivePoolInvalidPoints")
          .withArgs(account, category, points);
    });

    it("reverts in an epoch in which nothing was burned, and in one of another pool (M5)", async function () {
      const { pool, meter, alice, provider, deployPool, use, enter } =
        await networkHelpers.loadFixture(running);
      await enter(12n);
      await expect(pool.recordPoints(alice, Kind.Support, 1n))
        .to.be.revertedWithCustomError(pool, "IncentivePoolNotReleasing")
        .withArgs(12n);

      await meter.setBook(await deployPool());
      await enter(13n);
      await use(provider, OPA);
      await expect(pool.recordPoints(alice, Kind.Support, 1n))
        .to.be.revertedWithCustomError(pool, "IncentivePoolNotReleasing")
        .withArgs(13n);
    });

    it("reverts when the points of an epoch would not fit", async function () {
      const { pool, alice, bob } = await networkHelpers.loadFixture(running);
      await pool.recordPoints(alice, Kind.Support, MAX_POINTS - 1n);

      await expect(pool.recordPoints(bob, Kind.Support, 2n))
        .to.be.revertedWithCustomError(pool, "IncentivePoolPointsOverflow")
        .withArgs(Kind.Support, 2n, 1n);
      await expect(pool.recordPoints(bob, Kind.Maintenance, MAX_POINTS + 1n))
        .to.be.revertedWithCustomError(pool, "IncentivePoolPointsOverflow")
        .withArgs(Kind.Maintenance, MAX_POINTS + 1n, MAX_POINTS);
      await pool.recordPoints(bob, Kind.Maintenance, MAX_POINTS);
      expect(await pool.pointsOf(alice, Kind.Support)).to.equal(MAX_POINTS - 1n);
      expect(await pool.pointsOf(bob, Kind.Provision)).to.equal(0n);
    });

    it("counts in the running epoch, and shares what the epoch gives each category (INC-I4)", async function () {
      const { pool, vault, alice, bob, enter } = await networkHelpers.loadFixture(running);
      const point = (10n * OPA) / GWEI; // so many that the shares bind and not the ceiling
      await expect(pool.recordPoints(alice, Kind.Maintenance, 30n * point))
        .to.emit(pool, "PointsRecorded")
        .withArgs(alice, Kind.Maintenance, 11n, 30n * point);
      await pool.recordPoints(bob, Kind.Maintenance, 10n * point);
      await pool.recordPoints(bob, Kind.Support, 10n * point);
      expect([...(await pool.categoryOf(11n, Kind.Maintenance))]).to.deep.equal([40n * point, 0n]);
      await enter(12n);

      const { allotment, released } = await vault.closingOf(11n);
      const part = (allotment * MAINTENANCE_SHARE) / BPS;
      expect([...(await pool.categoryOf(11n, Kind.Maintenance))]).to.deep.equal([
        40n * point,
        part,
      ]);
      expect(await pool.pointsOf(alice, Kind.Maintenance)).to.equal(0n);
      expect(await pool.claimableOf(alice)).to.equal((part * 3n) / 4n);
      expect(await pool.claimableOf(bob)).to.equal(part / 4n + part);
      expect(released).to.equal((allotment * (PROVISION_SHARE + 2n * MAINTENANCE_SHARE)) / BPS);
    });

    it("gives a category at most the ceiling of its points; the rest stays in the vault (INC-I11)", async function () {
      const { pool, vault, token, alice, enter } = await networkHelpers.loadFixture(running);
      await pool.recordPoints(alice, Kind.Maintenance, 7n);
      await enter(12n);
      await vault.close();

      expect(await pool.claimableOf(alice)).to.equal(7n * GWEI);
      expect(await token.balanceOf(pool)).to.equal(earned(SERVED) + 7n * GWEI);
    });

    it("books the account's points of an earlier epoch first", async function () {
      const { pool, alice, provider, use, enter } = await networkHelpers.loadFixture(running);
      await pool.recordPoints(alice, Kind.Support, 5n);
      await enter(12n);
      await use(provider, OPA);
      await pool.recordPoints(alice, Kind.Support, 3n);
      expect(await pool.claimableOf(alice)).to.equal(5n * GWEI);
      await enter(13n);
      expect(await pool.claimableOf(alice)).to.equal(8n * GWEI);
    });
  });

  describe("claim (INC-6)", function () {
    it("pays the payout address, whoever asks, once, and nothing the second time (INC-I2, abuse case 52)", async function () {
      const { pool, vault, token, provider, bob, stranger } =
        await networkHelpers.loadFixture(served);
      await expect(pool.connect(provider).setPayout(bob))
        .to.emit(pool, "PayoutChanged")
        .withArgs(provider, ZeroAddress, bob);
      await vault.close();
      const amount = earned(SERVED);

      const sent = pool.connect(stranger).claim(provider);
      await expect(sent).to.emit(pool, "RewardClaimed").withArgs(provider, bob, amount);
      await expect(sent).to.changeTokenBalances(ethers, token, [bob, pool], [amount, -amount]);
      for (const call of [
        () => pool.connect(stranger).claim(provider),
        () => pool.connect(provider).claimTo(bob),
        () => pool.connect(provider).claimToStake(),
        () => pool.connect(provider).claimToLock(),
      ]) {
        const receipt = await (await call()).wait();
        expect(receipt?.logs).to.have.length(0);
      }
    });

    it("pays the account itself until it names another address, and again afterwards", async function () {
      const { pool, provider, bob } = await networkHelpers.loadFixture(served);
      expect(await pool.payoutOf(provider)).to.equal(provider.address);
      await expect(pool.connect(provider).setPayout(pool)).to.be.revertedWithCustomError(
        pool,
        "IncentivePoolZeroAddress",
      );
      await pool.connect(provider).setPayout(bob);
      expect(await pool.payoutOf(provider)).to.equal(bob.address);
      await expect(pool.connect(provider).setPayout(ZeroAddress))
        .to.emit(pool, "PayoutChanged")
        .withArgs(provider, bob, ZeroAddress);

      await expect(pool.claim(provider))
        .to.emit(pool, "RewardClaimed")
        .withArgs(provider, provider, earned(SERVED));
    });

    it("pays attested work to the address that is named when the claim comes", async function () {
      const suite = await networkHelpers.loadFixture(fixture);
      const { pool, alice, bob, use, enter, provider } = suite;
      const epochs = [12n, 14n, 16n, 18n];
      const paid: string[] = [];
      for (const [i, epoch] of epochs.entries()) {
        if (i === 1) await pool.connect(alice).setPayout(bob);
        if (i === 2) await pool.connect(alice).setPayout(ZeroAddress);
        await enter(epoch);
        await use(provider, SERVED);
        await pool.recordPoints(alice, Kind.Support, MAX_POINTS);
        if (i === 3) await pool.connect(alice).setPayout(bob);
        await enter(epoch + 1n);
        await pool.claim(alice);
        const [last] = (await pool.queryFilter(pool.filters.RewardClaimed())).slice(-1);
        paid.push(last?.args.recipient ?? "");
        expect(await pool.claimableOf(alice)).to.equal(0n);
      }

      expect(paid).to.deep.equal([alice, bob, alice, bob].map(({ address }) => address));
    });

    it("finds nothing for an unfinished epoch, nor for who contributed nothing (abuse case 52)", async function () {
      const { pool, provider, stranger, use } = await networkHelpers.loadFixture(fixture);
      await use(provider, SERVED);

      for (const account of [provider, stranger]) {
        expect(await pool.claim.staticCall(account)).to.equal(0n);
        await pool.claim(account);
      }
      expect(await pool.returnableAt(provider)).to.equal(0n);
    });

    it("closes the epoch in the transaction that claims it (abuse case 52)", async function () {
      const { pool, vault, provider } = await networkHelpers.loadFixture(served);

      const sent = pool.claim(provider);
      await expect(sent).to.emit(vault, "EpochClosed");
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
      await use(provider, OPA);
      await pool.recordPoints(alice, Kind.Support, 9n);
      await enter(13n);

      await expect(pool.connect(alice).claimToStake())
        .to.be.revertedWithCustomError(nodes, "NodeRegistryUnknownNode")
        .withArgs(alice);
      expect(await pool.claimableOf(alice)).to.equal(9n * GWEI);
    });

    it("adds to the lock of the account, and leaves the reward of who has none", async function () {
      const { pool, lock, token, provider, give } = await networkHelpers.loadFixture(served);
      await expect(pool.connect(provider).claimToLock()).to.be.revertedWithCustomError(
        lock,
        "GovernanceLockNotRunning",
      );
      await give(provider, OPA);
      await token.connect(provider).approve(lock, OPA);
      await lock.connect(provider).lock(OPA, (await lock.endRange()).latest);

      await pool.connect(provider).claimToLock();
      expect((await lock.lockOf(provider)).amount).to.equal(OPA + earned(SERVED));
    });

    it("tells the limit, and the rest of it after a claim", async function () {
      const { pool, provider, use, enter } = await networkHelpers.loadFixture(fixture);
      await use(provider, SERVED);
      await enter(12n);
      const before = await pool.claimLimit();
      const paid = await pool.claim.staticCall(provider);
      await pool.claim(provider);

      expect(paid).to.be.greaterThan(0n);
      expect(before.limit).to.equal(CLAIM_LIMIT);
      expect(await pool.claimLimit()).to.deep.equal([CLAIM_LIMIT, before.available - paid]);
    });

    itBoundsGas("costs the same after one epoch and after a hundred", async function () {
      const { pool, bob, provider, other, use, enter } = await networkHelpers.loadFixture(fixture);
      const gasOf = async (account: { address: string }) =>
        (await (await pool.claim(account.address)).wait())?.gasUsed ?? 0n;
      await use(provider, SERVED);
      await use(other, SERVED);
      await gasOf(bob);
      await enter(12n);
      await use(other, OPA);
      await gasOf(other); // the first one, with a new balance
      await enter(13n);
      await use(other, OPA);
      const soon = await gasOf(other);
      for (let epoch = 14n; epoch < 114n; epoch += 1n) {
        await enter(epoch);
        await use(other, OPA);
      }
      expect(await gasOf(other)).to.be.closeTo(soon, 1_000n);
      const idle = await gasOf(provider); // with a new balance and a new record, and not booked
      expect(idle).to.be.lessThan(soon + 2n * 17_100n + 20_000n);
    });

    it("pays what a former pool owes there, and what the next pool owes there (EVO-1)", async function () {
      const { pool, meter, token, provider, other, deployPool, use, enter } =
        await networkHelpers.loadFixture(fixture);
      await use(provider, FEW);
      await use(other, FEW);
      const next = await deployPool();
      await meter.setBook(next);
      await enter(12n);
      await use(provider, 2n * FEW); // booked at the former pool by the Meter
      await enter(13n);

      expect(await pool.claimableOf(provider)).to.equal(earned(FEW));
      expect(await pool.claimableOf(other)).to.equal(earned(FEW)); // not booked: asks the Meter
      expect(await next.claimableOf(provider)).to.equal(earned(2n * FEW));
      expect(await next.claimableOf(other)).to.equal(0n);
      for (const [from, account, amount] of [
        [pool, provider, earned(FEW)],
        [pool, other, earned(FEW)],
        [next, provider, earned(2n * FEW)],
        [next, other, 0n],
      ] as const)
        await expect(from.claim(account)).to.changeTokenBalance(ethers, token, account, amount);
      // Both are empty now but for rounding.
      expect([await token.balanceOf(pool), await token.balanceOf(next)]).to.deep.equal([0n, 0n]);
    });

    it("earns the same in any epoch while κ binds, and shares the stage cap where it binds, whoever submits (E1)", async function () {
      const { pool, vault, provider, other, use, enter } =
        await networkHelpers.loadFixture(fixture);
      const run = async (epochs: { at: bigint; beside: bigint }) => {
        const before = await networkHelpers.takeSnapshot();
        await enter(epochs.at);
        await use(provider, FEW);
        if (epochs.beside !== 0n) await use(other, epochs.beside);
        await enter(epochs.at + 1n);
        const amount = await pool.claimableOf(provider);
        const { allotment, burned } = await vault.closingOf(epochs.at);
        await before.restore();
        return { amount, allotment, burned };
      };

      for (const beside of [0n, FEW, 15n * FEW])
        expect((await run({ at: 12n, beside })).amount).to.equal(earned(FEW));
      // Submitted beside use that is more than the stage cap lets out, it gets its share of the cap, as every other wei of use.
      const late = await run({ at: 13n, beside: 200n * FEW });
      const part = (late.allotment * PROVISION_SHARE) / BPS;
      expect(late.amount).to.equal((FEW * part) / late.burned);
      expect(late.amount).to.be.lessThan(earned(FEW));
    });

    it("never pays back what was burned: paying oneself loses (INC-I7, abuse case 46)", async function () {
      const { pool, vault, provider, use, enter } = await networkHelpers.loadFixture(fixture);
      let kappa = KAPPA_BPS;
      let epoch = 12n;
      while (kappa < 9_000n) {
        kappa = (kappa * 12_000n) / BPS < 9_000n ? (kappa * 12_000n) / BPS : 9_000n;
        await vault.announce(await vault.KAPPA(), kappa);
        epoch += 10n;
        await enter(epoch);
      }
      await use(provider, FEW);
      await enter(epoch + 1n);

      expect(await pool.claimableOf(provider)).to.equal(
        (((FEW * 9_000n) / BPS) * PROVISION_SHARE) / BPS,
      );
    });
  });

  describe("returnUnclaimed (INC-6)", function () {
    it("returns a reward to the vault that was left for 365 days, to the second", async function () {
      const { pool, vault, token, provider, stranger, startedAt } =
        await networkHelpers.loadFixture(served);
      const at = startedAt + 12n * EPOCH + YEAR;
      expect(await pool.returnableAt(provider)).to.equal(at);
      await time.setNextBlockTimestamp(at - 1n);
      await expect(pool.connect(stranger).returnUnclaimed(provider))
        .to.be.revertedWithCustomError(pool, "IncentivePoolTooEarly")
        .withArgs(provider, at);

      await time.setNextBlockTimestamp(at);
      const sent = pool.connect(stranger).returnUnclaimed(provider);
      const amount = earned(SERVED);
      await expect(sent).to.emit(pool, "RewardReturned").withArgs(provider, amount);
      expect(await token.balanceOf(pool)).to.equal(0n);
      expect((await vault.fundsOf()).own).to.equal(await token.balanceOf(vault));
      expect(await pool.claimableOf(provider)).to.equal(0n);
      const again = await (await pool.connect(stranger).returnUnclaimed(provider)).wait();
      expect(again?.logs).to.have.length(0);
    });

    it("leaves an account alone that contributes in the running epoch (A4)", async function () {
      const { pool, provider, alice, use, enter } = await networkHelpers.loadFixture(fixture);
      await use(provider, SERVED);
      await pool.recordPoints(alice, Kind.Support, 5n);
      await enter(400n);
      await use(provider, OPA);
      await pool.recordPoints(alice, Kind.Support, 5n);

      for (const account of [provider, alice])
        await expect(pool.returnUnclaimed(account))
          .to.be.revertedWithCustomError(pool, "IncentivePoolActive")
          .withArgs(account);
    });

    it("counts from the last contribution, or the last claim that left a part", async function () {
      const { vault, nodes, lock, authority, meter, provider, use, enter, startedAt } =
        await networkHelpers.loadFixture(fixture);
      const pool = await ethers.deployContract("IncentivePool", [
        ...[vault, nodes, lock, authority, OPA],
        [...SHARES],
      ]);
      await meter.setBook(pool);
      await enter(12n);
      await use(provider, SERVED);
      await enter(100n);
      await pool.claim(provider); // 2 of 350 OPA
      expect(await pool.returnableAt(provider)).to.equal(startedAt + 101n * EPOCH + YEAR);

      const left = await pool.claimableOf(provider);
      await enter(102n);
      const more = await pool.claim.staticCall(provider);
      await pool.claim(provider);
      expect(more).to.equal(2n * OPA);
      expect(await pool.claimableOf(provider)).to.equal(left - more);
    });
  });

  describe("scoreOf (INC-7)", function () {
    it("is what was earned, from its epoch on, and halves in 90 epochs", async function () {
      const { pool, provider, enter } = await networkHelpers.loadFixture(served);
      await pool.claim(provider);
      const score = await pool.scoreOf(provider);
      const amount = earned(SERVED);
      expect(score).to.be.closeTo(amount, amount / 100n); // an epoch old
      await enter(102n);
      expect(await pool.scoreOf(provider)).to.be.closeTo(score / 2n, 2n * GWEI);
      await enter(20_000n);
      expect(await pool.scoreOf(provider)).to.equal(0n);
    });

    it("adds rewards in any order of their epochs", async function () {
      const { pool, provider, use, enter } = await networkHelpers.loadFixture(fixture);
      await use(provider, SERVED);
      await pool.recordPoints(provider, Kind.Support, (10n * OPA) / GWEI);
      await enter(12n);
      await use(provider, SERVED); // books provision of epoch 11; the points come later
      await enter(13n);
      await pool.claim(provider); // provision of epoch 12, then the points of epoch 11

      const all = 2n * earned(SERVED) + 10n * OPA;
      expect(await pool.scoreOf(provider)).to.be.closeTo(all, all / 50n);
    });
  });

  it("supports its interfaces by ERC-165", async function () {
    const { pool } = await networkHelpers.loadFixture(fixture);
    expect(await pool.supportsInterface("0x01ffc9a7")).to.equal(true);
    expect(await pool.supportsInterface("0xffffffff")).to.equal(false);
  });
});
