// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {DecayingVotes} from "../../../contracts/libraries/DecayingVotes.sol";
import {TestBase} from "../../support/TestBase.sol";

/// @dev One set of locks beside a list of everything that was ever in it, added up from the definition.
contract DecayingVotesTest is TestBase {
    using DecayingVotes for DecayingVotes.Curve;

    /// @dev A lock, from a second on and until, not including, another.
    struct Entry {
        uint256 amount;
        uint256 week;
        uint256 from;
        uint256 until;
    }

    uint256 private constant WEEK = 7 days;
    uint256 private constant LONGEST = 104 * WEEK;
    uint256 private constant CHANGES = 24;
    uint256 private constant LOOKS = 40;

    DecayingVotes.Curve private curve;
    Entry[] private entries;
    uint256[] private open; // entries that nobody took out
    uint256 private begin; // kept, since the compiler takes the time for the same throughout a call

    function setUp() external {
        begin = 1_800_000_000;
        vm.warp(begin);
    }

    /// @dev GOV-I9: after any changes, at this second and at every earlier one.
    function testFuzz_Change_IsTheDefinitionNowAndAtEverySecondBefore(uint256 seed) external {
        for (uint256 i = 0; i < CHANGES; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            _wait(seed);
            _change(seed >> 16);
            (uint256 amount, uint256 power) = curve.latest();
            _compare(amount, power, block.timestamp);
        }
        vm.warp(block.timestamp + 1);
        for (uint256 i = 0; i < LOOKS; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            // Half of the looks are at the very second of a change or of an end.
            Entry memory entry = entries[seed % entries.length];
            uint256 time = begin + ((seed >> 16) % (block.timestamp - begin));
            if (seed & (1 << 255) != 0) time = seed & (1 << 254) != 0 ? entry.from : entry.week * WEEK;
            if (time >= block.timestamp) continue;
            (uint256 amount, uint256 power) = curve.past(time);
            _compare(amount, power, time);
        }
    }

    /// @dev GOV-I7.
    function testFuzz_PowerOf_FallsFromAtMostTheAmountToNothing(
        uint96 amount,
        uint256 left,
        uint256 later
    ) external view {
        left = _bound(left, 0, LONGEST);
        uint256 end = block.timestamp + left;
        uint256 power = DecayingVotes.powerOf(amount, end, block.timestamp);
        vm.assertLe(power, amount, "GOV-I7: above the amount");
        vm.assertEq(power, (uint256(amount) * left) / LONGEST, "GOV-I7: definition");
        later = block.timestamp + _bound(later, 0, 2 * LONGEST);
        vm.assertLe(DecayingVotes.powerOf(amount, end, later), power, "GOV-I7: grew");
        if (later >= end) vm.assertEq(DecayingVotes.powerOf(amount, end, later), 0, "GOV-I7: after the end");
    }

    /// @dev Often not at all, often to the first second of a week, now and then for longer than any lock.
    function _wait(uint256 seed) private {
        uint256 choice = seed % 8;
        if (choice < 3) return;
        if (choice < 5) vm.warp((block.timestamp / WEEK + 1 + ((seed >> 8) % 3)) * WEEK);
        else if (choice < 7) vm.warp(block.timestamp + ((seed >> 8) % (9 * WEEK)));
        else vm.warp(block.timestamp + ((seed >> 8) % (120 * WEEK)));
    }

    /// @dev Adds, removes or replaces a lock; ended locks may be named and count for nothing.
    function _change(uint256 seed) private {
        uint256 choice = seed % 3;
        Entry memory old;
        if (choice != 0 && open.length != 0) {
            uint256 place = (seed >> 8) % open.length;
            old = entries[open[place]];
            entries[open[place]].until = block.timestamp;
            open[place] = open[open.length - 1];
            open.pop();
        }
        Entry memory entry;
        if (choice != 1) {
            uint256 first = (block.timestamp + WEEK - 1) / WEEK + 1;
            uint256 last = (block.timestamp + LONGEST) / WEEK;
            uint256 week = first + ((seed >> 16) % (last - first + 1));
            // Some stay in their week, and many meet in the first ones.
            if ((seed >> 64) % 3 == 0) week = old.week >= first ? old.week : first + ((seed >> 72) % 3);
            entry = Entry(1 + ((seed >> 96) % 10_000_000 ether), week, block.timestamp, type(uint256).max);
            open.push(entries.length);
            entries.push(entry);
        }
        if (entries.length == 0) return;

        (, uint256 before) = curve.latest();
        (uint256 powerBefore, uint256 powerAfter) = curve.change(old.amount, old.week, entry.amount, entry.week);
        vm.assertEq(powerBefore, before, "GOV-I9: before");
        (, uint256 power) = curve.latest();
        vm.assertEq(powerAfter, power, "GOV-I9: after");
    }

    function _compare(uint256 amount, uint256 power, uint256 time) private view {
        uint256 locked;
        uint256 weighted;
        for (uint256 i = 0; i < entries.length; ++i) {
            Entry memory entry = entries[i];
            uint256 end = entry.week * WEEK;
            if (entry.from > time || entry.until <= time || end <= time) continue;
            locked += entry.amount;
            weighted += entry.amount * (end - time);
        }
        vm.assertEq(amount, locked, "GOV-I9: amount");
        vm.assertEq(power, weighted / LONGEST, "GOV-I9: power");
    }
}
