// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IReleaseVault} from "../../contracts/interfaces/IReleaseVault.sol";
import {ReleaseVault} from "../../contracts/release/ReleaseVault.sol";
import {OPAToken} from "../../contracts/token/OPAToken.sol";
import {AuthorityMock} from "../mocks/AuthorityMock.sol";
import {TestBase} from "../support/TestBase.sol";
import {ReleaseHandler} from "./handlers/ReleaseHandler.sol";

contract ReleaseInvariantTest is TestBase {
    address private constant RESERVE = address(0x4E5E4BE);

    OPAToken private token;
    ReleaseVault private vault;
    ReleaseHandler private handler;

    function setUp() external {
        vm.warp(1_800_000_000);
        token = OPAToken(_deploy("OPAToken", abi.encode(this)));
        AuthorityMock authority = AuthorityMock(_deploy("AuthorityMock", abi.encode(this)));
        address target = _deploy("ClaimTargetMock", abi.encode(token));
        vault = ReleaseVault(_deploy("ReleaseVault", abi.encode(token, authority, RESERVE, target, target)));
        handler = ReleaseHandler(_deploy("ReleaseHandler", abi.encode(token, vault)));
        authority.grantRole(authority.ADMIN_ROLE(), address(handler), 0);
        token.transfer(address(handler), token.totalSupply());
        _target(address(handler));
    }

    /// @dev REL-I1.
    function invariant_ReleasedNeverExceedsVestedNorVestedTheTotal() external view {
        for (uint256 i = 0; i < handler.count(); ++i) {
            IReleaseVault.Schedule memory schedule = vault.scheduleOf(i + 1);
            vm.assertLe(schedule.released, schedule.vested, "REL-I1: released");
            vm.assertLe(schedule.vested, schedule.total, "REL-I1: vested");
            vm.assertEq(schedule.claimable, schedule.vested - schedule.released, "REL-I1: claimable");
        }
    }

    /// @dev REL-I2.
    function invariant_VestingNeverFallsAndEndsAtTheTotal() external view {
        for (uint256 i = 0; i < handler.count(); ++i) {
            ReleaseHandler.Mirror memory mirror = handler.mirrorOf(i);
            uint256 first = mirror.start - 1;
            uint256[] memory model = handler.vestedSeriesOf(i, first, 8 days, 21);
            uint256 last = 0;
            for (uint256 j = 0; j < model.length; ++j) {
                uint256 vested = vault.vestedAt(i + 1, uint48(first + j * 8 days));
                vm.assertEq(vested, model[j], "REL-I2: model");
                vm.assertLe(last, vested, "REL-I2: falls");
                last = vested;
            }
            vm.assertEq(last, mirror.total - mirror.returned, "REL-I2: end");
        }
    }

    /// @dev REL-I3.
    function invariant_BalanceIsWhatIsOwedPlusWhatWasDonated() external view {
        uint256 owed = 0;
        for (uint256 i = 0; i < handler.count(); ++i) {
            ReleaseHandler.Mirror memory mirror = handler.mirrorOf(i);
            owed += mirror.total - mirror.released - mirror.returned;
        }
        (uint256 amount, uint256 nextId) = vault.unreleasedIn(1, type(uint256).max);

        vm.assertEq(amount, owed, "REL-I3: owed");
        vm.assertEq(nextId, 0, "REL-I3: one page");
        vm.assertEq(token.balanceOf(address(vault)), owed + handler.ghostDonated(), "REL-I3: balance");
        vm.assertLe(owed, vault.unreleased(), "REL-I3: unreleased below what is owed");
        vm.assertLe(vault.unreleased(), owed + handler.ghostDonated(), "REL-I3: unreleased above the balance");
    }

    /// @dev REL-I4, REL-I6.
    function invariant_EveryAccountGotExactlyWhatItsSchedulesReleased() external view {
        uint256 released = 0;
        uint256 paid = 0;
        for (uint256 i = 0; i < handler.count(); ++i) {
            vm.assertEq(vault.scheduleOf(i + 1).released, handler.mirrorOf(i).released, "REL-I4: released");
            released += handler.mirrorOf(i).released;
        }
        for (uint256 i = 0; i < handler.ACTORS(); ++i) {
            address account = handler.actor(i);
            vm.assertEq(token.balanceOf(account), handler.ghostPaid(account), "REL-I6: balance");
            paid += handler.ghostPaid(account);
        }
        vm.assertEq(paid, released, "REL-I4: sum");
    }

    /// @dev REL-I5.
    function invariant_RevocationSplitsTheTotalAndTakesNothingVested() external view {
        for (uint256 i = 0; i < handler.count(); ++i) {
            ReleaseHandler.Mirror memory mirror = handler.mirrorOf(i);
            if (mirror.revokedAt == 0) continue;
            vm.assertTrue(mirror.revocable, "REL-I5: was not revocable");
            vm.assertEq(vault.scheduleOf(i + 1).vested + mirror.returned, mirror.total, "REL-I5: split");
        }
        vm.assertEq(token.balanceOf(RESERVE), handler.ghostReturned(), "REL-I5: reserve");
    }

    /// @dev REL-I7.
    function invariant_TermsNeverChangeAndEverythingWasPaidIn() external view {
        uint256 funded = 0;
        for (uint256 i = 0; i < handler.count(); ++i) {
            ReleaseHandler.Mirror memory mirror = handler.mirrorOf(i);
            IReleaseVault.Schedule memory schedule = vault.scheduleOf(i + 1);
            vm.assertEq(schedule.start, mirror.start, "REL-I7: start");
            vm.assertEq(schedule.curveId, mirror.curve + 1, "REL-I7: curve");
            vm.assertEq(schedule.total, mirror.total, "REL-I7: total");
            vm.assertEq(schedule.revokedAt, mirror.revokedAt, "REL-I7: revoked at");
            vm.assertTrue(schedule.revocable == mirror.revocable, "REL-I7: revocable");
            vm.assertTrue(schedule.beneficiary == mirror.beneficiary, "REL-I7: beneficiary");
            vm.assertTrue(schedule.pendingBeneficiary == mirror.pending, "REL-I7: pending");
            funded += schedule.total;
        }
        for (uint256 i = 0; i < handler.CURVES(); ++i) {
            bytes32 stored = keccak256(abi.encode(vault.curveOf(i + 1)));
            vm.assertTrue(stored == keccak256(abi.encode(handler.stages(i))), "REL-I7: stages");
        }
        vm.assertEq(vault.scheduleCount(), handler.count(), "REL-I7: count");
        vm.assertEq(funded, handler.ghostFunded(), "REL-I7: paid in");
    }

    /// @dev After any run every schedule can be claimed to its last wei, and the run contained every action.
    function afterInvariant() external {
        handler.create(0, 1, block.timestamp, 1e18, true);
        handler.revoke(handler.count() - 1);
        handler.createBatch(0, 1, block.timestamp, 1e18, 4);
        handler.create(0, 1, block.timestamp, 1e18, false);
        handler.donate(1);
        handler.trespass(0, 1);
        for (uint256 to = 0; handler.mirrorOf(0).pending == address(0); ++to) {
            handler.propose(0, to);
        }
        handler.accept(0);
        handler.elapse(1);
        for (uint256 i = 0; i < 6; ++i) {
            handler.elapse(30 days);
            for (uint256 index = 0; index < handler.count() - 1; ++index) {
                handler.claimTo(index, index);
            }
        }
        handler.claim(handler.count() - 1, 3);
        handler.claimMany(0, 6);

        (uint256 owed, ) = vault.unreleasedIn(1, type(uint256).max);
        vm.assertEq(owed, 0, "REL-I4: claimed to the last wei");
        vm.assertEq(token.balanceOf(address(vault)), handler.ghostDonated(), "REL-I3: only donations stay");
        string[11] memory actions = [
            "create",
            "createBatch",
            "revoke",
            "donate",
            "trespass",
            "propose",
            "accept",
            "elapse",
            "claim",
            "claimTo",
            "claimMany"
        ];
        for (uint256 i = 0; i < actions.length; ++i) {
            vm.assertLe(1, handler.calls(actions[i]), actions[i]);
        }
    }
}
