// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Metering} from "../../../contracts/interfaces/types/Metering.sol";
import {MeteringBase} from "../../support/MeteringBase.sol";

contract SettlementFuzzTest is MeteringBase {
    uint256 private constant SIGNER_KEY = 0xA11CE;
    uint256 private constant CREDIT = 1_000_000 ether;
    address private constant PROVIDER = address(0x1001);
    address private constant OTHER = address(0x2001);

    address private account = vm.addr(SIGNER_KEY);

    function setUp() external {
        _deploySuite();
        vm.warp(20 * EPOCH);
        _registerNode(PROVIDER);
        _registerNode(OTHER);
        meter.deposit(account, CREDIT);
    }

    /// @dev SET-I2, SET-I4, RES-2: totals in any number of parts burn the same as the last of them.
    function testFuzz_Settle_BurnsTheSameInAnyParts(uint32[4] calldata parts, uint8 resource) external {
        resource = uint8(_bound(resource, 1, RESOURCES));
        uint256 total = 0;
        for (uint256 i = 0; i < parts.length; ++i) {
            total += parts[i];
            settlement.settle(_signed(PROVIDER, resource, total));
            vm.assertEq(settlement.settle(_signed(PROVIDER, resource, total))[0].burned, 0, "SET-I3: replay");
            vm.assertEq(settlement.settle(_signed(PROVIDER, resource, total / 2))[0].burned, 0, "SET-I3: overtaken");
        }

        uint256 price = registry.unitPriceOf(resource, meter.currentEpoch());
        vm.assertEq(CREDIT - meter.creditOf(account), total * price, "SET-I4: burned");
        vm.assertEq(meter.lineOf(account, PROVIDER, resource).cumulativeUnits, total, "SET-I2: total");
        vm.assertEq(token.totalBurned(), total * price, "SET-I6: supply");
    }

    /// @dev SET-I9: no field can be changed behind a signature.
    function testFuzz_Settle_RefusesWhateverTheSignerDidNotSign(uint8 field, uint256 bits) external {
        Metering.SignedStatement[] memory list = _signed(PROVIDER, 1, 1_000);
        Metering.SignedStatement memory signed = list[0];
        field %= 5;
        if (field == 0) signed.account = address(uint160(signed.account) ^ uint160(_bound(bits, 1, type(uint160).max)));
        else if (field == 1) signed.priceEpoch ^= uint32(_bound(bits, 1, 3));
        else if (field == 2) signed.deadline ^= uint48(_bound(bits, 1, 2 ** 40));
        else if (field == 3) signed.signer = address(uint160(_bound(bits, 1, type(uint160).max - 1)));
        else signed.lines[0] ^= _bound(bits, 1, type(uint256).max);
        if (signed.signer == account && field == 3) return;
        Metering.Result memory result = settlement.settle(list)[0];

        vm.assertTrue(result.reason != Metering.Reason.None, "SET-I9: refused");
        vm.assertEq(result.burned + token.totalBurned(), 0, "SET-I9: nothing burned");
    }

    /// @dev Only words that ascend strictly by provider and resource are in order.
    function testFuzz_Settle_TakesLinesInOrderOnly(uint256[3] calldata raw) external {
        Metering.Statement memory statement = _statement(raw.length);
        bool isOrdered = true;
        uint256 last = 0;
        for (uint256 i = 0; i < raw.length; ++i) {
            uint32 resource = uint32(1 + ((raw[i] >> 8) % RESOURCES));
            address provider = raw[i] % 2 == 0 ? PROVIDER : OTHER;
            statement.lines[i] = Metering.Line(provider, resource, uint128(1 + (raw[i] >> 200)));
            uint256 rank = (uint256(uint160(provider)) << 32) | resource;
            if (rank <= last) isOrdered = false;
            last = rank;
        }
        Metering.Reason reason = settlement.settle(_signStatement(SIGNER_KEY, statement))[0].reason;

        Metering.Reason expected = isOrdered ? Metering.Reason.None : Metering.Reason.LinesUnordered;
        vm.assertTrue(reason == expected, "order");
    }

    /// @dev SET-I12: several statements in one call do the same as one after the other.
    function testFuzz_Settle_IsTheSameTogetherAndApart(uint32[3] calldata totals) external {
        Metering.SignedStatement[] memory list = new Metering.SignedStatement[](3);
        for (uint256 i = 0; i < 3; ++i) list[i] = _signed(i == 1 ? OTHER : PROVIDER, 1, totals[i])[0];
        uint256 burned = 0;
        Metering.Result[] memory results = settlement.settle(list);
        for (uint256 i = 0; i < 3; ++i) burned += results[i].burned;

        uint256 most = totals[0] > totals[2] ? totals[0] : totals[2];
        vm.assertEq(burned, (most + totals[1]) * registry.unitPriceOf(1, meter.currentEpoch()), "SET-I12: burned");
        (Metering.Usage memory current, , ) = meter.totalUsage();
        vm.assertEq(current.burned, burned, "RES-I2: counted");
        vm.assertEq(current.units, most + totals[1], "RES-I2: units");
    }

    function _signed(
        address provider,
        uint32 resource,
        uint256 total
    ) private view returns (Metering.SignedStatement[] memory list) {
        Metering.Statement memory statement = _statement(1);
        statement.lines[0] = Metering.Line(provider, resource, uint128(total));
        return _signStatement(SIGNER_KEY, statement);
    }

    function _statement(uint256 lines) private view returns (Metering.Statement memory) {
        return
            Metering.Statement({
                account: account,
                priceEpoch: meter.currentEpoch(),
                deadline: type(uint48).max,
                lines: new Metering.Line[](lines)
            });
    }
}
