// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOPAToken} from "./IOPAToken.sol";
import {IResourceRegistry} from "./IResourceRegistry.sol";

/// @title IMeterBase
/// @notice The contracts that the Meter stands on, fixed for ever, and the reads that the registry, the vault and the pool
/// make during a settlement.
interface IMeterBase {
    /// @notice Token that is deposited and burned.
    function TOKEN() external view returns (IOPAToken);

    /// @notice Registry of prices.
    function REGISTRY() external view returns (IResourceRegistry);

    /// @notice Contract that books the provision of an epoch.
    /// @param epoch Epoch to look up.
    /// @return book Address, or zero if there is none.
    function bookOf(uint32 epoch) external view returns (address book);

    /// @notice Last epoch in which a resource was used, the running one included; prices follow it.
    /// @param resource Resource to look up.
    /// @return epoch Its number, 0 also if there is none.
    /// @return units Units settled in it.
    function lastUseOf(uint32 resource) external view returns (uint32 epoch, uint64 units);

    /// @notice Last finished epoch in which a provider was used.
    /// @param provider Provider to look up.
    /// @return epoch Its number, 0 also if there is none.
    /// @return burned OPA wei burned through the provider in it.
    function finishedUseOf(address provider) external view returns (uint32 epoch, uint256 burned);

    /// @notice Last finished epoch with any use.
    /// @return epoch Its number, 0 also if there is none.
    /// @return burned OPA wei burned in it.
    function finishedUse() external view returns (uint32 epoch, uint256 burned);
}
