// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

import {EpochClock} from "../../contracts/safety/EpochClock.sol";
import {BoundedParameter} from "../../contracts/safety/BoundedParameter.sol";

/// @dev Lets anyone define parameters, and keeps the mixin's hooks as they are.
contract ParameterMock is BoundedParameter {
    constructor(
        address authority,
        uint48 genesis,
        uint32 duration
    ) AccessManaged(authority) EpochClock(genesis, duration) {}

    function defineParameter(bytes32 parameter, uint256 value, Bounds calldata bounds) external {
        _define(parameter, value, bounds);
    }
}
