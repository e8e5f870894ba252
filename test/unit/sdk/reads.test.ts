import { expect } from "chai";
import { network } from "hardhat";

import {
  connectNodes,
  connectPool,
  connectVault,
  readReleases,
  readRewards,
  readStake,
  readVaultFunds,
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
import { packed } from "../../support/statements.js";

const UNITS = 1_000_000n;
const BURNED = 10n * GWEI * UNITS;

const connection = await network.create();
const { networkHelpers } = connection;

/** A funded vault, and use of a provider in the epoch after the deployment, which is over. */
async function earningFixture() {
  const suite = await deploySettling(connection);
  const { alice, token, meter, startedAt, line, sign, settlement } = suite;
  const pool = await connectPool({ meter });
  const vault = await connectVault(pool);
  await token.connect(alice).transfer(vault, 1_000n * OPA);
  await networkHelpers.time.increaseTo(startedAt + 11n * EPOCH + 60n);
  await settlement.settle(packed([await sign([line(UNITS)])]));
  await networkHelpers.time.increaseTo(startedAt + 12n * EPOCH + 60n);
  return { ...suite, pool, vault };
}

describe("sdk/reads", function () {
  describe("readStake", function () {
    it("says what is staked, on its way out and slashable", async function () {
      const { nodes, provider } = await networkHelpers.loadFixture(earningFixture);
      await nodes.connect(provider).deactivate(provider);
      await nodes.connect(provider).requestUnbonding(MINIMUM_STAKE);
      const requestedAt = BigInt(await networkHelpers.time.latest());

      const stake = await readStake(nodes, provider.address);

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
      expect(await readStake(nodes, stranger.address)).to.deep.equal(nothing);
    });
  });

  describe("readRewards", function () {
    it("says what a provider can claim, before anybody closes the epoch", async function () {
      const { pool, provider, startedAt } = await networkHelpers.loadFixture(earningFixture);
      const claimable = (((BURNED * KAPPA_BPS) / 10_000n) * SHARES[0]) / 10_000n;

      const before = await readRewards(pool, provider.address);
      await pool.claim(provider);
      const after = await readRewards(pool, provider.address);

      const returnableAt = startedAt + 12n * EPOCH + 365n * 86_400n;
      expect(before).to.deep.equal({ claimable, returnableAt, score: 0n });
      expect(after).to.include({ claimable: 0n, returnableAt });
      expect(after.score).to.be.greaterThan((claimable * 99n) / 100n - GWEI);
    });
  });

  describe("connectPool", function () {
    it("finds the pool of an epoch, and says where there is none", async function () {
      const { meter, nodes, pool } = await networkHelpers.loadFixture(earningFixture);

      const found = await connectPool({ meter }, 11n);
      expect(await found.getAddress()).to.equal(await pool.getAddress());
      expect(await (await connectNodes(found)).getAddress()).to.equal(await nodes.getAddress());
      const missing = await connectPool({ meter }, 10n).catch((error: unknown) => error);
      expect(String(missing)).to.equal("Error: No pool divides epoch 10.");
    });
  });

  describe("readVaultFunds and readReleases", function () {
    it("say what the vault released, and leave epochs without use out", async function () {
      const { vault } = await networkHelpers.loadFixture(earningFixture);
      const allotment = (BURNED * KAPPA_BPS) / 10_000n;
      const released = (allotment * SHARES[0]) / 10_000n;

      const releases = await readReleases(vault, 9n, 12n);

      const amounts = { burned: BURNED, allotment, released, stageCap: OPA };
      expect(releases).to.deep.equal([{ epoch: 11n, ...amounts, kappaBps: KAPPA_BPS }]);
      expect(await readReleases(vault, 5n, 4n)).to.deep.equal([]);
      expect(await readVaultFunds(vault)).to.deep.equal({
        own: 1_000n * OPA - released,
        drawn: 0n,
        released,
        room: (BURNED * 9_000n) / 10_000n - released,
      });
    });
  });
});
