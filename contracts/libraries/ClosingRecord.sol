// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IIncentiveVault} from "../interfaces/IIncentiveVault.sol";

/// @dev A closed epoch: `burned << 196 | allotment << 136 | released << 76 | stageCap << 16 | kappaBps`. Amounts are gwei.
type ClosingWord is uint256;

using ClosingRecord for ClosingWord global;

/// @title ClosingRecord
/// @notice One-word record of a closed epoch.
/// @dev Packed by hand, because the first settlement of an epoch writes a new one: a second word would cost it 20,000 gas.
/// All OPA is below 2^60 gwei.
library ClosingRecord {
    uint256 private constant GWEI = 1 gwei;
    uint256 private constant GWEI_MASK = (1 << 60) - 1;

    /// @dev Packs amounts that are whole gwei.
    function pack(IIncentiveVault.Closing memory closing) internal pure returns (ClosingWord) {
        uint256 amounts = (closing.burned / GWEI) << 180;
        amounts |= ((closing.allotment / GWEI) << 120) | ((closing.released / GWEI) << 60) | (closing.stageCap / GWEI);
        return ClosingWord.wrap((amounts << 16) | closing.kappaBps);
    }

    /// @dev The closing in OPA wei, zero for an epoch that is not closed.
    function unpack(ClosingWord self) internal pure returns (IIncentiveVault.Closing memory closing) {
        uint256 word = ClosingWord.unwrap(self);
        closing.burned = uint96(self.burned());
        closing.allotment = uint96(self.allotment());
        closing.released = _toWei(word >> 76);
        closing.stageCap = _toWei(word >> 16);
        closing.kappaBps = uint16(word);
    }

    /// @dev OPA wei burned by settlement.
    function burned(ClosingWord self) internal pure returns (uint256 amount) {
        return _toWei(ClosingWord.unwrap(self) >> 196);
    }

    /// @dev Largest release in OPA wei.
    function allotment(ClosingWord self) internal pure returns (uint256 amount) {
        return _toWei(ClosingWord.unwrap(self) >> 136);
    }

    /// @dev All OPA is below 2^60 gwei, so it fits 96 bits.
    function _toWei(uint256 shifted) private pure returns (uint96 amount) {
        unchecked {
            return uint96((shifted & GWEI_MASK) * GWEI);
        }
    }
}
