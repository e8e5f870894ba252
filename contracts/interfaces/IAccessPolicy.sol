// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

/// @title IAccessPolicy
/// @notice Says which access tier an account has. Replaceable: governance chooses among registered ones.
interface IAccessPolicy is IERC165 {
    /// @notice Tier of an account now.
    /// @dev Where it fails, an account has no tier. It has little gas, see {IAccessTiers-TIER_GAS}.
    /// @param account Account to look up.
    /// @return tier 0 to 7.
    function tierOf(address account) external view returns (uint8 tier);
}
