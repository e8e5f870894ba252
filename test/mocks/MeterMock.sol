// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IMeterUsage} from "../../contracts/interfaces/IMeterUsage.sol";
import {IProvisionBook} from "../../contracts/interfaces/IProvisionBook.sol";
import {Metering} from "../../contracts/interfaces/types/Metering.sol";
import {EpochClock} from "../../contracts/safety/EpochClock.sol";
import {OPAToken} from "../../contracts/token/OPAToken.sol";

/// @dev Counts use as the Meter does, from any caller, and burns its own balance for it on demand.
contract MeterMock is IMeterUsage, EpochClock {
    /// @dev OPA wei burned and uses, in the epoch of the last use, in the one with use before it, and in all.
    struct Record {
        uint32 epoch;
        uint32 lastEpoch;
        Metering.Usage current;
        Metering.Usage last;
        Metering.Usage allTime;
    }

    /// @dev State of a provider as it was pushed.
    struct Service {
        uint32 categories;
        uint48 endsAt;
    }

    uint256 public constant BOOK_GAS = 1_000_000;

    OPAToken private immutable TOKEN;

    IProvisionBook[] private _books;
    uint32[] private _from;
    mapping(address provider => Record record) private _uses;
    Record private _total;
    mapping(address provider => Service service) private _services;
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
        if (_uses[provider].epoch != epoch || _total.epoch != epoch) {
            address target = bookOf(used == 0 ? _total.epoch : last);
            if (target.code.length != 0) {
                try IProvisionBook(target).book{gas: BOOK_GAS}(provider, last, used) {} catch {
                    emit BookingFailed(provider, last, used);
                }
            }
        }
        _add(_uses[provider], epoch, burned);
        _add(_total, epoch, burned);
        if (!isFalse) TOKEN.burn(burned);
    }

    function setProvider(address provider, uint32 categories, uint48 endsAt) external {
        _services[provider] = Service(categories, endsAt);
        emit ProviderSet(provider, categories, endsAt);
    }

    function burnedInEpoch() external view returns (uint256 burned) {
        return _total.epoch == currentEpoch() ? _total.current.burned : 0;
    }

    function finishedUse() external view returns (uint32 epoch, uint256 burned) {
        return _finished(_total);
    }

    function providerUsageOf(
        address provider
    )
        external
        view
        returns (Metering.Usage memory current, Metering.Usage memory previous, Metering.Usage memory allTime)
    {
        return _read(_uses[provider]);
    }

    function totalUsage()
        external
        view
        returns (Metering.Usage memory current, Metering.Usage memory previous, Metering.Usage memory allTime)
    {
        return _read(_total);
    }

    function usageOf(
        uint32
    )
        external
        pure
        returns (Metering.Usage memory current, Metering.Usage memory previous, Metering.Usage memory allTime)
    {}

    function lastUseOf(uint32) external pure returns (uint32 epoch, uint64 units) {}

    function providerOf(address provider) external view returns (uint32 categories, uint48 endsAt) {
        return (_services[provider].categories, _services[provider].endsAt);
    }

    function finishedUseOf(address provider) public view returns (uint32 epoch, uint256 burned) {
        return _finished(_uses[provider]);
    }

    function bookOf(uint32 epoch) public view returns (address book) {
        for (uint256 i = _from.length; i != 0; --i) {
            if (_from[i - 1] <= epoch) return address(_books[i - 1]);
        }
    }

    function _add(Record storage record, uint32 epoch, uint256 burned) private {
        if (record.epoch != epoch) {
            if (record.current.burned != 0) (record.lastEpoch, record.last) = (record.epoch, record.current);
            (record.epoch, record.current) = (epoch, Metering.Usage(0, 0, 0));
        }
        _plus(record.current, burned);
        _plus(record.allTime, burned);
    }

    function _plus(Metering.Usage storage usage, uint256 burned) private {
        usage.units += 1;
        usage.computeUnits += 1;
        usage.burned += burned;
    }

    function _finished(Record storage record) private view returns (uint32 epoch, uint256 burned) {
        if (record.epoch != currentEpoch()) return (record.epoch, record.current.burned);
        return (record.lastEpoch, record.last.burned);
    }

    function _read(
        Record storage record
    )
        private
        view
        returns (Metering.Usage memory current, Metering.Usage memory previous, Metering.Usage memory allTime)
    {
        uint32 epoch = currentEpoch();
        allTime = record.allTime;
        if (record.epoch == epoch) {
            current = record.current;
            if (record.lastEpoch + 1 == epoch) previous = record.last;
        } else if (record.epoch + 1 == epoch) previous = record.current;
    }
}
