// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

/// @title INecessity
/// @notice An on-chain condition: whether the reserve is needed now.
/// @dev The reserve calls it with bounded gas. A failed call counts as false.
interface INecessity is IERC165 {
    /// @notice Whether the reserve is needed now.
    /// @return needed True if it is.
    function isNecessary() external view returns (bool needed);

    /// @notice Kind of the draws that the condition can justify, a short text in ASCII.
    function KIND() external view returns (bytes32);
}
