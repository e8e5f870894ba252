// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title IEpochClock
/// @notice The epoch count that every module of one deployment shares.
interface IEpochClock {
    /// @notice The clock would start in the future, or an epoch would be shorter than an hour.
    /// @param genesis First second of epoch 0, as given.
    /// @param epochDuration Seconds per epoch, as given.
    error EpochClockInvalid(uint48 genesis, uint32 epochDuration);

    /// @notice First second of epoch 0, in Unix time.
    function GENESIS() external view returns (uint48);

    /// @notice Seconds per epoch.
    function EPOCH_DURATION() external view returns (uint32);

    /// @notice Number of the running epoch.
    /// @return epoch `(block.timestamp - GENESIS) / EPOCH_DURATION`.
    function currentEpoch() external view returns (uint32 epoch);
}
