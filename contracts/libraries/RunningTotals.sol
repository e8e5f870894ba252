// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @dev A line in call data: `provider << 96 | resource << 64 | cumulative units`.
type LineWord is uint256;

/// @dev Running totals of one account at one provider, for the resources 4k to 4k + 3. Layout: `last price epoch <<
/// 232`, then four totals of 58 bits, resource 4k lowest.
type TotalsWord is uint256;

using RunningTotals for LineWord global;
using RunningTotals for TotalsWord global;

/// @title RunningTotals
/// @notice One-slot forms of a line and of running totals.
/// @dev A unit costs at least one gwei, so 2^58 units burn at least 288 million OPA.
library RunningTotals {
    /// @dev Largest running total.
    uint256 internal constant MAX_TOTAL = (1 << LANE_BITS) - 1;

    uint256 private constant LANE_BITS = 58;
    uint256 private constant EPOCH_SHIFT = 4 * LANE_BITS;
    uint256 private constant LANES = (1 << EPOCH_SHIFT) - 1;

    /// @dev Provider of the line.
    function provider(LineWord self) internal pure returns (address) {
        return address(uint160(LineWord.unwrap(self) >> 96));
    }

    /// @dev Equal for lines that share a word of totals: provider and place.
    function group(LineWord self) internal pure returns (uint256) {
        return LineWord.unwrap(self) >> 66;
    }

    /// @dev Resource used.
    function resource(LineWord self) internal pure returns (uint256) {
        return uint32(LineWord.unwrap(self) >> 64);
    }

    /// @dev Running total.
    function units(LineWord self) internal pure returns (uint256) {
        return uint64(LineWord.unwrap(self));
    }

    /// @dev Index of the totals of a resource, below 2^30.
    function placeOf(uint256 resource_) internal pure returns (uint256 place) {
        return resource_ >> 2;
    }

    /// @dev Running total of a resource.
    function unitsOf(TotalsWord self, uint256 resource_) internal pure returns (uint256) {
        unchecked {
            return (TotalsWord.unwrap(self) >> (LANE_BITS * (resource_ & 3))) & MAX_TOTAL;
        }
    }

    /// @dev Last price epoch settled.
    function priceEpoch(TotalsWord self) internal pure returns (uint256) {
        return TotalsWord.unwrap(self) >> EPOCH_SHIFT;
    }

    /// @dev The totals after `added` units of a resource, and the later of two price epochs. The new total is at most
    /// {MAX_TOTAL}.
    function with(
        TotalsWord self,
        uint256 resource_,
        uint256 added,
        uint256 priceEpoch_
    ) internal pure returns (TotalsWord) {
        unchecked {
            uint256 word = TotalsWord.unwrap(self) + (added << (LANE_BITS * (resource_ & 3)));
            uint256 epochs = priceEpoch_ << EPOCH_SHIFT;
            if (epochs > word) word = (word & LANES) | epochs;
            return TotalsWord.wrap(word);
        }
    }
}
