import { expect } from "chai";
import { encodeBytes32String, id, ZeroAddress, type BaseContract } from "ethers";
import { network } from "hardhat";

import { DAY, OPA } from "../../support/release.js";
import { deploySuite, PARAMETERS } from "../../support/suite.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;

const { votingDelay, votingPeriod, proposalThreshold, quorumFloor, voteExtension } =
  PARAMETERS.governance;
const { minDelay } = PARAMETERS.timelock;
const State = { Pending: 0n, Active: 1n, Canceled: 2n, Defeated: 3n, Queued: 5n, Executed: 7n };
const [AGAINST, FOR] = [0n, 1n];
const FLOOR = encodeBytes32String("governor/quorum-floor");
const MAX_EXTENSION = 2n * DAY;

type Action = readonly [target: BaseContract | string, data: string, value?: bigint];

/** Votes with alice (4M locked for two years), bob (3M) and carol, whose lock of 20M ends in three to four weeks. */
async function voting() {
  const suite = await deploySuite(connection);
  const signers = await ethers.getSigners();
  const [alice, bob, carol, stranger] = signers.slice(10, 14);
  if (!alice || !bob || !carol || !stranger) throw new Error("fourteen signers expected");
  const sponsor = await ethers.getSigner(PARAMETERS.grants[6]?.beneficiary ?? "");
  const { lock, token, vault } = suite;
  await vault.claim(7n);
  const { earliest, latest } = await lock.endRange();
  const shortEnd = earliest + 14n * DAY;
  for (const [voter, amount, end] of [
    [alice, 4_000_000n, latest],
    [bob, 3_000_000n, latest],
    [carol, 20_000_000n, shortEnd],
  ] as const) {
    await token.connect(sponsor).transfer(voter, amount * OPA);
    await token.connect(voter).approve(lock, amount * OPA);
    await lock.connect(voter).lock(amount * OPA, end);
  }
  await time.increase(60);
  return { ...suite, alice, bob, carol, stranger, shortEnd };
}

type Suite = Awaited<ReturnType<typeof voting>>;

/** The arguments of a proposal, and its id. */
async function plan({ governor }: Suite, actions: readonly Action[], description: string) {
  const targets: string[] = [];
  for (const [target] of actions)
    targets.push(typeof target === "string" ? target : await target.getAddress());
  const values = actions.map(([, , value]) => value ?? 0n);
  const calldatas = actions.map(([, data]) => data);
  const key = await governor.hashProposal(targets, values, calldatas, id(description));
  return { call: [targets, values, calldatas] as const, description, key };
}

type Plan = Awaited<ReturnType<typeof plan>>;

/** A change of κ, which every decision of these tests is about unless it says otherwise. */
async function lowerKappa(suite: Suite, description = "Lower κ") {
  const { incentiveVault } = suite;
  const kappa = await incentiveVault.KAPPA();
  const data = incentiveVault.interface.encodeFunctionData("announce", [kappa, 4_500n]);
  return plan(suite, [[incentiveVault, data]], description);
}

async function propose({ governor, alice }: Suite, { call, description }: Plan) {
  await governor.connect(alice).propose(...call, description);
}

/** Carries a decision up to its success. */
async function pass(suite: Suite, proposal: Plan) {
  await propose(suite, proposal);
  await time.increase(votingDelay + 1n);
  await suite.governor.connect(suite.alice).castVote(proposal.key, FOR);
  await time.increase(votingPeriod);
}

/** Carries a decision to its execution. */
async function decide(suite: Suite, actions: readonly Action[], description: string) {
  const proposal = await plan(suite, actions, description);
  await pass(suite, proposal);
  await suite.governor.queue(...proposal.call, id(description));
  await time.increase(minDelay);
  return suite.governor.execute(...proposal.call, id(description));
}

describe("OPAGovernor (GOV-3, GOV-4)", function () {
  describe("propose", function () {
    it("reverts for lists that do not match or are empty", async function () {
      const suite = await networkHelpers.loadFixture(voting);
      const { governor, alice, addresses } = suite;

      for (const [targets, values, calldatas] of [
        [[], [], []],
        [[addresses.pool], [], ["0x"]],
        [[addresses.pool], [0n], []],
      ] as [string[], bigint[], string[]][])
        await expect(governor.connect(alice).propose(targets, values, calldatas, "x"))
          .to.be.revertedWithCustomError(governor, "GovernorInvalidProposalLength")
          .withArgs(targets.length, calldatas.length, values.length);
    });

    it("takes calls of any address: the delay and the reader protect, not a list", async function () {
      const suite = await networkHelpers.loadFixture(voting);
      const { accessManager, directory, governor, timelock, vault, stranger } = suite;
      const targets = [accessManager, timelock, directory, governor, vault];
      const actions = targets.map((target): Action => [target, "0x"]);
      const proposal = await plan(suite, [...actions, [stranger.address, "0x"]], "all of them");

      await propose(suite, proposal);

      expect(await governor.state(proposal.key)).to.equal(State.Pending);
    });

    it("takes a proposal one second after the lock, though nothing was delegated (V1)", async function () {
      const suite = await networkHelpers.loadFixture(voting);
      const { governor, lock, token, bob, stranger } = suite;
      const sponsor = await ethers.getSigner(PARAMETERS.grants[6]?.beneficiary ?? "");
      await token.connect(sponsor).transfer(stranger, 4_000_000n * OPA);
      await token.connect(stranger).approve(lock, 4_000_000n * OPA);
      await lock.connect(stranger).lock(4_000_000n * OPA, (await lock.endRange()).latest);
      const { call, description, key } = await lowerKappa(suite);

      await governor.connect(stranger).propose(...call, description);

      expect(await governor.state(key)).to.equal(State.Pending);
      expect(await lock.delegates(stranger)).to.equal(stranger);
      expect(await lock.delegates(bob)).to.equal(bob);
    });

    it("reverts for more actions than there may be", async function () {
      const suite = await networkHelpers.loadFixture(voting);
      const actions = Array.from({ length: 33 }, (): Action => [suite.vault, "0x"]);

      await expect(propose(suite, await plan(suite, actions, "x")))
        .to.be.revertedWithCustomError(suite.governor, "OPAGovernorTooManyActions")
        .withArgs(33n, 32n);
    });

    it("reverts below the threshold, and for the same proposal twice (abuse case 67)", async function () {
      const suite = await networkHelpers.loadFixture(voting);
      const { governor, stranger } = suite;
      const proposal = await lowerKappa(suite);

      await expect(governor.connect(stranger).propose(...proposal.call, "Lower κ"))
        .to.be.revertedWithCustomError(governor, "GovernorInsufficientProposerVotes")
        .withArgs(stranger, 0n, proposalThreshold);
      await propose(suite, proposal);
      await expect(propose(suite, proposal)).to.be.revertedWithCustomError(
        governor,
        "GovernorUnexpectedProposalState",
      );
    });

    it("keeps a description that names another proposer from being taken (abuse case 67)", async function () {
      const suite = await networkHelpers.loadFixture(voting);
      const proposal = await lowerKappa(suite, `Lower κ#proposer=${suite.bob.address}`);

      await expect(propose(suite, proposal))
        .to.be.revertedWithCustomError(suite.governor, "GovernorRestrictedProposer")
        .withArgs(suite.alice);
    });
  });

  describe("votes (GVN-I1, GVN-I2)", function () {
    it("count once, at the snapshot, from the second after it to the deadline (abuse cases 60 and 72)", async function () {
      const suite = await networkHelpers.loadFixture(voting);
      const { governor, lock, alice, bob } = suite;
      const proposal = await lowerKappa(suite);
      await propose(suite, proposal);
      await expect(
        governor.connect(alice).castVote(proposal.key, FOR),
      ).to.be.revertedWithCustomError(governor, "GovernorUnexpectedProposalState");
      await time.increase(votingDelay + 1n);
      const snapshot = await governor.proposalSnapshot(proposal.key);
      await lock.connect(bob).delegate(alice); // after the snapshot
      const votes = await lock.getPastVotes(alice, snapshot);

      await expect(governor.connect(alice).castVote(proposal.key, FOR))
        .to.emit(governor, "VoteCast")
        .withArgs(alice, proposal.key, FOR, votes, "");
      await expect(governor.connect(alice).castVote(proposal.key, FOR))
        .to.be.revertedWithCustomError(governor, "GovernorAlreadyCastVote")
        .withArgs(alice);
      await governor.connect(bob).castVote(proposal.key, AGAINST);
      const tally = await governor.proposalVotes(proposal.key);
      expect([tally.forVotes, tally.againstVotes]).to.deep.equal([
        votes,
        await lock.getPastVotes(bob, snapshot),
      ]);
      expect(tally.forVotes + tally.againstVotes).to.be.lessThanOrEqual(
        await lock.getPastTotalSupply(snapshot),
      );
    });

    it("votes count nothing for OPA locked after the snapshot (abuse case 60)", async function () {
      const suite = await networkHelpers.loadFixture(voting);
      const { governor, lock, token, stranger } = suite;
      const proposal = await lowerKappa(suite);
      await propose(suite, proposal);
      await time.increase(votingDelay + 1n);
      const sponsor = await ethers.getSigner(PARAMETERS.grants[6]?.beneficiary ?? "");
      await token.connect(sponsor).transfer(stranger, 5_000_000n * OPA);
      await token.connect(stranger).approve(lock, 5_000_000n * OPA);
      const { latest } = await lock.endRange();
      await lock.connect(stranger).lock(5_000_000n * OPA, latest);

      await expect(governor.connect(stranger).castVote(proposal.key, FOR))
        .to.emit(governor, "VoteCast")
        .withArgs(stranger, proposal.key, FOR, 0n, "");
    });

    it("count by signature once, and not with another's, for another chain or contract, or a used nonce (abuse case 16)", async function () {
      const suite = await networkHelpers.loadFixture(voting);
      const { governor, alice, bob, stranger } = suite;
      const proposal = await lowerKappa(suite);
      await propose(suite, proposal);
      await time.increase(votingDelay + 1n);
      const { chainId } = await ethers.provider.getNetwork();
      const verifyingContract = await governor.getAddress();
      const domain = { name: "OPA Governor", version: "1", chainId, verifyingContract };
      const types = {
        Ballot: [
          { name: "proposalId", type: "uint256" },
          { name: "support", type: "uint8" },
          { name: "voter", type: "address" },
          { name: "nonce", type: "uint256" },
        ],
      };
      const ballot = { proposalId: proposal.key, support: FOR, voter: bob.address, nonce: 0n };
      const signature = await bob.signTypedData(domain, types, ballot);
      const cast = governor.connect(stranger);

      for (const wrong of [
        { chainId: chainId + 1n },
        { verifyingContract: suite.addresses.lock },
        { name: "Governor" },
        { version: "2" },
      ]) {
        const foreign = await bob.signTypedData({ ...domain, ...wrong }, types, ballot);
        await expect(cast.castVoteBySig(proposal.key, FOR, bob, foreign))
          .to.be.revertedWithCustomError(governor, "GovernorInvalidSignature")
          .withArgs(bob);
      }
      await expect(cast.castVoteBySig(proposal.key, FOR, alice, signature))
        .to.be.revertedWithCustomError(governor, "GovernorInvalidSignature")
        .withArgs(alice);
      await cast.castVoteBySig(proposal.key, FOR, bob, signature);
      await expect(cast.castVoteBySig(proposal.key, FOR, bob, signature))
        .to.be.revertedWithCustomError(governor, "GovernorInvalidSignature")
        .withArgs(bob);
      expect(await governor.hasVoted(proposal.key, bob)).to.equal(true);
    });
  });

  describe("quorum (GVN-I5, abuse case 66)", function () {
    it("is the larger of 4% of all votes at the snapshot and the floor", async function () {
      const suite = await networkHelpers.loadFixture(voting);
      const { governor, lock } = suite;
      const now = BigInt(await time.latest()) - 1n;
      const total = await lock.getPastTotalSupply(now);

      expect((total * 4n) / 100n).to.be.lessThan(quorumFloor);
      expect(await governor.quorum(now)).to.equal(quorumFloor);
      const { latest } = await lock.endRange();
      await lock.connect(suite.carol).extend(latest);
      await time.increase(10);
      const later = BigInt(await time.latest()) - 1n;
      const share = ((await lock.getPastTotalSupply(later)) * 4n) / 100n;
      expect(share).to.be.greaterThan(quorumFloor);
      expect(await governor.quorum(later)).to.equal(share);
      expect(await governor.quorum(now)).to.equal(quorumFloor);
    });

    it("defeats what a small locked supply alone wants", async function () {
      const suite = await networkHelpers.loadFixture(voting);
      const { governor, carol } = suite;
      const proposal = await lowerKappa(suite);
      await governor.connect(suite.alice).propose(...proposal.call, "Lower κ");
      await time.increase(votingDelay + 1n);
      // 20M for three weeks are more than 4% of all votes, and less than the floor of 1,000,000.
      await governor.connect(carol).castVote(proposal.key, FOR);
      await time.increase(votingPeriod + 1n);
      const { forVotes } = await governor.proposalVotes(proposal.key);
      const snapshot = await governor.proposalSnapshot(proposal.key);
      const share = ((await suite.lock.getPastTotalSupply(snapshot)) * 4n) / 100n;
      expect(forVotes).to.be.greaterThan(share);
      expect(forVotes).to.be.lessThan(quorumFloor);

      expect(await governor.state(proposal.key)).to.equal(State.Defeated);
    });

    it("stays what it was for a vote that is over, whatever the floor becomes (GVN-I3)", async function () {
      const suite = await networkHelpers.loadFixture(voting);
      const { governor, carol } = suite;
      const proposal = await lowerKappa(suite, "too few");
      await propose(suite, proposal);
      await time.increase(votingDelay + 1n);
      await governor.connect(carol).castVote(proposal.key, FOR);
      const { forVotes } = await governor.proposalVotes(proposal.key);
      await time.increase(votingPeriod + 1n);
      expect(await governor.state(proposal.key)).to.equal(State.Defeated);

      let floor = quorumFloor;
      while (floor > forVotes) {
        floor = floor / 2n > forVotes ? floor / 2n : floor / 2n + floor / 2n / 100n;
        const data = governor.interface.encodeFunctionData("announce", [FLOOR, floor]);
        await decide(suite, [[governor, data]], `floor ${floor}`);
        await time.increase(31n * DAY);
        if (floor < 200_000n * OPA) break;
      }

      const now = BigInt(await time.latest()) - 1n;
      expect(await governor.quorumFloorAt(now)).to.equal(floor);
      expect(floor).to.be.lessThan(forVotes);
      const snapshot = await governor.proposalSnapshot(proposal.key);
      const total = await suite.lock.getPastTotalSupply(snapshot);
      expect((total * 4n) / 100n).to.be.lessThan(forVotes);
      expect(await governor.state(proposal.key)).to.equal(State.Defeated);
    });

    it("extends the vote if it is reached late, once (abuse case 67)", async function () {
      const suite = await networkHelpers.loadFixture(voting);
      const { governor, alice, bob } = suite;
      const proposal = await lowerKappa(suite);
      await propose(suite, proposal);
      const deadline = await governor.proposalDeadline(proposal.key);
      await time.increaseTo(deadline - 10n);

      await time.setNextBlockTimestamp(deadline);
      await expect(governor.connect(alice).castVote(proposal.key, FOR))
        .to.emit(governor, "ProposalExtended")
        .withArgs(proposal.key, deadline + voteExtension);
      await time.setNextBlockTimestamp(deadline + voteExtension);
      await expect(governor.connect(bob).castVote(proposal.key, AGAINST)).not.to.emit(
        governor,
        "ProposalExtended",
      );
      expect(await governor.proposalDeadline(proposal.key)).to.equal(deadline + voteExtension);
    });
  });

  describe("holds (GOV-4)", function () {
    it("holds keep a proposer's and a voter's lock until the vote can no longer last, and not a second longer", async function () {
      const suite = await networkHelpers.loadFixture(voting);
      const { governor, lock, carol, shortEnd } = suite;
      await time.increaseTo(shortEnd - 5n * DAY);
      const proposal = await lowerKappa(suite);
      await propose(suite, proposal);
      await time.increaseTo(shortEnd - 60n * 60n);
      await governor.connect(carol).castVote(proposal.key, FOR);
      const latest = (await governor.proposalSnapshot(proposal.key)) + votingPeriod + MAX_EXTENSION;
      expect(latest > shortEnd).to.equal(true);
      expect((await lock.lockOf(carol)).heldUntil).to.equal(latest);

      for (const second of [shortEnd, latest]) {
        await time.setNextBlockTimestamp(second);
        await expect(lock.connect(carol).withdraw())
          .to.be.revertedWithCustomError(lock, "GovernanceLockNotWithdrawable")
          .withArgs(carol, latest + 1n);
      }
      await time.setNextBlockTimestamp(latest + 1n);
      await lock.connect(carol).withdraw();
    });

    it("holds let a delegatee without a lock vote, and hold no account that delegated", async function () {
      const suite = await networkHelpers.loadFixture(voting);
      const { governor, lock, bob, stranger } = suite;
      await lock.connect(bob).delegate(stranger);
      await time.increase(10);
      const proposal = await lowerKappa(suite);
      await propose(suite, proposal);
      await time.increase(votingDelay + 1n);

      await governor.connect(stranger).castVote(proposal.key, FOR);

      expect((await lock.lockOf(bob)).heldUntil).to.equal(0n);
      expect((await lock.lockOf(stranger)).amount).to.equal(0n);
    });
  });

  describe("cancel (GVN-I3, abuse case 69)", function () {
    for (const [moment, advance] of [
      ["before the vote", async () => Promise.resolve()],
      ["during the vote", async () => time.increase(votingDelay + 10n)],
      [
        "after it has passed",
        async (suite: Suite, { key }: Plan) => {
          await time.increase(votingDelay + 1n);
          await suite.governor.connect(suite.alice).castVote(key, FOR);
          await time.increase(votingPeriod);
        },
      ],
      [
        "while it waits in the timelock",
        async (suite: Suite, { key, call, description }: Plan) => {
          await time.increase(votingDelay + 1n);
          await suite.governor.connect(suite.alice).castVote(key, FOR);
          await time.increase(votingPeriod);
          await suite.governor.queue(...call, id(description));
        },
      ],
    ] as [string, (suite: Suite, proposal: Plan) => Promise<unknown>][])
      it(`a cancellation by the guardian ${moment} is final, at the timelock too`, async function () {
        const suite = await networkHelpers.loadFixture(voting);
        const { governor, guardian, timelock, stranger } = suite;
        const proposal = await lowerKappa(suite);
        await propose(suite, proposal);
        await advance(suite, proposal);
        const hash = id(proposal.description);

        await governor.connect(guardian).cancel(...proposal.call, hash);

        expect(await governor.state(proposal.key)).to.equal(State.Canceled);
        await time.increase(votingDelay + votingPeriod + minDelay);
        for (const step of ["queue", "execute"] as const)
          await expect(governor[step](...proposal.call, hash)).to.be.revertedWithCustomError(
            governor,
            "GovernorUnexpectedProposalState",
          );
        const salt = ethers.toBeHex(BigInt(await governor.getAddress()) << 96n, 32);
        const mixed = ethers.toBeHex(BigInt(salt) ^ BigInt(hash), 32);
        await expect(
          timelock.connect(stranger).executeBatch(...proposal.call, ethers.ZeroHash, mixed),
        ).to.be.revertedWithCustomError(timelock, "TimelockUnexpectedOperationState");
      });

    it("is the proposer's before the vote only, and nobody else's", async function () {
      const suite = await networkHelpers.loadFixture(voting);
      const { governor, alice, bob } = suite;
      const [first, second] = [await lowerKappa(suite, "first"), await lowerKappa(suite, "second")];
      await propose(suite, first);
      await propose(suite, second);

      await expect(governor.connect(bob).cancel(...first.call, id("first")))
        .to.be.revertedWithCustomError(governor, "GovernorUnableToCancel")
        .withArgs(first.key, bob);
      await governor.connect(alice).cancel(...first.call, id("first"));
      await time.increase(votingDelay + 1n);
      await expect(governor.connect(alice).cancel(...second.call, id("second")))
        .to.be.revertedWithCustomError(governor, "GovernorUnableToCancel")
        .withArgs(second.key, alice);
    });

    it("is not the guardian's after its term, nor the proposer's then", async function () {
      const suite = await networkHelpers.loadFixture(voting);
      const { governor, guardian, alice } = suite;
      await time.increaseTo(await governor.guardianExpiresAt());
      const proposal = await lowerKappa(suite);
      await propose(suite, proposal);
      await time.increase(votingDelay + 1n);

      for (const caller of [guardian, alice])
        await expect(governor.connect(caller).cancel(...proposal.call, id("Lower κ")))
          .to.be.revertedWithCustomError(governor, "GovernorUnableToCancel")
          .withArgs(proposal.key, caller);
    });

    it("a cancellation is all that the guardian can do", async function () {
      const { governor, guardian } = await networkHelpers.loadFixture(voting);

      await expect(governor.connect(guardian).setProposalGuardian(guardian))
        .to.be.revertedWithCustomError(governor, "GovernorOnlyExecutor")
        .withArgs(guardian);
      await expect(governor.connect(guardian).announce(FLOOR, 1n))
        .to.be.revertedWithCustomError(governor, "AccessManagedUnauthorized")
        .withArgs(guardian);
    });
  });

  describe("execution (GVN-I1, abuse cases 68 and 70)", function () {
    it("waits for vote and delay, and is anyone's", async function () {
      const suite = await networkHelpers.loadFixture(voting);
      const { governor, incentiveVault, stranger } = suite;
      const proposal = await lowerKappa(suite);
      await pass(suite, proposal);
      const hash = id("Lower κ");
      await governor.connect(stranger).queue(...proposal.call, hash);
      const eta = await governor.proposalEta(proposal.key);

      await time.setNextBlockTimestamp(eta - 1n);
      await expect(governor.execute(...proposal.call, hash)).to.be.revert(ethers);
      await time.setNextBlockTimestamp(eta);
      await expect(governor.connect(stranger).execute(...proposal.call, hash)).to.emit(
        incentiveVault,
        "ParameterAnnounced",
      );
      expect(await governor.state(proposal.key)).to.equal(State.Executed);
    });

    it("refuses settings outside their bounds, too far, too soon and unchanged, by decision too", async function () {
      const suite = await networkHelpers.loadFixture(voting);
      const { governor } = suite;
      const set = (name: "setVotingDelay", value: bigint): Action => [
        governor,
        governor.interface.encodeFunctionData(name, [value]),
      ];
      let count = 0;
      const attempt = async (name: string, value: bigint) => {
        count += 1;
        return decide(suite, [set(name as "setVotingDelay", value)], `setting ${count}`);
      };

      await expect(attempt("setVotingDelay", 60n))
        .to.be.revertedWithCustomError(governor, "OPAGovernorOutOfBounds")
        .withArgs(encodeBytes32String("voting-delay"), 60n, 3_600n, 14n * DAY);
      await expect(attempt("setVotingDelay", 2n * DAY))
        .to.be.revertedWithCustomError(governor, "OPAGovernorInvalidStep")
        .withArgs(encodeBytes32String("voting-delay"), 2n * DAY, DAY);
      await expect(attempt("setVotingDelay", DAY))
        .to.be.revertedWithCustomError(governor, "OPAGovernorInvalidStep")
        .withArgs(encodeBytes32String("voting-delay"), DAY, DAY);
      await expect(attempt("updateQuorumNumerator", 0n))
        .to.be.revertedWithCustomError(governor, "OPAGovernorOutOfBounds")
        .withArgs(encodeBytes32String("quorum-percent"), 0n, 2n, 30n);
      await expect(attempt("setVotingPeriod", 86_399n))
        .to.be.revertedWithCustomError(governor, "OPAGovernorOutOfBounds")
        .withArgs(encodeBytes32String("voting-period"), 86_399n, DAY, 21n * DAY);
      await expect(attempt("setProposalThreshold", 0n))
        .to.be.revertedWithCustomError(governor, "OPAGovernorOutOfBounds")
        .withArgs(encodeBytes32String("proposal-threshold"), 0n, 1_000n * OPA, 8_000_000n * OPA);
      await expect(attempt("setLateQuorumVoteExtension", 3n * DAY))
        .to.be.revertedWithCustomError(governor, "OPAGovernorOutOfBounds")
        .withArgs(encodeBytes32String("vote-extension"), 3n * DAY, 3_600n, 2n * DAY);

      await attempt("setVotingDelay", (3n * DAY) / 2n);
      expect(await governor.votingDelay()).to.equal((3n * DAY) / 2n);
      const changedAt = BigInt(await time.latest());
      await time.increase(DAY);
      const twice = [set("setVotingDelay", DAY)];
      const tooSoon = await plan(suite, twice, "too soon");
      await governor.connect(suite.alice).propose(...tooSoon.call, "too soon");
      await time.increase((3n * DAY) / 2n + 1n);
      await governor.connect(suite.alice).castVote(tooSoon.key, FOR);
      await time.increase(votingPeriod);
      await governor.queue(...tooSoon.call, id("too soon"));
      await time.increase(minDelay);
      await expect(governor.execute(...tooSoon.call, id("too soon")))
        .to.be.revertedWithCustomError(governor, "OPAGovernorTooSoon")
        .withArgs(encodeBytes32String("voting-delay"), changedAt + 14n * DAY);
    });

    it("never relays and never changes the timelock, by decision neither", async function () {
      const suite = await networkHelpers.loadFixture(voting);
      const { governor, timelock, token, stranger } = suite;
      const relay = governor.interface.encodeFunctionData("relay", [
        await token.getAddress(),
        0n,
        "0x",
      ]);
      const update = governor.interface.encodeFunctionData("updateTimelock", [stranger.address]);

      await expect(decide(suite, [[governor, relay]], "relay"))
        .to.be.revertedWithCustomError(governor, "OPAGovernorNoRelay")
        .withArgs(token);
      await expect(decide(suite, [[governor, update]], "timelock"))
        .to.be.revertedWithCustomError(governor, "OPAGovernorFixedTimelock")
        .withArgs(timelock);
    });

    it("renews the guardian's term by decision", async function () {
      const suite = await networkHelpers.loadFixture(voting);
      const { governor, bob } = suite;
      const data = governor.interface.encodeFunctionData("setProposalGuardian", [bob.address]);
      const before = await governor.guardianExpiresAt();

      await expect(decide(suite, [[governor, data]], "guardian")).to.emit(
        governor,
        "GuardianExpirySet",
      );

      expect(await governor.proposalGuardian()).to.equal(bob.address);
      const now = BigInt(await time.latest());
      expect(await governor.guardianExpiresAt()).to.equal(now + 365n * DAY);
      expect(now + 365n * DAY).to.be.greaterThan(before);
    });

    it("keeps a delay of a day to 30 days in the timelock, whatever is decided (GVN-I4)", async function () {
      const suite = await networkHelpers.loadFixture(voting);
      const { timelock } = suite;

      for (const delay of [0n, 31n * DAY]) {
        const data = timelock.interface.encodeFunctionData("updateDelay", [delay]);
        await expect(decide(suite, [[timelock, data]], `delay ${delay}`))
          .to.be.revertedWithCustomError(timelock, "SystemTimelockOutOfBounds")
          .withArgs(delay, DAY, 30n * DAY);
      }
      expect(await timelock.getMinDelay()).to.equal(minDelay);
    });
  });

  describe("constructor and ERC-165", function () {
    it("reverts for a missing module and names its interfaces", async function () {
      const suite = await networkHelpers.loadFixture(voting);
      const { accessManager, governor, lock, timelock } = suite;
      const { genesis, duration } = PARAMETERS.epoch;
      const rest = [accessManager, genesis, duration, ZeroAddress, { ...PARAMETERS.governance }];

      await expect(
        ethers.deployContract("OPAGovernor", [lock, ZeroAddress, ...rest] as never),
      ).to.be.revertedWithCustomError(governor, "OPAGovernorZeroAddress");
      const bare = await ethers.deployContract("OPAGovernor", [
        ...[lock, timelock, ...rest],
      ] as never);
      expect(await bare.getFunction("guardianExpiresAt")()).to.equal(0n);
      expect(await governor.supportsInterface("0x01ffc9a7")).to.equal(true);
      expect(await governor.supportsInterface("0xffffffff")).to.equal(false);
      expect(await governor.quorumFloorAt(BigInt(await time.latest()))).to.equal(quorumFloor);
    });
  });
});
