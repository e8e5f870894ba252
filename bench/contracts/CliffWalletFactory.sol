// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {CliffWallet} from "./CliffWallet.sol";

/// @title CliffWalletFactory
/// @notice The least a deployer needs to open and fund many vesting wallets in one transaction.
contract CliffWalletFactory {
    using SafeERC20 for IERC20;

    /// @notice Opens one wallet for each beneficiary, paid by the caller.
    /// @param token Token to vest.
    /// @param beneficiaries Owners of the wallets.
    /// @param amount Tokens for each of them, in wei.
    /// @param start Time at which vesting starts, in seconds.
    /// @param duration Time until all has vested, in seconds.
    /// @param cliff Time until anything has vested, in seconds.
    function create(
        IERC20 token,
        address[] calldata beneficiaries,
        uint256 amount,
        uint64 start,
        uint64 duration,
        uint64 cliff
    ) external {
        for (uint256 i = 0; i < beneficiaries.length; ++i) {
            CliffWallet wallet = new CliffWallet(beneficiaries[i], start, duration, cliff);
            token.safeTransferFrom(msg.sender, address(wallet), amount);
        }
    }
}
