// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Metering} from "../interfaces/types/Metering.sol";

/// @title StatementHash
/// @notice EIP-712 struct hash of {Metering-Statement}.
library StatementHash {
    bytes32 internal constant LINE_TYPEHASH = keccak256(
        "Line(address provider,uint32 resource,uint128 cumulativeUnits)"
    );
    bytes32 internal constant STATEMENT_TYPEHASH = keccak256(
        "Statement(address account,uint32 priceEpoch,uint48 deadline,Line[] lines)Line(address provider,uint32 resource,uint128 cumulativeUnits)"
    );

    /// @dev Struct hash of `self`; the caller adds the domain.
    function hash(Metering.Statement calldata self) internal pure returns (bytes32) {
        bytes32[] memory lineHashes = new bytes32[](self.lines.length);
        for (uint256 i = 0; i < lineHashes.length; ++i) {
            Metering.Line calldata line = self.lines[i];
            lineHashes[i] = hashLine(uint160(line.provider), line.resource, line.cumulativeUnits);
        }
        return hash(self.account, self.priceEpoch, self.deadline, lineHashes);
    }

    /// @dev Struct hash of a statement with hashed lines.
    function hash(
        address account,
        uint32 priceEpoch,
        uint48 deadline,
        bytes32[] memory lineHashes
    ) internal pure returns (bytes32) {
        bytes32 linesHash = keccak256(abi.encodePacked(lineHashes));
        return keccak256(abi.encode(STATEMENT_TYPEHASH, account, priceEpoch, deadline, linesHash));
    }

    /// @dev Struct hash of one line.
    function hashLine(uint256 provider, uint256 resource, uint256 cumulativeUnits) internal pure returns (bytes32) {
        return keccak256(abi.encode(LINE_TYPEHASH, provider, resource, cumulativeUnits));
    }
}
