// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";

/// @title SystemTimelock
/// @notice OpenZeppelin's TimelockController with bounds, a largest step and a cooldown for its delay.
/// @dev Invariants: GVN-I4 (docs/invariants.md). Holds every right of the system; only the Governor schedules, anyone executes.
contract SystemTimelock is TimelockController {
    /// @notice Shortest delay, in seconds.
    uint256 public constant SHORTEST_DELAY = 1 days;

    /// @notice Longest delay, in seconds.
    uint256 public constant LONGEST_DELAY = 30 days;

    /// @notice Seconds between two changes of the delay.
    uint256 public constant DELAY_COOLDOWN = 14 days;

    uint256 private _changedAt;

    /// @notice A delay is too short or too long.
    /// @param delay Seconds given.
    /// @param minimum Shortest delay.
    /// @param maximum Longest delay.
    error SystemTimelockOutOfBounds(uint256 delay, uint256 minimum, uint256 maximum);

    /// @notice The delay would move by more than half, or not at all.
    /// @param newDelay Seconds given.
    /// @param delay Seconds that it has.
    error SystemTimelockInvalidStep(uint256 newDelay, uint256 delay);

    /// @notice The cooldown since the last change of the delay is not over.
    /// @param availableAt First second at which it can change again.
    error SystemTimelockTooSoon(uint256 availableAt);

    /// @param minDelay Seconds that a decision waits.
    /// @param proposers Accounts that can schedule and cancel.
    /// @param executors Accounts that can execute; zero for anyone.
    /// @param admin Account that can grant these roles until it renounces; zero for this contract alone.
    constructor(
        uint256 minDelay,
        address[] memory proposers,
        address[] memory executors,
        address admin
    ) TimelockController(minDelay, proposers, executors, admin) {
        _requireInBounds(minDelay);
    }

    /// @notice Changes the delay of operations scheduled from now on. Pending operations keep their time.
    /// @dev Emits `MinDelayChange`. Callable by the timelock itself, so by a decision that has waited.
    ///
    /// Reverts:
    /// - `TimelockUnauthorizedCaller` for any other caller.
    /// - {SystemTimelockOutOfBounds} below {SHORTEST_DELAY} and above {LONGEST_DELAY}.
    /// - {SystemTimelockInvalidStep} if it changes by more than half of the present delay, or not at all.
    /// - {SystemTimelockTooSoon} within {DELAY_COOLDOWN} of the last change.
    /// @param newDelay Seconds that a decision waits.
    function updateDelay(uint256 newDelay) public override {
        uint256 delay = getMinDelay();
        super.updateDelay(newDelay);

        _requireInBounds(newDelay);
        uint256 step = newDelay > delay ? newDelay - delay : delay - newDelay;
        require(step != 0 && step <= delay / 2, SystemTimelockInvalidStep(newDelay, delay));
        uint256 availableAt = _changedAt == 0 ? 0 : _changedAt + DELAY_COOLDOWN;
        require(block.timestamp >= availableAt, SystemTimelockTooSoon(availableAt));
        _changedAt = block.timestamp;
    }

    /// @dev Reverts if the delay is too short for users to react, or too long to govern.
    function _requireInBounds(uint256 delay) private pure {
        require(
            SHORTEST_DELAY <= delay && delay <= LONGEST_DELAY,
            SystemTimelockOutOfBounds(delay, SHORTEST_DELAY, LONGEST_DELAY)
        );
    }
}
