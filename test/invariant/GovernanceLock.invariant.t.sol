// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {GovernanceLock} from "../../contracts/governance/GovernanceLock.sol";
import {IGovernanceLock} from "../../contracts/interfaces/IGovernanceLock.sol";
import {OPAToken} from "../../contracts/token/OPAToken.sol";
import {AuthorityMock} from "../mocks/AuthorityMock.sol";
import {TestBase} from "../support/TestBase.sol";
import {LockHandler} from "./handlers/LockHandler.sol";

contract GovernanceLockInvariantTest is TestBase {
    uint256 private constant PEOPLE = 4;
    uint256 private constant SUPPLY = 800_000_000e18;
    uint64 private constant HOLDER = 1;

    OPAToken private token;
    GovernanceLock private escrow;
    LockHandler private handler;

    function setUp() external {
        vm.warp(1_800_000_000);
        AuthorityMock authority = AuthorityMock(_deploy("AuthorityMock", abi.encode(this)));
        token = OPAToken(_deploy("OPAToken", abi.encode(this)));
        escrow = GovernanceLock(_deploy("GovernanceLock", abi.encode(token, authority)));
        handler = LockHandler(_deploy("LockHandler", abi.encode(token, escrow)));
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = escrow.hold.selector;
        authority.setTargetFunctionRole(address(escrow), selectors, HOLDER);
        authority.grantRole(HOLDER, address(handler), 0);
        escrow.syncHolder(address(handler));
        for (uint256 i = 0; i < PEOPLE; ++i) token.transfer(handler.person(i), SUPPLY / PEOPLE);
        _target(address(handler));
    }

    /// @dev GOV-I1, RSV-I2.
    function invariant_EveryLockedTokenIsThere() external view {
        uint256 locked;
        for (uint256 i = 0; i < PEOPLE; ++i) locked += escrow.lockOf(handler.person(i)).amount;
        vm.assertEq(token.balanceOf(address(escrow)), locked + handler.ghostDonated(), "GOV-I1: balance");
    }

    /// @dev GOV-I2: {LockHandler} predicts the first second of each withdrawal; here that no other action moved it.
    function invariant_LocksAreWhatTheirOwnersAndHoldersMadeThem() external view {
        for (uint256 i = 0; i < PEOPLE; ++i) {
            IGovernanceLock.Lock memory record = escrow.lockOf(handler.person(i));
            IGovernanceLock.Lock memory expected = handler.recordOf(i);
            vm.assertEq(record.amount, expected.amount, "GOV-I8: amount");
            vm.assertEq(record.end, expected.end, "GOV-I2: end");
            vm.assertEq(record.heldUntil, expected.heldUntil, "GOV-I2: hold");
            if (record.heldUntil != 0) vm.assertLe(record.heldUntil, record.end + 60 days, "GOV-I2: bound of a hold");
        }
    }

    /// @dev GOV-I3, GOV-I5, GOV-I9: votes are the definition's at this second, and all of them are the total.
    function invariant_VotesAreTheDefinitionToTheWei() external view {
        uint256 sum;
        for (uint256 i = 0; i < PEOPLE; ++i) {
            uint256 votes = escrow.getVotes(handler.person(i));
            vm.assertEq(votes, handler.votesOf(i), "GOV-I9: votes");
            sum += votes;
        }
        uint256 total = escrow.totalVotes();
        vm.assertEq(total, handler.totalVotes(), "GOV-I9: total");
        vm.assertLe(sum, total, "GOV-I3: votes above the total");
        vm.assertLe(total, sum + PEOPLE - 1, "GOV-I3: lost more than a wei of each");
    }

    /// @dev GOV-I4: every second read before keeps its result.
    function invariant_ThePastStays() external view {
        LockHandler.Sample[] memory samples = handler.samples();
        for (uint256 j = 0; j < samples.length; ++j) {
            for (uint256 i = 0; i < PEOPLE; ++i) {
                uint256 votes = escrow.getPastVotes(handler.person(i), samples[j].time);
                vm.assertEq(votes, samples[j].votes[i], "GOV-I4: votes");
            }
            vm.assertEq(escrow.getPastTotalSupply(samples[j].time), samples[j].total, "GOV-I4: total");
            vm.assertEq(escrow.getPastLocked(samples[j].time), samples[j].locked, "GOV-I4: locked");
        }
    }

    /// @dev GOV-I6, GOV-I7.
    function invariant_PowerIsAtMostTheAmountAndNothingFromTheEndOn() external view {
        vm.assertEq(escrow.clock(), block.timestamp, "GOV-I6: clock");
        for (uint256 i = 0; i < PEOPLE; ++i) {
            IGovernanceLock.Lock memory record = escrow.lockOf(handler.person(i));
            uint256 power = escrow.powerOf(handler.person(i));
            vm.assertLe(power, record.amount, "GOV-I7: above the amount");
            if (record.end <= block.timestamp) vm.assertEq(power, 0, "GOV-I7: power after the end");
        }
    }

    /// @dev GOV-I8: payments to and from an account explain its balance; a lock pays out exactly its deposits.
    function invariant_NobodyGainsOrLosesByLocking() external view {
        for (uint256 i = 0; i < PEOPLE; ++i) {
            uint256 balance = token.balanceOf(handler.person(i));
            vm.assertEq(balance + handler.ghostSpent(i), SUPPLY / PEOPLE + handler.ghostOut(i), "GOV-I8: balance");
            uint256 locked = escrow.lockOf(handler.person(i)).amount;
            vm.assertEq(handler.ghostIn(i), handler.ghostOut(i) + locked, "GOV-I8: in and out");
        }
    }

    function afterInvariant() external view {
        for (uint256 action = 0; action <= uint256(type(LockHandler.Action).max); ++action) {
            vm.assertTrue(handler.calls(LockHandler.Action(action)) > 0, "an action never ran");
        }
        for (uint256 i = 0; i < PEOPLE; ++i) {
            vm.assertTrue(
                escrow.delegates(handler.person(i)) == handler.person(handler.delegateeOf(i)),
                "a delegation"
            );
        }
    }
}
