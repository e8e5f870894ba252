// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {INodeSlashing} from "../interfaces/INodeSlashing.sol";

/// @title ReceiptHash
/// @notice EIP-712 struct hash of {INodeSlashing-Receipt}.
library ReceiptHash {
    bytes32 internal constant RECEIPT_TYPEHASH = keccak256(
        "Receipt(address provider,address account,uint64 sequence,uint32 resource,uint128 units,bytes32 content)"
    );

    /// @dev Struct hash of `self`; the caller adds the domain.
    function hash(INodeSlashing.Receipt calldata self) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    RECEIPT_TYPEHASH,
                    self.provider,
                    self.account,
                    self.sequence,
                    self.resource,
                    self.units,
                    self.content
                )
            );
    }
}
