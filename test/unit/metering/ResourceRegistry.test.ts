import { expect } from "chai";
import { network } from "hardhat";

import {
  Category,
  deployModules,
  EPOCH,
  GWEI,
  MAX_RATE,
  resourceParams,
} from "../../support/metering.js";
import { Reason } from "../../support/statements.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;

const [UNKNOWN, ACTIVE, DEPRECATED, RETIRED] = [0n, 1n, 2n, 3n];
const DAY = 86_400n;

/** One resource: 2 compute units, 10 gwei a unit. */
async function fixture() {
  return withResource(10n);
}

async function withResource(epoch: bigint) {
  const suite = await deployModules(connection, epoch);
  const { registry, startedAt } = suite;
  await registry.register(resourceParams());
  const enter = async (later: bigint) => {
    const start = startedAt + later * EPOCH;
    if (BigInt(await time.latest()) < start) await time.increaseTo(start);
  };
  const load = await ethers.deployContract("LoadPricePolicy");
  return { ...suite, enter, load };
}

describe("ResourceRegistry", function () {
  describe("register (RES-1)", function () {
    it("reverts when the caller is not governance", async function () {
      const { registry, alice } = await networkHelpers.loadFixture(fixture);
      const rate = await registry.rateParameter(1n);

      for (const call of [
        () => registry.connect(alice).register(resourceParams()),
        () => registry.connect(alice).registerDerived(1n, 10_000n, "x"),
        () => registry.connect(alice).deprecate(1n),
        () => registry.connect(alice).retire(1n),
        () => registry.connect(alice).registerPricePolicy(alice),
        () => registry.connect(alice).defineTarget(1n, 1n),
        () => registry.connect(alice).choosePricePolicy(1n, 1n),
        () => registry.connect(alice).freezePrice(1n),
        () => registry.connect(alice).announce(rate, GWEI),
        () => registry.connect(alice).withdrawAnnouncement(rate),
      ])
        await expect(call())
          .to.be.revertedWithCustomError(registry, "AccessManagedUnauthorized")
          .withArgs(alice.address);
    });

    it("reverts when name or unit is empty or over 31 bytes", async function () {
      const { registry } = await networkHelpers.loadFixture(fixture);
      const long = "x".repeat(32);

      for (const field of ["name", "unit"]) {
        await expect(
          registry.register({ ...resourceParams(), [field]: "" }),
        ).to.be.revertedWithCustomError(registry, "ResourceRegistryUnnamed");
        await expect(registry.register({ ...resourceParams(), [field]: long }))
          .to.be.revertedWithCustomError(registry, "StringTooLong")
          .withArgs(long);
      }
    });

    it("reverts when the weight is 0, the tier above 7 or the rate out of bounds", async function () {
      const { registry } = await networkHelpers.loadFixture(fixture);

      await expect(registry.register(resourceParams({ weight: 0n })))
        .to.be.revertedWithCustomError(registry, "ResourceRegistryInvalidWeight")
        .withArgs(0n);
      await expect(registry.register(resourceParams({ minimumTier: 8n })))
        .to.be.revertedWithCustomError(registry, "ResourceRegistryInvalidTier")
        .withArgs(8n, 7n);
      for (const rate of [0n, 1n, GWEI - 1n, GWEI + 1n, MAX_RATE + GWEI])
        await expect(registry.register(resourceParams({ rate })))
          .to.be.revertedWithCustomError(registry, "ResourceRegistryInvalidRate")
          .withArgs(rate, GWEI, MAX_RATE);
    });

    it("reverts when rate, floor or ceiling is uneven, out of order, 0 or 2^32 gwei", async function () {
      const { registry } = await networkHelpers.loadFixture(fixture);
      const [low, high] = [2n * GWEI, 9n * GWEI];

      for (const [rate, floor, ceiling] of [
        [low + 1n, low, high],
        [high, low - 1n, high],
        [low, low, high + 1n],
        [low, 0n, high],
        [0n, 0n, 0n],
        [low - GWEI, low, high],
        [high + GWEI, low, high],
        [low, low, MAX_RATE + GWEI],
      ] as const)
        await expect(registry.register(resourceParams({ rate, floor, ceiling })))
          .to.be.revertedWithCustomError(registry, "ResourceRegistryInvalidRate")
          .withArgs(rate, floor, ceiling);
    });

    it("reverts when the price policy is unknown or has no target, or the target is too large", async function () {
      const { registry, load } = await networkHelpers.loadFixture(fixture);
      await registry.registerPricePolicy(load);

      await expect(registry.register(resourceParams({ target: 1n, policy: 2n })))
        .to.be.revertedWithCustomError(registry, "ResourceRegistryUnknownPolicy")
        .withArgs(2n);
      await expect(registry.register(resourceParams({ policy: 1n })))
        .to.be.revertedWithCustomError(registry, "ResourceRegistryNoTarget")
        .withArgs(2n);
      const tooMuch = 2n ** 63n + 1n;
      await expect(registry.register(resourceParams({ target: tooMuch })))
        .to.be.revertedWithCustomError(registry, "BoundedParameterInvalid")
        .withArgs(await registry.targetParameter(2n), tooMuch, [
          1n,
          2n ** 63n,
          5_000n,
          7n * DAY,
          2n * DAY,
        ]);
    });

    it("reverts when 512 types exist", async function () {
      const { registry } = await networkHelpers.loadFixture(fixture);
      for (let id = 2; id <= 512; id++) await registry.register(resourceParams());

      expect(await registry.resourceCount()).to.equal(512n);
      expect(await registry.MAX_RESOURCES()).to.equal(512n);
      await expect(registry.register(resourceParams()))
        .to.be.revertedWithCustomError(registry, "ResourceRegistryFull")
        .withArgs(512n);
      await expect(registry.registerDerived(1n, 10_000n, "x"))
        .to.be.revertedWithCustomError(registry, "ResourceRegistryFull")
        .withArgs(512n);
    });

    it("adds a type priced from the running epoch on", async function () {
      const { registry } = await networkHelpers.loadFixture(fixture);
      const name = "x".repeat(31);
      const params = resourceParams({ name, category: Category.Service, minimumTier: 7n });
      expect(await registry.register.staticCall(params)).to.equal(2n);

      await expect(registry.register(params))
        .to.emit(registry, "ResourceRegistered")
        .withArgs(
          2n,
          0n,
          name,
          "token",
          Category.Service,
          2n,
          7n,
          5n * GWEI,
          GWEI,
          MAX_RATE,
          0n,
          0n,
          10n,
        );

      expect(await registry.resourceOf(2n)).to.deep.equal([
        name,
        "token",
        Category.Service,
        ACTIVE,
        7n,
        2n,
        0n,
        10n,
        0n,
        10n * GWEI,
        5n * GWEI,
        GWEI,
        MAX_RATE,
        0n,
        0n,
        0n,
        0n,
      ]);
      expect(await registry.resourceCount()).to.equal(2n);
      expect(await registry.MAX_TIER()).to.equal(7n);
      expect(await registry.PRICE_STEP()).to.equal(GWEI);
    });

    it("adds a type with a target and a policy, and defines both parameters", async function () {
      const { registry, load } = await networkHelpers.loadFixture(fixture);
      await registry.registerPricePolicy(load);
      const [rate, target] = [await registry.rateParameter(2n), await registry.targetParameter(2n)];
      const tx = await registry.register(
        resourceParams({ target: 2n ** 63n, policy: 1n, ceiling: 8n * GWEI }),
      );

      await expect(tx)
        .to.emit(registry, "ParameterDefined")
        .withArgs(rate, 5n * GWEI, GWEI, 8n * GWEI, 2_000n, 7n * DAY, 2n * DAY);
      await expect(tx)
        .to.emit(registry, "ParameterDefined")
        .withArgs(target, 2n ** 63n, 1n, 2n ** 63n, 5_000n, 7n * DAY, 2n * DAY);
      const resource = await registry.resourceOf(2n);
      expect([resource.target, resource.policy]).to.deep.equal([2n ** 63n, 1n]);
      expect([resource.floor, resource.ceiling]).to.deep.equal([GWEI, 8n * GWEI]);
      expect(await registry.MAX_TARGET()).to.equal(2n ** 63n);
      expect(ethers.toUtf8String(ethers.dataSlice(rate, 0, 13))).to.equal("resource-rate");
      expect(ethers.toUtf8String(ethers.dataSlice(target, 0, 15))).to.equal("resource-target");
      expect(BigInt(rate) % 2n ** 32n).to.equal(2n);
    });

    it("accepts the largest weight and the largest unit price", async function () {
      const { registry } = await networkHelpers.loadFixture(fixture);
      const weight = 2n ** 32n - 1n;

      await registry.register(resourceParams({ weight, rate: GWEI }));
      await registry.register(resourceParams({ weight, rate: MAX_RATE, floor: MAX_RATE }));

      expect((await registry.resourceOf(2n)).unitPrice).to.equal(weight * GWEI);
      expect((await registry.resourceOf(3n)).unitPrice).to.equal(weight * MAX_RATE);
      expect((await registry.resourceOf(3n)).unitPrice < 2n ** 96n).to.equal(true);
    });
  });

  describe("registerDerived (RES-1)", function () {
    it("reverts when the parent is unknown or retired", async function () {
      const { registry } = await networkHelpers.loadFixture(fixture);
      await registry.deprecate(1n);
      await registry.registerDerived(1n, 10_000n, "from a deprecated one");
      await registry.retire(1n);

      for (const parent of [0n, 9n])
        await expect(registry.registerDerived(parent, 10_000n, "x"))
          .to.be.revertedWithCustomError(registry, "ResourceRegistryUnknownResource")
          .withArgs(parent);
      await expect(registry.registerDerived(1n, 10_000n, "x"))
        .to.be.revertedWithCustomError(registry, "ResourceRegistryWrongState")
        .withArgs(1n, RETIRED);
    });

    it("reverts when the weight is not whole, 0 or too large, or the name is wrong", async function () {
      const { registry } = await networkHelpers.loadFixture(fixture);
      await registry.register(resourceParams({ weight: 2n ** 31n, rate: GWEI }));

      await expect(registry.registerDerived(1n, 12_501n, "x"))
        .to.be.revertedWithCustomError(registry, "ResourceRegistryInexactMultiplier")
        .withArgs(2n, 12_501n);
      await expect(registry.registerDerived(1n, 0n, "x"))
        .to.be.revertedWithCustomError(registry, "ResourceRegistryInvalidWeight")
        .withArgs(0n);
      await expect(registry.registerDerived(2n, 20_000n, "x"))
        .to.be.revertedWithCustomError(registry, "ResourceRegistryInvalidWeight")
        .withArgs(2n ** 32n);
      await expect(registry.registerDerived(1n, 10_000n, "")).to.be.revertedWithCustomError(
        registry,
        "ResourceRegistryUnnamed",
      );
    });

    it("takes all but name and weight from the parent", async function () {
      const { registry, enter } = await networkHelpers.loadFixture(fixture);
      await registry.register(
        resourceParams({ category: Category.Data, minimumTier: 3n, weight: 4n, unit: "row" }),
      );
      await enter(12n);
      expect(await registry.registerDerived.staticCall(2n, 12_500n, "rich rows")).to.equal(3n);

      await expect(registry.registerDerived(2n, 12_500n, "rich rows"))
        .to.emit(registry, "ResourceRegistered")
        .withArgs(
          3n,
          2n,
          "rich rows",
          "row",
          Category.Data,
          5n,
          3n,
          5n * GWEI,
          GWEI,
          MAX_RATE,
          0n,
          0n,
          12n,
        );

      const { parent, state, registeredEpoch } = await registry.resourceOf(3n);
      expect([parent, state, registeredEpoch]).to.deep.equal([2n, ACTIVE, 12n]);
      await registry.registerDerived(3n, 20_000n, "of a derived one");
      expect((await registry.resourceOf(4n)).parent).to.equal(3n);
      expect((await registry.resourceOf(4n)).weight).to.equal(10n);
    });
  });

  describe("deprecate (RES-1)", function () {
    it("reverts when the type is unknown or not active", async function () {
      const { registry } = await networkHelpers.loadFixture(fixture);
      await registry.deprecate(1n);

      await expect(registry.deprecate(7n))
        .to.be.revertedWithCustomError(registry, "ResourceRegistryUnknownResource")
        .withArgs(7n);
      await expect(registry.deprecate(1n))
        .to.be.revertedWithCustomError(registry, "ResourceRegistryWrongState")
        .withArgs(1n, DEPRECATED);
      await registry.retire(1n);
      await expect(registry.deprecate(1n))
        .to.be.revertedWithCustomError(registry, "ResourceRegistryWrongState")
        .withArgs(1n, RETIRED);
    });

    it("announces and leaves the price", async function () {
      const { registry } = await networkHelpers.loadFixture(fixture);

      await expect(registry.deprecate(1n)).to.emit(registry, "ResourceDeprecated").withArgs(1n);

      expect((await registry.resourceOf(1n)).state).to.equal(DEPRECATED);
      expect(await registry.unitPriceOf(1n, 10n)).to.equal(10n * GWEI);
    });
  });

  describe("retire (RES-1)", function () {
    it("reverts when the type is unknown or not deprecated", async function () {
      const { registry } = await networkHelpers.loadFixture(fixture);

      await expect(registry.retire(7n))
        .to.be.revertedWithCustomError(registry, "ResourceRegistryUnknownResource")
        .withArgs(7n);
      await expect(registry.retire(1n))
        .to.be.revertedWithCustomError(registry, "ResourceRegistryWrongState")
        .withArgs(1n, ACTIVE);
      await registry.deprecate(1n);
      await registry.retire(1n);
      await expect(registry.retire(1n))
        .to.be.revertedWithCustomError(registry, "ResourceRegistryWrongState")
        .withArgs(1n, RETIRED);
    });

    it("ends the type with the running epoch", async function () {
      const { registry, enter } = await networkHelpers.loadFixture(fixture);
      await registry.deprecate(1n);
      await enter(12n);

      await expect(registry.retire(1n)).to.emit(registry, "ResourceRetired").withArgs(1n, 13n);

      const { state, retiredEpoch } = await registry.resourceOf(1n);
      expect([state, retiredEpoch]).to.deep.equal([RETIRED, 13n]);
    });
  });

  describe("prices (RES-I1)", function () {
    it("has one from registration to retirement, never ahead, and says why not", async function () {
      const { registry, enter } = await networkHelpers.loadFixture(fixture);
      const terms = (reason: bigint) => [
        reason,
        Category.Inference,
        0n,
        2n,
        reason === Reason.None ? 10n * GWEI : 0n,
      ];
      const expectPrice = async (epoch: bigint, reason: bigint) => {
        expect(await registry.termsByEpoch(1n, epoch)).to.deep.equal(terms(reason));
        if (reason === Reason.None)
          expect(await registry.unitPriceOf(1n, epoch)).to.equal(10n * GWEI);
        else
          await expect(registry.unitPriceOf(1n, epoch))
            .to.be.revertedWithCustomError(registry, "ResourceRegistryNoPrice")
            .withArgs(1n, epoch);
      };

      await expectPrice(9n, Reason.ResourceUnpriced);
      await expectPrice(10n, Reason.None);
      await expectPrice(11n, Reason.ResourceUnpriced);
      await enter(11n);
      await expectPrice(10n, Reason.None);
      await expectPrice(11n, Reason.None);
      await registry.deprecate(1n);
      await registry.retire(1n);
      await expectPrice(11n, Reason.None);
      await expectPrice(12n, Reason.ResourceUnpriced);
      await enter(13n);
      await expectPrice(9n, Reason.ResourceUnpriced);
      await expectPrice(10n, Reason.None);
      await expectPrice(11n, Reason.None);
      await expectPrice(12n, Reason.ResourceRetired);
      await expectPrice(13n, Reason.ResourceRetired);
      await expectPrice(14n, Reason.ResourceUnpriced);
    });

    it("has none for an unknown type", async function () {
      const { registry } = await networkHelpers.loadFixture(fixture);

      expect(await registry.termsByEpoch(2n, 10n)).to.deep.equal([
        Reason.ResourceUnknown,
        UNKNOWN,
        0n,
        0n,
        0n,
      ]);
      for (const call of [() => registry.unitPriceOf(2n, 10n), () => registry.resourceOf(2n)])
        await expect(call())
          .to.be.revertedWithCustomError(registry, "ResourceRegistryUnknownResource")
          .withArgs(2n);
    });
  });

  describe("quote (RES-2)", function () {
    it("reverts when the lists differ, a type is unknown or has no price", async function () {
      const { registry, enter } = await networkHelpers.loadFixture(fixture);

      await expect(registry.quote([1n], []))
        .to.be.revertedWithCustomError(registry, "ResourceRegistryLengthMismatch")
        .withArgs(1n, 0n);
      await expect(registry.quote([1n, 5n], [1n, 1n]))
        .to.be.revertedWithCustomError(registry, "ResourceRegistryUnknownResource")
        .withArgs(5n);
      await registry.deprecate(1n);
      await registry.retire(1n);
      await enter(11n);
      await expect(registry.quote([1n], [1n]))
        .to.be.revertedWithCustomError(registry, "ResourceRegistryNoPrice")
        .withArgs(1n, 11n);
    });

    it("adds up compute units and charges, also of one type twice", async function () {
      const { registry, enter } = await networkHelpers.loadFixture(fixture);
      await registry.register(resourceParams({ weight: 7n, rate: 3n * GWEI }));
      const most = 2n ** 128n - 1n;

      expect(await registry.quote([], [])).to.deep.equal([0n, 0n, 10n]);
      expect(await registry.quote([1n, 2n, 1n], [5n, 1n, 6n])).to.deep.equal([
        29n,
        131n * GWEI,
        10n,
      ]);
      await enter(11n);
      expect(await registry.quote([1n, 1n], [most, most])).to.deep.equal([
        most * 4n,
        most * 20n * GWEI,
        11n,
      ]);
    });
  });
});
