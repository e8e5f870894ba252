// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IReleaseVault} from "../../contracts/interfaces/IReleaseVault.sol";

/// @dev Vault that accepts every batch and takes one wei too little.
contract LazyVaultMock {
    IERC20 public immutable TOKEN;

    constructor(IERC20 token) {
        TOKEN = token;
    }

    function createCurve(IReleaseVault.Stage[] calldata) external pure returns (uint256) {
        return 1;
    }

    function createSchedules(IReleaseVault.ScheduleParams[] calldata) external returns (uint256) {
        TOKEN.transferFrom(msg.sender, address(this), TOKEN.allowance(msg.sender, address(this)) - 1);
        return 1;
    }
}
