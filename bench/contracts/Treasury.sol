// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

/// @title Treasury
/// @notice Stands where a genesis contract receives the supply of OPA, and hands it all to the bench.
contract Treasury {
    using SafeERC20 for IERC20;

    /// @notice Sends everything this contract has to the caller.
    /// @param token Token to send.
    function empty(IERC20 token) external {
        token.safeTransfer(msg.sender, token.balanceOf(address(this)));
    }
}
