// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @dev Extension of a Meter that lets an accomplice write into the storage of the Meter, and hands every other call on to the
/// genuine extension.
contract AccompliceExtensionMock {
    address private immutable _GENUINE;
    address private immutable _ACCOMPLICE;
    address private immutable _SELF = address(this);

    constructor(address genuine, address accomplice) {
        _GENUINE = genuine;
        _ACCOMPLICE = accomplice;
    }

    fallback(bytes calldata data) external payable returns (bytes memory result) {
        if (msg.sender == _ACCOMPLICE) {
            (bytes32 slot, bytes32 value) = abi.decode(data[4:], (bytes32, bytes32));
            assembly {
                sstore(slot, value)
            }
            return "";
        }
        bool succeeded;
        (succeeded, result) = address(this) == _SELF ? _GENUINE.call(data) : _GENUINE.delegatecall(data);
        if (!succeeded) {
            assembly {
                revert(add(result, 32), mload(result))
            }
        }
    }
}
