// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ISettlement} from "../../../contracts/interfaces/ISettlement.sol";
import {Metering} from "../../../contracts/interfaces/types/Metering.sol";
import {MeteringBase} from "../../support/MeteringBase.sol";

contract SettlementFuzzTest is MeteringBase {
    uint256 private constant KEY = 0xA11CE;

    address private immutable ALICE = vm.addr(KEY);

    function setUp() external {
        _deploySuite();
        _registerNode(address(this));
        accounts.deposit(ALICE, 1_000_000e18);
    }

    /// @dev RES-2.
    function testFuzz_Settle_ChargesWhatWasQuoted(uint64[3] calldata raw) external {
        uint128[] memory units = new uint128[](RESOURCES);
        uint32[] memory resources = new uint32[](RESOURCES);
        for (uint32 i = 0; i < RESOURCES; ++i) {
            (resources[i], units[i]) = (i + 1, uint128(raw[i] % 2 ** 36));
        }
        (uint256 computeUnits, uint256 charge, ) = registry.quote(resources, units);

        uint256 burned = _settle(units);

        (Metering.Usage memory current, , ) = registry.totalUsage();
        vm.assertEq(burned, charge, "charge");
        vm.assertEq(current.computeUnits, computeUnits, "compute units");
        vm.assertEq(current.burned, charge, "counted");
        vm.assertEq(accounts.creditOf(ALICE), 1_000_000e18 - charge, "credit");
    }

    /// @dev SET-I4: any sequence of running totals burns what the largest of each alone would.
    function testFuzz_Settle_DoesNotDependOnThePartition(uint64[3][5] calldata raw) external {
        uint256 supply = token.totalSupply();
        uint128[] memory largest = new uint128[](RESOURCES);
        uint256 sum;
        for (uint256 i = 0; i < raw.length; ++i) {
            uint128[] memory units = new uint128[](RESOURCES);
            for (uint256 j = 0; j < RESOURCES; ++j) {
                units[j] = uint128(raw[i][j] % 2 ** 36);
                if (units[j] > largest[j]) largest[j] = units[j];
            }
            sum += _settle(units);
        }

        uint256 expected;
        for (uint32 j = 0; j < RESOURCES; ++j) {
            expected += uint256(largest[j]) * registry.unitPriceOf(j + 1, 10);
            ISettlement.LineRecord memory record = settlement.lineOf(ALICE, address(this), j + 1);
            vm.assertEq(record.cumulativeUnits, largest[j], "SET-I2: largest");
        }
        vm.assertEq(sum, expected, "SET-I4: results");
        vm.assertEq(supply - token.totalSupply(), expected, "SET-I4: supply");
    }

    /// @dev SET-I7: a line settles if and only if the credit covers it.
    function testFuzz_Settle_NeverTakesMoreThanThereIs(uint128 units, uint96 credit) external {
        uint256 key = 0xB0B;
        credit = uint96(_bound(credit, 1, 1_000e18));
        accounts.deposit(vm.addr(key), credit);
        uint256 price = registry.unitPriceOf(1, 10);
        if (units % 2 == 0) units = uint128(credit / price + ((units >> 1) % 2)); // at the edge
        bool isCovered = uint256(units) * price <= credit;

        Metering.Line[] memory lines = new Metering.Line[](1);
        lines[0] = Metering.Line(address(this), 1, units);
        Metering.Statement memory statement = Metering.Statement(vm.addr(key), 10, type(uint48).max, lines);
        ISettlement.StatementResult memory result = settlement.settle(_signStatement(key, statement))[0];

        uint256 burned = isCovered ? units * price : 0;
        vm.assertEq(result.burned, burned, "burned");
        vm.assertEq(accounts.creditOf(vm.addr(key)), credit - burned, "credit");
        vm.assertEq(settlement.lineOf(vm.addr(key), address(this), 1).cumulativeUnits, isCovered ? units : 0, "total");
        Metering.Reason reason = result.reasons[0];
        if (!isCovered) vm.assertTrue(reason == Metering.Reason.InsufficientCredit, "not covered");
        else if (units == 0) vm.assertTrue(reason == Metering.Reason.NothingNew, "nothing");
        else vm.assertTrue(reason == Metering.Reason.None, "covered");
    }

    function _settle(uint128[] memory units) private returns (uint256 burned) {
        Metering.Line[] memory lines = new Metering.Line[](units.length);
        for (uint32 i = 0; i < units.length; ++i) {
            lines[i] = Metering.Line(address(this), i + 1, units[i]);
        }
        Metering.Statement memory statement = Metering.Statement(ALICE, 10, type(uint48).max, lines);
        return settlement.settle(_signStatement(KEY, statement))[0].burned;
    }
}
