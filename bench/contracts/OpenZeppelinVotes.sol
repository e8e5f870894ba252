// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Votes} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Votes.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

/// @title OpenZeppelinVotes
/// @notice OpenZeppelin's token with votes on a timestamp clock, the whole supply with its deployer.
contract OpenZeppelinVotes is ERC20Votes {
    constructor() ERC20("Bench", "BENCH") EIP712("Bench", "1") {
        _mint(msg.sender, 1e27);
    }

    function clock() public view override returns (uint48) {
        return uint48(block.timestamp);
    }

    function CLOCK_MODE() public pure override returns (string memory) {
        return "mode=timestamp";
    }
}
