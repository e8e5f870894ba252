// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @dev Contract wallet of one signer that answers ERC-1271 well or badly, and makes any call.
contract WalletMock is IERC1271 {
    enum Behaviour {
        Honest,
        AcceptsAll,
        WrongMagic,
        ShortReturn,
        LongReturn,
        Reverts,
        BurnsAllGas,
        ReturnBomb
    }

    address public immutable SIGNER;

    Behaviour public behaviour;

    error WalletMockRefused();

    constructor(address signer) {
        SIGNER = signer;
    }

    function behave(Behaviour newBehaviour) external {
        behaviour = newBehaviour;
    }

    function execute(address target, bytes calldata data) external returns (bytes memory) {
        return Address.functionCall(target, data);
    }

    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        bytes4 magic = IERC1271.isValidSignature.selector;
        Behaviour current = behaviour;
        if (current == Behaviour.WrongMagic) return 0xffffffff;
        if (current == Behaviour.Reverts) revert WalletMockRefused();
        if (current == Behaviour.AcceptsAll) return magic;
        if (current == Behaviour.BurnsAllGas) {
            // solhint-disable-next-line no-inline-assembly
            assembly ("memory-safe") {
                invalid()
            }
        }
        if (current == Behaviour.ShortReturn) _return(magic, 31); // one byte less than an answer
        if (current == Behaviour.LongReturn) _return(magic, 64);
        if (current == Behaviour.ReturnBomb) _return(0, 100_000);

        (address recovered, , ) = ECDSA.tryRecoverCalldata(hash, signature);
        return recovered == SIGNER ? magic : bytes4(0xffffffff);
    }

    /// @dev Answers with `length` bytes that begin with `word`.
    function _return(bytes32 word, uint256 length) private pure {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let pointer := mload(0x40)
            mstore(pointer, word)
            return(pointer, length)
        }
    }
}
