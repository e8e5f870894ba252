// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SpendingRecord, SpendingWord} from "../../../contracts/libraries/SpendingRecord.sol";
import {TestBase} from "../../support/TestBase.sol";

contract SpendingRecordFuzzTest is TestBase {
    uint256 private constant MAX = SpendingRecord.MAX_GWEI;
    uint256 private constant SUPPLY_GWEI = 800_000_000e9;

    /// @dev Every field of a key or project, as numbers.
    struct Fields {
        uint256 left;
        uint256 epochLimit;
        uint256 spent;
        uint256 epoch;
        uint256 expiry;
        uint256 categories;
        uint256 role;
        uint256 place;
    }

    function testFuzz_Spending_KeepsItsFieldsApart(uint256[8] calldata raw) external pure {
        Fields memory one = _fields(raw);

        _check(_pack(one), one);
    }

    function testFuzz_WithTerms_ChangesTermsOnly(uint256[8] calldata raw, uint256[4] calldata other) external pure {
        Fields memory one = _fields(raw);
        SpendingWord word = _pack(one);
        (one.left, one.epochLimit) = (other[0] % (MAX + 1), other[1] % (MAX + 1));
        (one.expiry, one.categories) = (other[2] % 2 ** 32, other[3] % 32);

        _check(word.withTerms(one.left, one.epochLimit, one.expiry, one.categories), one);
    }

    function testFuzz_WithPlace_ChangesRoleAndPlaceOnly(
        uint256[8] calldata raw,
        uint256 role,
        uint256 place
    ) external pure {
        Fields memory one = _fields(raw);
        SpendingWord word = _pack(one);
        (one.role, one.place) = (role % 4, place % (SpendingRecord.MAX_PLACE + 1));

        _check(word.withPlace(one.role, one.place), one);
    }

    function testFuzz_WithSpent_MovesFromWhatIsLeft(uint256[8] calldata raw, uint256 amount) external pure {
        Fields memory one = _fields(raw);
        one.epochLimit = _bound(one.epochLimit, one.spent, MAX);
        SpendingWord word = _pack(one);
        uint256 room = word.epochLeftGwei(one.epoch);
        amount = _bound(amount, 0, room < one.left ? room : one.left);
        (one.left, one.spent) = (one.left - amount, one.spent + amount);

        _check(word.withSpent(amount), one);
    }

    function testFuzz_MovedTo_BeginsAnotherEpochAtZero(uint256[8] calldata raw, uint256 epoch) external pure {
        Fields memory one = _fields(raw);
        SpendingWord word = _pack(one);
        epoch %= 2 ** 20;
        vm.assertEq(SpendingWord.unwrap(word.movedTo(one.epoch)), SpendingWord.unwrap(word), "same epoch");
        if (epoch != one.epoch) (one.epoch, one.spent) = (epoch, 0);

        _check(word.movedTo(epoch), one);
    }

    function testFuzz_LimitIn_NamesTheStricter(
        uint256[8] calldata raw,
        uint256 epoch,
        uint8[2] calldata reasons
    ) external pure {
        Fields memory one = _fields(raw);
        epoch = epoch % 2 == 0 ? one.epoch : epoch % 2 ** 20;
        uint256 spent = epoch == one.epoch ? one.spent : 0;
        uint256 room = spent < one.epochLimit ? one.epochLimit - spent : 0;
        SpendingWord word = _pack(one);
        uint256 limit = word.limitIn(epoch, reasons[0], reasons[1]);

        vm.assertEq(word.epochLeftGwei(epoch), room, "epoch");
        vm.assertEq(limit >> 8, room < one.left ? room : one.left, "amount");
        if (room != one.left) vm.assertEq(uint8(limit), room < one.left ? reasons[0] : reasons[1], "reason");
        else vm.assertEq(uint8(limit), reasons[0] < reasons[1] ? reasons[0] : reasons[1], "first reason");
    }

    function testFuzz_ToLimit_OrdersByAmountThenReason(
        uint256[2] calldata raw,
        uint8[2] calldata reasons
    ) external pure {
        (uint256 left, uint256 right) = (raw[0] % (MAX + 1), raw[1] % (MAX + 1));
        uint256 one = SpendingRecord.toLimit(left, reasons[0]);
        uint256 two = SpendingRecord.toLimit(right, reasons[1]);

        bool isLess = left < right || (left == right && reasons[0] < reasons[1]);
        vm.assertTrue((one < two) == isLess, "order");
        vm.assertEq(one >> 8, left, "amount");
        vm.assertEq(uint8(one), reasons[0], "reason");
    }

    function _fields(uint256[8] calldata raw) private pure returns (Fields memory) {
        return
            Fields({
                left: raw[0] % (MAX + 1),
                epochLimit: raw[1] % (MAX + 1),
                spent: raw[2] % (SUPPLY_GWEI + 1),
                epoch: raw[3] % 2 ** 20,
                expiry: raw[4] % 2 ** 32,
                categories: raw[5] % 32,
                role: raw[6] % 4,
                place: raw[7] % (SpendingRecord.MAX_PLACE + 1)
            });
    }

    /// @dev The record with these fields, made as contracts make it: the spent amount was left before.
    function _pack(Fields memory one) private pure returns (SpendingWord) {
        return
            SpendingWord
                .wrap(0)
                .withTerms(one.spent, one.spent, 0, 0)
                .movedTo(one.epoch)
                .withSpent(one.spent)
                .withTerms(one.left, one.epochLimit, one.expiry, one.categories)
                .withPlace(one.role, one.place);
    }

    function _check(SpendingWord word, Fields memory one) private pure {
        vm.assertEq(word.leftGwei(), one.left, "left");
        vm.assertEq(word.epochLimitGwei(), one.epochLimit, "epoch limit");
        vm.assertEq(word.spentGwei(), one.spent, "spent");
        vm.assertEq((SpendingWord.unwrap(word) >> 56) % 2 ** 20, one.epoch, "epoch");
        vm.assertEq(word.expiry(), one.expiry, "expiry");
        vm.assertEq(word.categories(), one.categories, "categories");
        vm.assertEq(word.role(), one.role, "role");
        vm.assertEq(word.place(), one.place, "place");
        vm.assertTrue(word.exists() == (one.categories != 0), "exists");
    }
}
