// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IReleaseVault} from "../interfaces/IReleaseVault.sol";

/// @title ReleaseCurve
/// @notice A list of release stages in packed storage: vested amount after a time, and time of the next vesting.
/// @dev Three stages share a word, 80 bits each from the low end: offset 40, share 32, linear 8. The top 16 bits of the
/// first word hold the number of stages. So a curve of up to three stages takes one storage read.
library ReleaseCurve {
    /// @notice Stored form of a curve; all zero until it is stored once.
    /// @param words Packed stages.
    struct Packed {
        uint256[32] words;
    }

    /// @dev Most stages a curve can have: three in each of the 32 words.
    uint256 internal constant MAX_STAGES = 96;

    /// @dev 100% in parts per billion.
    uint256 internal constant WHOLE = 1e9;

    uint256 private constant PER_WORD = 3;
    uint256 private constant STAGE_BITS = 80;
    uint256 private constant SHARE_BIT = 40;
    uint256 private constant LINEAR_BIT = 72;
    uint256 private constant COUNT_BIT = 240;

    /// @dev Checks `stages` and writes them to `self`, which must be empty.
    function store(Packed storage self, IReleaseVault.Stage[] calldata stages) internal {
        uint256 count = stages.length;
        require(count != 0 && count <= MAX_STAGES, IReleaseVault.ReleaseCurveInvalidLength(count, MAX_STAGES));

        uint256 word = count << COUNT_BIT;
        uint256 offset = 0;
        uint256 share = 0;
        for (uint256 i = 0; i < count; ++i) {
            IReleaseVault.Stage calldata stage = stages[i];
            bool isOrdered = stage.offset > offset || (i == 0 && !stage.linear);
            require(isOrdered, IReleaseVault.ReleaseCurveInvalidOffset(i, stage.offset, offset));
            require(stage.share >= share, IReleaseVault.ReleaseCurveDecreasingShare(i, stage.share, share));

            offset = stage.offset;
            share = stage.share;
            word |= _pack(stage) << ((i % PER_WORD) * STAGE_BITS);
            if (i % PER_WORD == PER_WORD - 1 || i == count - 1) {
                self.words[i / PER_WORD] = word;
                word = 0;
            }
        }
        require(share == WHOLE, IReleaseVault.ReleaseCurveIncomplete(share, WHOLE));
    }

    /// @dev Part of `total` vested `elapsed` seconds after the start, rounded down; `total` must be below 2^128.
    function vestedDown(Packed storage self, uint256 total, uint256 elapsed) internal view returns (uint256) {
        (, uint256 reached, uint256 next) = _around(self, elapsed);
        if (next == 0) return total;

        // Offsets and shares have at most 40 and 32 bits and increase, so nothing can overflow or fall below zero.
        unchecked {
            if (!_isLinear(next)) return (total * _share(reached)) / WHOLE;
            // One division for share and time, so that rounding to parts per billion loses nothing.
            uint256 length = _offset(next) - _offset(reached);
            uint256 rise = (_share(next) - _share(reached)) * (elapsed - _offset(reached));
            return (total * (_share(reached) * length + rise)) / (WHOLE * length);
        }
    }

    /// @dev Next time at which more vests than after `elapsed` seconds. Inside a growing linear stage this is
    /// `elapsed`; otherwise the next step, or the start of the next growth. False if everything has vested.
    function growthAfter(Packed storage self, uint256 elapsed) internal view returns (bool grows, uint256 offset) {
        (uint256 index, uint256 reached, ) = _around(self, elapsed);
        (grows, offset) = _growthFrom(self, index, reached);
        if (grows) offset = Math.max(offset, elapsed);
    }

    /// @dev When the first part vests or begins to grow, in seconds after the start.
    function firstGrowth(Packed storage self) internal view returns (uint256 offset) {
        (, offset) = _growthFrom(self, 0, 0);
    }

    /// @dev All stages.
    function list(Packed storage self) internal view returns (IReleaseVault.Stage[] memory stages) {
        stages = new IReleaseVault.Stage[](_count(self.words[0]));
        for (uint256 i = 0; i < stages.length; ++i) {
            uint256 stage = _stageAt(self, i);
            stages[i] = IReleaseVault.Stage({
                offset: uint40(_offset(stage)),
                share: uint32(_share(stage)),
                linear: _isLinear(stage)
            });
        }
    }

    /// @dev First stage from `index` on that adds to the stage before it: its offset, or where it begins to grow.
    function _growthFrom(
        Packed storage self,
        uint256 index,
        uint256 previous
    ) private view returns (bool grows, uint256 offset) {
        uint256 count = _count(self.words[0]);
        for (; index < count; ++index) {
            uint256 stage = _stageAt(self, index);
            if (_share(stage) > _share(previous)) {
                return (true, _isLinear(stage) ? _offset(previous) : _offset(stage));
            }
            previous = stage;
        }
    }

    /// @dev Number of stages whose offset is at most `elapsed`, the last of them and the one after it; 0 for no stage.
    /// Both are in the low bits of their words. Reads a number of words that is logarithmic in the number of stages.
    function _around(
        Packed storage self,
        uint256 elapsed
    ) private view returns (uint256 index, uint256 reached, uint256 next) {
        next = self.words[0];
        uint256 count = _count(next);

        // No index exceeds MAX_STAGES; a stored curve has at least one stage.
        unchecked {
            uint256 low = 0;
            uint256 high = (count - 1) / PER_WORD;
            while (low < high) {
                uint256 middle = (low + high + 1) / 2;
                uint256 word = self.words[middle];
                if (_offset(word) > elapsed) {
                    high = middle - 1;
                } else {
                    low = middle;
                    next = word;
                }
            }

            uint256 end = (low + 1) * PER_WORD;
            if (end > count) end = count;
            for (index = low * PER_WORD; index < end && _offset(next) <= elapsed; ++index) {
                reached = next;
                next >>= STAGE_BITS;
            }
            if (index == count) next = 0;
            else if (index == end) next = self.words[low + 1];
        }
    }

    /// @dev The stage at `index`, which must exist, in the low bits.
    function _stageAt(Packed storage self, uint256 index) private view returns (uint256) {
        return self.words[index / PER_WORD] >> ((index % PER_WORD) * STAGE_BITS);
    }

    /// @dev A stage in the 80 bits it is stored in.
    function _pack(IReleaseVault.Stage calldata stage) private pure returns (uint256) {
        return uint256(stage.offset) | (uint256(stage.share) << SHARE_BIT) | (stage.linear ? 1 << LINEAR_BIT : 0);
    }

    /// @dev Number of stages, from the first word.
    function _count(uint256 word) private pure returns (uint256) {
        return word >> COUNT_BIT;
    }

    /// @dev Offset of the stage in the low bits.
    function _offset(uint256 stage) private pure returns (uint256) {
        return uint40(stage);
    }

    /// @dev Share of the stage in the low bits.
    function _share(uint256 stage) private pure returns (uint256) {
        return uint32(stage >> SHARE_BIT);
    }

    /// @dev Whether the stage in the low bits is linear.
    function _isLinear(uint256 stage) private pure returns (bool) {
        return (stage >> LINEAR_BIT) & 1 == 1;
    }
}
