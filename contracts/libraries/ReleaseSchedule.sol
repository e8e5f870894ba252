// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IIncentiveVault} from "../interfaces/IIncentiveVault.sol";

/// @title ReleaseSchedule
/// @notice A staged schedule in one word: up to eight stages of `from << 16 | ratePpm`, the first one lowest.
/// @dev Each epoch releases a share of the remaining funds, so the vault never runs dry. From one stage to the next the
/// share at most halves, so there is no cliff.
library ReleaseSchedule {
    /// @dev Largest number of stages.
    uint256 internal constant MAX_STAGES = 8;

    /// @dev Largest share of the remaining funds that one epoch can release, in millionths.
    uint256 internal constant MAX_RATE_PPM = 10_000;

    uint256 private constant BITS = 32;

    /// @dev Checks and packs stages.
    function pack(IIncentiveVault.Stage[] memory stages) internal pure returns (uint256 packed) {
        uint256 count = stages.length;
        require(count != 0, IIncentiveVault.IncentiveVaultInvalidStages(0));
        require(count <= MAX_STAGES, IIncentiveVault.IncentiveVaultInvalidStages(MAX_STAGES));
        for (uint256 i = 0; i < count; ++i) {
            IIncentiveVault.Stage memory stage = stages[i];
            bool follows =
                i == 0
                    ? stage.from == 0
                    : stage.from > stages[i - 1].from && uint256(stage.ratePpm) * 2 >= stages[i - 1].ratePpm;
            require(
                follows && stage.ratePpm != 0 && stage.ratePpm <= MAX_RATE_PPM,
                IIncentiveVault.IncentiveVaultInvalidStages(i)
            );
            packed |= ((uint256(stage.from) << 16) | stage.ratePpm) << (BITS * i);
        }
    }

    /// @dev The stages of a packed schedule.
    function unpack(uint256 packed) internal pure returns (IIncentiveVault.Stage[] memory stages) {
        uint256 count = 0;
        while (count < MAX_STAGES && uint16(packed >> (BITS * count)) != 0) ++count;
        stages = new IIncentiveVault.Stage[](count);
        for (uint256 i = 0; i < count; ++i) {
            uint256 stage = packed >> (BITS * i);
            stages[i] = IIncentiveVault.Stage(uint16(stage >> 16), uint16(stage));
        }
    }

    /// @dev Share of the remaining funds in millionths, `offset` epochs after the start.
    function rateAt(uint256 packed, uint256 offset) internal pure returns (uint256 ratePpm) {
        for (; packed != 0 && uint16(packed >> 16) <= offset; packed >>= BITS) ratePpm = uint16(packed);
    }
}
