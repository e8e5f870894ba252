// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IReleaseVault} from "../../../contracts/interfaces/IReleaseVault.sol";
import {ReleaseVault} from "../../../contracts/release/ReleaseVault.sol";
import {OPAToken} from "../../../contracts/token/OPAToken.sol";
import {CurveBuilder} from "../../support/CurveBuilder.sol";
import {TestBase} from "../../support/TestBase.sol";

/// @dev Funds, claims, hands over and revokes schedules of {ReleaseVault}; a mirror predicts each payment. Administers the
/// access manager, so it is governance too.
contract ReleaseHandler is TestBase {
    struct Mirror {
        address beneficiary;
        bool revocable;
        address pending;
        uint256 curve;
        uint256 start;
        uint256 total;
        uint256 released;
        uint256 returned;
        uint256 revokedAt;
    }

    uint256 public constant ACTORS = 4;
    uint256 public constant CURVES = 5;

    OPAToken private immutable TOKEN;
    ReleaseVault private immutable VAULT;

    uint256 public ghostFunded;
    uint256 public ghostDonated;
    uint256 public ghostReturned;
    mapping(address account => uint256 amount) public ghostPaid;
    mapping(string action => uint256 count) public calls;

    Mirror[] private _mirrors;

    constructor(OPAToken token, ReleaseVault vault) {
        TOKEN = token;
        VAULT = vault;
        token.approve(address(vault), type(uint256).max);
        for (uint256 i = 0; i < CURVES; ++i) {
            vault.createCurve(stages(i));
        }
    }

    function create(uint256 to, uint256 curve, uint256 start, uint256 total, bool revocable) external {
        IReleaseVault.ScheduleParams memory params = _params(to, curve, start, total, revocable);
        ++calls["create"];

        vm.assertEq(VAULT.createSchedule(params), _mirrors.length, "id of a schedule");
    }

    function createBatch(uint256 to, uint256 curve, uint256 start, uint256 total, uint256 size) external {
        size = _bound(size, 1, 4);
        ++calls["createBatch"];
        uint256 firstId = _mirrors.length + 1;
        IReleaseVault.ScheduleParams[] memory params = new IReleaseVault.ScheduleParams[](size);
        for (uint256 i = 0; i < size; ++i) {
            params[i] = _params(to % ACTORS, (curve % CURVES) + i, start, total / 4, i % 2 == 0);
        }

        vm.assertEq(VAULT.createSchedules(params), firstId, "first id of a batch");
    }

    function claim(uint256 index, uint256 by) external {
        if (_mirrors.length == 0) return;
        index %= _mirrors.length;
        uint256 due = dueOf(index);
        if (due == 0) return;
        ++calls["claim"];
        _pay(index, _mirrors[index].beneficiary, due);

        vm.prank(actor(by));
        vm.assertEq(VAULT.claim(index + 1), due, "REL-I4: claim");
    }

    function claimMany(uint256 first, uint256 size) external {
        if (_mirrors.length == 0) return;
        size = _bound(size, 1, 6);
        ++calls["claimMany"];
        uint256[] memory ids = new uint256[](size);
        uint256 sum = 0;
        for (uint256 i = 0; i < size; ++i) {
            uint256 index = ((first % _mirrors.length) + i) % _mirrors.length;
            ids[i] = index + 1;
            uint256 due = dueOf(index);
            _pay(index, _mirrors[index].beneficiary, due);
            sum += due;
        }

        vm.assertEq(VAULT.claimMany(ids), sum, "REL-I4: claimMany");
    }

    function claimTo(uint256 index, uint256 to) external {
        if (_mirrors.length == 0) return;
        index %= _mirrors.length;
        uint256 due = dueOf(index);
        ++calls["claimTo"];
        _pay(index, actor(to), due);

        uint256[] memory ids = new uint256[](1);
        ids[0] = index + 1;
        vm.prank(_mirrors[index].beneficiary);
        vm.assertEq(VAULT.claimManyTo(ids, actor(to)), due, "REL-I4: claimManyTo");
    }

    function propose(uint256 index, uint256 to) external {
        if (_mirrors.length == 0) return;
        Mirror storage mirror = _mirrors[index % _mirrors.length];
        address successor = actor(to);
        if (successor == mirror.beneficiary) successor = address(0);
        if (successor == mirror.pending) return;
        ++calls["propose"];
        mirror.pending = successor;

        vm.prank(mirror.beneficiary);
        VAULT.proposeBeneficiary((index % _mirrors.length) + 1, successor);
    }

    function accept(uint256 index) external {
        for (uint256 i = 0; i < _mirrors.length; ++i) {
            Mirror storage mirror = _mirrors[((index % _mirrors.length) + i) % _mirrors.length];
            if (mirror.pending == address(0)) continue;
            ++calls["accept"];
            (mirror.beneficiary, mirror.pending) = (mirror.pending, address(0));

            vm.prank(mirror.beneficiary);
            VAULT.acceptBeneficiary((((index % _mirrors.length) + i) % _mirrors.length) + 1);
            return;
        }
    }

    function revoke(uint256 index) external {
        if (_mirrors.length == 0) return;
        index %= _mirrors.length;
        Mirror storage mirror = _mirrors[index];
        uint256 rest = mirror.total - vestedOf(index, block.timestamp);
        if (!mirror.revocable || mirror.revokedAt != 0 || rest == 0) return;
        ++calls["revoke"];
        mirror.revokedAt = block.timestamp;
        mirror.returned = rest;
        ghostReturned += rest;

        vm.assertEq(VAULT.revoke(index + 1), rest, "REL-I5: returned");
    }

    function donate(uint256 amount) external {
        amount = _bound(amount, 0, TOKEN.balanceOf(address(this)) / 1_000);
        ++calls["donate"];
        ghostDonated += amount;

        TOKEN.transfer(address(VAULT), amount);
    }

    /// @dev Calls that must fail: direct another's tokens, take over, revoke.
    function trespass(uint256 index, uint256 by) external {
        if (_mirrors.length == 0) return;
        index %= _mirrors.length;
        Mirror storage mirror = _mirrors[index];
        address thief = actor(by);
        ++calls["trespass"];

        if (thief != mirror.beneficiary) {
            vm.prank(thief);
            try VAULT.claimTo(index + 1, thief) {
                vm.assertTrue(false, "REL-I6: directed by another");
            } catch {}
            vm.prank(thief);
            try VAULT.proposeBeneficiary(index + 1, thief) {
                vm.assertTrue(false, "REL-I6: offered by another");
            } catch {}
        }
        if (thief != mirror.pending) {
            vm.prank(thief);
            try VAULT.acceptBeneficiary(index + 1) {
                vm.assertTrue(false, "REL-I6: taken over");
            } catch {}
        }
        vm.prank(thief);
        try VAULT.revoke(index + 1) {
            vm.assertTrue(false, "REL-I5: revoked by another");
        } catch {}
    }

    function elapse(uint256 period) external {
        ++calls["elapse"];
        vm.warp(block.timestamp + _bound(period, 1, 30 days));
    }

    function mirrorOf(uint256 index) external view returns (Mirror memory) {
        return _mirrors[index];
    }

    function count() external view returns (uint256) {
        return _mirrors.length;
    }

    function dueOf(uint256 index) public view returns (uint256) {
        return vestedOf(index, block.timestamp) - _mirrors[index].released;
    }

    /// @dev Vested amounts at `size` times, from `first` on by `step`.
    function vestedSeriesOf(
        uint256 index,
        uint256 first,
        uint256 step,
        uint256 size
    ) external view returns (uint256[] memory vested) {
        IReleaseVault.Stage[] memory curve = stages(_mirrors[index].curve);
        vested = new uint256[](size);
        for (uint256 i = 0; i < size; ++i) {
            vested[i] = _vestedOf(_mirrors[index], curve, first + i * step);
        }
    }

    function vestedOf(uint256 index, uint256 time) public view returns (uint256) {
        return _vestedOf(_mirrors[index], stages(_mirrors[index].curve), time);
    }

    function actor(uint256 index) public pure returns (address) {
        return address(uint160(0xA11CE + (index % ACTORS)));
    }

    /// @dev Curves of 1, 4, 9, 16 and 25 stages over up to about five months.
    function stages(uint256 index) public pure returns (IReleaseVault.Stage[] memory) {
        uint256 size = (index + 1) ** 2;
        return CurveBuilder.build(index, size, 150 days / size);
    }

    /// @dev Records the schedule about to be created and returns its terms.
    function _params(
        uint256 to,
        uint256 curve,
        uint256 start,
        uint256 total,
        bool revocable
    ) private returns (IReleaseVault.ScheduleParams memory) {
        curve %= CURVES;
        start = _bound(start, block.timestamp - 60 days, block.timestamp + 30 days);
        total = _bound(total, 1, TOKEN.balanceOf(address(this)) / 100);
        ghostFunded += total;
        _mirrors.push(Mirror(actor(to), revocable, address(0), curve, start, total, 0, 0, 0));
        return IReleaseVault.ScheduleParams(actor(to), uint48(start), uint32(curve + 1), revocable, total);
    }

    function _vestedOf(
        Mirror storage mirror,
        IReleaseVault.Stage[] memory curve,
        uint256 time
    ) private view returns (uint256) {
        if (mirror.revokedAt != 0 && mirror.revokedAt < time) time = mirror.revokedAt;
        if (time < mirror.start) return 0;
        return CurveBuilder.vestedOf(curve, mirror.total, time - mirror.start);
    }

    function _pay(uint256 index, address recipient, uint256 amount) private {
        _mirrors[index].released += amount;
        ghostPaid[recipient] += amount;
    }
}
