// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @dev Limits and spending of a key or a project: `left << 196 | epochLimit << 136 | spent << 76 | epoch << 56 |
/// expiry << 24 | categories << 19 | role << 17 | place`. For a project `place` is its number. An existing record has
/// at least one category.
type SpendingWord is uint256;

using SpendingRecord for SpendingWord global;

/// @title SpendingRecord
/// @notice One-word record of the limits of a key or a project, and of its spending.
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

    /// @dev The record after it spent `gwei_` more, which its limits allow, so no field overflows.
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

    /// @dev Whether there is a key or project.
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
}
