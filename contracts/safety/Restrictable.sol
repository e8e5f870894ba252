// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRestrictable} from "../interfaces/IRestrictable.sol";

/// @title Restrictable
/// @notice See {IRestrictable}.
abstract contract Restrictable is IRestrictable {
    Restriction private _restriction;

    /// @inheritdoc IRestrictable
    function restriction() external view returns (Restriction memory record) {
        return _restriction;
    }

    /// @inheritdoc IRestrictable
    function isRestricted() external view returns (bool restricted) {
        return block.timestamp < _restriction.clearsAt;
    }

    /// @dev Notes that a limit was exceeded which has filled again after `window` seconds.
    function _restrict(bytes20 limit, address subject, uint256 demanded, uint256 available, uint48 window) internal {
        uint48 present = uint48(block.timestamp);
        uint48 clearsAt = present + window;
        uint48 trippedAt = present < _restriction.clearsAt ? _restriction.trippedAt : present;
        _restriction = Restriction(limit, trippedAt, clearsAt);
        emit LimitTripped(limit, subject, demanded, available, clearsAt);
    }
}
