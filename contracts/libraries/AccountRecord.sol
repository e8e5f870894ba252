// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @dev State of one account: `credit << 160 | burnedGwei << 96 | previousBurnedGwei << 32 | epoch << 8 | reservations`.
type AccountWord is uint256;

/// @dev Sums over all accounts: `free << 160 | reserved << 64 | chargedGwei`.
type TotalsWord is uint256;

/// @dev Terms of one key and what it spent: `expiresAt << 160 | limitGwei << 96 | spentGwei << 32 | epoch`.
type KeyWord is uint256;

using AccountRecord for AccountWord global;
using AccountRecord for KeyWord global;
using AccountRecord for TotalsWord global;

/// @title AccountRecord
/// @notice One-word record of an account: free credit, what it burned lately, and how many reservations it has.
/// @dev Packed by hand because a packed struct is read and written field by field, about 1,500 gas more per statement.
/// What was burned is kept in gwei: charges are whole gwei and the supply is below 2^60 of them.
library AccountRecord {
    using SafeCast for uint256;

    /// @dev Free credit in OPA wei.
    function credit(AccountWord self) internal pure returns (uint256) {
        return AccountWord.unwrap(self) >> 160;
    }

    /// @dev Gwei of OPA burned in the record's epoch.
    function burnedGwei(AccountWord self) internal pure returns (uint256) {
        return uint64(AccountWord.unwrap(self) >> 96);
    }

    /// @dev Gwei of OPA burned in the epoch before the record's.
    function previousBurnedGwei(AccountWord self) internal pure returns (uint256) {
        return uint64(AccountWord.unwrap(self) >> 32);
    }

    /// @dev Number of reservations.
    function reservations(AccountWord self) internal pure returns (uint256) {
        return uint8(AccountWord.unwrap(self));
    }

    /// @dev The record with another free credit. Reverts with `SafeCastOverflowedUintDowncast` from 2^96.
    function withCredit(AccountWord self, uint256 credit_) internal pure returns (AccountWord) {
        return AccountWord.wrap(uint160(AccountWord.unwrap(self)) | (uint256(credit_.toUint96()) << 160));
    }

    /// @dev The record with another number of reservations, at most 255.
    function withReservations(AccountWord self, uint256 count) internal pure returns (AccountWord) {
        return AccountWord.wrap((AccountWord.unwrap(self) & ~uint256(type(uint8).max)) | count.toUint8());
    }

    /// @dev The record after a charge: `free_` is left, which is never more than before, and `gwei_` more was burned. All that
    /// is burned is below 2^60 gwei, so the sum stays in its field.
    function withCharge(AccountWord self, uint256 free_, uint256 gwei_) internal pure returns (AccountWord) {
        unchecked {
            return AccountWord.wrap((uint160(AccountWord.unwrap(self)) + (gwei_ << 96)) | (free_ << 160));
        }
    }

    /// @dev The record moved on to `epoch`: what was burned in the epoch before it, or nothing, becomes the previous. An
    /// epoch lasts at least an hour, so 24 bits hold every epoch of 1,900 years.
    function movedTo(AccountWord self, uint256 epoch) internal pure returns (AccountWord) {
        uint256 word = AccountWord.unwrap(self);
        uint256 last = uint24(word >> 8);
        if (last == epoch) return self;

        uint256 previous = last + 1 == epoch ? uint64(word >> 96) : 0;
        return AccountWord.wrap(((word >> 160) << 160) | (previous << 32) | (epoch << 8) | uint8(word));
    }

    /// @dev Last second at which the key has rights; 0 if it has none.
    function expiresAt(KeyWord self) internal pure returns (uint256) {
        return KeyWord.unwrap(self) >> 160;
    }

    /// @dev Gwei of OPA the key may burn per epoch.
    function limitGwei(KeyWord self) internal pure returns (uint256) {
        return uint64(KeyWord.unwrap(self) >> 96);
    }

    /// @dev Gwei of OPA the key burned in the record's epoch.
    function spentGwei(KeyWord self) internal pure returns (uint256) {
        return uint64(KeyWord.unwrap(self) >> 32);
    }

    /// @dev Gwei of OPA the key may still burn in the record's epoch; none if the limit was lowered below what it spent.
    function allowanceGwei(KeyWord self) internal pure returns (uint256) {
        uint256 limit = limitGwei(self);
        uint256 spent = spentGwei(self);
        unchecked {
            return spent < limit ? limit - spent : 0;
        }
    }

    /// @dev The key with other terms.
    function withTerms(KeyWord self, uint48 expiresAt_, uint64 limitGwei_) internal pure returns (KeyWord) {
        uint256 spending = uint96(KeyWord.unwrap(self));
        return KeyWord.wrap((uint256(expiresAt_) << 160) | (uint256(limitGwei_) << 96) | spending);
    }

    /// @dev The key after it burned `gwei_` more, which is at most its allowance, so the sum stays below 2^64.
    function withSpent(KeyWord self, uint256 gwei_) internal pure returns (KeyWord) {
        unchecked {
            return KeyWord.wrap(KeyWord.unwrap(self) + (gwei_ << 32));
        }
    }

    /// @dev The key moved on to `epoch`, in which it spent nothing yet if the record's is another.
    function movedTo(KeyWord self, uint32 epoch) internal pure returns (KeyWord) {
        uint256 word = KeyWord.unwrap(self);
        return uint32(word) == epoch ? self : KeyWord.wrap(((word >> 96) << 96) | epoch);
    }

    /// @dev Free credit of all accounts in OPA wei.
    function free(TotalsWord self) internal pure returns (uint256) {
        return TotalsWord.unwrap(self) >> 160;
    }

    /// @dev Reserved credit of all accounts in OPA wei.
    function reserved(TotalsWord self) internal pure returns (uint256) {
        return uint96(TotalsWord.unwrap(self) >> 64);
    }

    /// @dev Gwei of OPA charged and not yet burned.
    function chargedGwei(TotalsWord self) internal pure returns (uint256) {
        return uint64(TotalsWord.unwrap(self));
    }

    /// @dev The sums with other credit. Reverts with `SafeCastOverflowedUintDowncast` from 2^96.
    function with(TotalsWord self, uint256 free_, uint256 reserved_) internal pure returns (TotalsWord) {
        return
            TotalsWord.wrap(
                (uint256(free_.toUint96()) << 160) | (uint256(reserved_.toUint96()) << 64) | chargedGwei(self)
            );
    }

    /// @dev The sums after a charge. What is taken from one account is part of each sum, so no field is smaller than
    /// what is taken from it, and all charges together are below 2^60 gwei.
    function withCharge(
        TotalsWord self,
        uint256 fromFree,
        uint256 fromReserved,
        uint256 gwei_
    ) internal pure returns (TotalsWord) {
        unchecked {
            return TotalsWord.wrap(TotalsWord.unwrap(self) - (fromFree << 160) - (fromReserved << 64) + gwei_);
        }
    }

    /// @dev The sums once all charges are burned.
    function withoutCharges(TotalsWord self) internal pure returns (TotalsWord) {
        return TotalsWord.wrap(TotalsWord.unwrap(self) & ~uint256(type(uint64).max));
    }
}
