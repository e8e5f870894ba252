import { expect } from "chai";
import { network } from "hardhat";

import {
  connectPool,
  readPoolFunds,
  readReleases,
  readRewards,
  readStake,
} from "../../../sdk/index.js";
import {
  deploySettling,
  EPOCH,
  GWEI,
  KAPPA_BPS,
  MINIMUM_STAKE,
  SHARES,
} from "../../support/metering.js";
import { OPA } from "../../support/release.js";

const UNITS = 1_000_000n;
const BURNED = 10n * GWEI * UNITS;

const connection = await network.create();
const { networkHelpers } = connection;

/** A funded pool, and use of a provider in the epoch after the deployment, which is over. */
async function earningFixture() {
  const suite = await deploySettling(connection);
  const { alice, token, startedAt, line, sign, settlement } = suite;
  const pool = await connectPool({ settlement: suite.settlement });
  await token.connect(alice).transfer(pool, 1_000n * OPA);
  await pool.connect(alice).absorb();
  await networkHelpers.time.increaseTo(startedAt + 11n * EPOCH + 60n);
  await settlement.settle([await sign([line(UNITS)])]);
  await networkHelpers.time.increaseTo(startedAt + 12n * EPOCH + 60n);
  return { ...suite, pool };
}

describe("sdk/reads", function () {
  describe("readStake", function () {
    it("says what is staked, on its way out and slashable", async function () {
      const { nodes, provider } = await networkHelpers.loadFixture(earningFixture);
      await nodes.connect(provider).deactivate(provider);
      await nodes.connect(provider).requestUnbonding(MINIMUM_STAKE);
      const requestedAt = BigInt(await networkHelpers.time.latest());

      const stake = await readStake({ nodes }, provider.address);

      expect(stake).to.deep.equal({
        staked: 4n * MINIMUM_STAKE,
        unbonding: MINIMUM_STAKE,
        parts: [{ amount: MINIMUM_STAKE, readyAt: requestedAt + 21n * 86_400n }],
        slashable: (5n * MINIMUM_STAKE) / 10n, // a tenth of its own is a twentieth of both
      });
    });

    it("is nothing for whoever is no provider", async function () {
      const { nodes, stranger } = await networkHelpers.loadFixture(earningFixture);

      const nothing = { staked: 0n, unbonding: 0n, parts: [], slashable: 0n };
      expect(await readStake({ nodes }, stranger.address)).to.deep.equal(nothing);
    });
  });

  describe("readRewards", function () {
    it("says what a provider can claim, before anybody closes the epoch", async function () {
      const { pool, provider, startedAt } = await networkHelpers.loadFixture(earningFixture);
      const claimable = (((BURNED * KAPPA_BPS) / 10_000n) * SHARES[0]) / 10_000n;

      const before = await readRewards(pool, provider.address);
      await pool.book([provider]);
      const after = await readRewards(pool, provider.address);

      const returnableAt = startedAt + 12n * EPOCH + 365n * 86_400n;
      expect(before).to.deep.equal({ claimable, returnableAt, score: 0n });
      expect(after).to.include({ claimable, returnableAt });
      expect(after.score).to.be.greaterThan((claimable * 99n) / 100n - GWEI);
    });
  });

  describe("readPoolFunds and readReleases", function () {
    it("say what the pool released, and leave epochs without use out", async function () {
      const { pool } = await networkHelpers.loadFixture(earningFixture);
      const allotment = (BURNED * KAPPA_BPS) / 10_000n;
      const released = (allotment * SHARES[0]) / 10_000n;

      const releases = await readReleases(pool, 9n, 12n);

      const epoch = { epoch: 11n, burned: BURNED, allotment, released, kappaBps: KAPPA_BPS };
      expect(releases).to.deep.equal([epoch]);
      expect(await readReleases(pool, 5n, 4n)).to.deep.equal([]);
      expect(await readPoolFunds(pool)).to.deep.equal({
        remaining: 1_000n * OPA - released,
        incoming: 0n,
        owed: released,
        released,
      });
    });
  });
});
