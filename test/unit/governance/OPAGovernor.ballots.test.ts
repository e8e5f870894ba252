import { expect } from "chai";
import { ZeroAddress, ZeroHash, resolveAddress, type AddressLike, type Signer } from "ethers";
import { network } from "hardhat";

import {
  at,
  deployGoverned,
  draft,
  goTo,
  lockFor,
  now,
  propose,
  startVote,
  State,
  submit,
  Vote,
  WEEK,
  type Call,
} from "../../support/decisions.js";
import { DAY, OPA, send } from "../../support/release.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;

const THRESHOLD = 100_000n * OPA;
const MOST_ACTIONS = 32;
const ACTIVE = bitmap(State.Active);
/** Behaviours of the wallet mock that reject a signature of its owner. */
const REFUSALS = [2n, 3n, 5n, 6n, 7n];

const BALLOT = [
  { name: "proposalId", type: "uint256" },
  { name: "support", type: "uint8" },
  { name: "voter", type: "address" },
  { name: "nonce", type: "uint256" },
];
const EXTENSION = [
  { name: "reason", type: "string" },
  { name: "params", type: "bytes" },
];

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

/** The same with the vote begun. */
async function voting() {
  const suite = await networkHelpers.loadFixture(proposed);
  await startVote(suite, suite.proposal);
  return suite;
}

/** States as the Governor's error lists those that it allows. */
function bitmap(...states: bigint[]): string {
  const bits = states.reduce((all, state) => all | (1n << state), 0n);
  return `0x${bits.toString(16).padStart(64, "0")}`;
}

/** Has accounts vote for the proposal of the fixture, and reads its votes. */
async function vote(
  { governor, proposal }: Pick<Awaited<ReturnType<typeof voting>>, "governor" | "proposal">,
  accounts: readonly Signer[],
) {
  for (const account of accounts) await governor.connect(account).castVote(proposal.id, Vote.For);
  return governor.proposalVotes(proposal.id);
}

/** EIP-712 domain of the Governor. */
async function domainOf(governor: Awaited<ReturnType<typeof deployed>>["governor"]) {
  const { chainId } = await ethers.provider.getNetwork();
  const verifyingContract = await governor.getAddress();
  return { name: "OPA Governor", version: "1", chainId, verifyingContract };
}

/** A ballot for the proposal of the fixture, signed by the account itself unless told otherwise. */
async function signBallot(
  { governor, proposal }: Pick<Awaited<ReturnType<typeof voting>>, "governor" | "proposal">,
  account: AddressLike,
  changes: { signer?: Signer; proposalId?: bigint; support?: bigint; nonce?: bigint } = {},
): Promise<string> {
  const voter = await resolveAddress(account);
  const { signer = await ethers.getSigner(voter), ...values } = changes;
  const nonce = await governor.nonces(voter);
  const ballot = { proposalId: proposal.id, support: Vote.For, voter, nonce, ...values };
  return signer.signTypedData(await domainOf(governor), { Ballot: BALLOT }, ballot);
}

describe("OPAGovernor", function () {
  describe("constructor", function () {
    function modulesOf({
      lock,
      timelock,
      accessManager,
      guardian,
      parameters,
    }: Awaited<ReturnType<typeof deployed>>) {
      const { genesis, duration } = parameters.epoch;
      return [lock, timelock, accessManager, genesis, duration, guardian] as const;
    }

    it("reverts when the timelock is zero", async function () {
      const suite = await networkHelpers.loadFixture(deployed);
      const modules = modulesOf(suite);
      const { governance } = suite.parameters;

      const args = modules.map((module, i) => (i === 1 ? ZeroAddress : module));
      await expect(
        ethers.deployContract("OPAGovernor", [...args, governance]),
      ).to.be.revertedWithCustomError(suite.governor, "OPAGovernorZeroAddress");
    });

    it("reverts when the lock is zero", async function () {
      const suite = await networkHelpers.loadFixture(deployed);
      const [, ...modules] = modulesOf(suite);

      await expect(
        ethers.deployContract("OPAGovernor", [
          ZeroAddress,
          ...modules,
          suite.parameters.governance,
        ]),
      ).to.be.revertedWithCustomError(suite.governor, "OPAGovernorZeroAddress");
    });

    it("reverts when a setting is outside its bounds", async function () {
      const suite = await networkHelpers.loadFixture(deployed);
      const modules = modulesOf(suite);
      const { governance } = suite.parameters;

      for (const [change, setting, value, minimum, maximum] of [
        [{ votingDelay: 3_599n }, "voting-delay", 3_599n, 3_600n, 14n * DAY],
        [{ votingPeriod: DAY - 1n }, "voting-period", DAY - 1n, DAY, 21n * DAY],
        [{ proposalThreshold: 0n }, "proposal-threshold", 0n, 1_000n * OPA, 8_000_000n * OPA],
        [{ quorumPercent: 1n }, "quorum-percent", 1n, 2n, 30n],
        [{ voteExtension: 0n }, "vote-extension", 0n, 3_600n, 2n * DAY],
      ] as const) {
        await expect(
          ethers.deployContract("OPAGovernor", [...modules, { ...governance, ...change }]),
        )
          .to.be.revertedWithCustomError(suite.governor, "OPAGovernorOutOfBounds")
          .withArgs(ethers.encodeBytes32String(setting), value, minimum, maximum);
      }
    });

    it("reverts when the floor of the quorum is outside its bounds (GVN-I5)", async function () {
      const suite = await networkHelpers.loadFixture(deployed);
      const modules = modulesOf(suite);
      const { governance } = suite.parameters;
      const [least, most] = [100_000n * OPA, 80_000_000n * OPA];
      const name = await suite.governor.QUORUM_FLOOR();

      for (const quorumFloor of [0n, least - 1n, most + 1n]) {
        await expect(
          ethers.deployContract("OPAGovernor", [...modules, { ...governance, quorumFloor }]),
        )
          .to.be.revertedWithCustomError(suite.governor, "BoundedParameterInvalid")
          .withArgs(name, quorumFloor, [least, most, 5_000n, 30n * DAY, 2n * DAY]);
      }
    });

    it("names no guardian and no term when there is none", async function () {
      const suite = await networkHelpers.loadFixture(deployed);
      const modules = [...modulesOf(suite).slice(0, 5), ZeroAddress];

      const governor = await ethers.deployContract("OPAGovernor", [
        ...modules,
        suite.parameters.governance,
      ]);

      expect(await governor.proposalGuardian()).to.equal(ZeroAddress);
      expect(await governor.guardianExpiresAt()).to.equal(0n);
    });

    it("names what it works with, and its settings", async function () {
      const { governor, lock, timelock, guardian } = await networkHelpers.loadFixture(deployed);

      expect(await governor.name()).to.equal("OPA Governor");
      expect(await governor.LOCK()).to.equal(lock);
      expect(await governor.token()).to.equal(lock);
      expect(await governor.timelock()).to.equal(timelock);
      expect(await governor.proposalGuardian()).to.equal(guardian);
      expect(await governor.GUARDIAN_TERM()).to.equal(365n * DAY);
      expect(await governor.SETTING_COOLDOWN()).to.equal(14n * DAY);
      expect(await governor.votingDelay()).to.equal(DAY);
      expect(await governor.votingPeriod()).to.equal(5n * DAY);
      expect(await governor.proposalThreshold()).to.equal(THRESHOLD);
      expect(await governor["quorumNumerator()"]()).to.equal(4n);
      expect(await governor.quorumDenominator()).to.equal(100n);
      expect(await governor.lateQuorumVoteExtension()).to.equal(DAY);
      expect(await governor.CLOCK_MODE()).to.equal("mode=timestamp");
      expect(await governor.clock()).to.equal(await lock.clock());
    });
  });

  describe("supportsInterface", function () {
    it("answers for its own interface and for an OpenZeppelin Governor", async function () {
      const { governor, directory } = await networkHelpers.loadFixture(deployed);
      const { interfaceId } = await directory.moduleOf(governor);

      // ERC-165, IGovernor of OpenZeppelin 5.7 and before, IERC1155Receiver.
      for (const known of [interfaceId, "0x01ffc9a7", "0x65455a86", "0x4e2312e0"])
        expect(await governor.supportsInterface(known)).to.equal(true);
      for (const unknown of ["0xffffffff", "0x12345678"])
        expect(await governor.supportsInterface(unknown)).to.equal(false);
    });
  });

  describe("propose (GOV-3)", function () {
    it("reverts when a proposal has more than 32 actions (abuse case 68)", async function () {
      const suite = await networkHelpers.loadFixture(deployed);
      const calls = new Array<Call>(MOST_ACTIONS + 1).fill(suite.deprecate);
      const proposal = await draft(suite, calls, "Too many");

      expect(await suite.governor.MAX_ACTIONS()).to.equal(MOST_ACTIONS);
      await expect(submit(suite, proposal))
        .to.be.revertedWithCustomError(suite.governor, "OPAGovernorTooManyActions")
        .withArgs(MOST_ACTIONS + 1, MOST_ACTIONS);
    });

    it("reverts when targets, values and calls are not as many, or none", async function () {
      const suite = await networkHelpers.loadFixture(deployed);
      const { governor, voter } = suite;
      const { targets, values, calldatas } = await draft(suite, [suite.deprecate], "");
      const [two, data] = [
        [...targets, ...targets],
        [...calldatas, ...calldatas],
      ];

      for (const [a, b, c] of [
        [[], [], []],
        [[], values, calldatas],
        [targets, [], calldatas],
        [targets, values, []],
        [two, values, data],
        [two, [0n, 0n], calldatas],
        [targets, [0n, 0n], data],
      ] as const) {
        await expect(governor.connect(voter).propose([...a], [...b], [...c], "Mismatched"))
          .to.be.revertedWithCustomError(governor, "GovernorInvalidProposalLength")
          .withArgs(a.length, c.length, b.length);
      }
    });

    it("reverts below the threshold, and not a second earlier (GVN-I1)", async function () {
      const suite = await networkHelpers.loadFixture(deployed);
      const { governor, lock, holder } = suite;
      await lockFor(suite, holder, 2n * THRESHOLD);
      const { end } = await lock.lockOf(holder);
      const last = end - 52n * WEEK; // half of the locked OPA, for 104 weeks at most
      const [first, second] = [
        await draft(suite, [suite.deprecate], "In time"),
        await draft(suite, [suite.deprecate], "A second later"),
      ];
      await goTo(suite, last - 60n);

      await at(suite, last + 1n);
      await submit(suite, first, holder);
      await at(suite, last + 2n);

      await expect(submit(suite, second, holder))
        .to.be.revertedWithCustomError(governor, "GovernorInsufficientProposerVotes")
        .withArgs(holder, (2n * THRESHOLD * (52n * WEEK - 1n)) / (104n * WEEK), THRESHOLD);
      expect(await lock.getPastVotes(holder, last)).to.equal(THRESHOLD);
    });

    it("reverts for an account whose power counts for its delegate, which can propose", async function () {
      const suite = await networkHelpers.loadFixture(deployed);
      const { governor, lock, voter, delegate } = suite;
      await lock.connect(voter).delegate(delegate);
      await networkHelpers.mine();
      const proposal = await draft(suite, [suite.deprecate], "Delegated");

      await expect(submit(suite, proposal))
        .to.be.revertedWithCustomError(governor, "GovernorInsufficientProposerVotes")
        .withArgs(voter, 0n, THRESHOLD);
      await submit(suite, proposal, delegate);

      expect(await governor.proposalProposer(proposal.id)).to.equal(delegate);
    });

    it("counts no power that was locked in the same block (abuse case 60)", async function () {
      const suite = await networkHelpers.loadFixture(deployed);
      const { governor, lock, token, holder, treasury } = suite;
      const amount = 10_000_000n * OPA;
      await token.connect(treasury).transfer(holder, amount);
      await token.connect(holder).approve(lock, amount);
      const { latest } = await lock.endRange();
      const { targets, values, calldatas } = await draft(suite, [suite.deprecate], "");
      const gas = { gasLimit: 1_000_000n };

      await ethers.provider.send("evm_setAutomine", [false]);
      const locking = await lock.connect(holder).lock(amount, latest, gas);
      const proposing = await governor
        .connect(holder)
        .propose(targets, values, calldatas, "At once", gas);
      await ethers.provider.send("evm_setAutomine", [true]);
      await networkHelpers.mine();

      const receipts = [locking, proposing].map(async ({ hash }) =>
        ethers.provider.getTransactionReceipt(hash),
      );
      const [first, second] = await Promise.all(receipts);
      expect([first?.status, second?.status]).to.deep.equal([1, 0]);
      expect(first?.blockNumber).to.equal(second?.blockNumber);
      await governor.connect(holder).propose(targets, values, calldatas, "A second later");
    });

    it("reverts when it was proposed before, also after it was cancelled (abuse case 67)", async function () {
      const suite = await networkHelpers.loadFixture(proposed);
      const { governor, holder, proposal, voter } = suite;
      await lockFor(suite, holder, 4n * THRESHOLD);
      const again = (proposer = holder) => submit(suite, proposal, proposer);

      await expect(again())
        .to.be.revertedWithCustomError(governor, "GovernorUnexpectedProposalState")
        .withArgs(proposal.id, State.Pending, ZeroHash);
      await governor.connect(voter).cancel(...proposal.args);

      await expect(again(voter))
        .to.be.revertedWithCustomError(governor, "GovernorUnexpectedProposalState")
        .withArgs(proposal.id, State.Canceled, ZeroHash);
    });

    it("leaves a description that names its proposer to that account (abuse case 67)", async function () {
      const suite = await networkHelpers.loadFixture(deployed);
      const { deprecate, governor, holder, voter } = suite;
      await lockFor(suite, holder, 4n * THRESHOLD);
      await networkHelpers.mine();

      for (const name of [voter.address, voter.address.toLowerCase()]) {
        const proposal = await draft(suite, [deprecate], `Mine #proposer=${name}`);
        await expect(submit(suite, proposal, holder))
          .to.be.revertedWithCustomError(governor, "GovernorRestrictedProposer")
          .withArgs(holder);
        await submit(suite, proposal, voter);

        expect(await governor.proposalProposer(proposal.id)).to.equal(voter);
      }
    });

    it("takes a description that ends with anything else from anybody", async function () {
      const suite = await networkHelpers.loadFixture(deployed);
      const { deprecate, governor, holder, voter } = suite;
      await lockFor(suite, holder, 4n * THRESHOLD);
      await networkHelpers.mine();

      for (const ending of [
        `#proposer=${voter.address} `,
        `#proposer=${voter.address.slice(0, -1)}`,
        `#proposer=0x${"z".repeat(40)}`,
        `#Proposer=${voter.address}`,
      ]) {
        const proposal = await propose(suite, [deprecate], `Anybody's ${ending}`, holder);

        expect(await governor.proposalProposer(proposal.id)).to.equal(holder);
      }
    });

    it("takes up to 32 calls, of any address", async function () {
      const suite = await networkHelpers.loadFixture(deployed);
      const { accessManager, addresses, governor, genesis, stranger, timelock } = suite;
      const others: AddressLike[] = [accessManager, timelock, governor, genesis, stranger];
      const calls = others.map((target): Call => [target, "0x"]);
      while (calls.length < MOST_ACTIONS) calls.push([addresses.token, "0x"]);

      const { id: proposalId } = await propose(suite, calls, "All");

      expect(calls).to.have.length(MOST_ACTIONS);
      expect(await governor.state(proposalId)).to.equal(State.Pending);
    });

    it("emits what is proposed and when its vote begins and ends", async function () {
      const suite = await networkHelpers.loadFixture(deployed);
      const { governor, voter } = suite;
      const proposal = await draft(suite, [suite.deprecate], "Emitted");
      const { targets, calldatas } = proposal;
      const time = (await now(suite)) + 60n;
      const [start, end] = [time + DAY, time + 6n * DAY];

      await at(suite, time);
      await expect(submit(suite, proposal))
        .to.emit(governor, "ProposalCreated")
        .withArgs(proposal.id, voter, targets, [0n], [""], calldatas, start, end, "Emitted");

      expect(await governor.proposalSnapshot(proposal.id)).to.equal(start);
      expect(await governor.proposalDeadline(proposal.id)).to.equal(end);
      expect(await governor.proposalNeedsQueuing(proposal.id)).to.equal(true);
      expect(await governor.getProposalId(...proposal.args)).to.equal(proposal.id);
    });
  });

  describe("castVote (GOV-3)", function () {
    it("reverts for a proposal that does not exist", async function () {
      const { governor, voter } = await networkHelpers.loadFixture(voting);

      await expect(governor.connect(voter).castVote(1n, Vote.For))
        .to.be.revertedWithCustomError(governor, "GovernorNonexistentProposal")
        .withArgs(1n);
    });

    it("reverts until the delay is over, and counts a second later (GVN-I1)", async function () {
      const suite = await networkHelpers.loadFixture(proposed);
      const { governor, voter, proposal } = suite;
      const snapshot = await governor.proposalSnapshot(proposal.id);
      const vote = () => governor.connect(voter).castVote(proposal.id, Vote.For);

      await at(suite, snapshot);
      await expect(vote())
        .to.be.revertedWithCustomError(governor, "GovernorUnexpectedProposalState")
        .withArgs(proposal.id, State.Pending, ACTIVE);
      await at(suite, snapshot + 1n);
      await vote();

      expect(await governor.hasVoted(proposal.id, voter)).to.equal(true);
    });

    it("counts in the last second, and reverts from the next on (GVN-I1)", async function () {
      const suite = await networkHelpers.loadFixture(voting);
      const { governor, voter, holder, proposal } = suite;
      const deadline = await governor.proposalDeadline(proposal.id);

      await at(suite, deadline);
      await governor.connect(voter).castVote(proposal.id, Vote.Against);
      await at(suite, deadline + 1n);

      await expect(governor.connect(holder).castVote(proposal.id, Vote.For))
        .to.be.revertedWithCustomError(governor, "GovernorUnexpectedProposalState")
        .withArgs(proposal.id, State.Defeated, ACTIVE);
    });

    it("reverts for a vote that is neither against, for nor abstaining", async function () {
      const { governor, voter, proposal } = await networkHelpers.loadFixture(voting);

      await expect(governor.connect(voter).castVote(proposal.id, 3n)).to.be.revertedWithCustomError(
        governor,
        "GovernorInvalidVoteType",
      );
    });

    it("reverts when the account has voted, however it votes again (GVN-I2, abuse case 72)", async function () {
      const { governor, voter, proposal } = await networkHelpers.loadFixture(voting);
      const caller = governor.connect(voter);
      await caller.castVote(proposal.id, Vote.For);

      for (const again of [
        () => caller.castVote(proposal.id, Vote.For),
        () => caller.castVote(proposal.id, Vote.Against),
        () => caller.castVoteWithReason(proposal.id, Vote.For, "again"),
        () => caller.castVoteWithReasonAndParams(proposal.id, Vote.For, "again", "0x01"),
      ]) {
        await expect(again())
          .to.be.revertedWithCustomError(governor, "GovernorAlreadyCastVote")
          .withArgs(voter);
      }
    });

    it("reverts on a proposal that was cancelled (abuse case 72)", async function () {
      const { governor, guardian, voter, proposal } = await networkHelpers.loadFixture(voting);
      await governor.connect(guardian).cancel(...proposal.args);

      await expect(governor.connect(voter).castVote(proposal.id, Vote.For))
        .to.be.revertedWithCustomError(governor, "GovernorUnexpectedProposalState")
        .withArgs(proposal.id, State.Canceled, ACTIVE);
    });

    it("emits and counts the power at the snapshot, not that of now", async function () {
      const suite = await networkHelpers.loadFixture(voting);
      const { governor, lock, voter, proposal } = suite;
      const weight = await lock.getPastVotes(voter, await governor.proposalSnapshot(proposal.id));
      await networkHelpers.time.increase(4n * DAY);

      await expect(governor.connect(voter).castVoteWithReason(proposal.id, Vote.For, "because"))
        .to.emit(governor, "VoteCast")
        .withArgs(voter, proposal.id, Vote.For, weight, "because");

      expect(await lock.getVotes(voter)).to.be.lessThan(weight);
      expect(await governor.proposalVotes(proposal.id)).to.deep.equal([0n, weight, 0n]);
    });

    it("counts a vote with parameters once and whole, whatever they say (abuse case 72)", async function () {
      const { governor, lock, voter, proposal } = await networkHelpers.loadFixture(voting);
      const weight = await lock.getPastVotes(voter, await governor.proposalSnapshot(proposal.id));
      // Against, for and abstaining as OpenZeppelin's fractional counting takes them, each with more than the weight.
      const params = ethers.solidityPacked(
        ["uint128", "uint128", "uint128"],
        [2n * weight, 2n * weight, 2n * weight],
      );
      const caller = governor.connect(voter);

      await expect(caller.castVoteWithReasonAndParams(proposal.id, Vote.Abstain, "", params))
        .to.emit(governor, "VoteCastWithParams")
        .withArgs(voter, proposal.id, Vote.Abstain, weight, "", params);

      expect(await governor.proposalVotes(proposal.id)).to.deep.equal([0n, 0n, weight]);
      await expect(caller.castVoteWithReasonAndParams(proposal.id, 255n, "", params))
        .to.be.revertedWithCustomError(governor, "GovernorAlreadyCastVote")
        .withArgs(voter);
    });

    it("takes a vote without weight, which counts nothing", async function () {
      const { governor, stranger, proposal } = await networkHelpers.loadFixture(voting);

      await expect(governor.connect(stranger).castVote(proposal.id, Vote.For))
        .to.emit(governor, "VoteCast")
        .withArgs(stranger, proposal.id, Vote.For, 0n, "");

      expect(await governor.proposalVotes(proposal.id)).to.deep.equal([0n, 0n, 0n]);
    });

    it("gives no votes to what is locked after the snapshot (abuse case 60)", async function () {
      const suite = await networkHelpers.loadFixture(proposed);
      const { governor, lock, holder, voter, token, proposal } = suite;
      await token.connect(suite.treasury).transfer(voter, OPA);
      await token.connect(voter).approve(lock, OPA);
      const snapshot = await governor.proposalSnapshot(proposal.id);
      const late = 10_000_000n * OPA;

      await goTo(suite, snapshot);
      await lockFor(suite, holder, late);
      await lock.connect(voter).increase(voter, OPA);
      const { forVotes } = await vote(suite, [holder, voter]);

      expect(await lock.getVotes(holder)).to.be.greaterThan((late * 9n) / 10n);
      expect(forVotes).to.equal(await lock.getPastVotes(voter, snapshot));
      expect(await lock.getPastVotes(holder, snapshot)).to.equal(0n);
    });

    it("leaves votes where they were when power is delegated after the snapshot (GOV-I5, abuse case 60)", async function () {
      const suite = await networkHelpers.loadFixture(voting);
      const { governor, lock, delegate, voter, proposal } = suite;
      const weight = await lock.getPastVotes(voter, await governor.proposalSnapshot(proposal.id));

      await governor.connect(voter).castVote(proposal.id, Vote.For);
      await lock.connect(voter).delegate(delegate);
      const { forVotes } = await vote(suite, [delegate]);

      expect(await lock.getVotes(delegate)).to.be.greaterThan(0n);
      expect(forVotes).to.equal(weight);
    });

    it("never counts more votes than there were at the snapshot (GVN-I2)", async function () {
      const suite = await networkHelpers.loadFixture(deployed);
      const { governor, lock, delegate, holder, treasury, voter } = suite;
      await lockFor(suite, holder, 3_333_333n * OPA + 1n, (await lock.endRange()).earliest);
      await lockFor(suite, treasury, 777_777n * OPA + 7n);
      await lock.connect(holder).delegate(delegate);
      const voted = { ...suite, proposal: await propose(suite, [suite.deprecate], "All vote") };
      const { id: proposalId } = voted.proposal;
      await startVote(suite, voted.proposal);

      await governor.connect(voter).castVote(proposalId, Vote.Against);
      await governor.connect(treasury).castVote(proposalId, Vote.Abstain);
      const { againstVotes, forVotes, abstainVotes } = await vote(voted, [delegate, holder]);

      const total = await lock.getPastTotalSupply(await governor.proposalSnapshot(proposalId));
      const counted = againstVotes + forVotes + abstainVotes;
      expect(counted).to.be.lessThanOrEqual(total);
      expect(total - counted).to.be.lessThanOrEqual(3n); // each account is rounded down by less than a wei
    });
  });

  describe("castVoteBySig (GOV-3)", function () {
    it("counts the vote of who signed, whoever sends it", async function () {
      const suite = await networkHelpers.loadFixture(voting);
      const { governor, lock, stranger, voter, proposal } = suite;
      const weight = await lock.getPastVotes(voter, await governor.proposalSnapshot(proposal.id));
      const signature = await signBallot(suite, voter);

      await expect(
        governor.connect(stranger).castVoteBySig(proposal.id, Vote.For, voter, signature),
      )
        .to.emit(governor, "VoteCast")
        .withArgs(voter, proposal.id, Vote.For, weight, "");

      expect(await governor.hasVoted(proposal.id, stranger)).to.equal(false);
      expect(await governor.nonces(voter)).to.equal(1n);
    });

    it("reverts when it is sent again (abuse case 72)", async function () {
      const suite = await networkHelpers.loadFixture(voting);
      const { governor, voter, proposal } = suite;
      const signature = await signBallot(suite, voter);
      const cast = () => governor.castVoteBySig(proposal.id, Vote.For, voter, signature);
      await cast();

      await expect(cast())
        .to.be.revertedWithCustomError(governor, "GovernorInvalidSignature")
        .withArgs(voter);
    });

    it("reverts when the account has voted by a call, and the other way round (GVN-I2, abuse case 72)", async function () {
      const suite = await networkHelpers.loadFixture(voting);
      const { governor, delegate, voter, proposal } = suite;
      await governor.connect(voter).castVote(proposal.id, Vote.For);
      const signature = await signBallot(suite, voter);
      const second = await signBallot(suite, delegate);
      await governor.castVoteBySig(proposal.id, Vote.For, delegate, second);

      await expect(governor.castVoteBySig(proposal.id, Vote.For, voter, signature))
        .to.be.revertedWithCustomError(governor, "GovernorAlreadyCastVote")
        .withArgs(voter);
      await expect(governor.connect(delegate).castVote(proposal.id, Vote.For))
        .to.be.revertedWithCustomError(governor, "GovernorAlreadyCastVote")
        .withArgs(delegate);
    });

    it("reverts for a signature of somebody else, over another vote, proposal or nonce, or malformed", async function () {
      const suite = await networkHelpers.loadFixture(voting);
      const { governor, stranger, voter, proposal } = suite;

      for (const signature of [
        await signBallot(suite, voter, { signer: stranger }),
        await signBallot(suite, voter, { support: Vote.Against }),
        await signBallot(suite, voter, { proposalId: proposal.id + 1n }),
        await signBallot(suite, voter, { nonce: 1n }),
        "0x",
        "0x00",
        `0x${"00".repeat(65)}`,
      ]) {
        await expect(governor.castVoteBySig(proposal.id, Vote.For, voter, signature))
          .to.be.revertedWithCustomError(governor, "GovernorInvalidSignature")
          .withArgs(voter);
      }
    });

    it("counts the vote of an ERC-1271 wallet, and not what it refuses", async function () {
      const suite = await networkHelpers.loadFixture(deployed);
      const { governor, lock, stranger, voter } = suite;
      const wallet = await ethers.deployContract("WalletMock", [stranger]);
      await lock.connect(voter).delegate(wallet);
      await networkHelpers.mine();
      const proposal = await draft(suite, [suite.deprecate], "Of a wallet");
      const { targets, values, calldatas, description } = proposal;
      const call = [targets, values, calldatas, description] as const;
      await send(
        wallet,
        "execute",
        governor,
        governor.interface.encodeFunctionData("propose", [...call]),
      );
      const signed = { ...suite, proposal };
      await startVote(suite, proposal);
      const signature = await signBallot(signed, wallet, { signer: stranger });
      const forged = await signBallot(signed, wallet, { signer: voter });

      await expect(governor.castVoteBySig(proposal.id, Vote.For, wallet, forged))
        .to.be.revertedWithCustomError(governor, "GovernorInvalidSignature")
        .withArgs(wallet);
      for (const behaviour of REFUSALS) {
        await send(wallet, "behave", behaviour);
        await expect(governor.castVoteBySig(proposal.id, Vote.For, wallet, signature))
          .to.be.revertedWithCustomError(governor, "GovernorInvalidSignature")
          .withArgs(wallet);
      }
      await send(wallet, "behave", 0n);
      await governor.castVoteBySig(proposal.id, Vote.For, wallet, signature);

      const snapshot = await governor.proposalSnapshot(proposal.id);
      const { forVotes } = await governor.proposalVotes(proposal.id);
      expect(forVotes).to.equal(await lock.getPastVotes(wallet, snapshot));
      expect(forVotes).to.be.greaterThan(0n);
      await expect(governor.castVoteBySig(proposal.id, Vote.For, wallet, signature))
        .to.be.revertedWithCustomError(governor, "GovernorInvalidSignature")
        .withArgs(wallet);
    });

    it("binds reason and parameters when they are signed", async function () {
      const suite = await networkHelpers.loadFixture(voting);
      const { governor, lock, voter, proposal } = suite;
      const weight = await lock.getPastVotes(voter, await governor.proposalSnapshot(proposal.id));
      const message = {
        proposalId: proposal.id,
        support: Vote.For,
        voter: voter.address,
        nonce: 0n,
        reason: "because",
        params: "0x1234",
      };
      const signature = await voter.signTypedData(
        await domainOf(governor),
        { ExtendedBallot: [...BALLOT, ...EXTENSION] },
        message,
      );
      const cast = (reason: string, params: string) =>
        governor.castVoteWithReasonAndParamsBySig(
          proposal.id,
          Vote.For,
          voter,
          reason,
          params,
          signature,
        );

      for (const [reason, params] of [
        ["other", "0x1234"],
        ["because", "0x12"],
      ] as const) {
        await expect(cast(reason, params))
          .to.be.revertedWithCustomError(governor, "GovernorInvalidSignature")
          .withArgs(voter);
      }
      await expect(cast("because", "0x1234"))
        .to.emit(governor, "VoteCastWithParams")
        .withArgs(voter, proposal.id, Vote.For, weight, "because", "0x1234");
    });
  });
});
