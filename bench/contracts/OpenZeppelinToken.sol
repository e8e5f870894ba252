// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @title OpenZeppelinToken
/// @notice OpenZeppelin's token with burn and permit, the whole supply with its deployer.
contract OpenZeppelinToken is ERC20Burnable, ERC20Permit {
    constructor() ERC20("Bench", "BENCH") ERC20Permit("Bench") {
        _mint(msg.sender, 1e27);
    }
}
