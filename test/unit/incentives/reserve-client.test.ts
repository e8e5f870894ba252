import { expect } from "chai";
import { encodeBytes32String } from "ethers";
import { network } from "hardhat";

import { deployIncentives } from "../../support/incentives.js";
import { fund, GWEI, KAPPA_BPS, SHARES, STAGES } from "../../support/metering.js";
import { OPA } from "../../support/release.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;

const DAY = 86_400n;
const USE_PERIOD = 90n * DAY;
const LIMIT = 10n * OPA;
const CLAIMS = encodeBytes32String("claims");
const DRAW = 1_000n * OPA;

/** A pool whose reserve the admin plays, as the fixture deploys it. */
async function fixture() {
  return deployIncentives(connection);
}

/** A pool with a small limit of claims, in which a provider has earned 35 OPA. */
async function earned() {
  const suite = await deployIncentives(connection);
  const { registry, nodes, lock, authority, provider, startedAt } = suite;
  const limited = await ethers.deployContract("IncentivePool", [
    registry,
    nodes,
    lock,
    ethers.ZeroAddress,
    authority,
    KAPPA_BPS,
    LIMIT,
    [...SHARES],
    STAGES,
  ]);
  await fund(connection, suite, limited, 1_000_000n * OPA);
  await limited.absorb();
  await suite.enter(12n);
  await suite.use(provider, (100n * OPA) / GWEI);
  await suite.enter(13n);
  const due = await limited.claimableOf(provider);
  return { ...suite, limited, due, startedAt };
}

describe("Limit of claims (SAF-2)", function () {
  it("must be more than nothing and at most 16,000,000 OPA", async function () {
    const { registry, nodes, lock, authority, pool } = await networkHelpers.loadFixture(fixture);
    const most = 16_000_000n * OPA;

    for (const limit of [0n, most + 1n])
      await expect(
        ethers.deployContract("IncentivePool", [
          registry,
          nodes,
          lock,
          ethers.ZeroAddress,
          authority,
          KAPPA_BPS,
          limit,
          [...SHARES],
          STAGES,
        ]),
      )
        .to.be.revertedWithCustomError(pool, "IncentivePoolInvalidLimit")
        .withArgs(limit, most);
  });

  it("pays what it allows, keeps the rest claimable, pays nothing without a revert, and fills again", async function () {
    const { limited, token, provider, due } = await networkHelpers.loadFixture(earned);
    expect(due).to.be.greaterThan(3n * LIMIT);
    expect(await limited.claimLimit()).to.deep.equal([LIMIT, 2n * LIMIT]);

    const first = limited.claim(provider);
    await expect(first).to.changeTokenBalance(ethers, token, provider, 2n * LIMIT);
    await expect(first)
      .to.emit(limited, "RewardClaimed")
      .withArgs(provider, provider, 2n * LIMIT);
    expect(await limited.claimableOf(provider)).to.equal(due - 2n * LIMIT);
    expect(await limited.isRestricted(CLAIMS)).to.equal(true);
    const { available } = await limited.claimLimit();
    expect(available).to.be.lessThan(OPA);
    await time.increase(DAY);

    expect(await limited.isRestricted(CLAIMS)).to.equal(false);
    expect(await limited.claimLimit()).to.deep.equal([LIMIT, 2n * LIMIT]);
    await limited.claim(provider);
    expect(await limited.claimableOf(provider)).to.equal(0n);
    const { owed } = await limited.fundsOf();
    expect(owed).to.be.lessThan(due);
  });

  it("says what waits, and pays zero when nothing is left", async function () {
    const { limited, provider, due } = await networkHelpers.loadFixture(earned);
    const now = BigInt(await time.latest()) + 100n;

    await time.setNextBlockTimestamp(now);
    await expect(limited.claim(provider))
      .to.emit(limited, "LimitTripped")
      .withArgs(CLAIMS, provider, due, 2n * LIMIT, now + DAY);
    const filled = (LIMIT * 1n) / DAY;
    await time.setNextBlockTimestamp(now + 1n);
    await expect(limited.claim(provider))
      .to.emit(limited, "LimitTripped")
      .withArgs(CLAIMS, provider, due - 2n * LIMIT, filled, now + 1n + DAY);
    expect(await limited.claimableOf(provider)).to.equal(due - 2n * LIMIT - filled);
  });

  it("pays nothing, and changes nothing, when another claim took all of it in the same second", async function () {
    const { limited, provider, due } = await networkHelpers.loadFixture(earned);
    const claim = () => limited.claim(provider, { gasLimit: 500_000n });
    await ethers.provider.send("evm_setAutomine", [false]);

    const [first, second] = [await claim(), await claim()];
    await networkHelpers.mine();
    await ethers.provider.send("evm_setAutomine", [true]);

    expect((await first.wait())?.status).to.equal(1);
    await expect(second).not.to.emit(limited, "RewardClaimed");
    await expect(second).to.emit(limited, "LimitTripped");
    expect(await limited.claimableOf(provider)).to.equal(due - 2n * LIMIT);
    expect((await limited.fundsOf()).owed).to.be.greaterThanOrEqual(due - 2n * LIMIT);
  });

  it("reaches claims into a stake and a lock too", async function () {
    const { limited, nodes, lock, token, provider, due } = await networkHelpers.loadFixture(earned);
    const { staked } = await nodes.stakeOf(provider);

    await limited.connect(provider).claimToStake();

    expect((await nodes.stakeOf(provider)).staked).to.equal(staked + 2n * LIMIT);
    await expect(limited.connect(provider).claimToLock())
      .to.be.revertedWithCustomError(lock, "GovernanceLockNotRunning")
      .withArgs(provider, 0n);
    await time.increase(DAY);
    await limited.connect(provider).claimTo(provider);
    await token.connect(provider).approve(lock, OPA);
    const { latest } = await lock.endRange();
    await lock.connect(provider).lock(OPA, latest);
    expect(await limited.claimableOf(provider)).to.equal(due > 4n * LIMIT ? due - 4n * LIMIT : 0n);
  });

  it("lets a reward be claimed into a lock (INC-6)", async function () {
    const { pool, lock, token, provider, enter, use, registry } =
      await networkHelpers.loadFixture(fixture);
    await enter(12n);
    await use(provider, (100n * OPA) / GWEI);
    await enter(13n);
    expect(await registry.currentEpoch()).to.equal(13n);
    await pool.claim(provider);
    await token.connect(provider).approve(lock, OPA);
    const { latest } = await lock.endRange();
    await lock.connect(provider).lock(OPA, latest);
    await use(provider, (100n * OPA) / GWEI);
    await enter(14n);
    const due = await pool.claimableOf(provider);

    await expect(pool.connect(provider).claimToLock())
      .to.emit(lock, "LockIncreased")
      .withArgs(provider, pool, due, OPA + due);
  });
});

describe("A pool as client of the reserve (RSV-2)", function () {
  it("takes notice of a draw from nobody else", async function () {
    const { pool, stranger } = await networkHelpers.loadFixture(fixture);

    await expect(pool.connect(stranger).receiveDraw(1n, DRAW))
      .to.be.revertedWithCustomError(pool, "ReserveClientNotReserve")
      .withArgs(stranger);
    await expect(pool.returnUnused())
      .to.be.revertedWithCustomError(pool, "ReserveClientNothingToReturn")
      .withArgs(0n);
  });

  it("counts a draw from the next epoch on, and gives back what was not released in 90 days", async function () {
    const suite = await networkHelpers.loadFixture(fixture);
    const { pool, token, admin, provider, enter, use } = suite;
    const { remaining } = await pool.fundsOf();
    await fund(connection, suite, pool, DRAW);
    const now = BigInt(await time.latest()) + 10n;
    await time.setNextBlockTimestamp(now);

    await expect(pool.connect(admin).receiveDraw(7n, DRAW))
      .to.emit(pool, "DrawReceived")
      .withArgs(7n, DRAW, now + USE_PERIOD);
    const funds = await pool.fundsOf();
    expect([funds.remaining, funds.incoming]).to.deep.equal([remaining + DRAW, DRAW]);
    expect(await pool.unused()).to.deep.equal([DRAW, now + USE_PERIOD]);
    await enter(12n);
    await use(provider, (100n * OPA) / GWEI);
    await enter(13n);
    await pool.closeEpoch();
    const { released } = await pool.fundsOf();
    expect(released).to.be.greaterThan(0n);
    await expect(pool.returnUnused())
      .to.be.revertedWithCustomError(pool, "ReserveClientNothingToReturn")
      .withArgs(now + USE_PERIOD);
    await time.increaseTo(now + USE_PERIOD);
    await expect(pool.returnUnused()).to.changeTokenBalances(
      ethers,
      token,
      [pool, admin],
      [released - DRAW, DRAW - released],
    );
    expect((await pool.fundsOf()).remaining).to.equal(remaining);
    await expect(pool.returnUnused()).to.be.revertedWithCustomError(
      pool,
      "ReserveClientNothingToReturn",
    );
  });

  it("renews the time of what is left with a later draw", async function () {
    const suite = await networkHelpers.loadFixture(fixture);
    const { pool, admin } = suite;
    await fund(connection, suite, pool, 2n * DRAW);
    await pool.connect(admin).receiveDraw(1n, DRAW);
    await time.increase(50n * DAY);

    await pool.connect(admin).receiveDraw(2n, DRAW);

    const now = BigInt(await time.latest());
    expect(await pool.unused()).to.deep.equal([2n * DRAW, now + USE_PERIOD]);
  });
});
