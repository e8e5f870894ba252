// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title IProvisionBook
/// @notice Books the use that the {IMeter} counted for each provider, one finished epoch at a time.
interface IProvisionBook {
    /// @notice Books the use of a provider in a finished epoch, before the Meter overwrites that epoch.
    /// @dev Called by the Meter at the end of the settlement in which the provider is used for the first time in a
    /// later epoch. The first settlement of a later epoch reports every epoch with use, with `burned` 0 if its provider
    /// was not used in that epoch. Until then {IMeter-finishedUse} returns its total. A call has {IMeter-BOOK_GAS} gas.
    /// A failed call is reported and not repeated; {IMeter-finishedUseOf} returns the same figure for one more epoch.
    /// @param provider Provider that was used.
    /// @param epoch Finished epoch.
    /// @param burned OPA wei burned through the provider in it.
    function book(address provider, uint32 epoch, uint256 burned) external;
}
