// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @title SignerCheck
/// @notice Whether an externally owned account or a wallet contract signed a hash, at a bounded cost.
/// @dev Differs from OpenZeppelin's SignatureChecker in two ways, because a batch holds signatures of unrelated
/// accounts. ECDSA is tried first, so an account that delegates its code by EIP-7702 cannot revoke a signature of its
/// key. It also saves the 2,600 gas of a cold account access. A wallet contract gets a fixed amount of gas, so that one
/// wallet cannot use up the gas of a batch.
library SignerCheck {
    /// @dev True if `signer` signed `digest`. Never reverts.
    function isSigned(
        address signer,
        bytes32 digest,
        bytes calldata signature,
        uint256 walletGas
    ) internal view returns (bool) {
        (address recovered, ECDSA.RecoverError err, ) = ECDSA.tryRecoverCalldata(digest, signature);
        if (err == ECDSA.RecoverError.NoError && recovered == signer) return true;
        if (signer.code.length == 0) return false;

        // The gas limit bounds the return data of a wallet. Return data takes memory, so a caller that checks many
        // signatures frees it in between, as {Settlement} does. Otherwise the cost would grow quadratically.
        (bool success, bytes memory returned) = signer.staticcall{gas: walletGas}(
            abi.encodeCall(IERC1271.isValidSignature, (digest, signature))
        );
        return success && returned.length >= 32 && bytes32(returned) == bytes32(IERC1271.isValidSignature.selector);
    }
}
