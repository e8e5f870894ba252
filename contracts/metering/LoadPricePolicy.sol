// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC165} from "@openzeppelin/contracts/utils/introspection/ERC165.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {IPricePolicy} from "../interfaces/IPricePolicy.sol";

/// @title LoadPricePolicy
/// @notice See {IPricePolicy}. The rate rises by up to 1/8 above the target and falls by up to 1/8 below it.
/// @dev The rule of EIP-1559 for the base fee, with units settled in place of gas used, and without its least rise.
contract LoadPricePolicy is IPricePolicy, ERC165 {
    using SafeCast for uint256;

    uint256 private constant CHANGE_DENOMINATOR = 8;

    /// @inheritdoc IPricePolicy
    function nextRate(uint32 rateGwei, uint64 units, uint64 target) external pure returns (uint32 nextRateGwei) {
        uint256 rate = rateGwei;
        bool rises = units > target;
        uint256 distance = rises ? Math.min(units - target, target) : target - units;
        // Rounds down, so towards no change.
        uint256 change = (rate * distance) / (CHANGE_DENOMINATOR * target);
        return rises ? Math.min(rate + change, type(uint32).max).toUint32() : (rate - change).toUint32();
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) public view override(ERC165, IERC165) returns (bool supported) {
        return interfaceId == type(IPricePolicy).interfaceId || super.supportsInterface(interfaceId);
    }
}
