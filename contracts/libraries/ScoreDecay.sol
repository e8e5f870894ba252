// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title ScoreDecay
/// @notice Exponential decay of a score by whole epochs.
/// @dev Fixed point with 64 fractional bits, powers by squaring. Rounds down at every step, so decaying in parts never
/// yields more than decaying at once, except for the last unit of each part.
library ScoreDecay {
    /// @dev Epochs in which a score halves.
    uint32 internal constant HALF_LIFE = 90;

    /// @dev `2^64 × 2^(-1/HALF_LIFE)`, rounded down.
    uint256 private constant FACTOR = 18_305_219_661_902_323_056;

    uint256 private constant ONE_BITS = 64;

    /// @dev Score after a number of epochs of decay; `score` is below 2^64.
    function decay(uint256 score, uint256 epochs) internal pure returns (uint256 left) {
        if (epochs >= 64 * HALF_LIFE) return 0;
        // The score is below 2^128 here, and every factor below 2^64.
        unchecked {
            left = score << ONE_BITS;
            for (uint256 factor = FACTOR; epochs != 0; epochs >>= 1) {
                if (epochs & 1 != 0) left = (left * factor) >> ONE_BITS;
                factor = (factor * factor) >> ONE_BITS;
            }
            left >>= ONE_BITS;
        }
    }
}
