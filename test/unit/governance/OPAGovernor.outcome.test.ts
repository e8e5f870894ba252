import { expect } from "chai";
import { network } from "hardhat";

import {
  at,
  batchOf,
  deployGoverned,
  endVote,
  enqueue,
  goTo,
  lockFor,
  mature,
  now,
  pass,
  prepare,
  propose,
  startVote,
  State,
  Vote,
  WEEK,
  type Call,
  type GovernedSuite,
  type Proposal,
} from "../../support/decisions.js";
import { DAY, OPA } from "../../support/release.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;

const FLOOR = 1_000_000n * OPA;
const SUCCEEDED = bitmap(State.Succeeded);
const QUEUED = bitmap(State.Queued);
const CANCELLABLE = bitmap(0n, 1n, 3n, 4n, 5n); // all but cancelled, expired and executed
const READY = bitmap(2n); // the timelock's states: unset, waiting, ready, done

async function deployed() {
  const suite = await deployGoverned(connection);
  const { registry } = suite;
  const deprecate: Call = [registry, registry.interface.encodeFunctionData("deprecate", [1n])];
  return { ...suite, deprecate };
}

/** The same with a proposal of the voter, whose vote has not begun. */
async function proposed() {
  const suite = await networkHelpers.loadFixture(deployed);
  return { ...suite, proposal: await propose(suite, [suite.deprecate], "Deprecate") };
}

/** States as the errors of Governor and timelock list those that they allow. */
function bitmap(...states: bigint[]): string {
  const bits = states.reduce((all, state) => all | (1n << state), 0n);
  return `0x${bits.toString(16).padStart(64, "0")}`;
}

/** Id under which the timelock knows a proposal. */
async function operationOf(suite: GovernedSuite, proposal: Proposal): Promise<string> {
  return suite.timelock.hashOperationBatch(...(await batchOf(suite, proposal)));
}

describe("OPAGovernor: what becomes of a proposal", function () {
  describe("quorum (GOV-3, GVN-I5)", function () {
    it("reverts for a time that is not past", async function () {
      const { governor, lock } = await networkHelpers.loadFixture(deployed);
      const time = (await lock.clock()) + 1_000n;

      await expect(governor.quorum(time)).to.be.revertedWithCustomError(
        lock,
        "ERC5805FutureLookup",
      );
    });

    it("answers for the snapshot and the second before the clock, and refuses the clock itself (V2)", async function () {
      const suite = await networkHelpers.loadFixture(proposed);
      const { governor, lock, proposal } = suite;
      await startVote(suite, proposal);
      const snapshot = await governor.proposalSnapshot(proposal.id);
      const clock = await governor.clock();

      expect(await governor.quorum(snapshot)).to.equal(FLOOR);
      expect(await governor.quorum(clock - 1n)).to.equal(FLOOR);
      await expect(governor.quorum(clock)).to.be.revertedWithCustomError(
        lock,
        "ERC5805FutureLookup",
      );
    });

    it("is the floor while a share of all votes is less (abuse case 66)", async function () {
      const suite = await networkHelpers.loadFixture(deployed);
      const { governor, lock } = suite;
      const time = await now(suite);
      await networkHelpers.mine();

      const share = ((await lock.getPastTotalSupply(time)) * 4n) / 100n;

      expect(share).to.be.lessThan(FLOOR);
      expect(await governor.quorum(time)).to.equal(FLOOR);
      expect(await governor.quorumFloorAt(time)).to.equal(FLOOR);
    });

    it("is a share of all votes once that is more", async function () {
      const suite = await networkHelpers.loadFixture(deployed);
      const { governor, lock, holder } = suite;
      const before = await now(suite);
      await lockFor(suite, holder, 18_000_000n * OPA);
      const time = await now(suite);
      await networkHelpers.mine();

      const share = ((await lock.getPastTotalSupply(time)) * 4n) / 100n;

      expect(share).to.be.greaterThan(FLOOR);
      expect(await governor.quorum(time)).to.equal(share);
      expect(await governor.quorum(before)).to.equal(FLOOR);
    });

    it("is the floor before anything was locked", async function () {
      const { governor } = await networkHelpers.loadFixture(deployed);

      expect(await governor.quorum(0n)).to.equal(FLOOR);
      expect(await governor.quorumFloorAt(0n)).to.equal(FLOOR);
    });

    for (const [outcome, late, state] of [
      ["reached by as many votes", 0n, State.Succeeded],
      ["missed by the power that a lock loses in a second", 1n, State.Defeated],
    ] as const) {
      it(`is ${outcome} (GVN-I1)`, async function () {
        const suite = await networkHelpers.loadFixture(deployed);
        const { governor, lock, holder } = suite;
        await lockFor(suite, holder, 2n * FLOOR);
        const { end } = await lock.lockOf(holder);
        const snapshot = end - 52n * WEEK + late; // half of the power is left, or a second less
        await goTo(suite, snapshot - DAY - 60n);

        await at(suite, snapshot - DAY);
        const proposal = await propose(suite, [suite.deprecate], "Close");
        await startVote(suite, proposal);
        await governor.connect(holder).castVote(proposal.id, Vote.For);
        await endVote(suite, proposal);

        const { forVotes } = await governor.proposalVotes(proposal.id);
        expect(await governor.proposalSnapshot(proposal.id)).to.equal(snapshot);
        expect(FLOOR - forVotes).to.be.lessThan(OPA);
        expect(forVotes === FLOOR).to.equal(late === 0n);
        expect(await governor.quorum(snapshot)).to.equal(FLOOR);
        expect(await governor.state(proposal.id)).to.equal(state);
      });
    }

    it("counts who abstains, but not who is against", async function () {
      const suite = await networkHelpers.loadFixture(deployed);
      const { governor, holder, voter } = suite;
      await lockFor(suite, holder, OPA);
      const abstained = await propose(suite, [suite.deprecate], "Abstained");
      const opposed = await propose(suite, [suite.deprecate], "Opposed");
      await startVote(suite, opposed);

      await governor.connect(voter).castVote(abstained.id, Vote.Abstain);
      await governor.connect(voter).castVote(opposed.id, Vote.Against);
      for (const { id } of [abstained, opposed])
        await governor.connect(holder).castVote(id, Vote.For);
      await endVote(suite, opposed);

      expect(await governor.state(abstained.id)).to.equal(State.Succeeded);
      expect(await governor.state(opposed.id)).to.equal(State.Defeated);
    });

    it("is not enough when as many are against as for (GVN-I1)", async function () {
      const suite = await networkHelpers.loadFixture(deployed);
      const { governor, holder, treasury } = suite;
      for (const account of [holder, treasury]) await lockFor(suite, account, 5_000_000n * OPA);
      const proposal = await propose(suite, [suite.deprecate], "Tied");
      await startVote(suite, proposal);

      await governor.connect(holder).castVote(proposal.id, Vote.For);
      await governor.connect(treasury).castVote(proposal.id, Vote.Against);
      await endVote(suite, proposal);

      const [againstVotes, forVotes] = await governor.proposalVotes(proposal.id);
      expect(againstVotes).to.equal(forVotes);
      expect(forVotes).to.be.greaterThan(FLOOR);
      expect(await governor.state(proposal.id)).to.equal(State.Defeated);
    });
  });

  describe("proposalDeadline (abuse cases 66 and 67)", function () {
    it("moves by the extension when the quorum comes in the last second, so that others can answer", async function () {
      const suite = await networkHelpers.loadFixture(proposed);
      const { governor, voter, holder, proposal } = suite;
      await lockFor(suite, holder, 10_000_000n * OPA);
      const deadline = await governor.proposalDeadline(proposal.id);
      await goTo(suite, deadline - 60n);

      await at(suite, deadline);
      await expect(governor.connect(holder).castVote(proposal.id, Vote.For))
        .to.emit(governor, "ProposalExtended")
        .withArgs(proposal.id, deadline + DAY);
      await at(suite, deadline + DAY);
      await governor.connect(voter).castVote(proposal.id, Vote.Against);
      await endVote(suite, proposal);

      expect(await governor.proposalDeadline(proposal.id)).to.equal(deadline + DAY);
      expect(await governor.state(proposal.id)).to.equal(State.Defeated);
    });

    it("moves once at most, whoever votes in the extension", async function () {
      const suite = await networkHelpers.loadFixture(proposed);
      const { governor, voter, holder, treasury, proposal } = suite;
      for (const account of [holder, treasury]) await lockFor(suite, account, 5_000_000n * OPA);
      const deadline = await governor.proposalDeadline(proposal.id);
      await goTo(suite, deadline - 60n);
      await at(suite, deadline);
      await governor.connect(holder).castVote(proposal.id, Vote.For);

      await at(suite, deadline + DAY - 1n);
      await governor.connect(treasury).castVote(proposal.id, Vote.For);
      await at(suite, deadline + DAY);
      await governor.connect(voter).castVote(proposal.id, Vote.Abstain);

      expect(await governor.proposalDeadline(proposal.id)).to.equal(deadline + DAY);
      const events = await governor.queryFilter(governor.filters.ProposalExtended());
      expect(events).to.have.length(1);
    });

    it("stays when the quorum comes an extension before the end, and moves by a second when it is a second later", async function () {
      const suite = await networkHelpers.loadFixture(proposed);
      const { governor, voter, proposal } = suite;
      const other = await propose(suite, [suite.deprecate], "A second later");
      const [deadline, otherDeadline] = [
        await governor.proposalDeadline(proposal.id),
        await governor.proposalDeadline(other.id),
      ];
      await goTo(suite, deadline - DAY - 60n);

      await at(suite, deadline - DAY);
      await expect(governor.connect(voter).castVote(proposal.id, Vote.For)).not.to.emit(
        governor,
        "ProposalExtended",
      );
      await at(suite, otherDeadline - DAY + 1n);
      await governor.connect(voter).castVote(other.id, Vote.For);

      expect(await governor.proposalDeadline(proposal.id)).to.equal(deadline);
      expect(await governor.proposalDeadline(other.id)).to.equal(otherDeadline + 1n);
    });

    it("stays when what comes in the last second is no quorum", async function () {
      const suite = await networkHelpers.loadFixture(proposed);
      const { governor, holder, proposal } = suite;
      await lockFor(suite, holder, FLOOR / 2n);
      const deadline = await governor.proposalDeadline(proposal.id);
      await goTo(suite, deadline - 60n);

      await at(suite, deadline);
      await governor.connect(holder).castVote(proposal.id, Vote.For);

      expect(await governor.proposalDeadline(proposal.id)).to.equal(deadline);
    });
  });

  describe("queue (GOV-3, GVN-I1)", function () {
    it("reverts before the vote is over, and when the proposal is defeated", async function () {
      const suite = await networkHelpers.loadFixture(proposed);
      const { governor, voter, proposal } = suite;
      const expectRefused = async (state: bigint) =>
        expect(governor.queue(...proposal.args))
          .to.be.revertedWithCustomError(governor, "GovernorUnexpectedProposalState")
          .withArgs(proposal.id, state, SUCCEEDED);

      await expectRefused(State.Pending);
      await startVote(suite, proposal);
      await governor.connect(voter).castVote(proposal.id, Vote.Against);
      await expectRefused(State.Active);
      await at(suite, await governor.proposalDeadline(proposal.id));
      await expectRefused(State.Active);
      await endVote(suite, proposal);

      await expectRefused(State.Defeated);
    });

    it("reverts for what was not proposed, down to the description", async function () {
      const suite = await networkHelpers.loadFixture(proposed);
      const { governor, proposal } = suite;
      await pass(suite, proposal);
      const [targets, values, calldatas, hash] = proposal.args;

      for (const args of [
        [targets, values, calldatas, ethers.id("Other")],
        [targets, [1n], calldatas, hash],
        [targets, values, ["0x"], hash],
        [[await governor.getAddress()], values, calldatas, hash],
      ] as (typeof proposal.args)[]) {
        await expect(governor.queue(...args))
          .to.be.revertedWithCustomError(governor, "GovernorNonexistentProposal")
          .withArgs(await governor.hashProposal(...args));
      }
    });

    it("reverts for the same description with other line ends, which is another proposal (V3)", async function () {
      const suite = await networkHelpers.loadFixture(deployed);
      const { governor } = suite;
      const proposal = await propose(suite, [suite.deprecate], "Title\n\nText");
      await pass(suite, proposal);
      const [targets, values, calldatas] = proposal.args;
      const other = [targets, values, calldatas, ethers.id("Title\r\n\r\nText")] as const;

      await expect(governor.queue(...other))
        .to.be.revertedWithCustomError(governor, "GovernorNonexistentProposal")
        .withArgs(await governor.hashProposal(...other));
      await governor.queue(...proposal.args);

      expect(await governor.state(proposal.id)).to.equal(State.Queued);
    });

    it("schedules for the delay of the timelock, by anyone, once", async function () {
      const suite = await networkHelpers.loadFixture(proposed);
      const { governor, stranger, timelock, proposal } = suite;
      await pass(suite, proposal);
      const time = (await now(suite)) + 60n;
      const operation = await operationOf(suite, proposal);
      const [targets, values, calldatas, predecessor, salt] = await batchOf(suite, proposal);

      await at(suite, time);
      await expect(governor.connect(stranger).queue(...proposal.args))
        .to.emit(governor, "ProposalQueued")
        .withArgs(proposal.id, time + 2n * DAY)
        .and.to.emit(timelock, "CallScheduled")
        .withArgs(operation, 0n, targets[0], values[0], calldatas[0], predecessor, 2n * DAY)
        .and.to.emit(timelock, "CallSalt")
        .withArgs(operation, salt);

      expect(await governor.proposalEta(proposal.id)).to.equal(time + 2n * DAY);
      expect(await timelock.getTimestamp(operation)).to.equal(time + 2n * DAY);
      await expect(governor.queue(...proposal.args))
        .to.be.revertedWithCustomError(governor, "GovernorUnexpectedProposalState")
        .withArgs(proposal.id, State.Queued, SUCCEEDED);
    });
  });

  describe("execute (GOV-3, GVN-I1)", function () {
    it("reverts until it was queued", async function () {
      const suite = await networkHelpers.loadFixture(proposed);
      const { governor, proposal } = suite;
      const expectRefused = async (state: bigint) =>
        expect(governor.execute(...proposal.args))
          .to.be.revertedWithCustomError(governor, "GovernorUnexpectedProposalState")
          .withArgs(proposal.id, state, QUEUED);

      await expectRefused(State.Pending);
      await startVote(suite, proposal);
      await expectRefused(State.Active);
      await governor.connect(suite.voter).castVote(proposal.id, Vote.For);
      await endVote(suite, proposal);

      await expectRefused(State.Succeeded);
    });

    it("reverts until the delay is over, at Governor and timelock, and works a second later by anyone (abuse case 70)", async function () {
      const suite = await networkHelpers.loadFixture(proposed);
      const { governor, registry, stranger, timelock, proposal } = suite;
      await enqueue(suite, proposal);
      const eta = await governor.proposalEta(proposal.id);
      const operation = await operationOf(suite, proposal);
      const batch = await batchOf(suite, proposal);
      await goTo(suite, eta - 60n);

      for (const execute of [
        () => governor.connect(stranger).execute(...proposal.args),
        () => timelock.connect(stranger).executeBatch(...batch),
      ]) {
        await at(suite, eta - 1n);
        await expect(execute())
          .to.be.revertedWithCustomError(timelock, "TimelockUnexpectedOperationState")
          .withArgs(operation, READY);
      }
      await at(suite, eta);
      await expect(governor.connect(stranger).execute(...proposal.args))
        .to.emit(governor, "ProposalExecuted")
        .withArgs(proposal.id)
        .and.to.emit(registry, "ResourceDeprecated");

      expect(await governor.state(proposal.id)).to.equal(State.Executed);
    });

    it("shows what was executed at the timelock as executed, and executes it no second time (GVN-I3, abuse case 69)", async function () {
      const suite = await networkHelpers.loadFixture(proposed);
      const { governor, guardian, registry, stranger, timelock, proposal } = suite;
      await mature(suite, proposal);
      const operation = await operationOf(suite, proposal);
      const batch = await batchOf(suite, proposal);

      await expect(timelock.connect(stranger).executeBatch(...batch)).to.emit(
        registry,
        "ResourceDeprecated",
      );

      expect(await governor.state(proposal.id)).to.equal(State.Executed);
      await expect(governor.execute(...proposal.args))
        .to.be.revertedWithCustomError(governor, "GovernorUnexpectedProposalState")
        .withArgs(proposal.id, State.Executed, QUEUED);
      await expect(timelock.executeBatch(...batch))
        .to.be.revertedWithCustomError(timelock, "TimelockUnexpectedOperationState")
        .withArgs(operation, READY);
      await expect(governor.connect(guardian).cancel(...proposal.args))
        .to.be.revertedWithCustomError(governor, "GovernorUnexpectedProposalState")
        .withArgs(proposal.id, State.Executed, CANCELLABLE);
    });

    it("is final: what was executed is not queued, executed or cancelled again (GVN-I3)", async function () {
      const suite = await networkHelpers.loadFixture(proposed);
      const { governor, guardian, timelock, proposal } = suite;
      await mature(suite, proposal);
      await governor.execute(...proposal.args);
      const batch = await batchOf(suite, proposal);

      for (const [call, allowed] of [
        [() => governor.queue(...proposal.args), SUCCEEDED],
        [() => governor.execute(...proposal.args), QUEUED],
        [() => governor.connect(guardian).cancel(...proposal.args), CANCELLABLE],
      ] as const) {
        await expect(call())
          .to.be.revertedWithCustomError(governor, "GovernorUnexpectedProposalState")
          .withArgs(proposal.id, State.Executed, allowed);
      }
      await expect(timelock.executeBatch(...batch))
        .to.be.revertedWithCustomError(timelock, "TimelockUnexpectedOperationState")
        .withArgs(await operationOf(suite, proposal), READY);
    });

    it("does all of a proposal or nothing, and leaves it queued when a call reverts", async function () {
      const suite = await networkHelpers.loadFixture(deployed);
      const { deprecate, governor, registry } = suite;
      const unknown = registry.interface.encodeFunctionData("deprecate", [99n]);
      const proposal = await prepare(suite, [deprecate, [registry, unknown]], "Half");
      const before = await registry.resourceOf(1n);

      await expect(governor.execute(...proposal.args)).to.be.revertedWithCustomError(
        registry,
        "ResourceRegistryUnknownResource",
      );

      expect(await governor.state(proposal.id)).to.equal(State.Queued);
      expect(await registry.resourceOf(1n)).to.deep.equal(before);
    });

    it("sends ETH on that the execution brings, and none that nobody brought (abuse case 68)", async function () {
      const suite = await networkHelpers.loadFixture(deployed);
      const { governor, stranger, timelock } = suite;
      const proposal = await prepare(suite, [[timelock, "0x", 7n]], "Fund the timelock");

      await expect(governor.execute(...proposal.args)).to.be.revertedWithCustomError(
        timelock,
        "FailedCall",
      );
      await expect(
        governor.connect(stranger).execute(...proposal.args, { value: 7n }),
      ).to.changeEtherBalances(ethers, [stranger, governor, timelock], [-7n, 0n, 7n]);

      expect(await governor.state(proposal.id)).to.equal(State.Executed);
    });

    it("reverts when a module is sent ETH, and keeps none (SYS-I6, abuse case 68)", async function () {
      const suite = await networkHelpers.loadFixture(deployed);
      const { deprecate, governor, stranger, timelock } = suite;
      const [target, data] = deprecate;
      const proposal = await prepare(suite, [[target, data, 1n]], "Pay the registry");

      await expect(
        governor.connect(stranger).execute(...proposal.args, { value: 1n }),
      ).to.be.revertedWithCustomError(timelock, "FailedCall");

      await expect(
        stranger.sendTransaction({ to: governor, value: 1n }),
      ).to.be.revertedWithCustomError(governor, "GovernorDisabledDeposit");
      expect(await ethers.provider.getBalance(governor)).to.equal(0n);
    });
  });

  describe("cancel (GOV-3, GVN-I3, abuse case 69)", function () {
    /** States that a proposal can reach before it is cancelled. */
    const STAGES: [string, bigint, (suite: GovernedSuite, proposal: Proposal) => Promise<void>][] =
      [
        ["before the vote", State.Pending, () => Promise.resolve()],
        ["during the vote", State.Active, startVote],
        ["after it succeeded", State.Succeeded, pass],
        ["after it was queued", State.Queued, enqueue],
        ["when it can be executed", State.Queued, mature],
      ];

    for (const [stage, state, bring] of STAGES) {
      it(`reverts for strangers and voters ${stage}`, async function () {
        const suite = await networkHelpers.loadFixture(proposed);
        const { deployer, governor, holder, stranger, proposal } = suite;
        await bring(suite, proposal);

        expect(await governor.state(proposal.id)).to.equal(state);
        for (const caller of [stranger, holder, deployer]) {
          await expect(governor.connect(caller).cancel(...proposal.args))
            .to.be.revertedWithCustomError(governor, "GovernorUnableToCancel")
            .withArgs(proposal.id, caller);
        }
      });

      it(`stops a proposal for good when the guardian calls it ${stage}`, async function () {
        const suite = await networkHelpers.loadFixture(proposed);
        const { governor, guardian, registry, timelock, voter, proposal } = suite;
        await bring(suite, proposal);
        const operation = await operationOf(suite, proposal);
        const wasScheduled = await timelock.isOperation(operation);

        const cancellation = governor.connect(guardian).cancel(...proposal.args);

        await expect(cancellation).to.emit(governor, "ProposalCanceled").withArgs(proposal.id);
        if (wasScheduled)
          await expect(cancellation).to.emit(timelock, "Cancelled").withArgs(operation);
        else await expect(cancellation).not.to.emit(timelock, "Cancelled");
        expect(wasScheduled).to.equal(state === State.Queued);

        await networkHelpers.time.increase(30n * DAY);
        expect(await governor.state(proposal.id)).to.equal(State.Canceled);
        expect(await timelock.isOperation(operation)).to.equal(false);
        await expectStopped(suite, proposal);
        await expect(governor.connect(voter).castVote(proposal.id, Vote.For))
          .to.be.revertedWithCustomError(governor, "GovernorUnexpectedProposalState")
          .withArgs(proposal.id, State.Canceled, bitmap(State.Active));
        expect(await registry.queryFilter(registry.filters.ResourceDeprecated())).to.have.length(0);
      });
    }

    /** Neither Governor nor timelock accept a cancelled proposal from any caller. */
    async function expectStopped(suite: GovernedSuite, proposal: Proposal) {
      const { governor, guardian, timelock } = suite;
      for (const [call, allowed] of [
        [() => governor.queue(...proposal.args), SUCCEEDED],
        [() => governor.execute(...proposal.args), QUEUED],
        [() => governor.connect(guardian).cancel(...proposal.args), CANCELLABLE],
      ] as const) {
        await expect(call())
          .to.be.revertedWithCustomError(governor, "GovernorUnexpectedProposalState")
          .withArgs(proposal.id, State.Canceled, allowed);
      }
      const batch = await batchOf(suite, proposal);
      await expect(timelock.executeBatch(...batch))
        .to.be.revertedWithCustomError(timelock, "TimelockUnexpectedOperationState")
        .withArgs(await operationOf(suite, proposal), READY);
    }

    it("reverts for a proposal that does not exist, for guardian and proposer alike", async function () {
      const suite = await networkHelpers.loadFixture(proposed);
      const { governor, guardian, voter, proposal } = suite;
      const [targets, values, calldatas] = proposal.args;
      const args = [targets, values, calldatas, ethers.id("Other")] as typeof proposal.args;

      for (const caller of [guardian, voter]) {
        await expect(governor.connect(caller).cancel(...args))
          .to.be.revertedWithCustomError(governor, "GovernorNonexistentProposal")
          .withArgs(await governor.hashProposal(...args));
      }
    });

    it("is open to the proposer until the vote begins", async function () {
      const suite = await networkHelpers.loadFixture(proposed);
      const { governor, voter, proposal } = suite;
      const snapshot = await governor.proposalSnapshot(proposal.id);
      await goTo(suite, snapshot - 60n);

      await at(suite, snapshot);
      await expect(governor.connect(voter).cancel(...proposal.args))
        .to.emit(governor, "ProposalCanceled")
        .withArgs(proposal.id);
      await networkHelpers.time.increase(30n * DAY);

      expect(await governor.state(proposal.id)).to.equal(State.Canceled);
      await expectStopped(suite, proposal);
    });

    it("is closed to the proposer from the first second of the vote on", async function () {
      const suite = await networkHelpers.loadFixture(proposed);
      const { governor, voter, proposal } = suite;
      const cancel = () => governor.connect(voter).cancel(...proposal.args);
      const expectRefused = async () =>
        expect(cancel())
          .to.be.revertedWithCustomError(governor, "GovernorUnableToCancel")
          .withArgs(proposal.id, voter);

      await at(suite, (await governor.proposalSnapshot(proposal.id)) + 1n);
      await expectRefused();
      await pass(suite, proposal);
      await expectRefused();
      await governor.queue(...proposal.args);

      await expectRefused();
    });

    it("is open to the guardian in the last second of its term, and closed in the next", async function () {
      const suite = await networkHelpers.loadFixture(deployed);
      const { deprecate, governor, guardian } = suite;
      const expiry = await governor.guardianExpiresAt();
      await goTo(suite, expiry - 10n * DAY);
      const [first, second] = [
        await propose(suite, [deprecate], "In time"),
        await propose(suite, [deprecate], "Too late"),
      ];
      for (const proposal of [first, second]) await startVote(suite, proposal);
      await goTo(suite, expiry - 60n);

      await at(suite, expiry - 1n);
      await governor.connect(guardian).cancel(...first.args);
      await at(suite, expiry);

      await expect(governor.connect(guardian).cancel(...second.args))
        .to.be.revertedWithCustomError(governor, "GovernorUnableToCancel")
        .withArgs(second.id, guardian);
      expect(await governor.state(first.id)).to.equal(State.Canceled);
    });

    it("is closed to the proposer once the vote runs, also when the guardian's term is over", async function () {
      const suite = await networkHelpers.loadFixture(deployed);
      const { deprecate, governor, voter } = suite;
      await goTo(suite, await governor.guardianExpiresAt());
      const [first, second] = [
        await propose(suite, [deprecate], "Begun"),
        await propose(suite, [deprecate], "Not begun"),
      ];
      await governor.connect(voter).cancel(...second.args);
      await startVote(suite, first);

      await expect(governor.connect(voter).cancel(...first.args))
        .to.be.revertedWithCustomError(governor, "GovernorUnableToCancel")
        .withArgs(first.id, voter);
      expect(await governor.state(second.id)).to.equal(State.Canceled);
    });

    it("leaves other proposals with the same calls alone", async function () {
      const suite = await networkHelpers.loadFixture(proposed);
      const { deprecate, governor, guardian, registry, proposal } = suite;
      const other = await propose(suite, [deprecate], "Another reason");
      await startVote(suite, other);
      for (const { id } of [proposal, other])
        await governor.connect(suite.voter).castVote(id, Vote.For);
      await endVote(suite, other);
      for (const { args } of [proposal, other]) await governor.queue(...args);

      await governor.connect(guardian).cancel(...proposal.args);
      await goTo(suite, await governor.proposalEta(other.id));

      await expect(governor.execute(...other.args)).to.emit(registry, "ResourceDeprecated");
      await expectStopped(suite, proposal);
    });
  });
});
