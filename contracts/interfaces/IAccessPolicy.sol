// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

/// @title IAccessPolicy
/// @notice Returns the access tier of an account. Replaceable: governance chooses among registered ones.
interface IAccessPolicy is IERC165 {
    /// @notice Tier of an account now.
    /// @dev If the call fails, the account has no tier. Gas is bounded, see {IAccessTiers-TIER_GAS}.
    /// @param account Account to look up.
    /// @return tier 0 to 7.
    function tierOf(address account) external view returns (uint8 tier);
}
