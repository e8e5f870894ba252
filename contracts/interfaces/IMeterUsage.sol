// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IProvisionBook} from "./IProvisionBook.sol";
import {Metering} from "./types/Metering.sol";

/// @title IMeterUsage
/// @notice Gapless counters of use by resource, by provider and in total; providers in service; and the contract that
/// books provision.
interface IMeterUsage {
    /// @notice Emitted when the state of a provider is pushed.
    /// @param provider Provider concerned.
    /// @param categories Categories it serves, one bit each by number.
    /// @param endsAt First second at which it no longer serves; 0 if it does not serve, the largest value if no end is set.
    event ProviderSet(address indexed provider, uint32 categories, uint48 endsAt);

    /// @notice Emitted when another contract books provision.
    /// @param previous Book in force until then, or zero.
    /// @param book Book from then on, or zero for none.
    /// @param firstEpoch First epoch that it books.
    event BookSet(address indexed previous, address indexed book, uint32 firstEpoch);

    /// @notice Emitted when a book fails. {finishedUseOf} returns the figure until the provider is used in a later
    /// epoch.
    /// @param provider Provider concerned.
    /// @param epoch Finished epoch.
    /// @param burned OPA wei burned through the provider in it.
    event BookingFailed(address indexed provider, uint32 epoch, uint256 burned);

    /// @notice A registered provider serves at least one category, and categories have numbers 0 to 4.
    /// @param provider Provider concerned.
    /// @param categories Categories as given.
    error MeterInvalidProvider(address provider, uint32 categories);

    /// @notice The address holds no contract.
    /// @param book Address as given.
    error MeterInvalidBook(address book);

    /// @notice The book is the last one set.
    /// @param book Address as given.
    error MeterBookUnchanged(address book);

    /// @notice The call leaves too little gas for a book.
    /// @param required Gas that has to be left at each booking.
    error MeterGasTooLow(uint256 required);

    /// @notice Stores the state of a provider. The node registry pushes it on each change.
    /// @dev Emits {ProviderSet}. Restricted to the node registry.
    ///
    /// Reverts:
    /// - {MeterInvalidProvider} if the provider is zero or serves no category, or an unknown one.
    /// - `SafeCastOverflowedUintDowncast` if the end is beyond 2^32 seconds of GENESIS, a panic if it is before GENESIS.
    /// @param provider Provider concerned.
    /// @param categories Categories it serves, one bit each by number.
    /// @param endsAt First second at which it no longer serves; 0 if it does not serve, the largest value if no end is set.
    function setProvider(address provider, uint32 categories, uint48 endsAt) external;

    /// @notice Chooses the contract that books provision, in force from the next epoch.
    /// @dev Emits {BookSet}. Restricted to governance. A choice of the same epoch is replaced.
    ///
    /// Reverts:
    /// - {MeterInvalidBook} if the address holds no contract.
    /// - {MeterBookUnchanged} if it is the last one set.
    /// @param book Contract, or zero for none.
    function setBook(IProvisionBook book) external;

    /// @notice Gas that a book may use for one provider.
    function BOOK_GAS() external view returns (uint256);

    /// @notice State of a provider as its registry pushed it last.
    /// @param provider Provider to look up.
    /// @return categories Categories it serves, one bit each; 0 if it was never pushed.
    /// @return endsAt First second at which it no longer serves; 0 if it does not serve, the largest value if no end is set.
    function providerOf(address provider) external view returns (uint32 categories, uint48 endsAt);

    /// @notice Use of one resource.
    /// @param resource Resource to look up; all zero if it does not exist.
    /// @return current Use settled in the running epoch.
    /// @return previous Use settled in the previous epoch.
    /// @return allTime Use settled since registration.
    function usageOf(
        uint32 resource
    )
        external
        view
        returns (Metering.Usage memory current, Metering.Usage memory previous, Metering.Usage memory allTime);

    /// @notice Use served by one provider; the OPA burned in an epoch are its points for that epoch.
    /// @param provider Provider to look up.
    /// @return current Use settled in the running epoch.
    /// @return previous Use settled in the previous epoch.
    /// @return allTime Use settled since registration.
    function providerUsageOf(
        address provider
    )
        external
        view
        returns (Metering.Usage memory current, Metering.Usage memory previous, Metering.Usage memory allTime);

    /// @notice Use of all providers together.
    /// @return current Use settled in the running epoch.
    /// @return previous Use settled in the previous epoch.
    /// @return allTime Use settled for all time.
    function totalUsage()
        external
        view
        returns (Metering.Usage memory current, Metering.Usage memory previous, Metering.Usage memory allTime);

    /// @notice Burn of the running epoch.
    /// @return burned OPA wei burned in it so far.
    function burnedInEpoch() external view returns (uint256 burned);
}
