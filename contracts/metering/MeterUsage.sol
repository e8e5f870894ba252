// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";

import {IMeterBase} from "../interfaces/IMeterBase.sol";
import {IMeterUsage} from "../interfaces/IMeterUsage.sol";
import {IProvisionBook} from "../interfaces/IProvisionBook.sol";
import {IResourceRegistry} from "../interfaces/IResourceRegistry.sol";
import {Metering} from "../interfaces/types/Metering.sol";
import {TotalsWord} from "../libraries/RunningTotals.sol";
import {UseRecord, UseWord} from "../libraries/UseRecord.sol";
import {EpochClock} from "../safety/EpochClock.sol";

/// @title MeterUsage
/// @notice Records of use: by resource, by provider and in total, and running totals.
/// @dev Shared by {Meter} and {MeterExtension}, which use the same storage. Trusts: REGISTRY for prices. A book is
/// called last, with bounded gas, and may fail.
abstract contract MeterUsage is IMeterBase, EpochClock {
    using Checkpoints for Checkpoints.Trace160;
    using UseRecord for UseRecord.Use;

    /// @dev Running totals at one provider, by place. Like {_resourceUse} an array of fixed length, in which a place costs an
    /// addition and not a hash.
    struct Totals {
        TotalsWord[1 << 30] words;
    }

    /// @dev Gas of one booking.
    uint256 internal constant BOOKING_GAS = 500_000;

    uint256 internal constant TERMS_MASK = type(uint256).max << 128; // sums of a resource
    uint256 private constant SUMS_MASK = type(uint256).max << 64; // sums of a provider and of all

    /// @inheritdoc IMeterBase
    IResourceRegistry public immutable REGISTRY;

    mapping(address provider => UseRecord.Use use) internal _providerUse;
    UseRecord.Use internal _totalUse;
    mapping(address account => mapping(address provider => Totals totals)) internal _lines;
    Checkpoints.Trace160 internal _books;

    /// @dev By id of the resource.
    UseRecord.Use[1 << 32] internal _resourceUse;

    /// @param registry Resource registry with prices and the epoch clock.
    constructor(IResourceRegistry registry) {
        REGISTRY = registry;
    }

    /// @inheritdoc IMeterBase
    function lastUseOf(uint32 resource) external view returns (uint32 epoch, uint64 units) {
        UseWord word = _resourceUse[resource].current;
        return (uint32(word.epoch()), word.units());
    }

    /// @inheritdoc IMeterBase
    function finishedUseOf(address provider) external view returns (uint32 epoch, uint256 burned) {
        return _providerUse[provider].finished(currentEpoch());
    }

    /// @inheritdoc IMeterBase
    function finishedUse() external view returns (uint32 epoch, uint256 burned) {
        return _totalUse.finished(currentEpoch());
    }

    /// @inheritdoc IMeterBase
    function bookOf(uint32 epoch) external view returns (address book) {
        return address(_books.upperLookup(epoch));
    }

    /// @dev Terms of a resource in the running epoch without use. The registry stores the rates, which follow from the use that
    /// the record of the resource has until then.
    function _openTerms(uint256 resource, uint256 epoch) internal returns (UseWord terms) {
        return UseRecord.toTerms(epoch, REGISTRY.storeRates(uint32(resource)));
    }

    /// @dev Stores the use of a provider; returns the use of an earlier epoch that has to be booked, zero if there is none.
    function _countProvider(
        UseRecord.Use storage use,
        UseWord stored,
        UseWord served,
        uint256 epoch
    ) internal returns (UseWord unbooked) {
        if (stored.epoch() != epoch) {
            use.retire(stored, SUMS_MASK);
            unbooked = stored;
            stored = stored.startedIn(epoch);
        }
        use.current = stored.plus(served);
    }

    /// @dev Stores the use of all.
    function _countTotal(UseWord stored, UseWord used, uint256 epoch) internal {
        if (stored.epoch() != epoch) {
            _totalUse.retire(stored, SUMS_MASK);
            stored = stored.startedIn(epoch);
        }
        _totalUse.current = stored.plus(used);
    }

    /// @dev Has the use of a finished epoch booked. A failing book does not stop settlement. Reverts if the book would
    /// get too little gas. Otherwise a caller could make it fail.
    function _callBook(address provider, uint32 epoch, uint256 burned) internal {
        address book = address(_books.upperLookup(epoch));
        if (book == address(0)) return;

        uint256 required = BOOKING_GAS + BOOKING_GAS / 8; // includes the call and the 1/64 kept by EIP-150
        require(gasleft() >= required, IMeterUsage.MeterGasTooLow(required));
        try IProvisionBook(book).book{gas: BOOKING_GAS}(provider, epoch, burned) {} catch {
            emit IMeterUsage.BookingFailed(provider, epoch, burned);
        }
    }

    /// @dev Terms of a resource in the running epoch, with the use counted in it; read from the registry once an epoch.
    function _termsOf(uint256 resource, UseWord stored, uint256 epoch) internal view returns (UseWord terms) {
        if (stored.hasTermsOf(epoch)) return stored;
        return UseRecord.toTerms(epoch, REGISTRY.ratesOf(uint32(resource)));
    }

    /// @dev Rate of a resource at a price epoch before `epoch`, the running one, in gwei per compute unit; 0 if it has none.
    function _earlierRate(
        uint256 resource,
        UseWord terms,
        uint256 priceEpoch,
        uint256 epoch
    ) internal view returns (uint256 rate) {
        if (priceEpoch + 1 == epoch) return terms.previousRate();
        if (terms.weight() == 0) return 0;
        Metering.Terms memory old = REGISTRY.termsByEpoch(uint32(resource), uint32(priceEpoch));
        return old.unitPrice / old.weight / 1 gwei; // exact; the price is 0 if there is none
    }

    /// @dev Gwei burned in `epoch`, the running one.
    function _burnedGweiIn(UseWord total, uint256 epoch) internal pure returns (uint256 burnedGwei) {
        return total.epoch() == epoch ? total.burnedGwei() : 0;
    }
}
