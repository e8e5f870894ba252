// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title IBoundedParameter
/// @notice Numbers that governance may change: inside fixed bounds, in bounded steps, after a cooldown, and with
/// notice.
/// @dev The bounds are written once and bind everyone, the timelock included. The name of a parameter is readable
/// ASCII. For a parameter of an object with an id, the last four bytes are the id.
interface IBoundedParameter {
    /// @notice Limits of a parameter, which never change.
    /// @param minimum Smallest value.
    /// @param maximum Largest value, at least 1.
    /// @param stepBps Largest change at once, in basis points of the value, rounded down.
    /// @param cooldown Seconds from one announcement to the next.
    /// @param notice Seconds from an announcement until the first epoch that may begin with the new value, at least 1.
    struct Bounds {
        uint96 minimum;
        uint96 maximum;
        uint16 stepBps;
        uint24 cooldown;
        uint24 notice;
    }

    /// @notice Value of a parameter and the one announced.
    /// @param value Value in the running epoch.
    /// @param next Value announced, or `value` if none is.
    /// @param effectiveEpoch First epoch with the announced value, or 0 if none is announced.
    /// @param announcedAt Time of the last announcement, or 0 if there was none.
    struct Parameter {
        uint96 value;
        uint96 next;
        uint24 effectiveEpoch;
        uint40 announcedAt;
    }

    /// @notice Emitted when a parameter gets its first value and its bounds.
    /// @param parameter Name of the parameter.
    /// @param value First value.
    /// @param minimum Smallest value.
    /// @param maximum Largest value.
    /// @param stepBps Largest change at once in basis points.
    /// @param cooldown Seconds from one announcement to the next.
    /// @param notice Seconds of notice.
    event ParameterDefined(
        bytes32 indexed parameter,
        uint256 value,
        uint256 minimum,
        uint256 maximum,
        uint256 stepBps,
        uint256 cooldown,
        uint256 notice
    );

    /// @notice Emitted when a change is announced.
    /// @param parameter Name of the parameter.
    /// @param value Value in the running epoch.
    /// @param next Value announced.
    /// @param effectiveEpoch First epoch with the announced value.
    event ParameterAnnounced(bytes32 indexed parameter, uint256 value, uint256 next, uint32 effectiveEpoch);

    /// @notice Emitted when an announcement is withdrawn before its epoch.
    /// @param parameter Name of the parameter.
    /// @param next Value that was announced.
    /// @param effectiveEpoch Epoch it was announced for.
    event AnnouncementWithdrawn(bytes32 indexed parameter, uint256 next, uint32 effectiveEpoch);

    /// @notice No parameter has this name.
    /// @param parameter Name asked for.
    error BoundedParameterUnknown(bytes32 parameter);

    /// @notice The parameter has its bounds already.
    /// @param parameter Name of the parameter.
    error BoundedParameterDefined(bytes32 parameter);

    /// @notice The first value or the bounds of a parameter are inconsistent.
    /// @param parameter Name of the parameter.
    /// @param value First value.
    /// @param bounds Bounds asked for.
    error BoundedParameterInvalid(bytes32 parameter, uint256 value, Bounds bounds);

    /// @notice The parameter has this value already.
    /// @param parameter Name of the parameter.
    /// @param value Its value.
    error BoundedParameterUnchanged(bytes32 parameter, uint256 value);

    /// @notice The value lies outside the bounds.
    /// @param parameter Name of the parameter.
    /// @param value Value asked for.
    /// @param minimum Smallest value.
    /// @param maximum Largest value.
    error BoundedParameterOutOfBounds(bytes32 parameter, uint256 value, uint256 minimum, uint256 maximum);

    /// @notice The value is too far from the one in the running epoch.
    /// @param parameter Name of the parameter.
    /// @param value Value asked for.
    /// @param current Value in the running epoch.
    /// @param maximumStep Largest difference between the two.
    error BoundedParameterStepTooLarge(bytes32 parameter, uint256 value, uint256 current, uint256 maximumStep);

    /// @notice An announced change is not in force yet.
    /// @param parameter Name of the parameter.
    /// @param effectiveEpoch Epoch of the announced change.
    error BoundedParameterPending(bytes32 parameter, uint32 effectiveEpoch);

    /// @notice The last announcement is too recent.
    /// @param parameter Name of the parameter.
    /// @param availableAt First second at which the next one can be made.
    error BoundedParameterTooSoon(bytes32 parameter, uint48 availableAt);

    /// @notice No change is announced, or it is in force already.
    /// @param parameter Name of the parameter.
    error BoundedParameterNothingPending(bytes32 parameter);

    /// @notice Announces a new value, in force from the first epoch that begins once the notice is over.
    /// @dev Emits {ParameterAnnounced}. Restricted to governance.
    ///
    /// Reverts:
    /// - {BoundedParameterUnknown} if the parameter does not exist.
    /// - {BoundedParameterUnchanged} if it has the value already.
    /// - {BoundedParameterOutOfBounds} if the value is outside the bounds.
    /// - {BoundedParameterStepTooLarge} if it differs by more than the step.
    /// - {BoundedParameterPending} if an announced change is not in force yet.
    /// - {BoundedParameterTooSoon} before the cooldown since the last announcement is over.
    /// @param parameter Name of the parameter.
    /// @param newValue Value to announce.
    function announce(bytes32 parameter, uint256 newValue) external;

    /// @notice Withdraws an announced change before its epoch begins.
    /// @dev Emits {AnnouncementWithdrawn}. Restricted to governance. The cooldown still counts from the announcement.
    ///
    /// Reverts:
    /// - {BoundedParameterUnknown} if the parameter does not exist.
    /// - {BoundedParameterNothingPending} if no change is pending.
    /// @param parameter Name of the parameter.
    function withdrawAnnouncement(bytes32 parameter) external;

    /// @notice A parameter and its bounds.
    /// @dev Reverts:
    /// - {BoundedParameterUnknown} if it does not exist.
    /// @param parameter Name of the parameter.
    /// @return current Value now and value announced.
    /// @return bounds Its bounds.
    function parameterOf(bytes32 parameter) external view returns (Parameter memory current, Bounds memory bounds);
}
