// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title IGuardedPause
/// @notice A module that guardians can pause for a limited time.
/// @dev A guardian pauses for at most {MAX_GUARDIAN_PAUSE}, then not again for {PAUSE_COOLDOWN}, and only within
/// {PAUSE_GUARDIAN_TERM} of the grant of its role. A new term needs a new grant: the role is revoked and granted again.
/// Governance may end a pause, or extend it up to {MAX_PAUSE} from its beginning. Exits have no pause: the interface of
/// each module names the functions that a pause stops.
interface IGuardedPause {
    /// @notice State of a module's pause.
    /// @param until First second at which the module runs again; in the past if it runs.
    /// @param pausableAt First second at which a guardian can pause the module.
    /// @param reason Reason code of the last pause.
    struct Pause {
        uint48 until;
        uint48 pausableAt;
        bytes20 reason;
    }

    /// @notice Emitted when a guardian pauses the module.
    /// @param guardian Guardian that paused.
    /// @param reason Reason code.
    /// @param until First second at which the module runs again.
    event Paused(address indexed guardian, bytes20 reason, uint48 until);

    /// @notice Emitted when governance moves the end of a pause, to the present if it ends it.
    /// @param previousUntil End it had.
    /// @param until First second at which the module runs again.
    event PauseMoved(uint48 previousUntil, uint48 until);

    /// @notice The module is paused.
    /// @param reason Reason code of the pause.
    /// @param until First second at which the module runs again.
    error GuardedPauseActive(bytes20 reason, uint48 until);

    /// @notice The term of the guardian has ended, or the caller is not a member of the role itself.
    /// @param guardian Caller.
    /// @param expiry First second at which it can no longer pause, or 0 if it is no member.
    error GuardedPauseTermEnded(address guardian, uint48 expiry);

    /// @notice The module is not paused.
    error GuardedPauseInactive();

    /// @notice The cooldown since the last pause by a guardian is not over.
    /// @param pausableAt First second at which a guardian can pause again.
    error GuardedPauseTooSoon(uint48 pausableAt);

    /// @notice A pause would be empty or too long.
    /// @param until End asked for.
    /// @param latest Latest end allowed.
    error GuardedPauseInvalidEnd(uint48 until, uint48 latest);

    /// @notice A pause has no reason.
    error GuardedPauseNoReason();

    /// @notice Stops the module until a time.
    /// @dev Emits {Paused}. Callable by guardians.
    ///
    /// Reverts:
    /// - `AccessManagedUnauthorized` if the caller lacks the role.
    /// - `GuardedPauseTermEnded` if the term of the caller has ended.
    /// - `GuardedPauseNoReason` if `reason` is zero.
    /// - `GuardedPauseTooSoon` while the module is paused, and for {PAUSE_COOLDOWN} after.
    /// - `GuardedPauseInvalidEnd` if `until` is not in the future, or beyond {MAX_GUARDIAN_PAUSE}.
    /// @param reason Reason code, for people; published with the pause.
    /// @param until First second at which the module runs again.
    function pause(bytes20 reason, uint48 until) external;

    /// @notice Moves the end of a running pause, or ends it with `until` zero.
    /// @dev Emits {PauseMoved}. Callable by governance.
    ///
    /// Reverts:
    /// - `GuardedPauseInactive` if the module is not paused.
    /// - `GuardedPauseInvalidEnd` if `until` is neither zero nor in the future, or beyond {MAX_PAUSE} from the beginning of
    /// the pause.
    /// @param until First second at which the module runs again; zero for now.
    function movePause(uint48 until) external;

    /// @notice State of the pause.
    /// @return state End, first second of the next possible pause, and reason.
    function pauseState() external view returns (Pause memory state);

    /// @notice Whether the module is paused now.
    /// @return paused True until the end of a pause.
    function isPaused() external view returns (bool paused);

    /// @notice First second at which a guardian can no longer pause, counted from its grant of the role.
    /// @param guardian Account to look up.
    /// @return expiry Zero if it is no member.
    function pauseGuardianExpiryOf(address guardian) external view returns (uint48 expiry);

    /// @notice Seconds for which a guardian can pause after it was given the role.
    function PAUSE_GUARDIAN_TERM() external view returns (uint48);

    /// @notice Longest pause of a guardian, in seconds.
    function MAX_GUARDIAN_PAUSE() external view returns (uint48);

    /// @notice Seconds between the end of a pause and the next one by a guardian.
    function PAUSE_COOLDOWN() external view returns (uint48);

    /// @notice Longest pause by governance, in seconds from the beginning of the pause.
    function MAX_PAUSE() external view returns (uint48);
}
