// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

import {AccessTierState} from "../access/AccessTierState.sol";
import {IAccessPolicy} from "../interfaces/IAccessPolicy.sol";
import {IMeterBase} from "../interfaces/IMeterBase.sol";
import {IMeterBilling} from "../interfaces/IMeterBilling.sol";
import {IMeterCredit} from "../interfaces/IMeterCredit.sol";
import {IOPAToken} from "../interfaces/IOPAToken.sol";
import {IResourceRegistry} from "../interfaces/IResourceRegistry.sol";
import {CallerFlags} from "../safety/CallerFlags.sol";
import {EpochClock} from "../safety/EpochClock.sol";
import {MeterAccounts} from "./MeterAccounts.sol";
import {MeterLimits} from "./MeterLimits.sol";
import {MeterUsage} from "./MeterUsage.sol";

/// @title MeterBase
/// @notice Storage that {Meter} and {MeterExtension} share.
/// @dev Both inherit this first, and {Meter} declares no storage of its own, so that both use the same slots.
abstract contract MeterBase is MeterAccounts, CallerFlags, MeterLimits, MeterUsage {
    /// @inheritdoc IMeterBase
    IOPAToken public immutable TOKEN;

    /// @param token OPA.
    /// @param registry Resource registry of the system, whose clock applies here too.
    /// @param initialAuthority AccessManager of the system.
    /// @param initialPolicy Access policy in force initially.
    /// @param burnLimits Burn allowances per epoch, in OPA wei.
    constructor(
        IOPAToken token,
        IResourceRegistry registry,
        address initialAuthority,
        IAccessPolicy initialPolicy,
        IMeterCredit.BurnLimits memory burnLimits
    )
        AccessManaged(initialAuthority)
        EpochClock(_requireRegistry(registry).GENESIS(), registry.EPOCH_DURATION())
        AccessTierState(initialPolicy)
        MeterUsage(registry)
        MeterLimits(burnLimits)
    {
        require(address(token) != address(0), IMeterCredit.MeterZeroAddress());
        TOKEN = token;
    }

    /// @dev See {CallerFlags}.
    function _flaggedSelector() internal pure override returns (bytes4) {
        return IMeterBilling.charge.selector;
    }

    /// @dev Reverts on the zero address before the base constructor reads the epoch clock.
    function _requireRegistry(IResourceRegistry registry) private pure returns (IResourceRegistry) {
        require(address(registry) != address(0), IMeterCredit.MeterZeroAddress());
        return registry;
    }
}
