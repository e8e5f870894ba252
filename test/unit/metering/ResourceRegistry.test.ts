import { expect } from "chai";
import { network } from "hardhat";

import {
  Category,
  deployModules,
  EPOCH,
  grantMeter,
  GWEI,
  MAX_RATE,
  resourceParams,
  usage,
} from "../../support/metering.js";
import { Reason } from "../../support/statements.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;

const [UNKNOWN, ACTIVE, DEPRECATED, RETIRED] = [0n, 1n, 2n, 3n];
const DAY = 86_400n;
const NONE = { units: 0n, computeUnits: 0n, burned: 0n };

/** One resource: 2 compute units, 10 gwei a unit. Bob plays the settlement contract. */
async function fixture() {
  return withResource(10n);
}

async function atGenesis() {
  return withResource(0n);
}

async function withResource(epoch: bigint) {
  const suite = await deployModules(connection, epoch);
  const { registry, authority, bob, startedAt } = suite;
  await registry.register(resourceParams());
  await grantMeter(authority, [registry], bob);
  const enter = async (later: bigint) => {
    const start = startedAt + later * EPOCH;
    if (BigInt(await time.latest()) < start) await time.increaseTo(start);
  };
  const load = await ethers.deployContract("LoadPricePolicy");
  return { ...suite, enter, load };
}

/** Use as settlement reports it. */
function useWord(units: bigint, weight: bigint, burned: bigint) {
  return (burned << 160n) | (units << 96n) | ((units * weight) << 32n);
}

/** Some units of the fixture's resource, reported and read back. */
function used(units: bigint) {
  return { units, computeUnits: 2n * units, burned: 10n * GWEI * units };
}

function word(units: bigint) {
  return useWord(units, 2n, 10n * GWEI * units);
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

  describe("record (RES-5)", function () {
    it("reverts for all who do not hold METER", async function () {
      const { registry, admin, alice } = await networkHelpers.loadFixture(fixture);

      for (const caller of [admin, alice])
        await expect(registry.connect(caller).report([], [], [], []))
          .to.be.revertedWithCustomError(registry, "AccessManagedUnauthorized")
          .withArgs(caller.address);
    });

    it("reverts when lists that belong together differ", async function () {
      const { registry, bob, provider } = await networkHelpers.loadFixture(fixture);

      await expect(registry.connect(bob).report([1n, 1n], [word(1n)], [], []))
        .to.be.revertedWithCustomError(registry, "ResourceRegistryLengthMismatch")
        .withArgs(2n, 1n);
      await expect(registry.connect(bob).report([], [], [provider], []))
        .to.be.revertedWithCustomError(registry, "ResourceRegistryLengthMismatch")
        .withArgs(1n, 0n);
    });

    for (const [first, load] of [
      [0n, atGenesis],
      [10n, fixture],
    ] as const)
      it(`counts in the same, the next and a later epoch, from epoch ${first} on`, async function () {
        const { registry, bob, provider, enter } = await networkHelpers.loadFixture(load);
        const expectUse = async (current: bigint, previous: bigint, allTime: bigint) => {
          const expected = [current, previous, allTime].map(used);
          for (const counted of [
            await registry.usageOf(1n),
            await registry.providerUsageOf(provider),
            await registry.totalUsage(),
          ])
            expect(counted.map(usage)).to.deep.equal(expected);
        };
        const add = (units: bigint) =>
          registry.connect(bob).report([1n], [word(units)], [provider], [word(units)]);

        await expectUse(0n, 0n, 0n);
        await add(3n);
        await expectUse(3n, 0n, 3n);
        await add(4n);
        await expectUse(7n, 0n, 7n);
        await enter(first + 1n);
        await expectUse(0n, 7n, 7n);
        await add(5n);
        await expectUse(5n, 7n, 12n);
        await enter(first + 2n);
        await add(1n);
        await expectUse(1n, 5n, 13n);
        await enter(first + 3n);
        await expectUse(0n, 1n, 13n);
        await enter(first + 4n);
        await expectUse(0n, 0n, 13n);
        await enter(first + 9n);
        await add(2n);
        await expectUse(2n, 0n, 15n);
        await enter(first + 10n);
        await expectUse(0n, 2n, 15n);
      });

    it("counts a first use in epoch 1", async function () {
      const { registry, bob, provider, enter } = await networkHelpers.loadFixture(atGenesis);
      await enter(1n);

      await registry.connect(bob).report([1n], [word(6n)], [provider], [word(6n)]);

      expect((await registry.usageOf(1n)).map(usage)).to.deep.equal([used(6n), NONE, used(6n)]);
      expect((await registry.providerUsageOf(provider)).map(usage)).to.deep.equal([
        used(6n),
        NONE,
        used(6n),
      ]);
    });

    it("passes over zero and adds up one resource named twice", async function () {
      const { registry, bob, provider, other } = await networkHelpers.loadFixture(fixture);

      await registry
        .connect(bob)
        .report([1n, 1n, 1n], [word(1n), 0n, word(2n)], [provider, other], [word(3n), 0n]);

      expect((await registry.usageOf(1n)).map(usage)).to.deep.equal([used(3n), NONE, used(3n)]);
      expect((await registry.providerUsageOf(other)).map(usage)).to.deep.equal([NONE, NONE, NONE]);
    });

    it("totals all resources as it totals all providers", async function () {
      const { registry, bob, provider, other, enter } = await networkHelpers.loadFixture(fixture);
      await registry.register(resourceParams({ weight: 7n, rate: GWEI }));
      const [first, second] = [word(5n), useWord(3n, 7n, 21n * GWEI)];

      await registry
        .connect(bob)
        .report([1n, 2n], [first, second], [provider, other], [second, first]);
      await enter(11n);
      await registry.connect(bob).report([2n], [second], [other], [second]);

      const sums = (lists: { units: bigint; computeUnits: bigint; burned: bigint }[][]) =>
        [0, 1, 2].map((span) =>
          lists.reduce(
            (sum, list) => {
              const one = usage(list[span] ?? NONE);
              return {
                units: sum.units + one.units,
                computeUnits: sum.computeUnits + one.computeUnits,
                burned: sum.burned + one.burned,
              };
            },
            { ...NONE },
          ),
        );
      const total = (await registry.totalUsage()).map(usage);
      expect(total).to.deep.equal(
        sums([[...(await registry.usageOf(1n))], [...(await registry.usageOf(2n))]]),
      );
      expect(total).to.deep.equal(
        sums([
          [...(await registry.providerUsageOf(provider))],
          [...(await registry.providerUsageOf(other))],
        ]),
      );
      expect(total).to.deep.equal([
        { units: 3n, computeUnits: 21n, burned: 21n * GWEI },
        { units: 8n, computeUnits: 31n, burned: 71n * GWEI },
        { units: 11n, computeUnits: 52n, burned: 92n * GWEI },
      ]);
    });

    it("tells the last finished epoch with use until a later one takes its place (INC-1)", async function () {
      const { registry, bob, provider, other, enter } = await networkHelpers.loadFixture(fixture);
      const add = async (node: { address: string }, units: bigint) => {
        const { report } = registry.connect(bob);
        const providers = [node.address, other.address];
        const served = [word(units), 0n];
        const rolled = await report.staticCall([1n], [word(units)], providers, served);
        await report([1n], [word(units)], providers, served);
        return rolled;
      };
      const finished = async () =>
        [await registry.finishedUse(), await registry.finishedUseOf(provider)].map((use) => [
          ...use,
        ]);
      const tenth = (units: bigint) => 10n * GWEI * units;

      expect(await finished()).to.deep.equal([
        [0n, 0n],
        [0n, 0n],
      ]);
      expect(await add(provider, 3n)).to.equal(1n);
      expect(await add(provider, 4n)).to.equal(0n);
      expect((await finished())[1]).to.deep.equal([0n, 0n]);
      await enter(11n);
      expect(await finished()).to.deep.equal([
        [10n, tenth(7n)],
        [10n, tenth(7n)],
      ]);
      await enter(15n);
      expect(await add(other, 1n)).to.equal(1n);
      expect(await finished()).to.deep.equal([
        [10n, tenth(7n)],
        [10n, tenth(7n)],
      ]);
      await enter(16n);
      expect(await add(provider, 2n)).to.equal(1n);
      expect(await finished()).to.deep.equal([
        [15n, tenth(1n)],
        [10n, tenth(7n)],
      ]);
      await enter(17n);
      expect(await finished()).to.deep.equal([
        [16n, tenth(2n)],
        [16n, tenth(2n)],
      ]);
    });

    it("does not take a report of nothing for use", async function () {
      const { registry, bob, provider, enter } = await networkHelpers.loadFixture(fixture);
      await registry.connect(bob).report([1n], [word(3n)], [provider], [word(3n)]);
      await enter(12n);

      expect(await registry.connect(bob).report.staticCall([1n], [0n], [provider], [0n])).to.equal(
        0n,
      );
      await registry.connect(bob).report([1n], [0n], [provider], [0n]);
      await enter(13n);

      expect([...(await registry.finishedUse())]).to.deep.equal([10n, 30n * GWEI]);
    });
  });
});
