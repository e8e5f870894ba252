// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @title SignerCheck
/// @notice Whether an externally owned account or a wallet contract signed a hash, at a bounded cost.
/// @dev Differs from OpenZeppelin's SignatureChecker in two ways that a batch of strangers' signatures needs. ECDSA is
/// tried first, so an account that delegates its code by EIP-7702 cannot take back what its key signed (and the account
/// itself is not touched, which saves 2,600 gas). A wallet contract gets a fixed amount of gas, so that one wallet
/// cannot use up a whole batch.
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

        // The gas bounds what one wallet can return. Copying it costs memory, which a caller that checks many signatures
        // frees in between, as {Settlement} does; otherwise the cost of many would grow with their square.
        (bool success, bytes memory returned) = signer.staticcall{gas: walletGas}(
            abi.encodeCall(IERC1271.isValidSignature, (digest, signature))
        );
        return success && returned.length >= 32 && bytes32(returned) == bytes32(IERC1271.isValidSignature.selector);
    }
}
