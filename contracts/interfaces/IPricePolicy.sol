// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

/// @title IPricePolicy
/// @notice Rule that moves the rate of a resource with its use, one step per epoch.
/// @dev The registry bounds every result to 1/8 of the rate, and to the floor and ceiling of the resource.
interface IPricePolicy is IERC165 {
    /// @notice Rate of the epoch after one in which `units` were settled.
    /// @dev Must depend on its arguments only, so that prices do not depend on the time of the call. For zero units
    /// repeated calls must converge. Gas is bounded, see {IResourceRegistry-POLICY_GAS}.
    ///
    /// Warning: if the call fails or returns more than 32 bits, the rate stays.
    /// @param rateGwei Rate of the epoch, in gwei of OPA per compute unit.
    /// @param units Units settled in the epoch.
    /// @param target Units per epoch at which the rate should stay, at least 1.
    /// @return nextRateGwei Rate of the next epoch, in gwei of OPA per compute unit.
    function nextRate(uint32 rateGwei, uint64 units, uint64 target) external view returns (uint32 nextRateGwei);
}
