// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC165} from "@openzeppelin/contracts/utils/introspection/ERC165.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

import {IAccessPolicy} from "../../contracts/interfaces/IAccessPolicy.sol";

/// @dev Names the tiers that a test tells it.
contract AccessPolicyMock is IAccessPolicy, ERC165 {
    mapping(address account => uint8 tier) public tierOf;

    function setTier(address account, uint8 tier) external {
        tierOf[account] = tier;
    }

    function supportsInterface(bytes4 interfaceId) public view override(ERC165, IERC165) returns (bool) {
        return interfaceId == type(IAccessPolicy).interfaceId || super.supportsInterface(interfaceId);
    }
}
