// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IGuardedPause} from "../../../contracts/interfaces/IGuardedPause.sol";
import {NodeSlashing} from "../../../contracts/nodes/NodeSlashing.sol";
import {AuthorityMock} from "../../mocks/AuthorityMock.sol";
import {TestBase} from "../../support/TestBase.sol";

/// @dev A guardian who wants to stop a module for as long as it can, with and without the help of governance.
contract GuardedPauseTest is TestBase {
    uint256 private constant GUARDIAN_PAUSE = 72 hours;
    uint256 private constant COOLDOWN = 7 days;
    uint256 private constant LONGEST = 30 days;
    uint256 private constant ATTEMPTS = 40;
    bytes20 private constant REASON = "fuzz";

    uint256 private constant TERM = 365 days;
    uint64 private constant GUARDIAN = 8;

    NodeSlashing private module;
    AuthorityMock private authority;
    uint256[] private begins;
    uint256[] private ends;

    function setUp() external {
        vm.warp(1_800_000_000);
        authority = AuthorityMock(_deploy("AuthorityMock", abi.encode(this)));
        module = NodeSlashing(_deploy("NodeSlashing", abi.encode(authority, authority)));
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = module.pause.selector;
        authority.setTargetFunctionRole(address(module), selectors, GUARDIAN);
        authority.grantRole(GUARDIAN, address(this), 0);
    }

    /// @dev SAF-I2: a guardian pauses until the last second of its term, and in no later one.
    function testFuzz_Pause_EndsWithTheTerm(uint256 elapsed, uint256 duration) external {
        uint48 expiry = uint48(block.timestamp + TERM);
        vm.assertEq(uint256(module.pauseGuardianExpiryOf(address(this))), uint256(expiry), "SAF-I2: end of the term");
        vm.warp(block.timestamp + _bound(elapsed, 0, 2 * TERM));
        if (block.timestamp >= expiry) {
            vm.expectRevert(
                abi.encodeWithSelector(IGuardedPause.GuardedPauseTermEnded.selector, address(this), expiry)
            );
        }
        module.pause(REASON, uint48(block.timestamp + _bound(duration, 1, GUARDIAN_PAUSE)));
        vm.assertTrue(module.isPaused() == (block.timestamp < expiry), "SAF-I2: paused within the term only");
    }

    /// @dev SAF-I2: however it tries, in any ten days a guardian alone stops a module for 72 hours at most.
    function testFuzz_Pause_StopsForAtMost72HoursInAnyTenDays(uint256 seed) external {
        for (uint256 i = 0; i < ATTEMPTS; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            _wait(seed);
            _pause(_bound(seed >> 128, 1, GUARDIAN_PAUSE));
        }
        for (uint256 i = 0; i < begins.length; ++i) {
            uint256 stopped = _stoppedIn(begins[i], begins[i] + GUARDIAN_PAUSE + COOLDOWN);
            vm.assertLe(stopped, GUARDIAN_PAUSE, "SAF-I2: share of a guardian");
        }
    }

    /// @dev SAF-I2: with governance on its side a pause lasts 30 days at most, and the module then runs for seven.
    function testFuzz_MovePause_KeepsEveryPauseBelowThirtyDays(uint256 seed) external {
        for (uint256 i = 0; i < ATTEMPTS; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            _wait(seed);
            if (seed & 1 == 0 || !module.isPaused()) _pause(_bound(seed >> 128, 1, GUARDIAN_PAUSE));
            else _move(seed >> 128);
        }
        for (uint256 i = 0; i < begins.length; ++i) {
            vm.assertLe(ends[i], begins[i] + LONGEST, "SAF-I2: longest pause");
            if (i != 0) vm.assertLe(ends[i - 1] + COOLDOWN, begins[i], "SAF-I2: time in between");
        }
    }

    /// @dev Some of the time exactly to the first second at which a pause is possible again, or to the end of one.
    function _wait(uint256 seed) private {
        IGuardedPause.Pause memory state = module.pauseState();
        uint256 choice = (seed >> 8) % 4;
        if (choice == 0 && state.pausableAt > block.timestamp) vm.warp(state.pausableAt);
        else if (choice == 1 && state.until > block.timestamp) vm.warp(state.until);
        else vm.warp(block.timestamp + ((seed >> 16) % 5 days));
    }

    /// @dev Pauses as a guardian whose term begins anew, so that terms do not end an attempt.
    function _pause(uint256 duration) private {
        authority.revokeRole(GUARDIAN, address(this));
        authority.grantRole(GUARDIAN, address(this), 0);
        IGuardedPause.Pause memory state = module.pauseState();
        bool tooSoon = block.timestamp < state.pausableAt;
        if (tooSoon) {
            vm.expectRevert(abi.encodeWithSelector(IGuardedPause.GuardedPauseTooSoon.selector, state.pausableAt));
        }
        module.pause(REASON, uint48(block.timestamp + duration));
        if (tooSoon) return;
        vm.assertTrue(module.isPaused(), "SAF-I2: paused");
        begins.push(block.timestamp);
        ends.push(block.timestamp + duration);
    }

    function _move(uint256 seed) private {
        uint256 last = ends.length - 1;
        uint256 limit = begins[last] + LONGEST;
        uint256 until = seed % 8 == 0 ? 0 : block.timestamp + 1 + ((seed >> 8) % 40 days);
        bool tooLate = until > limit;
        if (tooLate) {
            vm.expectRevert(
                abi.encodeWithSelector(IGuardedPause.GuardedPauseInvalidEnd.selector, uint48(until), uint48(limit))
            );
        }
        module.movePause(uint48(until));
        if (!tooLate) ends[last] = until == 0 ? block.timestamp : until;
    }

    /// @dev Seconds of a window in which the module was stopped.
    function _stoppedIn(uint256 from, uint256 to) private view returns (uint256 stopped) {
        for (uint256 i = 0; i < begins.length; ++i) {
            uint256 begin = begins[i] < from ? from : begins[i];
            uint256 end = ends[i] > to ? to : ends[i];
            if (end > begin) stopped += end - begin;
        }
    }
}
