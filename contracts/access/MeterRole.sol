// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {AuthorityUtils} from "@openzeppelin/contracts/access/manager/AuthorityUtils.sol";

import {IMeterRole} from "../interfaces/IMeterRole.sol";

/// @title MeterRole
/// @notice See {IMeterRole}.
abstract contract MeterRole is IMeterRole, AccessManaged {
    mapping(address caller => bool allowed) private _isMeter;

    modifier onlyMeter() {
        require(_isMeter[msg.sender], AccessManagedUnauthorized(msg.sender));
        _;
    }

    /// @inheritdoc IMeterRole
    function syncMeter(address caller) external {
        (bool allowed, ) = AuthorityUtils.canCallWithDelay(authority(), caller, address(this), _meterSelector());
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
