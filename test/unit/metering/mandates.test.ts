import { expect } from "chai";
import { network } from "hardhat";

import { deployMetered } from "../../support/meter.js";
import { EPOCH, resourceParams, WINDOW } from "../../support/metering.js";
import { OPA } from "../../support/release.js";
import { Reason } from "../../support/statements.js";
import { GWEI } from "../../../sdk/units.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;

/** Resources beside the four of the fixture, whose prices grow with their load, and one that retires. */
const [MOVING, MOVING_TOO, RETIRING] = [5n, 6n, 2n];

async function nextEpoch({ meter }: { meter: Suite["meter"] }, count = 1n): Promise<void> {
  const epoch = (await meter.currentEpoch()) + count;
  await time.increaseTo((await meter.GENESIS()) + epoch * EPOCH);
}

async function fixture() {
  const suite = await deployMetered(connection);
  await suite.prices.registerPricePolicy(await ethers.deployContract("LoadPricePolicy"));
  for (const name of ["moving", "moving too"])
    await suite.prices.register(
      resourceParams({ name, weight: 1n, rate: 800n * GWEI, target: 1n, policy: 1n }),
    );
  const until = BigInt(await time.latest()) + 30n * EPOCH;
  return { ...suite, until };
}

type Suite = Awaited<ReturnType<typeof deployMetered>>;

/** Prices have grown for three epochs, by the use of another provider. */
async function dearer() {
  const suite = await fixture();
  const { line, sign, settle, other } = suite;
  for (let day = 1n; day <= 3n; day++) {
    const lines = [MOVING, MOVING_TOO].map((resource) => line(10n * day, resource, other));
    await settle([await sign(lines)]);
    await nextEpoch(suite);
  }
  return { ...suite, until: BigInt(await time.latest()) + 20n * EPOCH };
}

describe("Mandates of the Meter (ACC-2, SET-3, SET-I13, SET-I14)", function () {
  describe("prices", function () {
    it("begin at the epoch of the grant, so that a mandate to oneself buys no older price", async function () {
      const suite = await networkHelpers.loadFixture(dearer);
      const { meter, prices, alice, provider, line, sign, settle, until } = suite;
      const epoch = await meter.currentEpoch();
      const price = await prices.unitPriceOf(MOVING, epoch);
      const old = await prices.unitPriceOf(MOVING, epoch - WINDOW);
      expect(old < price).to.equal(true);
      await settle([await sign([line(10n, MOVING)])]);
      await meter.connect(alice).reserve(alice, provider, alice, 1_000n * old, until);
      expect((await meter.reservationOf(alice, provider)).priceEpoch).to.equal(epoch);

      const shopped = await sign([line(1_010n, MOVING)], { priceEpoch: epoch - WINDOW });
      const { results } = await settle([shopped]);

      expect(results[0]?.burned).to.equal(1_000n * price);
      expect((await meter.reservationOf(alice, provider)).amount).to.equal(0n);
    });

    it("are those of the grant for a line that the mandate covers, whatever others settle later", async function () {
      const suite = await networkHelpers.loadFixture(fixture);
      const { meter, prices, alice, bob, key, provider, other, line, sign, settle, until } = suite;
      await meter.connect(bob).deposit(bob, OPA);
      const use = [line(1_000n, MOVING, other), line(1_000n, MOVING_TOO, other)];
      await settle([await sign(use, { account: bob.address, key: bob })]);
      const price = await prices.unitPriceOf(MOVING, await meter.currentEpoch());
      await meter.connect(alice).reserve(alice, provider, key, 2_000n * price, until);
      const held = await sign([line(1_000n, MOVING), line(1_000n, MOVING_TOO)], { key });
      await nextEpoch(suite);
      expect((await prices.unitPriceOf(MOVING, await meter.currentEpoch())) > price).to.equal(true);
      await settle([await sign([line(1n, MOVING)], { key: alice })]);
      await settle([await sign([line(1n, MOVING_TOO)], { key: alice })]);

      const { results } = await settle([held]);

      expect(results[0]?.reasons).to.deep.equal([Reason.None, Reason.None]);
      expect(results[0]?.burned).to.equal(2n * 999n * price);
      expect((await meter.reservationOf(alice, provider)).amount).to.equal(2n * price);
    });

    it("are those of the grant for a second statement too", async function () {
      const suite = await networkHelpers.loadFixture(fixture);
      const { meter, prices, alice, bob, key, provider, other, line, sign, settle, until } = suite;
      await meter.connect(bob).deposit(bob, OPA);
      await settle([await sign([line(1_000n, MOVING, other)], { account: bob.address, key: bob })]);
      const price = await prices.unitPriceOf(MOVING, await meter.currentEpoch());
      await meter.connect(alice).reserve(alice, provider, key, 2_000n * price, until);
      const statements = [
        await sign([line(1_000n, MOVING)], { key }),
        await sign([line(2_000n, MOVING)], { key }),
      ];
      await nextEpoch(suite);
      await settle([await sign([line(1n, MOVING)], { key: alice })]);

      const { results } = await settle(statements);

      expect(results.map(({ burned }) => burned)).to.deep.equal([999n * price, 1_000n * price]);
      expect((await meter.reservationOf(alice, provider)).amount).to.equal(price);
    });

    it("follow the last price epoch that settled from the mandate", async function () {
      const suite = await networkHelpers.loadFixture(dearer);
      const { meter, prices, alice, key, provider, line, sign, settle, until } = suite;
      await meter.connect(alice).reserve(alice, provider, key, OPA, until);
      const granted = await meter.currentEpoch();
      await nextEpoch(suite);
      const epoch = await meter.currentEpoch();
      await settle([await sign([line(1n, MOVING_TOO)], { key })]);
      expect((await meter.reservationOf(alice, provider)).priceEpoch).to.equal(epoch);

      const earlier = await sign([line(100n, MOVING)], { key, priceEpoch: granted });
      const { results } = await settle([earlier]);

      expect(results[0]?.burned).to.equal(100n * (await prices.unitPriceOf(MOVING, epoch)));
    });

    it("stay when the mandate grows", async function () {
      const suite = await networkHelpers.loadFixture(dearer);
      const { meter, alice, key, provider, until } = suite;
      await meter.connect(alice).reserve(alice, provider, key, GWEI, until);
      const { priceEpoch } = await meter.reservationOf(alice, provider);
      await nextEpoch(suite);

      await meter.connect(alice).reserve(alice, provider, key, GWEI, until);

      expect((await meter.reservationOf(alice, provider)).priceEpoch).to.equal(priceEpoch);
    });

    it("count beyond the mandate at the later epoch that settled for the group", async function () {
      const suite = await networkHelpers.loadFixture(dearer);
      const { meter, prices, alice, provider, line, sign, settle, until } = suite;
      await meter.connect(alice).reserve(alice, provider, alice, GWEI, until);
      const granted = await meter.currentEpoch();
      await nextEpoch(suite);
      await settle([await sign([line(1n, MOVING)])]);
      const price = await prices.unitPriceOf(MOVING, await meter.currentEpoch());

      const { results } = await settle([
        await sign([line(1_001n, MOVING)], { priceEpoch: granted }),
      ]);

      expect(results[0]?.burned).to.equal(1_000n * price);
    });
  });

  describe("a resource that retires", function () {
    for (const [holder, hasMandate] of [
      ["a mandate", true],
      ["free credit", false],
    ] as const)
      it(`settles from ${holder} at its last price after a neighbour settled later`, async function () {
        const suite = await networkHelpers.loadFixture(fixture);
        const { meter, prices, alice, key, provider, line, sign, settle, until } = suite;
        if (hasMandate) await meter.connect(alice).reserve(alice, provider, key, OPA, until);
        const price = await prices.unitPriceOf(RETIRING, await meter.currentEpoch());
        const held = await sign([line(1_000n, RETIRING)], hasMandate ? { key } : {});
        await prices.deprecate(RETIRING);
        await prices.retire(RETIRING);
        await nextEpoch(suite);
        await settle([await sign([line(1n, 1n)])]);

        const { results } = await settle([held]);

        expect(results[0]?.reasons).to.deep.equal([Reason.None]);
        expect(results[0]?.burned).to.equal(1_000n * price);
      });

    it("does not settle if the statement is of an epoch after its end", async function () {
      const suite = await networkHelpers.loadFixture(fixture);
      const { prices, line, sign, settle } = suite;
      await prices.deprecate(RETIRING);
      await prices.retire(RETIRING);
      await nextEpoch(suite);

      const { results } = await settle([await sign([line(1_000n, RETIRING), line(1n, 3n)])]);

      expect(results[0]?.reasons).to.deep.equal([Reason.ResourceRetired, Reason.None]);
    });
  });

  describe("tier", function () {
    it("is that of the grant: authorize refuses a resource above it, also while the account has the tier", async function () {
      const suite = await networkHelpers.loadFixture(fixture);
      const { meter, policy, alice, provider, line, sign, settle, until } = suite;
      const signer = (await ethers.getSigners())[17];
      if (!signer) throw new Error("eighteen signers expected");
      await meter.connect(alice).reserve(alice, provider, signer, OPA, until);
      await policy.setTier(alice, 1n);

      const [reason] = await meter.authorize(alice, signer, provider, 4n, 1_000n);
      expect(reason).to.equal(Reason.TierTooLow);
      const { results } = await settle([await sign([line(1_000n, 4n)], { key: signer })]);
      expect(results[0]?.burned).to.equal(0n);
    });

    it("that has lapsed lets the mandate neither grow nor last longer, and settles until its end", async function () {
      const suite = await networkHelpers.loadFixture(fixture);
      const { meter, policy, alice, key, provider, line, sign, settle, until } = suite;
      await policy.setTier(alice, 1n);
      await meter.connect(alice).reserve(alice, provider, key, OPA, until);
      await policy.setTier(alice, 0n);
      await nextEpoch(suite);

      for (const [amount, end] of [
        [GWEI, until],
        [0n, until + 1n],
      ] as const)
        await expect(meter.connect(alice).reserve(alice, provider, key, amount, end))
          .to.be.revertedWithCustomError(meter, "MeterTierTooLow")
          .withArgs(alice, 0n, 1n);
      const { results } = await settle([await sign([line(1_000n, 4n)], { key })]);
      expect((results[0]?.burned ?? 0n) > 0n).to.equal(true);
    });
  });

  it("that is used up answers a statement sent again like one that has nothing new", async function () {
    const suite = await networkHelpers.loadFixture(fixture);
    const { meter, prices, alice, provider, line, sign, settle, until } = suite;
    const signer = (await ethers.getSigners())[17];
    if (!signer) throw new Error("eighteen signers expected");
    const price = await prices.unitPriceOf(1n, await meter.currentEpoch());
    await meter.connect(alice).reserve(alice, provider, signer, 20n * price, until);
    const statement = await sign([line(10n, 1n)], { key: signer });
    await settle([statement]);

    const { results } = await settle([statement]);

    expect(results[0]?.reasons).to.deep.equal([Reason.NothingNew]);
  });
});
