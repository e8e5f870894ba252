// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

import {INecessity} from "../../contracts/interfaces/INecessity.sol";

/// @dev A condition with any result: any bytes, after any amount of gas, or a failure with them.
contract NecessityMock {
    bytes32 public constant KIND = "mock";

    bool private _denies;
    bool private _fails;
    uint256 private _gasToBurn;
    bytes private _answer = abi.encode(false);

    function answer(bytes calldata newAnswer) external {
        _answer = newAnswer;
    }

    function fail(bool newFails) external {
        _fails = newFails;
    }

    function burnGas(uint256 newGasToBurn) external {
        _gasToBurn = newGasToBurn;
    }

    function denyInterface() external {
        _denies = true;
    }

    function supportsInterface(bytes4 interfaceId) external view returns (bool) {
        return !_denies && (interfaceId == type(INecessity).interfaceId || interfaceId == type(IERC165).interfaceId);
    }

    // Answers every other call, so that the answer to `isNecessary` need not be a bool.
    fallback(bytes calldata) external returns (bytes memory) {
        if (_fails) LowLevelCall.bubbleRevert(_answer); // a failure counts as false, with any data
        uint256 limit = gasleft() > _gasToBurn ? gasleft() - _gasToBurn : 0;
        while (gasleft() > limit) {}
        return _answer;
    }
}
