// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @dev A parameter: `value << 160 | next << 64 | effectiveEpoch << 40 | announcedAt`. `value` holds until
/// `effectiveEpoch`, `next` from then on.
type ParameterWord is uint256;

using ParameterRecord for ParameterWord global;

/// @title ParameterRecord
/// @notice One-word record of a parameter and of the change announced for it.
library ParameterRecord {
    /// @dev Packs a record. Values are within bounds, which are below 2^96; 24 bits hold every epoch of 1,900 years and 40
    /// bits every second of 30,000 years.
    function toParameter(
        uint256 value_,
        uint256 next_,
        uint256 effectiveEpoch_,
        uint256 announcedAt_
    ) internal pure returns (ParameterWord) {
        return ParameterWord.wrap((value_ << 160) | (next_ << 64) | (effectiveEpoch_ << 40) | announcedAt_);
    }

    /// @dev Value before the effective epoch.
    function value(ParameterWord self) internal pure returns (uint256) {
        return ParameterWord.unwrap(self) >> 160;
    }

    /// @dev Value from the effective epoch on.
    function next(ParameterWord self) internal pure returns (uint256) {
        return uint96(ParameterWord.unwrap(self) >> 64);
    }

    /// @dev First epoch with the next value; 0 if nothing was announced.
    function effectiveEpoch(ParameterWord self) internal pure returns (uint256) {
        return uint24(ParameterWord.unwrap(self) >> 40);
    }

    /// @dev Time of the last announcement; 0 if there was none.
    function announcedAt(ParameterWord self) internal pure returns (uint256) {
        return uint40(ParameterWord.unwrap(self));
    }

    /// @dev Value in an epoch.
    function valueIn(ParameterWord self, uint256 epoch) internal pure returns (uint256) {
        return epoch < effectiveEpoch(self) ? value(self) : next(self);
    }
}
