// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @title ClaimTargetMock
/// @notice Stands for a lock or node registry where only its token is asked for.
contract ClaimTargetMock {
    /// @notice Token named.
    IERC20 public immutable TOKEN;

    /// @param token Token to name.
    constructor(IERC20 token) {
        TOKEN = token;
    }
}
