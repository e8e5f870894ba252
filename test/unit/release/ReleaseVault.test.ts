import { expect } from "chai";
import type { AddressLike, Result } from "ethers";
import { network } from "hardhat";

import type { Stage } from "../../support/curve-model.js";
import { timeGrid, vestedOf } from "../../support/curve-model.js";
import type { ScheduleParams } from "../../support/release.js";
import {
  CURVES,
  deployRelease,
  deployVault,
  GOVERNANCE_ROLE,
  INITIAL_SUPPLY,
  OPA,
  send,
} from "../../support/release.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;

const LINE: Stage[] = CURVES["line"] ?? [];
const CLIFF: Stage[] = CURVES["cliffThenLine"] ?? [];
const STEPS: Stage[] = CURVES["atStartThenSteps"] ?? [];
const MAX_TOTAL = 2n ** 96n - 1n;
const MAX_START = 2n ** 48n - 2n ** 40n;
const [LINE_ID, CLIFF_ID, STEPS_ID] = [1n, 2n, 3n];

/** Three curves; nothing scheduled; `start` is soon, so that every second can be visited. */
async function fixture() {
  const suite = await deployRelease(connection);
  const { vault, funder, alice } = suite;
  for (const stages of [LINE, CLIFF, STEPS]) await vault.createCurve(stages);
  const start = BigInt(await time.latest()) + 100n;

  const params = (changes: Partial<ScheduleParams> = {}) => ({
    beneficiary: alice,
    start,
    curveId: CLIFF_ID,
    revocable: true,
    total: 1_000n * OPA,
    ...changes,
  });
  const create = async (changes: Partial<ScheduleParams> = {}) => {
    await vault.connect(funder).createSchedule(params(changes));
    return vault.scheduleCount();
  };

  return { ...suite, start, params, create };
}

/** A struct the contract returned, by field name. */
function fields(struct: unknown) {
  return (struct as Result).toObject() as Record<string, unknown>;
}

/** Lets the next transaction run `elapsed` seconds after the start. */
async function at(start: bigint, elapsed: bigint) {
  await time.setNextBlockTimestamp(start + elapsed);
}

describe("ReleaseVault", function () {
  describe("constructor", function () {
    it("reverts when an address is zero or the reserve is the token", async function () {
      const { vault, token, authority, reserve } = await networkHelpers.loadFixture(fixture);
      const zero = ethers.ZeroAddress;

      for (const args of [
        [zero, authority, reserve],
        [token, zero, reserve],
        [token, authority, zero],
        [token, authority, token],
      ] as [AddressLike, AddressLike, AddressLike][]) {
        await expect(
          ethers.deployContract("ReleaseVault", [...args, await vault.LOCK(), await vault.NODES()]),
        )
          .to.be.revertedWithCustomError(vault, "ReleaseVaultInvalidSetup")
          .withArgs(...args);
      }
    });

    it("reverts when the reserve is the vault itself", async function () {
      const { vault, token, authority, funder } = await networkHelpers.loadFixture(fixture);
      const nonce = await funder.getNonce();
      const self = ethers.getCreateAddress({ from: funder.address, nonce });
      const target = await vault.LOCK();

      await expect(
        ethers.deployContract("ReleaseVault", [token, authority, self, target, target], funder),
      )
        .to.be.revertedWithCustomError(vault, "ReleaseVaultInvalidSetup")
        .withArgs(token, authority, self);
    });

    it("reverts when lock or node registry take another token (REL-7)", async function () {
      const { vault, token, authority, reserve } = await networkHelpers.loadFixture(fixture);
      const target = await vault.LOCK();
      const foreign = await ethers.deployContract("ClaimTargetMock", [reserve]);

      for (const [lock, nodes] of [
        [target, foreign],
        [foreign, target],
      ] as [AddressLike, AddressLike][])
        await expect(
          ethers.deployContract("ReleaseVault", [token, authority, reserve, lock, nodes]),
        )
          .to.be.revertedWithCustomError(vault, "ReleaseVaultForeignToken")
          .withArgs(lock, nodes);
    });

    it("names what it works with", async function () {
      const { vault, token, authority, reserve } = await networkHelpers.loadFixture(fixture);

      await expect(vault.deploymentTransaction())
        .to.emit(vault, "VaultOpened")
        .withArgs(token, reserve);
      expect(await vault.TOKEN()).to.equal(token);
      expect(await vault.RESERVE()).to.equal(reserve);
      expect(await vault.authority()).to.equal(authority);
      expect(await vault.MAX_BATCH()).to.equal(200n);
      expect(await vault.MAX_START()).to.equal(MAX_START);
    });
  });

  describe("createCurve (REL-2)", function () {
    it("reverts when the stages are no curve", async function () {
      const { vault, stranger } = await networkHelpers.loadFixture(fixture);

      await expect(vault.connect(stranger).createCurve([]))
        .to.be.revertedWithCustomError(vault, "ReleaseCurveInvalidLength")
        .withArgs(0n, 96n);
      expect(await vault.curveCount()).to.equal(3n);
    });

    it("stores new stages under the next id, for anyone", async function () {
      const { vault, stranger } = await networkHelpers.loadFixture(fixture);
      const stages = CURVES["mixed"] ?? [];

      const tx = vault.connect(stranger).createCurve(stages);

      await expect(tx)
        .to.emit(vault, "CurveCreated")
        .withArgs(
          4n,
          stages.map(({ offset, share, linear }) => [offset, share, linear]),
        );
      expect(await vault.curveCount()).to.equal(4n);
      expect(await vault.curveIdOf(stages)).to.equal(4n);
      expect((await vault.curveOf(4n)).map(fields)).to.deep.equal(stages);
    });

    it("finds the same stages again without a trace", async function () {
      const { vault } = await networkHelpers.loadFixture(fixture);

      expect(await vault.createCurve.staticCall(CLIFF)).to.equal(CLIFF_ID);
      await expect(vault.createCurve(CLIFF)).not.to.emit(vault, "CurveCreated");
      expect(await vault.curveCount()).to.equal(3n);
    });
  });

  describe("curveOf", function () {
    for (const curveId of [0n, 4n, ethers.MaxUint256]) {
      it(`reverts for the unknown curve ${curveId.toString()}`, async function () {
        const { vault } = await networkHelpers.loadFixture(fixture);

        await expect(vault.curveOf(curveId))
          .to.be.revertedWithCustomError(vault, "ReleaseVaultUnknownCurve")
          .withArgs(curveId, 3n);
      });
    }

    it("does not know an id for stages never stored", async function () {
      const { vault } = await networkHelpers.loadFixture(fixture);

      expect(await vault.curveIdOf(CURVES["full"] ?? [])).to.equal(0n);
    });
  });

  describe("createSchedule (REL-1)", function () {
    for (const name of ["zero", "vault", "token"] as const) {
      it(`reverts when the beneficiary is the ${name} address`, async function () {
        const suite = await networkHelpers.loadFixture(fixture);
        const { vault, funder, params } = suite;
        const beneficiary = name === "zero" ? ethers.ZeroAddress : suite[name];

        await expect(vault.connect(funder).createSchedule(params({ beneficiary })))
          .to.be.revertedWithCustomError(vault, "ReleaseVaultInvalidBeneficiary")
          .withArgs(beneficiary);
      });
    }

    for (const total of [0n, MAX_TOTAL + 1n, ethers.MaxUint256]) {
      it(`reverts when the total is ${total.toString()}`, async function () {
        const { vault, funder, params } = await networkHelpers.loadFixture(fixture);

        await expect(vault.connect(funder).createSchedule(params({ total })))
          .to.be.revertedWithCustomError(vault, "ReleaseVaultInvalidTotal")
          .withArgs(total, MAX_TOTAL);
      });
    }

    for (const start of [0n, MAX_START + 1n, 2n ** 48n - 1n]) {
      it(`reverts when the start is ${start.toString()}`, async function () {
        const { vault, funder, params } = await networkHelpers.loadFixture(fixture);

        await expect(vault.connect(funder).createSchedule(params({ start })))
          .to.be.revertedWithCustomError(vault, "ReleaseVaultInvalidStart")
          .withArgs(start, MAX_START);
      });
    }

    for (const curveId of [0n, 4n, 2n ** 32n - 1n]) {
      it(`reverts for the unknown curve ${curveId.toString()}`, async function () {
        const { vault, funder, params } = await networkHelpers.loadFixture(fixture);

        await expect(vault.connect(funder).createSchedule(params({ curveId })))
          .to.be.revertedWithCustomError(vault, "ReleaseVaultUnknownCurve")
          .withArgs(curveId, 3n);
      });
    }

    it("reverts when the caller has not paid for it", async function () {
      const { vault, token, funder, stranger, params } = await networkHelpers.loadFixture(fixture);

      await expect(vault.connect(stranger).createSchedule(params()))
        .to.be.revertedWithCustomError(token, "ERC20InsufficientAllowance")
        .withArgs(vault, 0n, 1_000n * OPA);
      await expect(vault.connect(funder).createSchedule(params({ total: INITIAL_SUPPLY })))
        .to.be.revertedWithCustomError(token, "ERC20InsufficientBalance")
        .withArgs(funder, INITIAL_SUPPLY / 2n, INITIAL_SUPPLY);
    });

    it("takes the total and records the terms", async function () {
      const { vault, token, funder, alice, start, params } =
        await networkHelpers.loadFixture(fixture);

      const tx = vault.connect(funder).createSchedule(params());

      await expect(tx)
        .to.emit(vault, "ScheduleCreated")
        .withArgs(1n, alice, CLIFF_ID, 1_000n * OPA, start, true);
      await expect(tx).to.changeTokenBalances(
        ethers,
        token,
        [funder.address, await vault.getAddress()],
        [-1_000n * OPA, 1_000n * OPA],
      );
      expect(fields(await vault.scheduleOf(1n))).to.deep.equal({
        beneficiary: alice.address,
        start,
        curveId: CLIFF_ID,
        revocable: true,
        pendingBeneficiary: ethers.ZeroAddress,
        nextStageAt: start + 300n,
        revokedAt: 0n,
        total: 1_000n * OPA,
        released: 0n,
        vested: 0n,
        claimable: 0n,
      });
      expect(await vault.scheduleCount()).to.equal(1n);
      expect(await vault.unreleased()).to.equal(1_000n * OPA);
    });

    it("takes one wei, the earliest start and the latest (abuse case 24)", async function () {
      const { vault, create } = await networkHelpers.loadFixture(fixture);

      await create({ total: 1n, start: 1n });
      await create({ total: 1n, start: MAX_START, revocable: false });

      expect(await vault.claimable(1n)).to.equal(1n);
      const last = await vault.scheduleOf(2n);
      expect([last.vested, last.nextStageAt, last.revocable]).to.deep.equal([
        0n,
        MAX_START + 300n,
        false,
      ]);
      expect(await vault.vestedAt(2n, 2n ** 48n - 1n)).to.equal(1n);
    });

    it("takes the largest total of a token that has as much (abuse cases 23 and 31)", async function () {
      const { authority, reserve, alice, bob, start, params } =
        await networkHelpers.loadFixture(fixture);
      const token = await ethers.deployContract("RichTokenMock", [bob, MAX_TOTAL]);
      const vault = await deployVault(connection, token, authority, reserve);
      await vault.createCurve(LINE);
      await send(token.connect(bob), "approve", vault, MAX_TOTAL);

      await vault.connect(bob).createSchedule(params({ total: MAX_TOTAL, curveId: 1n }));
      await at(start, 999n);
      await vault.claim(1n);
      await at(start, 1_000n);
      await vault.claim(1n);

      const balance: unknown = await token.getFunction("balanceOf").staticCall(alice);
      expect(balance).to.equal(MAX_TOTAL);
    });
  });

  describe("createSchedules (REL-3)", function () {
    it("reverts for an empty batch and for one of 201", async function () {
      const { vault, funder, params } = await networkHelpers.loadFixture(fixture);
      const tooMany = Array.from({ length: 201 }, () => params({ total: 1n }));

      await expect(vault.connect(funder).createSchedules([]))
        .to.be.revertedWithCustomError(vault, "ReleaseVaultInvalidBatch")
        .withArgs(0n, 200n);
      await expect(vault.connect(funder).createSchedules(tooMany))
        .to.be.revertedWithCustomError(vault, "ReleaseVaultInvalidBatch")
        .withArgs(201n, 200n);
    });

    it("reverts as a whole when one schedule is wrong", async function () {
      const { vault, funder, params } = await networkHelpers.loadFixture(fixture);

      await expect(
        vault.connect(funder).createSchedules([params(), params({ total: 0n }), params()]),
      )
        .to.be.revertedWithCustomError(vault, "ReleaseVaultInvalidTotal")
        .withArgs(0n, MAX_TOTAL);
      expect(await vault.scheduleCount()).to.equal(0n);
    });

    it("creates consecutive schedules with one payment of the sum", async function () {
      const { vault, token, funder, alice, bob, start, params, create } =
        await networkHelpers.loadFixture(fixture);
      await create();
      const batch = [params({ total: 5n }), params({ beneficiary: bob, total: 6n, curveId: 1n })];

      expect(await vault.connect(funder).createSchedules.staticCall(batch)).to.equal(2n);
      const tx = await vault.connect(funder).createSchedules(batch);

      await expect(tx)
        .to.emit(vault, "ScheduleCreated")
        .withArgs(2n, alice, CLIFF_ID, 5n, start, true);
      await expect(tx)
        .to.emit(vault, "ScheduleCreated")
        .withArgs(3n, bob, LINE_ID, 6n, start, true);
      const transfers = await token.queryFilter(token.filters.Transfer, tx.blockNumber ?? 0);
      expect(transfers.map(({ args }) => args.value)).to.deep.equal([11n]);
      expect(await vault.unreleased()).to.equal(1_000n * OPA + 11n);
      expect(await vault.scheduleCount()).to.equal(3n);
    });

    it("fits a full batch into one transaction", async function () {
      const { vault, funder, params } = await networkHelpers.loadFixture(fixture);
      const batch = Array.from({ length: 200 }, (_, i) => params({ total: BigInt(i) + 7n ** 26n }));

      const receipt = await (await vault.connect(funder).createSchedules(batch)).wait();

      expect(await vault.scheduleCount()).to.equal(200n);
      expect(receipt?.gasUsed).to.be.lessThan(16_777_216n);
    });
  });

  describe("claim (REL-4)", function () {
    it("reverts when the schedule does not exist", async function () {
      const { vault, create } = await networkHelpers.loadFixture(fixture);
      await create();

      for (const id of [0n, 2n, ethers.MaxUint256]) {
        await expect(vault.claim(id))
          .to.be.revertedWithCustomError(vault, "ReleaseVaultUnknownSchedule")
          .withArgs(id, 1n);
      }
    });

    it("reverts before the start", async function () {
      const { vault, start, create } = await networkHelpers.loadFixture(fixture);
      await create({ curveId: STEPS_ID });
      await at(start, -1n);

      await expect(vault.claim(1n))
        .to.be.revertedWithCustomError(vault, "ReleaseVaultNothingToClaim")
        .withArgs(1n, 0n);
    });

    it("reverts one second before the cliff", async function () {
      const { vault, start, create } = await networkHelpers.loadFixture(fixture);
      await create();
      await at(start, 299n);

      await expect(vault.claim(1n))
        .to.be.revertedWithCustomError(vault, "ReleaseVaultNothingToClaim")
        .withArgs(1n, 0n);
    });

    it("pays the beneficiary exactly at the cliff", async function () {
      const { vault, token, alice, start, create } = await networkHelpers.loadFixture(fixture);
      await create();
      await at(start, 300n);

      const tx = vault.connect(alice).claim(1n);

      await expect(tx)
        .to.emit(vault, "ScheduleClaimed")
        .withArgs(1n, alice, 250n * OPA);
      await expect(tx).to.changeTokenBalance(ethers, token, alice, 250n * OPA);
    });

    it("pays the beneficiary when a stranger calls", async function () {
      const { vault, token, alice, stranger, start, create } =
        await networkHelpers.loadFixture(fixture);
      await create({ curveId: STEPS_ID });
      await at(start, 0n);

      const tx = vault.connect(stranger).claim(1n);

      await expect(tx).to.changeTokenBalances(ethers, token, [alice, stranger], [100n * OPA, 0n]);
      expect(await vault.unreleased()).to.equal(900n * OPA);
    });

    it("reverts when called again in the same second", async function () {
      const { vault, start, create } = await networkHelpers.loadFixture(fixture);
      await create({ curveId: STEPS_ID });
      await at(start, 90n);
      await vault.claim(1n);
      await at(start, 179n);

      await expect(vault.claim(1n))
        .to.be.revertedWithCustomError(vault, "ReleaseVaultNothingToClaim")
        .withArgs(1n, 200n * OPA);
    });

    it("pays only what vested since", async function () {
      const { vault, token, alice, start, create } = await networkHelpers.loadFixture(fixture);
      await create({ curveId: LINE_ID });
      await at(start, 333n);
      await vault.claim(1n);
      await at(start, 334n);

      await expect(vault.claim(1n)).to.changeTokenBalance(ethers, token, alice, OPA);
      expect((await vault.scheduleOf(1n)).released).to.equal(334n * OPA);
    });

    it("pays the rest at the end and nothing an hour later", async function () {
      const { vault, token, alice, start, create } = await networkHelpers.loadFixture(fixture);
      await create({ total: 10n ** 18n + 7n });
      await at(start, 1_199n);
      await vault.claim(1n);
      await at(start, 1_200n);
      await vault.claim(1n);
      await at(start, 4_800n);

      await expect(vault.claim(1n))
        .to.be.revertedWithCustomError(vault, "ReleaseVaultNothingToClaim")
        .withArgs(1n, 10n ** 18n + 7n);
      expect(await token.balanceOf(alice)).to.equal(10n ** 18n + 7n);
      expect(await token.balanceOf(vault)).to.equal(0n);
    });

    it("pays all at once of a schedule that had ended before it was made (R2)", async function () {
      const { vault, token, alice, create } = await networkHelpers.loadFixture(fixture);
      const now = BigInt(await time.latest());
      await create({ start: now - 10_000n });

      await expect(vault.claim(1n)).to.changeTokenBalance(ethers, token, alice, 1_000n * OPA);
      expect(await vault.unreleased()).to.equal(0n);
    });

    it("pays each of two schedules of one beneficiary (R3)", async function () {
      const { vault, token, alice, create } = await networkHelpers.loadFixture(fixture);
      await create({ start: 1n });
      await create({ start: 1n, total: 7n });

      await expect(vault.claim(2n)).to.changeTokenBalance(ethers, token, alice, 7n);
      await expect(vault.claim(1n)).to.changeTokenBalance(ethers, token, alice, 1_000n * OPA);
      expect(await vault.unreleased()).to.equal(0n);
    });

    it("pays the whole total to the wei", async function () {
      const { vault, token, alice, start, create } = await networkHelpers.loadFixture(fixture);
      await create({ total: 3n, curveId: STEPS_ID });
      await at(start, 1_000_000n);

      await expect(vault.claim(1n)).to.changeTokenBalance(ethers, token, alice, 3n);
    });

    it("still pays the present beneficiary", async function () {
      const { vault, token, alice, bob, start, create } = await networkHelpers.loadFixture(fixture);
      await create();
      await vault.connect(alice).proposeBeneficiary(1n, bob);
      await at(start, 300n);

      await expect(vault.connect(bob).claim(1n)).to.changeTokenBalances(
        ethers,
        token,
        [alice, bob],
        [250n * OPA, 0n],
      );
    });

    it("pays what had vested by the revocation, once", async function () {
      const { vault, token, alice, governor, start, create } =
        await networkHelpers.loadFixture(fixture);
      await create({ curveId: LINE_ID });
      await at(start, 400n);
      await vault.connect(governor).revoke(1n);
      await at(start, 900n);

      await expect(vault.claim(1n)).to.changeTokenBalance(ethers, token, alice, 400n * OPA);
      await expect(vault.claim(1n))
        .to.be.revertedWithCustomError(vault, "ReleaseVaultNothingToClaim")
        .withArgs(1n, 400n * OPA);
    });

    it("reverts for ever", async function () {
      const { vault, governor, start, create } = await networkHelpers.loadFixture(fixture);
      await create();
      await at(start, 299n);
      await vault.connect(governor).revoke(1n);
      await at(start, 10_000n);

      await expect(vault.claim(1n))
        .to.be.revertedWithCustomError(vault, "ReleaseVaultNothingToClaim")
        .withArgs(1n, 0n);
    });

    it("comes to the same total however often it is called (abuse case 28)", async function () {
      const { vault, token, alice, bob, start, create } = await networkHelpers.loadFixture(fixture);
      const total = 1_000_003n;
      await create({ total });
      await create({ total, beneficiary: bob });
      for (let elapsed = 300n; elapsed < 1_200n; elapsed += 37n) {
        await at(start, elapsed);
        await vault.claim(1n);
        expect(await token.balanceOf(alice)).to.equal(vestedOf(CLIFF, total, elapsed));
      }
      await at(start, 1_200n);
      await vault.claim(1n);
      await vault.claim(2n);

      expect(await token.balanceOf(alice)).to.equal(total);
      expect(await token.balanceOf(bob)).to.equal(total);
    });
  });

  describe("claimMany (REL-4)", function () {
    it("reverts when a schedule does not exist", async function () {
      const { vault, start, create } = await networkHelpers.loadFixture(fixture);
      await create({ curveId: STEPS_ID });
      await at(start, 0n);

      await expect(vault.claimMany([1n, 2n]))
        .to.be.revertedWithCustomError(vault, "ReleaseVaultUnknownSchedule")
        .withArgs(2n, 1n);
    });

    it("pays neighbours of one beneficiary with one transfer and skips the empty", async function () {
      const { vault, token, alice, bob, stranger, start, create } =
        await networkHelpers.loadFixture(fixture);
      await create({ curveId: STEPS_ID, total: 100n });
      await create({ curveId: CLIFF_ID, total: 100n }); // nothing due yet
      await create({ curveId: STEPS_ID, total: 200n });
      await create({ curveId: STEPS_ID, total: 300n, beneficiary: bob });
      await create({ curveId: STEPS_ID, total: 400n });
      await at(start, 90n);

      const tx = await vault.connect(stranger).claimMany([1n, 2n, 3n, 1n, 4n, 5n]);

      const transfers = await token.queryFilter(token.filters.Transfer, tx.blockNumber ?? 0);
      expect(transfers.map(({ args }) => [args.to, args.value])).to.deep.equal([
        [alice.address, 60n],
        [bob.address, 60n],
        [alice.address, 80n],
      ]);
      const claims = await vault.queryFilter(vault.filters.ScheduleClaimed, tx.blockNumber ?? 0);
      expect(claims.map(({ args }) => [...args])).to.deep.equal([
        [1n, alice.address, 20n],
        [3n, alice.address, 40n],
        [4n, bob.address, 60n],
        [5n, alice.address, 80n],
      ]);
    });

    it("returns the sum, and 0 without a transfer when nothing is due", async function () {
      const { vault, token, start, create } = await networkHelpers.loadFixture(fixture);
      await create({ curveId: STEPS_ID, total: 100n });
      await create({ curveId: STEPS_ID, total: 50n });

      expect(await vault.claimMany.staticCall([1n, 2n])).to.equal(0n);
      await expect(vault.claimMany([2n, 1n])).not.to.emit(token, "Transfer");
      expect(await vault.claimMany.staticCall([])).to.equal(0n);
      await time.increaseTo(start);
      expect(await vault.claimMany.staticCall([1n, 2n])).to.equal(15n);
    });
  });

  describe("claimTo (REL-4)", function () {
    for (const name of ["zero", "vault", "token"] as const) {
      it(`reverts when the recipient is the ${name} address`, async function () {
        const suite = await networkHelpers.loadFixture(fixture);
        const { vault, alice, create } = suite;
        await create();
        const recipient = name === "zero" ? ethers.ZeroAddress : suite[name];

        for (const call of [
          () => vault.connect(alice).claimTo(1n, recipient),
          () => vault.connect(alice).claimManyTo([1n], recipient),
        ]) {
          await expect(call())
            .to.be.revertedWithCustomError(vault, "ReleaseVaultInvalidRecipient")
            .withArgs(recipient);
        }
      });
    }

    it("reverts when the schedule does not exist", async function () {
      const { vault, alice } = await networkHelpers.loadFixture(fixture);

      await expect(vault.connect(alice).claimTo(1n, alice))
        .to.be.revertedWithCustomError(vault, "ReleaseVaultUnknownSchedule")
        .withArgs(1n, 0n);
    });

    it("reverts for anyone but the beneficiary, also for the pending one", async function () {
      const { vault, alice, bob, create } = await networkHelpers.loadFixture(fixture);
      await create({ start: 1n });
      await vault.connect(alice).proposeBeneficiary(1n, bob);

      await expect(vault.connect(bob).claimTo(1n, bob))
        .to.be.revertedWithCustomError(vault, "ReleaseVaultNotBeneficiary")
        .withArgs(1n, bob, alice);
    });

    it("reverts when nothing is due", async function () {
      const { vault, alice, create } = await networkHelpers.loadFixture(fixture);
      await create();

      await expect(vault.connect(alice).claimTo(1n, alice))
        .to.be.revertedWithCustomError(vault, "ReleaseVaultNothingToClaim")
        .withArgs(1n, 0n);
    });

    it("pays where the beneficiary says", async function () {
      const { vault, token, alice, bob, create } = await networkHelpers.loadFixture(fixture);
      await create({ start: 1n });

      const tx = vault.connect(alice).claimTo(1n, bob);

      await expect(tx)
        .to.emit(vault, "ScheduleClaimed")
        .withArgs(1n, bob, 1_000n * OPA);
      await expect(tx).to.changeTokenBalances(ethers, token, [alice, bob], [0n, 1_000n * OPA]);
      expect((await vault.scheduleOf(1n)).released).to.equal(1_000n * OPA);
    });

    it("pays any other contract that the beneficiary names, and refuses vault and token alone (R4)", async function () {
      const { vault, token, alice, reserve, create } = await networkHelpers.loadFixture(fixture);
      await create({ start: 1n });

      for (const refused of [vault, token])
        await expect(vault.connect(alice).claimTo(1n, refused)).to.be.revertedWithCustomError(
          vault,
          "ReleaseVaultInvalidRecipient",
        );
      await expect(vault.connect(alice).claimTo(1n, reserve)).to.changeTokenBalance(
        ethers,
        token,
        reserve,
        1_000n * OPA,
      );
    });
  });

  describe("claimManyTo (REL-4)", function () {
    it("reverts when one schedule is not the caller's", async function () {
      const { vault, alice, bob, create } = await networkHelpers.loadFixture(fixture);
      await create({ start: 1n });
      await create({ start: 1n, beneficiary: bob });

      await expect(vault.connect(alice).claimManyTo([1n, 2n], alice))
        .to.be.revertedWithCustomError(vault, "ReleaseVaultNotBeneficiary")
        .withArgs(2n, alice, bob);
    });

    it("reverts when a schedule does not exist", async function () {
      const { vault, alice } = await networkHelpers.loadFixture(fixture);

      await expect(vault.connect(alice).claimManyTo([1n], alice))
        .to.be.revertedWithCustomError(vault, "ReleaseVaultUnknownSchedule")
        .withArgs(1n, 0n);
    });

    it("pays everything due with one transfer and skips the empty", async function () {
      const { vault, token, alice, bob, create } = await networkHelpers.loadFixture(fixture);
      await create({ start: 1n, total: 5n });
      await create({ total: 6n });
      await create({ start: 1n, total: 7n });
      expect(await vault.connect(alice).claimManyTo.staticCall([1n, 2n, 3n], bob)).to.equal(12n);

      const tx = vault.connect(alice).claimManyTo([1n, 2n, 3n, 3n], bob);

      await expect(tx).to.emit(vault, "ScheduleClaimed").withArgs(1n, bob, 5n);
      await expect(tx).to.emit(vault, "ScheduleClaimed").withArgs(3n, bob, 7n);
      await expect(tx).to.emit(token, "Transfer").withArgs(vault, bob, 12n);
      await expect(tx).to.changeTokenBalances(ethers, token, [alice, bob], [0n, 12n]);
    });

    it("moves nothing when nothing is due", async function () {
      const { vault, token, alice, create } = await networkHelpers.loadFixture(fixture);
      await create();

      await expect(vault.connect(alice).claimManyTo([1n], alice)).not.to.emit(token, "Transfer");
    });
  });

  describe("proposeBeneficiary (REL-6)", function () {
    it("reverts when the schedule does not exist", async function () {
      const { vault, alice } = await networkHelpers.loadFixture(fixture);

      await expect(vault.connect(alice).proposeBeneficiary(1n, alice))
        .to.be.revertedWithCustomError(vault, "ReleaseVaultUnknownSchedule")
        .withArgs(1n, 0n);
    });

    it("reverts for anyone but the beneficiary, governance included", async function () {
      const { vault, alice, governor, create } = await networkHelpers.loadFixture(fixture);
      await create();

      await expect(vault.connect(governor).proposeBeneficiary(1n, governor))
        .to.be.revertedWithCustomError(vault, "ReleaseVaultNotBeneficiary")
        .withArgs(1n, governor, alice);
    });

    for (const name of ["vault", "token", "alice"] as const) {
      it(`reverts when offered to the ${name}`, async function () {
        const suite = await networkHelpers.loadFixture(fixture);
        const { vault, alice, create } = suite;
        await create();

        await expect(vault.connect(alice).proposeBeneficiary(1n, suite[name]))
          .to.be.revertedWithCustomError(vault, "ReleaseVaultInvalidBeneficiary")
          .withArgs(suite[name]);
      });
    }

    it("reverts when nothing changes", async function () {
      const { vault, alice, bob, create } = await networkHelpers.loadFixture(fixture);
      await create();

      await expect(vault.connect(alice).proposeBeneficiary(1n, ethers.ZeroAddress))
        .to.be.revertedWithCustomError(vault, "ReleaseVaultPendingUnchanged")
        .withArgs(1n, ethers.ZeroAddress);
      await vault.connect(alice).proposeBeneficiary(1n, bob);
      await expect(vault.connect(alice).proposeBeneficiary(1n, bob))
        .to.be.revertedWithCustomError(vault, "ReleaseVaultPendingUnchanged")
        .withArgs(1n, bob);
    });

    it("offers, offers to another, withdraws", async function () {
      const { vault, alice, bob, stranger, create } = await networkHelpers.loadFixture(fixture);
      await create();
      const offer = (to: AddressLike) => vault.connect(alice).proposeBeneficiary(1n, to);
      const zero = ethers.ZeroAddress;

      await expect(offer(bob)).to.emit(vault, "BeneficiaryProposed").withArgs(1n, alice, zero, bob);
      expect((await vault.scheduleOf(1n)).pendingBeneficiary).to.equal(bob);
      await expect(offer(stranger))
        .to.emit(vault, "BeneficiaryProposed")
        .withArgs(1n, alice, bob, stranger);
      await expect(offer(zero))
        .to.emit(vault, "BeneficiaryProposed")
        .withArgs(1n, alice, stranger, zero);
      await expect(vault.connect(stranger).acceptBeneficiary(1n))
        .to.be.revertedWithCustomError(vault, "ReleaseVaultNotPendingBeneficiary")
        .withArgs(1n, stranger, zero);
    });
  });

  describe("acceptBeneficiary (REL-6)", function () {
    it("reverts when the schedule does not exist", async function () {
      const { vault, bob } = await networkHelpers.loadFixture(fixture);

      await expect(vault.connect(bob).acceptBeneficiary(9n))
        .to.be.revertedWithCustomError(vault, "ReleaseVaultUnknownSchedule")
        .withArgs(9n, 0n);
    });

    it("reverts for anyone it was not offered to", async function () {
      const { vault, alice, bob, stranger, create } = await networkHelpers.loadFixture(fixture);
      await create();
      await vault.connect(alice).proposeBeneficiary(1n, bob);

      for (const caller of [alice, stranger]) {
        await expect(vault.connect(caller).acceptBeneficiary(1n))
          .to.be.revertedWithCustomError(vault, "ReleaseVaultNotPendingBeneficiary")
          .withArgs(1n, caller, bob);
      }
    });

    it("hands over everything not yet paid and nothing else", async function () {
      const { vault, token, alice, bob, start, create } = await networkHelpers.loadFixture(fixture);
      await create();
      await vault.connect(alice).proposeBeneficiary(1n, bob);
      const before = fields(await vault.scheduleOf(1n));
      await at(start, 300n);

      const tx = vault.connect(bob).acceptBeneficiary(1n);

      await expect(tx).to.emit(vault, "BeneficiaryChanged").withArgs(1n, alice, bob);
      const after = await vault.scheduleOf(1n);
      expect(fields(after)).to.deep.equal({
        ...before,
        beneficiary: bob.address,
        pendingBeneficiary: ethers.ZeroAddress,
        vested: 250n * OPA,
        claimable: 250n * OPA,
        nextStageAt: start + 300n,
      });
      await expect(vault.connect(bob).acceptBeneficiary(1n)).to.be.revertedWithCustomError(
        vault,
        "ReleaseVaultNotPendingBeneficiary",
      );
      await at(start, 1_200n);
      await expect(vault.claim(1n)).to.changeTokenBalances(
        ethers,
        token,
        [alice, bob],
        [0n, 1_000n * OPA],
      );
      await expect(vault.connect(alice).claimTo(1n, alice))
        .to.be.revertedWithCustomError(vault, "ReleaseVaultNotBeneficiary")
        .withArgs(1n, alice, bob);
    });
  });

  describe("revoke (REL-5)", function () {
    it("reverts for the beneficiary, the funder, the reserve's owner and the deployer", async function () {
      const suite = await networkHelpers.loadFixture(fixture);
      const { vault, create } = suite;
      await create();

      for (const caller of [suite.alice, suite.funder, suite.distributor, suite.stranger]) {
        await expect(vault.connect(caller).revoke(1n))
          .to.be.revertedWithCustomError(vault, "AccessManagedUnauthorized")
          .withArgs(caller);
      }
    });

    it("reverts when the schedule does not exist", async function () {
      const { vault, governor } = await networkHelpers.loadFixture(fixture);

      await expect(vault.connect(governor).revoke(1n))
        .to.be.revertedWithCustomError(vault, "ReleaseVaultUnknownSchedule")
        .withArgs(1n, 0n);
    });

    it("reverts when the schedule is not revocable", async function () {
      const { vault, governor, create } = await networkHelpers.loadFixture(fixture);
      await create({ revocable: false });

      await expect(vault.connect(governor).revoke(1n))
        .to.be.revertedWithCustomError(vault, "ReleaseVaultNotRevocable")
        .withArgs(1n);
    });

    it("reverts the second time", async function () {
      const { vault, governor, start, create } = await networkHelpers.loadFixture(fixture);
      await create();
      await at(start, 300n);
      await vault.connect(governor).revoke(1n);

      await expect(vault.connect(governor).revoke(1n))
        .to.be.revertedWithCustomError(vault, "ReleaseVaultAlreadyRevoked")
        .withArgs(1n, start + 300n);
    });

    it("reverts when everything has vested", async function () {
      const { vault, governor, start, create } = await networkHelpers.loadFixture(fixture);
      await create();
      await at(start, 1_200n);

      await expect(vault.connect(governor).revoke(1n))
        .to.be.revertedWithCustomError(vault, "ReleaseVaultFullyVested")
        .withArgs(1n, 1_000n * OPA);
    });

    it("sends the rest to the reserve and keeps what has vested", async function () {
      const { vault, token, reserve, alice, governor, start, create } =
        await networkHelpers.loadFixture(fixture);
      await create({ curveId: LINE_ID });
      await at(start, 200n);
      await vault.claim(1n);
      await at(start, 350n);

      const tx = vault.connect(governor).revoke(1n);

      await expect(tx)
        .to.emit(vault, "ScheduleRevoked")
        .withArgs(1n, alice, 350n * OPA, 650n * OPA);
      await expect(tx).to.changeTokenBalances(
        ethers,
        token,
        [await vault.getAddress(), await reserve.getAddress(), alice.address],
        [-650n * OPA, 650n * OPA, 0n],
      );
      await time.increaseTo(start + 5_000n);
      const after = await vault.scheduleOf(1n);
      expect(after.vested).to.equal(350n * OPA);
      expect(after.claimable).to.equal(150n * OPA);
      expect(after.released).to.equal(200n * OPA);
      expect(after.nextStageAt).to.equal(0n);
      expect(after.revokedAt).to.equal(start + 350n);
      expect(after.revocable).to.equal(true);
      expect(await vault.vestedAt(1n, start + 100n)).to.equal(100n * OPA);
      expect(await vault.vestedAt(1n, start + 900n)).to.equal(350n * OPA);
      expect(await vault.unreleased()).to.equal(150n * OPA);
      expect(await vault.unreleasedIn(1n, 9n)).to.deep.equal([150n * OPA, 0n]);
    });

    it("returns everything before the start (R1)", async function () {
      const { vault, token, reserve, governor, create } = await networkHelpers.loadFixture(fixture);
      await create();

      await vault.connect(governor).revoke(1n);

      expect(await token.balanceOf(reserve)).to.equal(1_000n * OPA);
      expect(await vault.unreleased()).to.equal(0n);
    });

    it("leaves a pending hand-over usable for what has vested", async function () {
      const { vault, token, alice, bob, governor, start, create } =
        await networkHelpers.loadFixture(fixture);
      await create();
      await vault.connect(alice).proposeBeneficiary(1n, bob);
      await at(start, 300n);
      await vault.connect(governor).revoke(1n);
      await vault.connect(bob).acceptBeneficiary(1n);

      await expect(vault.claim(1n)).to.changeTokenBalance(ethers, token, bob, 250n * OPA);
      expect((await vault.scheduleOf(1n)).revokedAt).to.equal(start + 300n);
    });
  });

  describe("scheduleOf (REL-6)", function () {
    it("reverts for unknown ids, as the other reads do", async function () {
      const { vault } = await networkHelpers.loadFixture(fixture);

      for (const call of [
        () => vault.scheduleOf(1n),
        () => vault.claimable(1n),
        () => vault.vestedAt(1n, 1n),
      ]) {
        await expect(call())
          .to.be.revertedWithCustomError(vault, "ReleaseVaultUnknownSchedule")
          .withArgs(1n, 0n);
      }
    });

    it("tells the next stage before, between, inside and after the stages", async function () {
      const { vault, start, create } = await networkHelpers.loadFixture(fixture);
      await create({ curveId: LINE_ID });
      await create({ curveId: STEPS_ID });
      const next = async (id: bigint, elapsed: bigint) => {
        await time.increaseTo(start + elapsed);
        return (await vault.scheduleOf(id)).nextStageAt - start;
      };

      expect((await vault.scheduleOf(1n)).nextStageAt).to.equal(start);
      expect((await vault.scheduleOf(2n)).nextStageAt).to.equal(start);
      expect(await next(2n, 1n)).to.equal(90n);
      expect(await next(2n, 90n)).to.equal(180n);
      expect(await next(1n, 500n)).to.equal(500n);
      expect(await next(2n, 810n)).to.equal(-start);
      expect(await next(1n, 1_000n)).to.equal(-start);
    });

    it("agrees with the model over a grid of times (abuse cases 25 and 26)", async function () {
      const { vault, start, create } = await networkHelpers.loadFixture(fixture);
      const total = 123_456_789n * OPA + 987_654_321n;
      for (const curveId of [LINE_ID, CLIFF_ID, STEPS_ID]) await create({ curveId, total });

      for (const [index, stages] of [LINE, CLIFF, STEPS].entries()) {
        for (const elapsed of timeGrid(stages)) {
          expect(await vault.vestedAt(BigInt(index) + 1n, start + elapsed)).to.equal(
            vestedOf(stages, total, elapsed),
          );
        }
        expect(await vault.vestedAt(BigInt(index) + 1n, start - 1n)).to.equal(0n);
      }
    });
  });

  describe("schedulesOf (REL-6)", function () {
    it("finds a beneficiary's schedules page by page", async function () {
      const { vault, funder, alice, bob, stranger, params } =
        await networkHelpers.loadFixture(fixture);
      const owners = [alice, bob, alice, alice, bob, alice, bob];
      await vault
        .connect(funder)
        .createSchedules(owners.map((beneficiary) => params({ beneficiary, total: 1n })));

      expect(await vault.schedulesOf(alice, 0n, 100n)).to.deep.equal([[1n, 3n, 4n, 6n], 0n]);
      expect(await vault.schedulesOf(alice, 1n, 3n)).to.deep.equal([[1n, 3n], 4n]);
      expect(await vault.schedulesOf(alice, 4n, 3n)).to.deep.equal([[4n, 6n], 7n]);
      expect(await vault.schedulesOf(alice, 7n, 3n)).to.deep.equal([[], 0n]);
      expect(await vault.schedulesOf(bob, 7n, 1n)).to.deep.equal([[7n], 0n]);
      expect(await vault.schedulesOf(bob, 2n, ethers.MaxUint256)).to.deep.equal([[2n, 5n, 7n], 0n]);
      expect(await vault.schedulesOf(stranger, 1n, 7n)).to.deep.equal([[], 0n]);
      expect(await vault.schedulesOf(bob, ethers.MaxUint256, ethers.MaxUint256)).to.deep.equal([
        [],
        0n,
      ]);
      expect(await vault.schedulesOf(bob, 3n, 0n)).to.deep.equal([[], 3n]);
    });
  });

  describe("unreleased", function () {
    it("falls with every payment and revocation, page by page as in sum", async function () {
      const { vault, governor, start, create } = await networkHelpers.loadFixture(fixture);
      await create({ curveId: LINE_ID, total: 1_000n });
      await create({ curveId: LINE_ID, total: 3_000n });
      await at(start, 500n);
      await vault.claim(1n);
      await at(start, 600n);
      await vault.connect(governor).revoke(2n);

      expect(await vault.unreleased()).to.equal(500n + 1_800n);
      expect(await vault.unreleasedIn(1n, 1n)).to.deep.equal([500n, 2n]);
      expect(await vault.unreleasedIn(2n, 1n)).to.deep.equal([1_800n, 0n]);
      expect(await vault.unreleasedIn(3n, 1n)).to.deep.equal([0n, 0n]);
    });

    it("never exceeds what was paid in, whatever is donated (abuse case 41)", async function () {
      const { vault, token, funder, start, create } = await networkHelpers.loadFixture(fixture);
      await create({ curveId: LINE_ID, total: 1_000n });

      await token.connect(funder).transfer(vault, 50n);
      expect(await vault.unreleased()).to.equal(1_000n);
      await at(start, 400n);
      await vault.claim(1n);

      expect(await vault.unreleased()).to.equal(650n); // 600 owed and the donation
      expect(await vault.unreleasedIn(1n, 1n)).to.deep.equal([600n, 0n]);
      await at(start, 1_000n);
      await vault.claim(1n);
      expect(await token.balanceOf(vault)).to.equal(50n);
    });
  });

  describe("unreleased after a revocation", function () {
    it("counts nothing that went to the reserve, whatever was donated", async function () {
      const { vault, token, funder, governor, create } = await networkHelpers.loadFixture(fixture);
      await create({ total: 1_000n });
      await token.connect(funder).transfer(vault, 500n);

      await vault.connect(governor).revoke(1n);

      expect(await vault.unreleased()).to.equal(0n);
      expect(await token.balanceOf(vault)).to.equal(500n);
    });
  });

  describe("a token that misbehaves (abuse cases 17, 19 and 20)", function () {
    async function hostile() {
      const suite = await fixture();
      const { authority, reserve, funder, governor, params, start } = suite;
      const token = await ethers.deployContract("HostileTokenMock", [funder]);
      const vault = await deployVault(connection, token, authority, reserve);
      const revoke = vault.interface.getFunction("revoke").selector;
      await send(authority, "setTargetFunctionRole", vault, [revoke], GOVERNANCE_ROLE);
      await vault.createCurve(LINE);
      await send(token.connect(funder), "approve", vault, ethers.MaxUint256);
      const terms = params({ curveId: 1n, total: 1_000n });
      await vault.connect(funder).createSchedules([terms, terms]);
      const balanceOf = (account: AddressLike) =>
        token.getFunction("balanceOf").staticCall(account);
      return { ...suite, token, vault, terms, governor, start, balanceOf };
    }

    it("finds nothing left to claim when it calls back", async function () {
      const { token, vault, alice, start, balanceOf } = await networkHelpers.loadFixture(hostile);
      await send(token, "callBack", vault, vault.interface.encodeFunctionData("claim", [1n]));
      await at(start, 500n);

      await vault.claim(1n);

      expect(await token.getFunction("callsMade").staticCall()).to.equal(1n);
      expect(await token.getFunction("hasSucceeded").staticCall()).to.equal(false);
      const answer = await token.getFunction("answer").staticCall();
      expect(vault.interface.parseError(answer)?.name).to.equal("ReleaseVaultNothingToClaim");
      expect(await balanceOf(alice)).to.equal(500n);
    });

    it("cannot be paid twice through a batch or around a revocation", async function () {
      const { token, vault, alice, reserve, governor, start, balanceOf } =
        await networkHelpers.loadFixture(hostile);
      const call = vault.interface.encodeFunctionData("claimMany", [[1n, 2n]]);
      await send(token, "callBack", vault, call);
      await at(start, 250n);
      await vault.connect(governor).revoke(1n);

      expect(await token.getFunction("hasSucceeded").staticCall()).to.equal(true);
      expect(await balanceOf(alice)).to.equal(500n);
      expect(await balanceOf(await reserve.getAddress())).to.equal(750n);
      expect(await balanceOf(await vault.getAddress())).to.equal(750n);
    });

    it("cannot fail in silence", async function () {
      const { token, vault, funder, alice, governor, terms, start } =
        await networkHelpers.loadFixture(hostile);
      await send(token, "refuse");
      await at(start, 500n);

      for (const call of [
        () => vault.claim(1n),
        () => vault.claimMany([1n, 2n]),
        () => vault.connect(alice).claimTo(1n, alice),
        () => vault.connect(alice).claimManyTo([1n], alice),
        () => vault.connect(governor).revoke(1n),
        () => vault.connect(funder).createSchedule(terms),
        () => vault.connect(funder).createSchedules([terms]),
      ]) {
        await expect(call())
          .to.be.revertedWithCustomError(vault, "SafeERC20FailedOperation")
          .withArgs(token);
      }
      expect((await vault.scheduleOf(1n)).released).to.equal(0n);
    });
  });

  describe("the state", function () {
    it("can be rebuilt from events alone", async function () {
      const { vault, alice, bob, governor, start, create } =
        await networkHelpers.loadFixture(fixture);
      await create({ curveId: LINE_ID });
      await create({ curveId: STEPS_ID, revocable: false });
      await at(start, 300n);
      await vault.claimMany([1n, 2n]);
      await vault.connect(alice).proposeBeneficiary(1n, bob);
      await vault.connect(alice).proposeBeneficiary(2n, bob);
      await vault.connect(bob).acceptBeneficiary(2n);
      await vault.connect(governor).revoke(1n);
      await at(start, 450n);
      await vault.connect(bob).claimTo(2n, alice);

      const rebuilt = new Map<bigint, Record<string, unknown>>();
      for (const log of await ethers.provider.getLogs({
        address: await vault.getAddress(),
        fromBlock: 0,
      })) {
        const event = vault.interface.parseLog(log);
        if (!event) continue;
        const args = event.args.toObject() as Record<string, string | bigint | boolean>;
        const id = args["id"] as bigint;
        const entry = rebuilt.get(id) ?? {};
        if (event.name === "ScheduleCreated")
          rebuilt.set(id, {
            beneficiary: args["beneficiary"],
            curveId: args["curveId"],
            start: args["start"],
            total: args["total"],
            revocable: args["revocable"],
            pendingBeneficiary: ethers.ZeroAddress,
            released: 0n,
            revokedAt: 0n,
          });
        if (event.name === "ScheduleClaimed")
          entry["released"] = (entry["released"] as bigint) + (args["amount"] as bigint);
        if (event.name === "BeneficiaryProposed") entry["pendingBeneficiary"] = args["newPending"];
        if (event.name === "BeneficiaryChanged") {
          entry["beneficiary"] = args["newBeneficiary"];
          entry["pendingBeneficiary"] = ethers.ZeroAddress;
        }
        if (event.name === "ScheduleRevoked") {
          const block = await ethers.provider.getBlock(log.blockNumber);
          entry["revokedAt"] = BigInt(block?.timestamp ?? 0);
        }
      }

      expect(rebuilt.size).to.equal(2);
      for (const [id, entry] of rebuilt) {
        expect(fields(await vault.scheduleOf(id))).to.include(entry);
      }
    });
  });
});
