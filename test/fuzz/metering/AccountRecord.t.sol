// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccountWord} from "../../../contracts/libraries/AccountRecord.sol";
import {TestBase} from "../../support/TestBase.sol";

contract AccountRecordFuzzTest is TestBase {
    uint256 private constant SUPPLY = 800_000_000e18;

    function testFuzz_Account_KeepsItsFieldsApart(uint96 credit, uint8 count, uint24 epoch, uint64 raw) external pure {
        uint256 burned = raw % 2 ** 59;
        AccountWord word = AccountWord.wrap(0).movedTo(epoch).withCredit(credit).withReservations(count).withCharge(
            credit / 2,
            burned
        );

        _check(word, credit / 2, burned, 0, count);
        _check(word.withCredit(credit), credit, burned, 0, count);
        _check(word.withReservations(255 - count), credit / 2, burned, 0, 255 - count);
        _check(word.movedTo(epoch), credit / 2, burned, 0, count);
        _check(word.withCharge(0, burned), 0, 2 * burned, 0, count);
    }

    function testFuzz_Organisation_IsRememberedWhateverElseChanges(
        uint96 credit,
        uint8 count,
        uint24 epoch,
        uint64 raw
    ) external pure {
        uint256 burned = raw % 2 ** 59;
        AccountWord word = AccountWord.wrap(0).movedTo(epoch).withCredit(credit).withReservations(count).withCharge(
            credit,
            burned
        );
        AccountWord organised = word.withOrganisation();

        vm.assertTrue(!word.isOrganised(), "not before");
        _check(organised, credit, burned, 0, count);
        vm.assertTrue(organised.isOrganised(), "marked");
        vm.assertTrue(organised.withOrganisation().isOrganised(), "twice");
        vm.assertTrue(organised.withCredit(0).isOrganised(), "credit");
        vm.assertTrue(organised.withReservations(255 - count).isOrganised(), "reservations");
        vm.assertTrue(organised.withCharge(0, burned).isOrganised(), "charge");
        vm.assertTrue(organised.movedTo(epoch ^ 1).isOrganised(), "epoch");
        vm.assertTrue(!word.withReservations(255).movedTo(epoch ^ 1).isOrganised(), "never marked");
    }

    /// @dev The largest values, all at once.
    function test_Account_HoldsTheWholeSupply() external pure {
        uint256 gwei_ = SUPPLY / 1 gwei;
        AccountWord word = AccountWord.wrap(0).withCredit(SUPPLY).withReservations(255).withOrganisation();
        word = word.movedTo(type(uint24).max - 1).withCharge(0, gwei_).movedTo(type(uint24).max).withCharge(0, gwei_);

        _check(word, 0, gwei_, gwei_, 255);
        vm.assertTrue(word.isOrganised(), "organised");
    }

    function testFuzz_MovedTo_RemembersOneEpoch(
        uint96 credit,
        uint8 count,
        uint24 epoch,
        uint64[2] calldata raw
    ) external pure {
        epoch = uint24(_bound(epoch, 1, type(uint24).max - 5));
        (uint256 first, uint256 second) = (raw[0] % 2 ** 60, raw[1] % 2 ** 60);
        AccountWord word = AccountWord.wrap(0).withCredit(credit).withReservations(count).movedTo(epoch);
        word = word.withCharge(credit, first);

        AccountWord next = word.movedTo(uint256(epoch) + 1).withCharge(credit, second);
        _check(next, credit, second, first, count);
        _check(next.movedTo(uint256(epoch) + 2), credit, 0, second, count);
        _check(next.movedTo(uint256(epoch) + 3), credit, 0, 0, count);
        _check(word.movedTo(uint256(epoch) + 2), credit, 0, 0, count);
    }

    function testFuzz_WithTier_LastsUntilTheEpochEnds(
        uint96 credit,
        uint8 count,
        uint24 epoch,
        uint64 raw,
        uint8[2] calldata tiers
    ) external pure {
        uint256 burned = raw % 2 ** 59;
        (uint256 one, uint256 two) = (tiers[0] % 8, tiers[1] % 8);
        AccountWord word = AccountWord.wrap(0).withCredit(credit).withReservations(count).withOrganisation();
        word = word.movedTo(epoch).withCharge(credit, burned);
        vm.assertEq(word.tier(), 0, "none");

        AccountWord known = word.withTier(one);
        _check(known, credit, burned, 0, count);
        vm.assertEq(known.tier(), one, "tier");
        vm.assertTrue(known.isOrganised(), "organised");
        vm.assertEq(AccountWord.unwrap(known.withTier(two)), AccountWord.unwrap(word.withTier(two)), "replaced");
        vm.assertEq(known.withCredit(0).tier(), one, "credit");
        vm.assertEq(known.withReservations(255 - count).tier(), one, "reservations");
        vm.assertEq(known.withCharge(0, burned).tier(), one, "charge");
        vm.assertEq(known.movedTo(epoch).tier(), one, "same epoch");
        vm.assertEq(known.movedTo(epoch ^ 1).tier(), 0, "another epoch");
        vm.assertTrue(known.movedTo(epoch ^ 1).isOrganised(), "still organised");
    }

    function _check(AccountWord word, uint256 credit, uint256 burned, uint256 previous, uint256 count) private pure {
        vm.assertEq(word.credit(), credit, "credit");
        vm.assertEq(word.burnedGwei(), burned, "burned");
        vm.assertEq(word.previousBurnedGwei(), previous, "previous");
        vm.assertEq(word.reservations(), count, "reservations");
    }
}
