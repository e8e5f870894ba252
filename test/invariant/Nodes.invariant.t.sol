// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {INodeRegistry} from "../../contracts/interfaces/INodeRegistry.sol";
import {MeteringBase} from "../support/MeteringBase.sol";
import {NodeHandler} from "./handlers/NodeHandler.sol";

contract NodesInvariantTest is MeteringBase {
    uint256 private constant PEOPLE = 3;
    uint256 private constant BPS = 10_000;
    uint64 private constant SLASHER = 5;

    NodeHandler private handler;
    address[3] private providers = [address(0x1001), address(0x2001), address(0x3003)];

    function setUp() external {
        _deploySuite();
        for (uint256 i = 0; i < PEOPLE; ++i) _registerNode(providers[i]);
        handler = NodeHandler(_deploy("NodeHandler", abi.encode(token, nodes, providers)));
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = nodes.slash.selector;
        authority.setTargetFunctionRole(address(nodes), selectors, SLASHER);
        authority.grantRole(SLASHER, address(handler), 0);
        token.transfer(address(handler), 1_000_000 ether);
        _target(address(handler));
    }

    /// @dev NOD-I1, NOD-I2.
    function invariant_StakesAddUpToTheWei() external view {
        uint256 atStake;
        for (uint256 i = 0; i < PEOPLE; ++i) {
            (uint256 staked, uint256 unbonding) = nodes.stakeOf(providers[i]);
            atStake += staked + unbonding;
        }
        vm.assertEq(nodes.totalStake(), atStake, "NOD-I1: total");
        uint256 held = atStake + handler.ghostDonated();
        vm.assertEq(token.balanceOf(address(nodes)), held, "NOD-I1: balance");
        uint256 came = PEOPLE * 5 * MINIMUM_STAKE + handler.ghostIn();
        vm.assertEq(atStake + handler.ghostOut() + handler.ghostSlashed(), came, "NOD-I2: conserved");
        vm.assertEq(token.balanceOf(SLASHED), handler.ghostSlashed(), "NOD-I2: reserve");
    }

    /// @dev NOD-I2: for each slash, the sum of slashes in the seven days up to it, against the stake plus that sum.
    function invariant_SlashesStayWithinTheirCapsInAnySevenDays() external view {
        NodeHandler.Slash[] memory list = handler.slashes();
        for (uint256 i = 0; i < list.length; ++i) {
            uint256 ofNode = 0;
            uint256 ofAll = 0;
            for (uint256 j = 0; j < i; ++j) {
                if (list[j].time + 7 days <= list[i].time) continue;
                ofAll += list[j].amount;
                if (list[j].provider == list[i].provider) ofNode += list[j].amount;
            }
            uint256 cap = ((list[i].atStake + ofNode) * 1_000) / BPS;
            vm.assertLe(ofNode + list[i].amount, cap, "NOD-I2: 10% of the node");
            cap = ((list[i].total + ofAll) * 500) / BPS;
            vm.assertLe(ofAll + list[i].amount, cap, "NOD-I2: 5% of all");
        }
    }

    /// @dev NOD-I3.
    function invariant_NothingIsPaidOutBeforeItsTime() external view {
        for (uint256 i = 0; i < PEOPLE; ++i) {
            vm.assertLe(handler.ghostPaid(i), handler.askedFor(i), "NOD-I3: paid early");
            vm.assertEq(token.balanceOf(providers[i]), handler.ghostPaid(i), "NOD-I3: paid elsewhere");
        }
    }

    /// @dev NOD-I4.
    function invariant_WhoIsActiveHasItsStake() external view {
        for (uint256 i = 0; i < PEOPLE; ++i) {
            if (!nodes.isActive(providers[i])) continue;
            (uint256 staked, ) = nodes.stakeOf(providers[i]);
            vm.assertLe(nodes.minimumStakeFor(nodes.nodeOf(providers[i]).categories), staked, "NOD-I4: active");
        }
    }

    /// @dev NOD-I11, SET-I15: whether and until when a provider serves, and which categories.
    function invariant_TheMeterKnowsTheStateOfEachProvider() external view {
        for (uint256 i = 0; i < PEOPLE; ++i) {
            INodeRegistry.Node memory node = nodes.nodeOf(providers[i]);
            (uint32 categories, uint48 endsAt) = meter.providerOf(providers[i]);
            vm.assertEq(categories, node.categories, "NOD-I11: categories");
            if (node.status == INodeRegistry.Status.Active) vm.assertEq(endsAt, type(uint48).max, "NOD-I11: active");
            else if (node.status == INodeRegistry.Status.Exiting) vm.assertEq(endsAt, node.exitAt, "NOD-I11: exiting");
            else vm.assertLe(endsAt, block.timestamp, "NOD-I11: inactive");
        }
    }

    function afterInvariant() external view {
        for (uint256 action = 0; action <= uint256(type(NodeHandler.Action).max); ++action) {
            vm.assertTrue(handler.calls(NodeHandler.Action(action)) > 0, "an action never ran");
        }
    }
}
