// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";

import {IMeterUsage} from "../interfaces/IMeterUsage.sol";
import {IProvisionBook} from "../interfaces/IProvisionBook.sol";
import {Metering} from "../interfaces/types/Metering.sol";
import {UseRecord, UseWord} from "../libraries/UseRecord.sol";
import {MeterBase} from "./MeterBase.sol";

/// @title MeterStatistics
/// @notice See {IMeterUsage}.
/// @dev Invariants: RES-I2 (docs/invariants.md). Trusts: the node registry for the state of providers.
abstract contract MeterStatistics is IMeterUsage, MeterBase {
    using Checkpoints for Checkpoints.Trace160;
    using SafeCast for uint256;
    using UseRecord for UseRecord.Use;

    /// @inheritdoc IMeterUsage
    uint256 public constant BOOK_GAS = BOOKING_GAS;

    uint256 private constant CATEGORY_MASK = 31;

    /// @inheritdoc IMeterUsage
    function setProvider(address provider, uint32 categories, uint48 endsAt) external restricted {
        require(
            provider != address(0) && categories != 0 && categories <= CATEGORY_MASK,
            MeterInvalidProvider(provider, categories)
        );

        uint32 end = endsAt == type(uint48).max ? type(uint32).max : 0;
        if (endsAt != 0 && end == 0) end = uint256(endsAt - GENESIS).toUint32();
        UseRecord.Use storage use = _providerUse[provider];
        use.current = use.current.withTag((uint40(categories) << 32) | end);
        emit ProviderSet(provider, categories, endsAt);
    }

    /// @inheritdoc IMeterUsage
    function setBook(IProvisionBook book) external restricted {
        address previous = address(_books.latest());
        require(address(book) == address(0) || address(book).code.length != 0, MeterInvalidBook(address(book)));
        require(address(book) != previous, MeterBookUnchanged(previous));

        uint32 firstEpoch = currentEpoch() + 1;
        _books.push(firstEpoch, uint160(address(book)));
        emit BookSet(previous, address(book), firstEpoch);
    }

    /// @inheritdoc IMeterUsage
    function providerOf(address provider) external view returns (uint32 categories, uint48 endsAt) {
        UseWord word = _providerUse[provider].current;
        uint256 end = word.endsAt();
        if (end == type(uint32).max) endsAt = type(uint48).max;
        else if (end != 0) endsAt = (GENESIS + end).toUint48();
        return (uint32(word.categories()), endsAt);
    }

    /// @inheritdoc IMeterUsage
    function usageOf(
        uint32 resource
    )
        external
        view
        returns (Metering.Usage memory current, Metering.Usage memory previous, Metering.Usage memory allTime)
    {
        UseRecord.Use storage use = _resourceUse[resource];
        return use.read(currentEpoch(), use.current.weight());
    }

    /// @inheritdoc IMeterUsage
    function providerUsageOf(
        address provider
    )
        external
        view
        returns (Metering.Usage memory current, Metering.Usage memory previous, Metering.Usage memory allTime)
    {
        return _providerUse[provider].read(currentEpoch(), 0);
    }

    /// @inheritdoc IMeterUsage
    function totalUsage()
        external
        view
        returns (Metering.Usage memory current, Metering.Usage memory previous, Metering.Usage memory allTime)
    {
        return _totalUse.read(currentEpoch(), 0);
    }

    /// @inheritdoc IMeterUsage
    function burnedInEpoch() external view returns (uint256 burned) {
        return _burnedGweiIn(_totalUse.current, currentEpoch()) * 1 gwei;
    }
}
