// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";

/// @title CallerFlags
/// @notice Who may call the one hot function of a module, as a flag: asking the AccessManager on every call would cost about
/// 8,000 gas.
/// @dev The AccessManager decides; a flag only repeats what it says once somebody copies it.
abstract contract CallerFlags is AccessManaged {
    uint64 private constant ADMIN_ROLE = 0;

    mapping(address caller => bool allowed) private _isAllowed;

    modifier onlyFlagged() {
        require(_isAllowed[msg.sender], AccessManagedUnauthorized(msg.sender));
        _;
    }

    /// @dev Copies the flag of a caller, and says what it is and whether that is new.
    function _syncFlag(address caller) internal returns (bool allowed, bool changed) {
        IAccessManager manager = IAccessManager(authority());
        bytes4 selector = _flaggedSelector();
        (allowed, ) = manager.canCall(caller, address(this), selector);
        // A function without a role belongs to ADMIN_ROLE; while that is so, nobody is allowed.
        if (manager.getTargetFunctionRole(address(this), selector) == ADMIN_ROLE) allowed = false;
        changed = allowed != _isAllowed[caller];
        if (changed) _isAllowed[caller] = allowed;
    }

    /// @dev The flag as it is stored.
    function _isFlagged(address caller) internal view returns (bool allowed) {
        return _isAllowed[caller];
    }

    /// @dev Selector of the hot function, as the AccessManager's role table names it.
    function _flaggedSelector() internal pure virtual returns (bytes4);
}
