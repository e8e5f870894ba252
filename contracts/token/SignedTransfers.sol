// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC3009, IERC3009Cancel} from "@openzeppelin/contracts/interfaces/draft-IERC3009.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {IOPAToken} from "../interfaces/IOPAToken.sol";
import {SignerCheck} from "../libraries/SignerCheck.sol";

/// @title SignedTransfers
/// @notice ERC-3009, see {IOPAToken}.
/// @dev Differs from OpenZeppelin's draft in three ways. Bounds are always seconds; the draft reads values with bit 47
/// set as block numbers. The type hashes are public, as clients expect. ECDSA is tried before ERC-1271.
abstract contract SignedTransfers is ERC20, EIP712, IOPAToken {
    using SignerCheck for address;

    /// @inheritdoc IOPAToken
    bytes32 public constant TRANSFER_WITH_AUTHORIZATION_TYPEHASH = keccak256(
        "TransferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );

    /// @inheritdoc IOPAToken
    bytes32 public constant RECEIVE_WITH_AUTHORIZATION_TYPEHASH = keccak256(
        "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );

    /// @inheritdoc IOPAToken
    bytes32 public constant CANCEL_AUTHORIZATION_TYPEHASH = keccak256(
        "CancelAuthorization(address authorizer,bytes32 nonce)"
    );

    mapping(address authorizer => mapping(bytes32 nonce => bool used)) private _usedNonces;

    /// @inheritdoc IERC3009
    function transferWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        bytes32 digest = _digest(TRANSFER_WITH_AUTHORIZATION_TYPEHASH, from, to, value, validAfter, validBefore, nonce);
        require(from == ECDSA.recover(digest, v, r, s), ERC3009InvalidSignature());

        _useAuthorization(from, to, value, validAfter, validBefore, nonce);
    }

    /// @inheritdoc IOPAToken
    function transferWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external {
        bytes32 digest = _digest(TRANSFER_WITH_AUTHORIZATION_TYPEHASH, from, to, value, validAfter, validBefore, nonce);
        _requireSigned(from, digest, signature);

        _useAuthorization(from, to, value, validAfter, validBefore, nonce);
    }

    /// @inheritdoc IERC3009
    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        bytes32 digest = _digest(RECEIVE_WITH_AUTHORIZATION_TYPEHASH, from, to, value, validAfter, validBefore, nonce);
        require(from == ECDSA.recover(digest, v, r, s), ERC3009InvalidSignature());
        require(to == msg.sender, ERC20InvalidReceiver(to));

        _useAuthorization(from, to, value, validAfter, validBefore, nonce);
    }

    /// @inheritdoc IOPAToken
    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external {
        bytes32 digest = _digest(RECEIVE_WITH_AUTHORIZATION_TYPEHASH, from, to, value, validAfter, validBefore, nonce);
        _requireSigned(from, digest, signature);
        require(to == msg.sender, ERC20InvalidReceiver(to));

        _useAuthorization(from, to, value, validAfter, validBefore, nonce);
    }

    /// @inheritdoc IERC3009Cancel
    function cancelAuthorization(address authorizer, bytes32 nonce, uint8 v, bytes32 r, bytes32 s) external {
        require(authorizer == ECDSA.recover(_cancelDigest(authorizer, nonce), v, r, s), ERC3009InvalidSignature());

        _cancelAuthorization(authorizer, nonce);
    }

    /// @inheritdoc IOPAToken
    function cancelAuthorization(address authorizer, bytes32 nonce, bytes calldata signature) external {
        _requireSigned(authorizer, _cancelDigest(authorizer, nonce), signature);

        _cancelAuthorization(authorizer, nonce);
    }

    /// @inheritdoc IERC3009
    function authorizationState(address authorizer, bytes32 nonce) external view returns (bool) {
        return _usedNonces[authorizer][nonce];
    }

    /// @dev Uses a signed authorisation once, inside its bounds.
    function _useAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce
    ) private {
        require(
            validAfter < block.timestamp && block.timestamp < validBefore,
            ERC3009InvalidAuthorizationTime(validAfter, validBefore)
        );

        _consumeNonce(from, nonce);
        emit AuthorizationUsed(from, nonce);
        _transfer(from, to, value);
    }

    /// @dev Cancels an unused authorisation.
    function _cancelAuthorization(address authorizer, bytes32 nonce) private {
        _consumeNonce(authorizer, nonce);
        emit AuthorizationCanceled(authorizer, nonce);
    }

    /// @dev Marks a nonce as used.
    function _consumeNonce(address authorizer, bytes32 nonce) private {
        require(!_usedNonces[authorizer][nonce], ERC3009UsedAuthorization(authorizer, nonce));
        _usedNonces[authorizer][nonce] = true;
    }

    /// @dev Reverts unless `signer` signed, by its key or as a wallet contract. A wallet may use all the gas of the
    /// call.
    function _requireSigned(address signer, bytes32 digest, bytes calldata signature) private view {
        require(signer.isSigned(digest, signature, gasleft()), ERC3009InvalidSignature());
    }

    /// @dev EIP-712 hash of an authorisation of one of the two types.
    function _digest(
        bytes32 typeHash,
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce
    ) private view returns (bytes32 digest) {
        bytes32 structHash = keccak256(abi.encode(typeHash, from, to, value, validAfter, validBefore, nonce));
        return _hashTypedDataV4(structHash);
    }

    /// @dev EIP-712 hash of a cancellation.
    function _cancelDigest(address authorizer, bytes32 nonce) private view returns (bytes32 digest) {
        return _hashTypedDataV4(keccak256(abi.encode(CANCEL_AUTHORIZATION_TYPEHASH, authorizer, nonce)));
    }
}
