// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRestrictable} from "../interfaces/IRestrictable.sol";

/// @title Restrictable
/// @notice See {IRestrictable}.
abstract contract Restrictable is IRestrictable {
    mapping(bytes32 limit => Restriction record) private _restrictions;

    /// @inheritdoc IRestrictable
    function restrictionOf(bytes32 limit) external view returns (Restriction memory record) {
        return _restrictions[limit];
    }

    /// @inheritdoc IRestrictable
    function isRestricted(bytes32 limit) external view returns (bool restricted) {
        return block.timestamp < _restrictions[limit].clearsAt;
    }

    /// @dev Records that a limit was exceeded; it clears after `window` seconds.
    function _restrict(bytes32 limit, address subject, uint256 demanded, uint256 available, uint48 window) internal {
        uint48 present = uint48(block.timestamp);
        uint48 clearsAt = present + window;
        Restriction memory record = _restrictions[limit];
        if (present >= record.clearsAt) record.trippedAt = present;
        record.clearsAt = clearsAt;
        _restrictions[limit] = record;
        emit LimitTripped(limit, subject, demanded, available, clearsAt);
    }
}
