// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Metering} from "../interfaces/types/Metering.sol";

/// @dev Use in one epoch, and a tag for settlement: `burnedGwei << 192 | units << 128 | middle << 64 | epoch << 40 |
/// tag`.
/// - of a resource: `middle` is `previousRate << 32 | rate` in gwei, `tag` is `tier << 35 | category << 32 | weight`;
/// - of a provider: `middle` is compute units, `tag` is `categories << 32 | endsAt`, see {withService};
/// - of all: `middle` is compute units, `tag` is the end of the pause.
type UseWord is uint256;

using UseRecord for UseWord global;

/// @title UseRecord
/// @notice Counts use of the latest epoch with use, of the one before it, and of all earlier time.
/// @dev Only `current` is written during an epoch. A unit is at least one compute unit and costs at least one gwei. All
/// OPA is below 2^60 gwei, so no field overflows into the next.
library UseRecord {
    /// @dev `earlier` holds the sums of all epochs before that of `current`, and `last` the word of the latest of them.
    struct Use {
        UseWord current;
        uint256 earlier;
        UseWord last;
    }

    uint256 private constant GWEI = 1 gwei;
    uint256 private constant TAG = 40;
    uint256 private constant NO_END = type(uint32).max;

    /// @dev Moves the use of a finished epoch to the past. `mask` keeps the sums and drops the rest.
    function retire(Use storage self, UseWord current, uint256 mask) internal {
        if (!current.isUsed()) return;

        unchecked {
            self.earlier += UseWord.unwrap(current) & mask;
        }
        self.last = current;
    }

    /// @dev Use in the running epoch `now_`, in the previous epoch, and for all time. Compute units of a resource are
    /// units times `weight_`; 0 reads them from the record.
    function read(
        Use storage self,
        uint256 now_,
        uint256 weight_
    )
        internal
        view
        returns (Metering.Usage memory current, Metering.Usage memory previous, Metering.Usage memory allTime)
    {
        UseWord word = self.current;
        if (word.epoch() == now_) {
            current = _unpack(word, weight_);
            if (self.last.epoch() + 1 == now_) previous = _unpack(self.last, weight_);
        } else if (word.epoch() + 1 == now_) previous = _unpack(word, weight_);
        allTime = _unpack(UseWord.wrap(self.earlier), weight_);
        Metering.Usage memory recent = _unpack(word, weight_);
        allTime.units += recent.units;
        allTime.computeUnits += recent.computeUnits;
        allTime.burned += recent.burned;
    }

    /// @dev Last finished epoch with use before the running epoch `now_`, and OPA wei burned in it; zero if there is
    /// none.
    function finished(Use storage self, uint256 now_) internal view returns (uint32 epoch_, uint256 burned) {
        UseWord word = self.current;
        if (word.epoch() == now_) word = self.last;
        if (word.isUsed()) (epoch_, burned) = (uint32(word.epoch()), word.burnedGwei() * GWEI);
    }

    /// @dev Use without an epoch, a tag or compute units.
    function toUse(uint256 gwei_, uint256 newUnits) internal pure returns (UseWord) {
        unchecked {
            return UseWord.wrap((gwei_ << 192) | (newUnits << 128));
        }
    }

    /// @dev Use with compute units, of which it has none yet.
    function withComputeUnits(UseWord self, uint256 newComputeUnits) internal pure returns (UseWord) {
        return UseWord.wrap(UseWord.unwrap(self) | (newComputeUnits << 64));
    }

    /// @dev A record of a resource without use.
    function toTerms(uint256 epoch_, Metering.Rates memory rates) internal pure returns (UseWord) {
        uint256 middle = (uint256(rates.previousRate / GWEI) << 32) | (rates.rate / GWEI);
        uint256 tag = (uint256(rates.minimumTier) << 35) | (uint256(rates.category) << 32) | rates.weight;
        return UseWord.wrap((middle << 64) | (epoch_ << TAG) | tag);
    }

    /// @dev Sum of two spans, the second without an epoch or a tag.
    function plus(UseWord self, UseWord other) internal pure returns (UseWord) {
        unchecked {
            return UseWord.wrap(UseWord.unwrap(self) + UseWord.unwrap(other));
        }
    }

    /// @dev The record of a provider or of all without use, in another epoch.
    function startedIn(UseWord self, uint256 epoch_) internal pure returns (UseWord) {
        return UseWord.wrap(uint40(UseWord.unwrap(self)) | (epoch_ << TAG));
    }

    /// @dev The record with another tag.
    function withTag(UseWord self, uint40 tag) internal pure returns (UseWord) {
        return UseWord.wrap(((UseWord.unwrap(self) >> TAG) << TAG) | tag);
    }

    /// @dev Epoch of the record.
    function epoch(UseWord self) internal pure returns (uint256) {
        return uint24(UseWord.unwrap(self) >> TAG);
    }

    /// @dev Whether a record of a resource has the terms of an epoch; no resource has a weight of zero.
    function hasTermsOf(UseWord self, uint256 epoch_) internal pure returns (bool) {
        return epoch(self) == epoch_ && weight(self) != 0;
    }

    /// @dev Whether there is any use.
    function isUsed(UseWord self) internal pure returns (bool) {
        return UseWord.unwrap(self) >> 192 != 0;
    }

    /// @dev Gwei burned.
    function burnedGwei(UseWord self) internal pure returns (uint256) {
        return UseWord.unwrap(self) >> 192;
    }

    /// @dev Units used.
    function units(UseWord self) internal pure returns (uint64) {
        return uint64(UseWord.unwrap(self) >> 128);
    }

    /// @dev Rate of a resource in the record's epoch in gwei per compute unit, 0 if it has no price.
    function rate(UseWord self) internal pure returns (uint256) {
        return uint32(UseWord.unwrap(self) >> 64);
    }

    /// @dev Rate of a resource in the epoch before that of the record.
    function previousRate(UseWord self) internal pure returns (uint256) {
        return uint32(UseWord.unwrap(self) >> 96);
    }

    /// @dev Compute units per unit of a resource.
    function weight(UseWord self) internal pure returns (uint256) {
        return uint32(UseWord.unwrap(self));
    }

    /// @dev Category of a resource, as a number.
    function category(UseWord self) internal pure returns (uint256) {
        return (UseWord.unwrap(self) >> 32) & 7;
    }

    /// @dev Category and lowest access tier of a resource as one number below 64: `tier << 3 | category`.
    function access(UseWord self) internal pure returns (uint256) {
        return (UseWord.unwrap(self) >> 32) & 63;
    }

    /// @dev Numbers of {access} for some categories, below 2^8, and tiers up to one of at most 7; one bit each.
    function accessMask(uint256 categories_, uint256 tier_) internal pure returns (uint256) {
        unchecked {
            return categories_ * (((1 << (8 * (tier_ + 1))) - 1) / 255); // a copy for every tier
        }
    }

    /// @dev Lowest access tier that may use a resource.
    function tier(UseWord self) internal pure returns (uint256) {
        return (UseWord.unwrap(self) >> 35) & 7;
    }

    /// @dev Categories that a provider serves, one bit each; 0 if it is unknown.
    function categories(UseWord self) internal pure returns (uint256) {
        return uint8(UseWord.unwrap(self) >> 32);
    }

    /// @dev First second, counted from GENESIS, at which a provider no longer serves.
    function endsAt(UseWord self) internal pure returns (uint256) {
        return uint32(UseWord.unwrap(self));
    }

    /// @dev End of the pause, in Unix time.
    function pausedUntil(UseWord self) internal pure returns (uint256) {
        return uint40(UseWord.unwrap(self));
    }

    function _unpack(UseWord word, uint256 weight_) private pure returns (Metering.Usage memory) {
        uint256 computeUnits = weight_ == 0 ? uint64(UseWord.unwrap(word) >> 64) : word.units() * weight_;
        return Metering.Usage(word.units(), computeUnits, word.burnedGwei() * GWEI);
    }
}
