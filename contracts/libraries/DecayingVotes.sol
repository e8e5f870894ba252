// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @dev Sums of a set of locks at one time: `time << 208 | amount << 112 | weighted`. `amount` is the sum of the
/// amounts of running locks, `weighted` the sum of amount times end week.
type VoteCheckpoint is uint256;

using {timeOf, amountOf, weightedOf} for VoteCheckpoint global;

/// @dev Time of a checkpoint.
function timeOf(VoteCheckpoint self) pure returns (uint256 time) {
    return VoteCheckpoint.unwrap(self) >> 208;
}

/// @dev OPA wei in running locks.
function amountOf(VoteCheckpoint self) pure returns (uint256 amount) {
    return uint96(VoteCheckpoint.unwrap(self) >> 112);
}

/// @dev Sum of OPA wei times end week.
function weightedOf(VoteCheckpoint self) pure returns (uint256 weighted) {
    return uint112(VoteCheckpoint.unwrap(self));
}

/// @title DecayingVotes
/// @notice Decaying voting power of a set of locks, exact at every second of the past and now.
/// @dev A lock of amount a and end week w has the power a × (w × WEEK − t) / MAX at time t. A set of locks stores only
/// A = Σa and W = Σa·w. Its power is (W × WEEK − A × t) / MAX, rounded down once: no slope and no drift. The amounts
/// that end in a week are stored per week and leave both sums after that week. They can only change before that week,
/// so historical lookups stay valid. Work depends on the number of weeks with an end, at most 104 after any checkpoint,
/// and not on the number of locks. The shape of a voting escrow comes from Curve's VotingEscrow; the sums do not.
library DecayingVotes {
    /// @dev One set of locks. `marks` has a bit for each week, modulo 128, that ever had an end. Marks are never
    /// cleared: a stale mark costs one read of a zero slot.
    struct Curve {
        uint128 marks;
        uint64 length;
        mapping(uint256 index => VoteCheckpoint checkpoint) checkpoints;
        mapping(uint256 week => uint256 amount) ending;
    }

    /// @dev Unit of the time at which locks end; weeks count from the Unix epoch.
    uint256 internal constant WEEK = 7 days;

    /// @dev Longest time ahead at which a lock ends, in weeks.
    uint256 internal constant MAX_WEEKS = 104;

    uint256 private constant MAX_TIME = MAX_WEEKS * WEEK;
    uint256 private constant RING = 128; // more than the 105 weeks in which the locks of a checkpoint can end

    /// @dev Replaces one lock of a set by another, now. An amount of zero stands for no lock; ended locks are in no
    /// set. The sum of amounts is below 2^90 and weeks are below 2^16; a new end week has not begun. Returns the power
    /// before and after.
    function change(
        Curve storage self,
        uint256 oldAmount,
        uint256 oldWeek,
        uint256 newAmount,
        uint256 newWeek
    ) internal returns (uint256 powerBefore, uint256 powerAfter) {
        uint256 marks = self.marks;
        uint256 length = self.length;
        VoteCheckpoint last = _at(self, length);
        (uint256 amount, uint256 weighted) = _sumsAt(self, marks, last, block.timestamp);
        powerBefore = _power(amount, weighted, block.timestamp);
        if (oldWeek * WEEK <= block.timestamp) oldAmount = 0;

        // Old amounts are part of the sums, new amounts part of the supply.
        unchecked {
            amount = amount - oldAmount + newAmount;
            weighted = weighted - oldAmount * oldWeek + newAmount * newWeek;
            if (oldWeek == newWeek) {
                self.ending[newWeek] += newAmount - oldAmount;
            } else {
                if (oldAmount != 0) self.ending[oldWeek] -= oldAmount;
                if (newAmount != 0) self.ending[newWeek] += newAmount;
            }
            if (newAmount != 0) marks |= 1 << (newWeek % RING);
            if (last.timeOf() != block.timestamp) ++length;
            self.checkpoints[length] = VoteCheckpoint.wrap((block.timestamp << 208) | (amount << 112) | weighted);
        }
        (self.marks, self.length) = (uint128(marks), uint64(length));
        powerAfter = _power(amount, weighted, block.timestamp);
    }

    /// @dev Sums at a time that is not before the last change.
    function latest(Curve storage self) internal view returns (uint256 amount, uint256 power) {
        uint256 weighted;
        (amount, weighted) = _sumsAt(self, self.marks, _at(self, self.length), block.timestamp);
        power = _power(amount, weighted, block.timestamp);
    }

    /// @dev Amount in running locks and power at a time. Exact for every second before now, because the past cannot
    /// change.
    function past(Curve storage self, uint256 time) internal view returns (uint256 amount, uint256 power) {
        uint256 weighted;
        (amount, weighted) = _sumsAt(self, self.marks, _lookup(self, time), time);
        power = _power(amount, weighted, time);
    }

    /// @dev Power of one lock at a time, rounded down.
    function powerOf(uint256 amount, uint256 end, uint256 time) internal pure returns (uint256 power) {
        return time < end ? (amount * (end - time)) / MAX_TIME : 0;
    }

    /// @dev The last checkpoint that is not after `time`, zero if there is none. Half of the lookups are for a recent
    /// time, so the search begins at the end.
    function _lookup(Curve storage self, uint256 time) private view returns (VoteCheckpoint checkpoint) {
        uint256 high = self.length + 1; // first checkpoint after `time`
        uint256 low = 0; // last checkpoint not after `time`
        uint256 near = high - 1 > 5 ? high - Math.sqrt(high - 1) : low;
        while (low + 1 < high) {
            uint256 middle = near != 0 ? near : (low + high) / 2;
            near = 0;
            VoteCheckpoint candidate = self.checkpoints[middle];
            if (candidate.timeOf() > time) {
                high = middle;
            } else {
                (low, checkpoint) = (middle, candidate);
            }
        }
    }

    /// @dev Checkpoint at an index, from 1 on; zero if there is none.
    function _at(Curve storage self, uint256 place) private view returns (VoteCheckpoint checkpoint) {
        if (place != 0) checkpoint = self.checkpoints[place];
    }

    /// @dev Sums of a checkpoint without the locks that ended since, up to `time`.
    function _sumsAt(
        Curve storage self,
        uint256 marks,
        VoteCheckpoint checkpoint,
        uint256 time
    ) private view returns (uint256 amount, uint256 weighted) {
        (amount, weighted) = (checkpoint.amountOf(), checkpoint.weightedOf());
        uint256 week = checkpoint.timeOf() / WEEK;
        uint256 last = Math.min(time / WEEK, week + MAX_WEEKS);
        // Ending amounts are part of the sums.
        unchecked {
            while (amount != 0 && week < last) {
                ++week;
                if ((marks >> (week % RING)) & 1 == 0) continue;
                uint256 ended = self.ending[week];
                amount -= ended;
                weighted -= ended * week;
            }
        }
    }

    /// @dev Power of sums without ended locks, rounded down.
    function _power(uint256 amount, uint256 weighted, uint256 time) private pure returns (uint256 power) {
        return (weighted * WEEK - amount * time) / MAX_TIME;
    }
}
