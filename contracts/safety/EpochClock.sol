// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {IEpochClock} from "../interfaces/IEpochClock.sol";

/// @title EpochClock
/// @notice See {IEpochClock}.
abstract contract EpochClock is IEpochClock {
    using SafeCast for uint256;

    /// @inheritdoc IEpochClock
    uint48 public immutable GENESIS;

    /// @inheritdoc IEpochClock
    uint32 public immutable EPOCH_DURATION;

    /// @param genesis First second of epoch 0; not in the future.
    /// @param epochDuration Seconds per epoch; at least an hour, so that 24 bits hold every epoch of 1,900 years.
    constructor(uint48 genesis, uint32 epochDuration) {
        require(genesis <= block.timestamp && epochDuration >= 1 hours, EpochClockInvalid(genesis, epochDuration));
        GENESIS = genesis;
        EPOCH_DURATION = epochDuration;
    }

    /// @inheritdoc IEpochClock
    function currentEpoch() public view returns (uint32 epoch) {
        return ((block.timestamp - GENESIS) / EPOCH_DURATION).toUint32();
    }
}
