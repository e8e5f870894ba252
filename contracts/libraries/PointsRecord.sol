// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Contribution} from "../interfaces/types/Contribution.sol";

/// @dev Attested points of one epoch: `epoch << 224 | Other << 168 | Support << 112 | Optimisation << 56 | Maintenance`.
type PointsWord is uint256;

using PointsRecord for PointsWord global;

/// @title PointsRecord
/// @notice One-slot record of attested points, which rolls forward in place.
library PointsRecord {
    /// @dev Largest number of points of one category.
    uint256 internal constant MAX_POINTS = (1 << BITS) - 1;

    uint256 private constant BITS = 56;
    uint256 private constant EPOCH_SHIFT = 224;

    /// @dev Adds points in `epoch` and drops the points of an earlier epoch. The caller makes sure that the sum is at
    /// most {MAX_POINTS} and that the category is attested.
    function plus(
        PointsWord self,
        uint256 epoch_,
        Contribution.Category category,
        uint256 points
    ) internal pure returns (PointsWord) {
        uint256 word = epoch(self) == epoch_ ? PointsWord.unwrap(self) : epoch_ << EPOCH_SHIFT;
        return PointsWord.wrap(word + (points << _shift(category)));
    }

    /// @dev Points of an attested category.
    function pointsIn(PointsWord self, Contribution.Category category) internal pure returns (uint256) {
        return (PointsWord.unwrap(self) >> _shift(category)) & MAX_POINTS;
    }

    /// @dev Whether there are points of any category.
    function isUsed(PointsWord self) internal pure returns (bool) {
        return uint224(PointsWord.unwrap(self)) != 0;
    }

    /// @dev Points of the first category.
    function first(PointsWord self) internal pure returns (uint256) {
        return PointsWord.unwrap(self) & MAX_POINTS;
    }

    /// @dev Points without the first category and without an epoch; the next category becomes the first one.
    function rest(PointsWord self) internal pure returns (PointsWord) {
        return PointsWord.wrap(uint224(PointsWord.unwrap(self)) >> BITS);
    }

    /// @dev Epoch of the points.
    function epoch(PointsWord self) internal pure returns (uint256) {
        return PointsWord.unwrap(self) >> EPOCH_SHIFT;
    }

    /// @dev Attested categories follow `Provision`, so nothing underflows.
    function _shift(Contribution.Category category) private pure returns (uint256) {
        unchecked {
            return (uint256(category) - 1) * BITS;
        }
    }
}
