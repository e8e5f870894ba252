// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

import {INecessity} from "../interfaces/INecessity.sol";
import {ISystemDirectory} from "../interfaces/ISystemDirectory.sol";

/// @title MigrationCondition
/// @notice The reserve is needed while two versions of a module overlap.
contract MigrationCondition is INecessity {
    /// @inheritdoc INecessity
    bytes32 public constant KIND = "migration";

    /// @notice Directory of the system.
    ISystemDirectory public immutable DIRECTORY;

    /// @notice Id of the module that is watched.
    bytes32 public immutable MODULE_ID;

    /// @notice The directory is missing or the id is zero.
    error MigrationConditionInvalidSetup();

    /// @param directory Directory of the system.
    /// @param moduleId Id of the module that is watched.
    constructor(ISystemDirectory directory, bytes32 moduleId) {
        require(address(directory) != address(0) && moduleId != 0, MigrationConditionInvalidSetup());
        DIRECTORY = directory;
        MODULE_ID = moduleId;
    }

    /// @inheritdoc INecessity
    function isNecessary() external view returns (bool needed) {
        return block.timestamp <= DIRECTORY.migrationOf(MODULE_ID);
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) external pure returns (bool supported) {
        return interfaceId == type(INecessity).interfaceId || interfaceId == type(IERC165).interfaceId;
    }
}
