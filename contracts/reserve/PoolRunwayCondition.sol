// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

import {IBoundedParameter} from "../interfaces/IBoundedParameter.sol";
import {IIncentivePool} from "../interfaces/IIncentivePool.sol";
import {INecessity} from "../interfaces/INecessity.sol";
import {ISystemDirectory} from "../interfaces/ISystemDirectory.sol";

/// @title PoolRunwayCondition
/// @notice The reserve is needed while the incentive pool could not pay for long what use asks of it.
/// @dev The runway is what is left in the pool over what κ of the last epoch's burn would take; an epoch without use asks for
/// nothing. A release schedule keeps a pool from ever running out, so what is compared is the demand and not the release. To make
/// it true somebody has to burn, for days, more than a share of the pool. Asks the current pool of the directory; what is left
/// in the pools before it counts, because they hand it over.
contract PoolRunwayCondition is INecessity {
    /// @inheritdoc INecessity
    bytes32 public constant KIND = "pool-runway";

    uint256 private constant BPS = 10_000;

    /// @notice Directory of the system.
    ISystemDirectory public immutable DIRECTORY;

    /// @notice Id of the pool that is watched.
    bytes32 public immutable MODULE_ID;

    /// @notice Epochs of demand below which the reserve is needed.
    uint256 public immutable MIN_EPOCHS;

    /// @notice The directory is missing, or the id or the threshold is zero.
    error PoolRunwayConditionInvalidSetup();

    /// @param directory Directory of the system.
    /// @param moduleId Id of the pool that is watched.
    /// @param minEpochs Epochs of demand below which the reserve is needed.
    constructor(ISystemDirectory directory, bytes32 moduleId, uint256 minEpochs) {
        bool isSetUp = address(directory) != address(0) && moduleId != 0 && minEpochs != 0;
        require(isSetUp, PoolRunwayConditionInvalidSetup());
        DIRECTORY = directory;
        MODULE_ID = moduleId;
        MIN_EPOCHS = minEpochs;
    }

    /// @inheritdoc INecessity
    function isNecessary() external view returns (bool needed) {
        uint256 demand = demandPerEpoch();
        return demand != 0 && remaining() < demand * MIN_EPOCHS;
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) external pure returns (bool supported) {
        return interfaceId == type(INecessity).interfaceId || interfaceId == type(IERC165).interfaceId;
    }

    /// @notice What κ of the last finished epoch's burn would take from the pool.
    /// @return demand OPA wei; zero if nothing was burned in that epoch, or the directory lists no pool.
    function demandPerEpoch() public view returns (uint256 demand) {
        IIncentivePool pool = _pool();
        if (address(pool) == address(0)) return 0;
        (uint32 epoch, uint256 burned) = pool.REGISTRY().finishedUse();
        if (epoch + 1 != pool.currentEpoch()) return 0;
        (IBoundedParameter.Parameter memory kappa, ) = pool.parameterOf(pool.KAPPA());
        return (burned * kappa.value) / BPS;
    }

    /// @notice What the current pool and those before it have left for epochs to come.
    /// @return amount OPA wei.
    function remaining() public view returns (uint256 amount) {
        for (IIncentivePool pool = _pool(); address(pool) != address(0); pool = pool.PREDECESSOR()) {
            amount += pool.fundsOf().remaining;
        }
    }

    /// @dev The pool that the directory lists now.
    function _pool() private view returns (IIncentivePool pool) {
        return IIncentivePool(DIRECTORY.currentOf(MODULE_ID));
    }
}
