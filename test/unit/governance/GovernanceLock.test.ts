import { expect } from "chai";
import { ZeroAddress, type AddressLike } from "ethers";
import { network } from "hardhat";

import {
  deployLock,
  fundLockers,
  MAX_TIME,
  powerAt,
  votesAt,
  WEEK,
} from "../../support/governance.js";
import { DAY, OPA } from "../../support/release.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;

const AMOUNT = 208n * OPA;

/** Alice, Bob and Carol have a thousand OPA each. */
async function fixture() {
  const suite = await deployLock(connection);
  await fundLockers(suite, [suite.alice, suite.bob, suite.carol]);
  return suite;
}

/** Alice has locked 208 OPA for 52 weeks. */
async function locked() {
  const suite = await fixture();
  const { lock, alice, startedAt, endIn } = suite;
  const end = endIn(52n);
  await time.setNextBlockTimestamp(startedAt + 100n);
  await lock.connect(alice).lock(AMOUNT, end);
  return { ...suite, end, lockedAt: startedAt + 100n };
}

/** The lock of Alice has ended this second. */
async function ended() {
  const suite = await locked();
  await time.increaseTo(suite.end);
  return suite;
}

type Fixture = Awaited<ReturnType<typeof fixture>>;

/** Has the next transaction see this time. */
async function at(timestamp: bigint): Promise<void> {
  await time.setNextBlockTimestamp(timestamp);
}

/** The lock of an account as a tuple. */
async function lockOf({ lock }: Fixture, account: AddressLike): Promise<bigint[]> {
  const { amount, end, heldUntil } = await lock.lockOf(account);
  return [amount, end, heldUntil];
}

/** Expects that the lock has the OPA of these locks and nothing else (GOV-I1). */
async function expectBalance({ lock, token }: Fixture, amount: bigint): Promise<void> {
  expect(await token.balanceOf(lock)).to.equal(amount);
}

describe("GovernanceLock", function () {
  describe("constructor", function () {
    it("reverts when the token is nobody", async function () {
      const { lock, manager } = await networkHelpers.loadFixture(fixture);

      await expect(
        ethers.deployContract("GovernanceLock", [ZeroAddress, manager]),
      ).to.be.revertedWithCustomError(lock, "GovernanceLockZeroAddress");
    });

    it("keeps its token, its manager and its bounds", async function () {
      const { lock, token, manager } = await networkHelpers.loadFixture(fixture);

      expect(await lock.TOKEN()).to.equal(token);
      expect(await lock.authority()).to.equal(manager);
      expect(await lock.MIN_AMOUNT()).to.equal(OPA);
      expect(await lock.MAX_HOLD()).to.equal(60n * DAY);
    });
  });

  describe("lock", function () {
    it("reverts when less than one OPA is locked", async function () {
      const { lock, alice, endIn } = await networkHelpers.loadFixture(locked);

      for (const amount of [0n, 1n, OPA - 1n])
        await expect(lock.connect(alice).lock(amount, endIn(105n)))
          .to.be.revertedWithCustomError(lock, "GovernanceLockTooSmall")
          .withArgs(amount, OPA);
    });

    it("reverts when the caller has a lock, also one that has ended and is not withdrawn", async function () {
      const { lock, alice, end, endIn } = await networkHelpers.loadFixture(locked);

      await expect(lock.connect(alice).lock(OPA, endIn(105n)))
        .to.be.revertedWithCustomError(lock, "GovernanceLockExists")
        .withArgs(alice, end);
      await time.increaseTo(end + WEEK);
      await expect(lock.connect(alice).lock(OPA, end + 10n * WEEK))
        .to.be.revertedWithCustomError(lock, "GovernanceLockExists")
        .withArgs(alice, end);
    });

    it("reverts when the end is past, less than a week or more than 104 ahead, or within a week", async function () {
      const { lock, alice, startedAt, endIn } = await networkHelpers.loadFixture(fixture);
      const ends = [0n, endIn(-5n), endIn(0n), startedAt, endIn(1n), endIn(105n), 2n ** 48n - 1n];

      for (const end of [
        ...ends,
        endIn(2n) - 1n,
        endIn(2n) + 1n,
        endIn(104n) - 1n,
        endIn(52n) + DAY,
      ])
        await expect(lock.connect(alice).lock(OPA, end))
          .to.be.revertedWithCustomError(lock, "GovernanceLockInvalidEnd")
          .withArgs(end, endIn(2n), endIn(104n));
    });

    it("reverts when the caller has not approved, or does not have, what it locks", async function () {
      const { lock, token, alice, stranger, endIn } = await networkHelpers.loadFixture(fixture);

      await expect(lock.connect(stranger).lock(OPA, endIn(2n)))
        .to.be.revertedWithCustomError(token, "ERC20InsufficientAllowance")
        .withArgs(lock, 0n, OPA);
      await expect(lock.connect(alice).lock(2n ** 96n - 1n, endIn(104n)))
        .to.be.revertedWithCustomError(token, "ERC20InsufficientBalance")
        .withArgs(alice, 1_000n * OPA, 2n ** 96n - 1n);
    });

    it("takes the OPA, and gives the power of the time left (GOV-I1, GOV-I7)", async function () {
      const suite = await networkHelpers.loadFixture(fixture);
      const { lock, token, alice, startedAt, endIn } = suite;
      const [end, now] = [endIn(52n), startedAt + 100n];
      const power = powerAt(AMOUNT, end, now);

      await at(now);
      const sent = lock.connect(alice).lock(AMOUNT, end);

      await expect(sent).to.emit(lock, "Locked").withArgs(alice, AMOUNT, end);
      await expect(sent).to.emit(lock, "DelegateVotesChanged").withArgs(alice, 0n, power);
      await expect(sent).to.emit(token, "Transfer").withArgs(alice, lock, AMOUNT);
      expect((await (await sent).wait())?.logs).to.have.length(3);
      expect(await lockOf(suite, alice)).to.deep.equal([AMOUNT, end, 0n]);
      expect(await lock.powerOf(alice)).to.equal(power);
      expect(await lock.getVotes(alice)).to.equal(power);
      expect(await lock.totalVotes()).to.equal(power);
      expect(power).to.be.lessThan(AMOUNT / 2n);
      await expectBalance(suite, AMOUNT);
    });

    it("takes exactly one OPA, to the earliest and to the latest end", async function () {
      const suite = await networkHelpers.loadFixture(fixture);
      const { lock, alice, bob, endIn } = suite;
      expect([...(await lock.endRange())]).to.deep.equal([endIn(2n), endIn(104n)]);

      await lock.connect(alice).lock(OPA, endIn(2n));
      await lock.connect(bob).lock(OPA, endIn(104n));

      expect(await lockOf(suite, alice)).to.deep.equal([OPA, endIn(2n), 0n]);
      expect(await lockOf(suite, bob)).to.deep.equal([OPA, endIn(104n), 0n]);
      await expectBalance(suite, 2n * OPA);
    });

    it("may end in exactly one week and in exactly 104, which gives the whole amount (GOV-I7)", async function () {
      const { lock, alice, bob, endIn } = await networkHelpers.loadFixture(fixture);

      await at(endIn(1n) - 1n);
      await lock.connect(bob).lock(OPA, endIn(2n));
      await at(endIn(1n));
      await lock.connect(alice).lock(AMOUNT, endIn(105n));

      expect([...(await lock.endRange())]).to.deep.equal([endIn(2n), endIn(105n)]);
      expect(await lock.powerOf(alice)).to.equal(AMOUNT);
      expect(await lock.powerOf(bob)).to.equal(OPA / 104n);
      await time.increase(1n);
      expect([...(await lock.endRange())]).to.deep.equal([endIn(3n), endIn(105n)]);
    });
  });

  describe("increase", function () {
    it("reverts when nothing is added", async function () {
      const { lock, alice, stranger } = await networkHelpers.loadFixture(locked);

      for (const account of [alice, stranger])
        await expect(lock.connect(alice).increase(account, 0n)).to.be.revertedWithCustomError(
          lock,
          "GovernanceLockZeroAmount",
        );
    });

    it("reverts when the account has no lock, or one that has ended", async function () {
      const { lock, alice, bob, end } = await networkHelpers.loadFixture(locked);

      for (const account of [bob.address, ZeroAddress])
        await expect(lock.connect(bob).increase(account, 1n))
          .to.be.revertedWithCustomError(lock, "GovernanceLockNotRunning")
          .withArgs(account, 0n);
      await at(end);
      await expect(lock.connect(alice).increase(alice, 1n))
        .to.be.revertedWithCustomError(lock, "GovernanceLockNotRunning")
        .withArgs(alice, end);
      await at(end - 1n);
      await lock.connect(alice).increase(alice, 1n);
    });

    it("adds to the lock, whose end and hold stay (GOV-I2)", async function () {
      const suite = await networkHelpers.loadFixture(locked);
      const { lock, token, alice, holder, end, lockedAt } = suite;
      const [now, heldUntil] = [lockedAt + DAY, lockedAt + 2n * DAY];
      await lock.connect(holder).hold(alice, heldUntil);
      const before = powerAt(AMOUNT, end, now);
      const after = powerAt(AMOUNT + 1n, end, now);

      await at(now);
      const sent = lock.connect(alice).increase(alice, 1n);

      await expect(sent)
        .to.emit(lock, "LockIncreased")
        .withArgs(alice, alice, 1n, AMOUNT + 1n);
      await expect(sent).to.emit(lock, "DelegateVotesChanged").withArgs(alice, before, after);
      await expect(sent).to.emit(token, "Transfer").withArgs(alice, lock, 1n);
      expect(await lockOf(suite, alice)).to.deep.equal([AMOUNT + 1n, end, heldUntil]);
      await expectBalance(suite, AMOUNT + 1n);
    });

    it("has somebody else pay, who gets nothing and moves no end (GOV-I8)", async function () {
      const suite = await networkHelpers.loadFixture(locked);
      const { lock, token, alice, bob, end, lockedAt } = suite;
      const now = lockedAt + DAY;
      const after = powerAt(2n * AMOUNT, end, now);

      await at(now);
      const sent = lock.connect(bob).increase(alice, AMOUNT);

      await expect(sent)
        .to.emit(lock, "LockIncreased")
        .withArgs(alice, bob, AMOUNT, 2n * AMOUNT);
      await expect(sent)
        .to.emit(lock, "DelegateVotesChanged")
        .withArgs(alice, powerAt(AMOUNT, end, now), after);
      expect(await token.balanceOf(bob)).to.equal(1_000n * OPA - AMOUNT);
      expect(await lockOf(suite, alice)).to.deep.equal([2n * AMOUNT, end, 0n]);
      expect(await lockOf(suite, bob)).to.deep.equal([0n, 0n, 0n]);
      expect([await lock.getVotes(alice), await lock.getVotes(bob)]).to.deep.equal([after, 0n]);
      expect(await lock.totalVotes()).to.equal(after);
    });
  });

  describe("extend", function () {
    it("reverts when the caller has no lock, or one that has ended", async function () {
      const { lock, alice, stranger, end, endIn } = await networkHelpers.loadFixture(locked);

      await expect(lock.connect(stranger).extend(endIn(200n)))
        .to.be.revertedWithCustomError(lock, "GovernanceLockNotRunning")
        .withArgs(stranger, 0n);
      for (const second of [end, end + WEEK]) {
        await at(second);
        await expect(lock.connect(alice).extend(end + 4n * WEEK))
          .to.be.revertedWithCustomError(lock, "GovernanceLockNotRunning")
          .withArgs(alice, end);
      }
    });

    it("reverts when no lock could end there", async function () {
      const { lock, alice, end, endIn } = await networkHelpers.loadFixture(locked);

      for (const newEnd of [0n, endIn(1n), end + 1n, end + DAY, endIn(105n)])
        await expect(lock.connect(alice).extend(newEnd))
          .to.be.revertedWithCustomError(lock, "GovernanceLockInvalidEnd")
          .withArgs(newEnd, endIn(2n), endIn(104n));
    });

    it("reverts when the end would be earlier, or the same (GOV-I2)", async function () {
      const suite = await networkHelpers.loadFixture(locked);
      const { lock, alice, end, endIn } = suite;

      for (const newEnd of [endIn(2n), end - WEEK, end])
        await expect(lock.connect(alice).extend(newEnd))
          .to.be.revertedWithCustomError(lock, "GovernanceLockInvalidEnd")
          .withArgs(newEnd, end + WEEK, endIn(104n));
      expect(await lockOf(suite, alice)).to.deep.equal([AMOUNT, end, 0n]);
    });

    it("moves the end, and the power with it; amount and hold stay", async function () {
      const suite = await networkHelpers.loadFixture(locked);
      const { lock, alice, holder, end, endIn, lockedAt } = suite;
      const [now, heldUntil] = [lockedAt + DAY, lockedAt + 2n * DAY];
      await lock.connect(holder).hold(alice, heldUntil);
      const after = powerAt(AMOUNT, endIn(104n), now);

      await at(now);
      const sent = lock.connect(alice).extend(endIn(104n));

      await expect(sent).to.emit(lock, "LockExtended").withArgs(alice, end, endIn(104n));
      await expect(sent)
        .to.emit(lock, "DelegateVotesChanged")
        .withArgs(alice, powerAt(AMOUNT, end, now), after);
      expect((await (await sent).wait())?.logs).to.have.length(2);
      expect(await lockOf(suite, alice)).to.deep.equal([AMOUNT, endIn(104n), heldUntil]);
      expect([await lock.powerOf(alice), await lock.totalVotes()]).to.deep.equal([after, after]);
      await expectBalance(suite, AMOUNT);
    });

    it("extends by one week, and at the last second", async function () {
      const suite = await networkHelpers.loadFixture(locked);
      const { lock, alice, end } = suite;
      await lock.connect(alice).extend(end + WEEK);

      await at(end + WEEK - 1n);
      const sent = lock.connect(alice).extend(end + 3n * WEEK);

      await expect(sent)
        .to.emit(lock, "LockExtended")
        .withArgs(alice, end + WEEK, end + 3n * WEEK);
      await expect(sent)
        .to.emit(lock, "DelegateVotesChanged")
        .withArgs(alice, AMOUNT / MAX_TIME, (AMOUNT * (2n * WEEK + 1n)) / MAX_TIME);
      expect(await lockOf(suite, alice)).to.deep.equal([AMOUNT, end + 3n * WEEK, 0n]);
    });
  });

  describe("withdraw", function () {
    it("reverts when the caller has no lock, or has withdrawn it", async function () {
      const { lock, alice, stranger } = await networkHelpers.loadFixture(ended);

      await lock.connect(alice).withdraw();

      for (const account of [alice, stranger])
        await expect(lock.connect(account).withdraw())
          .to.be.revertedWithCustomError(lock, "GovernanceLockNotRunning")
          .withArgs(account, 0n);
    });

    it("reverts before the end, to the second (GOV-I2)", async function () {
      const { lock, alice, end } = await networkHelpers.loadFixture(locked);
      expect(await lock.withdrawableAt(alice)).to.equal(end);

      await expect(lock.connect(alice).withdraw())
        .to.be.revertedWithCustomError(lock, "GovernanceLockNotWithdrawable")
        .withArgs(alice, end);
      await at(end - 1n);
      await expect(lock.connect(alice).withdraw())
        .to.be.revertedWithCustomError(lock, "GovernanceLockNotWithdrawable")
        .withArgs(alice, end);
    });

    it("reverts while the lock is held, and pays one second later (GOV-I2)", async function () {
      const suite = await networkHelpers.loadFixture(locked);
      const { lock, alice, holder, end } = suite;
      await at(end - DAY);
      await lock.connect(holder).hold(alice, end + DAY);
      expect(await lock.withdrawableAt(alice)).to.equal(end + DAY + 1n);

      for (const second of [end, end + DAY]) {
        await at(second);
        await expect(lock.connect(alice).withdraw())
          .to.be.revertedWithCustomError(lock, "GovernanceLockNotWithdrawable")
          .withArgs(alice, end + DAY + 1n);
      }
      await at(end + DAY + 1n);
      await lock.connect(alice).withdraw();
      expect(await lockOf(suite, alice)).to.deep.equal([0n, 0n, 0n]);
    });

    it("pays at the end what was locked and added, and forgets the lock (GOV-I1, GOV-I8)", async function () {
      const suite = await networkHelpers.loadFixture(locked);
      const { lock, token, alice, bob, end } = suite;
      await lock.connect(alice).increase(alice, 7n);
      await lock.connect(bob).increase(alice, 11n);
      await lock.connect(bob).lock(OPA, end + WEEK);

      await at(end);
      const sent = lock.connect(alice).withdraw();

      await expect(sent)
        .to.emit(lock, "LockWithdrawn")
        .withArgs(alice, AMOUNT + 18n);
      await expect(sent)
        .to.emit(token, "Transfer")
        .withArgs(lock, alice, AMOUNT + 18n);
      expect((await (await sent).wait())?.logs).to.have.length(2);
      expect(await token.balanceOf(alice)).to.equal(1_000n * OPA + 11n);
      expect(await lockOf(suite, alice)).to.deep.equal([0n, 0n, 0n]);
      expect(await lock.withdrawableAt(alice)).to.equal(0n);
      await expectBalance(suite, OPA);
    });

    it("returns what it pays", async function () {
      const { lock, alice } = await networkHelpers.loadFixture(ended);

      expect(await lock.connect(alice).withdraw.staticCall()).to.equal(AMOUNT);
    });

    for (const [state, delegateeOf] of [
      ["that counts for its owner", () => undefined],
      ["delegated to its owner", ({ alice }: Fixture) => alice],
      ["delegated to a stranger", ({ stranger }: Fixture) => stranger],
      ["delegated to somebody with a lock", ({ bob }: Fixture) => bob],
    ] as const) {
      it(`pays a lock ${state}, and a later one counts for the same (GOV-I3, GOV-I5)`, async function () {
        const suite = await networkHelpers.loadFixture(locked);
        const { lock, alice, bob, end } = suite;
        const delegatee = delegateeOf(suite);
        const target = delegatee ?? alice;
        await lock.connect(bob).lock(AMOUNT, end + 4n * WEEK);
        if (delegatee) await lock.connect(alice).delegate(delegatee);

        await at(end);
        await lock.connect(alice).withdraw();
        const left = await lock.totalVotes();
        const newEnd = end + 10n * WEEK;
        await at(end + DAY);
        const sent = lock.connect(alice).lock(3n * OPA, newEnd);

        const own = target === bob ? ([[AMOUNT, end + 4n * WEEK]] as const) : [];
        const after = votesAt([...own, [3n * OPA, newEnd]], end + DAY);
        expect(left).to.equal(powerAt(AMOUNT, end + 4n * WEEK, end));
        await expect(sent)
          .to.emit(lock, "DelegateVotesChanged")
          .withArgs(target, votesAt(own, end + DAY), after);
        expect(await lock.delegates(alice)).to.equal(target);
        expect(await lock.getVotes(target)).to.equal(after);
        if (target !== alice) expect(await lock.getVotes(alice)).to.equal(0n);
      });
    }
  });
});
