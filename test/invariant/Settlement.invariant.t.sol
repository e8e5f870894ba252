// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOrganisations} from "../../contracts/interfaces/IOrganisations.sol";
import {IMeterBilling} from "../../contracts/interfaces/IMeterBilling.sol";
import {IMeterCredit} from "../../contracts/interfaces/IMeterCredit.sol";
import {Metering} from "../../contracts/interfaces/types/Metering.sol";
import {MeteringBase} from "../support/MeteringBase.sol";
import {SettlementHandler} from "./handlers/SettlementHandler.sol";

contract SettlementInvariantTest is MeteringBase {
    uint256 private constant SUPPLY = 800_000_000e18;
    uint256 private constant PEOPLE = 3;

    SettlementHandler private handler;
    address[3] private providers = [address(0x1001), address(0x2001), address(0x3003)]; // two share an index place

    function setUp() external {
        _deploySuite();
        vm.warp(20 * EPOCH); // so that every epoch of the window has prices
        for (uint256 i = 0; i < PEOPLE; ++i) {
            _registerNode(providers[i]);
        }
        handler = SettlementHandler(_deploy("SettlementHandler", abi.encode(token, meter, settlement, providers)));
        token.transfer(address(handler), token.balanceOf(address(this)));
        _target(address(handler));
    }

    /// @dev SET-I1, SET-I7, SET-I10.
    function invariant_AccountsHoldWhatTheyOweAndWhatWasDonated() external view {
        uint256 credit;
        uint256 reserved;
        for (uint256 i = 0; i < PEOPLE; ++i) {
            address account = handler.consumers(i);
            credit += meter.creditOf(account);
            uint256 count;
            for (uint256 j = 0; j < PEOPLE; ++j) {
                IMeterCredit.Reservation memory reservation = meter.reservationOf(account, providers[j]);
                vm.assertEq(reservation.amount, handler.ghostReserved(account, providers[j]), "SET-I10: reserved");
                vm.assertEq(reservation.until, handler.ghostUntil(account, providers[j]), "SET-I10: until");
                reserved += reservation.amount;
                if (reservation.amount != 0) ++count;
            }
            vm.assertEq(meter.reservationCountOf(account), count, "SET-I10: count");
        }
        (uint256 free, uint256 allReserved) = meter.totals();
        vm.assertEq(free, credit, "SET-I1: free");
        vm.assertEq(allReserved, reserved, "SET-I1: reserved");
        uint256 held = credit + reserved + handler.ghostDonated();
        vm.assertEq(token.balanceOf(address(meter)), held, "SET-I1: balance");
    }

    /// @dev SET-I8.
    function invariant_EachAccountHasWhatItPutInLessWhatItTookAndBurned() external view {
        for (uint256 i = 0; i < PEOPLE; ++i) {
            address account = handler.consumers(i);
            uint256 has = meter.creditOf(account);
            vm.assertEq(has, handler.ghostCredit(account), "SET-I8: credit");
            for (uint256 j = 0; j < PEOPLE; ++j) {
                has += meter.reservationOf(account, providers[j]).amount;
            }
            uint256 gone = handler.ghostWithdrawn(account) + handler.ghostBurnedBy(account);
            vm.assertEq(has + gone, handler.ghostDeposited(account), "SET-I8: sum");
        }
    }

    /// @dev SET-I2, SET-I4, SET-I6: with one constant price the burn for a line is its total times the price.
    function invariant_LinesAreBurnedForToTheWei() external view {
        uint256 sum;
        for (uint256 i = 0; i < PEOPLE; ++i) {
            for (uint256 j = 0; j < PEOPLE; ++j) {
                for (uint32 resource = 1; resource <= RESOURCES; ++resource) {
                    address account = handler.consumers(i);
                    IMeterBilling.LineRecord memory record = meter.lineOf(account, providers[j], resource);
                    uint256 units = handler.ghostUnits(account, providers[j], resource);
                    vm.assertEq(record.cumulativeUnits, units, "SET-I2: units");
                    sum += units * registry.unitPriceOf(resource, 10);
                }
            }
        }
        vm.assertEq(sum, handler.ghostBurned(), "SET-I4, SET-I6: lines");
    }

    /// @dev SUP-I1, SUP-I2, SET-I5, SET-I6: nothing but the burn leaves, and nobody is paid.
    function invariant_SupplyFallsByExactlyWhatWasBurned() external view {
        vm.assertEq(token.totalSupply() + handler.ghostBurned(), SUPPLY, "SUP-I1: supply");
        uint256 withdrawn;
        for (uint256 i = 0; i < PEOPLE; ++i) {
            withdrawn += handler.ghostWithdrawn(handler.consumers(i));
            vm.assertEq(token.balanceOf(providers[i]), 0, "SET-I5: paid");
        }
        vm.assertEq(token.balanceOf(address(0xCAFE)), withdrawn, "SET-I8: withdrawn");
        uint256 held = token.balanceOf(address(handler)) + token.balanceOf(address(meter)) + withdrawn;
        held += token.balanceOf(address(nodes)); // the stakes of the providers
        vm.assertEq(held, token.totalSupply(), "SUP-I2: balances");
    }

    /// @dev SET-I11, and limits: the spending of a key equals the ghosts, and its terms are the last ones set.
    function invariant_KeysHaveTheirTermsAndSpendNoMore() external view {
        for (uint256 i = 0; i < PEOPLE; ++i) {
            address account = handler.consumers(i);
            IOrganisations.Key memory found = meter.keyOf(account, handler.key());
            uint256 expiresAt = handler.ghostExpiry(account);
            uint256 spent = expiresAt == 0 ? 0 : handler.ghostSpent(account, handler.epochNow());
            vm.assertEq(found.limits.expiresAt, expiresAt, "SET-I11: expiry");
            vm.assertEq(found.limits.epochLimit, handler.ghostLimit(account), "SET-I11: limit");
            vm.assertEq(found.spent, spent, "SET-I11: spent");
        }
    }

    /// @dev RES-I2.
    function invariant_UseByResourceIsUseByProviderIsTheTotal() external view {
        (Metering.Usage memory current, Metering.Usage memory previous, Metering.Usage memory allTime) = meter
            .totalUsage();
        uint256 epoch = handler.epochNow();
        uint256[2] memory burned;
        for (uint32 i = 0; i < PEOPLE; ++i) {
            (Metering.Usage memory now_, Metering.Usage memory before, Metering.Usage memory ever) = meter
                .providerUsageOf(providers[i]);
            _take(current, now_);
            _take(previous, before);
            _take(allTime, ever);
            (, , burned[0]) = handler.ghostServed(providers[i], epoch);
            (, , burned[1]) = handler.ghostServed(providers[i], epoch - 1);
            vm.assertEq(now_.burned, burned[0], "RES-I2: provider, current");
            vm.assertEq(before.burned, burned[1], "RES-I2: provider, previous");
            (now_, before, ever) = meter.usageOf(i + 1);
            _compare(now_, i + 1, epoch);
            _compare(before, i + 1, epoch - 1);
        }
        vm.assertEq(current.units + current.computeUnits + current.burned, 0, "RES-I2: current");
        vm.assertEq(previous.units + previous.computeUnits + previous.burned, 0, "RES-I2: previous");
        vm.assertEq(allTime.units + allTime.computeUnits + allTime.burned, 0, "RES-I2: all time");
        (, , allTime) = meter.totalUsage();
        vm.assertEq(allTime.burned, handler.ghostBurned(), "RES-I2: burned");
    }

    function afterInvariant() external view {
        for (uint256 action = 0; action <= uint256(type(SettlementHandler.Action).max); ++action) {
            vm.assertTrue(handler.calls(SettlementHandler.Action(action)) > 0, "an action never ran");
        }
    }

    function _compare(Metering.Usage memory usage, uint32 resource, uint256 epoch) private view {
        (uint256 units, uint256 computeUnits, uint256 burned) = handler.ghostUsed(resource, epoch);
        vm.assertEq(usage.units, units, "RES-I2: units of a resource");
        vm.assertEq(usage.computeUnits, computeUnits, "RES-I2: compute units of a resource");
        vm.assertEq(usage.burned, burned, "RES-I2: burned for a resource");
    }

    /// @dev Takes `part` out of `sum`, which would fail if it were more.
    function _take(Metering.Usage memory sum, Metering.Usage memory part) private pure {
        sum.units -= part.units;
        sum.computeUnits -= part.computeUnits;
        sum.burned -= part.burned;
    }
}
