import { expect } from "chai";
import hre, { network } from "hardhat";

import { describeError } from "../../../sdk/errors/describe.js";
import type { ResourceRegistry } from "../../../typechain-types/index.js";
import { deployModules, EPOCH, GWEI, MAX_RATE, resourceParams } from "../../support/metering.js";
import {
  followLoad,
  ratesUntil,
  type Policy,
  type PriceHistory,
} from "../../support/price-model.js";
import { send } from "../../support/release.js";
import { Reason } from "../../support/statements.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;

const DAY = 86_400n;
const LOAD = 1n;
const MOCK = 2n;
const [REVERTS, BURNS_GAS, SAYS_NOTHING, SAYS_TOO_MUCH] = [1n, 2n, 3n, 4n];
const START = { rate: 1_000n * GWEI, floor: 10n * GWEI, ceiling: 100_000n * GWEI, weight: 2n };

/** Epoch 10, resource 1 follows load towards 100 units, resource 2 has a fixed rate. A double plays the Meter. */
async function fixture() {
  const suite = await deployModules(connection, 10n);
  const { authority, startedAt } = suite;
  const registry = await ethers.deployContract("ResourceRegistry", [authority, startedAt, EPOCH]);
  const uses = await ethers.deployContract("UseMock", [registry]);
  await registry.setMeter(uses);
  const load = await ethers.deployContract("LoadPricePolicy");
  const mock = await ethers.deployContract("PricePolicyMock");
  await registry.registerPricePolicy(load);
  await registry.registerPricePolicy(mock);
  await registry.register(resourceParams({ ...START, target: 100n, policy: LOAD }));
  await registry.register(resourceParams(START));
  const enter = async (epoch: bigint) => {
    const start = startedAt + epoch * EPOCH;
    if (BigInt(await time.latest()) < start) await time.increaseTo(start);
  };
  const use = (units: bigint, resource = 1n) => uses.use(resource, units);
  const rateOf = async (epoch: bigint, resource = 1n) =>
    (await registry.unitPriceOf(resource, epoch)) / GWEI / START.weight;
  const startOf = (epoch: bigint) => startedAt + epoch * EPOCH;
  return { ...suite, registry, load, mock, enter, use, rateOf, startOf };
}

/** Every rate that events tell, by epoch up to `last`. */
async function ratesFromEvents(registry: ResourceRegistry, resource: bigint, last: bigint) {
  const rates = new Map<bigint, bigint>();
  const registered = (await registry.queryFilter(registry.filters.ResourceRegistered(resource)))[0];
  if (!registered) throw new Error("a registered resource expected");
  let rate = registered.args.rate / GWEI;
  const told = new Map<bigint, bigint>();
  for (const { args } of await registry.queryFilter(registry.filters.PricesFixed(resource)))
    for (const [i, each] of args.rates.entries()) told.set(args.firstEpoch + BigInt(i), each);
  for (let epoch = registered.args.registeredEpoch; epoch <= last; epoch += 1n) {
    rate = told.get(epoch) ?? rate;
    rates.set(epoch, rate);
  }
  return rates;
}

describe("ResourceRegistry prices", function () {
  describe("registerPricePolicy (GOV-6)", function () {
    it("reverts when it is no policy or registered already", async function () {
      const { registry, alice, load, token } = await networkHelpers.loadFixture(fixture);

      for (const address of [alice.address, await token.getAddress()])
        await expect(registry.registerPricePolicy(address))
          .to.be.revertedWithCustomError(registry, "ResourceRegistryInvalidPolicy")
          .withArgs(address);
      await expect(registry.registerPricePolicy(load))
        .to.be.revertedWithCustomError(registry, "ResourceRegistryPolicyRegistered")
        .withArgs(load, 1n);
    });

    it("numbers policies from 1", async function () {
      const { registry, load } = await networkHelpers.loadFixture(fixture);
      const third = await ethers.deployContract("LoadPricePolicy");

      await expect(registry.registerPricePolicy(third))
        .to.emit(registry, "PricePolicyRegistered")
        .withArgs(3n, third);

      expect(await registry.pricePolicyOf(1n)).to.equal(load);
      expect(await registry.pricePolicyOf(3n)).to.equal(third);
      expect(await registry.pricePolicyOf(4n)).to.equal(ethers.ZeroAddress);
      expect(await registry.POLICY_GAS()).to.equal(30_000n);
    });
  });

  describe("defineTarget (RES-4)", function () {
    it("reverts when there is one, it is 0 or too large, or the type is unknown or retired", async function () {
      const { registry } = await networkHelpers.loadFixture(fixture);
      const parameter = await registry.targetParameter(2n);

      await expect(registry.defineTarget(1n, 5n))
        .to.be.revertedWithCustomError(registry, "BoundedParameterDefined")
        .withArgs(await registry.targetParameter(1n));
      for (const target of [0n, 2n ** 63n + 1n])
        await expect(registry.defineTarget(2n, target))
          .to.be.revertedWithCustomError(registry, "BoundedParameterInvalid")
          .withArgs(parameter, target, [1n, 2n ** 63n, 5_000n, 7n * DAY, 2n * DAY]);
      await expect(registry.defineTarget(9n, 5n))
        .to.be.revertedWithCustomError(registry, "ResourceRegistryUnknownResource")
        .withArgs(9n);
      await registry.deprecate(2n);
      await registry.retire(2n);
      await expect(registry.defineTarget(2n, 5n))
        .to.be.revertedWithCustomError(registry, "ResourceRegistryWrongState")
        .withArgs(2n, 3n);
    });

    it("gives a target that moves nothing without a policy", async function () {
      const { registry, enter, rateOf } = await networkHelpers.loadFixture(fixture);

      await registry.defineTarget(2n, 5n);
      await enter(20n);

      expect((await registry.resourceOf(2n)).target).to.equal(5n);
      expect(await rateOf(20n, 2n)).to.equal(1_000n);
      await registry.announce(await registry.targetParameter(2n), 7n);
      await enter(23n);
      expect((await registry.resourceOf(2n)).target).to.equal(7n);
    });
  });

  describe("choosePricePolicy (GOV-6)", function () {
    it("reverts when type, policy or target is missing, the policy the same, pending or too soon", async function () {
      const { registry, startOf } = await networkHelpers.loadFixture(fixture);

      await expect(registry.choosePricePolicy(9n, 0n))
        .to.be.revertedWithCustomError(registry, "ResourceRegistryUnknownResource")
        .withArgs(9n);
      await expect(registry.choosePricePolicy(1n, 3n))
        .to.be.revertedWithCustomError(registry, "ResourceRegistryUnknownPolicy")
        .withArgs(3n);
      await expect(registry.choosePricePolicy(2n, LOAD))
        .to.be.revertedWithCustomError(registry, "ResourceRegistryNoTarget")
        .withArgs(2n);
      await expect(registry.choosePricePolicy(1n, LOAD))
        .to.be.revertedWithCustomError(registry, "ResourceRegistryPolicyUnchanged")
        .withArgs(1n, LOAD);
      const chosenAt = startOf(11n);
      await time.setNextBlockTimestamp(chosenAt);
      await registry.choosePricePolicy(1n, 0n);
      await time.setNextBlockTimestamp(startOf(13n) - 1n);
      await expect(registry.choosePricePolicy(1n, LOAD))
        .to.be.revertedWithCustomError(registry, "ResourceRegistryPolicyPending")
        .withArgs(1n, 13n);
      await time.setNextBlockTimestamp(chosenAt + 7n * DAY - 1n);
      await expect(registry.choosePricePolicy(1n, LOAD))
        .to.be.revertedWithCustomError(registry, "ResourceRegistryPolicyTooSoon")
        .withArgs(1n, chosenAt + 7n * DAY);
      await time.setNextBlockTimestamp(chosenAt + 7n * DAY);
      await registry.choosePricePolicy(1n, LOAD);
    });

    it("lets the policy decide the rate from its epoch on", async function () {
      const { registry, enter, rateOf, startOf } = await networkHelpers.loadFixture(fixture);
      await registry.defineTarget(2n, 100n);
      await time.setNextBlockTimestamp(startOf(11n));

      await expect(registry.choosePricePolicy(2n, LOAD))
        .to.emit(registry, "PricePolicyChosen")
        .withArgs(2n, 0n, LOAD, 13n);

      const { policy, nextPolicy, policyEpoch } = await registry.resourceOf(2n);
      expect([policy, nextPolicy, policyEpoch]).to.deep.equal([0n, LOAD, 13n]);
      await enter(14n);
      const rates = await Promise.all([11n, 12n, 13n, 14n].map((epoch) => rateOf(epoch, 2n)));
      expect(rates).to.deep.equal([1_000n, 1_000n, 875n, 766n]);
      expect((await registry.resourceOf(2n)).policy).to.equal(LOAD);
      expect((await registry.resourceOf(2n)).policyEpoch).to.equal(0n);
    });
  });

  describe("announced rates (RES-3)", function () {
    it("reverts when the rate is uneven, or the type retired", async function () {
      const { registry } = await networkHelpers.loadFixture(fixture);
      const rate = await registry.rateParameter(2n);

      await expect(registry.announce(rate, 1_000n * GWEI + 1n))
        .to.be.revertedWithCustomError(registry, "ResourceRegistryUnevenRate")
        .withArgs(1_000n * GWEI + 1n);
      await registry.deprecate(2n);
      await registry.retire(2n);
      await expect(registry.announce(rate, 1_001n * GWEI))
        .to.be.revertedWithCustomError(registry, "ResourceRegistryWrongState")
        .withArgs(2n, 3n);
    });

    it("reverts when the rate is outside floor and ceiling or moves over 20%", async function () {
      const { registry } = await networkHelpers.loadFixture(fixture);
      const rate = await registry.rateParameter(2n);

      for (const value of [9n * GWEI, 100_001n * GWEI])
        await expect(registry.announce(rate, value))
          .to.be.revertedWithCustomError(registry, "BoundedParameterOutOfBounds")
          .withArgs(rate, value, START.floor, START.ceiling);
      for (const value of [799n * GWEI, 1_201n * GWEI])
        await expect(registry.announce(rate, value))
          .to.be.revertedWithCustomError(registry, "BoundedParameterStepTooLarge")
          .withArgs(rate, value, START.rate, 200n * GWEI);
    });

    it("changes a fixed rate at its epoch and keeps earlier prices", async function () {
      const { registry, enter, rateOf, startOf } = await networkHelpers.loadFixture(fixture);
      await time.setNextBlockTimestamp(startOf(12n));
      await registry.announce(await registry.rateParameter(2n), 1_200n * GWEI);

      await enter(14n);
      for (const act of [() => registry.fixPrices([]), () => registry.fixPrices([2n])]) {
        await act();
        const rates = await Promise.all([10n, 12n, 13n, 14n].map((epoch) => rateOf(epoch, 2n)));
        expect(rates).to.deep.equal([1_000n, 1_000n, 1_000n, 1_200n]);
      }
      await enter(500n);
      expect(await rateOf(14n, 2n)).to.equal(1_200n);
      expect(await rateOf(500n, 2n)).to.equal(1_200n);
      expect(await rateOf(7n + 3n, 2n)).to.equal(1_000n);
    });

    it("has no price of epochs that the ring has lost, for settlement neither", async function () {
      const { registry, enter, rateOf } = await networkHelpers.loadFixture(fixture);
      await enter(18n);
      await registry.fixPrices([1n]);

      expect(await rateOf(11n)).to.equal(875n);
      expect(await registry.PRICE_WINDOW()).to.equal(7n);
      await expect(registry.unitPriceOf(1n, 10n))
        .to.be.revertedWithCustomError(registry, "ResourceRegistryNoPrice")
        .withArgs(1n, 10n);
      expect((await registry.termsByEpoch(1n, 10n)).reason).to.equal(Reason.ResourceUnpriced);
    });

    it("replaces that epoch's step by load, within 20% of the rate before", async function () {
      const { registry, enter, rateOf, startOf, use } = await networkHelpers.loadFixture(fixture);
      await time.setNextBlockTimestamp(startOf(10n) + 100n);
      await registry.announce(await registry.rateParameter(1n), 1_200n * GWEI);
      await use(100n);
      await enter(14n);

      // 10: 1000, 11: at target, 12: −1/8, 13: at most +20% of 875, 14: −1/8 of 1050.
      const rates = await Promise.all([11n, 12n, 13n, 14n].map((epoch) => rateOf(epoch)));
      expect(rates).to.deep.equal([1_000n, 875n, 1_050n, 919n]);
    });
  });

  describe("load (RES-4)", function () {
    it("moves the price with the use of the epoch before", async function () {
      const { registry, enter, rateOf, use } = await networkHelpers.loadFixture(fixture);
      const seen: bigint[] = [];

      for (const [i, units] of [300n, 150n, 100n, 50n, 0n].entries()) {
        if (units !== 0n) await use(units);
        await enter(11n + BigInt(i));
        seen.push(await rateOf(11n + BigInt(i)));
      }

      expect(seen).to.deep.equal([1_125n, 1_195n, 1_195n, 1_121n, 981n]);
      expect((await registry.resourceOf(1n)).rate).to.equal(981n * GWEI);
      expect(await registry.quote([1n], [3n])).to.deep.equal([6n, 6n * 981n * GWEI, 15n]);
    });

    it("tells what it fixes, and says nothing when nothing moved", async function () {
      const { registry, enter, use } = await networkHelpers.loadFixture(fixture);
      await use(100n);
      await enter(11n);
      await expect(registry.fixPrices([1n, 2n])).not.to.emit(registry, "PricesFixed");
      await enter(13n);

      await expect(use(1n)).to.emit(registry, "PricesFixed").withArgs(1n, 12n, [875n, 766n]);

      await expect(registry.fixPrices([9n]))
        .to.be.revertedWithCustomError(registry, "ResourceRegistryUnknownResource")
        .withArgs(9n);
    });

    it("stays between floor and ceiling whatever a policy answers", async function () {
      const { registry, enter, mock, rateOf, use } = await networkHelpers.loadFixture(fixture);
      const bounds = { floor: 950n * GWEI, ceiling: 1_200n * GWEI };
      await registry.register(resourceParams({ ...START, ...bounds, target: 1n, policy: MOCK }));
      await send(mock, "set", 0n, 2n ** 32n - 1n);
      const seen: bigint[] = [];
      for (const [epoch, answer] of [
        [11n, 2n ** 32n - 1n],
        [12n, 2n ** 32n - 1n],
        [13n, 0n],
        [14n, 0n],
      ] as const) {
        await send(mock, "set", 0n, answer);
        await enter(epoch);
        await use(1n, 3n);
        seen.push(await rateOf(epoch, 3n));
      }

      expect(seen).to.deep.equal([1_125n, 1_200n, 1_050n, 950n]);
      expect(MAX_RATE / GWEI).to.equal(2n ** 32n - 1n);
    });

    it("costs no more after 10,000 idle epochs than after 100", async function () {
      const slack = hre.globalOptions.coverage ? 2n : 1n; // counting coverage costs gas of its own
      const { registry, enter, use } = await networkHelpers.loadFixture(fixture);
      const floor = { ...START, floor: GWEI, rate: MAX_RATE, ceiling: MAX_RATE };
      await registry.register(resourceParams({ ...floor, target: 100n, policy: LOAD }));
      const costs: bigint[] = [];
      let epoch = 10n;
      for (const idle of [1n, 10n, 200n, 10_000n]) {
        await use(100n, 3n);
        epoch += idle;
        await enter(epoch);
        const receipt = await (await registry.fixPrices([3n])).wait();
        costs.push(receipt?.gasUsed ?? 0n);
      }

      const [one = 0n, , most = 0n, forever = 0n] = costs;
      expect(one < 120_000n * slack).to.equal(true, costs.join());
      expect(most < 700_000n * slack).to.equal(true, costs.join());
      expect(forever <= most).to.equal(true, costs.join());
    });

    it("rests 128 epochs after the last use", async function () {
      const { registry, enter, rateOf } = await networkHelpers.loadFixture(fixture);
      const high = { ...START, floor: GWEI, rate: MAX_RATE, ceiling: MAX_RATE };
      await registry.register(resourceParams({ ...high, target: 100n, policy: LOAD }));

      await enter(10n + 128n);
      const rested = await rateOf(138n, 3n);
      expect(rested < (await rateOf(137n, 3n))).to.equal(true);
      await enter(10n + 129n);
      expect(await rateOf(139n, 3n)).to.equal(rested);
    });

    it("never moves a retired type past its last priced epoch", async function () {
      const { registry, enter, rateOf } = await networkHelpers.loadFixture(fixture);
      await registry.deprecate(1n);
      await enter(12n);
      await registry.retire(1n);
      await enter(20n);

      await registry.fixPrices([1n]);
      await registry.fixPrices([1n]);

      expect(await rateOf(12n)).to.equal(766n);
      expect((await registry.resourceOf(1n)).rate).to.equal(766n * GWEI);
      expect((await registry.termsByEpoch(1n, 13n)).reason).to.equal(Reason.ResourceRetired);
    });

    it("hands the running rate and the bounds to a derived type", async function () {
      const { registry, enter, rateOf } = await networkHelpers.loadFixture(fixture);
      await enter(11n);

      await registry.registerDerived(1n, 10_000n, "derived");

      const { floor, ceiling, target, policy } = await registry.resourceOf(3n);
      expect([floor, ceiling, target, policy]).to.deep.equal([START.floor, START.ceiling, 0n, 0n]);
      await enter(20n);
      expect(await rateOf(20n, 3n)).to.equal(875n);
    });
  });

  describe("freezePrice (RES-4)", function () {
    it("reverts when no policy is in force, or too little gas is left to ask it", async function () {
      const { registry, enter } = await networkHelpers.loadFixture(fixture);

      await expect(registry.freezePrice(2n))
        .to.be.revertedWithCustomError(registry, "ResourceRegistryPolicyUnchanged")
        .withArgs(2n, 0n);
      await enter(11n);
      for (const call of [
        (gasLimit: bigint) => registry.freezePrice.staticCall(1n, { gasLimit }),
        (gasLimit: bigint) => registry.fixPrices.staticCall([1n], { gasLimit }),
      ]) {
        const outcomes = new Set<string>();
        for (let gasLimit = 30_000n; gasLimit < 150_000n; gasLimit += 1_000n)
          outcomes.add(
            await call(gasLimit).then(
              () => "done",
              (error: unknown) => outcomeOf(error),
            ),
          );
        const refusal = [...outcomes].filter((outcome) => outcome.includes("GasTooLow"));
        expect(refusal).to.have.length(1);
        expect(refusal[0]).to.equal("ResourceRegistryGasTooLow(37500)");
        expect(outcomes).to.include("done");
      }
    });

    it("keeps what a working policy decided, and takes away one chosen for later", async function () {
      const { registry, enter, rateOf } = await networkHelpers.loadFixture(fixture);
      await registry.choosePricePolicy(1n, MOCK);
      await enter(12n);

      await expect(registry.freezePrice(1n)).to.emit(registry, "PriceFrozen").withArgs(1n, 12n);

      await enter(30n);
      expect(await rateOf(11n)).to.equal(875n);
      expect(await rateOf(12n)).to.equal(766n);
      expect(await rateOf(30n)).to.equal(766n);
      const { policy, nextPolicy } = await registry.resourceOf(1n);
      expect([policy, nextPolicy]).to.deep.equal([0n, 0n]);
    });

    for (const mood of [REVERTS, BURNS_GAS, SAYS_NOTHING, SAYS_TOO_MUCH])
      it(`keeps the last rate when the policy fails in way ${mood}`, async function () {
        const { registry, enter, mock, rateOf, use } = await networkHelpers.loadFixture(fixture);
        await registry.register(resourceParams({ ...START, target: 1n, policy: MOCK }));
        await send(mock, "set", 0n, 1_100n);
        await enter(11n);
        await registry.fixPrices([3n]);
        await send(mock, "set", mood, 0n);
        await enter(15n);
        expect((await registry.termsByEpoch(3n, 15n)).unitPrice).to.equal(2_200n * GWEI);
        await use(1n, 3n);
        await registry.fixPrices([3n]);
        await enter(16n);
        await registry.choosePricePolicy(3n, LOAD);
        await registry.freezePrice(3n);

        for (const epoch of [11n, 13n, 15n, 16n]) expect(await rateOf(epoch, 3n)).to.equal(1_100n);
      });
  });

  describe("over long random histories (RES-I1)", function () {
    for (const seed of [1, 2, 3])
      it(`gives the prices of the model, to every reader and from events, in history ${seed}`, async function () {
        const { registry, alice, load, mock, enter, rateOf, use } =
          await networkHelpers.loadFixture(fixture);
        let state = BigInt(seed);
        const random = (below: bigint) => {
          state = BigInt(ethers.solidityPackedKeccak256(["uint256"], [state]));
          return state % below;
        };
        await send(mock, "set", 0n, 1_500n);
        const policies: Record<string, Policy | undefined> = {
          [LOAD.toString()]: followLoad,
          [MOCK.toString()]: () => 1_500n,
        };
        const history: PriceHistory = {
          registeredEpoch: 10n,
          rate: 1_000n,
          floor: 10n,
          ceiling: 100_000n,
          units: new Map(),
          targets: [{ epoch: 10n, value: 100n }],
          policies: [{ epoch: 10n, value: followLoad }],
          announced: new Map(),
          changes: { rate: [], target: [], policy: [] },
        };
        const [rate, target] = [
          await registry.rateParameter(1n),
          await registry.targetParameter(1n),
        ];
        const pendingOf = async (parameter: string) =>
          (await registry.parameterOf(parameter)).current;
        const attempt = async (call: Promise<unknown>) =>
          call.then(
            () => true,
            () => false,
          );
        let epoch = 10n;
        let longest = 0n;
        for (let turn = 0; turn < 90; turn++) {
          const act = random(10n);
          if (act < 4n) {
            const units = random(300n) + 1n;
            await use(units);
            history.units.set(epoch, (history.units.get(epoch) ?? 0n) + units);
          } else if (act === 4n) {
            const value = (await rateOf(epoch)) + random(400n) - 200n;
            if (await attempt(registry.announce(rate, value * GWEI))) {
              const { effectiveEpoch } = await pendingOf(rate);
              history.announced.set(effectiveEpoch, value);
              history.changes.rate.push({ knownIn: epoch, epoch: effectiveEpoch });
            }
          } else if (act === 5n) {
            const value = random(150n) + 50n;
            if (await attempt(registry.announce(target, value))) {
              const { effectiveEpoch } = await pendingOf(target);
              history.targets.push({ epoch: effectiveEpoch, value });
              history.changes.target.push({ knownIn: epoch, epoch: effectiveEpoch });
            }
          } else if (act === 6n) {
            const { effectiveEpoch } = await pendingOf(rate);
            if (await attempt(registry.withdrawAnnouncement(rate))) {
              history.announced.delete(effectiveEpoch);
              history.changes.rate.push({ knownIn: epoch, epoch: 0n });
            }
            if (await attempt(registry.withdrawAnnouncement(target))) {
              history.targets.pop();
              history.changes.target.push({ knownIn: epoch, epoch: 0n });
            }
          } else if (act === 7n) {
            const policy = random(3n);
            if (await attempt(registry.choosePricePolicy(1n, policy))) {
              const { policyEpoch } = await registry.resourceOf(1n);
              history.policies.push({ epoch: policyEpoch, value: policies[policy.toString()] });
              history.changes.policy.push({ knownIn: epoch, epoch: policyEpoch });
            }
          } else if (act === 8n && random(3n) === 0n) {
            if (await attempt(registry.freezePrice(1n))) {
              while ((history.policies.at(-1)?.epoch ?? 0n) > epoch) history.policies.pop();
              history.policies.push({ epoch: epoch + 1n, value: undefined });
              history.changes.policy.push({ knownIn: epoch, epoch: 0n });
            }
          } else if (random(2n) === 0n) await registry.connect(alice).fixPrices([1n]);

          const step = random(12n) === 0n ? random(300n) : random(4n);
          longest = step > longest ? step : longest;
          epoch += step;
          await enter(epoch);
          const expected = ratesUntil(history, epoch);
          for (let back = 0n; back <= 7n && epoch - back >= 10n; back++)
            expect(await rateOf(epoch - back)).to.equal(
              expected.get(epoch - back),
              `epoch ${epoch - back} in turn ${turn}`,
            );
        }

        await registry.fixPrices([1n]);
        const told = await ratesFromEvents(registry, 1n, epoch);
        expect([...told]).to.deep.equal([...ratesUntil(history, epoch)]);
        let before = 1_000n;
        for (const [each, value] of told) {
          const step = value > before ? value - before : before - value;
          const limit = history.announced.has(each) ? before / 5n : before / 8n;
          expect(step <= limit).to.equal(true, `step of epoch ${each}`);
          before = value;
        }
        expect(longest > 50n && new Set(told.values()).size > 20).to.equal(true);
        expect(await registry.pricePolicyOf(LOAD)).to.equal(load);
      });
  });
});

/** The custom error of a refused call with its values. */
function outcomeOf(error: unknown): string {
  const { name, args } = describeError(error) ?? { name: "no custom error", args: {} };
  return `${name}(${Object.values(args).join()})`;
}
