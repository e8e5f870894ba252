// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title IProvisionBook
/// @notice Rewards providers for the use that the {IMeter} counted, one finished epoch at a time.
interface IProvisionBook {
    /// @notice Books the use of a provider in a finished epoch, before the Meter forgets that epoch.
    /// @dev Called by the Meter at the end of the settlement in which the provider is used for the first time in a later
    /// epoch. Every epoch with use is named in the first settlement of a later one, if need be with `burned` 0 and a provider
    /// that was not used in it; until then {IMeter-finishedUse} tells its total. A call has {IMeter-BOOK_GAS} gas; one
    /// that fails is reported and not repeated, and {IMeter-finishedUseOf} still tells the same figure for an epoch.
    /// @param provider Provider that was used.
    /// @param epoch Finished epoch.
    /// @param burned OPA wei burned through the provider in it.
    function book(address provider, uint32 epoch, uint256 burned) external;
}
