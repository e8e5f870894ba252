// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @dev State of one account:
/// `credit << 160 | burnedGwei << 100 | previousBurnedGwei << 40 | epoch << 16 | tier << 9 | organised << 8 | reservations`.
type AccountWord is uint256;

using AccountRecord for AccountWord global;

/// @title AccountRecord
/// @notice One-slot record of an account: free credit, recent burns and number of reservations.
/// @dev Packed by hand because the compiler reads and writes a packed struct field by field, about 1,500 gas more per
/// statement. Burns are kept in gwei: charges are whole gwei and the supply is below 2^60 gwei.
library AccountRecord {
    using SafeCast for uint256;

    uint256 private constant GWEI_MASK = (1 << 60) - 1;
    uint256 private constant ORGANISED = 1 << 8;
    uint256 private constant TIER_MASK = 7 << 9;

    /// @dev Free credit in OPA wei.
    function credit(AccountWord self) internal pure returns (uint256) {
        return AccountWord.unwrap(self) >> 160;
    }

    /// @dev Gwei of OPA burned in the record's epoch.
    function burnedGwei(AccountWord self) internal pure returns (uint256) {
        return (AccountWord.unwrap(self) >> 100) & GWEI_MASK;
    }

    /// @dev Gwei of OPA burned in the epoch before that of the record.
    function previousBurnedGwei(AccountWord self) internal pure returns (uint256) {
        return (AccountWord.unwrap(self) >> 40) & GWEI_MASK;
    }

    /// @dev Number of reservations.
    function reservations(AccountWord self) internal pure returns (uint256) {
        return uint8(AccountWord.unwrap(self));
    }

    /// @dev Access tier kept for the record's epoch, or 0.
    function tier(AccountWord self) internal pure returns (uint256) {
        return (AccountWord.unwrap(self) & TIER_MASK) >> 9;
    }

    /// @dev The record with a tier, at most 7, that holds until its epoch ends.
    function withTier(AccountWord self, uint256 tier_) internal pure returns (AccountWord) {
        return AccountWord.wrap((AccountWord.unwrap(self) & ~TIER_MASK) | (tier_ << 9));
    }

    /// @dev Whether the account has a stored organisation.
    function isOrganised(AccountWord self) internal pure returns (bool) {
        return AccountWord.unwrap(self) & ORGANISED != 0;
    }

    /// @dev The record of an account with a stored organisation.
    function withOrganisation(AccountWord self) internal pure returns (AccountWord) {
        return AccountWord.wrap(AccountWord.unwrap(self) | ORGANISED);
    }

    /// @dev The record with another free credit. Reverts with `SafeCastOverflowedUintDowncast` from 2^96.
    function withCredit(AccountWord self, uint256 credit_) internal pure returns (AccountWord) {
        return AccountWord.wrap(uint160(AccountWord.unwrap(self)) | (uint256(credit_.toUint96()) << 160));
    }

    /// @dev The record with another number of reservations, at most 255.
    function withReservations(AccountWord self, uint256 count) internal pure returns (AccountWord) {
        return AccountWord.wrap((AccountWord.unwrap(self) & ~uint256(type(uint8).max)) | count.toUint8());
    }

    /// @dev The record after a charge: free credit falls to `free_`, and the burn grows by `gwei_`. All burns are below
    /// 2^60 gwei, so the sum fits its field.
    function withCharge(AccountWord self, uint256 free_, uint256 gwei_) internal pure returns (AccountWord) {
        unchecked {
            return AccountWord.wrap((uint160(AccountWord.unwrap(self)) + (gwei_ << 100)) | (free_ << 160));
        }
    }

    /// @dev The record moved on to `epoch`. The burn of the epoch before it becomes the previous burn, and the tier is
    /// cleared. An epoch lasts at least an hour, so 24 bits hold every epoch of 1,900 years.
    function movedTo(AccountWord self, uint256 epoch) internal pure returns (AccountWord) {
        uint256 word = AccountWord.unwrap(self);
        uint256 last = uint24(word >> 16);
        if (last == epoch) return self;

        uint256 previous = last + 1 == epoch ? burnedGwei(self) : 0;
        return
            AccountWord.wrap(((word >> 160) << 160) | (previous << 40) | (epoch << 16) | (uint16(word) & ~TIER_MASK));
    }
}
