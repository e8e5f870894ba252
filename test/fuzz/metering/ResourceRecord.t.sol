// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {PricingWord, RateRing, ResourceRecord, ResourceWord} from "../../../contracts/libraries/ResourceRecord.sol";
import {TestBase} from "../../support/TestBase.sol";

contract ResourceRecordFuzzTest is TestBase {
    struct Fields {
        uint32 weight;
        uint24 epoch;
        uint8 category;
        uint8 state;
        uint8 tier;
        uint24 retired;
        uint24 priceEpoch;
        uint256 rates;
    }

    function testFuzz_Resource_KeepsItsFieldsApart(Fields calldata f, uint8 state, bool constant_) external pure {
        state &= 15;
        uint32 rate = uint32(f.rates);
        ResourceWord word = ResourceRecord.toResource(f.weight, f.epoch, f.category, f.state & 15, f.tier & 15, rate);
        _check(word, f, f.state & 15, 0, f.epoch, true);
        vm.assertEq(word.rate(0), rate, "first rate");
        vm.assertEq(word.rate(1) + word.rate(2) + word.rate(3), 0, "no other rates");

        word = word.withState(state).withRetirement(f.retired).withConstant(constant_);
        _check(word, f, state, f.retired, f.epoch, constant_);
        word = word.withRates(f.priceEpoch, RateRing.wrap(f.rates));
        _check(word, f, state, f.retired, f.priceEpoch, constant_);
        for (uint256 age = 0; age < 4; ++age) {
            vm.assertEq(word.rate(age), uint32(f.rates >> (32 * age)), "rate");
        }
        _check(word.withConstant(!constant_), f, state, f.retired, f.priceEpoch, !constant_);
    }

    function testFuzz_Pricing_KeepsItsFieldsApart(
        uint32 floor,
        uint32 ceiling,
        uint16 policy,
        uint16 next,
        uint24 epoch,
        uint256 rates
    ) external pure {
        PricingWord pricing = ResourceRecord.toPricing(floor, ceiling, policy);
        _checkPricing(pricing, floor, ceiling, policy, policy, 0);
        pricing = pricing.withPolicies(policy, next, epoch).withOlder(RateRing.wrap(rates));
        _checkPricing(pricing, floor, ceiling, policy, next, epoch);
        ResourceWord word = ResourceRecord.toResource(1, 1, 1, 1, 1, 1).withRates(epoch, RateRing.wrap(rates));
        vm.assertEq(RateRing.unwrap(word.ring(pricing)), rates, "both halves of the ring");
        _checkPricing(pricing.withPolicies(next, policy, 0), floor, ceiling, next, policy, 0);
    }

    function testFuzz_Advanced_IsAListOfEightThatGrowsAtItsEnd(uint256 start, uint256 seed) external pure {
        RateRing ring = RateRing.wrap(start);
        uint256 length = seed % 12;
        uint256 epochs = length + ((seed >> 8) % 12);
        uint32[] memory rates = new uint32[](length);
        for (uint256 i = 0; i < length; ++i) rates[i] = uint32(uint256(keccak256(abi.encode(seed, i))));

        RateRing later = ring.advanced(rates, epochs);

        for (uint256 age = 0; age < 8; ++age) {
            uint256 expected = age >= epochs ? ring.rateAt(age - epochs) : 0;
            if (age < epochs && length == 0) expected = ring.rateAt(0);
            if (age < epochs && length != 0) {
                uint256 index = epochs - age - 1;
                expected = rates[index < length ? index : length - 1];
            }
            vm.assertEq(later.rateAt(age), expected, "rate");
        }
    }

    function _check(
        ResourceWord word,
        Fields calldata f,
        uint256 state,
        uint256 retired,
        uint256 priceEpoch,
        bool constant_
    ) private pure {
        vm.assertEq(word.weight(), f.weight, "weight");
        vm.assertEq(word.registeredEpoch(), f.epoch, "registered");
        vm.assertEq(word.category(), f.category, "category");
        vm.assertEq(word.minimumTier(), f.tier & 15, "tier");
        vm.assertEq(word.state(), state, "state");
        vm.assertEq(word.retiredEpoch(), retired, "retired");
        vm.assertEq(word.priceEpoch(), priceEpoch, "price epoch");
        vm.assertTrue(word.isConstant() == constant_, "constant");
    }

    function _checkPricing(
        PricingWord pricing,
        uint256 floor,
        uint256 ceiling,
        uint256 policy,
        uint256 next,
        uint256 epoch
    ) private pure {
        vm.assertEq(pricing.floor(), floor, "floor");
        vm.assertEq(pricing.ceiling(), ceiling, "ceiling");
        vm.assertEq(pricing.policy(), policy, "policy");
        vm.assertEq(pricing.nextPolicy(), next, "next policy");
        vm.assertEq(pricing.policyEpoch(), epoch, "policy epoch");
    }
}
