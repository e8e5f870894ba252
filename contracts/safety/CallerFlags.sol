// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";

/// @title CallerFlags
/// @notice Flag per caller of the hot functions of a module. Asking the AccessManager on every call would cost about
/// 8,000 gas.
/// @dev A flag is a copy of the AccessManager's answer for one of these functions, taken when somebody synchronises it. It
/// opens all of them.
abstract contract CallerFlags is AccessManaged {
    uint64 private constant ADMIN_ROLE = 0;

    mapping(address caller => bool allowed) private _isAllowed;

    modifier onlyFlagged() {
        require(_isAllowed[msg.sender], AccessManagedUnauthorized(msg.sender));
        _;
    }

    /// @dev Copies the AccessManager's answer for a caller. Returns the flag and whether it changed.
    function _syncFlag(address caller) internal returns (bool allowed, bool changed) {
        IAccessManager manager = IAccessManager(authority());
        bytes4 selector = _flaggedSelector();
        (allowed, ) = manager.canCall(caller, address(this), selector);
        // A function without a role belongs to ADMIN_ROLE; then the flag is false for everyone.
        if (manager.getTargetFunctionRole(address(this), selector) == ADMIN_ROLE) allowed = false;
        changed = allowed != _isAllowed[caller];
        if (changed) _isAllowed[caller] = allowed;
    }

    /// @dev Stored flag.
    function _isFlagged(address caller) internal view returns (bool allowed) {
        return _isAllowed[caller];
    }

    /// @dev Selector of the hot function that the AccessManager is asked about.
    function _flaggedSelector() internal pure virtual returns (bytes4);
}
