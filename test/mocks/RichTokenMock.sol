// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @dev Plain ERC-20 with any supply, to reach amounts OPA does not have.
contract RichTokenMock is ERC20 {
    constructor(address holder, uint256 supply) ERC20("Rich", "RICH") {
        _mint(holder, supply);
    }
}
