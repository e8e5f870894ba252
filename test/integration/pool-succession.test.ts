import { expect } from "chai";
import { encodeBytes32String, ZeroAddress, type AddressLike } from "ethers";
import { network } from "hardhat";

import { readInterfaceIds } from "../../deploy/lib/interface-ids.js";
import type { IncentivePool, Settlement } from "../../typechain-types/index.js";
import { Kind } from "../support/incentives.js";
import { DAY, OPA } from "../support/release.js";
import { PARAMETERS } from "../support/suite.js";
import { decide, deployInUse, outcome, statementFor, type InUse } from "../support/upgrade.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;

const METER = 1n;
const RECORDER = 4n;
const POOL = encodeBytes32String("incentive-pool");
const UNITS = 1_000_000n;
const FUNDS = 5_000_000n * OPA;

/** A pool by the rules of the first one. */
async function buildPool(
  { accessManager, lock, nodes }: InUse,
  registry: AddressLike,
  predecessor: AddressLike,
) {
  const { kappa, claimLimit, shares, stages } = PARAMETERS.incentives;
  return ethers.deployContract("IncentivePool", [
    registry,
    nodes,
    lock,
    predecessor,
    accessManager,
    kappa,
    claimLimit,
    shares,
    stages.map((stage) => ({ ...stage })),
  ]);
}

/** A second pool and a second settlement that books in it, both in use; the second pool has funds of its own. */
async function joined() {
  const suite = await deployInUse(connection);
  const { accessManager, accounts, addresses, directory, nodes, pool, registry, token } = suite;
  const governance = await ethers.getImpersonatedSigner(addresses.timelock);
  await networkHelpers.setBalance(governance.address, OPA);
  const next = await buildPool(suite, registry, pool);
  const { account, total: totalLimit } = await suite.settlement.limits();
  const second = await ethers.deployContract("Settlement", [
    registry,
    accounts,
    nodes,
    next,
    PARAMETERS.settlementWindow,
    accessManager,
    { account, total: totalLimit },
  ]);
  const manager = accessManager.connect(governance);
  await manager.grantRole(METER, second, 0n);
  for (const module of [registry, accounts]) await module.syncMeter(second);
  const { selector } = next.interface.getFunction("recordPoints");
  await manager.setTargetFunctionRole(next, [selector], RECORDER);
  await manager.grantRole(RECORDER, governance, 0n);
  const { pool: interfaceId } = await readInterfaceIds();
  await directory.connect(governance).register(POOL, next, interfaceId);

  let total = 0n;
  /** Settles as many units through a settlement, and says what was burned. */
  const use = async (settlement: Settlement, units = UNITS): Promise<bigint> => {
    const { cumulativeUnits } = await settlement.lineOf(suite.alice, suite.provider, 1n);
    const before = await token.totalSupply();
    const signed = await statementFor(suite, settlement, cumulativeUnits + units);
    expect(await outcome(settlement, signed)).to.equal("None");
    total += before - (await token.totalSupply());
    return before - (await token.totalSupply());
  };
  /** Goes to the first minute of the next epoch, and says which that is. */
  const nextEpoch = async (): Promise<bigint> => {
    const epoch = (await registry.currentEpoch()) + 1n;
    const { epoch: clock } = PARAMETERS;
    await time.increaseTo(clock.genesis + epoch * clock.duration + 60n);
    return epoch;
  };
  await nextEpoch();
  return { ...suite, governance, next, second, use, nextEpoch, burned: () => total };
}

/** The same with the first pool retired in the running epoch. */
async function retired() {
  const suite = await joined();
  await time.increase(14n * DAY);
  const lastEpoch = await suite.nextEpoch();
  await suite.pool.connect(suite.governance).retire();
  return { ...suite, lastEpoch };
}

/** Share of what is burned that goes to providers. */
const provision = (burned: bigint) =>
  (((burned * PARAMETERS.incentives.kappa) / 10_000n) * (PARAMETERS.incentives.shares[0] ?? 0n)) /
  10_000n;

describe("A second pool (EVO-1, INC-I11)", function () {
  it("takes over by votes alone: what was not released moves, what was earned stays", async function () {
    const suite = await deployInUse(connection);
    const { directory, pool, provider, registry, settlement, token } = suite;
    await outcome(settlement, await statementFor(suite, settlement, UNITS));
    const next = await buildPool(suite, registry, pool);
    const { pool: interfaceId } = await readInterfaceIds();
    const register = directory.interface.encodeFunctionData("register", [
      POOL,
      next.target,
      interfaceId,
    ]);
    const retire = pool.interface.encodeFunctionData("retire");

    await decide(suite, [[directory, register]], "A second pool joins");
    await time.increase(14n * DAY);
    await decide(suite, [[pool, retire]], "The first pool retires");
    const lastEpoch = await registry.currentEpoch();
    expect(await pool.succession()).to.deep.equal([next.target, lastEpoch]);
    await time.increase(DAY);
    const handedOver = pool.handOver();

    const earned = await pool.claimableOf(provider);
    expect(earned).to.be.greaterThan(0n);
    const rest = 320_000_000n * OPA - earned;
    await expect(handedOver).to.emit(pool, "PoolHandedOver").withArgs(next, rest);
    await expect(handedOver).to.changeTokenBalances(ethers, token, [pool, next], [-rest, rest]);
    const { remaining, incoming } = await next.fundsOf();
    expect([remaining, incoming]).to.deep.equal([rest, 0n]);
    await expect(pool.claim(provider)).to.changeTokenBalance(ethers, token, provider, earned);
  });

  it("releases nothing before the first is retired, whatever it holds (INC-3)", async function () {
    const { next, pool, provider, second, settlement, use, nextEpoch, registry, token, voter } =
      await networkHelpers.loadFixture(joined);
    await token.connect(voter).transfer(next, FUNDS);
    await next.absorb();
    await nextEpoch();
    const epoch = await registry.currentEpoch();

    const burned = (await use(settlement)) + (await use(second));
    await nextEpoch();

    expect([await pool.isActiveIn(epoch), await next.isActiveIn(epoch)]).to.deep.equal([
      true,
      false,
    ]);
    expect(await next.rateOf(epoch)).to.equal(0n);
    expect(await pool.claimableOf(provider)).to.equal(provision(burned));
    expect(await next.claimableOf(provider)).to.equal(0n);
    expect((await next.epochOf(epoch)).released).to.equal(0n);
  });

  it("loses nothing that was earned in the first when later use settles in the second", async function () {
    const { next, pool, provider, second, settlement, use, nextEpoch } =
      await networkHelpers.loadFixture(joined);
    const burned = await use(settlement);

    for (let i = 0; i < 3; ++i) {
      await nextEpoch();
      await use(second, 1n);
    }

    expect(await pool.claimableOf(provider)).to.be.greaterThanOrEqual(provision(burned));
    expect(await next.claimableOf(provider)).to.equal(0n);
  });

  it("releases from the epoch after the retirement on, so that each burn counts in one pool (INC-3)", async function () {
    const suite = await networkHelpers.loadFixture(retired);
    const { next, pool, provider, second, settlement, use, nextEpoch, burned, lastEpoch } = suite;

    const last = (await use(settlement)) + (await use(second));
    await nextEpoch();
    expect(await pool.claimableOf(provider)).to.equal(provision(last));
    const first = (await use(settlement)) + (await use(second));
    await nextEpoch();

    expect([await pool.claimableOf(provider), await next.claimableOf(provider)]).to.deep.equal([
      provision(last),
      provision(first),
    ]);
    for (const [pool_, active] of [
      [pool, [true, false]],
      [next, [false, true]],
    ] as const)
      expect([
        await pool_.isActiveIn(lastEpoch),
        await pool_.isActiveIn(lastEpoch + 1n),
      ]).to.deep.equal(active);
    await use(second);
    const released = (await pool.fundsOf()).released + (await next.fundsOf()).released;
    expect(released).to.be.lessThanOrEqual((burned() * PARAMETERS.incentives.kappa) / 10_000n);
  });

  it("gets what provision of the first settlement earns after the retirement", async function () {
    const { next, pool, provider, settlement, use, nextEpoch } =
      await networkHelpers.loadFixture(retired);
    await nextEpoch();
    let burned = 0n;

    for (let i = 0; i < 3; ++i) {
      burned += await use(settlement);
      await nextEpoch();
    }

    expect(await next.claimableOf(provider)).to.equal(provision(burned));
    expect(await pool.claimableOf(provider)).to.equal(0n);
  });

  it("hands the rest over with the first settlement after the last epoch, which counts already", async function () {
    const { next, pool, provider, second, settlement, use, nextEpoch } =
      await networkHelpers.loadFixture(retired);
    await use(settlement);
    await nextEpoch();
    const { remaining } = await pool.fundsOf();

    const burned = await use(second);

    expect((await pool.fundsOf()).remaining).to.equal(0n);
    const funds = await next.fundsOf();
    expect([funds.remaining, funds.incoming]).to.deep.equal([remaining, 0n]);
    await nextEpoch();
    expect(await next.claimableOf(provider)).to.equal(provision(burned));
  });

  it("records attested points only in the pool whose epoch it is", async function () {
    const { next, pool, governance, alice, nextEpoch, lastEpoch } =
      await networkHelpers.loadFixture(retired);
    const record = (to: IncentivePool) =>
      to.connect(governance).recordPoints(alice, Kind.Maintenance, 5n);

    await expect(record(next))
      .to.be.revertedWithCustomError(next, "IncentivePoolNotActive")
      .withArgs(lastEpoch);
    await record(pool);
    await nextEpoch();
    await expect(record(pool))
      .to.be.revertedWithCustomError(pool, "IncentivePoolNotActive")
      .withArgs(lastEpoch + 1n);
    await record(next);
  });

  it("is handed the rest once the last epoch is over, and again what comes in later", async function () {
    const { next, pool, token, voter, settlement, use, nextEpoch, lastEpoch } =
      await networkHelpers.loadFixture(retired);
    const handOver = () => pool.handOver();
    const burned = await use(settlement);

    await expect(handOver())
      .to.be.revertedWithCustomError(pool, "IncentivePoolNotRetired")
      .withArgs(next, lastEpoch);
    const { remaining } = await pool.fundsOf();
    await nextEpoch();
    const rest = remaining - provision(burned);
    await expect(handOver()).to.emit(pool, "PoolHandedOver").withArgs(next, rest);
    await token.connect(voter).transfer(pool, 7n);
    await pool.absorb();

    await expect(handOver()).to.changeTokenBalances(ethers, token, [pool, next], [-7n, 7n]);
    await expect(handOver()).to.emit(pool, "PoolHandedOver").withArgs(next, 0n);
    expect((await pool.fundsOf()).owed).to.equal(provision(burned));
  });

  it("gives back to the reserve first what it paid and was not used (RSV-2)", async function () {
    const { next, pool, token, voter, reserve, settlement, use, nextEpoch } =
      await networkHelpers.loadFixture(retired);
    const draw = 1_000n * OPA;
    const payer = await ethers.getImpersonatedSigner(await reserve.getAddress());
    await networkHelpers.setBalance(payer.address, OPA);
    await token.connect(voter).transfer(pool, draw);
    await pool.connect(payer).receiveDraw(1n, draw);
    const burned = await use(settlement);
    await nextEpoch();
    const released = provision(burned);
    const { remaining } = await pool.fundsOf();

    const handedOver = pool.handOver();

    const back = draw - released;
    expect(back).to.be.greaterThan(0n);
    await expect(handedOver).to.emit(pool, "DrawReturned").withArgs(back);
    await expect(handedOver).to.changeTokenBalances(
      ethers,
      token,
      [pool, reserve, next],
      [-remaining, back, remaining - back],
    );
  });

  it("counts what it is handed over from its predecessor alone", async function () {
    const { next, pool, alice, governance } = await networkHelpers.loadFixture(retired);

    for (const [to, caller] of [
      [next, alice],
      [next, governance],
      [pool, alice],
    ] as const)
      await expect(to.connect(caller).receiveHandOver(1n))
        .to.be.revertedWithCustomError(to, "IncentivePoolNotPredecessor")
        .withArgs(caller);
  });

  describe("retire", function () {
    it("reverts for anyone but governance", async function () {
      const { pool, alice, provider } = await networkHelpers.loadFixture(joined);

      for (const caller of [alice, provider])
        await expect(pool.connect(caller).retire())
          .to.be.revertedWithCustomError(pool, "AccessManagedUnauthorized")
          .withArgs(caller);
    });

    it("reverts until the successor has been listed for 14 days, and a second time", async function () {
      const { pool, next, directory, governance, token, voter } =
        await networkHelpers.loadFixture(joined);
      const { registeredAt } = await directory.moduleOf(next);
      const retire = () => pool.connect(governance).retire();
      await time.setNextBlockTimestamp(registeredAt + 14n * DAY - 1n);

      await expect(retire())
        .to.be.revertedWithCustomError(pool, "IncentivePoolNoSuccessor")
        .withArgs(next, registeredAt + 14n * DAY);
      await expect(pool.handOver())
        .to.be.revertedWithCustomError(pool, "IncentivePoolNotRetired")
        .withArgs(ZeroAddress, 0n);
      await token.connect(voter).transfer(pool, 1n); // the block of that second
      await expect(retire()).to.emit(pool, "PoolRetired");
      await expect(retire())
        .to.be.revertedWithCustomError(pool, "IncentivePoolRetired")
        .withArgs(next);
    });

    it("reverts while the directory names itself, or a pool that does not follow it", async function () {
      const suite = await networkHelpers.loadFixture(joined);
      const { pool, directory, governance, registry } = suite;
      const { pool: interfaceId } = await readInterfaceIds();
      const other = await buildPool(suite, registry, ZeroAddress);
      await time.increase(30n * DAY);

      for (const current of [pool, other]) {
        await directory.connect(governance).register(POOL, current, interfaceId);
        await expect(pool.connect(governance).retire())
          .to.be.revertedWithCustomError(pool, "IncentivePoolNoSuccessor")
          .withArgs(current, 0n);
      }
    });

    it("is for a predecessor that counts by the same registry", async function () {
      const suite = await networkHelpers.loadFixture(joined);
      const { pool, accessManager } = suite;
      const { genesis, duration } = PARAMETERS.epoch;
      const registry = await ethers.deployContract("ResourceRegistry", [
        accessManager,
        genesis,
        duration,
      ]);

      await expect(buildPool(suite, registry, pool))
        .to.be.revertedWithCustomError(pool, "IncentivePoolForeignPredecessor")
        .withArgs(pool);
    });
  });

  it("does not retire before its turn, so that never two release for one epoch", async function () {
    const suite = await networkHelpers.loadFixture(joined);
    const { directory, governance, next, pool, registry } = suite;
    const third = await buildPool(suite, registry, next);
    const { pool: interfaceId } = await readInterfaceIds();
    await directory.connect(governance).register(POOL, third, interfaceId);
    await time.increase(14n * DAY);
    const epoch = await suite.nextEpoch();

    await expect(next.connect(governance).retire())
      .to.be.revertedWithCustomError(next, "IncentivePoolNotActive")
      .withArgs(epoch);
    expect(await pool.isActiveIn(epoch + 1n)).to.equal(true);
    expect(await third.isActiveIn(epoch + 1n)).to.equal(false);
  });
});
