// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title IRestrictable
/// @notice A module whose flows have rate limits. The excess over a limit is deferred with a reason, and the limit
/// stays tripped until it has had time to refill.
interface IRestrictable {
    /// @notice State of an exceeded limit.
    /// @param trippedAt Start of the uninterrupted time in which it is tripped.
    /// @param clearsAt First second at which it is no longer tripped, unless exceeded again.
    struct Restriction {
        uint48 trippedAt;
        uint48 clearsAt;
    }

    /// @notice Emitted when a request exceeds a limit and is deferred.
    /// @param limit Name of the limit.
    /// @param subject Account that it concerns.
    /// @param demanded OPA wei requested, zero if unknown.
    /// @param available OPA wei that the limit allows now.
    /// @param clearsAt First second at which the limit is no longer tripped.
    event LimitTripped(
        bytes32 indexed limit,
        address indexed subject,
        uint256 demanded,
        uint256 available,
        uint48 clearsAt
    );

    /// @notice State of a limit.
    /// @param limit Name of the limit, a short text in ASCII.
    /// @return record Zero if it was never exceeded.
    function restrictionOf(bytes32 limit) external view returns (Restriction memory record);

    /// @notice Whether a limit is tripped now.
    /// @param limit Name of the limit.
    /// @return restricted True from the moment it is exceeded until it clears.
    function isRestricted(bytes32 limit) external view returns (bool restricted);
}
