// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Attestations} from "../../contracts/incentives/Attestations.sol";
import {IAttestations} from "../../contracts/interfaces/IAttestations.sol";
import {IIncentivePool} from "../../contracts/interfaces/IIncentivePool.sol";
import {Contribution} from "../../contracts/interfaces/types/Contribution.sol";
import {MeteringBase} from "../support/MeteringBase.sol";
import {IncentiveHandler} from "./handlers/IncentiveHandler.sol";

/// @dev The theorem of INC-3 and INC-4, at the largest κ that code allows.
contract IncentivesInvariantTest is MeteringBase {
    uint16 private constant KAPPA = 9_000;
    uint256 private constant BPS = 10_000;
    uint256 private constant PPM = 1_000_000;
    uint256 private constant PEOPLE = 3;
    uint256 private constant FUNDS = 1_000 ether; // so that the stage cap binds in some epochs and κ in others
    uint64 private constant RECORDER = 4;

    Attestations private attestations;
    IncentiveHandler private handler;
    address[3] private providers = [address(0x1001), address(0x2001), address(0x3003)];

    function setUp() external {
        _deploySuite(KAPPA);
        for (uint256 i = 0; i < PEOPLE; ++i) _registerNode(providers[i]);
        attestations = Attestations(_deploy("Attestations", abi.encode(pool, authority)));
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = pool.recordPoints.selector;
        authority.setTargetFunctionRole(address(pool), selectors, RECORDER);
        authority.grantRole(RECORDER, address(attestations), 0);
        address[] memory verifiers = new address[](2);
        (verifiers[0], verifiers[1]) = (vm.addr(101), vm.addr(102));
        attestations.defineKind(
            IAttestations.KindParams("maintenance", Contribution.Category.Maintenance, 10, 100, 2, verifiers)
        );

        handler = IncentiveHandler(
            _deploy("IncentiveHandler", abi.encode(token, accounts, settlement, pool, attestations, providers))
        );
        for (uint256 i = 0; i < PEOPLE; ++i) accounts.deposit(handler.consumers(i), 10_000_000 ether);
        token.transfer(address(pool), FUNDS);
        pool.absorb();
        token.transfer(address(handler), 1_000_000 ether);
        vm.warp(block.timestamp + EPOCH); // the epoch of the deployment releases nothing
        _target(address(handler));
    }

    /// @dev INC-I9.
    function invariant_ReleasedNeverExceedsKappaTimesBurned() external view {
        uint256 released = pool.fundsOf().released;
        vm.assertLe(released * BPS, handler.ghostBurned() * KAPPA, "INC-I9: in total");
        for (uint256 i = 0; i < PEOPLE; ++i) {
            uint256 earned = handler.ghostReceived(providers[i]) + pool.claimableOf(providers[i]);
            vm.assertLe(earned * BPS, handler.ghostThrough(providers[i]) * KAPPA, "INC-I9: of a provider");
        }
    }

    /// @dev INC-I7: all that the adversary got or could get, against what it burned and what honest attestation gave it.
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

    /// @dev INC-I8.
    function invariant_ThePoolHoldsWhatItOwesAndWhatIsLeft() external view {
        IIncentivePool.Funds memory funds = pool.fundsOf();
        uint256 held = funds.remaining + funds.owed + handler.ghostUnabsorbed();
        vm.assertEq(token.balanceOf(address(pool)), held, "INC-I8: balance");
        uint256 came = FUNDS + handler.ghostFunded() + handler.ghostReturned();
        vm.assertEq(funds.remaining + funds.released, came, "INC-I1: released of what came in");
        uint256 gone = handler.ghostClaimed() + handler.ghostReturned();
        vm.assertEq(funds.owed + gone, funds.released, "INC-I8: owed");
    }

    /// @dev INC-I6: what rounding leaves is at most a wei for each earner, category and epoch.
    function invariant_RoundingStaysInThePool() external view {
        address[] memory earners = handler.earners();
        uint256 claimable;
        for (uint256 i = 0; i < earners.length; ++i) claimable += pool.claimableOf(earners[i]);
        uint256 owed = pool.fundsOf().owed;
        vm.assertLe(claimable, owed, "INC-I6: claimable");
        uint256 dust = handler.epochs().length * (earners.length + 1);
        vm.assertLe(owed, claimable + dust, "INC-I6: dust");
    }

    /// @dev INC-I1, INC-I3, INC-I5.
    function invariant_EachEpochReleasesByItsRuleAndNeverChanges() external view {
        uint32[] memory epochs = handler.epochs();
        uint256 total;
        for (uint256 i = 0; i < epochs.length; ++i) {
            uint32 epoch = epochs[i];
            IIncentivePool.Epoch memory record = pool.epochOf(epoch);
            if (epoch == pool.currentEpoch()) {
                vm.assertEq(record.released, 0, "INC-I4: released before its end");
                continue;
            }
            IIncentivePool.Epoch memory first = handler.closed(epoch);
            if (first.burned != 0) {
                vm.assertEq(record.allotment, first.allotment, "INC-I3: allotment");
                vm.assertEq(record.released, first.released, "INC-I3: released");
            }
            vm.assertEq(record.burned, handler.ghostBurnedIn(epoch), "INC-I1: burned");
            vm.assertLe(record.released, record.allotment, "INC-I1: released");
            vm.assertLe(uint256(record.allotment) * BPS, record.burned * uint256(KAPPA), "INC-I1: allotment");
            uint256 most = FUNDS + handler.ghostFunded() + handler.ghostReturned();
            vm.assertLe(uint256(record.allotment) * PPM, most * pool.rateOf(epoch), "INC-I1: stage cap");
            (uint256 points, uint256 part) = pool.categoryOf(epoch, Contribution.Category.Maintenance);
            vm.assertEq(points, handler.ghostPointsIn(epoch), "INC-I4: points");
            if (points == 0) vm.assertEq(part, 0, "INC-I5: nobody contributed");
            total += record.released;
        }
        vm.assertEq(total, pool.fundsOf().released, "INC-I5: nothing for epochs without use");
    }

    function afterInvariant() external view {
        for (uint256 action = 0; action <= uint256(type(IncentiveHandler.Action).max); ++action) {
            vm.assertTrue(handler.calls(IncentiveHandler.Action(action)) > 0, "an action never ran");
        }
    }
}
