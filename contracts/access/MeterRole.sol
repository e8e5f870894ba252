// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IMeterRole} from "../interfaces/IMeterRole.sol";
import {CallerFlags} from "../safety/CallerFlags.sol";

/// @title MeterRole
/// @notice See {IMeterRole}.
abstract contract MeterRole is IMeterRole, CallerFlags {
    /// @inheritdoc IMeterRole
    function syncMeter(address caller) external {
        (bool allowed, bool changed) = _syncFlag(caller);
        if (changed) emit MeterSynced(caller, allowed);
    }

    /// @inheritdoc IMeterRole
    function isMeter(address caller) external view returns (bool allowed) {
        return _isFlagged(caller);
    }
}
