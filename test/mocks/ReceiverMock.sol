// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC1363Receiver} from "@openzeppelin/contracts/interfaces/IERC1363Receiver.sol";
import {IERC1363Spender} from "@openzeppelin/contracts/interfaces/IERC1363Spender.sol";

/// @dev ERC-1363 receiver and spender that reports its arguments, or refuses.
contract ReceiverMock is IERC1363Receiver, IERC1363Spender {
    bool public isRefusing;

    event Received(address operator, address from, uint256 value, bytes data);
    event Approved(address owner, uint256 value, bytes data);

    function refuse() external {
        isRefusing = true;
    }

    function onTransferReceived(
        address operator,
        address from,
        uint256 value,
        bytes calldata data
    ) external returns (bytes4) {
        emit Received(operator, from, value, data);
        return isRefusing ? bytes4(0) : IERC1363Receiver.onTransferReceived.selector;
    }

    function onApprovalReceived(address owner, uint256 value, bytes calldata data) external returns (bytes4) {
        emit Approved(owner, value, data);
        return isRefusing ? bytes4(0) : IERC1363Spender.onApprovalReceived.selector;
    }
}
