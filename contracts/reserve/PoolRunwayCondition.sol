// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

import {IBoundedParameter} from "../interfaces/IBoundedParameter.sol";
import {IIncentivePool} from "../interfaces/IIncentivePool.sol";
import {INecessity} from "../interfaces/INecessity.sol";

/// @title PoolRunwayCondition
/// @notice The reserve is needed while the incentive pool could not pay for long what use asks of it.
/// @dev The runway is what is left in the pool over what κ of the last epoch's burn would take; an epoch without use asks for
/// nothing. A release schedule keeps a pool from ever running out, so what is compared is the demand and not the release. To make
/// it true somebody has to burn, for days, more than a share of the pool.
contract PoolRunwayCondition is INecessity {
    /// @inheritdoc INecessity
    bytes32 public constant KIND = "pool-runway";

    uint256 private constant BPS = 10_000;

    /// @notice Pool that is watched.
    IIncentivePool public immutable POOL;

    /// @notice Epochs of demand below which the reserve is needed.
    uint256 public immutable MIN_EPOCHS;

    /// @notice The pool is missing or the threshold is zero.
    error PoolRunwayConditionInvalidSetup();

    /// @param pool Pool that is watched.
    /// @param minEpochs Epochs of demand below which the reserve is needed.
    constructor(IIncentivePool pool, uint256 minEpochs) {
        require(address(pool) != address(0) && minEpochs != 0, PoolRunwayConditionInvalidSetup());
        POOL = pool;
        MIN_EPOCHS = minEpochs;
    }

    /// @inheritdoc INecessity
    function isNecessary() external view returns (bool needed) {
        uint256 demand = demandPerEpoch();
        return demand != 0 && POOL.fundsOf().remaining < demand * MIN_EPOCHS;
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) external pure returns (bool supported) {
        return interfaceId == type(INecessity).interfaceId || interfaceId == type(IERC165).interfaceId;
    }

    /// @notice What κ of the last finished epoch's burn would take from the pool.
    /// @return demand OPA wei; zero if nothing was burned in that epoch.
    function demandPerEpoch() public view returns (uint256 demand) {
        (uint32 epoch, uint256 burned) = POOL.REGISTRY().finishedUse();
        if (epoch + 1 != POOL.currentEpoch()) return 0;
        (IBoundedParameter.Parameter memory kappa, ) = POOL.parameterOf(POOL.KAPPA());
        return (burned * kappa.value) / BPS;
    }
}
