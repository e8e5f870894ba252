import { expect } from "chai";
import { network } from "hardhat";

import { describeError } from "../../../sdk/errors/describe.js";
import { EPOCH, Role, WINDOW, limits, setKey, useOf, usage } from "../../support/metering.js";
import { allowCharging, deployMetered, pushProvider, signWords } from "../../support/meter.js";
import { GRACE, resourceParams } from "../../support/metering.js";
import { OPA } from "../../support/release.js";
import { Reason } from "../../support/statements.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;

const GWEI = 10n ** 9n;
const PRICE = 10n * GWEI; // of a unit of resource 1
const BUDGET = 10n * OPA;

async function fixture() {
  return deployMetered(connection);
}

type Suite = Awaited<ReturnType<typeof fixture>>;

/** Moves to the first second of the epoch that is `count` after the running one. */
async function nextEpoch({ meter }: Suite, count = 1n) {
  const epoch = (await meter.currentEpoch()) + count;
  await time.increaseTo((await meter.GENESIS()) + epoch * EPOCH);
  return epoch;
}

/** Registers resource 5, whose price moves by load from the running epoch on. */
async function moving(suite: Suite, minimumTier = 0n) {
  const { prices } = suite;
  const load = await ethers.deployContract("LoadPricePolicy");
  await prices.registerPricePolicy(load);
  const rate = 800n * GWEI;
  await prices.register(
    resourceParams({ name: "moving", weight: 1n, rate, target: 1n, policy: 1n, minimumTier }),
  );
  return suite;
}

/** A reservation of 10 OPA for the provider and `key`. */
async function reserved() {
  const suite = await fixture();
  const { meter, alice, key, provider } = suite;
  const until = BigInt(await time.latest()) + 3n * EPOCH;
  await meter.connect(alice).reserve(alice, provider, key, BUDGET, until);
  return { ...suite, until };
}

describe("Meter", function () {
  describe("charge (RES-5)", function () {
    it("burns for a line, counts it everywhere and reports it once", async function () {
      const { meter, verifier, token, alice, provider, line, sign, settle } =
        await networkHelpers.loadFixture(fixture);
      const supply = await token.totalSupply();

      const { tx, results } = await settle([await sign([line(1_000n)])]);

      expect(results).to.deep.equal([
        { reason: Reason.None, burned: 1_000n * PRICE, reasons: [Reason.None] },
      ]);
      await expect(tx)
        .to.emit(meter, "LineSettled")
        .withArgs(alice, provider, 1n, alice, 10n, 1_000n, 1_000n * PRICE);
      expect(await token.totalSupply()).to.equal(supply - 1_000n * PRICE);
      expect(await meter.creditOf(alice)).to.equal(100n * OPA - 1_000n * PRICE);
      expect(await meter.totals()).to.deep.equal([100n * OPA - 1_000n * PRICE, 0n]);
      expect(await meter.burnedOf(alice)).to.deep.equal([1_000n * PRICE, 0n]);
      expect(await meter.lineOf(alice, provider, 1n)).to.deep.equal([1_000n, 10n]);
      const counted = useOf(1_000n, 2n, PRICE);
      for (const [current, previous, allTime] of [
        await meter.usageOf(1n),
        await meter.providerUsageOf(provider),
        await meter.totalUsage(),
      ]) {
        expect(usage(current)).to.deep.equal(counted);
        expect(usage(previous)).to.deep.equal(useOf(0n, 0n, 0n));
        expect(usage(allTime)).to.deep.equal(counted);
      }
      expect(await verifier.settle.staticCall([await sign([line(1_000n)])])).to.deep.equal([
        [Reason.None, 0n, [Reason.NothingNew]],
      ]);
    });

    it("names its extension, and says that it never changes (ERC-897)", async function () {
      const { meter } = await networkHelpers.loadFixture(fixture);
      const proxy = await ethers.getContractAt("Meter", meter);

      expect(await ethers.provider.getCode(await proxy.implementation())).not.to.equal("0x");
      expect(await proxy.proxyType()).to.equal(1n);
    });

    it("is refused to everybody but holders of METER", async function () {
      const { meter, core, alice } = await networkHelpers.loadFixture(fixture);

      await expect(core.connect(alice).charge([]))
        .to.be.revertedWithCustomError(core, "AccessManagedUnauthorized")
        .withArgs(alice);
      expect(await meter.totals()).to.deep.equal([100n * OPA, 0n]);
    });

    it("continues the same totals from two verifiers, each with its own domain (EVO-1)", async function () {
      const { authority, core, meter, verifier, alice, provider, line, sign, settle } =
        await networkHelpers.loadFixture(fixture);
      const second = await ethers.deployContract("Settlement", [meter]);
      await allowCharging(authority, core, second);

      await settle([await sign([line(100n)])]);
      const { results } = await settle([await sign([line(150n)], {}, second)], second);
      const { results: foreign } = await settle([await sign([line(300n)])], second);
      const { results: third } = await settle([await sign([line(175n)])], verifier);

      expect(results[0]?.burned).to.equal(50n * PRICE);
      expect(foreign[0]?.reason).to.equal(Reason.InvalidSignature);
      expect(third[0]?.burned).to.equal(25n * PRICE);
      expect((await meter.lineOf(alice, provider, 1n)).cumulativeUnits).to.equal(175n);
    });

    it("refuses a total beyond 2^58 - 1 for a reason of its own, and settles one that ends there", async function () {
      const { meter, token, genesis, prices, alice, provider, line, sign, settle } =
        await networkHelpers.loadFixture(fixture);
      await prices.register(resourceParams({ name: "grain", weight: 1n, rate: GWEI }));
      const most = await meter.MAX_TOTAL();
      expect(most).to.equal(2n ** 58n - 1n);
      const cost = most * GWEI;
      await networkHelpers.impersonateAccount(await genesis.getAddress());
      const holder = await ethers.getSigner(await genesis.getAddress());
      await networkHelpers.setBalance(holder.address, OPA);
      await token.connect(holder).transfer(alice, cost);
      await meter.connect(alice).deposit(alice, cost);

      const { results } = await settle([await sign([line(most + 1n, 5n)])]);
      expect(results[0]?.reasons).to.deep.equal([Reason.TotalFull]);
      expect(await meter.authorize(alice, alice, provider, 5n, most + 1n)).to.deep.equal([
        Reason.TotalFull,
        0n,
      ]);
      const { results: full } = await settle([await sign([line(most, 5n)])]);
      expect(full[0]?.burned).to.equal(cost);
      expect(await meter.authorize(alice, alice, provider, 5n, 1n)).to.deep.equal([
        Reason.TotalFull,
        0n,
      ]);
      expect(await meter.lineOf(alice, provider, 4n)).to.deep.equal([0n, 10n]);
    });
  });

  describe("reserve (SET-I17)", function () {
    it("refuses the zero signer, another signer while it lasts, less time and fractions of a gwei", async function () {
      const { meter, alice, bob, key, provider, until } =
        await networkHelpers.loadFixture(reserved);
      const reserve = meter.connect(alice).reserve;

      await expect(reserve(alice, provider, ethers.ZeroAddress, 1n, until))
        .to.be.revertedWithCustomError(meter, "MeterZeroAddress")
        .withArgs();
      await expect(reserve(alice, provider, bob, GWEI, until))
        .to.be.revertedWithCustomError(meter, "MeterSignerFixed")
        .withArgs(alice, provider, bob, key);
      await expect(reserve(alice, provider, key, 0n, until - 1n)).to.be.revertedWithCustomError(
        meter,
        "MeterInvalidReservationEnd",
      );
      await expect(reserve(alice, provider, key, GWEI + 1n, until))
        .to.be.revertedWithCustomError(meter, "MeterFractionalAmount")
        .withArgs(GWEI + 1n);
    });

    it("keeps signer, amount, end and tier, and counts one for each provider", async function () {
      const { meter, policy, alice, key, provider, until } =
        await networkHelpers.loadFixture(reserved);
      await policy.setTier(alice, 3n);

      await expect(meter.connect(alice).reserve(alice, provider, key, GWEI, until + 1n))
        .to.emit(meter, "CreditReserved")
        .withArgs(alice, provider, key, GWEI, BUDGET + GWEI, until + 1n, 3n);
      await meter.connect(alice).reserve(alice, provider, key, 0n, until + 2n);

      expect(await meter.reservationOf(alice, provider)).to.deep.equal([
        BUDGET + GWEI,
        until + 2n,
        3n,
        await meter.currentEpoch(),
        key.address,
      ]);
      expect(await meter.reservationCountOf(alice)).to.equal(1n);
      expect(await meter.totals()).to.deep.equal([90n * OPA - GWEI, BUDGET + GWEI]);
    });

    it("lets a signer without a key burn its mandate at its provider, and nothing else", async function () {
      const { meter, alice, key, other, provider, line, sign, settle } =
        await networkHelpers.loadFixture(reserved);
      const most = BUDGET / PRICE;

      const elsewhere = await sign([line(1n, 1n, other)], { key });
      expect((await settle([elsewhere])).results[0]?.reasons).to.deep.equal([Reason.KeyUnknown]);
      const tooMuch = await sign([line(most + 1n)], { key });
      expect((await settle([tooMuch])).results[0]?.reasons).to.deep.equal([Reason.KeyUnknown]);
      expect(await meter.authorize(alice, key, provider, 1n, most + 1n)).to.deep.equal([
        Reason.KeyUnknown,
        0n,
      ]);
      expect(await meter.authorize(alice, key, provider, 1n, most)).to.deep.equal([
        Reason.None,
        BUDGET,
      ]);
      const { tx, results } = await settle([await sign([line(most)], { key })]);

      expect(results[0]?.burned).to.equal(BUDGET);
      await expect(tx).to.emit(meter, "ReservationBurned").withArgs(alice, provider, BUDGET);
      expect(await meter.reservationOf(alice, provider)).to.deep.equal([
        0n,
        0n,
        0n,
        0n,
        ethers.ZeroAddress,
      ]);
      expect(await meter.reservationCountOf(alice)).to.equal(0n);
      expect(await meter.totals()).to.deep.equal([90n * OPA, 0n]);
    });

    it("leaves the second provider of a statement the credit that the first has not used", async function () {
      const { meter, alice, provider, other, line, sign, settle } =
        await networkHelpers.loadFixture(reserved);
      await meter.connect(alice).withdraw(alice, alice, 90n * OPA - 10n * PRICE);
      const [first, second] = [provider, other].sort((a, b) =>
        BigInt(a.address) < BigInt(b.address) ? -1 : 1,
      );

      const both = await sign([line(10n, 1n, first), line(1n, 1n, second)]);
      const { results } = await settle([both]);

      expect(results).to.deep.equal([
        {
          reason: Reason.None,
          burned: 10n * PRICE,
          reasons: [Reason.None, Reason.InsufficientCredit],
        },
      ]);
      expect(await meter.totals()).to.deep.equal([0n, BUDGET]);
    });

    it("is not touched by another signer, and pays first for its own with a key for the rest", async function () {
      const { meter, alice, key, provider, line, sign, settle } =
        await networkHelpers.loadFixture(reserved);
      const most = BUDGET / PRICE;

      await settle([await sign([line(100n)])]);
      expect((await meter.reservationOf(alice, provider)).amount).to.equal(BUDGET);
      await meter
        .connect(alice)
        .setKey(alice, key, 0n, Role.Spender, limits({ epochLimit: 5n * PRICE }));
      const beyond = await sign([line(100n + most + 6n)], { key });
      expect((await settle([beyond])).results[0]?.reasons).to.deep.equal([Reason.KeyLimitExceeded]);
      const { results } = await settle([await sign([line(100n + most + 5n)], { key })]);

      expect(results[0]?.burned).to.equal(BUDGET + 5n * PRICE);
      expect((await meter.keyOf(alice, key)).spent).to.equal(5n * PRICE);
      expect(await meter.creditOf(alice)).to.equal(90n * OPA - 105n * PRICE);
      expect(await meter.reservationCountOf(alice)).to.equal(0n);
    });

    it("is released by its provider at once and by anyone after the grace, to the second", async function () {
      const { meter, alice, bob, provider, until } = await networkHelpers.loadFixture(reserved);
      const snapshot = await networkHelpers.takeSnapshot();
      await expect(meter.connect(provider).releaseReservation(alice, provider))
        .to.emit(meter, "ReservationReleased")
        .withArgs(alice, provider, BUDGET);
      await snapshot.restore();

      await time.setNextBlockTimestamp(until + GRACE);
      await expect(meter.connect(bob).releaseReservation(alice, provider))
        .to.be.revertedWithCustomError(meter, "MeterReservationActive")
        .withArgs(alice, provider, until + GRACE + 1n);
      await time.setNextBlockTimestamp(until + GRACE + 1n);
      await meter.connect(bob).releaseReservation(alice, provider);
      expect(await meter.creditOf(alice)).to.equal(100n * OPA);
    });
  });

  describe("a mandate holds whatever the consumer does afterwards (abuse case 83)", function () {
    type Act = (suite: Suite) => Promise<unknown>;
    const ACTIONS: Record<string, Act> = {
      "limits the organisation to one gwei": ({ meter, alice }) =>
        meter
          .connect(alice)
          .limitOrganisation(alice, limits({ epochLimit: GWEI, totalLimit: GWEI })),
      "lets the organisation expire": async ({ meter, alice }) => {
        const expiresAt = BigInt(await time.latest()) + 100n;
        await meter.connect(alice).limitOrganisation(alice, limits({ expiresAt }));
        await time.increaseTo(expiresAt + 1n);
      },
      "drops the category": ({ meter, alice }) =>
        meter.connect(alice).limitOrganisation(alice, limits({ categories: 1n })),
      "revokes all keys": ({ meter, alice }) => meter.connect(alice).revokeAllKeys(alice),
      "revokes the keys of the project": ({ meter, alice }) =>
        meter.connect(alice).revokeProjectKeys(alice, 1n),
      "limits the project to one gwei": ({ meter, alice }) =>
        meter.connect(alice).setProject(alice, 1n, limits({ totalLimit: GWEI })),
      "limits the key to one gwei": ({ meter, alice, key }) =>
        meter.connect(alice).setKey(alice, key, 1n, Role.Spender, limits({ totalLimit: GWEI })),
      "makes the key a manager": ({ meter, alice, key }) =>
        meter.connect(alice).setKey(alice, key, 1n, Role.Manager, limits()),
      "leaves as the owner": async ({ meter, alice, bob }) => {
        await meter.connect(alice).nominateAdmin(alice, bob);
        await meter.connect(bob).acceptAdmin(alice);
        await meter.connect(bob).removeAdmin(alice, alice);
      },
      "loses its tier": ({ policy, alice }) => policy.setTier(alice, 0n),
      "withdraws all free credit": async ({ meter, alice, bob }) => {
        const admin = (await meter.isAdmin(alice, alice)) ? alice : bob;
        const free = await meter.creditOf(alice);
        if (free !== 0n) await meter.connect(admin).withdraw(alice, admin, free);
      },
      "settles one unit itself at a later, dearer epoch": async (suite) => {
        const { alice, line, sign, settle, meter } = suite;
        await nextEpoch(suite);
        await meter.connect(suite.bob).deposit(alice, OPA);
        await settle([await sign([line(1n, 5n)], { key: alice })]);
      },
    };

    /**
     * A mandate of exactly the served amount, at a resource that needs a tier and whose price grows
     * by an eighth a day.
     */
    async function served() {
      const suite = await fixture();
      const { meter, policy, alice, bob, key, provider, other, line, sign, settle } = suite;
      const { prices } = await moving(suite, 1n);
      await meter.connect(bob).deposit(bob, OPA);
      await policy.setTier(bob, 1n);
      const busy = await sign([line(1_000n, 5n, other)], { account: bob.address, key: bob });
      expect((await settle([busy])).results[0]?.reasons).to.deep.equal([Reason.None]);
      await policy.setTier(alice, 1n);
      await meter.connect(alice).openProject(alice, limits());
      await setKey(meter, alice, key, {}, 1n);
      const units = 1_000n;
      const amount = units * (await prices.unitPriceOf(5n, await meter.currentEpoch()));
      const until = BigInt(await time.latest()) + 10n * EPOCH;
      await meter.connect(alice).reserve(alice, provider, key, amount, until);
      expect(await meter.authorize(alice, key, provider, 5n, units)).to.deep.equal([
        Reason.None,
        amount,
      ]);
      const statement = await sign([line(units, 5n)], { key });
      return { ...suite, statement, units, amount };
    }

    const names = Object.keys(ACTIONS);
    const pairs = names.flatMap((first) => names.map((second) => [first, second] as const));
    for (const first of names) {
      it(`settles in full after the consumer ${first}, and then anything else`, async function () {
        for (const [, second] of pairs.filter(([name]) => name === first)) {
          const suite = await networkHelpers.loadFixture(served);
          const { meter, alice, provider, settle, statement, amount } = suite;
          for (const name of first === second ? [first] : [first, second]) {
            await ACTIONS[name]?.(suite).catch((error: unknown) => {
              // A removed admin cannot act; everything else must work.
              if (!describeError(error)?.name.startsWith("OrganisationsNot")) throw error;
            });
          }
          const before = await meter.creditOf(alice);
          const { results } = await settle([statement]);

          expect(results[0]?.reasons, `${first}, ${second}`).to.deep.equal([Reason.None]);
          expect(await meter.creditOf(alice)).to.be.at.least(before);
          const { amount: left } = await meter.reservationOf(alice, provider);
          expect(left + (results[0]?.burned ?? 0n)).to.equal(amount);
        }
      });

      it(`settles as authorised in every epoch of the window after the consumer ${first}`, async function () {
        for (let step = 0n; step <= WINDOW; step++) {
          const suite = await networkHelpers.loadFixture(served);
          const { meter, alice, provider, settle, statement, units, amount } = suite;
          await ACTIONS[first]?.(suite);
          const { cumulativeUnits } = await meter.lineOf(alice, provider, 5n);
          const burned = (amount * (units - cumulativeUnits)) / units;
          const passed = (await meter.currentEpoch()) - statement.priceEpoch;
          if (passed < step) await nextEpoch(suite, step - passed);

          const { results } = await settle([statement]);
          expect(results, `${first}, ${step} epochs later`).to.deep.equal([
            { reason: Reason.None, burned, reasons: [Reason.None] },
          ]);
        }
      });
    }

    it("settles in the last second of the window and not in the next one", async function () {
      const suite = await networkHelpers.loadFixture(served);
      const { meter, verifier, settle, statement, amount } = suite;
      const end = (await meter.GENESIS()) + (statement.priceEpoch + WINDOW + 1n) * EPOCH;

      await time.increaseTo(end - 10_000n);
      const snapshot = await networkHelpers.takeSnapshot();
      await time.increaseTo(end);
      expect((await settle([statement])).results[0]?.reason).to.equal(Reason.PriceEpochTooOld);
      await snapshot.restore();
      await time.setNextBlockTimestamp(end - 1n);
      await expect(verifier.settle([statement])).to.emit(meter, "ReservationBurned");
      expect((await meter.burnedOf(suite.alice))[0]).to.equal(amount);
    });
  });

  describe("price epochs", function () {
    /** Resource 5 grows dearer by an eighth a day. */
    async function dearer() {
      const suite = await fixture();
      await moving(suite);
      const { line, sign, settle, other } = suite;
      for (let day = 1n; day <= 3n; day++) {
        await settle([await sign([line(10n * day, 5n, other)])]);
        await nextEpoch(suite);
      }
      return suite;
    }

    it("cannot be shopped for: a line is priced at the last epoch settled for its account and provider", async function () {
      const suite = await networkHelpers.loadFixture(dearer);
      const { meter, prices, alice, provider, line, sign, settle } = suite;
      const epoch = await meter.currentEpoch();
      const now = await prices.unitPriceOf(5n, epoch);
      const old = await prices.unitPriceOf(5n, epoch - WINDOW);
      expect(now).to.be.greaterThan(old);

      await settle([await sign([line(10n, 5n)])]);
      const { tx, results } = await settle([
        await sign([line(20n, 5n)], { priceEpoch: epoch - 3n }),
      ]);
      expect(results[0]?.burned).to.equal(10n * now);
      await expect(tx)
        .to.emit(meter, "LineSettled")
        .withArgs(alice, provider, 5n, alice, epoch, 20n, 10n * now);
      expect(await meter.lineOf(alice, provider, 5n)).to.deep.equal([20n, epoch]);
    });

    it("honours an old statement that nothing newer was settled beside", async function () {
      const suite = await networkHelpers.loadFixture(dearer);
      const { meter, prices, alice, provider, line, sign, settle } = suite;
      const epoch = await meter.currentEpoch();
      const priceEpoch = epoch - 2n;

      const { results } = await settle([await sign([line(20n, 5n)], { priceEpoch })]);

      expect(results[0]?.burned).to.equal(20n * (await prices.unitPriceOf(5n, priceEpoch)));
      expect(await meter.lineOf(alice, provider, 5n)).to.deep.equal([20n, priceEpoch]);
    });

    it("keeps one last price epoch for the resources 4k to 4k + 3 of an account and provider, and for no others (SET-3)", async function () {
      const suite = await networkHelpers.loadFixture(dearer);
      const { meter, prices, policy, alice, provider, other, line, sign, settle } = suite;
      await policy.setTier(alice, 1n);
      const epoch = await meter.currentEpoch();
      const priceEpoch = epoch - 2n;
      await settle([await sign([line(1n, 4n)])]); // resources 4 to 7 share the word of totals

      const appliedEpochs = [];
      for (const [resource, node] of [
        [5n, provider],
        [3n, provider],
        [5n, other],
      ] as const) {
        const { cumulativeUnits } = await meter.lineOf(alice, node, resource);
        const signed = await sign([line(cumulativeUnits + 1n, resource, node)], { priceEpoch });
        const { results } = await settle([signed]);
        const applied = (await meter.lineOf(alice, node, resource)).priceEpoch;
        expect(results[0]?.burned).to.equal(await prices.unitPriceOf(resource, applied));
        appliedEpochs.push(applied);
      }

      // The other provider settled resource 5 in the epoch before, whose price applies there.
      expect(appliedEpochs).to.deep.equal([epoch, priceEpoch, epoch - 1n]);
    });

    it("keeps what a provider holds alive after the consumer settled one unit of a later epoch", async function () {
      const suite = await networkHelpers.loadFixture(dearer);
      const { meter, prices, line, sign, settle } = suite;
      const epoch = await meter.currentEpoch();
      const held = await sign([line(1_000n, 5n)], { priceEpoch: epoch - 1n });

      await settle([await sign([line(1n, 5n)])]);
      const { results } = await settle([held]);

      expect(results[0]?.burned).to.equal(999n * (await prices.unitPriceOf(5n, epoch)));
    });
  });

  describe("tiers", function () {
    it("tiers are kept for the epoch once settlement had to ask, and reported", async function () {
      const suite = await networkHelpers.loadFixture(fixture);
      const { meter, policy, alice, line, sign, settle } = suite;
      await policy.setTier(alice, 2n);

      const { tx } = await settle([await sign([line(10n, 4n)])]);
      await expect(tx).to.emit(meter, "TierNoted").withArgs(alice, 2n, 10n);
      await policy.setTier(alice, 0n);
      expect(await meter.tierOf(alice)).to.equal(2n);
      const { results } = await settle([await sign([line(20n, 4n)])]);
      expect(results[0]?.reasons).to.deep.equal([Reason.None]);

      await nextEpoch(suite);
      expect(await meter.tierOf(alice)).to.equal(0n);
      const { results: later } = await settle([await sign([line(30n, 4n)])]);
      expect(later[0]?.reasons).to.deep.equal([Reason.TierTooLow]);
    });

    it("are asked for once in a statement, and refuse each resource above them", async function () {
      const suite = await moving(await networkHelpers.loadFixture(fixture), 2n);
      const { line, sign, settle } = suite;

      const { results } = await settle([await sign([line(10n, 4n), line(10n, 5n)])]);
      expect(results[0]?.reasons).to.deep.equal([Reason.TierTooLow, Reason.TierTooLow]);
      expect(results[0]?.burned).to.equal(0n);
    });
  });

  describe("setProvider", function () {
    it("is refused to everybody but the registry", async function () {
      const { meter, core, alice, provider } = await networkHelpers.loadFixture(fixture);

      await expect(meter.connect(alice).setProvider(provider, 1n, 0n))
        .to.be.revertedWithCustomError(core, "AccessManagedUnauthorized")
        .withArgs(alice);
    });

    it("says who serves what, until when", async function () {
      const suite = await networkHelpers.loadFixture(fixture);
      const { meter, provider, stranger, line, sign, settle } = suite;
      const endsAt = BigInt(await time.latest()) + 10_000n;
      const outcome = async (node = provider) =>
        (await settle([await sign([line(1n, 1n, node)])])).results[0]?.reasons[0];

      expect(await outcome(stranger)).to.equal(Reason.ProviderUnknown);
      await expect(meter.setProvider(provider, 1n, endsAt))
        .to.emit(meter, "ProviderSet")
        .withArgs(provider, 1n, endsAt);
      expect(await outcome()).to.equal(Reason.CategoryNotServed);
      expect(await meter.providerOf(provider)).to.deep.equal([1n, endsAt]);
      await meter.setProvider(provider, 31n, endsAt);
      await time.setNextBlockTimestamp(endsAt - 1n);
      await meter.setProvider(stranger, 31n, 0n);
      expect(await meter.authorize(suite.alice, suite.alice, provider, 1n, 1n)).to.deep.equal([
        0n,
        PRICE,
      ]);
      await networkHelpers.mine();
      expect(await outcome()).to.equal(Reason.ProviderInactive);
      await pushProvider(meter, provider);
      expect(await meter.providerOf(provider)).to.deep.equal([31n, 2n ** 48n - 1n]);
      expect(await outcome()).to.equal(Reason.None);
    });

    it("refuses nobody, no category and unknown ones", async function () {
      const { meter, provider } = await networkHelpers.loadFixture(fixture);

      for (const [who, categories] of [
        [ethers.ZeroAddress, 1n],
        [provider.address, 0n],
        [provider.address, 32n],
      ] as const)
        await expect(meter.setProvider(who, categories, 0n))
          .to.be.revertedWithCustomError(meter, "MeterInvalidProvider")
          .withArgs(who, categories);
    });
  });

  describe("bookings", function () {
    async function booking() {
      const suite = await fixture();
      const book = await ethers.deployContract("BookMock", [suite.meter]);
      await suite.meter.setBook(book);
      await nextEpoch(suite);
      return { ...suite, book };
    }

    it("name each finished epoch of a provider once, by the book of that epoch", async function () {
      const suite = await networkHelpers.loadFixture(booking);
      const { meter, book, provider, other, line, sign, settle } = suite;
      const first = await meter.currentEpoch();
      await settle([
        await sign(
          [line(10n), line(5n, 1n, other)].sort((a, b) =>
            a.provider.toLowerCase() < b.provider.toLowerCase() ? -1 : 1,
          ),
        ),
      ]);
      const second = await nextEpoch(suite, 2n);

      const { tx } = await settle([await sign([line(20n)])]);
      await expect(tx)
        .to.emit(book, "Booked")
        .withArgs(provider, first, 10n * PRICE, first, 15n * PRICE);
      const { tx: again } = await settle([await sign([line(30n)])]);
      await expect(again).not.to.emit(book, "Booked");
      const next = await ethers.deployContract("BookMock", [meter]);
      await expect(meter.setBook(next))
        .to.emit(meter, "BookSet")
        .withArgs(book, next, second + 1n);
      await nextEpoch(suite);
      const { tx: later } = await settle([await sign([line(6n, 1n, other)])]);
      await expect(later)
        .to.emit(book, "Booked")
        .withArgs(other, first, 5n * PRICE, second, 20n * PRICE);
      await expect(later)
        .to.emit(book, "Booked")
        .withArgs(other, second, 0n, second, 20n * PRICE);
      expect(await meter.bookOf(second)).to.equal(await book.getAddress());
      expect(await meter.bookOf(second + 1n)).to.equal(await next.getAddress());
    });

    it("bookings do not stop settlement when the book fails or burns its gas, and need their gas", async function () {
      const suite = await networkHelpers.loadFixture(booking);
      const { meter, core, verifier, book, provider, line, sign, settle } = suite;
      const first = await meter.currentEpoch();
      let units = 10n;
      await settle([await sign([line(units)])]);
      for (const mood of [1n, 2n]) {
        await book.set(mood);
        await nextEpoch(suite);
        const [epoch, burned] = await meter.finishedUseOf(provider);
        units += 10n;
        const { tx } = await settle([await sign([line(units)])]);
        await expect(tx).to.emit(core, "BookingFailed").withArgs(provider, epoch, burned);
      }
      expect(first).to.equal((await meter.currentEpoch()) - 2n);
      await nextEpoch(suite);
      const signed = await sign([line(units + 1n)]);
      await expect(verifier.settle([signed], { gasLimit: 600_000 })).to.be.revertedWithCustomError(
        core,
        "MeterGasTooLow",
      );
    });

    it("come after everything else, so a book that calls back finds and changes the final state", async function () {
      const suite = await networkHelpers.loadFixture(booking);
      const { meter, verifier, book, alice, bob, line, sign, settle } = suite;
      await settle([await sign([line(10n)])]);
      await nextEpoch(suite);
      await meter.connect(alice).deposit(bob, 10n * OPA);
      const inner = await sign([line(40n)]);
      const data = verifier.interface.encodeFunctionData("settle", [[inner]]);
      await book.callBack(verifier, data);

      await verifier.settle([await sign([line(20n)])]);

      const burned = 40n * PRICE;
      expect(await meter.creditOf(alice)).to.equal(100n * OPA - burned);
      expect(await meter.totals()).to.deep.equal([110n * OPA - burned, 0n]);
      const [, , allTime] = await meter.totalUsage();
      expect(usage(allTime)).to.deep.equal(useOf(40n, 2n, PRICE));
    });
  });

  it("tells burn, runway and use of this epoch and the last, and forgets what is older (ACC-2, RES-5)", async function () {
    const suite = await networkHelpers.loadFixture(fixture);
    const { meter, alice, provider, line, sign, settle } = suite;
    await nextEpoch(suite);
    const first = 1_000n * PRICE;
    const second = 500n * PRICE;
    const figures = async () => [
      [...(await meter.burnedOf(alice))],
      (await meter.usageOf(1n)).map(({ burned }) => burned),
      (await meter.providerUsageOf(provider)).map(({ burned }) => burned),
      (await meter.totalUsage()).map(({ burned }) => burned),
    ];
    const all = (current: bigint, previous: bigint, ever: bigint) => [
      [current, previous],
      ...Array.from({ length: 3 }, () => [current, previous, ever]),
    ];
    expect(await meter.runway(alice)).to.equal(ethers.MaxUint256);

    await settle([await sign([line(1_000n)])]);
    expect(await figures()).to.deep.equal(all(first, 0n, first));
    const epoch = await nextEpoch(suite);
    expect(await figures()).to.deep.equal(all(0n, first, first));
    expect(await meter.finishedUseOf(provider)).to.deep.equal([epoch - 1n, first]);
    expect(await meter.finishedUse()).to.deep.equal([epoch - 1n, first]);
    await settle([await sign([line(1_500n)])]);
    expect(await figures()).to.deep.equal(all(second, first, first + second));
    // The burn of the last epoch and of this one so far, spread over the time of both.
    const time_ = BigInt(await time.latest()) - (await meter.GENESIS());
    const passed = EPOCH + (time_ % EPOCH);
    const credit = await meter.creditOf(alice);
    expect(await meter.runway(alice)).to.equal((credit * passed) / (first + second));

    await nextEpoch(suite, 2n);
    expect(await figures()).to.deep.equal(all(0n, 0n, first + second));
    expect(await meter.finishedUseOf(provider)).to.deep.equal([epoch, second]);
    expect(await meter.runway(alice)).to.equal(ethers.MaxUint256);
  });

  it("keeps the pause that settlement reads equal to the one it reports", async function () {
    const suite = await networkHelpers.loadFixture(fixture);
    const { meter, alice, provider, line, sign, settle } = suite;
    const module = await ethers.getContractAt("MeterExtension", meter);
    const until = BigInt(await time.latest()) + 1_000n;
    await module.pause("0x".padEnd(42, "1"), until);

    const { results } = await settle([await sign([line(1n)])]);
    expect(results[0]?.reason).to.equal(Reason.SettlementPaused);
    expect(await meter.authorize(alice, alice, provider, 1n, 1n)).to.deep.equal([
      Reason.SettlementPaused,
      0n,
    ]);
    await module.movePause(0n);
    expect((await settle([await sign([line(1n)])])).results[0]?.reasons).to.deep.equal([
      Reason.None,
    ]);
  });

  it("takes a wallet contract as a signer", async function () {
    const { verifier, alice, key, meter, line } = await networkHelpers.loadFixture(fixture);
    const wallet = await ethers.deployContract("WalletMock", [key]);
    await meter.connect(alice).setKey(alice, wallet, 0n, Role.Spender, limits());
    const signed = await signWords(connection, verifier, [line(5n)], {
      account: alice.address,
      key,
      signer: wallet,
      priceEpoch: 10n,
      deadline: 2n ** 48n - 1n,
    });

    await verifier.settle([signed]);
    expect((await meter.keyOf(alice, wallet)).spent).to.equal(5n * PRICE);
  });

  it("takes deposits and statements by the key of an account whose delegate refuses everything (abuse case 12)", async function () {
    const suite = await networkHelpers.loadFixture(fixture);
    const { meter, token, alice, line, sign, settle } = suite;
    const [name, version] = [await token.name(), await token.version()];
    const { chainId } = await ethers.provider.getNetwork();
    const domain = { name, version, chainId, verifyingContract: await token.getAddress() };
    const salt = ethers.id("a deposit");
    const message = {
      from: alice.address,
      to: await meter.getAddress(),
      value: OPA,
      validAfter: 0n,
      validBefore: 2n ** 40n,
      nonce: await meter.authorizationNonce(alice, salt),
    };
    const types = {
      ReceiveWithAuthorization: [
        { name: "from", type: "address" },
        { name: "to", type: "address" },
        { name: "value", type: "uint256" },
        { name: "validAfter", type: "uint256" },
        { name: "validBefore", type: "uint256" },
        { name: "nonce", type: "bytes32" },
      ],
    };
    const signature = await alice.signTypedData(domain, types, message);
    const statement = await sign([line(10n)]);
    const wallet = await ethers.deployContract("WalletMock", [suite.bob]);
    await networkHelpers.setCode(
      alice.address,
      ethers.concat(["0xef0100", await wallet.getAddress()]),
    );

    const { from, value, validAfter, validBefore } = message;
    await expect(
      meter
        .connect(suite.bob)
        .depositWithAuthorization(from, from, value, validAfter, validBefore, salt, signature),
    )
      .to.emit(meter, "CreditDeposited")
      .withArgs(alice, alice, OPA);
    expect((await settle([statement])).results[0]?.reasons).to.deep.equal([Reason.None]);
  });
});
