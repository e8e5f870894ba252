// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Attestations} from "../../contracts/incentives/Attestations.sol";
import {IAttestations} from "../../contracts/interfaces/IAttestations.sol";
import {IIncentiveVault} from "../../contracts/interfaces/IIncentiveVault.sol";
import {Contribution} from "../../contracts/interfaces/types/Contribution.sol";
import {MeteringBase} from "../support/MeteringBase.sol";
import {IncentiveHandler} from "./handlers/IncentiveHandler.sol";

/// @dev The theorem of INC-3 and INC-4 on the real Meter, at the largest κ that code allows.
contract IncentivesInvariantTest is MeteringBase {
    uint16 private constant KAPPA = 9_000;
    uint256 private constant BPS = 10_000;
    uint256 private constant PPM = 1_000_000;
    uint256 private constant PEOPLE = 3;
    uint256 private constant PROVISION = 7_000;
    uint256 private constant FUNDS = 1_000 ether; // so that the stage cap binds in some epochs and κ in others
    uint64 private constant METER_ROLE = 1;
    uint64 private constant RECORDER = 4;

    IIncentiveVault private vault;
    IncentiveHandler private handler;
    address[3] private providers = [address(0x1001), address(0x2001), address(0x3003)];

    function setUp() external {
        _deploySuite(KAPPA);
        vault = pool.VAULT();
        for (uint256 i = 0; i < PEOPLE; ++i) _registerNode(providers[i]);

        handler = IncentiveHandler(
            _deploy("IncentiveHandler", abi.encode(token, meter, pool, _openAttestations(), providers))
        );
        token.transfer(address(vault), FUNDS);
        token.transfer(address(handler), 1_000_000 ether);
        authority.grantRole(METER_ROLE, address(handler), 0);
        meter.syncMeter(address(handler));
        vm.warp(block.timestamp + EPOCH); // the epoch of the deployment releases nothing
        _target(address(handler));
    }

    /// @dev INC-I9.
    function invariant_ReleasedNeverExceedsKappaTimesBurned() external view {
        uint256 released = vault.fundsOf().released;
        vm.assertLe(released * BPS, handler.ghostBurned() * KAPPA, "INC-I9: in total");
        for (uint256 i = 0; i < PEOPLE; ++i) {
            uint256 earned = handler.ghostReceived(providers[i]) + pool.claimableOf(providers[i]);
            vm.assertLe(earned * BPS, handler.ghostThrough(providers[i]) * KAPPA, "INC-I9: of a provider");
        }
    }

    /// @dev INC-I7: all rewards of the adversary, paid or claimable, against its burns and its honest attestations.
    function invariant_PayingOneselfNeverProfits() external view {
        uint256 got;
        for (uint256 i = 0; i < handler.HONEST(); ++i) {
            got += handler.ghostReceived(providers[i]) + pool.claimableOf(providers[i]);
        }
        vm.assertLe(got * BPS, handler.ghostBurnedByAdversary() * KAPPA, "INC-I7: by provision");
        address gifted = handler.GIFTED();
        uint256 gift = handler.ghostReceived(gifted) + pool.claimableOf(gifted);
        uint256 attested;
        uint32[] memory epochs = handler.epochs();
        for (uint256 i = 0; i < epochs.length; ++i) {
            (, uint256 part) = pool.categoryOf(epochs[i], Contribution.Category.Maintenance);
            attested += part;
        }
        vm.assertLe(gift, attested, "INC-I7: by attestation");
    }

    /// @dev INC-I8, INC-I10.
    function invariant_VaultAndPoolHoldWhatTheyShould() external view {
        uint256 claimed = handler.ghostClaimed() + handler.ghostReturned();
        uint256 came = FUNDS + handler.ghostFunded() + handler.ghostReturned();
        uint256 held = token.balanceOf(address(vault)) + token.balanceOf(address(pool));
        vm.assertEq(held + claimed, came, "INC-I10: conserved");
        IIncentiveVault.Funds memory funds = vault.fundsOf();
        vm.assertEq(funds.own + funds.released, came, "INC-I1: released of what came in");
    }

    /// @dev INC-I6, INC-I8: the dust in the pool is at most a wei for each earner and category and a gwei, for each epoch.
    function invariant_ThePoolHoldsWhatItOwesAndRounding() external view {
        address[] memory earners = handler.earners();
        uint256 claimable;
        for (uint256 i = 0; i < earners.length; ++i) claimable += pool.claimableOf(earners[i]);
        uint256 owed = vault.fundsOf().released - handler.ghostClaimed() - handler.ghostReturned();
        vm.assertLe(claimable, owed, "INC-I8: claimable");
        uint256 dust = handler.epochs().length * (earners.length + 1 + 1 gwei);
        vm.assertLe(owed, claimable + dust, "INC-I6: dust");
    }

    /// @dev INC-I6: each account earned its parts, each rounded down to a wei. The pool holds the rest of each release.
    function invariant_TheDustOfEachEpochIsKnownToTheWei() external view {
        address[] memory earners = handler.earners();
        uint32[] memory epochs = handler.epochs();
        uint256 dust;
        for (uint256 j = 0; j < epochs.length; ++j) dust += vault.closingOf(epochs[j]).released;
        uint256 claimable;
        for (uint256 i = 0; i < earners.length; ++i) {
            uint256 earned;
            for (uint256 j = 0; j < epochs.length; ++j) earned += _partOf(earners[i], epochs[j]);
            uint256 taken = handler.ghostReceived(earners[i]) + handler.ghostReturnedOf(earners[i]);
            vm.assertEq(taken + pool.claimableOf(earners[i]), earned, "INC-I6: earned");
            dust -= earned;
            claimable += pool.claimableOf(earners[i]);
        }
        uint256 owed = vault.fundsOf().released - handler.ghostClaimed() - handler.ghostReturned();
        vm.assertEq(owed, claimable + dust, "INC-I6: dust");
    }

    /// @dev INC-I1, INC-I3, INC-I5, INC-I11.
    function invariant_EachEpochReleasesByItsRuleAndNeverChanges() external view {
        uint32[] memory epochs = handler.epochs();
        uint256 total;
        for (uint256 i = 0; i < epochs.length; ++i) {
            uint32 epoch = epochs[i];
            IIncentiveVault.Closing memory closing = vault.closingOf(epoch);
            if (epoch == pool.currentEpoch()) {
                vm.assertEq(closing.released, 0, "INC-I4: released before its end");
                continue;
            }
            IIncentiveVault.Closing memory first = handler.closingOf(epoch);
            if (first.burned != 0) {
                vm.assertEq(closing.allotment, first.allotment, "INC-I3: allotment");
                vm.assertEq(closing.released, first.released, "INC-I3: released");
            }
            _checkEpoch(epoch, closing);
            total += closing.released;
        }
        vm.assertEq(total, vault.fundsOf().released, "INC-I5: nothing for epochs without use");
    }

    function afterInvariant() external view {
        for (uint256 action = 0; action <= uint256(type(IncentiveHandler.Action).max); ++action) {
            vm.assertTrue(handler.calls(IncentiveHandler.Action(action)) > 0, "an action never ran");
        }
    }

    function _openAttestations() private returns (Attestations attestations) {
        attestations = Attestations(_deploy("Attestations", abi.encode(meter, authority)));
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = pool.recordPoints.selector;
        authority.setTargetFunctionRole(address(pool), selectors, RECORDER);
        authority.grantRole(RECORDER, address(attestations), 0);
        address[] memory verifiers = new address[](2);
        (verifiers[0], verifiers[1]) = (vm.addr(101), vm.addr(102));
        attestations.defineKind(
            IAttestations.KindParams("maintenance", Contribution.Category.Maintenance, 10, 100, 30 days, 2, verifiers)
        );
    }

    /// @dev Part of a finished epoch that an account earned. One account alone has attested points.
    function _partOf(address account, uint32 epoch) private view returns (uint256 part) {
        if (epoch == pool.currentEpoch()) return 0;
        IIncentiveVault.Closing memory closing = vault.closingOf(epoch);
        if (account == handler.GIFTED()) (, part) = pool.categoryOf(epoch, Contribution.Category.Maintenance);
        else if (closing.burned != 0) {
            uint256 provision = (uint256(closing.allotment) * PROVISION) / BPS;
            part = (handler.ghostThroughIn(account, epoch) * provision) / closing.burned;
        }
    }

    function _checkEpoch(uint32 epoch, IIncentiveVault.Closing memory closing) private view {
        vm.assertEq(closing.burned, handler.ghostBurnedIn(epoch), "INC-I1: burned");
        vm.assertLe(closing.released, closing.allotment, "INC-I1: released");
        vm.assertLe(uint256(closing.allotment) * BPS, closing.burned * uint256(KAPPA), "INC-I1: allotment");
        uint256 most = FUNDS + handler.ghostFunded() + handler.ghostReturned();
        vm.assertLe(uint256(closing.allotment) * PPM, most * vault.rateOf(epoch), "INC-I1: stage cap");
        (uint256 points, uint256 part) = pool.categoryOf(epoch, Contribution.Category.Maintenance);
        vm.assertEq(points, handler.ghostPointsIn(epoch), "INC-I4: points");
        vm.assertLe(part, points * pool.POINT_CEILING(), "INC-I11: ceiling");
        // The demand, rounded up to whole gwei.
        uint256 demand = (uint256(closing.allotment) * PROVISION) / BPS + part;
        uint256 rounded = ((demand + 1 gwei - 1) / 1 gwei) * 1 gwei;
        vm.assertEq(closing.released, rounded < closing.allotment ? rounded : closing.allotment, "INC-I6: released");
    }
}
