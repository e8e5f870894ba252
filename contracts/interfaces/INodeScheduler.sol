// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IIncentivePool} from "./IIncentivePool.sol";
import {INodeRegistry} from "./INodeRegistry.sol";
import {IResourceRegistry} from "./IResourceRegistry.sol";

/// @title INodeScheduler
/// @notice Which provider to send a call to: a read over capacity, use, price and score.
/// @dev A rank is `free × (1 + score / (score + {SCORE_SCALE})) / rate`, times 10^9, where the rate is gwei of OPA per
/// compute unit: free capacity counts more where it is cheap, and up to twice as much at a provider that has long
/// contributed. Free capacity is what the provider published for the resource, in compute units, less all that was settled
/// through it in the running epoch. Ranks of different resources can be compared. A hint for schedulers; settlement does
/// not depend on it.
interface INodeScheduler {
    /// @notice A provider that can serve a call.
    /// @param provider Who it is.
    /// @param rank Higher is better.
    /// @param free Free capacity in compute units of the running epoch.
    /// @param used Compute units settled through it in the running epoch.
    /// @param score Contribution score in OPA wei.
    /// @param staked OPA wei staked.
    struct Candidate {
        address provider;
        uint256 rank;
        uint256 free;
        uint256 used;
        uint256 score;
        uint256 staked;
    }

    /// @notice A module address is zero.
    error NodeSchedulerZeroAddress();

    /// @notice More providers are looked at than in one read.
    /// @param count Number asked for.
    /// @param maximum Largest number.
    error NodeSchedulerTooMany(uint256 count, uint256 maximum);

    /// @notice Where providers are known.
    function NODES() external view returns (INodeRegistry);

    /// @notice Where prices and use are known.
    function REGISTRY() external view returns (IResourceRegistry);

    /// @notice Where scores are known.
    function POOL() external view returns (IIncentivePool);

    /// @notice Score, in OPA wei, that lifts a rank by half.
    function SCORE_SCALE() external view returns (uint256);

    /// @notice Largest number of providers looked at in one read.
    function MAX_PAGE() external view returns (uint256);

    /// @notice Active providers of a resource that have room for a call, the best first; equals by order of registration.
    /// @dev Looks at `count` providers from index `from` of {INodeRegistry-nodesFrom} on; more are read page by page.
    ///
    /// Reverts:
    /// - {NodeSchedulerTooMany} if the page is over {MAX_PAGE}.
    /// - {IResourceRegistry-ResourceRegistryUnknownResource} and {IResourceRegistry-ResourceRegistryNoPrice} if the resource
    /// cannot be used now.
    /// @param resource Resource wanted.
    /// @param units Units wanted; a provider with less free capacity is left out.
    /// @param from Index to start at.
    /// @param count Number of providers to look at.
    /// @return candidates Providers that fit.
    function rank(
        uint32 resource,
        uint128 units,
        uint256 from,
        uint256 count
    ) external view returns (Candidate[] memory candidates);
}
