// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {INodeSlashing} from "../interfaces/INodeSlashing.sol";

/// @title ReceiptHash
/// @notice EIP-712 struct hash of {INodeSlashing-Receipt}.
library ReceiptHash {
    bytes32 internal constant RECEIPT_TYPEHASH = keccak256(
        "Receipt(address provider,address account,bytes32 request,Use[] uses,bytes32 content)Use(uint32 resource,uint128 units)"
    );
    bytes32 internal constant USE_TYPEHASH = keccak256("Use(uint32 resource,uint128 units)");

    /// @dev Struct hash of `self`; the caller adds the domain. The caller bounds the length of the receipt, and so the
    /// loop.
    function hash(INodeSlashing.Receipt calldata self) internal pure returns (bytes32) {
        bytes32[] memory uses = new bytes32[](self.uses.length);
        for (uint256 i = 0; i < uses.length; ++i) {
            uses[i] = keccak256(abi.encode(USE_TYPEHASH, self.uses[i].resource, self.uses[i].units));
        }
        return
            keccak256(
                abi.encode(
                    RECEIPT_TYPEHASH,
                    self.provider,
                    self.account,
                    self.request,
                    keccak256(abi.encodePacked(uses)),
                    self.content
                )
            );
    }
}
