// SPDX-License-Identifier: MIT
pragma solidity ^0.8.15; // solhint-disable-line compiler-version

import {ERC20} from "solmate/src/tokens/ERC20.sol";

/// @title SolmateToken
/// @notice solmate's token with burn, the whole supply with its deployer.
contract SolmateToken is ERC20 {
    constructor() ERC20("Bench", "BENCH", 18) {
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
        uint256 allowed = allowance[owner][msg.sender];
        if (allowed != type(uint256).max) allowance[owner][msg.sender] = allowed - amount;
        _burn(owner, amount);
    }
}
