import { expect } from "chai";
import { ZeroAddress } from "ethers";
import { network } from "hardhat";

import { deploySettling, EPOCH, fund, registerNode, TOKENS } from "../../support/metering.js";
import { OPA } from "../../support/release.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;

const WEIGHT = 2n;
const RATE_GWEI = 5n;
const PRECISION = 10n ** 9n;

/** Two providers that publish capacity for prompt tokens, and a pool with funds. */
async function fixture() {
  const suite = await deploySettling(connection);
  const { incentiveVault, nodes, pool, provider, other } = suite;
  await fund(connection, suite, incentiveVault, 1_000_000n * OPA);
  const scheduler = await ethers.deployContract("NodeScheduler", [pool]);
  await nodes.connect(provider).publishCapacity(provider, [TOKENS], [1_000n]);
  await nodes.connect(other).publishCapacity(other, [TOKENS], [600n]);
  const rank = async (units = 1n, from = 0n, count = 256n) =>
    (await scheduler.rank(TOKENS, units, from, count)).map((found) => ({
      provider: found.provider,
      rank: found.rank,
      free: found.free,
      used: found.used,
      score: found.score,
    }));
  return { ...suite, scheduler, rank };
}

/** The documented formula. */
function rankOf(free: bigint, score: bigint): bigint {
  const boost = PRECISION + (score * PRECISION) / (score + 1_000n * OPA);
  return (free * boost) / RATE_GWEI;
}

describe("NodeScheduler (NOD-5)", function () {
  it("needs a pool, and takes the other modules from it", async function () {
    const { scheduler, pool, nodes, registry } = await networkHelpers.loadFixture(fixture);

    await expect(
      ethers.deployContract("NodeScheduler", [ZeroAddress]),
    ).to.be.revertedWithCustomError(scheduler, "NodeSchedulerZeroAddress");
    expect(await scheduler.POOL()).to.equal(pool);
    expect(await scheduler.NODES()).to.equal(nodes);
    expect(await scheduler.REGISTRY()).to.equal(registry);
  });

  it("reverts for a page that is too large, and for a resource that cannot be used", async function () {
    const { scheduler, registry } = await networkHelpers.loadFixture(fixture);

    await expect(scheduler.rank(TOKENS, 1n, 0n, 257n))
      .to.be.revertedWithCustomError(scheduler, "NodeSchedulerTooMany")
      .withArgs(257n, 256n);
    await expect(scheduler.rank(99n, 1n, 0n, 1n)).to.be.revertedWithCustomError(
      registry,
      "ResourceRegistryUnknownResource",
    );
    await registry.deprecate(TOKENS);
    await registry.retire(TOKENS);
    await time.increase(EPOCH);
    await expect(scheduler.rank(TOKENS, 1n, 0n, 1n)).to.be.revertedWithCustomError(
      registry,
      "ResourceRegistryNoPrice",
    );
  });

  it("ranks by free capacity, less what was settled in the running epoch", async function () {
    const { rank, settle, sign, line, provider, other } = await networkHelpers.loadFixture(fixture);

    expect(await rank()).to.deep.equal([
      { provider: provider.address, rank: rankOf(2_000n, 0n), free: 2_000n, used: 0n, score: 0n },
      { provider: other.address, rank: rankOf(1_200n, 0n), free: 1_200n, used: 0n, score: 0n },
    ]);
    await settle([await sign([line(500n)])]);

    expect((await rank()).map((found) => [found.provider, found.free, found.used])).to.deep.equal([
      [other.address, 1_200n, 0n],
      [provider.address, 1_000n, 500n * WEIGHT],
    ]);
    await time.increase(EPOCH);
    expect((await rank())[0]?.provider).to.equal(provider.address);
  });

  it("lifts who has contributed, and leaves out who has no room", async function () {
    const { rank, pool, settle, sign, line, provider, other } =
      await networkHelpers.loadFixture(fixture);
    await time.increase(EPOCH);
    await settle([await sign([line(600n, TOKENS, other)])]);
    await time.increase(EPOCH);
    await pool.claim(other);

    const score = await pool.scoreOf(other);
    expect(score > 0n).to.equal(true);
    const [first, second] = await rank();
    expect(first?.provider).to.equal(provider.address);
    expect(second?.score).to.equal(score);
    expect(second?.rank).to.equal(rankOf(1_200n, score));
    expect((await rank(601n)).map((found) => found.provider)).to.deep.equal([provider.address]);
    expect(await rank(1_001n)).to.deep.equal([]);
  });

  it("leaves out who is inactive, leaving, without capacity or without the category", async function () {
    const { rank, nodes, provider, other } = await networkHelpers.loadFixture(fixture);

    await nodes.connect(provider).exit();
    expect((await rank()).map((found) => found.provider)).to.deep.equal([other.address]);
    await nodes.connect(other).setCategories(1n);
    expect(await rank()).to.deep.equal([]);
    await nodes.connect(other).setCategories(2n);
    await nodes.connect(other).publishCapacity(other, [TOKENS], [0n]);
    expect(await rank(0n)).to.deep.equal([]);
  });

  it("keeps equals in order of registration, and reads page by page", async function () {
    const suite = await networkHelpers.loadFixture(fixture);
    const { rank, nodes, provider, other, stranger } = suite;
    await registerNode(connection, suite, stranger);
    for (const node of [other, stranger])
      await nodes.connect(node).publishCapacity(node, [TOKENS], [1_000n]);

    const order = await nodes.nodesFrom(0n, 3n);
    expect(order).to.deep.equal([provider.address, other.address, stranger.address]);
    expect((await rank()).map((found) => found.provider)).to.deep.equal([...order]);
    expect((await rank(1n, 1n, 1n)).map((found) => found.provider)).to.deep.equal([other.address]);
    expect(await rank(1n, 3n, 5n)).to.deep.equal([]);
    expect(await rank(1n, 0n, 0n)).to.deep.equal([]);
  });
});
