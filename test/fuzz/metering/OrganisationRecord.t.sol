// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {OrganisationRecord, OrganisationWord} from "../../../contracts/libraries/OrganisationRecord.sol";
import {SpendingRecord} from "../../../contracts/libraries/SpendingRecord.sol";
import {TestBase} from "../../support/TestBase.sol";

contract OrganisationRecordFuzzTest is TestBase {
    uint256 private constant MAX = SpendingRecord.MAX_GWEI;
    uint256 private constant SUPPLY_GWEI = 800_000_000e9;

    /// @dev Every field of an organisation, as numbers.
    struct Fields {
        uint256 left;
        uint256 epochLimit;
        uint256 exempt;
        uint256 expiry;
        uint256 generation;
        uint256 admins;
        uint256 categories;
        bool ownerLeft;
    }

    function test_NewOrganisation_HasNoLimitsAndOneAdmin() external pure {
        _check(OrganisationRecord.newOrganisation(), Fields(MAX, MAX, 0, type(uint32).max, 0, 1, 31, false));
        vm.assertTrue(!OrganisationWord.wrap(0).exists(), "none");
    }

    function testFuzz_Organisation_KeepsItsFieldsApart(uint256[8] calldata raw) external pure {
        Fields memory one = _fields(raw);

        _check(_pack(one), one);
    }

    function testFuzz_Organisation_ChangesOneFieldAtATime(
        uint256[8] calldata raw,
        uint256[8] calldata other
    ) external pure {
        Fields memory one = _fields(raw);
        Fields memory two = _fields(other);
        OrganisationWord word = _pack(one);

        word = word.withAdmins(two.admins, two.ownerLeft);
        (one.admins, one.ownerLeft) = (two.admins, two.ownerLeft);
        _check(word, one);
        word = word.withTerms(two.left, two.epochLimit, two.expiry, two.categories);
        (one.left, one.epochLimit, one.expiry, one.categories) = (two.left, two.epochLimit, two.expiry, two.categories);
        _check(word, one);
        word = word.withNextGeneration();
        ++one.generation;
        _check(word, one);
        uint256 added = other[2] % (SUPPLY_GWEI - one.exempt + 1);
        word = word.withExempt(added);
        one.exempt += added;
        _check(word, one);
    }

    function testFuzz_WithEpochOver_TakesTheBurnWithoutMandatesFromTheTotal(
        uint256[8] calldata raw,
        uint256 burned
    ) external pure {
        Fields memory one = _fields(raw);
        burned = _burned(one, burned);
        OrganisationWord word = _pack(one);
        uint256 left = one.left == MAX ? MAX : one.left - (burned - one.exempt);
        vm.assertEq(word.leftAfter(burned), left, "left");

        (one.left, one.exempt) = (left, 0);
        _check(word.withEpochOver(burned), one);
        vm.assertEq(word.withEpochOver(burned).leftAfter(0), left, "left in the next epoch");
    }

    function testFuzz_LimitAfter_NamesTheStricter(
        uint256[8] calldata raw,
        uint256 burned,
        uint8[2] calldata reasons
    ) external pure {
        Fields memory one = _fields(raw);
        burned = _burned(one, burned);
        uint256 counted = burned - one.exempt;
        uint256 room = counted < one.epochLimit ? one.epochLimit - counted : 0;
        uint256 left = one.left == MAX ? MAX : one.left - counted;
        uint256 limit = _pack(one).limitAfter(burned, reasons[0], reasons[1]);

        vm.assertEq(limit >> 8, room < left ? room : left, "amount");
        if (room != left) vm.assertEq(uint8(limit), room < left ? reasons[0] : reasons[1], "reason");
        else vm.assertEq(uint8(limit), reasons[0] < reasons[1] ? reasons[0] : reasons[1], "first reason");
    }

    /// @dev A burn that the limits allowed: the exempt part and at most the total.
    function _burned(Fields memory one, uint256 raw) private pure returns (uint256 burned) {
        uint256 most = one.left == MAX ? SUPPLY_GWEI : one.left;
        return one.exempt + _bound(raw, 0, most > SUPPLY_GWEI - one.exempt ? SUPPLY_GWEI - one.exempt : most);
    }

    function _fields(uint256[8] calldata raw) private pure returns (Fields memory) {
        return
            Fields({
                left: raw[0] % 4 == 0 ? MAX : raw[0] % (MAX + 1),
                epochLimit: raw[1] % 4 == 0 ? MAX : raw[1] % (MAX + 1),
                exempt: raw[2] % (SUPPLY_GWEI + 1),
                expiry: raw[3] % 2 ** 32,
                generation: raw[4] % 4,
                admins: raw[5] % 32,
                categories: raw[6] % 32,
                ownerLeft: raw[7] % 2 == 1
            });
    }

    function _pack(Fields memory one) private pure returns (OrganisationWord word) {
        word = OrganisationRecord.newOrganisation();
        for (uint256 i = 0; i < one.generation; ++i) word = word.withNextGeneration();
        word = word.withTerms(one.left, one.epochLimit, one.expiry, one.categories);
        return word.withAdmins(one.admins, one.ownerLeft).withExempt(one.exempt);
    }

    function _check(OrganisationWord word, Fields memory one) private pure {
        vm.assertEq(word.leftAfter(one.exempt), one.left, "left");
        vm.assertEq(word.epochLimitGwei(), one.epochLimit, "epoch limit");
        vm.assertEq(word.exempt(), one.exempt, "exempt");
        vm.assertEq(word.expiry(), one.expiry, "expiry");
        vm.assertEq(word.generation(), one.generation, "generation");
        vm.assertEq(word.admins(), one.admins, "admins");
        vm.assertEq(word.categories(), one.categories, "categories");
        vm.assertTrue(word.ownerLeft() == one.ownerLeft, "owner left");
        vm.assertTrue(word.exists(), "exists");
    }
}
