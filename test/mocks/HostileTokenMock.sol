// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @dev ERC-20 that calls back in the middle of a transfer, or reports failure instead of reverting.
contract HostileTokenMock is ERC20 {
    uint256 public constant INITIAL_SUPPLY = 800_000_000e18;

    bool public isRefusing;
    address public callee;
    bytes public call;
    uint256 public callsMade;
    bool public hasSucceeded;
    bytes public answer;

    constructor(address holder) ERC20("Hostile", "HOS") {
        _mint(holder, INITIAL_SUPPLY);
    }

    function refuse() external {
        isRefusing = true;
    }

    function callBack(address newCallee, bytes calldata newCall) external {
        callee = newCallee;
        call = newCall;
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        if (isRefusing) return false;
        if (callee != address(0)) {
            ++callsMade;
            // solhint-disable-next-line avoid-low-level-calls
            (hasSucceeded, answer) = callee.call(call);
        }
        return super.transfer(to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        return !isRefusing && super.transferFrom(from, to, amount);
    }
}
