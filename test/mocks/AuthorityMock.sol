// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

/// @dev OpenZeppelin's manager under a name that this repository compiles.
contract AuthorityMock is AccessManager {
    constructor(address admin) AccessManager(admin) {}
}
