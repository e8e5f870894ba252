// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IMeterUsage} from "../../contracts/interfaces/IMeterUsage.sol";
import {IProvisionBook} from "../../contracts/interfaces/IProvisionBook.sol";
import {IResourceRegistry} from "../../contracts/interfaces/IResourceRegistry.sol";
import {Metering} from "../../contracts/interfaces/types/Metering.sol";
import {UsageWord} from "../../contracts/interfaces/types/MeteringWords.sol";
import {RollingUsage} from "../../contracts/libraries/RollingUsage.sol";
import {EpochClock} from "../../contracts/safety/EpochClock.sol";
import {OPAToken} from "../../contracts/token/OPAToken.sol";

/// @dev Counts use as the Meter does, from anybody, and burns for it what it holds, if it is told to.
contract MeterMock is IMeterUsage, EpochClock {
    using RollingUsage for RollingUsage.Record;

    uint256 public constant BOOK_GAS = 1_000_000;
    IResourceRegistry public constant REGISTRY = IResourceRegistry(address(0));

    OPAToken private immutable TOKEN;

    IProvisionBook[] private _books;
    uint32[] private _from;
    mapping(address provider => RollingUsage.Record record) private _uses;
    RollingUsage.Record private _total;
    bool public isFalse;

    constructor(OPAToken token, uint48 genesis, uint32 duration) EpochClock(genesis, duration) {
        TOKEN = token;
    }

    /// @dev From now on it counts without burning.
    function setFalse(bool isFalse_) external {
        isFalse = isFalse_;
    }

    function setBook(IProvisionBook newBook) external {
        _books.push(newBook);
        _from.push(currentEpoch() + 1);
    }

    function use(address provider, uint256 burned) external {
        uint32 epoch = currentEpoch();
        (uint32 last, uint256 used) = finishedUseOf(provider);
        bool rolls = _uses[provider].lastEpoch() != epoch;
        if (rolls || _total.lastEpoch() != epoch) {
            address target = bookOf(used == 0 ? _total.lastEpoch() : last);
            if (target.code.length != 0) {
                try IProvisionBook(target).book{gas: BOOK_GAS}(provider, last, used) {} catch {
                    emit BookingFailed(provider, last, used);
                }
            }
        }
        UsageWord usage = UsageWord.wrap((burned << 160) | (1 << 96) | (1 << 32));
        _uses[provider].add(epoch, usage);
        _total.add(epoch, usage);
        if (!isFalse) TOKEN.burn(burned);
    }

    function setProvider(address provider, uint32 categories, uint48 endsAt) external {
        emit ProviderSet(provider, categories, endsAt);
    }

    function burnedInEpoch() external view returns (uint256 burned) {
        return _total.burnedIn(currentEpoch());
    }

    function finishedUse() external view returns (uint32 epoch, uint256 burned) {
        return _total.finished(currentEpoch());
    }

    function providerUsageOf(
        address provider
    )
        external
        view
        returns (Metering.Usage memory current, Metering.Usage memory previous, Metering.Usage memory allTime)
    {
        return _uses[provider].read(currentEpoch());
    }

    function totalUsage()
        external
        view
        returns (Metering.Usage memory current, Metering.Usage memory previous, Metering.Usage memory allTime)
    {
        return _total.read(currentEpoch());
    }

    function usageOf(
        uint32
    )
        external
        pure
        returns (Metering.Usage memory current, Metering.Usage memory previous, Metering.Usage memory allTime)
    {}

    function lastUseOf(uint32) external pure returns (uint32 epoch, uint64 units) {}

    function providerOf(address) external pure returns (uint32 categories, uint48 endsAt) {}

    function finishedUseOf(address provider) public view returns (uint32 epoch, uint256 burned) {
        return _uses[provider].finished(currentEpoch());
    }

    function bookOf(uint32 epoch) public view returns (address book) {
        for (uint256 i = _from.length; i != 0; --i) {
            if (_from[i - 1] <= epoch) return address(_books[i - 1]);
        }
    }
}
