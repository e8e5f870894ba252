// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";

/// @dev Wallet that makes a call of its own while its signature is checked, and signs only if that call failed.
contract ReentrantWalletMock {
    address public immutable TARGET;

    bytes private _call;

    constructor(address target) {
        TARGET = target;
    }

    function callBack(bytes calldata newCall) external {
        _call = newCall;
    }

    function isValidSignature(bytes32, bytes calldata) external returns (bytes4) {
        // solhint-disable-next-line avoid-low-level-calls
        (bool hasSucceeded, ) = TARGET.call(_call);
        return hasSucceeded ? bytes4(0) : IERC1271.isValidSignature.selector;
    }
}
