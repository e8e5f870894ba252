// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {OPAToken} from "../../contracts/token/OPAToken.sol";
import {TestBase} from "./TestBase.sol";

/// @dev Signs for {OPAToken} as a wallet would, from the published types.
abstract contract TokenSigner is TestBase {
    bytes32 private constant PERMIT = keccak256(
        "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
    );
    bytes32 private constant CANCEL = keccak256("CancelAuthorization(address authorizer,bytes32 nonce)");
    bytes32 internal constant TRANSFER = keccak256(
        "TransferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );
    bytes32 internal constant RECEIVE = keccak256(
        "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );

    struct Authorization {
        address from;
        address to;
        uint256 value;
        uint256 validAfter;
        uint256 validBefore;
        bytes32 nonce;
    }

    /// @dev Typed-data digest of `structHash`, for the chain of this moment.
    function _digest(OPAToken token, bytes32 structHash) internal view returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("OPA Token"),
                keccak256("1"),
                block.chainid,
                address(token)
            )
        );
        return keccak256(abi.encodePacked("\x19\x01", domain, structHash));
    }

    function _signAuthorization(
        OPAToken token,
        uint256 key,
        bytes32 typeHash,
        Authorization memory a
    ) internal view returns (bytes memory) {
        bytes32 structHash = keccak256(
            abi.encode(typeHash, a.from, a.to, a.value, a.validAfter, a.validBefore, a.nonce)
        );
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, _digest(token, structHash));
        return abi.encodePacked(r, s, v);
    }

    function _signCancellation(OPAToken token, uint256 key, bytes32 nonce) internal view returns (bytes memory) {
        bytes32 structHash = keccak256(abi.encode(CANCEL, vm.addr(key), nonce));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, _digest(token, structHash));
        return abi.encodePacked(r, s, v);
    }

    /// @dev Permits with the key's present nonce.
    function _permit(OPAToken token, uint256 key, address spender, uint256 value, uint256 deadline) internal {
        address owner = vm.addr(key);
        bytes32 structHash = keccak256(abi.encode(PERMIT, owner, spender, value, token.nonces(owner), deadline));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, _digest(token, structHash));
        token.permit(owner, spender, value, deadline, v, r, s);
    }
}
