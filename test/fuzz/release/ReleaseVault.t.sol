// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IReleaseVault} from "../../../contracts/interfaces/IReleaseVault.sol";
import {ReleaseVault} from "../../../contracts/release/ReleaseVault.sol";
import {OPAToken} from "../../../contracts/token/OPAToken.sol";
import {CurveBuilder} from "../../support/CurveBuilder.sol";
import {TestBase} from "../../support/TestBase.sol";

/// @dev This contract holds the supply and administers the access manager.
contract ReleaseVaultFuzzTest is TestBase {
    uint48 private constant START = 1_800_000_000;
    address private constant ALICE = address(0xA11CE);
    address private constant RESERVE = address(0x4E5E4BE);

    OPAToken private token;
    ReleaseVault private vault;

    function setUp() external {
        vm.warp(START);
        token = OPAToken(_deploy("OPAToken", abi.encode(this)));
        address target = _deploy("ClaimTargetMock", abi.encode(token));
        vault = ReleaseVault(
            _deploy(
                "ReleaseVault",
                abi.encode(token, _deploy("AuthorityMock", abi.encode(this)), RESERVE, target, target)
            )
        );
        token.approve(address(vault), type(uint256).max);
    }

    function testFuzz_Claim_PaysTheSameInAnyNumberOfParts(
        uint256 seed,
        uint256 count,
        uint256 total,
        uint256 parts
    ) external {
        (uint256 id, IReleaseVault.Stage[] memory stages) = _create(seed, count, total);
        total = vault.scheduleOf(id).total;
        uint256 end = stages[stages.length - 1].offset;
        parts = _bound(parts, 1, 12);

        uint256 paid = 0;
        for (uint256 i = 0; i <= parts; ++i) {
            vm.warp(START + (end * i) / parts);
            uint256 due = CurveBuilder.vestedOf(stages, total, (end * i) / parts) - paid;
            vm.assertEq(vault.claimable(id), due, "claimable");
            paid += vault.claimMany(_ids(id, 1));
        }

        vm.assertEq(paid, total, "REL-I4: sum of payments");
        vm.assertEq(token.balanceOf(ALICE), total, "REL-I6: paid to the beneficiary");
        vm.assertEq(token.balanceOf(address(vault)), 0, "REL-I3: left");
    }

    function testFuzz_Revoke_SplitsTheTotalAtTheMoment(
        uint256 seed,
        uint256 count,
        uint256 total,
        uint256 claimAt,
        uint256 revokeAt
    ) external {
        (uint256 id, IReleaseVault.Stage[] memory stages) = _create(seed, count, total);
        total = vault.scheduleOf(id).total;
        uint256 end = stages[stages.length - 1].offset;
        revokeAt = _bound(revokeAt, 0, end);
        claimAt = _bound(claimAt, 0, revokeAt);

        vm.warp(START + claimAt);
        vault.claimMany(_ids(id, 1));
        vm.warp(START + revokeAt);
        uint256 vested = vault.vestedAt(id, uint48(block.timestamp));
        if (vested == total) {
            vm.expectRevert(abi.encodeWithSelector(IReleaseVault.ReleaseVaultFullyVested.selector, id, total));
            vault.revoke(id);
            return;
        }
        vault.revoke(id);
        vm.warp(START + end + 1 hours);
        vault.claimMany(_ids(id, 1));

        vm.assertEq(token.balanceOf(ALICE), vested, "REL-I5: vested was touched");
        vm.assertEq(token.balanceOf(RESERVE), total - vested, "REL-I5: returned");
        vm.assertEq(vault.unreleased(), 0, "obligations left");
    }

    function testFuzz_CreateSchedules_TakesExactlyTheSum(uint256 seed, uint256 size) external {
        size = _bound(size, 1, 30);
        _line();
        IReleaseVault.ScheduleParams[] memory params = _batch(size);
        uint256 sum = 0;
        for (uint256 i = 0; i < size; ++i) {
            params[i].total = 1 + (uint256(keccak256(abi.encode(seed, i))) % 1e25);
            sum += params[i].total;
        }

        vm.assertEq(vault.createSchedules(params), 1, "first id");

        vm.assertEq(vault.scheduleCount(), size, "count");
        vm.assertEq(token.balanceOf(address(vault)), sum, "REL-I7: paid in");
        (uint256 owed, ) = vault.unreleasedIn(1, size);
        vm.assertEq(owed, sum, "owed");
    }

    function test_Gas_CreateOne() external {
        _line();
        vault.createSchedule(_batch(1)[0]);
        vault.createSchedule(_batch(1)[0]);
        vm.snapshotGasLastCall("ReleaseVault createSchedule");
    }

    function test_Gas_CreateBatchOf50() external {
        _line();
        vault.createSchedules(_batch(50));
        vm.snapshotGasLastCall("ReleaseVault createSchedules, 50");
    }

    function test_Gas_Claim() external {
        _line();
        vault.createSchedule(_batch(1)[0]);
        vm.warp(START + 10);
        vault.claim(1);
        vm.snapshotGasLastCall("ReleaseVault claim, fresh holder");
        vm.warp(START + 20);
        vault.claim(1);
        vm.snapshotGasLastCall("ReleaseVault claim, later");
        vm.snapshotValue("ReleaseVault bytecode", address(vault).code.length);
    }

    function test_Gas_ClaimManyOf10() external {
        _line();
        vault.createSchedules(_batch(10));
        vm.warp(START + 10);
        vault.claimMany(_ids(1, 10));
        vm.snapshotGasLastCall("ReleaseVault claimMany, 10 of one beneficiary");
    }

    /// @dev One revocable schedule of a random curve for Alice.
    function _create(
        uint256 seed,
        uint256 count,
        uint256 total
    ) private returns (uint256 id, IReleaseVault.Stage[] memory stages) {
        stages = CurveBuilder.build(seed, _bound(count, 1, 96), 1_000_000);
        IReleaseVault.ScheduleParams memory params = _batch(1)[0];
        params.curveId = uint32(vault.createCurve(stages));
        params.total = _bound(total, 1, token.balanceOf(address(this)));
        id = vault.createSchedule(params);
    }

    function _line() private {
        IReleaseVault.Stage[] memory stages = new IReleaseVault.Stage[](1);
        stages[0] = IReleaseVault.Stage({offset: 1_000, share: 1e9, linear: true});
        vault.createCurve(stages);
    }

    function _batch(uint256 size) private pure returns (IReleaseVault.ScheduleParams[] memory params) {
        params = new IReleaseVault.ScheduleParams[](size);
        for (uint256 i = 0; i < size; ++i) {
            params[i] = IReleaseVault.ScheduleParams({
                beneficiary: ALICE,
                start: START,
                curveId: 1,
                revocable: true,
                total: 1_000e18
            });
        }
    }

    function _ids(uint256 first, uint256 size) private pure returns (uint256[] memory ids) {
        ids = new uint256[](size);
        for (uint256 i = 0; i < size; ++i) {
            ids[i] = first + i;
        }
    }
}
