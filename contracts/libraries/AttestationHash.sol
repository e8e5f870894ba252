// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAttestations} from "../interfaces/IAttestations.sol";

/// @title AttestationHash
/// @notice EIP-712 struct hash of {IAttestations-Attestation}.
library AttestationHash {
    bytes32 internal constant ATTESTATION_TYPEHASH = keccak256(
        "Attestation(uint32 kind,uint32 set,address account,uint64 units,bytes32 evidence,uint48 notBefore,uint48 deadline)"
    );

    /// @dev Struct hash of `self`; the caller adds the domain.
    function hash(IAttestations.Attestation calldata self) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    ATTESTATION_TYPEHASH,
                    self.kind,
                    self.set,
                    self.account,
                    self.units,
                    self.evidence,
                    self.notBefore,
                    self.deadline
                )
            );
    }
}
