// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title ModuleIds
/// @notice Ids under which the directory lists the modules that others look up.
/// @dev A namespace, never deployed. Ids are short texts in ASCII.
library ModuleIds {
    /// @dev The token.
    bytes32 internal constant TOKEN = "token";

    /// @dev The vault of staged releases.
    bytes32 internal constant RELEASE_VAULT = "release-vault";

    /// @dev The registry of resources.
    bytes32 internal constant RESOURCE_REGISTRY = "resource-registry";

    /// @dev The Meter.
    bytes32 internal constant METER = "meter";

    /// @dev The settlement.
    bytes32 internal constant SETTLEMENT = "settlement";

    /// @dev The registry of nodes.
    bytes32 internal constant NODE_REGISTRY = "node-registry";

    /// @dev The vault of incentives.
    bytes32 internal constant INCENTIVE_VAULT = "incentive-vault";

    /// @dev The pool of incentives.
    bytes32 internal constant INCENTIVE_POOL = "incentive-pool";

    /// @dev The lock.
    bytes32 internal constant GOVERNANCE_LOCK = "governance-lock";

    /// @dev The reserve.
    bytes32 internal constant SYSTEM_RESERVE = "system-reserve";
}
