// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title IMeterRole
/// @notice A module whose hot path is open to the settlement contracts that hold the METER role.
/// @dev The AccessManager decides about {IMeterBilling-charge}; the module keeps the decision as a flag because asking on
/// every call would cost about 8,000 gas. The flag opens {IMeterBilling-chargeSome} too, whatever role that has.
interface IMeterRole {
    /// @notice Emitted when the stored flag of a caller changes.
    /// @param caller Contract concerned.
    /// @param allowed Whether it may use the hot path from now on.
    event MeterSynced(address indexed caller, bool allowed);

    /// @notice Copies from the AccessManager whether `caller` may use the hot path.
    /// @dev Emits {MeterSynced} if the flag changes. Callable by anyone: it only copies the answer of the
    /// AccessManager.
    ///
    /// Warning: the flag keeps its old value until this is called. A decision that grants or revokes the role, closes
    /// this module or changes its authority includes this call. While the hot function has no role of its own in the
    /// AccessManager, no caller is allowed, not even the admin.
    /// @param caller Contract to look up.
    function syncMeter(address caller) external;

    /// @notice Whether `caller` may use the hot path now.
    /// @param caller Contract to look up.
    /// @return allowed The stored flag.
    function isMeter(address caller) external view returns (bool allowed);
}
