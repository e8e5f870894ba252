// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IContributionScore} from "../../contracts/interfaces/IContributionScore.sol";
import {ILockPower} from "../../contracts/interfaces/ILockPower.sol";

/// @dev Says the lock power and the score that a test tells it.
contract TierSourceMock is ILockPower, IContributionScore {
    mapping(address account => uint256 power) public powerOf;
    mapping(address account => uint256 score) public scoreOf;

    function setPower(address account, uint256 power) external {
        powerOf[account] = power;
    }

    function setScore(address account, uint256 score) external {
        scoreOf[account] = score;
    }
}
