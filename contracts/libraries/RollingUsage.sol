// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Metering} from "../interfaces/types/Metering.sol";
import {UsageWord} from "../interfaces/types/MeteringWords.sol";

/// @title RollingUsage
/// @notice Counts use for all time, for the running and for the last finished epoch with use, in three words that roll forward
/// in place.
/// @dev Only `total` is written while an epoch lasts; the first use in a later epoch moves the openings on.
library RollingUsage {
    /// @dev `opening` holds the totals when the epoch of `total` began and the epoch of the use before, `prior` the totals when
    /// that one began.
    struct Record {
        UsageWord total;
        UsageWord opening;
        UsageWord prior;
    }

    /// @dev Adds use in `epoch`, which is never earlier than the last one; says whether it is a later one.
    function add(Record storage self, uint32 epoch, UsageWord usage) internal returns (bool rolled) {
        UsageWord total = self.total;
        rolled = epoch != total.epoch();
        if (rolled) (self.prior, self.opening) = (self.opening, total);
        self.total = total.plus(usage).markedWith(epoch);
    }

    /// @dev Use in `epoch`, the running one; in the epoch before it; and for all time.
    function read(
        Record storage self,
        uint32 epoch
    )
        internal
        view
        returns (Metering.Usage memory current, Metering.Usage memory previous, Metering.Usage memory allTime)
    {
        uint32 last = self.total.epoch();
        allTime = self.total.unpack();
        if (last == epoch) {
            Metering.Usage memory opening = self.opening.unpack();
            current = _difference(allTime, opening);
            if (self.opening.epoch() + 1 == epoch) previous = _difference(opening, self.prior.unpack());
        } else if (last + 1 == epoch) previous = _difference(allTime, self.opening.unpack());
    }

    /// @dev Last epoch with use before `epoch`, the running one, and what was burned in it; zero if there is none.
    function finished(Record storage self, uint32 epoch) internal view returns (uint32 last, uint256 burned) {
        UsageWord end = self.total;
        UsageWord start = self.opening;
        if (end.epoch() == epoch) (end, start) = (start, self.prior);
        return (end.epoch(), end.burned() - start.burned());
    }

    /// @dev OPA wei burned in `epoch`, which is not earlier than the last one with use.
    function burnedIn(Record storage self, uint32 epoch) internal view returns (uint256 burned) {
        UsageWord total = self.total;
        return total.epoch() == epoch ? total.burned() - self.opening.burned() : 0;
    }

    /// @dev Units used in `epoch`, which is not earlier than the last one with use.
    function unitsIn(Record storage self, uint32 epoch) internal view returns (uint64 units) {
        UsageWord total = self.total;
        return total.epoch() == epoch ? _units(total) - _units(self.opening) : 0;
    }

    /// @dev Last epoch with use, or 0.
    function lastEpoch(Record storage self) internal view returns (uint32 epoch) {
        return self.total.epoch();
    }

    function _units(UsageWord usage) private pure returns (uint64 units) {
        return uint64(UsageWord.unwrap(usage) >> 96);
    }

    function _difference(
        Metering.Usage memory end,
        Metering.Usage memory start
    ) private pure returns (Metering.Usage memory usage) {
        return
            Metering.Usage(end.units - start.units, end.computeUnits - start.computeUnits, end.burned - start.burned);
    }
}
