// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOrganisations} from "../../../contracts/interfaces/IOrganisations.sol";
import {Metering} from "../../../contracts/interfaces/types/Metering.sol";
import {MeteringBase} from "../../support/MeteringBase.sol";

/// @dev Fixed settlements, whose gas is kept in snapshots/. Every word they write is non-zero before.
contract SettlementGasTest is MeteringBase {
    uint256 private constant ACCOUNT_KEY = 0xA11CE;
    uint256 private constant SIGNER_KEY = 0xB0B;
    address private constant PROVIDER = address(0x1001);

    address private account = vm.addr(ACCOUNT_KEY);

    function setUp() external {
        _deploySuite();
        vm.warp(20 * EPOCH);
        _registerNode(PROVIDER);
        meter.deposit(account, 1_000 ether);
        uint256 limit = (2 ** 60 - 1) * 1 gwei;
        IOrganisations.Limits memory limits = IOrganisations.Limits(limit, limit, uint48(300 * EPOCH), 31);
        vm.startPrank(account);
        meter.limitOrganisation(account, limits);
        meter.openProject(account, limits);
        meter.setKey(account, vm.addr(SIGNER_KEY), 1, IOrganisations.Role.Spender, limits);
        vm.stopPrank();
        settlement.settle(_signed(RESOURCES, 1));
        settlement.settle(_signed(RESOURCES, 2));
    }

    function test_Gas_Settle_OneLine() external {
        settlement.settle(_signed(1, 3));
        vm.snapshotGasLastCall("settle one line, all policy on");
    }

    function test_Gas_Settle_ThreeLines() external {
        settlement.settle(_signed(RESOURCES, 3));
        vm.snapshotGasLastCall("settle three lines of one provider");
    }

    function test_Gas_Settle_NothingNew() external {
        settlement.settle(_signed(1, 2));
        vm.snapshotGasLastCall("settle a replay");
    }

    function test_Gas_Settle_FirstOfAnEpoch() external {
        vm.warp(21 * EPOCH);
        settlement.settle(_signed(1, 3));
        vm.warp(22 * EPOCH);
        settlement.settle(_signed(1, 4));
        vm.snapshotGasLastCall("settle one line, first of an epoch, books the provider");
    }

    function _signed(uint32 lines, uint128 total) private view returns (Metering.SignedStatement[] memory list) {
        Metering.Statement memory statement = Metering.Statement({
            account: account,
            priceEpoch: meter.currentEpoch(),
            deadline: type(uint48).max,
            lines: new Metering.Line[](lines)
        });
        for (uint32 i = 0; i < lines; ++i) statement.lines[i] = Metering.Line(PROVIDER, i + 1, total);
        return _signStatement(SIGNER_KEY, statement);
    }
}
