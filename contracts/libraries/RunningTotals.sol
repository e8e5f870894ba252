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

    /// @dev Provider of the line.
    function provider(LineWord self) internal pure returns (address) {
        return address(uint160(LineWord.unwrap(self) >> 96));
    }

    /// @dev Resource used.
    function resource(LineWord self) internal pure returns (uint256) {
        return uint32(LineWord.unwrap(self) >> 64);
    }

    /// @dev Running total.
    function units(LineWord self) internal pure returns (uint256) {
        return uint64(LineWord.unwrap(self));
    }

    /// @dev Index of the slot of totals of a resource.
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

    /// @dev The totals after `added` units of a resource. The new total is at most {MAX_TOTAL}, and the price epoch is
    /// not earlier than the last one.
    function with(
        TotalsWord self,
        uint256 resource_,
        uint256 added,
        uint256 newPriceEpoch
    ) internal pure returns (TotalsWord) {
        unchecked {
            uint256 epochs = (newPriceEpoch - priceEpoch(self)) << EPOCH_SHIFT;
            return TotalsWord.wrap(TotalsWord.unwrap(self) + (added << (LANE_BITS * (resource_ & 3))) + epochs);
        }
    }
}
