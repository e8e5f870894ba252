// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {RateLimiter} from "@openzeppelin/contracts/utils/RateLimiter.sol";

import {IMeterCredit} from "../interfaces/IMeterCredit.sol";
import {Metering} from "../interfaces/types/Metering.sol";
import {Restrictable} from "../safety/Restrictable.sol";

/// @title MeterLimits
/// @notice Burn allowances per account and in total, see {IMeterCredit-BurnLimits}.
/// @dev Invariants: SAF-I3 (docs/invariants.md). All amounts are gwei. An allowance is compared with the burn of the
/// epoch, which settlement reads anyway. A bucket is read only if the excess could reach it.
abstract contract MeterLimits is Restrictable {
    using RateLimiter for RateLimiter.RefillingBucket;

    uint48 private constant LIMIT_WINDOW = 1 days;
    bytes32 private constant ACCOUNT_BURNS = "account-burns";
    bytes32 private constant TOTAL_BURNS = "total-burns";
    bytes32 private constant ALL_ACCOUNTS = 0; // no account is the zero address

    uint256 internal immutable ACCOUNT_LIMIT;
    uint256 internal immutable TOTAL_LIMIT;

    RateLimiter.RefillingBucket private _accountBurns;
    RateLimiter.RefillingBucket private _totalBurns;

    /// @param burnLimits Burn allowances per epoch.
    constructor(IMeterCredit.BurnLimits memory burnLimits) {
        require(
            burnLimits.account != 0 &&
                burnLimits.account <= burnLimits.total &&
                burnLimits.account % 1 gwei == 0 &&
                burnLimits.total % 1 gwei == 0,
            IMeterCredit.MeterInvalidLimits(burnLimits)
        );
        (ACCOUNT_LIMIT, TOTAL_LIMIT) = (burnLimits.account / 1 gwei, burnLimits.total / 1 gwei);
        _accountBurns.updateSettings(LIMIT_WINDOW, uint208(ACCOUNT_LIMIT));
        _totalBurns.updateSettings(LIMIT_WINDOW, uint208(TOTAL_LIMIT));
    }

    /// @dev Takes the excess of an account over its allowance from its bucket. `before` is its earlier burn in the
    /// epoch.
    function _consumeAccount(address account, uint256 before, uint256 burned) internal {
        uint256 excess = _excess(ACCOUNT_LIMIT, before, burned);
        if (excess != 0) _accountBurns.consume(_keyOf(account), excess);
    }

    /// @dev Takes the excess of all accounts over their allowance from their bucket.
    function _consumeTotal(uint256 before, uint256 burned) internal {
        uint256 excess = _excess(TOTAL_LIMIT, before, burned);
        if (excess != 0) _totalBurns.consume(ALL_ACCOUNTS, excess);
    }

    /// @dev Records that a line with enough credit exceeded a burn limit.
    function _tripLimit(Metering.Reason reason, address account, uint256 room) internal {
        bool isOwn = reason == Metering.Reason.AccountRateLimited;
        _restrict(isOwn ? ACCOUNT_BURNS : TOTAL_BURNS, account, 0, room * 1 gwei, LIMIT_WINDOW);
    }

    /// @dev Gwei that an account can burn now after `burned` in the running epoch. If its `credit` is within the
    /// allowance, the bucket is not read.
    function _accountRoom(address account, uint256 burned, uint256 credit) internal view returns (uint256 room) {
        room = Math.saturatingSub(ACCOUNT_LIMIT, burned);
        if (credit <= room) return type(uint256).max;
        room += _accountBurns.available(_keyOf(account));
    }

    /// @dev Gwei that all accounts can burn now, after `before` in the running epoch and `burned` more in this call.
    /// One statement burns at most the capacity of an account. While that fits the allowance, the bucket is not read.
    function _systemRoom(uint256 before, uint256 burned) internal view returns (uint256 room) {
        // Limits and burns are below 2^60, and the burn of this call had room.
        unchecked {
            room = before < TOTAL_LIMIT ? TOTAL_LIMIT - before : 0;
            if (before + burned + 2 * ACCOUNT_LIMIT > TOTAL_LIMIT) room += _totalBurns.available(ALL_ACCOUNTS);
            room -= burned;
        }
    }

    /// @dev Part of a burn above an allowance.
    function _excess(uint256 limit, uint256 before, uint256 burned) private pure returns (uint256 excess) {
        // Burns are below 2^60.
        unchecked {
            uint256 after_ = before + burned;
            return after_ <= limit ? 0 : after_ - Math.max(before, limit);
        }
    }

    /// @dev Key of an account's bucket.
    function _keyOf(address account) private pure returns (bytes32 key) {
        return bytes32(uint256(uint160(account)));
    }
}
