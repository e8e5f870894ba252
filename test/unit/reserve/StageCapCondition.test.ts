import { expect } from "chai";
import { encodeBytes32String, ZeroAddress } from "ethers";
import { network } from "hardhat";

import { itBoundsGas } from "../../support/gas.js";
import { deployIncentives, EPOCH } from "../../support/incentives.js";
import { OPA } from "../../support/release.js";
import { interfaceIdOf } from "../../support/reserve.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;

const SHARE_BPS = 2_500n;
const VAULT_ID = encodeBytes32String("incentive-vault");

/** A condition on a vault whose stage cap is about 1,000 OPA, and a reserve that watches it. */
async function fixture() {
  const suite = await deployIncentives(connection);
  const { token, authority, vault } = suite;
  const directory = await ethers.deployContract("SystemDirectory", [authority]);
  const reserve = await ethers.deployContract("SystemReserve", [token, directory, authority]);
  const condition = await ethers.deployContract("StageCapCondition", [vault, authority, SHARE_BPS]);
  await reserve.addCondition(condition);
  return { ...suite, directory, reserve, condition };
}

type Suite = Awaited<ReturnType<typeof fixture>>;

/** Burns an amount in each of some epochs, from the given one on; the one after them runs. */
async function useFor({ enter, use, provider, meter }: Suite, count: bigint, burned: bigint) {
  const first = (await meter.currentEpoch()) + 1n;
  for (let epoch = first; epoch < first + count; ++epoch) {
    await enter(epoch);
    await use(provider, burned);
  }
  await enter(first + count);
}

describe("StageCapCondition (RSV-1, RSV-I5)", function () {
  it("reverts without a vault, and for a share outside 5% to 90%", async function () {
    const { condition, vault, authority } = await networkHelpers.loadFixture(fixture);

    await expect(
      ethers.deployContract("StageCapCondition", [ZeroAddress, authority, SHARE_BPS]),
    ).to.be.revertedWithCustomError(condition, "StageCapConditionZeroAddress");
    for (const share of [499n, 9_001n])
      await expect(
        ethers.deployContract("StageCapCondition", [vault, authority, share]),
      ).to.be.revertedWithCustomError(condition, "BoundedParameterInvalid");
  });

  it("says what it is (ERC-165)", async function () {
    const { condition } = await networkHelpers.loadFixture(fixture);
    const id = await interfaceIdOf(connection, "INecessity");

    expect([
      await condition.KIND(),
      await condition.WINDOW(),
      await condition.supportsInterface(id),
      await condition.supportsInterface("0x01ffc9a7"),
      await condition.supportsInterface("0xffffffff"),
    ]).to.deep.equal([encodeBytes32String("stage-cap"), 7n, true, true, false]);
  });

  it("is false without use, and while the stage cap releases all of κ × burned", async function () {
    const suite = await networkHelpers.loadFixture(fixture);
    const { condition } = suite;
    expect(await condition.isNecessary()).to.equal(false);
    await useFor(suite, 7n, 1_900n * OPA); // 950 of a cap of about 995

    expect(await condition.demand()).to.deep.equal([7n * 950n * OPA, 0n]);
    expect(await condition.isNecessary()).to.equal(false);
  });

  it("is true once the stage cap held back more than the share over seven epochs, and false at the share", async function () {
    const suite = await networkHelpers.loadFixture(fixture);
    const { condition, vault, enter, use, provider } = suite;
    await enter(12n);
    // 1,000 OPA of stage cap are 75% of 4,000 / 3 OPA, to the wei.
    const { stageCap } = { stageCap: 1_000n * OPA };
    const atShare = (stageCap * 8n) / 3n; // κ × burned = 4/3 × stage cap, rounded down
    await use(provider, atShare);
    await enter(13n);
    expect((await vault.closingOf(12n)).stageCap).to.equal(stageCap);
    expect(await condition.isNecessary()).to.equal(false);
    await use(provider, 3_000n * OPA);
    await enter(14n);
    expect(await condition.isNecessary()).to.equal(true);
  });

  it("forgets an epoch after seven others, so a need never outlives its use for long", async function () {
    const suite = await networkHelpers.loadFixture(fixture);
    const { condition, enter, meter } = suite;
    await useFor(suite, 1n, 10_000n * OPA);
    const end = await meter.currentEpoch();
    expect(await condition.isNecessary()).to.equal(true);
    await enter(end + 6n);
    expect(await condition.isNecessary()).to.equal(true);
    await enter(end + 7n);
    expect(await condition.isNecessary()).to.equal(false);
  });

  it("is not broken by a provider that settles a day late (D3, L1)", async function () {
    const suite = await networkHelpers.loadFixture(fixture);
    const { condition, reserve, enter, use, provider, other, startedAt } = suite;
    await useFor(suite, 7n, 10_000n * OPA);
    await reserve.observe(condition);
    const { since } = await reserve.watchOf(condition);
    for (let epoch = 19n; epoch < 26n; ++epoch) {
      for (const part of [0n, 1n, 2n]) {
        await time.increaseTo(startedAt + epoch * EPOCH + 100n + part * 30_000n);
        await reserve.observe(condition);
        if (part !== 0n) continue;
        await use(other, 8_500n * OPA);
        const late = epoch === 22n ? 0n : epoch === 23n ? 3_000n : 1_500n;
        if (late !== 0n) await use(provider, late * OPA);
      }
    }
    expect((await reserve.watchOf(condition)).since).to.equal(since);
    // Even a day on which nobody settles does not break it.
    await enter(26n);
    expect(await condition.isNecessary()).to.equal(true);
  });

  it("does not end with a draw that pays what was held back", async function () {
    const suite = await networkHelpers.loadFixture(fixture);
    const { condition, vault, give, admin } = suite;
    await useFor(suite, 1n, 10_000n * OPA);
    await give(vault, 100_000n * OPA);
    await vault.connect(admin).receiveDraw(1n, 100_000n * OPA);
    await useFor(suite, 7n, 10_000n * OPA);

    const { allotment, stageCap } = await vault.closingOf(20n);
    expect(allotment).to.be.greaterThan(stageCap);
    expect(await condition.isNecessary()).to.equal(true);
  });

  itBoundsGas(
    "costs the reserve little to ask, however many pools there were (L10, C1)",
    async function () {
      const suite = await networkHelpers.loadFixture(fixture);
      const { condition, meter, deployPool } = suite;
      for (let i = 0; i < 24; ++i) await meter.setBook(await deployPool());
      await useFor(suite, 7n, 10_000n * OPA);

      expect(await condition.isNecessary.estimateGas()).to.be.lessThan(300_000n);
      expect(await condition.isNecessary()).to.equal(true);
    },
  );

  it("opens a draw to the vault, which pays the providers of the next epoch (RSV-1, RSV-2)", async function () {
    const suite = await networkHelpers.loadFixture(fixture);
    const { condition, directory, authority, token, reserve, provider, give, use, enter } = suite;
    // A vault whose reserve is the reserve.
    const meter = suite.meter;
    const vault = await ethers.deployContract("IncentiveVault", [
      ...[token, meter, reserve, authority, 5_000n],
      [{ from: 0n, ratePpm: 1_000n }],
    ]);
    await directory.register(VAULT_ID, vault, await interfaceIdOf(connection, "IReserveClient"));
    await give(vault, 1_000_000n * OPA);
    await give(reserve, 1_000_000n * OPA);
    await useFor(suite, 2n, 10_000n * OPA);
    const begin = BigInt(await time.latest());
    for (let at = begin + 1n; at <= begin + 4n * EPOCH; at += EPOCH / 2n) {
      await time.increaseTo(at);
      await reserve.observe(condition);
    }
    const latest = BigInt(await time.latest()) + EPOCH;
    await reserve.request(
      vault,
      5_000n * OPA,
      condition,
      "the stage cap holds providers back",
      latest,
    );
    const decided = BigInt(await time.latest());
    for (let at = decided + 1n; at <= decided + 2n * EPOCH; at += EPOCH / 2n) {
      await time.increaseTo(at);
      await reserve.observe(condition);
    }
    await vault.close();
    await time.increaseTo(decided + 2n * EPOCH + 1n);
    await expect(reserve.execute(1n)).to.changeTokenBalances(
      ethers,
      token,
      [reserve, vault],
      [-5_000n * OPA, 5_000n * OPA],
    );
    expect((await vault.fundsOf()).drawn).to.equal(5_000n * OPA);
    await use(provider, 100_000n * OPA);
    const epoch = await meter.currentEpoch();
    await enter(epoch + 1n);
    const { allotment, stageCap } = await vault.closingOf(epoch);
    expect(allotment - stageCap).to.equal(5_000n * OPA);
  });
});
