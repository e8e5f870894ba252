import { expect } from "chai";
import { MaxUint256, ZeroAddress } from "ethers";
import { network } from "hardhat";

import {
  deployIncentives,
  EPOCH,
  GWEI,
  KAPPA_BPS,
  Kind,
  MAINTENANCE_SHARE,
  PROVISION_SHARE,
  STAGES,
  VAULT_FUNDS,
} from "../../support/incentives.js";
import { OPA, send } from "../../support/release.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;

const BPS = 10_000n;
const PPM = 1_000_000n;
const TERM = 90n * EPOCH;

/** Stage cap of an epoch of the first stage, and the release of provision alone. */
const capOf = (own: bigint) => (own * 1_000n) / PPM;
const provisionOf = (allotment: bigint) => (allotment * PROVISION_SHARE) / BPS;

/** A burn whose κ share is five times the first stage cap. */
const LARGE = 10_000n * OPA;

async function fixture() {
  return deployIncentives(connection);
}

type Suite = Awaited<ReturnType<typeof fixture>>;

/** The vault with a double in place of the pool, from epoch 12 on. */
async function withDistributor() {
  const suite = await fixture();
  const distributor = await ethers.deployContract("DistributorMock");
  await suite.meter.setBook(distributor);
  await suite.enter(12n);
  return { ...suite, distributor };
}

const Mode = { Answer: 0n, Revert: 1n, Loop: 2n, Bomb: 3n, Short: 4n } as const;

/** Sends a draw as the reserve does. */
async function draw({ give, vault, admin }: Suite, amount: bigint, id = 1n) {
  await give(vault, amount);
  return vault.connect(admin).receiveDraw(id, amount);
}

const plain = (closing: readonly unknown[]) => [...closing];

describe("IncentiveVault", function () {
  describe("constructor", function () {
    const build = async (changes: Record<string, unknown> = {}) => {
      const { token, meter, admin, authority } = await networkHelpers.loadFixture(fixture);
      const values = { token, meter, reserve: admin, authority, kappa: KAPPA_BPS, stages: STAGES };
      const { kappa, stages, ...modules } = { ...values, ...changes };
      return ethers.deployContract("IncentiveVault", [
        modules.token,
        modules.meter,
        modules.reserve,
        modules.authority,
        kappa,
        stages,
      ]);
    };

    for (const name of ["token", "meter", "reserve"])
      it(`reverts without ${name}`, async function () {
        const { vault } = await networkHelpers.loadFixture(fixture);

        await expect(build({ [name]: ZeroAddress })).to.be.revertedWithCustomError(
          vault,
          "IncentiveVaultZeroAddress",
        );
      });

    it("reverts for κ outside 10% to 90% (INC-3)", async function () {
      const { vault } = await networkHelpers.loadFixture(fixture);

      for (const kappa of [999n, 9_001n])
        await expect(build({ kappa })).to.be.revertedWithCustomError(
          vault,
          "BoundedParameterInvalid",
        );
      for (const kappa of [1_000n, 9_000n]) await build({ kappa });
      expect(await vault.MAX_KAPPA_BPS()).to.equal(9_000n);
    });

    const stage = (from: number, ratePpm: number) => ({ from, ratePpm });
    for (const [what, stages, index] of [
      ["no stages", [], 0n],
      ["nine stages", Array.from({ length: 9 }, (_, i) => stage(i, 1)), 8n],
      ["a late beginning", [stage(1, 1)], 0n],
      ["a rate of nothing", [stage(0, 0)], 0n],
      ["a rate over 1%", [stage(0, 10_001)], 0n],
      ["stages at once", [stage(0, 5), stage(0, 5)], 1n],
      ["a cliff", [stage(0, 101), stage(1, 50)], 1n],
    ] as const)
      it(`reverts for ${what} (INC-5)`, async function () {
        const { vault } = await networkHelpers.loadFixture(fixture);

        await expect(build({ stages: [...stages] }))
          .to.be.revertedWithCustomError(vault, "IncentiveVaultInvalidStages")
          .withArgs(index);
      });

    it("keeps modules and stages; the last stage never ends (INC-5)", async function () {
      const { vault, token, meter, admin } = await networkHelpers.loadFixture(fixture);

      expect([await vault.TOKEN(), await vault.METER(), await vault.RESERVE()]).to.deep.equal([
        await token.getAddress(),
        await meter.getAddress(),
        admin.address,
      ]);
      expect([await vault.START_EPOCH(), await vault.lastClosed()]).to.deep.equal([10n, 10n]);
      const schedule = await vault.schedule();
      expect(schedule.map(({ from, ratePpm }) => ({ from, ratePpm }))).to.deep.equal(STAGES);
      for (const [epoch, rate] of [
        [0n, 0n],
        [10n, 0n],
        [11n, 1_000n],
        [39n, 1_000n],
        [40n, 800n],
        [2n ** 32n - 1n, 800n],
      ] as const)
        expect(await vault.rateOf(epoch)).to.equal(rate);
    });
  });

  describe("close (INC-3)", function () {
    it("releases κ × burned while that is less than the stage cap, once, to the pool of the epoch", async function () {
      const { vault, pool, token, provider, stranger, use, enter } =
        await networkHelpers.loadFixture(fixture);
      const burned = 1_000n * OPA;
      await use(provider, burned);
      await enter(12n);
      const allotment = (burned * KAPPA_BPS) / BPS;
      const released = provisionOf(allotment);

      const sent = vault.connect(stranger).close();
      await expect(sent)
        .to.emit(vault, "EpochClosed")
        .withArgs(11n, pool, burned, KAPPA_BPS, capOf(VAULT_FUNDS), allotment, released, 0n);
      await expect(sent).to.changeTokenBalances(
        ethers,
        token,
        [vault, pool],
        [-released, released],
      );
      const again = await (await vault.connect(stranger).close()).wait();

      expect(again?.logs).to.have.length(0);
      expect(plain(await vault.closingOf(11n))).to.deep.equal([
        burned,
        KAPPA_BPS,
        allotment,
        released,
        capOf(VAULT_FUNDS),
      ]);
      expect(await vault.lastClosed()).to.equal(11n);
    });

    it("releases the stage cap while κ × burned is more", async function () {
      const { vault, provider, use, enter } = await networkHelpers.loadFixture(fixture);
      await use(provider, LARGE);
      await enter(12n);

      await vault.close();

      const { allotment, released } = await vault.closingOf(11n);
      expect([allotment, released]).to.deep.equal([
        capOf(VAULT_FUNDS),
        provisionOf(capOf(VAULT_FUNDS)),
      ]);
    });

    it("states a finished epoch as if it were closed, and nothing of a running one", async function () {
      const { vault, provider, use, enter } = await networkHelpers.loadFixture(fixture);
      await use(provider, LARGE);
      expect(plain(await vault.closingOf(11n))).to.deep.equal([0n, 0n, 0n, 0n, 0n]);
      const before = await vault.fundsOf();
      expect([before.own, before.released]).to.deep.equal([VAULT_FUNDS, 0n]);
      await enter(12n);
      const [expected, funds] = [plain(await vault.closingOf(11n)), plain(await vault.fundsOf())];

      await vault.close();

      expect(plain(await vault.closingOf(11n))).to.deep.equal(expected);
      expect(plain(await vault.fundsOf())).to.deep.equal(funds);
    });

    it("does nothing before an epoch with use is over, and closes at most one epoch a call", async function () {
      const { vault, provider, use, enter } = await networkHelpers.loadFixture(fixture);
      for (const at of [undefined, 12n]) {
        if (at !== undefined) await enter(at);
        const receipt = await (await vault.close()).wait();
        expect(receipt?.logs).to.have.length(0);
      }
      await use(provider, LARGE); // in epoch 12
      await enter(300n);
      await vault.close();

      expect(await vault.lastClosed()).to.equal(12n);
    });

    it("releases nothing for the epoch of the deployment", async function () {
      const { token, meter, admin, authority, provider, give, use, enter } =
        await networkHelpers.loadFixture(fixture);
      const late = await ethers.deployContract("IncentiveVault", [
        token,
        meter,
        admin,
        authority,
        KAPPA_BPS,
        STAGES,
      ]);
      await give(late, OPA);
      await use(provider, LARGE);
      await enter(12n);
      await late.close();

      expect(plain(await late.closingOf(11n))).to.deep.equal([0n, 0n, 0n, 0n, 0n]);
    });

    it("counts a donation, a plain transfer, for the epochs that are closed later", async function () {
      const { vault, provider, give, use, enter } = await networkHelpers.loadFixture(fixture);
      await use(provider, LARGE);
      await enter(12n);
      await vault.close();
      const first = await vault.closingOf(11n);
      await give(vault, VAULT_FUNDS);
      await use(provider, LARGE);
      await enter(13n);

      const own = 2n * VAULT_FUNDS - first.released;
      expect((await vault.closingOf(12n)).stageCap).to.equal(capOf(own));
      expect(plain(await vault.closingOf(11n))).to.deep.equal(plain(first));
    });

    it("never releases more than 90% of all OPA ever burned, whatever the Meter says (INC-I10)", async function () {
      const { vault, meter, token, provider, distributor, use, enter } =
        await networkHelpers.loadFixture(withDistributor);
      await distributor.set(Mode.Answer, MaxUint256);
      await use(provider, 100n * OPA);
      await meter.setFalse(true); // counts use without burning
      await use(provider, 100_000_000n * OPA);
      await enter(13n);

      await vault.close();
      for (const epoch of [13n, 14n]) {
        await use(provider, 100_000_000n * OPA);
        await enter(epoch + 1n);
        await vault.close();
      }

      expect(await token.balanceOf(distributor)).to.equal(90n * OPA);
      const funds = await vault.fundsOf();
      expect([funds.released, funds.room]).to.deep.equal([90n * OPA, 0n]);
    });

    it("fixes an epoch with the κ that it had, also when κ changes before it is closed", async function () {
      const { vault, provider, use, enter } = await networkHelpers.loadFixture(fixture);
      const burned = 100n * OPA;
      await use(provider, burned);
      await enter(20n);
      await vault.announce(await vault.KAPPA(), 6_000n);
      expect(await vault.lastClosed()).to.equal(11n);
      await enter(30n);
      await use(provider, burned);
      await enter(31n);

      expect((await vault.closingOf(11n)).allotment).to.equal((burned * 5_000n) / BPS);
      expect((await vault.closingOf(30n)).allotment).to.equal((burned * 6_000n) / BPS);
    });

    it("pays each epoch to the pool that divides it", async function () {
      const suite = await networkHelpers.loadFixture(fixture);
      const { vault, pool, meter, token, provider, deployPool, use, enter } = suite;
      const next = await deployPool();
      await use(provider, 100n * OPA);
      await meter.setBook(next); // from epoch 12 on
      await enter(12n);
      await use(provider, 200n * OPA);
      await enter(13n);
      await vault.close();

      expect(await token.balanceOf(pool)).to.equal(provisionOf(50n * OPA));
      expect(await token.balanceOf(next)).to.equal(provisionOf(100n * OPA));
    });

    it("releases nothing where no pool divides the epoch", async function () {
      const { vault, meter, provider, use, enter } = await networkHelpers.loadFixture(fixture);
      await meter.setBook(ZeroAddress);
      await enter(12n);
      await use(provider, LARGE);
      await enter(13n);
      await vault.close();

      const { allotment, released } = await vault.closingOf(12n);
      expect([allotment, released]).to.deep.equal([capOf(VAULT_FUNDS), 0n]);
    });

    for (const [what, mode] of [
      ["reverts", Mode.Revert],
      ["uses all its gas", Mode.Loop],
      ["returns too much", Mode.Bomb],
      ["returns too little", Mode.Short],
    ] as const)
      it(`pays a distributor that ${what} at most the allotment, at bounded gas`, async function () {
        const { vault, distributor, provider, use, enter } =
          await networkHelpers.loadFixture(withDistributor);
        await use(provider, LARGE);
        await enter(13n);
        await distributor.set(mode, 0n);

        const receipt = await (await vault.close()).wait();

        expect(receipt?.gasUsed).to.be.lessThan(320_000n);
        const { allotment, released } = await vault.closingOf(12n);
        expect(released <= allotment && released === 0n).to.equal(true);
        expect(await vault.lastClosed()).to.equal(12n);
      });

    it("pays a distributor that asks for everything the allotment, and no more", async function () {
      const { vault, distributor, token, provider, use, enter } =
        await networkHelpers.loadFixture(withDistributor);
      await distributor.set(Mode.Answer, MaxUint256);
      await use(provider, LARGE);
      await enter(13n);
      await vault.close();

      expect(await token.balanceOf(distributor)).to.equal(capOf(VAULT_FUNDS));
    });

    it("reverts for a caller that leaves too little gas to ask the distributor", async function () {
      const { vault, distributor, provider, use, enter } =
        await networkHelpers.loadFixture(withDistributor);
      await distributor.set(Mode.Answer, MaxUint256);
      await use(provider, LARGE);
      await enter(13n);

      let [low, high] = [30_000n, 400_000n];
      while (high - low > 500n) {
        const gasLimit = (low + high) / 2n;
        const released = await vault.close.estimateGas({ gasLimit }).then(
          () => true,
          () => false,
        );
        if (released) high = gasLimit;
        else low = gasLimit;
      }
      await vault.close({ gasLimit: high });
      // With the least gas with which it succeeds, the distributor still gets all it asks for.
      expect((await vault.closingOf(12n)).released).to.equal(capOf(VAULT_FUNDS));
    });

    it("costs the same after one epoch and after a gap of 100 days", async function () {
      const { vault, provider, use, enter } = await networkHelpers.loadFixture(fixture);
      const gas: bigint[] = [];
      for (const next of [12n, 13n, 113n]) {
        await use(provider, LARGE);
        await enter(next);
        gas.push((await (await vault.close()).wait())?.gasUsed ?? 0n);
      }
      const [, second = 0n, third = 0n] = gas;
      expect(third).to.be.closeTo(second, 3_000n);
    });
  });

  describe("draws (RSV-2)", function () {
    it("reverts for anybody but the reserve, and for an amount that has not arrived", async function () {
      const { vault, stranger, admin } = await networkHelpers.loadFixture(fixture);

      await expect(vault.connect(stranger).receiveDraw(1n, OPA))
        .to.be.revertedWithCustomError(vault, "ReserveClientNotReserve")
        .withArgs(stranger);
      await expect(vault.connect(admin).receiveDraw(1n, VAULT_FUNDS + 1n))
        .to.be.revertedWithCustomError(vault, "ReserveClientNotPaid")
        .withArgs(VAULT_FUNDS, VAULT_FUNDS + 1n);
    });

    it("pays with a draw what the stage cap holds back, all of it (D1, RSV-I4)", async function () {
      const suite = await networkHelpers.loadFixture(fixture);
      const { vault, provider, use, enter } = suite;
      const run = async (amount: bigint) => {
        const from = await ethers.provider.getBlockNumber();
        if (amount !== 0n) await draw(suite, amount);
        for (let epoch = 12n; epoch <= 51n; ++epoch) {
          await enter(epoch);
          await use(provider, LARGE); // κ share: 5,000 OPA, stage cap: below 1,000 OPA
        }
        await enter(52n);
        await vault.close();
        const [{ released }, { amount: left }] = [await vault.fundsOf(), await vault.unused()];
        const closings = await vault.queryFilter(vault.filters.EpochClosed(), from);
        const used = closings.reduce((sum, { args }) => sum + args.fromDraws, 0n);
        return { released, left, used };
      };
      const before = await networkHelpers.takeSnapshot();
      const without = await run(0n);
      await before.restore();
      const amount = 5_000n * OPA;
      const helped = await run(amount);

      // Each release is rounded to a gwei, and no wei of the draw is lost.
      expect(helped.released - without.released).to.equal(amount);
      expect(helped.used + helped.left).to.equal(amount);
      expect(helped.left).to.be.lessThan(GWEI);
    });

    it("leaves the draw alone while the stage cap is enough, and returns it whole after its term", async function () {
      const suite = await networkHelpers.loadFixture(fixture);
      const { vault, admin, token, provider, stranger, use, enter, startedAt } = suite;
      const amount = 1_000n * OPA;
      const sent = draw(suite, amount);
      await expect(sent).to.emit(vault, "DrawReceived");
      const until = BigInt(await time.latest()) + TERM;
      for (const epoch of [12n, 13n, 14n]) {
        await enter(epoch);
        await use(provider, 1_000n * OPA); // κ share below the stage cap
      }
      await time.increaseTo(until - 2n);
      await vault.connect(stranger).returnUnused(); // one second too early: nothing
      expect(await vault.unused()).to.deep.equal([amount, 0n]);

      await time.increase(1n);
      expect(await vault.unused()).to.deep.equal([amount, amount]);
      const returned = vault.connect(stranger).returnUnused();
      await expect(returned).to.emit(vault, "DrawReturned").withArgs(amount);
      await expect(returned).to.changeTokenBalances(
        ethers,
        token,
        [vault, admin],
        [-amount, amount],
      );
      const again = await (await vault.connect(stranger).returnUnused()).wait();
      expect(again?.logs).to.have.length(0);
      expect(startedAt).to.be.greaterThan(0n);
    });

    it("returns a draw within an epoch or after it without a change of what the epoch releases (A5, L7)", async function () {
      const suite = await networkHelpers.loadFixture(fixture);
      const { vault, provider, use, enter } = suite;
      await draw(suite, 1_000n * OPA);
      await enter(11n + TERM / EPOCH + 2n);
      const epoch = await vault.currentEpoch();
      await use(provider, LARGE);
      const running = await networkHelpers.takeSnapshot();

      await enter(epoch + 1n);
      await vault.returnUnused();
      const after = await vault.closingOf(epoch);
      await running.restore();
      await vault.returnUnused();
      expect(await vault.unused()).to.deep.equal([0n, 0n]);
      await enter(epoch + 1n);
      await vault.close();

      expect(await vault.closingOf(epoch)).to.deep.equal(after);
      expect(after.allotment).to.equal(after.stageCap);
    });

    it("keeps the terms of several draws apart: the oldest pays first, and each rest returns in its time", async function () {
      const suite = await networkHelpers.loadFixture(fixture);
      const { vault, provider, admin, token, use, enter } = suite;
      const [first, second] = [3_000n * OPA, 2_000n * OPA];
      await draw(suite, first, 1n);
      const until = BigInt(await time.latest()) + TERM;
      await enter(51n);
      await draw(suite, second, 2n);
      const later = BigInt(await time.latest()) + TERM;
      await use(provider, LARGE); // asks for 5,000 of a cap of about 800
      await enter(52n);
      await vault.close();
      const { allotment, released, stageCap } = await vault.closingOf(51n);
      const used = (released * (allotment - stageCap)) / allotment;
      expect(allotment).to.equal(5_000n * OPA);
      expect(used > 0n && used < first).to.equal(true);

      await time.increaseTo(until);
      expect(await vault.unused()).to.deep.equal([first + second - used, first - used]);
      const before = await token.balanceOf(admin);
      await vault.returnUnused();
      expect((await token.balanceOf(admin)) - before).to.equal(first - used);
      expect(await vault.unused()).to.deep.equal([second, 0n]);
      await time.increaseTo(later);
      expect(await vault.unused()).to.deep.equal([second, second]);
    });

    it("pays no epoch that was over when the draw came, and none that began after its term", async function () {
      const suite = await networkHelpers.loadFixture(fixture);
      const { vault, provider, use, enter } = suite;
      await use(provider, LARGE);
      await enter(12n);
      await draw(suite, 5_000n * OPA); // closes epoch 11 first
      expect((await vault.closingOf(11n)).allotment).to.equal(capOf(VAULT_FUNDS));
      expect(await vault.lastClosed()).to.equal(11n);

      await enter(103n); // the first epoch that begins after the term; nobody returned the rest
      await use(provider, LARGE);
      await enter(104n);
      const { allotment, stageCap } = await vault.closingOf(103n);
      expect(allotment).to.equal(stageCap);
    });

    it("still pays the last epoch that began within its term, when it is closed after it", async function () {
      const suite = await networkHelpers.loadFixture(fixture);
      const { vault, provider, admin, token, use, enter } = suite;
      await enter(12n);
      const amount = 10_000n * OPA;
      await draw(suite, amount);
      await enter(102n); // the term ends within this epoch
      await use(provider, LARGE);
      await enter(110n);
      const before = await token.balanceOf(admin);
      await vault.close();

      const { allotment, released, stageCap } = await vault.closingOf(102n);
      expect(allotment).to.equal(5_000n * OPA);
      expect(await vault.unused()).to.deep.equal([0n, 0n]);
      const used = (released * (allotment - stageCap)) / allotment;
      expect((await token.balanceOf(admin)) - before).to.equal(amount - used);
    });

    it("does not count a draw as own funds", async function () {
      const suite = await networkHelpers.loadFixture(fixture);
      const { vault } = suite;
      await draw(suite, VAULT_FUNDS);

      const funds = await vault.fundsOf();
      expect([funds.own, funds.drawn]).to.deep.equal([VAULT_FUNDS, VAULT_FUNDS]);
    });

    it("takes nothing of a draw for categories that nobody contributed to", async function () {
      const suite = await networkHelpers.loadFixture(fixture);
      const { vault, provider, use, enter } = suite;
      await draw(suite, 500n * OPA);
      await use(provider, LARGE); // allotment 1,500, of which provision takes 1,050
      await enter(12n);
      await vault.close();

      const { allotment, released } = await vault.closingOf(11n);
      expect([allotment, released]).to.deep.equal([1_500n * OPA, 1_050n * OPA]);
      expect((await vault.unused()).amount).to.equal(150n * OPA); // 500 - 1,050 × 500 / 1,500
    });
  });

  describe("isReleasing", function () {
    it("is false in the epoch of the deployment, before anything is burned, and while there is nothing to release", async function () {
      const suite = await networkHelpers.loadFixture(fixture);
      const { vault, meter, token, admin, authority, provider, give, use, enter } = suite;
      expect(await vault.isReleasing()).to.equal(false);
      await use(provider, 2n * GWEI); // 90% of it is more than one gwei
      expect(await vault.isReleasing()).to.equal(true);
      const rules = [token, meter, admin, authority, KAPPA_BPS, STAGES] as const;
      const late = await ethers.deployContract("IncentiveVault", [...rules]);
      await give(late, OPA);
      expect(await late.isReleasing()).to.equal(false); // epoch of its deployment

      await enter(12n);
      const empty = await ethers.deployContract("IncentiveVault", [...rules]);
      await enter(13n);
      await use(provider, GWEI); // 90% of it is less than one gwei, so the epoch would release nothing
      expect([await late.isReleasing(), await empty.isReleasing()]).to.deep.equal([false, false]);
      await use(provider, GWEI);
      expect([await late.isReleasing(), await empty.isReleasing()]).to.deep.equal([true, false]);
      await give(empty, OPA);
      await empty.connect(admin).receiveDraw(1n, OPA); // a draw alone is enough
      expect(await empty.isReleasing()).to.equal(true);
    });
  });

  it("has no function that moves OPA for a role: only κ is governed (G4, INC-5)", async function () {
    const { vault, authority, admin, stranger } = await networkHelpers.loadFixture(fixture);
    const mutating: string[] = [];
    vault.interface.forEachFunction((method) => {
      if (method.stateMutability === "nonpayable") mutating.push(method.name);
    });
    expect(mutating.sort()).to.deep.equal([
      "announce",
      "close",
      "receiveDraw",
      "returnUnused",
      "setAuthority",
      "withdrawAnnouncement",
    ]);
    await expect(
      vault.connect(stranger).announce(await vault.KAPPA(), 6_000n),
    ).to.be.revertedWithCustomError(vault, "AccessManagedUnauthorized");
    expect(await authority.getAddress()).to.equal(await vault.authority());
    expect(admin.address).to.equal(await vault.RESERVE());
  });

  it("supports its interfaces by ERC-165", async function () {
    const { vault } = await networkHelpers.loadFixture(fixture);
    expect(await vault.supportsInterface("0x01ffc9a7")).to.equal(true);
    expect(await vault.supportsInterface("0xffffffff")).to.equal(false);
  });

  it("pays attested categories as far as their points reach (INC-I11)", async function () {
    const { vault, pool, admin, alice, provider, use, enter } =
      await networkHelpers.loadFixture(fixture);
    await use(provider, LARGE);
    const points = (3n * OPA) / GWEI; // at most 3 OPA of a category of 100
    await pool.connect(admin).recordPoints(alice, Kind.Maintenance, points);
    await enter(12n);
    await vault.close();

    const cap = capOf(VAULT_FUNDS);
    expect((cap * MAINTENANCE_SHARE) / BPS).to.be.greaterThan(3n * OPA);
    expect((await vault.closingOf(11n)).released).to.equal(provisionOf(cap) + 3n * OPA);
  });

  it("sends nothing to a stranger who calls everything that anybody may call", async function () {
    const suite = await networkHelpers.loadFixture(fixture);
    const { vault, token, stranger, provider, use, enter } = suite;
    await use(provider, LARGE);
    await enter(12n);
    const before = await token.balanceOf(stranger);
    await send(vault.connect(stranger), "close");
    await send(vault.connect(stranger), "returnUnused");
    expect(await token.balanceOf(stranger)).to.equal(before);
  });
});
