// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC165} from "@openzeppelin/contracts/utils/introspection/ERC165.sol";

import {IRestrictable} from "../../contracts/interfaces/IRestrictable.sol";
import {Restrictable} from "../../contracts/safety/Restrictable.sol";

/// @dev A module whose limits anyone can trip.
contract RestrictableMock is Restrictable, ERC165 {
    function trip(bytes32 limit, uint256 demanded, uint256 available, bool spent, uint48 window) external {
        _restrict(limit, msg.sender, demanded, available, spent, window);
    }

    function supportsInterface(bytes4 interfaceId) public view override returns (bool) {
        return interfaceId == type(IRestrictable).interfaceId || super.supportsInterface(interfaceId);
    }
}
