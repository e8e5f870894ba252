// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC20} from "solady/src/tokens/ERC20.sol";

/// @title SoladyToken
/// @notice Solady's token with burn, the whole supply with its deployer.
contract SoladyToken is ERC20 {
    constructor() {
        _mint(msg.sender, 1e27);
    }

    /// @notice Burns tokens of the caller.
    /// @param amount Tokens, in wei.
    function burn(uint256 amount) external {
        _burn(msg.sender, amount);
    }

    /// @notice Burns tokens of another account out of the caller's allowance.
    /// @param owner Account that gave the allowance.
    /// @param amount Tokens, in wei.
    function burnFrom(address owner, uint256 amount) external {
        _spendAllowance(owner, msg.sender, amount);
        _burn(owner, amount);
    }

    /// @inheritdoc ERC20
    function name() public pure override returns (string memory) {
        return "Bench";
    }

    /// @inheritdoc ERC20
    function symbol() public pure override returns (string memory) {
        return "BENCH";
    }

    /// @dev The other tokens give nobody an allowance of their own accord.
    function _givePermit2InfiniteAllowance() internal pure override returns (bool) {
        return false;
    }
}
