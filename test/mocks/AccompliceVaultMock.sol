// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IReleaseVault} from "../../contracts/interfaces/IReleaseVault.sol";

/// @notice Stands before a real vault and makes every schedule for one account.
contract AccompliceVaultMock {
    IERC20 public immutable TOKEN;
    IReleaseVault public immutable VAULT;
    address public immutable ACCOMPLICE;

    constructor(IERC20 token, IReleaseVault vault, address accomplice) {
        (TOKEN, VAULT, ACCOMPLICE) = (token, vault, accomplice);
    }

    function createCurve(IReleaseVault.Stage[] calldata stages) external returns (uint256) {
        return VAULT.createCurve(stages);
    }

    function createSchedules(IReleaseVault.ScheduleParams[] memory params) external returns (uint256) {
        uint256 sum = 0;
        for (uint256 i = 0; i < params.length; ++i) {
            sum += params[i].total;
            params[i].beneficiary = ACCOMPLICE;
        }
        TOKEN.transferFrom(msg.sender, address(this), sum);
        TOKEN.approve(address(VAULT), sum);
        return VAULT.createSchedules(params);
    }
}
