// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Metering} from "../../../contracts/interfaces/types/Metering.sol";
import {UseRecord, UseWord} from "../../../contracts/libraries/UseRecord.sol";
import {TestBase} from "../../support/TestBase.sol";

contract UseRecordFuzzTest is TestBase {
    using UseRecord for UseRecord.Use;

    uint256 private constant SUPPLY_GWEI = 800_000_000e9;
    uint256 private constant TERMS_MASK = type(uint256).max << 128;
    uint256 private constant SUMS_MASK = type(uint256).max << 64;
    uint256 private constant SPANS = 6;

    UseRecord.Use private _use;

    function testFuzz_Terms_KeepTheirFieldsApart(
        uint24 epoch,
        uint32[3] calldata raw,
        uint8 tier,
        uint8 category
    ) external pure {
        Metering.Rates memory rates = _rates(raw, tier, category);
        UseWord word = UseRecord.toTerms(epoch, rates);
        UseWord used = word.plus(UseRecord.toUse(SUPPLY_GWEI / 2, SUPPLY_GWEI / 3));

        for (uint256 i = 0; i < 2; ++i) {
            vm.assertEq(word.epoch(), epoch, "epoch");
            vm.assertEq(word.rate(), raw[0], "rate");
            vm.assertEq(word.previousRate(), raw[1], "previous rate");
            vm.assertEq(word.weight(), raw[2], "weight");
            vm.assertEq(word.tier(), rates.minimumTier, "tier");
            vm.assertEq(word.category(), uint256(rates.category), "category");
            vm.assertEq(word.access(), (word.tier() << 3) | word.category(), "access");
            vm.assertTrue(word.hasTermsOf(epoch) == (raw[2] != 0), "terms of its epoch");
            vm.assertTrue(!word.hasTermsOf(uint256(epoch) + 1), "not of another");
            word = used;
        }
        vm.assertEq(used.burnedGwei(), SUPPLY_GWEI / 2, "burned");
        vm.assertEq(used.units(), SUPPLY_GWEI / 3, "units");
        vm.assertTrue(used.isUsed(), "used");
    }

    function testFuzz_AccessMask_HoldsEveryCategoryUpToTheTier(
        uint8 categories,
        uint256 tier,
        uint256 asked
    ) external pure {
        (tier, asked) = (tier % 8, asked % 64);
        bool isOpen = asked >> 3 <= tier && (categories >> (asked & 7)) & 1 == 1;

        vm.assertTrue((UseRecord.accessMask(categories, tier) >> asked) & 1 == (isOpen ? 1 : 0), "access");
        vm.assertEq(uint8(UseRecord.accessMask(categories, tier)), categories, "categories of tier 0");
    }

    function testFuzz_Service_KeepsItsFieldsApart(
        uint24 epoch,
        uint8 categories,
        uint32 end,
        uint64 raw
    ) external pure {
        uint256 burned = raw % (SUPPLY_GWEI + 1);
        UseWord word = UseWord.wrap(0).startedIn(epoch).withTag((uint40(categories) << 32) | end);
        word = word.plus(UseRecord.toUse(burned, burned).withComputeUnits(burned));

        vm.assertEq(word.epoch(), epoch, "epoch");
        vm.assertEq(word.categories(), categories, "categories");
        vm.assertEq(word.endsAt(), end, "end");
        vm.assertEq(word.burnedGwei(), burned, "burned");
        UseWord next = word.startedIn(uint256(epoch ^ 1));
        vm.assertEq(next.epoch(), epoch ^ 1, "next epoch");
        vm.assertEq(next.categories(), categories, "categories stay");
        vm.assertEq(next.endsAt(), end, "end stays");
        vm.assertTrue(!next.isUsed(), "no use");
        vm.assertEq(word.withTag(uint40(end)).pausedUntil(), end, "pause");
        vm.assertEq(word.withTag(uint40(end)).burnedGwei(), burned, "burned stays");
    }

    /// @dev Use in several epochs, some of them idle, of a provider or of all: read back in every later epoch.
    function testFuzz_Read_TellsThreeSpansOfAProvider(uint8[SPANS] calldata gaps, uint32[SPANS] calldata raw) external {
        Metering.Usage memory all;
        Metering.Usage memory last;
        uint256 lastEpoch = 0;
        uint256 epoch = 10;
        for (uint256 i = 0; i < SPANS; ++i) {
            epoch += gaps[i] % 4;
            uint256 burned = uint256(raw[i]) + 1;
            Metering.Usage memory before = epoch == lastEpoch ? last : Metering.Usage(0, 0, 0);
            _count(epoch, UseRecord.toUse(burned, burned / 2).withComputeUnits(burned / 3));
            last = Metering.Usage(before.units + burned / 2, before.computeUnits + burned / 3, 0);
            last.burned = before.burned + burned * 1 gwei;
            all = Metering.Usage(all.units + burned / 2, all.computeUnits + burned / 3, all.burned + burned * 1 gwei);
            lastEpoch = epoch;

            for (uint256 later = 0; later < 3; ++later) _checkRead(epoch + later, later, last, all);
        }
    }

    /// @dev A resource counts units alone; compute units are units times its weight.
    function testFuzz_Read_WeighsUnitsOfAResource(
        uint32[3] calldata raw,
        uint24 weight,
        uint32[2] calldata units
    ) external {
        Metering.Rates memory rates = _rates(raw, 0, 0);
        rates.weight = uint32(weight) + 1;
        for (uint256 i = 0; i < 2; ++i) {
            UseWord stored = _use.current;
            UseWord terms = UseRecord.toTerms(20 + i, rates);
            if (i != 0) _use.retire(stored, TERMS_MASK);
            _use.current = terms.plus(UseRecord.toUse(uint256(units[i]) + 1, units[i]));
        }
        (Metering.Usage memory current, Metering.Usage memory previous, Metering.Usage memory all) = _use.read(
            21,
            rates.weight
        );

        vm.assertEq(current.units, units[1], "units");
        vm.assertEq(current.computeUnits, uint256(units[1]) * rates.weight, "compute units");
        vm.assertEq(previous.units, units[0], "previous units");
        vm.assertEq(previous.computeUnits, uint256(units[0]) * rates.weight, "previous compute units");
        vm.assertEq(all.units, uint256(units[0]) + units[1], "all units");
        vm.assertEq(all.computeUnits, current.computeUnits + previous.computeUnits, "all compute units");
        vm.assertEq(all.burned, current.burned + previous.burned, "all burned");
    }

    function _count(uint256 epoch, UseWord used) private {
        UseWord stored = _use.current;
        if (stored.epoch() != epoch) {
            _use.retire(stored, SUMS_MASK);
            stored = stored.startedIn(epoch);
        }
        _use.current = stored.plus(used);
    }

    function _checkRead(
        uint256 now_,
        uint256 later,
        Metering.Usage memory last,
        Metering.Usage memory all
    ) private view {
        (Metering.Usage memory current, Metering.Usage memory previous, Metering.Usage memory allTime) = _use.read(
            now_,
            0
        );
        _same(allTime, all, "all time");
        if (later == 0) _same(current, last, "current");
        else vm.assertEq(current.burned, 0, "nothing current");
        if (later == 1) _same(previous, last, "previous");
        if (later == 2) vm.assertEq(previous.burned, 0, "nothing previous");
        (uint32 finished, uint256 burned) = _use.finished(now_);
        if (later != 0) {
            vm.assertEq(finished, now_ - later, "finished epoch");
            vm.assertEq(burned, last.burned, "finished burn");
        }
    }

    function _same(Metering.Usage memory left, Metering.Usage memory right, string memory label) private pure {
        vm.assertEq(left.units, right.units, label);
        vm.assertEq(left.computeUnits, right.computeUnits, label);
        vm.assertEq(left.burned, right.burned, label);
    }

    function _rates(uint32[3] calldata raw, uint8 tier, uint8 category) private pure returns (Metering.Rates memory) {
        return
            Metering.Rates({
                category: Metering.Category(category % 5),
                minimumTier: tier % 8,
                weight: raw[2],
                rate: uint96(raw[0]) * 1 gwei,
                previousRate: uint96(raw[1]) * 1 gwei
            });
    }
}
