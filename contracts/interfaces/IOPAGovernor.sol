// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IGovernanceLock} from "./IGovernanceLock.sol";

/// @title IOPAGovernor
/// @notice Decides by the votes of locked OPA. Decisions wait in the timelock before they are executed.
/// @dev OpenZeppelin's Governor with its extensions for settings, simple counting, timelock, late quorum and a proposal
/// guardian; clients of an OpenZeppelin Governor work unchanged. Differences:
/// - the quorum is the larger of a share of all votes at the snapshot and an absolute floor ({QUORUM_FLOOR}, a bounded
/// parameter);
/// - proposing holds the lock of the proposer, and voting the lock of the voter, until the latest possible end of the
/// vote;
/// - the guardian can cancel, nothing else, and only until {guardianExpiresAt};
/// - a vote extension is never longer than the voting period, whichever of the two is set;
/// - every setting has bounds, a step of half its value and a cooldown of {SETTING_COOLDOWN} in code. A proposal keeps
/// its delay and period. Its quorum is fixed at its snapshot, its extension when the quorum is reached.
///
/// Warning: a proposal may call any address. Protection is the delay and a readable proposal, not a list of targets:
/// the library of the suite decodes a proposal into words. A decision can name another proposer of the timelock, whose
/// operations need no vote. A hold applies to the account that votes: locks with delegated power are not held. Without
/// the HOLDER role votes go on and hold no lock. As in OpenZeppelin's Governor, decisions do not expire.
interface IOPAGovernor {
    /// @notice Emitted when the time until which the guardian can cancel changes.
    /// @param previousExpiry Previous value.
    /// @param expiry First second at which it can no longer cancel.
    event GuardianExpirySet(uint48 previousExpiry, uint48 expiry);

    /// @notice A proposal has more actions than one may have.
    /// @param count Number of actions.
    /// @param limit Largest number.
    error OPAGovernorTooManyActions(uint256 count, uint256 limit);

    /// @notice A setting is outside its bounds.
    /// @param setting Name of the setting.
    /// @param newValue Value given.
    /// @param minimum Smallest value.
    /// @param maximum Largest value.
    error OPAGovernorOutOfBounds(bytes32 setting, uint256 newValue, uint256 minimum, uint256 maximum);

    /// @notice A setting would change by more than half, or not at all.
    /// @param setting Name of the setting.
    /// @param newValue Value given.
    /// @param value Value it has.
    error OPAGovernorInvalidStep(bytes32 setting, uint256 newValue, uint256 value);

    /// @notice The cooldown since the last change of a setting is not over.
    /// @param setting Name of the setting.
    /// @param availableAt First second at which it can change again.
    error OPAGovernorTooSoon(bytes32 setting, uint256 availableAt);

    /// @notice A module address is zero.
    error OPAGovernorZeroAddress();

    /// @notice The timelock cannot be replaced: it holds every right of the system.
    /// @param timelock The timelock.
    error OPAGovernorFixedTimelock(address timelock);

    /// @notice This contract calls only the timelock and its lock; the timelock executes decisions.
    /// @param target Address that it was to call.
    error OPAGovernorNoRelay(address target);

    /// @notice First second at which the guardian can no longer cancel.
    /// @return expiry Zero if there never was a guardian.
    function guardianExpiresAt() external view returns (uint48 expiry);

    /// @notice Absolute floor of the quorum at a time.
    /// @param timepoint Time to look up; floors announced for later than now can still change.
    /// @return votes OPA wei, weighted by the remaining time.
    function quorumFloorAt(uint256 timepoint) external view returns (uint256 votes);

    /// @notice Governance lock that supplies the votes.
    function LOCK() external view returns (IGovernanceLock);

    /// @notice Id of the parameter that is the absolute floor of the quorum, in OPA wei of voting power.
    function QUORUM_FLOOR() external view returns (bytes32);

    /// @notice Seconds for which a guardian can cancel after it was named.
    function GUARDIAN_TERM() external view returns (uint48);

    /// @notice Largest number of actions of a proposal.
    function MAX_ACTIONS() external view returns (uint256);

    /// @notice Seconds between two changes of a setting.
    function SETTING_COOLDOWN() external view returns (uint48);
}
