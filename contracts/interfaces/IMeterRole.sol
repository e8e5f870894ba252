// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title IMeterRole
/// @notice A module whose hot path is open to the settlement contracts that hold the METER role.
/// @dev The AccessManager decides; the module keeps the decision as a flag because asking on every call would cost
/// about 8,000 gas.
interface IMeterRole {
    /// @notice Emitted when the stored flag of a caller changes.
    /// @param caller Contract concerned.
    /// @param allowed Whether it may use the hot path from now on.
    event MeterSynced(address indexed caller, bool allowed);

    /// @notice Copies from the AccessManager whether `caller` may use the hot path.
    /// @dev Emits {MeterSynced} if the flag changes. Callable by anyone: it can only repeat what the AccessManager says.
    ///
    /// Warning: after the role is granted or revoked, this module is closed or has another authority, the flag stays as it
    /// was until this is called; a decision that does any of it includes this call. While the hot function has no role of
    /// its own in the AccessManager, nobody is allowed, the admin included.
    /// @param caller Contract to look up.
    function syncMeter(address caller) external;

    /// @notice Whether `caller` may use the hot path now.
    /// @param caller Contract to look up.
    /// @return allowed The stored flag.
    function isMeter(address caller) external view returns (bool allowed);
}
