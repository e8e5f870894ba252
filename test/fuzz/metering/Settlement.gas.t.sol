// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ISettlement} from "../../../contracts/interfaces/ISettlement.sol";
import {Metering} from "../../../contracts/interfaces/types/Metering.sol";
import {MeteringBase} from "../../support/MeteringBase.sol";

/// @dev Gas of one statement with one line, first and later, inside one warm transaction.
contract SettlementGasTest is MeteringBase {
    uint256 private constant KEY = 0xA11CE;

    function setUp() external {
        _deploySuite();
        _registerNode(address(this));
        accounts.deposit(vm.addr(KEY), 1_000e18);
    }

    function test_Gas_SettleFirstLine() external {
        settlement.settle(_statement(1_000));
    }

    function test_Gas_SettleLaterLine() external {
        settlement.settle(_statement(1_000));
        settlement.settle(_statement(2_500));
    }

    function test_Gas_SettleReplay() external {
        settlement.settle(_statement(1_000));
        settlement.settle(_statement(1_000));
    }

    function _statement(uint128 units) private view returns (ISettlement.SignedStatement[] memory) {
        Metering.Line[] memory lines = new Metering.Line[](1);
        lines[0] = Metering.Line(address(this), 1, units);
        return _signStatement(KEY, Metering.Statement(vm.addr(KEY), 10, type(uint48).max, lines));
    }
}
