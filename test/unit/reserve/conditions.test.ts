import { expect } from "chai";
import { encodeBytes32String, ZeroAddress, ZeroHash } from "ethers";
import { network } from "hardhat";

import { DAY, OPA, send } from "../../support/release.js";
import { deployDouble, deployReserve, interfaceIdOf } from "../../support/reserve.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;

const ID = encodeBytes32String("watched");
const LIMIT = encodeBytes32String("claims");
const KAPPA = encodeBytes32String("kappa");
const MIN_EPOCHS = 90n;
const EPOCH = 20n;
const BOUNDS = [0n, 0n, 0n, 0n, 0n];

/** A pool of which half of what was burned goes out, in epoch 20, and the condition that watches it. */
async function poolFixture() {
  const suite = await deployReserve(connection);
  const pool = await deployDouble(connection, "IIncentivePool");
  const registry = await deployDouble(connection, "IResourceRegistry");
  const { directory } = suite;
  const condition = await ethers.deployContract("PoolRunwayCondition", [directory, ID, MIN_EPOCHS]);

  /** What κ is, now and after a change that is announced. */
  const setKappa = async (value: bigint, next = value) => {
    const announcedFor = next === value ? 0n : EPOCH + 5n;
    await pool.answer("parameterOf", [[value, next, announcedFor, 1n], BOUNDS], [KAPPA]);
  };
  const interfaceId = await interfaceIdOf(connection, "IIncentivePool");
  await directory.register(ID, pool.target, interfaceId);
  await pool.answer("REGISTRY", [registry.target]);
  await pool.answer("KAPPA", [KAPPA]);
  await pool.answer("PREDECESSOR", [ZeroAddress]);
  await pool.answer("currentEpoch", [EPOCH]);
  await pool.answer("fundsOf", [[450n * OPA, 7n * OPA, 9n * OPA, 11n * OPA]]);
  await registry.answer("finishedUse", [EPOCH - 1n, 10n * OPA]);
  await setKappa(5_000n);
  return { ...suite, pool, registry, runway: condition, setKappa };
}

/** A directory with a module whose limits anyone can trip, and the condition that watches one of them. */
async function limitFixture() {
  const suite = await deployReserve(connection);
  const { directory, reserve } = suite;
  const module = await ethers.deployContract("RestrictableMock");
  const tripped = await ethers.deployContract("TrippedLimitCondition", [directory, ID, LIMIT]);
  const interfaceId = await interfaceIdOf(connection, "IRestrictable");
  const trip = async (limit: string, window: bigint, spent = true) =>
    send(module, "trip", limit, 100n * OPA, 40n * OPA, spent, window);
  await reserve.addCondition(tripped);
  return { ...suite, module, tripped, interfaceId, trip };
}

/** A module of two versions, and the condition that watches their overlap. */
async function migrationFixture() {
  const suite = await deployReserve(connection);
  const { directory, reserve } = suite;
  const clientId = await interfaceIdOf(connection, "IReserveClient");
  for (let version = 1; version <= 2; ++version)
    await directory.register(
      ID,
      await ethers.deployContract("ReserveClientMock", [reserve]),
      clientId,
    );
  const migration = await ethers.deployContract("MigrationCondition", [directory, ID]);
  await reserve.addCondition(migration);
  return { ...suite, migration };
}

describe("PoolRunwayCondition", function () {
  it("needs a directory, a pool and a threshold", async function () {
    const { runway, directory } = await networkHelpers.loadFixture(poolFixture);

    for (const parts of [
      [ZeroAddress, ID, MIN_EPOCHS],
      [directory, ZeroHash, MIN_EPOCHS],
      [directory, ID, 0n],
    ] as const)
      await expect(
        ethers.deployContract("PoolRunwayCondition", [...parts]),
      ).to.be.revertedWithCustomError(runway, "PoolRunwayConditionInvalidSetup");
    expect(await runway.DIRECTORY()).to.equal(directory);
    expect(await runway.MODULE_ID()).to.equal(ID);
    expect(await runway.MIN_EPOCHS()).to.equal(MIN_EPOCHS);
  });

  it("says what it is (ERC-165)", async function () {
    const { runway } = await networkHelpers.loadFixture(poolFixture);

    expect(await runway.KIND()).to.equal(encodeBytes32String("pool-runway"));
    const necessity = await interfaceIdOf(connection, "INecessity");
    for (const [interfaceId, supported] of [
      [necessity, true],
      ["0x01ffc9a7", true],
      ["0xffffffff", false],
    ] as const)
      expect(await runway.supportsInterface(interfaceId)).to.equal(supported);
  });

  it("is true while less is left than 90 epochs of demand, and false when it is as much", async function () {
    const { runway, pool } = await networkHelpers.loadFixture(poolFixture);
    expect(await runway.demandPerEpoch()).to.equal(5n * OPA);

    for (const [remaining, needed] of [
      [450n * OPA, false],
      [450n * OPA - 1n, true],
      [0n, true],
      [450n * OPA + 1n, false],
    ] as const) {
      await pool.answer("fundsOf", [[remaining, 7n * OPA, 9n * OPA, 11n * OPA]]);
      expect(await runway.isNecessary()).to.equal(needed);
    }
  });

  it("rounds demand down and takes κ as it is, not as it is announced", async function () {
    const { runway, registry, setKappa } = await networkHelpers.loadFixture(poolFixture);

    await setKappa(5_000n, 9_000n);
    expect(await runway.demandPerEpoch()).to.equal(5n * OPA);
    await setKappa(3_333n);
    await registry.answer("finishedUse", [EPOCH - 1n, 10n]);
    expect(await runway.demandPerEpoch()).to.equal(3n);
  });

  it("is false without a pool, and follows the directory to the next one", async function () {
    const { directory, pool, runway } = await networkHelpers.loadFixture(poolFixture);
    const other = encodeBytes32String("another");
    const unlisted = await ethers.deployContract("PoolRunwayCondition", [directory, other, 1n]);
    await pool.answer("fundsOf", [[0n, 0n, 0n, 0n]]);

    expect(await unlisted.isNecessary()).to.equal(false);
    expect(await runway.isNecessary()).to.equal(true);
    const interfaceId = await interfaceIdOf(connection, "IIncentivePool");
    const successor = await deployDouble(connection, "IIncentivePool");
    const registry = await deployDouble(connection, "IResourceRegistry");
    await successor.answer("REGISTRY", [registry.target]);
    await successor.answer("currentEpoch", [EPOCH]);
    await registry.answer("finishedUse", [EPOCH - 3n, 10n * OPA]);
    await directory.register(ID, successor.target, interfaceId);

    // The one before has still nothing left, and somebody used it.
    expect(await runway.isNecessary()).to.equal(false);
  });

  it("counts what the pools before the current one will hand over", async function () {
    const { directory, pool, registry, runway } = await networkHelpers.loadFixture(poolFixture);
    const successor = await deployDouble(connection, "IIncentivePool");
    await successor.answer("REGISTRY", [registry.target]);
    await successor.answer("KAPPA", [KAPPA]);
    await successor.answer("currentEpoch", [EPOCH]);
    await successor.answer("parameterOf", [[5_000n, 5_000n, 0n, 1n], BOUNDS], [KAPPA]);
    await successor.answer("PREDECESSOR", [pool.target]);
    await successor.answer("fundsOf", [[0n, 0n, 0n, 0n]]);
    await directory.register(
      ID,
      successor.target,
      await interfaceIdOf(connection, "IIncentivePool"),
    );
    expect(await runway.remaining()).to.equal(450n * OPA);
    expect(await runway.isNecessary()).to.equal(false);

    await pool.answer("fundsOf", [[440n * OPA, 7n * OPA, 9n * OPA, 11n * OPA]]);
    expect(await runway.isNecessary()).to.equal(true);
    await successor.answer("fundsOf", [[10n * OPA, 0n, 0n, 0n]]);
    expect(await runway.remaining()).to.equal(450n * OPA);
    expect(await runway.isNecessary()).to.equal(false);
  });

  it("is false when nothing is left but nothing is asked for either", async function () {
    const { runway, pool, registry, setKappa } = await networkHelpers.loadFixture(poolFixture);
    await pool.answer("fundsOf", [[0n, 0n, 0n, 0n]]);
    expect(await runway.isNecessary()).to.equal(true);

    await setKappa(0n);
    expect(await runway.isNecessary()).to.equal(false);
    await setKappa(5_000n);
    await registry.answer("finishedUse", [EPOCH - 1n, 0n]);
    expect(await runway.isNecessary()).to.equal(false);
  });

  it("is false in an epoch after one without use", async function () {
    const { runway, pool, registry } = await networkHelpers.loadFixture(poolFixture);
    await pool.answer("fundsOf", [[0n, 0n, 0n, 0n]]);

    for (const epoch of [EPOCH - 2n, 0n, EPOCH]) {
      await registry.answer("finishedUse", [epoch, 10n * OPA]);
      expect(await runway.demandPerEpoch()).to.equal(0n);
      expect(await runway.isNecessary()).to.equal(false);
    }
    await pool.answer("currentEpoch", [EPOCH + 1n]);
    expect(await runway.isNecessary()).to.equal(true);
  });

  it("counts for the reserve while it is true", async function () {
    const { runway, reserve, pool } = await networkHelpers.loadFixture(poolFixture);
    await reserve.addCondition(runway);

    await reserve.observe(runway);
    expect((await reserve.watchOf(runway)).since).to.equal(0n);
    await pool.answer("fundsOf", [[0n, 0n, 0n, 0n]]);
    await reserve.observe(runway);
    expect((await reserve.watchOf(runway)).since).to.equal(await time.latest());
  });
});

describe("TrippedLimitCondition", function () {
  it("needs a directory, a module and a limit", async function () {
    const { tripped, directory } = await networkHelpers.loadFixture(limitFixture);

    for (const parts of [
      [ZeroAddress, ID, LIMIT],
      [directory, ZeroHash, LIMIT],
      [directory, ID, ZeroHash],
    ] as const)
      await expect(
        ethers.deployContract("TrippedLimitCondition", [...parts]),
      ).to.be.revertedWithCustomError(tripped, "TrippedLimitConditionInvalidSetup");
    expect(await tripped.DIRECTORY()).to.equal(directory);
    expect(await tripped.MODULE_ID()).to.equal(ID);
    expect(await tripped.LIMIT()).to.equal(LIMIT);
  });

  it("says what it is (ERC-165)", async function () {
    const { tripped } = await networkHelpers.loadFixture(limitFixture);

    expect(await tripped.KIND()).to.equal(encodeBytes32String("tripped-limit"));
    expect(await tripped.supportsInterface(await interfaceIdOf(connection, "INecessity"))).to.equal(
      true,
    );
    expect(await tripped.supportsInterface("0x01ffc9a7")).to.equal(true);
    expect(await tripped.supportsInterface("0xffffffff")).to.equal(false);
  });

  it("is false without a module, and without a tripped limit", async function () {
    const { tripped, directory, module, interfaceId, trip } =
      await networkHelpers.loadFixture(limitFixture);
    await trip(LIMIT, DAY);

    expect(await tripped.isNecessary()).to.equal(false);
    await directory.register(ID, module, interfaceId);
    expect(await tripped.isNecessary()).to.equal(true);
    const successor = await ethers.deployContract("RestrictableMock");
    await directory.register(ID, successor, interfaceId);
    expect(await tripped.isNecessary()).to.equal(false);
  });

  it("is true for its own limit alone, until the second at which that clears", async function () {
    const { tripped, directory, module, interfaceId, trip } =
      await networkHelpers.loadFixture(limitFixture);
    await directory.register(ID, module, interfaceId);

    await trip(encodeBytes32String("settlement"), DAY);
    expect(await tripped.isNecessary()).to.equal(false);
    await trip(LIMIT, DAY);
    const clearsAt = BigInt(await time.latest()) + DAY;
    await time.increaseTo(clearsAt - 1n);
    expect(await tripped.isNecessary()).to.equal(true);
    await time.increaseTo(clearsAt);
    expect(await tripped.isNecessary()).to.equal(false);
  });

  it("is false for a limit that was asked for too much but is not half used", async function () {
    const { tripped, directory, module, interfaceId, trip } =
      await networkHelpers.loadFixture(limitFixture);
    await directory.register(ID, module, interfaceId);
    const limits = await ethers.getContractAt("IRestrictable", module);

    await trip(LIMIT, DAY, false);
    expect([await limits.isRestricted(LIMIT), await limits.isSpent(LIMIT)]).to.deep.equal([
      true,
      false,
    ]);
    expect(await tripped.isNecessary()).to.equal(false);
    await trip(LIMIT, DAY);
    const spentUntil = BigInt(await time.latest()) + DAY;
    await time.increaseTo(spentUntil - DAY / 2n);
    await trip(LIMIT, DAY, false);

    expect(await tripped.isNecessary()).to.equal(true);
    await time.increaseTo(spentUntil);
    expect([await limits.isRestricted(LIMIT), await tripped.isNecessary()]).to.deep.equal([
      true,
      false,
    ]);
  });

  it("follows a limit that is tripped again, with one beginning while it does not clear", async function () {
    const { directory, module, interfaceId, trip, admin } =
      await networkHelpers.loadFixture(limitFixture);
    await directory.register(ID, module, interfaceId);
    const limits = await ethers.getContractAt("IRestrictable", module);
    expect([...(await limits.restrictionOf(LIMIT))]).to.deep.equal([0n, 0n, 0n]);
    const trippedAt = BigInt(await time.latest()) + 10n;

    for (const [present, beginning] of [
      [trippedAt, trippedAt],
      [trippedAt + DAY - 1n, trippedAt],
      [trippedAt + 2n * DAY - 1n, trippedAt + 2n * DAY - 1n],
    ] as const) {
      await time.setNextBlockTimestamp(present);
      await expect(trip(LIMIT, DAY))
        .to.emit(module, "LimitTripped")
        .withArgs(LIMIT, admin, 100n * OPA, 40n * OPA, present + DAY);
      expect([...(await limits.restrictionOf(LIMIT))]).to.deep.equal([
        beginning,
        present + DAY,
        present + DAY,
      ]);
    }
  });

  it("does not count for the reserve when the module has no limits", async function () {
    const { tripped, reserve, directory } = await networkHelpers.loadFixture(limitFixture);
    const other = await ethers.deployContract("ReserveClientMock", [reserve]);
    await directory.register(ID, other, await interfaceIdOf(connection, "IReserveClient"));

    await expect(tripped.isNecessary()).to.be.revert(ethers);
    await reserve.observe(tripped);

    expect((await reserve.watchOf(tripped)).since).to.equal(0n);
  });
});

describe("MigrationCondition", function () {
  it("needs a directory and a module", async function () {
    const { migration, directory } = await networkHelpers.loadFixture(migrationFixture);

    for (const parts of [
      [ZeroAddress, ID],
      [directory, ZeroHash],
    ] as const)
      await expect(
        ethers.deployContract("MigrationCondition", [...parts]),
      ).to.be.revertedWithCustomError(migration, "MigrationConditionInvalidSetup");
    expect(await migration.DIRECTORY()).to.equal(directory);
    expect(await migration.MODULE_ID()).to.equal(ID);
  });

  it("says what it is (ERC-165)", async function () {
    const { migration } = await networkHelpers.loadFixture(migrationFixture);

    expect(await migration.KIND()).to.equal(encodeBytes32String("migration"));
    const necessity = await interfaceIdOf(connection, "INecessity");
    expect(await migration.supportsInterface(necessity)).to.equal(true);
    expect(await migration.supportsInterface("0x01ffc9a7")).to.equal(true);
    expect(await migration.supportsInterface("0xffffffff")).to.equal(false);
  });

  it("is true up to the last second of an overlap", async function () {
    const { migration, directory } = await networkHelpers.loadFixture(migrationFixture);
    expect(await migration.isNecessary()).to.equal(false);
    const until = BigInt(await time.latest()) + 30n * DAY;

    await directory.setMigration(ID, until);
    expect(await migration.isNecessary()).to.equal(true);
    await time.increaseTo(until);
    expect(await migration.isNecessary()).to.equal(true);
    await time.increaseTo(until + 1n);
    expect(await migration.isNecessary()).to.equal(false);
  });

  it("is false for another module's overlap, and once governance ends its own", async function () {
    const { migration, directory, reserve } = await networkHelpers.loadFixture(migrationFixture);
    const other = await ethers.deployContract("MigrationCondition", [
      directory,
      encodeBytes32String("other"),
    ]);
    await directory.setMigration(ID, BigInt(await time.latest()) + 30n * DAY);

    await reserve.observe(migration);
    expect((await reserve.watchOf(migration)).since).to.equal(await time.latest());
    expect(await other.isNecessary()).to.equal(false);
    await directory.setMigration(ID, 0n);
    expect(await migration.isNecessary()).to.equal(false);
  });
});
