// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOPAToken} from "./IOPAToken.sol";
import {IResourceRegistry} from "./IResourceRegistry.sol";

/// @title IMeterBase
/// @notice Immutable references of the Meter.
interface IMeterBase {
    /// @notice Token that is deposited and burned.
    function TOKEN() external view returns (IOPAToken);

    /// @notice Registry of prices.
    function REGISTRY() external view returns (IResourceRegistry);
}
