// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

import {INecessity} from "../interfaces/INecessity.sol";
import {IRestrictable} from "../interfaces/IRestrictable.sol";
import {ISystemDirectory} from "../interfaces/ISystemDirectory.sol";

/// @title TrippedLimitCondition
/// @notice The reserve is needed while a certain rate limit of a module is tripped.
/// @dev Only when half of the limit was used as well: asking for more than it allows costs nothing. Asks the current module of an
/// id, so that it goes on to the next version.
contract TrippedLimitCondition is INecessity {
    /// @inheritdoc INecessity
    bytes32 public constant KIND = "tripped-limit";

    /// @notice Directory of the system.
    ISystemDirectory public immutable DIRECTORY;

    /// @notice Id of the module that is watched.
    bytes32 public immutable MODULE_ID;

    /// @notice Name of the limit.
    bytes32 public immutable LIMIT;

    /// @notice The directory is missing or a name is zero.
    error TrippedLimitConditionInvalidSetup();

    /// @param directory Directory of the system.
    /// @param moduleId Id of the module that is watched.
    /// @param limit Name of the limit.
    constructor(ISystemDirectory directory, bytes32 moduleId, bytes32 limit) {
        require(address(directory) != address(0) && moduleId != 0 && limit != 0, TrippedLimitConditionInvalidSetup());
        DIRECTORY = directory;
        MODULE_ID = moduleId;
        LIMIT = limit;
    }

    /// @inheritdoc INecessity
    function isNecessary() external view returns (bool needed) {
        address module = DIRECTORY.currentOf(MODULE_ID);
        return module != address(0) && IRestrictable(module).isSpent(LIMIT);
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) external pure returns (bool supported) {
        return interfaceId == type(INecessity).interfaceId || interfaceId == type(IERC165).interfaceId;
    }
}
