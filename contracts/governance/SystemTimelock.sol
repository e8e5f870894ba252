// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title SystemTimelock
/// @notice OpenZeppelin's TimelockController with bounds to its delay that it cannot leave by its own decision.
/// @dev Invariants: GVN-I4 (docs/invariants.md). Holds every right of the system; only the Governor schedules, anyone executes.
contract SystemTimelock is TimelockController {
    /// @notice Shortest delay in force, whatever is set.
    uint256 public constant SHORTEST_DELAY = 1 days;

    /// @notice Longest delay in force, whatever is set.
    uint256 public constant LONGEST_DELAY = 30 days;

    /// @param minDelay Seconds that a decision waits.
    /// @param proposers Who can schedule and cancel.
    /// @param executors Who can execute; zero for anyone.
    /// @param admin Who can name the others until it renounces; zero for this contract alone.
    constructor(
        uint256 minDelay,
        address[] memory proposers,
        address[] memory executors,
        address admin
    ) TimelockController(minDelay, proposers, executors, admin) {}

    /// @notice Seconds that a decision waits.
    /// @return delay What was set last, within the bounds.
    function getMinDelay() public view override returns (uint256 delay) {
        return Math.min(Math.max(super.getMinDelay(), SHORTEST_DELAY), LONGEST_DELAY);
    }
}
