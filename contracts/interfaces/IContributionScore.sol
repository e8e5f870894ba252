// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title IContributionScore
/// @notice Lifetime contribution of accounts, decaying and not transferable.
interface IContributionScore {
    /// @notice Score of an account now. Contributions may count only after they are booked.
    /// @dev Must not revert.
    /// @param account Account to look up.
    /// @return score Points.
    function scoreOf(address account) external view returns (uint256 score);
}
