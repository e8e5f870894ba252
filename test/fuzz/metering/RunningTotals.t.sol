// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {LineWord, RunningTotals, TotalsWord} from "../../../contracts/libraries/RunningTotals.sol";
import {TestBase} from "../../support/TestBase.sol";

contract RunningTotalsFuzzTest is TestBase {
    uint256 private constant MAX = RunningTotals.MAX_TOTAL;

    function testFuzz_Line_KeepsItsFieldsApart(address provider, uint32 resource, uint64 units) external pure {
        uint256 packed = (uint256(uint160(provider)) << 96) | (uint256(resource) << 64) | units;
        LineWord line = LineWord.wrap(packed);

        vm.assertTrue(line.provider() == provider, "provider");
        vm.assertEq(line.resource(), resource, "resource");
        vm.assertEq(line.units(), units, "units");
    }

    function testFuzz_Line_DropsBitsBeyondTheProvider(uint256 raw) external pure {
        LineWord line = LineWord.wrap(raw);

        vm.assertEq(uint160(line.provider()), (raw >> 96) % 2 ** 160, "provider");
        vm.assertEq(line.resource(), (raw >> 64) % 2 ** 32, "resource");
        vm.assertEq(line.units(), raw % 2 ** 64, "units");
    }

    function testFuzz_Group_IsOneForFourResourcesOfOneProvider(uint256 one, uint256 other) external pure {
        (LineWord first, LineWord second) = (LineWord.wrap(one), LineWord.wrap(other));
        LineWord near = LineWord.wrap(one ^ (other % 2 ** 66)); // another resource of the four, other units
        bool isSame = first.provider() == second.provider() && first.resource() / 4 == second.resource() / 4;

        vm.assertEq(near.group(), first.group(), "near");
        vm.assertTrue((first.group() == second.group()) == isSame, "any");
    }

    function testFuzz_Totals_KeepFourResourcesAndTheirLastPriceEpochApart(
        uint256[4] calldata raw,
        uint24[4] calldata epochs,
        uint32 first
    ) external pure {
        first &= ~uint32(3);
        TotalsWord word;
        uint256 last = 0;
        for (uint256 i = 0; i < 4; ++i) {
            if (epochs[i] > last) last = epochs[i];
            word = word.with(first + i, raw[i] % (MAX + 1), epochs[i]);
            vm.assertEq(word.priceEpoch(), last, "epoch");
        }

        for (uint256 i = 0; i < 4; ++i) {
            vm.assertEq(RunningTotals.placeOf(first + i), first / 4, "place");
            vm.assertEq(word.unitsOf(first + i), raw[i] % (MAX + 1), "units");
        }
    }

    function testFuzz_With_AddsToOneResourceAndKeepsTheLaterEpoch(
        uint256 raw,
        uint32 resource,
        uint256 added,
        uint24 epoch
    ) external pure {
        TotalsWord word = TotalsWord.wrap(raw);
        added = _bound(added, 0, MAX - word.unitsOf(resource));
        uint256 later = epoch < word.priceEpoch() ? word.priceEpoch() : epoch;
        TotalsWord next = word.with(resource, added, epoch);

        vm.assertEq(next.priceEpoch(), later, "epoch");
        for (uint256 i = 0; i < 4; ++i) {
            uint256 other = (resource & ~uint256(3)) + i;
            vm.assertEq(next.unitsOf(other), word.unitsOf(other) + (other == resource ? added : 0), "units");
        }
    }

    function test_MaxTotal_FillsItsLane() external pure {
        TotalsWord word;
        for (uint256 i = 0; i < 4; ++i) word = word.with(i, MAX, 2 ** 24 - 1);

        vm.assertEq(TotalsWord.unwrap(word), type(uint256).max, "every bit");
    }
}
