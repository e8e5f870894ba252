import { expect } from "chai";
import { network } from "hardhat";

import {
  at,
  deployGoverned,
  draft,
  endVote,
  goTo,
  lockFor,
  MAX_EXTENSION,
  now,
  propose,
  startVote,
  State,
  submit,
  Vote,
  VOTER_AMOUNT,
  type Call,
  type GovernedSuite,
} from "../../support/decisions.js";
import { DAY, OPA, send } from "../../support/release.js";
import { PARAMETERS } from "../../support/suite.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;

const VOTE = 6n * DAY; // delay and period
const HOLD = VOTE + MAX_EXTENSION;
const LARGE = 19_000_000n * OPA; // enough power to propose with four days left

/** A holder with a lock of less than two weeks, which has four days left. */
async function deployed() {
  const suite = await deployGoverned(connection);
  const { lock, holder, registry } = suite;
  const { earliest: end } = await lock.endRange();
  await lockFor(suite, holder, LARGE, end);
  await goTo(suite, end - 4n * DAY - 60n);
  const deprecate: Call = [registry, registry.interface.encodeFunctionData("deprecate", [1n])];
  return { ...suite, deprecate, end };
}

/** The same with a vote that begins when that lock has three days left. */
async function voting() {
  const suite = await networkHelpers.loadFixture(deployed);
  await at(suite, suite.end - 4n * DAY);
  const proposal = await propose(suite, [suite.deprecate], "Deprecate");
  await startVote(suite, proposal);
  return { ...suite, proposal, heldUntil: suite.end - 4n * DAY + HOLD };
}

/** The lock of the holder cannot be withdrawn at its end nor until `heldUntil`, and can be a second later. */
async function expectHeldUntil(suite: GovernedSuite, heldUntil: bigint): Promise<void> {
  const { lock, holder, token } = suite;
  const { end } = await lock.lockOf(holder);
  const withdraw = () => lock.connect(holder).withdraw();
  expect(await lock.withdrawableAt(holder)).to.equal(heldUntil + 1n);
  for (const time of [end, heldUntil]) {
    await goTo(suite, time - 60n);
    await at(suite, time);
    await expect(withdraw())
      .to.be.revertedWithCustomError(lock, "GovernanceLockNotWithdrawable")
      .withArgs(holder, heldUntil + 1n);
  }

  await at(suite, heldUntil + 1n);
  await expect(withdraw()).to.changeTokenBalances(ethers, token, [lock, holder], [-LARGE, LARGE]);
}

describe("OPAGovernor: holds of locks (GOV-4)", function () {
  describe("propose", function () {
    it("holds the proposer's lock until the vote can last no longer, and not a second more (GOV-I2)", async function () {
      const suite = await networkHelpers.loadFixture(deployed);
      const { governor, lock, holder, end } = suite;
      const time = end - 4n * DAY;
      const proposal = await draft(suite, [suite.deprecate], "Of the holder");

      await at(suite, time);
      await expect(submit(suite, proposal, holder))
        .to.emit(lock, "LockHeld")
        .withArgs(holder, time + HOLD);

      expect(await governor.proposalDeadline(proposal.id)).to.equal(time + VOTE);
      expect(await lock.lockOf(holder)).to.deep.equal([LARGE, end, time + HOLD]);
      await expectHeldUntil(suite, time + HOLD);
    });

    it("leaves the lock held when the proposal is cancelled", async function () {
      const suite = await networkHelpers.loadFixture(deployed);
      const { governor, holder, end } = suite;
      const time = end - 4n * DAY;
      await at(suite, time);
      const proposal = await propose(suite, [suite.deprecate], "Of the holder", holder);

      await governor.connect(holder).cancel(...proposal.args);

      expect(await governor.state(proposal.id)).to.equal(State.Canceled);
      await expectHeldUntil(suite, time + HOLD);
    });

    it("holds no lock of those who delegated to the proposer", async function () {
      const suite = await networkHelpers.loadFixture(deployed);
      const { governor, lock, delegate, holder, end } = suite;
      await lock.connect(holder).delegate(delegate);
      await networkHelpers.mine();
      const proposal = await draft(suite, [suite.deprecate], "Of the delegate");

      await expect(submit(suite, proposal, delegate)).not.to.emit(lock, "LockHeld");
      await goTo(suite, end);

      expect(await governor.state(proposal.id)).to.equal(State.Active);
      await expect(lock.connect(holder).withdraw())
        .to.emit(lock, "LockWithdrawn")
        .withArgs(holder, LARGE);
    });

    it("is not refused for the longest vote that settings allow", async function () {
      const governance = {
        ...PARAMETERS.governance,
        votingDelay: 14n * DAY,
        votingPeriod: 21n * DAY,
        voteExtension: 2n * DAY,
      };
      const suite = await deployGoverned(connection, { governance });
      const { lock, registry } = suite;
      const data = registry.interface.encodeFunctionData("deprecate", [1n]);
      const longest = 37n * DAY;

      const proposal = await propose(suite, [[registry, data]], "Slow");

      expect(await suite.governor.state(proposal.id)).to.equal(State.Pending);
      expect(await lock.MAX_HOLD()).to.be.greaterThan(longest);
    });
  });

  describe("castVote", function () {
    it("holds the voter's lock until the vote can last no longer, and not a second more (GOV-I2)", async function () {
      const suite = await networkHelpers.loadFixture(voting);
      const { governor, lock, holder, proposal, heldUntil } = suite;

      await expect(governor.connect(holder).castVote(proposal.id, Vote.Against))
        .to.emit(lock, "LockHeld")
        .withArgs(holder, heldUntil);

      await expectHeldUntil(suite, heldUntil);
    });

    it("holds a lock that has ended and is not withdrawn", async function () {
      const suite = await networkHelpers.loadFixture(voting);
      const { governor, lock, holder, end, proposal, heldUntil } = suite;
      await goTo(suite, end + DAY);

      await governor.connect(holder).castVote(proposal.id, Vote.For);

      await expect(lock.connect(holder).withdraw())
        .to.be.revertedWithCustomError(lock, "GovernanceLockNotWithdrawable")
        .withArgs(holder, heldUntil + 1n);
    });

    it("still counts for what ended and was withdrawn, and then holds nothing", async function () {
      const suite = await networkHelpers.loadFixture(voting);
      const { governor, lock, holder, end, proposal } = suite;
      const weight = await lock.getPastVotes(holder, await governor.proposalSnapshot(proposal.id));
      await goTo(suite, end);
      await lock.connect(holder).withdraw();

      const vote = governor.connect(holder).castVote(proposal.id, Vote.For);

      await expect(vote)
        .to.emit(governor, "VoteCast")
        .withArgs(holder, proposal.id, Vote.For, weight, "");
      await expect(vote).not.to.emit(lock, "LockHeld");
      expect(weight).to.be.greaterThan(0n);
    });

    it("holds the lock of who signed, not of who sends the signature", async function () {
      const suite = await networkHelpers.loadFixture(voting);
      const { governor, lock, holder, voter, stranger, proposal, heldUntil } = suite;
      await lockFor(suite, stranger, OPA);
      const { chainId } = await ethers.provider.getNetwork();
      const verifyingContract = await governor.getAddress();
      const types = ["uint256 proposalId", "uint8 support", "address voter", "uint256 nonce"].map(
        (field) => ({ type: field.split(" ")[0] ?? "", name: field.split(" ")[1] ?? "" }),
      );
      const signature = await holder.signTypedData(
        { name: "OPA Governor", version: "1", chainId, verifyingContract },
        { Ballot: types },
        { proposalId: proposal.id, support: Vote.For, voter: holder.address, nonce: 0n },
      );

      await governor.connect(stranger).castVoteBySig(proposal.id, Vote.For, holder, signature);

      expect((await lock.lockOf(holder)).heldUntil).to.equal(heldUntil);
      expect((await lock.lockOf(stranger)).heldUntil).to.equal(0n);
      // The proposer's lock ends later anyway.
      expect((await lock.lockOf(voter)).heldUntil).to.equal(0n);
    });

    it("takes the vote of a delegate without a lock, and holds none of those who delegated to it", async function () {
      const suite = await networkHelpers.loadFixture(deployed);
      const { governor, lock, delegate, holder, end } = suite;
      await lock.connect(holder).delegate(delegate);
      const proposal = await propose(suite, [suite.deprecate], "Delegated");
      await startVote(suite, proposal);

      await expect(governor.connect(delegate).castVote(proposal.id, Vote.For)).not.to.emit(
        lock,
        "LockHeld",
      );
      await goTo(suite, end);
      await lock.connect(holder).withdraw();

      const { forVotes } = await governor.proposalVotes(proposal.id);
      const snapshot = await governor.proposalSnapshot(proposal.id);
      expect(forVotes).to.equal(await lock.getPastVotes(delegate, snapshot));
      expect(forVotes).to.be.greaterThan(0n);
      expect(await governor.state(proposal.id)).to.equal(State.Active);
    });

    it("keeps the longer hold of a later proposal, and moves no end and no votes (GOV-I7)", async function () {
      const suite = await networkHelpers.loadFixture(voting);
      const { governor, lock, holder, end, proposal } = suite;
      const later = await propose(suite, [suite.deprecate], "Later", suite.voter);
      const longer = (await governor.proposalDeadline(later.id)) + MAX_EXTENSION;
      await startVote(suite, later);
      await governor.connect(holder).castVote(later.id, Vote.For);
      const power = (amount: bigint, time: bigint) => (amount * (end - time)) / (728n * DAY);

      await expect(governor.connect(holder).castVote(proposal.id, Vote.For)).not.to.emit(
        lock,
        "LockHeld",
      );
      const time = await now(suite);
      await networkHelpers.mine();

      expect(await lock.lockOf(holder)).to.deep.equal([LARGE, end, longer]);
      expect(await lock.getPastVotes(holder, time)).to.equal(power(LARGE, time));
    });

    it("holds beyond an extension after a late quorum", async function () {
      const suite = await networkHelpers.loadFixture(deployed);
      const { governor, lock, holder, voter } = suite;
      const proposal = await propose(suite, [suite.deprecate], "Late");
      await startVote(suite, proposal);
      await governor.connect(holder).castVote(proposal.id, Vote.For);
      const deadline = await governor.proposalDeadline(proposal.id);
      await goTo(suite, deadline - 60n);

      await at(suite, deadline);
      await governor.connect(voter).castVote(proposal.id, Vote.For);

      const extended = await governor.proposalDeadline(proposal.id);
      expect(extended).to.equal(deadline + DAY);
      expect((await lock.lockOf(holder)).heldUntil).to.be.greaterThanOrEqual(extended);
      await endVote(suite, proposal);
      expect(await governor.state(proposal.id)).to.equal(State.Succeeded);
    });

    it("holds no lock longer than its end when that is later", async function () {
      const suite = await networkHelpers.loadFixture(voting);
      const { governor, lock, voter, proposal, heldUntil } = suite;
      const { end } = await lock.lockOf(voter);

      await governor.connect(voter).castVote(proposal.id, Vote.For);

      expect(heldUntil < end).to.equal(true);
      expect(await lock.lockOf(voter)).to.deep.equal([VOTER_AMOUNT, end, 0n]);
      expect(await lock.withdrawableAt(voter)).to.equal(end);
    });
  });

  describe("with too little gas", function () {
    it("refuses a vote rather than not to hold for it", async function () {
      const suite = await networkHelpers.loadFixture(voting);
      const { governor, lock, holder, proposal, heldUntil } = suite;
      const vote = async (gasLimit?: bigint) =>
        governor.connect(holder).castVote(proposal.id, Vote.For, gasLimit ? { gasLimit } : {});
      const before = await networkHelpers.takeSnapshot();
      const { gasUsed } = (await (await vote()).wait()) ?? {};
      await before.restore();

      const outcomes = new Set<bigint>();
      for (let less = 0n; less < 45_000n; less += 300n) {
        const sent = vote((gasUsed ?? 0n) + 6_000n - less);
        const counted = await sent.then(
          () => true,
          () => false,
        );
        const { heldUntil: held } = await lock.lockOf(holder);
        expect(held).to.equal(counted ? heldUntil : 0n);
        outcomes.add(held);
        await before.restore();
      }

      expect(outcomes).to.deep.equal(new Set([heldUntil, 0n]));
    });
  });

  describe("with a lock that fails", function () {
    it("passes on why, and counts no vote", async function () {
      const suite = await networkHelpers.loadFixture(voting);
      const { governor, addresses, holder, proposal } = suite;
      const double = await ethers.deployContract("AnswerMock");
      const votes = await ethers.getContractAt("IGovernanceLock", double);
      const code = await ethers.provider.getCode(double);
      await networkHelpers.setCode(addresses.lock, code);
      const failing = await ethers.getContractAt("AnswerMock", addresses.lock);
      for (const name of ["getPastVotes", "getPastTotalSupply"] as const) {
        const { selector } = votes.interface.getFunction(name);
        await send(failing, "answer", selector, ethers.toBeHex(OPA, 32));
      }
      const latest = (await governor.proposalDeadline(proposal.id)) + MAX_EXTENSION;
      const hold = votes.interface.encodeFunctionData("hold", [holder.address, latest]);

      await expect(governor.connect(holder).castVote(proposal.id, Vote.For))
        .to.be.revertedWithCustomError(failing, "AnswerMockNoAnswer")
        .withArgs(hold);

      expect(await governor.hasVoted(proposal.id, holder)).to.equal(false);
    });
  });

  describe("without the role to hold locks", function () {
    it("goes on without holds, so that a decision can give the role back", async function () {
      const suite = await networkHelpers.loadFixture(deployed);
      const { governor, lock, accessManager, addresses, stranger, holder } = suite;
      const admin = await ethers.getImpersonatedSigner(addresses.timelock);
      await networkHelpers.setBalance(admin.address, OPA);
      await accessManager.connect(admin).setTargetClosed(lock, true);
      await lock.connect(stranger).syncHolder(governor);
      const open = accessManager.interface.encodeFunctionData("setTargetClosed", [
        addresses.lock,
        false,
      ]);
      const heldBefore = await lock.isHolder(governor);

      const repair = await propose(suite, [[accessManager, open]], "Open the lock");
      await startVote(suite, repair);
      const unheld = governor.connect(holder).castVote(repair.id, Vote.For);
      await expect(unheld).not.to.emit(lock, "LockHeld");
      await governor.connect(suite.voter).castVote(repair.id, Vote.For);
      await endVote(suite, repair);
      await governor.queue(...repair.args);
      await goTo(suite, (await governor.proposalEta(repair.id)) + 1n);
      await governor.execute(...repair.args);
      await lock.connect(stranger).syncHolder(governor);

      expect([heldBefore, await lock.isHolder(governor)]).to.deep.equal([false, true]);
    });
  });
});
