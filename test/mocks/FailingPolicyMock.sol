// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC165} from "@openzeppelin/contracts/utils/introspection/ERC165.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

import {IAccessPolicy} from "../../contracts/interfaces/IAccessPolicy.sol";

/// @dev An access policy that never answers: it reverts, or burns all its gas.
contract FailingPolicyMock is IAccessPolicy, ERC165 {
    bool private immutable BURNS;

    constructor(bool burns) {
        BURNS = burns;
    }

    function tierOf(address) external view returns (uint8) {
        if (BURNS) while (gasleft() > 100) {}
        revert("no tier today");
    }

    function supportsInterface(bytes4 interfaceId) public view override(ERC165, IERC165) returns (bool) {
        return interfaceId == type(IAccessPolicy).interfaceId || super.supportsInterface(interfaceId);
    }
}
