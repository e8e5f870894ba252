import { expect } from "chai";
import { encodeBytes32String, ZeroAddress } from "ethers";
import { network } from "hardhat";

import {
  at,
  batchOf,
  decide,
  deployGoverned,
  endVote,
  goTo,
  lockFor,
  now,
  prepare,
  prepareAll,
  propose,
  startVote,
  State,
  Vote,
  type Call,
  type GovernedSuite,
} from "../../support/decisions.js";
import { DAY, OPA } from "../../support/release.js";
import { PARAMETERS } from "../../support/suite.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;

const COOLDOWN = 14n * DAY;
const EMPTY_ARRAY = 0x31;

/** A setting: its first value, its bounds, its setter and its getter. */
interface Setting {
  readonly name: string;
  readonly value: bigint;
  readonly minimum: bigint;
  readonly maximum: bigint;
  readonly event:
    | "VotingDelaySet"
    | "VotingPeriodSet"
    | "ProposalThresholdSet"
    | "QuorumNumeratorUpdated"
    | "LateQuorumVoteExtensionSet";
  readonly setter:
    | "setVotingDelay"
    | "setVotingPeriod"
    | "setProposalThreshold"
    | "updateQuorumNumerator"
    | "setLateQuorumVoteExtension";
  readonly getter:
    | "votingDelay"
    | "votingPeriod"
    | "proposalThreshold"
    | "quorumNumerator()"
    | "lateQuorumVoteExtension";
}

const SETTINGS: readonly Setting[] = [
  {
    name: "voting-delay",
    value: DAY,
    minimum: 3_600n,
    maximum: 14n * DAY,
    event: "VotingDelaySet",
    setter: "setVotingDelay",
    getter: "votingDelay",
  },
  {
    name: "voting-period",
    value: 5n * DAY,
    minimum: DAY,
    maximum: 21n * DAY,
    event: "VotingPeriodSet",
    setter: "setVotingPeriod",
    getter: "votingPeriod",
  },
  {
    name: "proposal-threshold",
    value: 100_000n * OPA,
    minimum: 1_000n * OPA,
    maximum: 8_000_000n * OPA,
    event: "ProposalThresholdSet",
    setter: "setProposalThreshold",
    getter: "proposalThreshold",
  },
  {
    name: "quorum-percent",
    value: 4n,
    minimum: 2n,
    maximum: 30n,
    event: "QuorumNumeratorUpdated",
    setter: "updateQuorumNumerator",
    getter: "quorumNumerator()",
  },
  {
    name: "vote-extension",
    value: DAY,
    minimum: 3_600n,
    maximum: 2n * DAY,
    event: "LateQuorumVoteExtensionSet",
    setter: "setLateQuorumVoteExtension",
    getter: "lateQuorumVoteExtension",
  },
];

async function deployed() {
  return deployGoverned(connection);
}

/** A call that gives a setting a value. */
function change({ governor }: GovernedSuite, { setter }: Setting, value: bigint): Call {
  return [governor, governor.interface.encodeFunctionData(setter as "setVotingDelay", [value])];
}

describe("OPAGovernor: settings", function () {
  for (const setting of SETTINGS) {
    const { name, value, minimum, maximum, event, setter, getter } = setting;
    const id = encodeBytes32String(name);

    describe(`${setter} (GOV-3, abuse case 68)`, function () {
      it("reverts for everybody, the guardian and the administrators of modules included", async function () {
        const suite = await networkHelpers.loadFixture(deployed);
        const { governor, guardian, stranger, voter, treasury } = suite;

        for (const caller of [stranger, guardian, voter, treasury]) {
          await expect(governor.connect(caller)[setter](value + 1n))
            .to.be.revertedWithCustomError(governor, "GovernorOnlyExecutor")
            .withArgs(caller);
        }
      });

      it("reverts for the timelock when the Governor does not execute a decision", async function () {
        const suite = await networkHelpers.loadFixture(deployed);
        const { governor, stranger, timelock } = suite;
        const proposal = await prepare(suite, [change(suite, setting, value + 1n)], "Directly");

        await expect(
          timelock.connect(stranger).executeBatch(...(await batchOf(suite, proposal))),
        ).to.be.revertedWithPanic(EMPTY_ARRAY);
        await governor.execute(...proposal.args);

        expect(await governor[getter]()).to.equal(value + 1n);
      });

      it("reverts outside its bounds, when it moves by more than half, and when it does not move", async function () {
        const suite = await networkHelpers.loadFixture(deployed);
        const { governor } = suite;
        const outside = [0n, minimum - 1n, maximum + 1n];
        const steps = [value, value + value / 2n + 1n, value - value / 2n - 1n];
        const wrong = steps.filter((newValue) => newValue >= minimum && newValue <= maximum);
        const proposals = await prepareAll(
          suite,
          [...outside, ...wrong].map((newValue) => change(suite, setting, newValue)),
          "Wrong",
        );

        for (const [i, newValue] of [...outside, ...wrong].entries()) {
          const [error, args] =
            i < outside.length
              ? ["OPAGovernorOutOfBounds", [id, newValue, minimum, maximum]]
              : ["OPAGovernorInvalidStep", [id, newValue, value]];
          const proposal = proposals[i];
          if (!proposal) throw new Error("a proposal for every value expected");
          await expect(governor.execute(...proposal.args))
            .to.be.revertedWithCustomError(governor, error)
            .withArgs(...(args as unknown[]));
        }
        expect(await governor[getter]()).to.equal(value);
      });

      for (const newValue of [value - value / 2n, value + value / 2n]) {
        it(`moves by half to ${newValue} by a decision`, async function () {
          const suite = await networkHelpers.loadFixture(deployed);
          const { governor } = suite;
          const proposal = await prepare(suite, [change(suite, setting, newValue)], "Half");

          await expect(governor.execute(...proposal.args))
            .to.emit(governor, event)
            .withArgs(value, newValue);

          expect(await governor[getter]()).to.equal(newValue);
        });
      }

      it("reverts until 14 days after the last change, and works a second later", async function () {
        const suite = await networkHelpers.loadFixture(deployed);
        const { governor } = suite;
        await decide(suite, [change(suite, setting, value + 1n)], "First");
        const available = (await now(suite)) + COOLDOWN;
        const proposal = await prepare(suite, [change(suite, setting, value)], "Back");
        await goTo(suite, available - 60n);
        const execute = () => governor.execute(...proposal.args);

        await at(suite, available - 1n);
        await expect(execute())
          .to.be.revertedWithCustomError(governor, "OPAGovernorTooSoon")
          .withArgs(id, available);
        await at(suite, available);
        await expect(execute())
          .to.emit(governor, event)
          .withArgs(value + 1n, value);
      });
    });
  }

  describe("a setting whose half is one (GOV-3)", function () {
    for (const [value, tooFar] of [
      [2n, 4n],
      [3n, 5n],
    ] as const)
      it(`moves from ${value} by one and not to ${tooFar}`, async function () {
        const suite = await networkHelpers.loadFixture(deployed);
        const { governor } = suite;
        const [, , , share] = SETTINGS;
        if (!share) throw new Error("five settings expected");
        await decide(suite, [change(suite, share, value)], "A small quorum");
        await goTo(suite, (await now(suite)) + COOLDOWN);
        const [over, one] = await prepareAll(
          suite,
          [tooFar, value + 1n].map((newValue) => change(suite, share, newValue)),
          "Up",
        );
        if (!over || !one) throw new Error("two proposals expected");

        await expect(governor.execute(...over.args))
          .to.be.revertedWithCustomError(governor, "OPAGovernorInvalidStep")
          .withArgs(encodeBytes32String(share.name), tooFar, value);
        await governor.execute(...one.args);

        expect(await governor["quorumNumerator()"]()).to.equal(value + 1n);
      });
  });

  describe("settings of a proposal (GOV-3)", function () {
    it("stay as they were when it was made, for delay and period", async function () {
      const suite = await networkHelpers.loadFixture(deployed);
      const { governor, stranger, registry } = suite;
      const changes = await prepareAll(
        suite,
        SETTINGS.slice(0, 2).map((setting) => change(suite, setting, (setting.value * 3n) / 2n)),
        "More of each",
      );
      const deprecate: Call = [registry, registry.interface.encodeFunctionData("deprecate", [1n])];
      const before = await propose(suite, [deprecate], "Before");
      const start = await governor.proposalSnapshot(before.id);

      for (const { args } of changes) await governor.connect(stranger).execute(...args);
      const time = await now(suite);
      const after = await propose(suite, [deprecate], "After");

      expect(await governor.proposalSnapshot(before.id)).to.equal(start);
      expect(await governor.proposalDeadline(before.id)).to.equal(start + 5n * DAY);
      const later = await governor.proposalSnapshot(after.id);
      expect(later).to.be.greaterThan(time + (DAY * 3n) / 2n);
      expect(await governor.proposalDeadline(after.id)).to.equal(later + (5n * DAY * 3n) / 2n);
    });

    it("include the share of the quorum at the snapshot, whatever it is later (GVN-I3)", async function () {
      const suite = await networkHelpers.loadFixture(deployed);
      const { governor, lock, treasury, stranger } = suite;
      const [, , , share] = SETTINGS;
      if (!share) throw new Error("five settings expected");
      await lockFor(suite, treasury, 18_000_000n * OPA);
      const proposal = await prepare(suite, [change(suite, share, 6n)], "A larger quorum");
      const before = await now(suite);
      const total = async (time: bigint) => lock.getPastTotalSupply(time);

      await governor.connect(stranger).execute(...proposal.args);
      const after = await now(suite);
      await networkHelpers.mine();

      expect(await governor["quorumNumerator(uint256)"](before)).to.equal(4n);
      expect(await governor.quorum(before)).to.equal(((await total(before)) * 4n) / 100n);
      expect(await governor.quorum(after)).to.equal(((await total(after)) * 6n) / 100n);
    });

    it("settings have no extension longer than a vote", async function () {
      const { governor, lock, timelock, accessManager, parameters, guardian } =
        await networkHelpers.loadFixture(deployed);
      const { genesis, duration } = parameters.epoch;
      const settings = { ...parameters.governance, votingPeriod: DAY, voteExtension: 2n * DAY };

      await expect(
        ethers.deployContract("OPAGovernor", [
          ...[lock, timelock, accessManager, genesis, duration, guardian],
          settings,
        ]),
      )
        .to.be.revertedWithCustomError(governor, "GovernorPreventLateQuorumVoteExtensionTooLarge")
        .withArgs(2n * DAY, DAY);
    });

    it("settings have no vote shorter than its extension, if either of the two is set", async function () {
      const suite = await deployGoverned(connection, {
        governance: { ...PARAMETERS.governance, votingPeriod: 2n * DAY, voteExtension: 2n * DAY },
      });
      const { governor, stranger } = suite;
      const data = governor.interface.encodeFunctionData("setVotingPeriod", [DAY]);

      const shorter = await prepare(suite, [[governor, data]], "A vote shorter than its extension");

      await expect(governor.connect(stranger).execute(...shorter.args))
        .to.be.revertedWithCustomError(governor, "GovernorPreventLateQuorumVoteExtensionTooLarge")
        .withArgs(2n * DAY, DAY);
      expect(await governor.votingPeriod()).to.equal(2n * DAY);
    });
  });

  describe("setProposalGuardian (GOV-3)", function () {
    const name = ({ governor }: GovernedSuite, guardian: string): Call => [
      governor,
      governor.interface.encodeFunctionData("setProposalGuardian", [guardian]),
    ];

    it("reverts for everybody but a decision, the guardian included", async function () {
      const { governor, guardian, stranger, voter } = await networkHelpers.loadFixture(deployed);

      for (const caller of [guardian, stranger, voter]) {
        await expect(governor.connect(caller).setProposalGuardian(caller))
          .to.be.revertedWithCustomError(governor, "GovernorOnlyExecutor")
          .withArgs(caller);
      }
    });

    it("names another guardian for a year, and the one before cancels no more", async function () {
      const suite = await networkHelpers.loadFixture(deployed);
      const { governor, guardian, holder } = suite;
      const previous = await governor.guardianExpiresAt();
      const [decision, open] = await prepareAll(
        suite,
        [name(suite, holder.address), name(suite, guardian.address)],
        "Another guardian",
      );
      if (!decision || !open) throw new Error("two proposals expected");
      const time = (await now(suite)) + 60n;

      await at(suite, time);
      await expect(governor.execute(...decision.args))
        .to.emit(governor, "ProposalGuardianSet")
        .withArgs(guardian, holder)
        .and.to.emit(governor, "GuardianExpirySet")
        .withArgs(previous, time + 365n * DAY);

      expect(await governor.proposalGuardian()).to.equal(holder);
      expect(await governor.guardianExpiresAt()).to.equal(time + 365n * DAY);
      await expect(governor.connect(guardian).cancel(...open.args))
        .to.be.revertedWithCustomError(governor, "GovernorUnableToCancel")
        .withArgs(open.id, guardian);
      await governor.connect(holder).cancel(...open.args);
      expect(await governor.state(open.id)).to.equal(State.Canceled);
    });

    it("renews the term of the same guardian, also after it was over", async function () {
      const suite = await networkHelpers.loadFixture(deployed);
      const { governor, guardian, registry } = suite;
      await goTo(suite, (await governor.guardianExpiresAt()) + 30n * DAY);
      const deprecate: Call = [registry, registry.interface.encodeFunctionData("deprecate", [1n])];
      const [decision, open] = await prepareAll(
        suite,
        [name(suite, guardian.address), deprecate],
        "The same guardian",
      );
      if (!decision || !open) throw new Error("two proposals expected");
      await expect(governor.connect(guardian).cancel(...open.args))
        .to.be.revertedWithCustomError(governor, "GovernorUnableToCancel")
        .withArgs(open.id, guardian);

      await governor.execute(...decision.args);

      expect(await governor.guardianExpiresAt()).to.equal((await now(suite)) + 365n * DAY);
      await governor.connect(guardian).cancel(...open.args);
      expect(await governor.state(open.id)).to.equal(State.Canceled);
    });

    it("names nobody, and then not even the proposer cancels while the vote runs", async function () {
      const suite = await networkHelpers.loadFixture(deployed);
      const { governor, guardian, voter } = suite;
      await decide(suite, [name(suite, ZeroAddress)], "No guardian");
      const proposal = await propose(suite, [name(suite, guardian.address)], "A guardian");
      await startVote(suite, proposal);

      expect(await governor.proposalGuardian()).to.equal(ZeroAddress);
      for (const caller of [guardian, voter]) {
        await expect(governor.connect(caller).cancel(...proposal.args))
          .to.be.revertedWithCustomError(governor, "GovernorUnableToCancel")
          .withArgs(proposal.id, caller);
      }
    });
  });

  describe("the guardian (GOV-3, GVN-I4)", function () {
    it("the guardian can do nothing but cancel", async function () {
      const suite = await networkHelpers.loadFixture(deployed);
      const { accessManager, governor, guardian, lock, timelock, registry } = suite;
      const floor = await governor.QUORUM_FLOOR();
      const acting = governor.connect(guardian);
      const [scheduling, cancelling] = [
        await timelock.PROPOSER_ROLE(),
        await timelock.CANCELLER_ROLE(),
      ];

      for (const call of [
        () => acting.announce(floor, 500_000n * OPA),
        () => acting.withdrawAnnouncement(floor),
      ]) {
        await expect(call())
          .to.be.revertedWithCustomError(governor, "AccessManagedUnauthorized")
          .withArgs(guardian);
      }
      await expect(lock.connect(guardian).hold(guardian, 0n))
        .to.be.revertedWithCustomError(lock, "AccessManagedUnauthorized")
        .withArgs(guardian);
      await expect(timelock.connect(guardian).cancel(ethers.ZeroHash))
        .to.be.revertedWithCustomError(timelock, "AccessControlUnauthorizedAccount")
        .withArgs(guardian, cancelling);
      await expect(
        timelock
          .connect(guardian)
          .schedule(registry, 0n, "0x", ethers.ZeroHash, ethers.ZeroHash, 0n),
      )
        .to.be.revertedWithCustomError(timelock, "AccessControlUnauthorizedAccount")
        .withArgs(guardian, scheduling);
      for (let role = 0n; role <= 8n; role++)
        expect(await accessManager.hasRole(role, guardian)).to.deep.equal([false, 0n]);
    });

    it("the guardian cannot cancel a queued operation at the timelock", async function () {
      const suite = await networkHelpers.loadFixture(deployed);
      const { governor, guardian, timelock, registry } = suite;
      const deprecate: Call = [registry, registry.interface.encodeFunctionData("deprecate", [1n])];
      const proposal = await prepare(suite, [deprecate], "Queued");
      const operation = await timelock.hashOperationBatch(...(await batchOf(suite, proposal)));

      await expect(timelock.connect(guardian).cancel(operation))
        .to.be.revertedWithCustomError(timelock, "AccessControlUnauthorizedAccount")
        .withArgs(guardian, await timelock.CANCELLER_ROLE());
      await governor.execute(...proposal.args);

      expect(await governor.state(proposal.id)).to.equal(State.Executed);
    });
  });

  describe("QUORUM_FLOOR (GOV-3, GVN-I5)", function () {
    const FLOOR = 1_000_000n * OPA;
    const NOTICE = 2n * DAY;

    async function announcing({ governor }: GovernedSuite, value: bigint): Promise<Call> {
      const floor = await governor.QUORUM_FLOOR();
      return [governor, governor.interface.encodeFunctionData("announce", [floor, value])];
    }

    async function withdrawing({ governor }: GovernedSuite): Promise<Call> {
      const floor = await governor.QUORUM_FLOOR();
      return [governor, governor.interface.encodeFunctionData("withdrawAnnouncement", [floor])];
    }

    /** Epoch that begins at least the notice after a time, and its first second. */
    function effectiveAfter({ parameters }: GovernedSuite, time: bigint) {
      const { genesis, duration } = parameters.epoch;
      const epoch = (time + NOTICE - genesis + duration - 1n) / duration;
      return { epoch, from: genesis + epoch * duration };
    }

    it("is announced and withdrawn by decisions alone", async function () {
      const { governor, stranger, guardian, voter } = await networkHelpers.loadFixture(deployed);
      const floor = await governor.QUORUM_FLOOR();

      expect(ethers.decodeBytes32String(floor)).to.equal("governor/quorum-floor");
      for (const caller of [stranger, guardian, voter]) {
        for (const call of [
          () => governor.connect(caller).announce(floor, FLOOR / 2n),
          () => governor.connect(caller).withdrawAnnouncement(floor),
        ]) {
          await expect(call())
            .to.be.revertedWithCustomError(governor, "AccessManagedUnauthorized")
            .withArgs(caller);
        }
      }
    });

    it("reverts for a floor outside its bounds, and for one of less than half or more than half as much again", async function () {
      const suite = await networkHelpers.loadFixture(deployed);
      const { governor } = suite;
      const floor = await governor.QUORUM_FLOOR();
      const [least, most] = [100_000n * OPA, 80_000_000n * OPA];
      const [half, more] = [FLOOR / 2n - 1n, (FLOOR * 3n) / 2n + 1n];
      const outside = "BoundedParameterOutOfBounds";
      const step = "BoundedParameterStepTooLarge";
      const cases: [bigint, string, bigint[]][] = [
        [0n, outside, [0n, least, most]],
        [least - 1n, outside, [least - 1n, least, most]],
        [most + 1n, outside, [most + 1n, least, most]],
        [half, step, [half, FLOOR, FLOOR / 2n]],
        [more, step, [more, FLOOR, FLOOR / 2n]],
        [FLOOR, "BoundedParameterUnchanged", [FLOOR]],
      ];
      const calls: Call[] = [];
      for (const [value] of cases) calls.push(await announcing(suite, value));
      const proposals = await prepareAll(suite, calls, "Wrong floors");

      for (const [i, { args }] of proposals.entries()) {
        const [, error, details] = cases[i] ?? [0n, "", []];
        await expect(governor.execute(...args))
          .to.be.revertedWithCustomError(governor, error)
          .withArgs(floor, ...details);
      }
    });

    it("changes with the first epoch that begins 48 hours after the decision, for votes from then on", async function () {
      const suite = await networkHelpers.loadFixture(deployed);
      const { governor } = suite;
      const floor = await governor.QUORUM_FLOOR();
      const proposal = await prepare(suite, [await announcing(suite, FLOOR / 2n)], "Lower");
      const time = (await now(suite)) + 60n;
      const { epoch, from } = effectiveAfter(suite, time);

      await at(suite, time);
      await expect(governor.execute(...proposal.args))
        .to.emit(governor, "ParameterAnnounced")
        .withArgs(floor, FLOOR, FLOOR / 2n, epoch);

      expect(await governor.quorumFloorAt(time)).to.equal(FLOOR);
      expect(await governor.quorumFloorAt(from - 1n)).to.equal(FLOOR);
      expect(await governor.quorumFloorAt(from)).to.equal(FLOOR / 2n);
      await goTo(suite, from - 60n);
      await at(suite, from - 1n);
      await networkHelpers.mine();
      expect((await governor.parameterOf(floor)).current.value).to.equal(FLOOR);
      await at(suite, from);
      await networkHelpers.mine(2);
      expect((await governor.parameterOf(floor)).current.value).to.equal(FLOOR / 2n);
      expect(await governor.quorumFloorAt(0n)).to.equal(FLOOR);
      expect(await governor.quorumFloorAt(2n ** 48n - 1n)).to.equal(FLOOR / 2n);
    });

    it("stays when its announcement is withdrawn, at every time, and can be announced again 30 days after it was", async function () {
      const suite = await networkHelpers.loadFixture(deployed);
      const { governor } = suite;
      const floor = await governor.QUORUM_FLOOR();
      const [announce, withdraw, again] = await prepareAll(
        suite,
        [
          await announcing(suite, FLOOR / 2n),
          await withdrawing(suite),
          await announcing(suite, FLOOR * 2n - FLOOR / 2n),
        ],
        "There and back",
      );
      if (!announce || !withdraw || !again) throw new Error("three proposals expected");
      await governor.execute(...announce.args);
      const time = await now(suite);
      const { epoch, from } = effectiveAfter(suite, time);
      await goTo(suite, from - 60n);

      await at(suite, from - 1n);
      await expect(governor.execute(...withdraw.args))
        .to.emit(governor, "AnnouncementWithdrawn")
        .withArgs(floor, FLOOR / 2n, epoch);

      for (const timepoint of [0n, time, from - 1n, from, from + 1n, 2n ** 48n - 1n])
        expect(await governor.quorumFloorAt(timepoint)).to.equal(FLOOR);
      await goTo(suite, time + 30n * DAY - 60n);
      await at(suite, time + 30n * DAY - 1n);
      await expect(governor.execute(...again.args))
        .to.be.revertedWithCustomError(governor, "BoundedParameterTooSoon")
        .withArgs(floor, time + 30n * DAY);
      await at(suite, time + 30n * DAY);
      await governor.execute(...again.args);
      const second = effectiveAfter(suite, time + 30n * DAY);
      expect(await governor.quorumFloorAt(second.from - 1n)).to.equal(FLOOR);
      expect(await governor.quorumFloorAt(second.from)).to.equal((FLOOR * 3n) / 2n);
      expect(await governor.quorumFloorAt(from)).to.equal(FLOOR);
    });

    it("cannot be withdrawn once it is in force", async function () {
      const suite = await networkHelpers.loadFixture(deployed);
      const { governor } = suite;
      const [announce, withdraw] = await prepareAll(
        suite,
        [await announcing(suite, FLOOR / 2n), await withdrawing(suite)],
        "Too late",
      );
      if (!announce || !withdraw) throw new Error("two proposals expected");
      await governor.execute(...announce.args);
      const { from } = effectiveAfter(suite, await now(suite));
      await goTo(suite, from - 60n);

      await at(suite, from);
      await expect(governor.execute(...withdraw.args))
        .to.be.revertedWithCustomError(governor, "BoundedParameterNothingPending")
        .withArgs(await governor.QUORUM_FLOOR());

      expect(await governor.quorumFloorAt(from)).to.equal(FLOOR / 2n);
    });

    for (const [what, value, locked, before, after] of [
      [
        "keeps a proposal defeated that would pass with the floor of now",
        FLOOR / 2n,
        950_000n,
        State.Defeated,
        State.Succeeded,
      ],
      [
        "keeps a proposal passed that would fail with the floor of now",
        FLOOR + FLOOR / 2n,
        1_300_000n,
        State.Succeeded,
        State.Defeated,
      ],
    ] as const) {
      it(`${what} (GVN-I3)`, async function () {
        const suite = await networkHelpers.loadFixture(deployed);
        const { governor, holder, registry } = suite;
        await lockFor(suite, holder, locked * OPA);
        const deprecate: Call = [
          registry,
          registry.interface.encodeFunctionData("deprecate", [1n]),
        ];
        const judge = async (description: string) => {
          const proposal = await propose(suite, [deprecate], description);
          await startVote(suite, proposal);
          await governor.connect(holder).castVote(proposal.id, Vote.For);
          await endVote(suite, proposal);
          return proposal;
        };

        const old = await judge("With the old floor");
        expect(await governor.state(old.id)).to.equal(before);
        await decide(suite, [await announcing(suite, value)], "Another floor");
        await goTo(suite, effectiveAfter(suite, await now(suite)).from);
        const young = await judge("With the new floor");

        expect(await governor.state(young.id)).to.equal(after);
        expect(await governor.state(old.id)).to.equal(before);
        expect(await governor.quorum(await governor.proposalSnapshot(old.id))).to.equal(FLOOR);
      });
    }
  });

  describe("updateTimelock and relay (GVN-I4, abuse case 68)", function () {
    it("revert for everybody", async function () {
      const { governor, guardian, stranger, timelock, voter } =
        await networkHelpers.loadFixture(deployed);

      for (const caller of [guardian, stranger, voter]) {
        await expect(governor.connect(caller).updateTimelock(caller))
          .to.be.revertedWithCustomError(governor, "OPAGovernorFixedTimelock")
          .withArgs(timelock);
        await expect(governor.connect(caller).relay(caller, 0n, "0x"))
          .to.be.revertedWithCustomError(governor, "OPAGovernorNoRelay")
          .withArgs(caller);
      }
    });

    it("revert for a decision, too", async function () {
      const suite = await networkHelpers.loadFixture(deployed);
      const { governor, stranger, timelock, token } = suite;
      const { interface: abi } = governor;
      const transfer = token.interface.encodeFunctionData("transfer", [stranger.address, 1n]);
      const [replace, relay] = await prepareAll(
        suite,
        [
          [governor, abi.encodeFunctionData("updateTimelock", [stranger.address])],
          [governor, abi.encodeFunctionData("relay", [await token.getAddress(), 0n, transfer])],
        ],
        "Take over",
      );
      if (!replace || !relay) throw new Error("two proposals expected");

      await expect(governor.execute(...replace.args))
        .to.be.revertedWithCustomError(governor, "OPAGovernorFixedTimelock")
        .withArgs(timelock);
      await expect(governor.execute(...relay.args))
        .to.be.revertedWithCustomError(governor, "OPAGovernorNoRelay")
        .withArgs(token);

      expect(await governor.timelock()).to.equal(timelock);
    });
  });
});
