// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @dev Limits and spending of a key or a project: `left << 196 | epochLimit << 136 | spent << 76 | epoch << 56 |
/// expiry << 24 | categories << 19 | role << 17 | place`. For a project `place` is its number. An existing record has
/// at least one category.
type SpendingWord is uint256;

/// @dev Limits of an organisation and its fields for settlement: `left << 196 | epochLimit << 136 | expiry << 104 |
/// generation << 72 | tierEpoch << 48 | admins << 40 | categories << 32 | tier << 24 | ownerLeft << 1 | 1`. The burn of
/// an epoch is in the record of the account.
type OrganisationWord is uint256;

using SpendingRecord for SpendingWord global;
using SpendingRecord for OrganisationWord global;

/// @title SpendingRecord
/// @notice One-slot records of spending limits: of a key, a project, an organisation.
/// @dev Packed by hand so that a key and a project cost settlement one storage word each. Amounts are gwei of OPA: charges
/// are whole gwei and the supply is below {MAX_GWEI} of them, so the largest limit is none. Expiries count seconds from
/// GENESIS, which reaches 136 years. Epochs last at least an hour, so 20 bits reach 119 years and 24 bits 1,900.
library SpendingRecord {
    using SafeCast for uint256;

    /// @dev Largest limit in gwei, above the supply.
    uint256 internal constant MAX_GWEI = (1 << 60) - 1;

    /// @dev Largest number of projects of an account over its life; each revocation of a project's keys counts as one.
    uint256 internal constant MAX_PLACE = (1 << 17) - 1;

    uint256 private constant EPOCH_MASK = (1 << 20) - 1;
    uint256 private constant CATEGORY_MASK = (1 << 5) - 1;
    uint256 private constant SPENDING_MASK = ((MAX_GWEI << 20) | EPOCH_MASK) << 56; // spent and epoch
    uint256 private constant EXISTS = 1;
    uint256 private constant OWNER_LEFT = 2;

    /// @dev The record with other terms; the spent amount stays. Limits are at most {MAX_GWEI}.
    function withTerms(
        SpendingWord self,
        uint256 left_,
        uint256 epochLimit_,
        uint256 expiry_,
        uint256 categories_
    ) internal pure returns (SpendingWord) {
        uint256 kept = SpendingWord.unwrap(self) & (SPENDING_MASK | ((1 << 19) - 1));
        return
            SpendingWord.wrap(
                kept |
                    (left_ << 196) |
                    (epochLimit_ << 136) |
                    (uint256(expiry_.toUint32()) << 24) |
                    ((categories_ & CATEGORY_MASK) << 19)
            );
    }

    /// @dev The record with another role and place.
    function withPlace(SpendingWord self, uint256 role_, uint256 place_) internal pure returns (SpendingWord) {
        return
            SpendingWord.wrap(((SpendingWord.unwrap(self) >> 19) << 19) | ((role_ & 3) << 17) | (place_ & MAX_PLACE));
    }

    /// @dev A limit in gwei and the reason code when it is exceeded, as one number: `gwei_ << 8 | reason`. The smaller
    /// of two limits is the stricter one.
    function toLimit(uint256 gwei_, uint256 reason) internal pure returns (uint256) {
        return (gwei_ << 8) | reason;
    }

    /// @dev The record after spending `gwei_` more. {allows} was checked, so no field overflows.
    function withSpent(SpendingWord self, uint256 gwei_) internal pure returns (SpendingWord) {
        unchecked {
            return SpendingWord.wrap(SpendingWord.unwrap(self) - (gwei_ << 196) + (gwei_ << 76));
        }
    }

    /// @dev The record moved on to `epoch`; a new epoch starts with nothing spent.
    function movedTo(SpendingWord self, uint256 epoch) internal pure returns (SpendingWord) {
        uint256 word = SpendingWord.unwrap(self);
        if ((word >> 56) & EPOCH_MASK == epoch) return self;
        return SpendingWord.wrap((word & ~SPENDING_MASK) | ((epoch & EPOCH_MASK) << 56));
    }

    /// @dev Whether `gwei_` more may be spent in the record's epoch, `elapsed` seconds after GENESIS. No field
    /// overflows into the next, because each is below 2^60.
    function allows(SpendingWord self, uint256 gwei_, uint256 elapsed) internal pure returns (bool) {
        unchecked {
            return
                elapsed <= expiry(self) && gwei_ <= leftGwei(self) && spentGwei(self) + gwei_ <= epochLimitGwei(self);
        }
    }

    /// @dev Whether the key or project exists.
    function exists(SpendingWord self) internal pure returns (bool) {
        return categories(self) != 0;
    }

    /// @dev Rest of the total limit in gwei.
    function leftGwei(SpendingWord self) internal pure returns (uint256) {
        return SpendingWord.unwrap(self) >> 196;
    }

    /// @dev Gwei that may be spent per epoch.
    function epochLimitGwei(SpendingWord self) internal pure returns (uint256) {
        return (SpendingWord.unwrap(self) >> 136) & MAX_GWEI;
    }

    /// @dev Gwei spent in the record's epoch.
    function spentGwei(SpendingWord self) internal pure returns (uint256) {
        return (SpendingWord.unwrap(self) >> 76) & MAX_GWEI;
    }

    /// @dev Rest of the limit of `epoch` in gwei; zero if the limit was lowered below the spent amount.
    function epochLeftGwei(SpendingWord self, uint256 epoch) internal pure returns (uint256) {
        uint256 limit = epochLimitGwei(self);
        uint256 spent = (SpendingWord.unwrap(self) >> 56) & EPOCH_MASK == epoch ? spentGwei(self) : 0;
        unchecked {
            return spent < limit ? limit - spent : 0;
        }
    }

    /// @dev The stricter of the rests of the epoch limit and the total limit. Format: {toLimit}.
    function limitIn(
        SpendingWord self,
        uint256 epoch,
        uint256 epochReason,
        uint256 totalReason
    ) internal pure returns (uint256) {
        return Math.min(toLimit(epochLeftGwei(self, epoch), epochReason), toLimit(leftGwei(self), totalReason));
    }

    /// @dev Last second of the rights, counted from GENESIS.
    function expiry(SpendingWord self) internal pure returns (uint256) {
        return uint32(SpendingWord.unwrap(self) >> 24);
    }

    /// @dev Categories that may be used, one bit each.
    function categories(SpendingWord self) internal pure returns (uint256) {
        return (SpendingWord.unwrap(self) >> 19) & CATEGORY_MASK;
    }

    /// @dev Role of a key, as a number.
    function role(SpendingWord self) internal pure returns (uint256) {
        return (SpendingWord.unwrap(self) >> 17) & 3;
    }

    /// @dev Place of the project that a key belongs to, or 0; of a project its number.
    function place(SpendingWord self) internal pure returns (uint256) {
        return SpendingWord.unwrap(self) & MAX_PLACE;
    }

    /// @dev Default organisation of an account: no limits, the account is its only admin.
    function newOrganisation() internal pure returns (OrganisationWord) {
        return
            OrganisationWord.wrap(
                (MAX_GWEI << 196) |
                    (MAX_GWEI << 136) |
                    (uint256(type(uint32).max) << 104) |
                    (1 << 40) |
                    (CATEGORY_MASK << 32) |
                    EXISTS
            );
    }

    /// @dev Whether the organisation is stored.
    function exists(OrganisationWord self) internal pure returns (bool) {
        return OrganisationWord.unwrap(self) & EXISTS != 0;
    }

    /// @dev The organisation with other limits, which are at most {MAX_GWEI}.
    function withTerms(
        OrganisationWord self,
        uint256 left_,
        uint256 epochLimit_,
        uint256 expiry_,
        uint256 categories_
    ) internal pure returns (OrganisationWord) {
        uint256 kept = uint104(OrganisationWord.unwrap(self)) & ~(CATEGORY_MASK << 32);
        return
            OrganisationWord.wrap(
                kept |
                    (left_ << 196) |
                    (epochLimit_ << 136) |
                    (uint256(expiry_.toUint32()) << 104) |
                    ((categories_ & CATEGORY_MASK) << 32)
            );
    }

    /// @dev The organisation after it spent `gwei_` more, which is at most {leftGwei}.
    function withSpent(OrganisationWord self, uint256 gwei_) internal pure returns (OrganisationWord) {
        unchecked {
            return OrganisationWord.wrap(OrganisationWord.unwrap(self) - (gwei_ << 196));
        }
    }

    /// @dev Whether `gwei_` more may be spent, after `burned_` in this epoch and `elapsed` seconds after GENESIS.
    function allows(
        OrganisationWord self,
        uint256 gwei_,
        uint256 burned_,
        uint256 elapsed
    ) internal pure returns (bool) {
        unchecked {
            return elapsed <= expiry(self) && gwei_ <= leftGwei(self) && burned_ + gwei_ <= epochLimitGwei(self);
        }
    }

    /// @dev The stricter of the epoch limit, after `burned_` was burned in the epoch, and the total limit. Format:
    /// {toLimit}.
    function limitAfter(
        OrganisationWord self,
        uint256 burned_,
        uint256 epochReason,
        uint256 totalReason
    ) internal pure returns (uint256) {
        uint256 limit = epochLimitGwei(self);
        unchecked {
            limit = burned_ < limit ? limit - burned_ : 0;
        }
        return Math.min(toLimit(limit, epochReason), toLimit(leftGwei(self), totalReason));
    }

    /// @dev The organisation with all keys revoked.
    function withNextGeneration(OrganisationWord self) internal pure returns (OrganisationWord) {
        uint256 next = uint256((generation(self) + 1).toUint32());
        return
            OrganisationWord.wrap((OrganisationWord.unwrap(self) & ~(uint256(type(uint32).max) << 72)) | (next << 72));
    }

    /// @dev The organisation with another number of admins, and whether the account itself is one.
    function withAdmins(
        OrganisationWord self,
        uint256 count,
        bool ownerLeft_
    ) internal pure returns (OrganisationWord) {
        uint256 word = OrganisationWord.unwrap(self) & ~((uint256(type(uint8).max) << 40) | OWNER_LEFT);
        return OrganisationWord.wrap(word | (uint256(count.toUint8()) << 40) | (ownerLeft_ ? OWNER_LEFT : 0));
    }

    /// @dev The organisation with the tier that it has in `epoch`.
    function withTier(OrganisationWord self, uint256 tier_, uint256 epoch) internal pure returns (OrganisationWord) {
        uint256 cleared =
            OrganisationWord.unwrap(self) & ~((uint256(type(uint24).max) << 48) | (uint256(type(uint8).max) << 24));
        return OrganisationWord.wrap(cleared | (uint256(epoch.toUint24()) << 48) | (uint256(tier_.toUint8()) << 24));
    }

    /// @dev Rest of the total limit in gwei.
    function leftGwei(OrganisationWord self) internal pure returns (uint256) {
        return OrganisationWord.unwrap(self) >> 196;
    }

    /// @dev Gwei that may be spent per epoch.
    function epochLimitGwei(OrganisationWord self) internal pure returns (uint256) {
        return (OrganisationWord.unwrap(self) >> 136) & MAX_GWEI;
    }

    /// @dev Last second in which the organisation spends, counted from GENESIS.
    function expiry(OrganisationWord self) internal pure returns (uint256) {
        return uint32(OrganisationWord.unwrap(self) >> 104);
    }

    /// @dev Number of times all keys were revoked.
    function generation(OrganisationWord self) internal pure returns (uint256) {
        return uint32(OrganisationWord.unwrap(self) >> 72);
    }

    /// @dev Tier noted for `epoch`, or 0 if none was.
    function tierIn(OrganisationWord self, uint256 epoch) internal pure returns (uint256) {
        uint256 word = OrganisationWord.unwrap(self);
        return uint24(word >> 48) == epoch ? uint8(word >> 24) : 0;
    }

    /// @dev Number of admins, at least one.
    function admins(OrganisationWord self) internal pure returns (uint256) {
        return uint8(OrganisationWord.unwrap(self) >> 40);
    }

    /// @dev Categories that may be used, one bit each.
    function categories(OrganisationWord self) internal pure returns (uint256) {
        return (OrganisationWord.unwrap(self) >> 32) & CATEGORY_MASK;
    }

    /// @dev Whether the account itself is no longer an admin.
    function ownerLeft(OrganisationWord self) internal pure returns (bool) {
        return OrganisationWord.unwrap(self) & OWNER_LEFT != 0;
    }
}
