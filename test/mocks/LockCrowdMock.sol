// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IGovernanceLock} from "../../contracts/interfaces/IGovernanceLock.sol";

/// @dev One of a crowd: locks its balance in the constructor, and never acts again.
contract LockCrowdMember {
    constructor(IGovernanceLock lock, uint96 amount, uint48 end, address delegatee) {
        LockCrowdMock(msg.sender).fund(amount);
        lock.TOKEN().approve(address(lock), amount);
        if (delegatee != address(this)) lock.delegate(delegatee);
        lock.lock(amount, end);
    }
}

/// @dev Makes many accounts that lock one OPA each and delegate to the same one.
contract LockCrowdMock {
    IGovernanceLock public immutable LOCK;
    IERC20 public immutable TOKEN;

    constructor(IGovernanceLock lock) {
        LOCK = lock;
        TOKEN = lock.TOKEN();
    }

    /// @dev Adds `count` accounts, whose locks end in turn with `weeksOfEnds` weeks from `end` on.
    function join(uint256 count, uint48 end, uint256 weeksOfEnds, address delegatee) external {
        for (uint256 i = 0; i < count; ++i)
            new LockCrowdMember(LOCK, 1 ether, end + uint48((i % weeksOfEnds) * 1 weeks), delegatee);
    }

    function fund(uint256 amount) external {
        TOKEN.transfer(msg.sender, amount);
    }
}
