// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {IBoundedParameter} from "../interfaces/IBoundedParameter.sol";
import {ParameterRecord, ParameterWord} from "../libraries/ParameterRecord.sol";
import {EpochClock} from "./EpochClock.sol";

/// @title BoundedParameter
/// @notice See {IBoundedParameter}.
abstract contract BoundedParameter is IBoundedParameter, AccessManaged, EpochClock {
    using SafeCast for uint256;

    uint256 private constant BPS = 10_000;

    mapping(bytes32 parameter => ParameterWord word) private _parameters;
    mapping(bytes32 parameter => Bounds bounds) private _bounds;

    /// @inheritdoc IBoundedParameter
    function announce(bytes32 parameter, uint256 newValue) external restricted {
        Bounds memory bounds = _boundsOf(parameter);
        uint256 value = _valueOf(parameter);
        _checkChange(parameter, value, newValue, bounds);
        ParameterWord last = _parameters[parameter];
        _requireNonePending(parameter, last);
        uint256 availableAt = last.announcedAt() == 0 ? 0 : last.announcedAt() + bounds.cooldown;
        require(block.timestamp >= availableAt, BoundedParameterTooSoon(parameter, uint48(availableAt)));

        _beforeChange(parameter, newValue);
        uint32 effectiveEpoch = _epochAfter(bounds.notice);
        _parameters[parameter] = ParameterRecord.toParameter(value, newValue, effectiveEpoch, block.timestamp);
        emit ParameterAnnounced(parameter, value, newValue, effectiveEpoch);
    }

    /// @inheritdoc IBoundedParameter
    function withdrawAnnouncement(bytes32 parameter) external restricted {
        _boundsOf(parameter);
        ParameterWord last = _parameters[parameter];
        uint32 effectiveEpoch = uint32(last.effectiveEpoch());
        require(effectiveEpoch > currentEpoch(), BoundedParameterNothingPending(parameter));

        _beforeChange(parameter, last.value());
        _parameters[parameter] = ParameterRecord.toParameter(last.value(), last.value(), 0, last.announcedAt());
        emit AnnouncementWithdrawn(parameter, last.next(), effectiveEpoch);
    }

    /// @inheritdoc IBoundedParameter
    function parameterOf(bytes32 parameter) external view returns (Parameter memory current, Bounds memory bounds) {
        bounds = _boundsOf(parameter);
        ParameterWord word = _parameters[parameter];
        current.value = current.next = uint96(_valueOf(parameter));
        current.announcedAt = uint40(word.announcedAt());
        if (word.effectiveEpoch() > currentEpoch()) {
            current.next = uint96(word.next());
            current.effectiveEpoch = uint24(word.effectiveEpoch());
        }
    }

    /// @dev Defines a parameter with its first value and its bounds.
    function _define(bytes32 parameter, uint256 value, Bounds memory bounds) internal {
        require(!_isDefined(parameter), BoundedParameterDefined(parameter));
        require(
            bounds.minimum <= value && value <= bounds.maximum && bounds.maximum != 0 && bounds.notice != 0,
            BoundedParameterInvalid(parameter, value, bounds)
        );

        _bounds[parameter] = bounds;
        _parameters[parameter] = ParameterRecord.toParameter(value, value, 0, 0);
        emit ParameterDefined(
            parameter,
            value,
            bounds.minimum,
            bounds.maximum,
            bounds.stepBps,
            bounds.cooldown,
            bounds.notice
        );
    }

    /// @dev Runs before an announcement is stored or withdrawn; may revert to refuse the value.
    function _beforeChange(bytes32 parameter, uint256 newValue) internal virtual {}

    /// @dev Value in the running epoch.
    function _valueOf(bytes32 parameter) internal view virtual returns (uint256 value) {
        return _parameters[parameter].valueIn(currentEpoch());
    }

    /// @dev The stored record of a parameter, zero if it is not defined.
    function _wordOf(bytes32 parameter) internal view returns (ParameterWord word) {
        return _parameters[parameter];
    }

    /// @dev Whether the parameter has bounds.
    function _isDefined(bytes32 parameter) internal view returns (bool defined) {
        return _bounds[parameter].maximum != 0;
    }

    /// @dev First epoch that begins at least `notice` seconds from now. A notice of one second or more gives a later
    /// epoch.
    function _epochAfter(uint256 notice) internal view returns (uint32 epoch) {
        return Math.ceilDiv(block.timestamp + notice - GENESIS, EPOCH_DURATION).toUint32();
    }

    /// @dev Bounds of a parameter that exists.
    function _boundsOf(bytes32 parameter) private view returns (Bounds memory bounds) {
        bounds = _bounds[parameter];
        require(bounds.maximum != 0, BoundedParameterUnknown(parameter));
    }

    /// @dev Reverts while an earlier change is pending.
    function _requireNonePending(bytes32 parameter, ParameterWord word) private view {
        uint32 effectiveEpoch = uint32(word.effectiveEpoch());
        require(effectiveEpoch <= currentEpoch(), BoundedParameterPending(parameter, effectiveEpoch));
    }

    /// @dev Reverts if the change is zero, leaves the bounds or exceeds the step. The largest step rounds down.
    function _checkChange(bytes32 parameter, uint256 value, uint256 newValue, Bounds memory bounds) private pure {
        require(newValue != value, BoundedParameterUnchanged(parameter, value));
        require(
            bounds.minimum <= newValue && newValue <= bounds.maximum,
            BoundedParameterOutOfBounds(parameter, newValue, bounds.minimum, bounds.maximum)
        );
        uint256 step = newValue > value ? newValue - value : value - newValue;
        uint256 maximumStep = (value * bounds.stepBps) / BPS;
        require(step <= maximumStep, BoundedParameterStepTooLarge(parameter, newValue, value, maximumStep));
    }
}
