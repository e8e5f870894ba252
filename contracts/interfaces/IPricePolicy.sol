// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

/// @title IPricePolicy
/// @notice A rule by which the rate of a resource follows its use, one step per epoch.
/// @dev The registry holds every answer within 1/8 of the rate and inside the floor and ceiling of the resource.
interface IPricePolicy is IERC165 {
    /// @notice Rate of the epoch after one in which `units` were settled.
    /// @dev Depends on its arguments and on nothing else, so that prices are the same whenever they are worked out; answers
    /// zero units with a rate that settles. It has little gas, see {IResourceRegistry-POLICY_GAS}.
    ///
    /// Warning: where it fails or answers with more than 32 bits, the rate stays.
    /// @param rateGwei Rate of the epoch, in gwei of OPA per compute unit.
    /// @param units Units settled in the epoch.
    /// @param target Units per epoch at which the rate should stay, at least 1.
    /// @return nextRateGwei Rate of the next epoch, in gwei of OPA per compute unit.
    function nextRate(uint32 rateGwei, uint64 units, uint64 target) external view returns (uint32 nextRateGwei);
}
