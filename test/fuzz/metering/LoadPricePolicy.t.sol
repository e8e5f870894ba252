// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {LoadPricePolicy} from "../../../contracts/metering/LoadPricePolicy.sol";
import {TestBase} from "../../support/TestBase.sol";

contract LoadPricePolicyFuzzTest is TestBase {
    LoadPricePolicy private policy;

    function setUp() public {
        policy = new LoadPricePolicy();
    }

    function testFuzz_NextRate_MovesByAnEighthAtMost(uint32 rate, uint64 units, uint64 target) external view {
        target = uint64(_bound(target, 1, 2 ** 63));

        uint256 next = policy.nextRate(rate, units, target);

        uint256 step = next > rate ? next - rate : rate - next;
        vm.assertLe(step, rate / 8, "at most an eighth");
        if (units > target) vm.assertLe(rate, next, "rises above the target");
        else vm.assertLe(next, rate, "falls below the target");
    }

    function testFuzz_NextRate_StaysAtTheTarget(uint32 rate, uint64 target) external view {
        target = uint64(_bound(target, 1, 2 ** 63));
        vm.assertEq(policy.nextRate(rate, target, target), rate, "at the target");
    }

    function testFuzz_NextRate_GrowsWithUse(uint32 rate, uint64 less, uint64 more, uint64 target) external view {
        target = uint64(_bound(target, 1, 2 ** 63));
        if (less > more) (less, more) = (more, less);
        vm.assertLe(policy.nextRate(rate, less, target), policy.nextRate(rate, more, target), "monotonous");
    }

    function testFuzz_NextRate_MovesByAnEighthWithoutUseAndAtTwiceTheTarget(uint32 rate, uint64 target) external view {
        target = uint64(_bound(target, 1, 2 ** 62));
        uint256 rate_ = rate;
        uint256 highest = rate_ + rate_ / 8;
        if (highest > type(uint32).max) highest = type(uint32).max;

        vm.assertEq(policy.nextRate(rate, 0, target), rate_ - rate_ / 8, "without use");
        vm.assertEq(policy.nextRate(rate, 2 * target, target), highest, "at twice the target");
        vm.assertEq(policy.nextRate(rate, type(uint64).max, target), highest, "above that");
    }
}
