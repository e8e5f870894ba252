// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title ILockPower
/// @notice Voting power of an account's own locks, without power delegated to it.
interface ILockPower {
    /// @notice Power of an account's own locks now.
    /// @dev Must not revert.
    /// @param account Account to look up.
    /// @return power OPA wei, weighted by the remaining time.
    function powerOf(address account) external view returns (uint256 power);
}
