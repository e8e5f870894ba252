import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { expect } from "chai";
import { MaxUint256, ZeroAddress, type AddressLike } from "ethers";
import { network } from "hardhat";

import {
  assignRoles,
  DELEGATION_TYPES,
  deployLock,
  fundLockers,
  GovernanceRole,
  MAX_HOLD,
  MAX_TIME,
  pay,
  powerAt,
  votesAt,
  WEEK,
} from "../../support/governance.js";
import { DAY, OPA, send } from "../../support/release.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;

const AMOUNT = 208n * OPA;
const ECDSA_FORM = "delegateBySig(address,uint256,uint256,uint8,bytes32,bytes32)" as const;
const BYTES_FORM = "delegateBySig(address,address,uint256,uint256,bytes)" as const;
const CURVE_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

enum Behaviour {
  Honest,
  AcceptsAll,
  WrongMagic,
  ShortReturn,
  LongReturn,
  Reverts,
  BurnsAllGas,
  ReturnBomb,
}

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

/** Alice has locked, and so have two wallets of Bob's; Carol is who they could delegate to. */
async function signing() {
  const suite = await locked();
  const { lock, token, bob, end, startedAt } = suite;
  const wallet = await ethers.deployContract("WalletMock", [bob]);
  const other = await ethers.deployContract("WalletMock", [bob]);
  for (const owner of [wallet, other]) {
    await pay(suite, owner, OPA);
    const approval = token.interface.encodeFunctionData("approve", [await lock.getAddress(), OPA]);
    await send(owner, "execute", token, approval);
    await send(owner, "execute", lock, lock.interface.encodeFunctionData("lock", [OPA, end]));
  }
  const { name, version, chainId, verifyingContract } = await lock.eip712Domain();
  const domain = { name, version, chainId, verifyingContract };
  return { ...suite, wallet, other, domain, expiry: startedAt + 30n * DAY };
}

type Fixture = Awaited<ReturnType<typeof fixture>>;
type Signing = Awaited<ReturnType<typeof signing>>;
type Form = keyof typeof DELEGATION_TYPES;

/** A delegation that an account signs in either form. */
interface Delegation {
  account: string;
  delegatee: string;
  nonce: bigint;
  expiry: bigint;
}

/** Alice delegates to Carol with her first nonce, unless said otherwise. */
function delegation({ alice, carol, expiry }: Signing, changes: Partial<Delegation> = {}) {
  return { account: alice.address, delegatee: carol.address, nonce: 0n, expiry, ...changes };
}

/** Signs a delegation in a form; that of ERC-5805 leaves the account out. */
async function sign(
  { domain }: Pick<Signing, "domain">,
  form: Form,
  signer: HardhatEthersSigner,
  { account, ...terms }: Delegation,
): Promise<string> {
  const message = form === "Delegation" ? terms : { account, ...terms };
  return signer.signTypedData(domain, DELEGATION_TYPES[form], message);
}

/** Has a stranger submit the signed delegation. */
function submit({ lock, stranger }: Signing, form: Form, message: Delegation, signature: string) {
  const { account, delegatee, nonce, expiry } = message;
  const connected = lock.connect(stranger);
  if (form === "AccountDelegation")
    return connected[BYTES_FORM](account, delegatee, nonce, expiry, signature);
  const { v, r, s } = ethers.Signature.from(signature);
  return connected[ECDSA_FORM](delegatee, nonce, expiry, v, r, s);
}

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

describe("GovernanceLock (GOV-1, GOV-2)", function () {
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
      const { lock, token, alice, holder, end } = suite;
      const [now, heldUntil] = [end - DAY, end + DAY];
      await at(end - 2n * DAY);
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
      const { lock, alice, holder, end, endIn } = suite;
      const [now, heldUntil] = [end - DAY, end + DAY];
      await at(end - 2n * DAY);
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

  describe("delegate (GOV-I5)", function () {
    it("reverts when nobody is named", async function () {
      const { lock, alice } = await networkHelpers.loadFixture(locked);

      await expect(lock.connect(alice).delegate(ZeroAddress))
        .to.be.revertedWithCustomError(lock, "GovernanceLockInvalidDelegatee")
        .withArgs(ZeroAddress);
    });

    it("moves nothing when the delegatee stays the same", async function () {
      const { lock, alice, bob } = await networkHelpers.loadFixture(locked);
      expect(await lock.delegates(alice)).to.equal(alice);

      for (const [previous, delegatee] of [
        [alice, alice],
        [alice, bob],
        [bob, bob],
      ] as const) {
        const sent = lock.connect(alice).delegate(delegatee);

        await expect(sent).to.emit(lock, "DelegateChanged").withArgs(alice, previous, delegatee);
        const logs = (await (await sent).wait())?.logs;
        expect(logs).to.have.length(previous === delegatee ? 1 : 3);
        expect(await lock.delegates(alice)).to.equal(delegatee);
        expect(await lock.getVotes(delegatee)).to.equal(await lock.powerOf(alice));
      }
    });

    it("moves the whole power to a third, on to another and back", async function () {
      const suite = await networkHelpers.loadFixture(locked);
      const { lock, alice, stranger, carol, end, lockedAt } = suite;
      let now = lockedAt;

      for (const [from, to] of [
        [alice, stranger],
        [stranger, carol],
        [carol, alice],
      ] as const) {
        now += DAY;
        const power = powerAt(AMOUNT, end, now);
        await at(now);
        const sent = lock.connect(alice).delegate(to);

        await expect(sent).to.emit(lock, "DelegateChanged").withArgs(alice, from, to);
        await expect(sent).to.emit(lock, "DelegateVotesChanged").withArgs(from, power, 0n);
        await expect(sent).to.emit(lock, "DelegateVotesChanged").withArgs(to, 0n, power);
        expect([await lock.getVotes(from), await lock.getVotes(to)]).to.deep.equal([0n, power]);
        expect([await lock.powerOf(alice), await lock.totalVotes()]).to.deep.equal([power, power]);
      }
      expect(await lockOf(suite, alice)).to.deep.equal([AMOUNT, end, 0n]);
    });

    it("adds to what the third has and is delegated already", async function () {
      const { lock, alice, bob, carol, end, endIn, lockedAt } =
        await networkHelpers.loadFixture(locked);
      await lock.connect(bob).lock(3n * OPA, endIn(10n));
      await lock.connect(carol).lock(5n * OPA + 1n, endIn(104n));
      await lock.connect(carol).delegate(bob);
      const now = lockedAt + DAY;
      const own = [3n * OPA, endIn(10n)] as const;
      const carols = [5n * OPA + 1n, endIn(104n)] as const;

      await at(now);
      const sent = lock.connect(alice).delegate(bob);

      await expect(sent)
        .to.emit(lock, "DelegateVotesChanged")
        .withArgs(bob, votesAt([own, carols], now), votesAt([own, carols, [AMOUNT, end]], now));
      expect(await lock.totalVotes()).to.equal(await lock.getVotes(bob));
      await time.increaseTo(endIn(10n));
      expect(await lock.getVotes(bob)).to.equal(votesAt([carols, [AMOUNT, end]], endIn(10n)));
    });

    it("delegation in a cycle gives each account the power of the other's lock, once", async function () {
      const { lock, alice, bob, end, endIn, lockedAt } = await networkHelpers.loadFixture(locked);
      await lock.connect(bob).lock(OPA, endIn(20n));

      await lock.connect(alice).delegate(bob);
      await at(lockedAt + DAY);
      await lock.connect(bob).delegate(alice);

      const now = lockedAt + DAY;
      expect(await lock.getVotes(alice)).to.equal(powerAt(OPA, endIn(20n), now));
      expect(await lock.getVotes(bob)).to.equal(powerAt(AMOUNT, end, now));
      const both = [[AMOUNT, end] as const, [OPA, endIn(20n)] as const];
      expect(await lock.totalVotes()).to.equal(votesAt(both, now));
    });

    it("delegation in a chain goes one step, and not further", async function () {
      const { lock, alice, bob, carol, end, endIn, lockedAt } =
        await networkHelpers.loadFixture(locked);
      await lock.connect(bob).lock(OPA, endIn(20n));

      await lock.connect(bob).delegate(carol);
      await at(lockedAt + DAY);
      await lock.connect(alice).delegate(bob);

      const now = lockedAt + DAY;
      expect(await lock.getVotes(alice)).to.equal(0n);
      expect(await lock.getVotes(bob)).to.equal(powerAt(AMOUNT, end, now));
      expect(await lock.getVotes(carol)).to.equal(powerAt(OPA, endIn(20n), now));
    });

    it("counts for a lock that begins, grows and is extended later", async function () {
      const suite = await networkHelpers.loadFixture(locked);
      const { lock, bob, carol, stranger, endIn, startedAt } = suite;
      const empty = lock.connect(bob).delegate(stranger);
      await expect(empty).to.emit(lock, "DelegateChanged").withArgs(bob, bob, stranger);
      expect((await (await empty).wait())?.logs).to.have.length(1);

      for (const [days, call, before, after] of [
        [1n, () => lock.connect(bob).lock(OPA, endIn(20n)), [0n, 0n], [OPA, endIn(20n)]],
        [
          2n,
          () => lock.connect(carol).increase(bob, 1n),
          [OPA, endIn(20n)],
          [OPA + 1n, endIn(20n)],
        ],
        [
          3n,
          () => lock.connect(bob).extend(endIn(30n)),
          [OPA + 1n, endIn(20n)],
          [OPA + 1n, endIn(30n)],
        ],
      ] as const) {
        const now = startedAt + days * DAY;
        const power = votesAt([after], now);
        await at(now);
        await expect(call())
          .to.emit(lock, "DelegateVotesChanged")
          .withArgs(stranger, votesAt([before], now), power);
        expect([await lock.getVotes(bob), await lock.getVotes(stranger)]).to.deep.equal([
          0n,
          power,
        ]);
      }
    });

    it("moves nothing from the second of the end on", async function () {
      const { lock, alice, bob, end } = await networkHelpers.loadFixture(locked);

      await at(end - 1n);
      const last = lock.connect(alice).delegate(bob);
      await expect(last)
        .to.emit(lock, "DelegateVotesChanged")
        .withArgs(bob, 0n, AMOUNT / MAX_TIME);
      await at(end);
      const sent = lock.connect(alice).delegate(alice);
      await expect(sent).to.emit(lock, "DelegateChanged").withArgs(alice, bob, alice);

      expect((await (await sent).wait())?.logs).to.have.length(1);
      expect([await lock.getVotes(alice), await lock.getVotes(bob)]).to.deep.equal([0n, 0n]);
    });
  });

  describe("delegateBySig", function () {
    it("signs in a domain of its name, version 1, this chain and this contract", async function () {
      const { lock, domain } = await networkHelpers.loadFixture(signing);

      expect(domain).to.deep.equal({
        name: "OPA GovernanceLock",
        version: "1",
        chainId: (await ethers.provider.getNetwork()).chainId,
        verifyingContract: await lock.getAddress(),
      });
    });

    for (const form of ["Delegation", "AccountDelegation"] as const) {
      describe(form, function () {
        it("reverts after its last second, and counts at that second", async function () {
          const suite = await networkHelpers.loadFixture(signing);
          const { lock, alice, carol, expiry } = suite;
          const message = delegation(suite);
          const signature = await sign(suite, form, alice, message);

          await at(expiry + 1n);
          await expect(submit(suite, form, message, signature))
            .to.be.revertedWithCustomError(lock, "VotesExpiredSignature")
            .withArgs(expiry);
          await expect(submit(suite, form, { ...message, expiry: 0n }, signature))
            .to.be.revertedWithCustomError(lock, "VotesExpiredSignature")
            .withArgs(0n);
          await at(expiry);
          await submit(suite, form, message, signature);
          expect(await lock.delegates(alice)).to.equal(carol);
        });

        it("reverts for every nonce but the next", async function () {
          const suite = await networkHelpers.loadFixture(signing);
          const { lock, alice } = suite;

          for (const nonce of [1n, 2n, MaxUint256]) {
            const message = delegation(suite, { nonce, delegatee: ZeroAddress });
            const signature = await sign(suite, form, alice, message);

            await expect(submit(suite, form, message, signature))
              .to.be.revertedWithCustomError(lock, "InvalidAccountNonce")
              .withArgs(alice, 0n);
          }
        });

        it("reverts when nobody is named, and keeps the nonce", async function () {
          const suite = await networkHelpers.loadFixture(signing);
          const { lock, alice } = suite;
          const message = delegation(suite, { delegatee: ZeroAddress });
          const signature = await sign(suite, form, alice, message);

          await expect(submit(suite, form, message, signature))
            .to.be.revertedWithCustomError(lock, "GovernanceLockInvalidDelegatee")
            .withArgs(ZeroAddress);
          expect(await lock.nonces(alice)).to.equal(0n);
        });

        it("delegates, whoever sends it, and uses the nonce", async function () {
          const suite = await networkHelpers.loadFixture(signing);
          const { lock, alice, carol, stranger, end, lockedAt } = suite;
          const message = delegation(suite);
          const signature = await sign(suite, form, alice, message);
          const power = powerAt(AMOUNT, end, lockedAt + DAY);

          await at(lockedAt + DAY);
          const sent = submit(suite, form, message, signature);

          await expect(sent).to.emit(lock, "DelegateChanged").withArgs(alice, alice, carol);
          await expect(sent).to.emit(lock, "DelegateVotesChanged").withArgs(alice, power, 0n);
          await expect(sent).to.emit(lock, "DelegateVotesChanged").withArgs(carol, 0n, power);
          expect(await lock.nonces(alice)).to.equal(1n);
          expect(await lock.delegates(alice)).to.equal(carol);
          expect(await lock.delegates(stranger)).to.equal(stranger);
        });

        it("reverts when it is sent again, and takes the nonce from what is signed in either form", async function () {
          const suite = await networkHelpers.loadFixture(signing);
          const { lock, alice, bob } = suite;
          const message = delegation(suite);
          const later = delegation(suite, { delegatee: bob.address });
          const signature = await sign(suite, form, alice, message);
          await submit(suite, form, message, signature);

          await expect(submit(suite, form, message, signature))
            .to.be.revertedWithCustomError(lock, "InvalidAccountNonce")
            .withArgs(alice, 1n);
          for (const next of ["Delegation", "AccountDelegation"] as const) {
            const unused = await sign(suite, next, alice, later);
            await expect(submit(suite, next, later, unused))
              .to.be.revertedWithCustomError(lock, "InvalidAccountNonce")
              .withArgs(alice, 1n);
          }
          expect(await lock.nonces(alice)).to.equal(1n);
        });
      });
    }

    it("is withdrawn by using up its nonce, in either form", async function () {
      const suite = await networkHelpers.loadFixture(signing);
      const { lock, alice } = suite;
      const message = delegation(suite);
      const signatures = await Promise.all(
        (["Delegation", "AccountDelegation"] as const).map(
          async (form) => [form, await sign(suite, form, alice, message)] as const,
        ),
      );

      await expect(lock.connect(alice).useNonce(1n))
        .to.be.revertedWithCustomError(lock, "InvalidAccountNonce")
        .withArgs(alice, 0n);
      await expect(lock.connect(alice).useNonce(0n)).to.emit(lock, "NonceUsed").withArgs(alice, 0n);

      for (const [form, signature] of signatures)
        await expect(submit(suite, form, message, signature))
          .to.be.revertedWithCustomError(lock, "InvalidAccountNonce")
          .withArgs(alice, 1n);
      expect(await lock.nonces(alice)).to.equal(1n);
      expect(await lock.delegates(alice)).to.equal(alice);
    });

    it("counts in both forms in turn", async function () {
      const suite = await networkHelpers.loadFixture(signing);
      const { lock, alice, bob, carol, stranger } = suite;
      const forms = ["Delegation", "AccountDelegation", "Delegation", "AccountDelegation"] as const;

      for (const [index, form] of forms.entries()) {
        const { address } = [bob, carol, stranger, alice][index] ?? alice;
        const message = delegation(suite, { nonce: BigInt(index), delegatee: address });
        await submit(suite, form, message, await sign(suite, form, alice, message));

        expect(await lock.delegates(alice)).to.equal(address);
      }
      expect(await lock.nonces(alice)).to.equal(4n);
    });

    it("reverts for the high-s twin and for every v but 27 and 28 (Delegation)", async function () {
      const suite = await networkHelpers.loadFixture(signing);
      const { lock, alice } = suite;
      const { delegatee, nonce, expiry } = delegation(suite);
      const { v, r, s } = ethers.Signature.from(
        await sign(suite, "Delegation", alice, delegation(suite)),
      );
      const twin = ethers.toBeHex(CURVE_ORDER - BigInt(s), 32);

      await expect(lock[ECDSA_FORM](delegatee, nonce, expiry, 55 - v, r, twin))
        .to.be.revertedWithCustomError(lock, "ECDSAInvalidSignatureS")
        .withArgs(twin);
      for (const wrong of [0, 1, 26, 29])
        await expect(
          lock[ECDSA_FORM](delegatee, nonce, expiry, wrong, r, s),
        ).to.be.revertedWithCustomError(lock, "ECDSAInvalidSignature");
    });

    it("moves nothing but the signer's own power, which the form names by its signature (Delegation)", async function () {
      const suite = await networkHelpers.loadFixture(signing);
      const { lock, alice, bob, carol } = suite;
      const message = delegation(suite);

      await submit(suite, "Delegation", message, await sign(suite, "Delegation", bob, message));

      expect([await lock.delegates(bob), await lock.delegates(alice)]).to.deep.equal([
        carol.address,
        alice.address,
      ]);
      expect([await lock.nonces(bob), await lock.nonces(alice)]).to.deep.equal([1n, 0n]);
      expect(await lock.getVotes(carol)).to.equal(0n);
    });

    for (const [name, change] of [
      ["name", { name: "OPA" }],
      ["version", { version: "2" }],
      ["chain", { chainId: 1n }],
      ["contract", { verifyingContract: ZeroAddress }],
    ] as const) {
      it(`never counts for who signed in the domain of another ${name}`, async function () {
        const suite = await networkHelpers.loadFixture(signing);
        const { lock, alice } = suite;
        const foreign = { domain: { ...suite.domain, ...change } };
        const message = delegation(suite);
        const named = await sign(foreign, "AccountDelegation", alice, message);
        const unnamed = await sign(foreign, "Delegation", alice, message);

        await expect(submit(suite, "AccountDelegation", message, named))
          .to.be.revertedWithCustomError(lock, "GovernanceLockInvalidSignature")
          .withArgs(alice);
        const { account, ...terms } = message;
        const types = DELEGATION_TYPES.Delegation;
        const somebody = ethers.verifyTypedData(suite.domain, types, terms, unnamed);
        await expect(submit(suite, "Delegation", message, unnamed))
          .to.emit(lock, "DelegateChanged")
          .withArgs(somebody, somebody, message.delegatee);

        expect(somebody).to.not.equal(account);
        expect(await lock.delegates(alice)).to.equal(alice);
        expect(await lock.nonces(alice)).to.equal(0n);
        expect(await lock.getVotes(message.delegatee)).to.equal(0n);
      });
    }
  });

  describe("delegateBySig, naming the account", function () {
    it("reverts when somebody else signed, the delegatee or the sender among them", async function () {
      const suite = await networkHelpers.loadFixture(signing);
      const { lock, alice, bob, carol, stranger } = suite;
      const message = delegation(suite, { nonce: 9n, delegatee: ZeroAddress });

      for (const signer of [bob, carol, stranger]) {
        const signature = await sign(suite, "AccountDelegation", signer, message);

        await expect(submit(suite, "AccountDelegation", message, signature))
          .to.be.revertedWithCustomError(lock, "GovernanceLockInvalidSignature")
          .withArgs(alice);
      }
    });

    for (const field of ["account", "delegatee", "nonce", "expiry"] as const) {
      it(`reverts when ${field} is not what was signed`, async function () {
        const suite = await networkHelpers.loadFixture(signing);
        const { lock, alice, bob, expiry } = suite;
        const message = delegation(suite);
        const signature = await sign(suite, "AccountDelegation", alice, message);
        const changes = {
          account: bob.address,
          delegatee: bob.address,
          nonce: 1n,
          expiry: expiry + 1n,
        };
        const sent = { ...message, [field]: changes[field] };

        await expect(submit(suite, "AccountDelegation", sent, signature))
          .to.be.revertedWithCustomError(lock, "GovernanceLockInvalidSignature")
          .withArgs(sent.account);
      });
    }

    it("reverts for the high-s twin, a wrong v and any other length", async function () {
      const suite = await networkHelpers.loadFixture(signing);
      const { lock, alice } = suite;
      const message = delegation(suite);
      const signature = await sign(suite, "AccountDelegation", alice, message);
      const { v, r, s } = ethers.Signature.from(signature);
      const twin = ethers.toBeHex(CURVE_ORDER - BigInt(s), 32);

      for (const wrong of [
        ethers.concat([r, twin, ethers.toBeHex(55 - v)]),
        ethers.concat([r, s, ethers.toBeHex(v - 27, 1)]),
        ethers.concat([signature, "0x00"]),
        ethers.dataSlice(signature, 0, 64),
        "0x",
      ])
        await expect(submit(suite, "AccountDelegation", message, wrong))
          .to.be.revertedWithCustomError(lock, "GovernanceLockInvalidSignature")
          .withArgs(alice);
    });

    it("reverts for the zero account, whom no signature recovers to", async function () {
      const suite = await networkHelpers.loadFixture(signing);
      const message = delegation(suite, { account: ZeroAddress });
      const nothing = ethers.concat([ethers.ZeroHash, ethers.ZeroHash, "0x1b"]);

      await expect(submit(suite, "AccountDelegation", message, nothing))
        .to.be.revertedWithCustomError(suite.lock, "GovernanceLockInvalidSignature")
        .withArgs(ZeroAddress);
    });

    it("takes neither form for the other", async function () {
      const suite = await networkHelpers.loadFixture(signing);
      const { lock, alice, carol } = suite;
      const message = delegation(suite);
      const unnamed = await sign(suite, "Delegation", alice, message);
      const named = await sign(suite, "AccountDelegation", alice, message);

      await expect(submit(suite, "AccountDelegation", message, unnamed))
        .to.be.revertedWithCustomError(lock, "GovernanceLockInvalidSignature")
        .withArgs(alice);
      await submit(suite, "Delegation", message, named);

      expect(await lock.delegates(alice)).to.equal(alice);
      expect(await lock.nonces(alice)).to.equal(0n);
      expect(await lock.getVotes(carol)).to.equal(0n);
    });

    it("counts for a wallet contract whose owner signed (ERC-1271)", async function () {
      const suite = await networkHelpers.loadFixture(signing);
      const { lock, wallet, bob, carol, end, lockedAt } = suite;
      const message = delegation(suite, { account: await wallet.getAddress() });
      const signature = await sign(suite, "AccountDelegation", bob, message);
      const power = powerAt(OPA, end, lockedAt + DAY);

      await at(lockedAt + DAY);
      const sent = submit(suite, "AccountDelegation", message, signature);

      await expect(sent).to.emit(lock, "DelegateChanged").withArgs(wallet, wallet, carol);
      await expect(sent).to.emit(lock, "DelegateVotesChanged").withArgs(wallet, power, 0n);
      await expect(sent).to.emit(lock, "DelegateVotesChanged").withArgs(carol, 0n, power);
      expect([await lock.nonces(wallet), await lock.nonces(bob)]).to.deep.equal([1n, 0n]);
      await expect(submit(suite, "AccountDelegation", message, signature))
        .to.be.revertedWithCustomError(lock, "InvalidAccountNonce")
        .withArgs(wallet, 1n);
    });

    it("reverts for another account of the same owner, wallet or not", async function () {
      const suite = await networkHelpers.loadFixture(signing);
      const { lock, wallet, other, bob } = suite;
      const owned = [await wallet.getAddress(), await other.getAddress(), bob.address];

      for (const signed of owned) {
        const message = delegation(suite, { account: signed });
        const signature = await sign(suite, "AccountDelegation", bob, message);

        for (const account of owned.filter((name) => name !== signed))
          await expect(submit(suite, "AccountDelegation", { ...message, account }, signature))
            .to.be.revertedWithCustomError(lock, "GovernanceLockInvalidSignature")
            .withArgs(account);
      }
    });

    it("reverts when the wallet refuses, answers badly, uses all gas or is not the owner's", async function () {
      const suite = await networkHelpers.loadFixture(signing);
      const { lock, wallet, alice, bob } = suite;
      const message = delegation(suite, { account: await wallet.getAddress() });
      const signature = await sign(suite, "AccountDelegation", bob, message);
      const foreign = await sign(suite, "AccountDelegation", alice, message);

      await expect(submit(suite, "AccountDelegation", message, foreign))
        .to.be.revertedWithCustomError(lock, "GovernanceLockInvalidSignature")
        .withArgs(wallet);
      for (const behaviour of [
        Behaviour.WrongMagic,
        Behaviour.ShortReturn,
        Behaviour.Reverts,
        Behaviour.BurnsAllGas,
        Behaviour.ReturnBomb,
      ]) {
        await send(wallet, "behave", behaviour);
        await expect(submit(suite, "AccountDelegation", message, signature))
          .to.be.revertedWithCustomError(lock, "GovernanceLockInvalidSignature")
          .withArgs(wallet);
      }
    });

    it("asks nothing of a wallet but its answer", async function () {
      const suite = await networkHelpers.loadFixture(signing);
      const { lock, wallet, carol } = suite;
      const account = await wallet.getAddress();

      for (const [index, behaviour] of [Behaviour.AcceptsAll, Behaviour.LongReturn].entries()) {
        await send(wallet, "behave", behaviour);
        const message = delegation(suite, { account, nonce: BigInt(index) });
        await submit(suite, "AccountDelegation", message, "0x");
      }

      expect(await lock.delegates(account)).to.equal(carol);
      expect(await lock.nonces(account)).to.equal(2n);
    });
  });

  describe("hold", function () {
    it("reverts for a caller without the flag, the admin and the owner among them", async function () {
      const { lock, admin, alice, guardian, governance, stranger, endIn } =
        await networkHelpers.loadFixture(locked);

      for (const caller of [admin, alice, guardian, governance, stranger])
        await expect(lock.connect(caller).hold(alice, endIn(104n)))
          .to.be.revertedWithCustomError(lock, "AccessManagedUnauthorized")
          .withArgs(caller);
    });

    it("reverts when it would last longer than 60 days", async function () {
      const suite = await networkHelpers.loadFixture(locked);
      const { lock, alice, stranger, holder, end } = suite;
      const now = end - DAY;

      for (const until of [now + MAX_HOLD + 1n, 2n ** 48n - 1n])
        for (const account of [alice, stranger]) {
          await at(now);
          await expect(lock.connect(holder).hold(account, until))
            .to.be.revertedWithCustomError(lock, "GovernanceLockHoldTooLong")
            .withArgs(until, now + MAX_HOLD);
        }
      await at(now);
      await lock.connect(holder).hold(alice, now + MAX_HOLD);
      expect(await lockOf(suite, alice)).to.deep.equal([AMOUNT, suite.end, now + MAX_HOLD]);
    });

    it("keeps the later of the holds, and says so only when it changes", async function () {
      const suite = await networkHelpers.loadFixture(locked);
      const { lock, alice, holder, end, lockedAt } = suite;
      const until = end + 20n * DAY;
      await time.increaseTo(end - DAY);

      await expect(lock.connect(holder).hold(alice, until))
        .to.emit(lock, "LockHeld")
        .withArgs(alice, until);
      for (const notLater of [until, until - 1n, lockedAt, 0n]) {
        const { logs } = (await (await lock.connect(holder).hold(alice, notLater)).wait()) ?? {};
        expect(logs).to.have.length(0);
        expect(await lockOf(suite, alice)).to.deep.equal([AMOUNT, end, until]);
      }
      await expect(lock.connect(holder).hold(alice, until + 1n))
        .to.emit(lock, "LockHeld")
        .withArgs(alice, until + 1n);
      expect(await lockOf(suite, alice)).to.deep.equal([AMOUNT, end, until + 1n]);
    });

    it("holds no lock more than 60 days after its end, however often it is called (GOV-I2)", async function () {
      const suite = await networkHelpers.loadFixture(locked);
      const { lock, alice, holder, end } = suite;
      const latest = end + MAX_HOLD;
      const withdraw = () => lock.connect(alice).withdraw();
      await time.increaseTo(end - DAY);
      await lock.connect(holder).hold(alice, end + 50n * DAY);

      await at(end + 40n * DAY);
      await expect(lock.connect(holder).hold(alice, end + 100n * DAY))
        .to.emit(lock, "LockHeld")
        .withArgs(alice, latest);
      await at(latest);
      const again = await lock.connect(holder).hold(alice, latest + MAX_HOLD);

      expect((await again.wait())?.logs).to.have.length(0);
      expect(await lockOf(suite, alice)).to.deep.equal([AMOUNT, end, latest]);
      await at(latest + 1n);
      await expect(withdraw()).to.emit(lock, "LockWithdrawn").withArgs(alice, AMOUNT);
    });

    it("stores nothing for a lock that ends later anyway, and something one second later", async function () {
      const suite = await networkHelpers.loadFixture(locked);
      const { lock, alice, holder, end } = suite;
      await time.increaseTo(end - DAY);

      const sent = await lock.connect(holder).hold(alice, end - 1n);

      expect((await sent.wait())?.logs).to.have.length(0);
      expect(await lockOf(suite, alice)).to.deep.equal([AMOUNT, end, 0n]);
      expect(await lock.withdrawableAt(alice)).to.equal(end);
      await lock.connect(holder).hold(alice, end);
      expect(await lock.withdrawableAt(alice)).to.equal(end + 1n);
    });

    it("stores nothing for an account without a lock, not even for a later one", async function () {
      const suite = await networkHelpers.loadFixture(fixture);
      const { lock, alice, holder, startedAt, endIn } = suite;

      const sent = await lock.connect(holder).hold(alice, startedAt + 30n * DAY);

      expect((await sent.wait())?.logs).to.have.length(0);
      expect(await lockOf(suite, alice)).to.deep.equal([0n, 0n, 0n]);
      expect(await lock.withdrawableAt(alice)).to.equal(0n);
      await lock.connect(alice).lock(OPA, endIn(2n));
      expect(await lockOf(suite, alice)).to.deep.equal([OPA, endIn(2n), 0n]);
    });

    it("changes no power, no end and no delegation, and nothing if it passes before the end", async function () {
      const suite = await networkHelpers.loadFixture(locked);
      const { lock, alice, bob, holder, end, lockedAt } = suite;
      const now = lockedAt + 2n * DAY;
      await lock.connect(holder).hold(alice, lockedAt + 30n * DAY);

      await at(now);
      await lock.connect(alice).delegate(bob);

      expect(await lock.withdrawableAt(alice)).to.equal(end);
      expect(await lock.getVotes(bob)).to.equal(powerAt(AMOUNT, end, now));
      await at(end);
      await lock.connect(alice).withdraw();
    });

    it("holds a lock that has ended and is not withdrawn", async function () {
      const { lock, alice, holder, end } = await networkHelpers.loadFixture(ended);

      await expect(lock.connect(holder).hold(alice, end + DAY))
        .to.emit(lock, "LockHeld")
        .withArgs(alice, end + DAY);

      await expect(lock.connect(alice).withdraw())
        .to.be.revertedWithCustomError(lock, "GovernanceLockNotWithdrawable")
        .withArgs(alice, end + DAY + 1n);
      expect(await lock.powerOf(alice)).to.equal(0n);
    });

    it("is forgotten with the lock", async function () {
      const suite = await networkHelpers.loadFixture(ended);
      const { lock, alice, holder, end } = suite;
      await lock.connect(holder).hold(alice, end + 50n * DAY);
      await at(end + 50n * DAY + 1n);
      await lock.connect(alice).withdraw();

      await lock.connect(alice).lock(OPA, end + 20n * WEEK);

      expect(await lockOf(suite, alice)).to.deep.equal([OPA, end + 20n * WEEK, 0n]);
    });
  });

  describe("syncHolder", function () {
    const { Holder } = GovernanceRole;

    it("lets a caller hold only once its role is copied, by anyone", async function () {
      const { lock, manager, alice, bob, stranger, end, lockedAt } =
        await networkHelpers.loadFixture(locked);
      await send(manager, "grantRole", Holder, bob, 0);
      expect(await lock.isHolder(bob)).to.equal(false);
      await expect(lock.connect(bob).hold(alice, lockedAt + DAY))
        .to.be.revertedWithCustomError(lock, "AccessManagedUnauthorized")
        .withArgs(bob);

      await expect(lock.connect(stranger).syncHolder(bob))
        .to.emit(lock, "HolderSynced")
        .withArgs(bob, true);

      expect(await lock.isHolder(bob)).to.equal(true);
      await lock.connect(bob).hold(alice, lockedAt + DAY);
      expect(await lock.withdrawableAt(alice)).to.equal(end);
    });

    it("keeps the flag of a revoked caller until it is copied again", async function () {
      const { lock, manager, alice, holder, stranger, lockedAt } =
        await networkHelpers.loadFixture(locked);
      await send(manager, "revokeRole", Holder, holder);
      expect(await lock.isHolder(holder)).to.equal(true);
      await lock.connect(holder).hold(alice, lockedAt + DAY);

      await expect(lock.connect(stranger).syncHolder(holder))
        .to.emit(lock, "HolderSynced")
        .withArgs(holder, false);

      expect(await lock.isHolder(holder)).to.equal(false);
      await expect(lock.connect(holder).hold(alice, lockedAt + 2n * DAY))
        .to.be.revertedWithCustomError(lock, "AccessManagedUnauthorized")
        .withArgs(holder);
    });

    it("says nothing when nothing changes", async function () {
      const { lock, holder, stranger } = await networkHelpers.loadFixture(fixture);

      for (const [caller, allowed] of [
        [holder, true],
        [stranger, false],
      ] as const) {
        const sent = await lock.connect(stranger).syncHolder(caller);

        expect((await sent.wait())?.logs).to.have.length(0);
        expect(await lock.isHolder(caller)).to.equal(allowed);
      }
    });

    it("allows nobody who would have to wait, and nobody while the function has no role", async function () {
      const { lock, manager, admin, bob, holder } = await networkHelpers.loadFixture(fixture);
      await send(manager, "grantRole", Holder, bob, 3_600);
      await lock.syncHolder(bob);
      expect(await lock.isHolder(bob)).to.equal(false);

      await assignRoles(manager, lock, { hold: 0n });
      for (const caller of [admin, holder]) await lock.syncHolder(caller);

      for (const caller of [admin, holder]) expect(await lock.isHolder(caller)).to.equal(false);
    });
  });

  describe("clock (GOV-I6)", function () {
    it("is the timestamp, and says so", async function () {
      const { lock, startedAt } = await networkHelpers.loadFixture(fixture);

      for (const now of [startedAt + DAY, startedAt + DAY + 1n]) {
        await time.increaseTo(now);
        expect(await lock.clock()).to.equal(now);
      }
      expect(await lock.CLOCK_MODE()).to.equal("mode=timestamp");
    });
  });

  describe("past (GOV-I4)", function () {
    it("reverts for a time that is not past", async function () {
      const { lock, alice } = await networkHelpers.loadFixture(locked);
      const now = await lock.clock();

      for (const timepoint of [now, now + 1n, 2n ** 48n, MaxUint256])
        for (const look of [
          () => lock.getPastVotes(alice, timepoint),
          () => lock.getPastTotalSupply(timepoint),
          () => lock.getPastLocked(timepoint),
        ])
          await expect(look())
            .to.be.revertedWithCustomError(lock, "ERC5805FutureLookup")
            .withArgs(timepoint, now);
    });

    it("is known from the second before now, and is nothing before the lock", async function () {
      const { lock, alice, end, lockedAt } = await networkHelpers.loadFixture(locked);
      await time.increaseTo(lockedAt + 1n);
      const power = powerAt(AMOUNT, end, lockedAt);

      for (const [timepoint, votes, amount] of [
        [lockedAt, power, AMOUNT],
        [lockedAt - 1n, 0n, 0n],
        [0n, 0n, 0n],
      ] as const) {
        expect(await lock.getPastVotes(alice, timepoint)).to.equal(votes);
        expect(await lock.getPastTotalSupply(timepoint)).to.equal(votes);
        expect(await lock.getPastLocked(timepoint)).to.equal(amount);
      }
    });

    it("ends with the lock, in the second of its end, withdrawn or not", async function () {
      const { lock, alice, end } = await networkHelpers.loadFixture(locked);

      for (const prepare of [
        () => time.increaseTo(end + 10n),
        () => lock.connect(alice).withdraw(),
        () => time.increaseTo(end + 300n * WEEK),
      ]) {
        await prepare();
        for (const [timepoint, votes, amount] of [
          [end - 1n, AMOUNT / MAX_TIME, AMOUNT],
          [end, 0n, 0n],
          [end + 1n, 0n, 0n],
        ] as const) {
          expect(await lock.getPastVotes(alice, timepoint)).to.equal(votes);
          expect(await lock.getPastTotalSupply(timepoint)).to.equal(votes);
          expect(await lock.getPastLocked(timepoint)).to.equal(amount);
        }
      }
    });

    it("never changes, whatever is done later", async function () {
      const suite = await networkHelpers.loadFixture(locked);
      const { lock, alice, bob, carol, end, endIn, lockedAt } = suite;
      await lock.connect(bob).lock(OPA, endIn(2n));
      await time.increaseTo(lockedAt + 10n);
      const seconds = Array.from({ length: 11 }, (_, second) => lockedAt + BigInt(second) - 1n);
      const look = async () =>
        Promise.all(
          seconds.flatMap((second) => [
            lock.getPastVotes(alice, second),
            lock.getPastVotes(bob, second),
            lock.getPastTotalSupply(second),
            lock.getPastLocked(second),
          ]),
        );
      const before = await look();

      for (const act of [
        () => lock.connect(carol).increase(alice, OPA),
        () => lock.connect(alice).delegate(bob),
        () => lock.connect(bob).delegate(alice),
        () => lock.connect(alice).extend(end + WEEK),
        () => time.increaseTo(endIn(3n)),
        () => lock.connect(bob).withdraw(),
        () => lock.connect(bob).lock(3n * OPA, endIn(90n)),
        () => time.increaseTo(endIn(200n)),
        () => lock.connect(alice).withdraw(),
      ]) {
        await act();
        expect(await look()).to.deep.equal(before);
      }
    });

    it("is exact at every second between many changes (GOV-I9)", async function () {
      const { lock, alice, end, lockedAt } = await networkHelpers.loadFixture(locked);
      const amountAt = (second: bigint) => {
        const steps = (second - lockedAt) / 3n;
        return AMOUNT + (steps > 40n ? 40n : steps) * 13n;
      };
      for (let step = 1n; step <= 40n; ++step) {
        await at(lockedAt + 3n * step);
        await lock.connect(alice).increase(alice, 13n);
      }
      await time.increaseTo(lockedAt + 140n);

      for (let second = lockedAt; second < lockedAt + 140n; ++second) {
        const power = powerAt(amountAt(second), end, second);
        expect(await lock.getPastVotes(alice, second)).to.equal(power);
        expect(await lock.getPastTotalSupply(second)).to.equal(power);
        expect(await lock.getPastLocked(second)).to.equal(amountAt(second));
      }
    });

    it("is the last state of a second in which much changed", async function () {
      const suite = await networkHelpers.loadFixture(locked);
      const { lock, alice, bob, carol, end, endIn, lockedAt } = suite;
      const now = lockedAt + DAY;
      const gas = { gasLimit: 1_000_000n };
      await ethers.provider.send("evm_setAutomine", [false]);
      await lock.connect(bob).lock(OPA, endIn(9n), gas);
      await lock.connect(carol).increase(alice, 5n, gas);
      await lock.connect(alice).delegate(bob, gas);
      await lock.connect(bob).extend(endIn(10n), gas);
      await at(now);
      await networkHelpers.mine();
      await ethers.provider.send("evm_setAutomine", [true]);
      const both = [[AMOUNT + 5n, end] as const, [OPA, endIn(10n)] as const];

      expect(await lock.clock()).to.equal(now);
      expect(await lock.getVotes(bob)).to.equal(votesAt(both, now));
      expect(await lock.totalVotes()).to.equal(votesAt(both, now));
      await time.increaseTo(endIn(10n) + 1n);
      expect(await lock.getPastVotes(alice, now)).to.equal(0n);
      expect(await lock.getPastVotes(alice, now - 1n)).to.equal(powerAt(AMOUNT, end, now - 1n));
      for (const second of [now, endIn(9n), endIn(10n) - 1n, endIn(10n)]) {
        expect(await lock.getPastVotes(bob, second)).to.equal(votesAt(both, second));
        expect(await lock.getPastTotalSupply(second)).to.equal(votesAt(both, second));
      }
      expect(await lock.getPastLocked(endIn(10n) - 1n)).to.equal(AMOUNT + 5n + OPA);
      expect(await lock.getPastLocked(endIn(10n))).to.equal(AMOUNT + 5n);
    });
  });

  describe("votes now", function () {
    it("GOV-I7: are at most the amount, fall every second and are nothing at the end", async function () {
      const { lock, alice, end, lockedAt } = await networkHelpers.loadFixture(locked);
      let previous = await lock.powerOf(alice);
      expect(previous).to.be.lessThan(AMOUNT);

      for (const now of [lockedAt + 1n, lockedAt + 2n, lockedAt + WEEK, end - 2n, end - 1n, end]) {
        await time.increaseTo(now);
        const power = await lock.powerOf(alice);

        expect(power).to.equal(powerAt(AMOUNT, end, now));
        expect(power).to.be.lessThan(previous);
        expect(await lock.getVotes(alice)).to.equal(power);
        previous = power;
      }
      expect(previous).to.equal(0n);
      await time.increaseTo(end + 500n * WEEK);
      expect(await lock.powerOf(alice)).to.equal(0n);
      expect([await lock.getVotes(alice), await lock.totalVotes()]).to.deep.equal([0n, 0n]);
    });

    it("power of an account's own lock leaves out delegated power, and can be read for everyone", async function () {
      const suite = await networkHelpers.loadFixture(locked);
      const { lock, alice, bob, end } = suite;
      await lock.connect(alice).delegate(bob);
      const now = await lock.clock();

      expect(await lock.powerOf(alice)).to.equal(powerAt(AMOUNT, end, now));
      expect([await lock.powerOf(bob), await lock.getVotes(alice)]).to.deep.equal([0n, 0n]);
      for (const account of [ZeroAddress, await lock.getAddress(), suite.stranger.address]) {
        expect(await lock.powerOf(account)).to.equal(0n);
        expect(await lock.getVotes(account)).to.equal(0n);
        expect(await lock.delegates(account)).to.equal(account);
        expect(await lockOf(suite, account)).to.deep.equal([0n, 0n, 0n]);
        expect(await lock.withdrawableAt(account)).to.equal(0n);
      }
    });

    it("GOV-I3: of all accounts are the total, but for less than a wei of each", async function () {
      const { lock, alice, bob, carol, stranger, endIn, startedAt, end } =
        await networkHelpers.loadFixture(locked);
      await lock.connect(bob).lock(3n * OPA + 1n, endIn(2n));
      await lock.connect(carol).lock(7n * OPA + 5n, endIn(104n));
      const everyone = [alice, bob, carol, stranger];
      const amounts = [AMOUNT, 3n * OPA + 1n, 7n * OPA + 5n] as const;
      let now = startedAt + DAY;

      for (const act of [
        () => lock.connect(alice).delegate(bob),
        () => lock.connect(bob).delegate(stranger),
        () => lock.connect(carol).delegate(bob),
        () => lock.connect(alice).delegate(carol),
        () => lock.connect(bob).delegate(carol),
        () => lock.connect(carol).delegate(carol),
      ]) {
        now += 3n * DAY + 1n;
        await at(now);
        await act();

        const votes = await Promise.all(everyone.map((account) => lock.getVotes(account)));
        const sum = votes.reduce((total, each) => total + each, 0n);
        const [first, second, third] = amounts;
        const locks = [[first, end] as const, [second, endIn(2n)] as const];
        const total = votesAt([...locks, [third, endIn(104n)]], now);
        expect(await lock.totalVotes()).to.equal(total);
        expect(total - sum).to.be.within(0n, BigInt(everyone.length) - 1n);
      }
    });

    it("votes are not changed by OPA that is only sent to the contract (GOV-I1, GOV-I8)", async function () {
      const suite = await networkHelpers.loadFixture(locked);
      const { lock, token, alice, bob, end } = suite;

      await token.connect(bob).transfer(lock, 77n * OPA);

      const now = await lock.clock();
      expect(await lockOf(suite, alice)).to.deep.equal([AMOUNT, end, 0n]);
      expect(await lockOf(suite, bob)).to.deep.equal([0n, 0n, 0n]);
      expect(await lock.totalVotes()).to.equal(powerAt(AMOUNT, end, now));
      expect([await lock.getVotes(bob), await lock.getVotes(lock)]).to.deep.equal([0n, 0n]);
      await time.increaseTo(end);
      expect(await lock.getPastLocked(end - 1n)).to.equal(AMOUNT);
      await lock.connect(alice).withdraw();
      expect(await token.balanceOf(alice)).to.equal(1_000n * OPA);
      await expectBalance(suite, 77n * OPA);
    });
  });

  describe("supportsInterface", function () {
    it("names its own interface, those of votes, clock and power, ERC-165, and nothing unknown", async function () {
      const { lock } = await networkHelpers.loadFixture(fixture);
      const own = [
        ...["lock", "increase", "extend", "withdraw", BYTES_FORM, "useNonce", "hold"],
        ...["syncHolder"],
        ...["isHolder", "lockOf", "withdrawableAt", "endRange", "totalVotes", "getPastLocked"],
        ...["TOKEN", "MIN_AMOUNT", "MAX_HOLD"],
      ];
      const selectors = own.map((name) =>
        BigInt(lock.interface.getFunction(name as "lock").selector),
      );
      const id = selectors.reduce((all, selector) => all ^ selector, 0n);

      expect(await lock.supportsInterface(ethers.toBeHex(id, 4))).to.equal(true);
      // ERC-165, OpenZeppelin's IVotes, ERC-6372, ILockPower
      for (const known of ["0x01ffc9a7", "0xe90fb3f6", "0xda287a1d", "0x1ac84690"])
        expect(await lock.supportsInterface(known)).to.equal(true);
      for (const unknown of ["0x00000000", "0xffffffff", "0x36372b07", "0x80ac58cd"])
        expect(await lock.supportsInterface(unknown)).to.equal(false);
    });
  });
});
