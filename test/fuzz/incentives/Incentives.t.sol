// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IIncentiveVault} from "../../../contracts/interfaces/IIncentiveVault.sol";
import {Contribution} from "../../../contracts/interfaces/types/Contribution.sol";
import {PointsRecord, PointsWord} from "../../../contracts/libraries/PointsRecord.sol";
import {ReleaseSchedule} from "../../../contracts/libraries/ReleaseSchedule.sol";
import {ScoreDecay} from "../../../contracts/libraries/ScoreDecay.sol";
import {TestBase} from "../../support/TestBase.sol";

/// @dev The libraries of the incentive pool against plain reference code.
contract IncentivesFuzzTest is TestBase {
    using PointsRecord for PointsWord;

    uint256 private constant HALF_LIFE = ScoreDecay.HALF_LIFE;

    function testFuzz_Decay_HalvesInAHalfLifeAndNeverGrows(uint64 score, uint256 epochs) external pure {
        epochs = _bound(epochs, 0, 70 * HALF_LIFE);
        uint256 left = ScoreDecay.decay(score, epochs);

        vm.assertLe(left, score, "grows");
        vm.assertLe(ScoreDecay.decay(score, epochs + 1), left, "grows in time");
        uint256 most = uint256(score) >> (epochs / HALF_LIFE);
        uint256 least = uint256(score) >> (epochs / HALF_LIFE + 1);
        vm.assertLe(left, most, "falls too little");
        // Rounding costs a unit and, over many squarings, a few billionths.
        vm.assertLe(least, left + 1 + (score >> 40), "falls too much");
    }

    function testFuzz_Decay_InPartsIsNoMoreThanAtOnce(uint64 score, uint16 first, uint16 second) external pure {
        uint256 parts = ScoreDecay.decay(ScoreDecay.decay(score, first), second);
        uint256 whole = ScoreDecay.decay(score, uint256(first) + second);

        // Each power is rounded down, so the parts can exceed the whole by its rounding.
        vm.assertLe(parts, whole + 1 + (score >> 40), "parts");
        vm.assertLe(whole, parts + 2 + (score >> 40), "whole");
    }

    function testFuzz_Schedule_IsReadBackAndHoldsFromEachStageOn(
        uint16[8] calldata offsets,
        uint16[8] calldata rates,
        uint256 count,
        uint256 offset
    ) external pure {
        count = _bound(count, 1, 8);
        IIncentiveVault.Stage[] memory stages = new IIncentiveVault.Stage[](count);
        uint256 from = 0;
        for (uint256 i = 0; i < count; ++i) {
            uint256 least = i == 0 ? 1 : (uint256(stages[i - 1].ratePpm) + 1) / 2;
            stages[i] = IIncentiveVault.Stage(uint16(from), uint16(_bound(rates[i], least, 10_000)));
            from += 1 + (offsets[i] % 8_000);
        }
        uint256 packed = ReleaseSchedule.pack(stages);

        IIncentiveVault.Stage[] memory found = ReleaseSchedule.unpack(packed);
        vm.assertEq(found.length, count, "stages");
        offset = _bound(offset, 0, 100_000);
        uint256 expected = 0;
        for (uint256 i = 0; i < count; ++i) {
            vm.assertEq(found[i].from, stages[i].from, "from");
            vm.assertEq(found[i].ratePpm, stages[i].ratePpm, "rate");
            if (stages[i].from <= offset) expected = stages[i].ratePpm;
        }
        vm.assertEq(ReleaseSchedule.rateAt(packed, offset), expected, "rate in force");
    }

    function testFuzz_Points_AddUpByCategoryAndBeginAnewInALaterEpoch(
        uint32 epoch,
        uint48[10] calldata amounts,
        uint48 later
    ) external pure {
        epoch = uint32(_bound(epoch, 0, type(uint32).max - 1));
        uint256[5] memory sums;
        PointsWord word;
        for (uint256 i = 0; i < 10; ++i) {
            uint256 category = 1 + (i % 4);
            sums[category] += amounts[i];
            word = word.plus(epoch, Contribution.Category(category), amounts[i]);
        }

        vm.assertEq(word.epoch(), epoch, "epoch");
        for (uint256 i = 1; i < 5; ++i) vm.assertEq(word.pointsIn(Contribution.Category(i)), sums[i], "points");
        word = word.plus(uint256(epoch) + 1, Contribution.Category.Other, later);
        vm.assertEq(word.epoch(), uint256(epoch) + 1, "later epoch");
        vm.assertEq(word.pointsIn(Contribution.Category.Other), later, "later points");
        vm.assertEq(word.pointsIn(Contribution.Category.Maintenance), 0, "earlier points");
    }
}
