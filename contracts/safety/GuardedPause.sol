// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";

import {IGuardedPause} from "../interfaces/IGuardedPause.sol";

/// @title GuardedPause
/// @notice See {IGuardedPause}.
/// @dev Invariants: SAF-I1, SAF-I2 (docs/invariants.md).
abstract contract GuardedPause is IGuardedPause, AccessManaged {
    /// @inheritdoc IGuardedPause
    uint48 public constant MAX_GUARDIAN_PAUSE = 72 hours;

    /// @inheritdoc IGuardedPause
    uint48 public constant PAUSE_COOLDOWN = 7 days;

    /// @inheritdoc IGuardedPause
    uint48 public constant MAX_PAUSE = 30 days;

    /// @inheritdoc IGuardedPause
    uint48 public constant PAUSE_GUARDIAN_TERM = 365 days;

    Pause private _pause;
    uint48 private _latestEnd;

    modifier whenNotPaused() {
        _requireNotPaused();
        _;
    }

    /// @inheritdoc IGuardedPause
    function pause(bytes20 reason, uint48 until) external restricted {
        uint48 expiry = pauseGuardianExpiryOf(msg.sender);
        require(block.timestamp < expiry, GuardedPauseTermEnded(msg.sender, expiry));
        require(reason != 0, GuardedPauseNoReason());
        require(block.timestamp >= _pause.pausableAt, GuardedPauseTooSoon(_pause.pausableAt));
        uint48 present = uint48(block.timestamp);
        _requireEnd(until, present + MAX_GUARDIAN_PAUSE);

        _pause = Pause(until, until + PAUSE_COOLDOWN, reason);
        _latestEnd = present + MAX_PAUSE;
        emit Paused(msg.sender, reason, until);
        _pauseEndsAt(until);
    }

    /// @inheritdoc IGuardedPause
    function movePause(uint48 until) external restricted {
        uint48 previous = _pause.until;
        require(previous > block.timestamp, GuardedPauseInactive());
        if (until == 0) until = uint48(block.timestamp);
        else _requireEnd(until, _latestEnd);

        (_pause.until, _pause.pausableAt) = (until, until + PAUSE_COOLDOWN);
        emit PauseMoved(previous, until);
        _pauseEndsAt(until);
    }

    /// @inheritdoc IGuardedPause
    function pauseState() external view returns (Pause memory state) {
        return _pause;
    }

    /// @inheritdoc IGuardedPause
    function isPaused() public view returns (bool paused) {
        return block.timestamp < _pause.until;
    }

    /// @inheritdoc IGuardedPause
    function pauseGuardianExpiryOf(address guardian) public view returns (uint48 expiry) {
        IAccessManager manager = IAccessManager(authority());
        uint64 role = manager.getTargetFunctionRole(address(this), this.pause.selector);
        (uint48 since, , , ) = manager.getAccess(role, guardian);
        return since == 0 ? 0 : since + PAUSE_GUARDIAN_TERM;
    }

    /// @dev Runs when the end of a pause is set, for a module that keeps a copy of it.
    function _pauseEndsAt(uint48 until) internal virtual {}

    /// @dev Reverts while the module is paused.
    function _requireNotPaused() internal view {
        Pause memory state = _pause;
        require(block.timestamp >= state.until, GuardedPauseActive(state.reason, state.until));
    }

    /// @dev Reverts unless the end is in the future and at most `latest`.
    function _requireEnd(uint48 until, uint48 latest) private view {
        require(until > block.timestamp && until <= latest, GuardedPauseInvalidEnd(until, latest));
    }
}
