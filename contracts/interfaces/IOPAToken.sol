// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC3009, IERC3009Cancel} from "@openzeppelin/contracts/interfaces/draft-IERC3009.sol";
import {IERC1363} from "@openzeppelin/contracts/interfaces/IERC1363.sol";
import {IERC5267} from "@openzeppelin/contracts/interfaces/IERC5267.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";

/// @title IOPAToken
/// @notice ERC-20 with a fixed initial supply that can only fall. It has no owner.
/// @dev Besides ERC-20 it implements ERC-2612 (`permit`, sequential `nonces`), ERC-3009 (signed transfers, random
/// nonces), ERC-1363 (`transferAndCall` and its family) and ERC-5267 (`eip712Domain`). One EIP-712 domain serves all
/// signatures: name `OPA Token`, version `1`, the chain id and this contract.
///
/// The errors of OpenZeppelin's ERC-20 family are reused: `ERC2612ExpiredSignature(deadline)`, `ERC2612InvalidSigner(signer, owner)` and those of ERC-6093.
interface IOPAToken is IERC20Metadata, IERC1363, IERC20Permit, IERC5267, IERC3009, IERC3009Cancel {
    /// @notice The signer did not sign.
    error ERC3009InvalidSignature();

    /// @notice The authorisation is not valid now.
    /// @param validAfter Second after which it is valid.
    /// @param validBefore Second before which it is valid.
    error ERC3009InvalidAuthorizationTime(uint256 validAfter, uint256 validBefore);

    /// @notice The authorisation was used or cancelled.
    /// @param authorizer Signer.
    /// @param nonce Nonce of the authorisation.
    error ERC3009UsedAuthorization(address authorizer, bytes32 nonce);

    /// @notice Destroys tokens of the caller.
    /// @dev Emits {IERC20-Transfer} to the zero address; `totalSupply` falls by `amount`.
    ///
    /// Reverts:
    /// - `ERC20InsufficientBalance` if the caller holds less than `amount`.
    /// @param amount Tokens to destroy, in wei.
    function burn(uint256 amount) external;

    /// @notice Destroys tokens of `account` from the caller's allowance.
    /// @dev Emits {IERC20-Transfer} to the zero address; an allowance of `type(uint256).max` is not reduced.
    ///
    /// Reverts:
    /// - `ERC20InsufficientAllowance` if the caller's allowance is less than `amount`.
    /// - `ERC20InsufficientBalance` if `account` holds less than `amount`.
    /// @param account Account whose tokens are destroyed.
    /// @param amount Tokens to destroy, in wei.
    function burnFrom(address account, uint256 amount) external;

    /// @notice Moves tokens by a signature of the holder, either ECDSA or ERC-1271.
    /// @dev Emits {IERC3009-AuthorizationUsed} and {IERC20-Transfer}. Callable by anyone. Same signed type and same nonces
    /// as the `v, r, s` form, so either form consumes the authorisation.
    ///
    /// ECDSA is tried first, so an account that delegates to code by EIP-7702 signs by its key; a wallet contract is asked
    /// through ERC-1271. Signatures of wallets not yet deployed (ERC-6492) are refused.
    ///
    /// Reverts:
    /// - `ERC3009InvalidSignature` if `from` did not sign.
    /// - `ERC3009InvalidAuthorizationTime` unless `validAfter < block.timestamp < validBefore`.
    /// - `ERC3009UsedAuthorization` if the nonce was used or cancelled.
    /// - the errors of an ERC-20 transfer.
    /// @param from Holder, and signer.
    /// @param to Recipient.
    /// @param value Tokens to move, in wei.
    /// @param validAfter Time after which the authorisation holds, in seconds.
    /// @param validBefore Time before which the authorisation holds, in seconds.
    /// @param nonce Random 32 bytes chosen by the signer, unique to the signer.
    /// @param signature ECDSA signature of 65 bytes, or data that the contract at `from` accepts.
    function transferWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external;

    /// @notice Moves tokens to the caller by a signature of the holder, either ECDSA or ERC-1271.
    /// @dev As {transferWithAuthorization}, but only `to` may call, so nobody can separate the transfer from the call
    /// of the recipient.
    ///
    /// Reverts:
    /// - `ERC3009InvalidSignature` if `from` did not sign.
    /// - `ERC20InvalidReceiver` if the caller is not `to`.
    /// - `ERC3009InvalidAuthorizationTime` unless `validAfter < block.timestamp < validBefore`.
    /// - `ERC3009UsedAuthorization` if the nonce was used or cancelled.
    /// - the errors of an ERC-20 transfer.
    /// @param from Holder, and signer.
    /// @param to Recipient, and caller.
    /// @param value Tokens to move, in wei.
    /// @param validAfter Time after which the authorisation holds, in seconds.
    /// @param validBefore Time before which the authorisation holds, in seconds.
    /// @param nonce Random 32 bytes chosen by the signer, unique to the signer.
    /// @param signature ECDSA signature of 65 bytes, or data that the contract at `from` accepts.
    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external;

    /// @notice Makes an authorisation that was not used yet unusable.
    /// @dev Emits {IERC3009Cancel-AuthorizationCanceled}. Callable by anyone: the signature is the authority.
    ///
    /// Reverts:
    /// - `ERC3009InvalidSignature` if `authorizer` did not sign.
    /// - `ERC3009UsedAuthorization` if the nonce was used or cancelled.
    /// @param authorizer Signer of the authorisation, and of this cancellation.
    /// @param nonce Nonce of the authorisation.
    /// @param signature ECDSA signature of 65 bytes, or data that the contract at `authorizer` accepts.
    function cancelAuthorization(address authorizer, bytes32 nonce, bytes calldata signature) external;

    /// @notice EIP-712 type hash of `TransferWithAuthorization`.
    function TRANSFER_WITH_AUTHORIZATION_TYPEHASH() external view returns (bytes32);

    /// @notice EIP-712 type hash of `ReceiveWithAuthorization`.
    function RECEIVE_WITH_AUTHORIZATION_TYPEHASH() external view returns (bytes32);

    /// @notice EIP-712 type hash of `CancelAuthorization`.
    function CANCEL_AUTHORIZATION_TYPEHASH() external view returns (bytes32);

    /// @notice Tokens created at construction, in wei; none are ever created again.
    function INITIAL_SUPPLY() external view returns (uint256);

    /// @notice Tokens destroyed since construction, in wei; with `totalSupply` it always adds up to the initial supply.
    function totalBurned() external view returns (uint256);

    /// @notice Version of the EIP-712 domain, where clients of ERC-3009 tokens look for it.
    function version() external view returns (string memory);
}
