// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IReleaseVault} from "../../contracts/interfaces/IReleaseVault.sol";

/// @dev Valid release curves from a seed, and their vested amounts, stage by stage.
library CurveBuilder {
    uint256 internal constant WHOLE = 1e9;

    /// @dev `count` stages whose gaps are below `maxGap`, a third of them flat.
    function build(
        uint256 seed,
        uint256 count,
        uint256 maxGap
    ) internal pure returns (IReleaseVault.Stage[] memory stages) {
        stages = new IReleaseVault.Stage[](count);
        uint256 offset = 0;
        uint256 share = 0;
        for (uint256 i = 0; i < count; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i)));
            bool linear = random & 1 == 1;
            bool startsAtOnce = i == 0 && !linear && random & 2 == 2;
            if (!startsAtOnce) offset += 1 + ((random >> 8) % maxGap);
            if (i == count - 1) share = WHOLE;
            else if (random & 12 != 0) share += (random >> 64) % ((2 * (WHOLE - share)) / (count - i) + 1);
            if (share > WHOLE) share = WHOLE;
            stages[i] = IReleaseVault.Stage({offset: uint40(offset), share: uint32(share), linear: linear});
        }
    }

    /// @dev Vested part of `total`, by walking the stages from the first.
    function vestedOf(
        IReleaseVault.Stage[] memory stages,
        uint256 total,
        uint256 elapsed
    ) internal pure returns (uint256) {
        uint256 offset = 0;
        uint256 share = 0;
        for (uint256 i = 0; i < stages.length; ++i) {
            IReleaseVault.Stage memory stage = stages[i];
            if (elapsed < stage.offset) {
                if (!stage.linear) return (total * share) / WHOLE;
                uint256 length = stage.offset - offset;
                uint256 grown = (stage.share - share) * (elapsed - offset);
                return (total * (share * length + grown)) / (length * WHOLE);
            }
            (offset, share) = (stage.offset, stage.share);
        }
        return total;
    }
}
