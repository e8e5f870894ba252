// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title IRestrictable
/// @notice A module whose flows have rate limits. What exceeds one waits, with a reason; the module then says that it is
/// restricted until the limit has had time to fill again.
interface IRestrictable {
    /// @notice A limit that something exceeded.
    /// @param limit Name of the limit, a short text in ASCII.
    /// @param trippedAt Time since which the module has been restricted without a break.
    /// @param clearsAt First second at which it no longer is, unless a limit is exceeded again.
    struct Restriction {
        bytes20 limit;
        uint48 trippedAt;
        uint48 clearsAt;
    }

    /// @notice Emitted when something exceeds a limit and has to wait.
    /// @param limit Name of the limit.
    /// @param subject Account that it concerns.
    /// @param demanded OPA wei asked for.
    /// @param available OPA wei that the limit allows now.
    /// @param clearsAt First second at which the module is no longer restricted.
    event LimitTripped(
        bytes20 indexed limit,
        address indexed subject,
        uint256 demanded,
        uint256 available,
        uint48 clearsAt
    );

    /// @notice The last limit that something exceeded.
    /// @return record Zero if there was none.
    function restriction() external view returns (Restriction memory record);

    /// @notice Whether the module is restricted now.
    /// @return restricted True from the moment a limit trips until it clears.
    function isRestricted() external view returns (bool restricted);
}
