// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Metering} from "../../../contracts/interfaces/types/Metering.sol";
import {MeteringWords} from "../../../contracts/interfaces/types/MeteringWords.sol";
import {RollingUsage} from "../../../contracts/libraries/RollingUsage.sol";
import {TestBase} from "../../support/TestBase.sol";

contract RollingUsageFuzzTest is TestBase {
    using RollingUsage for RollingUsage.Record;

    RollingUsage.Record private record;
    uint32[] private used;
    mapping(uint256 epoch => Metering.Usage usage) private byEpoch;
    Metering.Usage private total;

    function testFuzz_Read_IsWhatCountingByEpochGives(uint32 start, uint256 seed, uint256 count) external {
        uint32 epoch = uint32(_bound(start, 0, 5));
        count = _bound(count, 1, 20);
        for (uint256 i = 0; i < count; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i)));
            if (random % 2 == 1) epoch += uint32((random >> 8) % 4);
            _add(epoch, (random >> 16) % 2 ** 50, (random >> 80) % 2 ** 7, (random >> 128) % 2 ** 80);

            vm.assertEq(record.lastEpoch(), epoch, "last epoch with use");
            for (uint32 later = 0; later < 3; ++later) {
                _compare(epoch + later);
                vm.assertEq(record.unitsIn(epoch + later), byEpoch[epoch + later].units, "units alone");
                _compareFinished(epoch + later);
            }
        }
    }

    function _add(uint32 epoch, uint256 units, uint256 weight, uint256 burned) private {
        uint32 last = used.length == 0 ? 0 : used[used.length - 1];
        bool rolled = record.add(epoch, MeteringWords.toUsage(units, weight, burned));
        vm.assertTrue(rolled == (epoch != last), "rolls in a later epoch");
        if (rolled || used.length == 0) used.push(epoch);
        _plus(byEpoch[epoch], units, units * weight, burned);
        _plus(total, units, units * weight, burned);
    }

    function _compare(uint32 epoch) private view {
        (Metering.Usage memory current, Metering.Usage memory previous, Metering.Usage memory allTime) = record.read(
            epoch
        );
        _assertSame(current, byEpoch[epoch], "current");
        if (epoch > 0) _assertSame(previous, byEpoch[epoch - 1], "previous");
        else _assertSame(previous, byEpoch[type(uint256).max], "nothing came before");
        _assertSame(allTime, total, "all time");
    }

    function _compareFinished(uint32 epoch) private view {
        (uint32 last, uint256 burned) = record.finished(epoch);
        uint256 count = used.length;
        if (used[count - 1] == epoch) --count;
        vm.assertEq(last, count == 0 ? 0 : used[count - 1], "last finished epoch");
        vm.assertEq(burned, count == 0 ? 0 : byEpoch[used[count - 1]].burned, "burned in it");
    }

    function _plus(Metering.Usage storage sum, uint256 units, uint256 computeUnits, uint256 burned) private {
        sum.units += units;
        sum.computeUnits += computeUnits;
        sum.burned += burned;
    }

    function _assertSame(
        Metering.Usage memory actual,
        Metering.Usage memory expected,
        string memory label
    ) private pure {
        vm.assertEq(actual.units, expected.units, string.concat(label, ": units"));
        vm.assertEq(actual.computeUnits, expected.computeUnits, string.concat(label, ": compute units"));
        vm.assertEq(actual.burned, expected.burned, string.concat(label, ": burned"));
    }
}
