// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IReleaseVault} from "../interfaces/IReleaseVault.sol";

/// @title ReleaseCurve
/// @notice A list of release stages in packed storage: what has vested after some time, and when more will.
/// @dev Three stages share a word, 80 bits each from the low end: offset 40, share 32, linear 8. The top 16 bits of the
/// first word hold the number of stages, so a curve of up to three stages is read with one storage access.
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
    uint256 private constant OFFSET_BITS = 40;
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
        (uint256 index, uint256 count, uint256 offset, uint256 share) = _reached(self, elapsed);
        if (index == count) return total;
        (uint256 nextOffset, uint256 nextShare, bool isLinear) = _stageAt(self, index);
        if (!isLinear) return (total * share) / WHOLE;

        // One division for both the share and the time, so that nothing is lost to parts per billion.
        uint256 length = nextOffset - offset;
        uint256 scaledShare = share * length + (nextShare - share) * (elapsed - offset);
        return (total * scaledShare) / (WHOLE * length);
    }

    /// @dev When more vests than has after `elapsed` seconds: `elapsed` itself inside a growing linear stage, otherwise the
    /// offset of the next step that adds something or at which the next growth begins. False when everything has vested.
    function growthAfter(Packed storage self, uint256 elapsed) internal view returns (bool grows, uint256 offset) {
        (uint256 index, uint256 count, uint256 reached, uint256 share) = _reached(self, elapsed);
        (grows, offset) = _growthFrom(self, index, count, reached, share);
        if (grows && offset < elapsed) offset = elapsed;
    }

    /// @dev When the first part vests or begins to grow, in seconds after the start.
    function firstGrowth(Packed storage self) internal view returns (uint256 offset) {
        (, offset) = _growthFrom(self, 0, self.words[0] >> COUNT_BIT, 0, 0);
    }

    /// @dev All stages, as they were stored.
    function list(Packed storage self) internal view returns (IReleaseVault.Stage[] memory stages) {
        stages = new IReleaseVault.Stage[](self.words[0] >> COUNT_BIT);
        for (uint256 i = 0; i < stages.length; ++i) {
            (uint256 offset, uint256 share, bool isLinear) = _stageAt(self, i);
            stages[i] = IReleaseVault.Stage({offset: uint40(offset), share: uint32(share), linear: isLinear});
        }
    }

    /// @dev First stage from `index` on that adds to `share`: its offset, or where it begins to grow if linear.
    function _growthFrom(
        Packed storage self,
        uint256 index,
        uint256 count,
        uint256 reached,
        uint256 share
    ) private view returns (bool grows, uint256 offset) {
        for (; index < count; ++index) {
            (uint256 nextOffset, uint256 nextShare, bool isLinear) = _stageAt(self, index);
            if (nextShare > share) return (true, isLinear ? reached : nextOffset);
            reached = nextOffset;
        }
    }

    /// @dev Number of stages whose offset is at most `elapsed`, number of all, and the last one reached (0 and 0 if none).
    function _reached(
        Packed storage self,
        uint256 elapsed
    ) private view returns (uint256 index, uint256 count, uint256 offset, uint256 share) {
        uint256 word = self.words[0];
        count = word >> COUNT_BIT;

        uint256 low = 0;
        uint256 high = (count - 1) / PER_WORD;
        while (low < high) {
            uint256 middle = (low + high + 1) / 2;
            uint256 candidate = self.words[middle];
            if (uint40(candidate) > elapsed) {
                high = middle - 1;
            } else {
                low = middle;
                word = candidate;
            }
        }

        uint256 end = Math.min(count, (low + 1) * PER_WORD);
        for (index = low * PER_WORD; index < end && uint40(word) <= elapsed; ++index) {
            offset = uint40(word);
            share = uint32(word >> OFFSET_BITS);
            word >>= STAGE_BITS;
        }
    }

    /// @dev The stage at `index`, which must exist.
    function _stageAt(
        Packed storage self,
        uint256 index
    ) private view returns (uint256 offset, uint256 share, bool isLinear) {
        uint256 word = self.words[index / PER_WORD] >> ((index % PER_WORD) * STAGE_BITS);
        return (uint40(word), uint32(word >> OFFSET_BITS), (word >> LINEAR_BIT) & 1 == 1);
    }

    /// @dev A stage in the 80 bits it is stored in.
    function _pack(IReleaseVault.Stage calldata stage) private pure returns (uint256) {
        return uint256(stage.offset) | (uint256(stage.share) << OFFSET_BITS) | (stage.linear ? 1 << LINEAR_BIT : 0);
    }
}
