// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";

import {IMeterRole} from "../interfaces/IMeterRole.sol";

/// @title MeterRole
/// @notice See {IMeterRole}.
abstract contract MeterRole is IMeterRole, AccessManaged {
    uint64 private constant ADMIN_ROLE = 0;

    mapping(address caller => bool allowed) private _isMeter;

    modifier onlyMeter() {
        require(_isMeter[msg.sender], AccessManagedUnauthorized(msg.sender));
        _;
    }

    /// @inheritdoc IMeterRole
    function syncMeter(address caller) external {
        IAccessManager manager = IAccessManager(authority());
        bytes4 selector = _meterSelector();
        (bool allowed, ) = manager.canCall(caller, address(this), selector);
        // A function without a role belongs to ADMIN_ROLE; while that is so, nobody is a meter.
        if (manager.getTargetFunctionRole(address(this), selector) == ADMIN_ROLE) allowed = false;
        if (allowed == _isMeter[caller]) return;

        _isMeter[caller] = allowed;
        emit MeterSynced(caller, allowed);
    }

    /// @inheritdoc IMeterRole
    function isMeter(address caller) external view returns (bool allowed) {
        return _isMeter[caller];
    }

    /// @dev Selector of the hot function, as the AccessManager's role table names it.
    function _meterSelector() internal pure virtual returns (bytes4);
}
