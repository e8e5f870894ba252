// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Metering} from "../../contracts/interfaces/types/Metering.sol";
import {StatementHash} from "../../contracts/libraries/StatementHash.sol";

/// @dev {StatementHash}, callable from outside.
contract StatementHashHarness {
    function hash(Metering.Statement calldata statement) external pure returns (bytes32) {
        return StatementHash.hash(statement);
    }
}
