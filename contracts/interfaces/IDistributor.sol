// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title IDistributor
/// @notice Divides the release of an epoch among its contributors.
interface IDistributor {
    /// @notice Part of an allotment that the contributors of a finished epoch can get.
    /// @dev The incentive vault asks once, with a fixed amount of gas, and pays at most the allotment. A failure counts as zero.
    /// @param epoch Finished epoch.
    /// @param allotment Largest release of the epoch in OPA wei.
    /// @return amount OPA wei to release.
    function demandOf(uint32 epoch, uint256 allotment) external view returns (uint256 amount);
}
