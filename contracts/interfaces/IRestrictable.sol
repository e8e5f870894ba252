// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title IRestrictable
/// @notice A module whose flows have rate limits. What exceeds one waits, with a reason; the module then says that it is
/// restricted until the limit has had time to fill again.
interface IRestrictable {
    /// @notice A limit that something exceeded.
    /// @param trippedAt Time since which it has been tripped without a break.
    /// @param clearsAt First second at which it no longer is, unless it is exceeded again.
    /// @param spentUntil First second at which it no longer counts as spent: when it was last exceeded with half of what it
    /// allows used up, `clearsAt` of then.
    struct Restriction {
        uint48 trippedAt;
        uint48 clearsAt;
        uint48 spentUntil;
    }

    /// @notice Emitted when something exceeds a limit and has to wait.
    /// @param limit Name of the limit.
    /// @param subject Account that it concerns.
    /// @param demanded OPA wei asked for, zero where that is not known.
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

    /// @notice Whether a limit is tripped and was at least half used when it was exceeded.
    /// @dev Asking for more than a limit allows trips it and costs nothing; using half of it costs that.
    /// @param limit Name of the limit.
    /// @return spent True from that moment until it clears.
    function isSpent(bytes32 limit) external view returns (bool spent);
}
