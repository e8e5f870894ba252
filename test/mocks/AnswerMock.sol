// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @dev Stands for any module: returns the data that a test set for a call or a function, and reverts at all others.
contract AnswerMock {
    mapping(bytes callData => bytes result) private _answers;

    error AnswerMockNoAnswer(bytes callData);

    function answer(bytes calldata callData, bytes calldata result) external {
        _answers[callData] = result;
    }

    function supportsInterface(bytes4 interfaceId) external pure returns (bool) {
        return interfaceId != 0xffffffff;
    }

    fallback(bytes calldata callData) external returns (bytes memory result) {
        result = _answers[callData];
        if (result.length == 0) result = _answers[callData[:4]];
        require(result.length != 0, AnswerMockNoAnswer(callData));
    }
}
