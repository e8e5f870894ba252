// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {GovernanceLock} from "../../../contracts/governance/GovernanceLock.sol";
import {IGovernanceLock} from "../../../contracts/interfaces/IGovernanceLock.sol";
import {OPAToken} from "../../../contracts/token/OPAToken.sol";
import {TestBase} from "../../support/TestBase.sol";

/// @dev Four people lock, add, extend, withdraw and delegate in random order while this handler holds their locks as a
/// governor would and strangers donate. Every ten steps hold each action once. Ghosts keep the expected state of each
/// lock. The votes of each person are recorded before the clock moves on.
contract LockHandler is TestBase {
    enum Action {
        Lock,
        Increase,
        Extend,
        Withdraw,
        Delegate,
        DelegateHome,
        Hold,
        Warp,
        WarpToEnd,
        Donate
    }

    /// @dev Votes of all people at a second that has passed.
    struct Sample {
        uint256 time;
        uint256[4] votes;
        uint256 total;
        uint256 locked;
    }

    uint256 public constant PEOPLE = 4;
    uint256 private constant ACTIONS = uint256(type(Action).max) + 1;
    uint256 private constant WEEK = 7 days;
    uint256 private constant LONGEST = 104 * WEEK;
    uint48 private constant MAX_HOLD = 60 days;

    OPAToken private immutable TOKEN;
    GovernanceLock private immutable LOCK;

    Sample[] private _samples;
    mapping(uint256 who => IGovernanceLock.Lock record) private _records;
    mapping(uint256 who => uint256 delegatee) private _delegatees;

    uint256 public ghostDonated;
    mapping(uint256 who => uint256 amount) public ghostSpent;
    mapping(uint256 who => uint256 amount) public ghostIn;
    mapping(uint256 who => uint256 amount) public ghostOut;
    mapping(Action action => uint256 count) public calls;

    constructor(OPAToken token, GovernanceLock lock) {
        (TOKEN, LOCK) = (token, lock);
        for (uint256 i = 0; i < PEOPLE; ++i) {
            _delegatees[i] = i;
            vm.prank(person(i));
            token.approve(address(lock), type(uint256).max);
        }
    }

    /// @dev Takes one action out of the bag of those that this round has left.
    function step(uint256 seed, uint256 amount) external {
        uint256 action = _nextAction(seed, ACTIONS);
        ++calls[Action(action)];
        _act(Action(action), (seed >> 8) % PEOPLE, (seed >> 16) % PEOPLE, amount);
    }

    function samples() external view returns (Sample[] memory list) {
        return _samples;
    }

    function recordOf(uint256 who) external view returns (IGovernanceLock.Lock memory record) {
        return _records[who];
    }

    function delegateeOf(uint256 who) external view returns (uint256 delegatee) {
        return _delegatees[who];
    }

    /// @dev Votes by definition: amount × time left, summed over the locks that count for an account, rounded down
    /// once.
    function votesOf(uint256 who) public view returns (uint256 votes) {
        for (uint256 i = 0; i < PEOPLE; ++i) if (_delegatees[i] == who) votes += _weighted(i);
        votes /= LONGEST;
    }

    function totalVotes() public view returns (uint256 votes) {
        for (uint256 i = 0; i < PEOPLE; ++i) votes += _weighted(i);
        votes /= LONGEST;
    }

    function person(uint256 who) public pure returns (address account) {
        return address(uint160(0xA000 + who));
    }

    function _act(Action action, uint256 who, uint256 other, uint256 amount) private {
        if (action == Action.Lock) _lock(who, amount);
        else if (action == Action.Increase) _increase(who, other, _bound(amount, 1, 1_000 ether));
        else if (action == Action.Extend) _extend(who, amount);
        else if (action == Action.Withdraw) _withdraw(who);
        else if (action == Action.Delegate) _delegate(who, other);
        else if (action == Action.DelegateHome) _delegate(who, who);
        else if (action == Action.Hold) _hold(who, _bound(amount, 0, MAX_HOLD));
        else if (action == Action.Warp) _warp(_bound(amount, 1, 3 * WEEK));
        else if (action == Action.WarpToEnd) _warpToEnd(who, _bound(amount, 1, 40 * WEEK));
        else _donate(who, _bound(amount, 1, 10 ether));
    }

    function _lock(uint256 who, uint256 amount) private {
        IGovernanceLock.Lock storage record = _records[who];
        uint256 end = _end(amount);
        amount = _bound(amount >> 8, 1 ether, 1_000_000 ether);
        bool exists = record.amount != 0;
        if (exists) {
            vm.expectRevert(
                abi.encodeWithSelector(IGovernanceLock.GovernanceLockExists.selector, person(who), record.end)
            );
        }
        vm.prank(person(who));
        LOCK.lock(uint96(amount), uint48(end));
        if (exists) return;
        _records[who] = IGovernanceLock.Lock(uint96(amount), uint48(end), 0);
        _pay(who, who, amount);
    }

    function _increase(uint256 who, uint256 payer, uint256 amount) private {
        IGovernanceLock.Lock storage record = _records[who];
        bool running = record.end > block.timestamp;
        if (!running) {
            vm.expectRevert(
                abi.encodeWithSelector(IGovernanceLock.GovernanceLockNotRunning.selector, person(who), record.end)
            );
        }
        vm.prank(person(payer));
        LOCK.increase(person(who), uint96(amount));
        if (!running) return;
        record.amount += uint96(amount);
        _pay(payer, who, amount);
    }

    function _extend(uint256 who, uint256 seed) private {
        IGovernanceLock.Lock storage record = _records[who];
        uint256 end = _end(seed);
        bool running = record.end > block.timestamp;
        if (!running) {
            vm.expectRevert(
                abi.encodeWithSelector(IGovernanceLock.GovernanceLockNotRunning.selector, person(who), record.end)
            );
        } else if (end <= record.end) {
            (, uint48 latest) = LOCK.endRange();
            vm.expectRevert(
                abi.encodeWithSelector(
                    IGovernanceLock.GovernanceLockInvalidEnd.selector,
                    uint48(end),
                    record.end + uint48(WEEK),
                    latest
                )
            );
        }
        vm.prank(person(who));
        LOCK.extend(uint48(end));
        if (running && end > record.end) record.end = uint48(end);
    }

    function _withdraw(uint256 who) private {
        IGovernanceLock.Lock memory record = _records[who];
        uint256 from = record.end > record.heldUntil ? record.end : record.heldUntil + 1;
        if (record.amount == 0) {
            vm.expectRevert(
                abi.encodeWithSelector(IGovernanceLock.GovernanceLockNotRunning.selector, person(who), uint48(0))
            );
        } else if (block.timestamp < from) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    IGovernanceLock.GovernanceLockNotWithdrawable.selector,
                    person(who),
                    uint48(from)
                )
            );
        }
        vm.prank(person(who));
        uint256 paid = LOCK.withdraw();
        if (record.amount == 0 || block.timestamp < from) return;
        vm.assertEq(paid, record.amount, "GOV-I8: paid");
        ghostOut[who] += paid;
        delete _records[who];
    }

    function _delegate(uint256 who, uint256 delegatee) private {
        uint256 total = LOCK.totalVotes();
        vm.prank(person(who));
        LOCK.delegate(person(delegatee));
        _delegatees[who] = delegatee;
        vm.assertEq(LOCK.totalVotes(), total, "GOV-I5: total");
    }

    function _hold(uint256 who, uint256 duration) private {
        IGovernanceLock.Lock storage record = _records[who];
        uint48 until = uint48(block.timestamp + duration);
        LOCK.hold(person(who), until);
        if (record.amount == 0 || until < record.end) return;
        uint48 last = record.end + MAX_HOLD;
        if (until > last) until = last;
        if (until > record.heldUntil) record.heldUntil = until;
    }

    /// @dev This second is complete, so the present votes become past votes.
    function _warp(uint256 duration) private {
        Sample storage sample = _samples.push();
        sample.time = block.timestamp;
        for (uint256 i = 0; i < PEOPLE; ++i) {
            sample.votes[i] = votesOf(i);
            if (_records[i].end > block.timestamp) sample.locked += _records[i].amount;
        }
        sample.total = totalVotes();
        vm.warp(block.timestamp + duration);
    }

    /// @dev To the first second at which a lock has no power.
    function _warpToEnd(uint256 who, uint256 otherwise) private {
        uint256 end = _records[who].end;
        _warp(end > block.timestamp ? end - block.timestamp : otherwise);
    }

    function _donate(uint256 who, uint256 amount) private {
        vm.prank(person(who));
        TOKEN.transfer(address(LOCK), amount);
        ghostSpent[who] += amount;
        ghostDonated += amount;
    }

    function _pay(uint256 payer, uint256 who, uint256 amount) private {
        ghostSpent[payer] += amount;
        ghostIn[who] += amount;
    }

    /// @dev One of the ends that a lock can have now.
    function _end(uint256 seed) private view returns (uint256 end) {
        (uint48 earliest, uint48 latest) = LOCK.endRange();
        return earliest + (seed % ((latest - earliest) / WEEK + 1)) * WEEK;
    }

    function _weighted(uint256 who) private view returns (uint256 weighted) {
        IGovernanceLock.Lock memory record = _records[who];
        if (record.end > block.timestamp) weighted = record.amount * (record.end - block.timestamp);
    }
}
