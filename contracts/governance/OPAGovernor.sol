// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {GovernorCountingSimple} from "@openzeppelin/contracts/governance/extensions/GovernorCountingSimple.sol";
import {GovernorPreventLateQuorum} from "@openzeppelin/contracts/governance/extensions/GovernorPreventLateQuorum.sol";
import {GovernorProposalGuardian} from "@openzeppelin/contracts/governance/extensions/GovernorProposalGuardian.sol";
import {GovernorSettings} from "@openzeppelin/contracts/governance/extensions/GovernorSettings.sol";
import {GovernorTimelockControl} from "@openzeppelin/contracts/governance/extensions/GovernorTimelockControl.sol";
import {GovernorVotes} from "@openzeppelin/contracts/governance/extensions/GovernorVotes.sol";
import {GovernorVotesQuorumFraction} from "@openzeppelin/contracts/governance/extensions/GovernorVotesQuorumFraction.sol";
import {Governor} from "@openzeppelin/contracts/governance/Governor.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import {Time} from "@openzeppelin/contracts/utils/types/Time.sol";

import {IGovernanceLock} from "../interfaces/IGovernanceLock.sol";
import {IOPAGovernor} from "../interfaces/IOPAGovernor.sol";
import {EpochClock} from "../safety/EpochClock.sol";
import {BoundedParameter} from "../safety/BoundedParameter.sol";

/// @title OPAGovernor
/// @notice See {IOPAGovernor}.
/// @dev Invariants: GVN-I1 to GVN-I5 (docs/invariants.md). Trusts: LOCK to count votes, the timelock to enforce the
/// delay.
contract OPAGovernor is
    IOPAGovernor,
    GovernorSettings,
    GovernorCountingSimple,
    GovernorVotesQuorumFraction,
    GovernorPreventLateQuorum,
    GovernorProposalGuardian,
    GovernorTimelockControl,
    BoundedParameter
{
    using Checkpoints for Checkpoints.Trace208;
    using SafeCast for uint256;

    /// @notice First values of the settings.
    /// @param votingDelay Seconds between a proposal and its vote.
    /// @param votingPeriod Seconds of a vote.
    /// @param proposalThreshold Votes needed to propose, in OPA wei.
    /// @param quorumPercent Quorum in percent of all votes.
    /// @param quorumFloor Lowest quorum, in OPA wei of votes.
    /// @param voteExtension Seconds that a vote continues after a late quorum.
    struct Settings {
        uint48 votingDelay;
        uint32 votingPeriod;
        uint256 proposalThreshold;
        uint256 quorumPercent;
        uint256 quorumFloor;
        uint48 voteExtension;
    }

    /// @inheritdoc IOPAGovernor
    bytes32 public constant QUORUM_FLOOR = "governor/quorum-floor";

    /// @inheritdoc IOPAGovernor
    uint48 public constant GUARDIAN_TERM = 365 days;

    /// @inheritdoc IOPAGovernor
    uint256 public constant MAX_ACTIONS = 32;

    /// @inheritdoc IOPAGovernor
    uint48 public constant SETTING_COOLDOWN = 14 days;

    uint48 private constant MAX_EXTENSION = 2 days;
    uint24 private constant NOTICE = 48 hours;

    /// @inheritdoc IOPAGovernor
    IGovernanceLock public immutable LOCK;

    uint48 private _guardianExpiry;
    Checkpoints.Trace208 private _floors;
    mapping(bytes32 setting => uint256 time) private _changedAt;
    mapping(uint256 timepoint => uint256 votes) private _quorums;

    /// @param votes Governance lock that supplies the votes.
    /// @param executor Timelock that queues decisions.
    /// @param initialAuthority AccessManager of the suite.
    /// @param genesis First second of epoch 0.
    /// @param epochDuration Seconds per epoch.
    /// @param guardian Account that can cancel proposals in the first {GUARDIAN_TERM}; zero for none.
    /// @param settings First values of the settings.
    constructor(
        IGovernanceLock votes,
        TimelockController executor,
        address initialAuthority,
        uint48 genesis,
        uint32 epochDuration,
        address guardian,
        Settings memory settings
    )
        Governor("OPA Governor")
        GovernorSettings(settings.votingDelay, settings.votingPeriod, settings.proposalThreshold)
        GovernorVotes(votes)
        GovernorVotesQuorumFraction(settings.quorumPercent)
        GovernorPreventLateQuorum(settings.voteExtension)
        GovernorTimelockControl(executor)
        AccessManaged(initialAuthority)
        EpochClock(genesis, epochDuration)
    {
        require(address(votes) != address(0) && address(executor) != address(0), OPAGovernorZeroAddress());
        LOCK = votes;
        _define(QUORUM_FLOOR, settings.quorumFloor, Bounds(100_000 ether, 80_000_000 ether, 5_000, 30 days, NOTICE));
        _floors.push(0, settings.quorumFloor.toUint208());
        if (guardian != address(0)) _setProposalGuardian(guardian);
    }

    /// @inheritdoc IOPAGovernor
    function guardianExpiresAt() external view returns (uint48 expiry) {
        return _guardianExpiry;
    }

    /// @inheritdoc Governor
    function relay(address target, uint256, bytes calldata) public payable override {
        revert OPAGovernorNoRelay(target);
    }

    /// @inheritdoc Governor
    function supportsInterface(bytes4 interfaceId) public view override returns (bool supported) {
        return interfaceId == type(IOPAGovernor).interfaceId || super.supportsInterface(interfaceId);
    }

    /// @inheritdoc GovernorTimelockControl
    function updateTimelock(TimelockController) public view override {
        revert OPAGovernorFixedTimelock(timelock());
    }

    /// @inheritdoc GovernorVotes
    /// @dev Same clock as LOCK, without a call.
    function clock() public view override(Governor, GovernorVotes) returns (uint48 time) {
        return Time.timestamp();
    }

    /// @inheritdoc GovernorSettings
    function proposalThreshold() public view override(Governor, GovernorSettings) returns (uint256 votes) {
        return super.proposalThreshold();
    }

    /// @inheritdoc GovernorPreventLateQuorum
    function proposalDeadline(
        uint256 proposalId
    ) public view override(Governor, GovernorPreventLateQuorum) returns (uint256 timepoint) {
        return super.proposalDeadline(proposalId);
    }

    /// @inheritdoc GovernorTimelockControl
    function proposalNeedsQueuing(
        uint256 proposalId
    ) public view override(Governor, GovernorTimelockControl) returns (bool needed) {
        return super.proposalNeedsQueuing(proposalId);
    }

    /// @inheritdoc GovernorVotesQuorumFraction
    function quorum(
        uint256 timepoint
    ) public view override(Governor, GovernorVotesQuorumFraction) returns (uint256 votes) {
        votes = _quorums[timepoint];
        if (votes == 0) votes = Math.max(super.quorum(timepoint), quorumFloorAt(timepoint));
    }

    /// @inheritdoc GovernorTimelockControl
    function state(
        uint256 proposalId
    ) public view override(Governor, GovernorTimelockControl) returns (ProposalState current) {
        return super.state(proposalId);
    }

    /// @inheritdoc IOPAGovernor
    function quorumFloorAt(uint256 timepoint) public view returns (uint256 votes) {
        return _floors.upperLookupRecent(timepoint.toUint48());
    }

    /// @dev Stores the history of the floor, so that a later floor does not change the result of an earlier vote.
    function _beforeChange(bytes32, uint256 newValue) internal override {
        (, uint48 last, ) = _floors.latestCheckpoint();
        // A checkpoint in the future means that a pending change is withdrawn: keep its time, replace its value.
        uint256 from = last > block.timestamp ? last : GENESIS + uint256(_epochAfter(NOTICE)) * EPOCH_DURATION;
        _floors.push(from.toUint48(), newValue.toUint208());
    }

    /// @dev Bounds the number of actions and holds the lock of the proposer.
    function _propose(
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        string memory description,
        address proposer
    ) internal override returns (uint256 proposalId) {
        require(targets.length <= MAX_ACTIONS, OPAGovernorTooManyActions(targets.length, MAX_ACTIONS));

        proposalId = super._propose(targets, values, calldatas, description, proposer);
        _hold(proposalId, proposer);
    }

    /// @dev Counts a vote and holds the lock of the voter.
    function _castVote(
        uint256 proposalId,
        address account,
        uint8 support,
        string memory reason,
        bytes memory params
    ) internal override returns (uint256 weight) {
        weight = super._castVote(proposalId, account, support, reason, params);
        _hold(proposalId, account);
    }

    /// @dev See {GovernorPreventLateQuorum}. The first vote stores the quorum, which can no longer change. Every vote
    /// before the quorum is reached reads it, and computing it costs about 20,000 gas.
    function _tallyUpdated(uint256 proposalId) internal override(Governor, GovernorPreventLateQuorum) {
        uint256 snapshot = proposalSnapshot(proposalId);
        if (_quorums[snapshot] == 0) _quorums[snapshot] = quorum(snapshot);
        super._tallyUpdated(proposalId);
    }

    /// @dev See {GovernorTimelockControl}.
    function _queueOperations(
        uint256 proposalId,
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal override(Governor, GovernorTimelockControl) returns (uint48 eta) {
        return super._queueOperations(proposalId, targets, values, calldatas, descriptionHash);
    }

    /// @dev See {GovernorTimelockControl}.
    function _executeOperations(
        uint256 proposalId,
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal override(Governor, GovernorTimelockControl) {
        super._executeOperations(proposalId, targets, values, calldatas, descriptionHash);
    }

    /// @dev See {GovernorTimelockControl}.
    function _cancel(
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal override(Governor, GovernorTimelockControl) returns (uint256 proposalId) {
        return super._cancel(targets, values, calldatas, descriptionHash);
    }

    /// @dev Sets a guardian for a new term.
    function _setProposalGuardian(address newProposalGuardian) internal override {
        super._setProposalGuardian(newProposalGuardian);
        uint48 expiry = clock() + GUARDIAN_TERM;
        emit GuardianExpirySet(_guardianExpiry, expiry);
        _guardianExpiry = expiry;
    }

    /// @dev Between an hour and two weeks.
    function _setVotingDelay(uint48 newVotingDelay) internal override {
        _checkSetting("voting-delay", votingDelay(), newVotingDelay, 1 hours, 14 days);
        super._setVotingDelay(newVotingDelay);
    }

    /// @dev Between a day and three weeks, and at least the extension, which the constructor sets later.
    function _setVotingPeriod(uint32 newVotingPeriod) internal override {
        _checkSetting("voting-period", votingPeriod(), newVotingPeriod, 1 days, 21 days);
        uint48 extension = lateQuorumVoteExtension();
        require(
            newVotingPeriod >= extension,
            GovernorPreventLateQuorumVoteExtensionTooLarge(extension, newVotingPeriod)
        );
        super._setVotingPeriod(newVotingPeriod);
    }

    /// @dev Between a thousand and eight million votes.
    function _setProposalThreshold(uint256 newProposalThreshold) internal override {
        uint256 threshold = proposalThreshold();
        _checkSetting("proposal-threshold", threshold, newProposalThreshold, 1_000 ether, 8_000_000 ether);
        super._setProposalThreshold(newProposalThreshold);
    }

    /// @dev Between 2% and 30%.
    function _updateQuorumNumerator(uint256 newQuorumNumerator) internal override {
        _checkSetting("quorum-percent", quorumNumerator(), newQuorumNumerator, 2, 30);
        super._updateQuorumNumerator(newQuorumNumerator);
    }

    /// @dev Between an hour and {MAX_EXTENSION}, the longest time for which locks are held. OpenZeppelin's setter
    /// refuses more than the voting period.
    function _setLateQuorumVoteExtension(uint48 newVoteExtension) internal override {
        _checkSetting("vote-extension", lateQuorumVoteExtension(), newVoteExtension, 1 hours, MAX_EXTENSION);
        super._setLateQuorumVoteExtension(newVoteExtension);
    }

    /// @dev Address that executes decisions.
    function _executor() internal view override(Governor, GovernorTimelockControl) returns (address executor) {
        return super._executor();
    }

    /// @dev True for the guardian during its term until execution, and for the proposer until the vote starts.
    function _validateCancel(
        uint256 proposalId,
        address caller
    ) internal view override(Governor, GovernorProposalGuardian) returns (bool valid) {
        bool isGuardian = caller == proposalGuardian() && block.timestamp < _guardianExpiry;
        return isGuardian || Governor._validateCancel(proposalId, caller);
    }

    /// @dev Holds a lock until the latest second at which the vote on a proposal can end. If the role is missing, votes
    /// go on without holds. Otherwise no decision could grant the role again.
    function _hold(uint256 proposalId, address account) private {
        uint256 latest = Governor.proposalDeadline(proposalId) + MAX_EXTENSION;
        try LOCK.hold(account, latest.toUint48()) {} catch (bytes memory reason) {
            // Too little gas is another error and reverts.
            if (bytes4(reason) != AccessManagedUnauthorized.selector) LowLevelCall.bubbleRevert(reason);
        }
    }

    /// @dev Enforces the bounds of a setting and, after its first value, its step and cooldown.
    function _checkSetting(bytes32 setting, uint256 value, uint256 newValue, uint256 minimum, uint256 maximum) private {
        require(
            minimum <= newValue && newValue <= maximum,
            OPAGovernorOutOfBounds(setting, newValue, minimum, maximum)
        );
        if (value == 0) return; // first value

        uint256 step = newValue > value ? newValue - value : value - newValue;
        require(step != 0 && step <= Math.max(value / 2, 1), OPAGovernorInvalidStep(setting, newValue, value));
        uint256 changedAt = _changedAt[setting];
        uint256 availableAt = changedAt == 0 ? 0 : changedAt + SETTING_COOLDOWN;
        require(block.timestamp >= availableAt, OPAGovernorTooSoon(setting, availableAt));

        _changedAt[setting] = block.timestamp;
    }
}
