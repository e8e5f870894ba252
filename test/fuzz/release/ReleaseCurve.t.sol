// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IReleaseVault} from "../../../contracts/interfaces/IReleaseVault.sol";
import {CurveHarness} from "../../mocks/CurveHarness.sol";
import {CurveBuilder} from "../../support/CurveBuilder.sol";
import {TestBase} from "../../support/TestBase.sol";

contract ReleaseCurveFuzzTest is TestBase {
    using CurveBuilder for IReleaseVault.Stage[];

    CurveHarness private curve;

    function setUp() external {
        curve = new CurveHarness();
    }

    function testFuzz_VestedDown_IsWhatWalkingTheStagesGives(
        uint256 seed,
        uint256 count,
        uint96 total,
        uint40 elapsed
    ) external {
        IReleaseVault.Stage[] memory stages = _store(seed, count, 2 ** 33);
        vm.assertEq(curve.vestedDown(total, elapsed), stages.vestedOf(total, elapsed), "any time");

        uint256 near = stages[seed % stages.length].offset;
        vm.assertEq(curve.vestedDown(total, near), stages.vestedOf(total, near), "at a stage");
        if (near == 0) return;
        vm.assertEq(curve.vestedDown(total, near - 1), stages.vestedOf(total, near - 1), "before a stage");
    }

    function testFuzz_VestedDown_NeverFallsInTime(
        uint256 seed,
        uint256 count,
        uint96 total,
        uint256 first,
        uint256 second
    ) external {
        IReleaseVault.Stage[] memory stages = _store(seed, count, 1_000);
        uint256 end = stages[stages.length - 1].offset;
        first = _bound(first, 0, end);
        second = _bound(second, first, end + 1 hours);

        vm.assertLe(curve.vestedDown(total, first), curve.vestedDown(total, second), "REL-I2: falls");
        vm.assertLe(curve.vestedDown(total, second), total, "REL-I1: above the total");
    }

    function testFuzz_VestedDown_IsEverythingFromTheEnd(
        uint256 seed,
        uint256 count,
        uint96 total,
        uint48 later
    ) external {
        IReleaseVault.Stage[] memory stages = _store(seed, count, 2 ** 33);
        uint256 end = stages[stages.length - 1].offset;

        vm.assertEq(curve.vestedDown(total, end), total, "at the end");
        vm.assertEq(curve.vestedDown(total, end + later), total, "after the end");
    }

    function testFuzz_VestedDown_LosesAtMostOneWeiWhenSplit(
        uint256 seed,
        uint256 count,
        uint96 total,
        uint96 part,
        uint40 elapsed
    ) external {
        _store(seed, count, 2 ** 30);
        part = uint96(_bound(part, 0, total));
        uint256 whole = curve.vestedDown(total, elapsed);
        uint256 parts = curve.vestedDown(part, elapsed) + curve.vestedDown(total - part, elapsed);

        vm.assertLe(parts, whole, "splitting gains");
        vm.assertLe(whole, parts + 1, "splitting loses more than a wei");
    }

    function testFuzz_GrowthAfter_IsTheFirstMomentMoreVests(uint256 seed, uint256 count, uint256 elapsed) external {
        IReleaseVault.Stage[] memory stages = _store(seed, count, 1_000);
        elapsed = _bound(elapsed, 0, stages[stages.length - 1].offset + 10);
        uint256 total = type(uint96).max;
        uint256 vested = curve.vestedDown(total, elapsed);

        (bool grows, uint256 offset) = curve.growthAfter(elapsed);
        vm.assertTrue(grows == (vested < total), "grows until everything has vested");
        if (!grows) return;
        vm.assertLe(elapsed, offset, "not in the past");
        if (offset > elapsed) vm.assertEq(curve.vestedDown(total, offset - 1), vested, "grew before");
        vm.assertLe(vested + 1, curve.vestedDown(total, offset + 1), "does not grow there");
    }

    function testFuzz_FirstGrowth_IsTheFirstMomentAnythingVests(uint256 seed, uint256 count) external {
        _store(seed, count, 1_000);
        uint256 offset = curve.firstGrowth();

        if (offset > 0) vm.assertEq(curve.vestedDown(type(uint96).max, offset - 1), 0, "vested before");
        vm.assertLe(1, curve.vestedDown(type(uint96).max, offset + 1), "nothing vests there");
    }

    function testFuzz_List_GivesBackWhatWasStored(uint256 seed, uint256 count) external {
        IReleaseVault.Stage[] memory stages = _store(seed, count, 2 ** 33);

        vm.assertTrue(keccak256(abi.encode(curve.list())) == keccak256(abi.encode(stages)), "stages differ");
    }

    function testFuzz_Store_RefusesAnOffsetThatDoesNotIncrease(uint256 seed, uint256 count, uint256 index) external {
        IReleaseVault.Stage[] memory stages = CurveBuilder.build(seed, _bound(count, 2, 96), 1_000);
        index = _bound(index, 1, stages.length - 1);
        uint40 previous = stages[index - 1].offset;
        stages[index].offset = uint40(_bound(seed, 0, previous));

        vm.expectRevert(
            abi.encodeWithSelector(
                IReleaseVault.ReleaseCurveInvalidOffset.selector,
                index,
                stages[index].offset,
                previous
            )
        );
        curve.store(stages);
    }

    function test_RevertWhen_TheFirstStageIsLinearAndTakesNoTime() external {
        IReleaseVault.Stage[] memory stages = new IReleaseVault.Stage[](1);
        stages[0] = IReleaseVault.Stage({offset: 0, share: 1e9, linear: true});

        vm.expectRevert(abi.encodeWithSelector(IReleaseVault.ReleaseCurveInvalidOffset.selector, 0, 0, 0));
        curve.store(stages);
    }

    function _store(uint256 seed, uint256 count, uint256 maxGap) private returns (IReleaseVault.Stage[] memory stages) {
        stages = CurveBuilder.build(seed, _bound(count, 1, 96), maxGap);
        curve.store(stages);
    }
}
