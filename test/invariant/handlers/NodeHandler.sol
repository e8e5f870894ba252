// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {INodeRegistry} from "../../../contracts/interfaces/INodeRegistry.sol";
import {INodeStaking} from "../../../contracts/interfaces/INodeStaking.sol";
import {NodeRegistry} from "../../../contracts/nodes/NodeRegistry.sol";
import {OPAToken} from "../../../contracts/token/OPAToken.sol";
import {TestBase} from "../../support/TestBase.sol";

/// @dev Lets three providers stake, exit and return in random order, while a slasher slashes up to the caps and
/// strangers donate. Every eleven steps contain each action once. Ghosts keep deposits, withdrawals and slashes.
contract NodeHandler is TestBase {
    enum Action {
        Stake,
        Unbond,
        Exit,
        Return,
        Deactivate,
        Withdraw,
        Slash,
        SlashAgain,
        Warp,
        Donate,
        Recategorise
    }

    /// @dev A slash, and the stake before it.
    struct Slash {
        uint256 provider;
        uint256 time;
        uint256 amount;
        uint256 atStake;
        uint256 total;
    }

    struct Request {
        uint256 amount;
        uint256 readyAt;
    }

    uint256 public constant PEOPLE = 3;
    uint96 private constant MINIMUM = 500 ether;
    uint256 private constant ACTIONS = uint256(type(Action).max) + 1;

    OPAToken private immutable TOKEN;
    NodeRegistry private immutable NODES;

    address[PEOPLE] public providers;
    Slash[] private _slashes;
    mapping(uint256 provider => Request[] requests) private _requests;

    uint256 public ghostIn;
    uint256 public ghostOut;
    uint256 public ghostSlashed;
    uint256 public ghostDonated;
    mapping(uint256 provider => uint256 amount) public ghostPaid;
    mapping(Action action => uint256 count) public calls;

    constructor(OPAToken token, NodeRegistry nodes, address[PEOPLE] memory providers_) {
        TOKEN = token;
        NODES = nodes;
        providers = providers_;
        token.approve(address(nodes), type(uint256).max);
    }

    /// @dev Takes one action out of the bag of those that this round has left.
    function step(uint256 seed, uint256 amount) external {
        uint256 action = _nextAction(seed, ACTIONS);
        ++calls[Action(action)];
        _act(Action(action), (seed >> 8) % PEOPLE, amount);
    }

    function slashes() external view returns (Slash[] memory list) {
        return _slashes;
    }

    /// @dev Amounts that a provider requested at least 21 days ago, net of slashes.
    function askedFor(uint256 who) external view returns (uint256 amount) {
        Request[] storage requests = _requests[who];
        for (uint256 i = 0; i < requests.length; ++i) {
            if (requests[i].readyAt <= block.timestamp) amount += requests[i].amount;
        }
    }

    function _act(Action action, uint256 who, uint256 amount) private {
        address provider = providers[who];
        if (action == Action.Stake) _stake(provider, _bound(amount, 1, 1_000 ether));
        else if (action == Action.Unbond) _unbond(who, amount);
        else if (action == Action.Exit) _exit(who);
        else if (action == Action.Return) _return(provider);
        else if (action == Action.Deactivate) _deactivate(provider);
        else if (action == Action.Withdraw) _withdraw(who);
        else if (action == Action.Slash) _slash(who, amount);
        else if (action == Action.SlashAgain) _slash(who, type(uint256).max - amount);
        else if (action == Action.Warp) vm.warp(block.timestamp + _bound(amount, 1, 12 days));
        else if (action == Action.Donate) _donate(amount);
        else _recategorise(provider, amount);
    }

    function _recategorise(address provider, uint256 seed) private {
        INodeRegistry.Status status = NODES.nodeOf(provider).status;
        uint32 categories = uint32(1 + (seed % 31));
        (uint256 staked, ) = NODES.stakeOf(provider);
        bool isShort = status == INodeRegistry.Status.Active && staked < NODES.minimumStakeFor(categories);
        if (status == INodeRegistry.Status.Exiting || isShort) return;
        vm.prank(provider);
        NODES.setCategories(categories);
    }

    function _stake(address provider, uint256 amount) private {
        NODES.stake(provider, uint96(amount));
        ghostIn += amount;
    }

    function _unbond(uint256 who, uint256 amount) private {
        (uint256 staked, ) = NODES.stakeOf(providers[who]);
        uint256 kept = NODES.isActive(providers[who]) ? MINIMUM : 0;
        if (staked <= kept) return;
        amount = _bound(amount, 1, staked - kept);
        bool isFull = amount != staked && NODES.unbondingsOf(providers[who]).length == NODES.MAX_UNBONDINGS();
        if (isFull) {
            vm.expectRevert(
                abi.encodeWithSelector(INodeStaking.NodeStakingTooManyRequests.selector, providers[who], uint256(8))
            );
        }
        vm.prank(providers[who]);
        NODES.requestUnbonding(uint96(amount));
        if (!isFull) _requests[who].push(Request(amount, block.timestamp + 21 days));
    }

    function _exit(uint256 who) private {
        if (!NODES.isActive(providers[who])) return;
        (uint256 staked, ) = NODES.stakeOf(providers[who]);
        vm.prank(providers[who]);
        NODES.exit();
        if (staked != 0) _requests[who].push(Request(staked, block.timestamp + 21 days));
    }

    function _return(address provider) private {
        if (NODES.isActive(provider)) return;
        (uint256 staked, ) = NODES.stakeOf(provider);
        if (staked < MINIMUM) _stake(provider, MINIMUM - staked);
        vm.prank(provider);
        NODES.activate(provider);
    }

    function _deactivate(address provider) private {
        if (!NODES.isActive(provider)) return;
        vm.prank(provider);
        NODES.deactivate(provider);
    }

    function _withdraw(uint256 who) private {
        INodeStaking.Unbonding[] memory parts = NODES.unbondingsOf(providers[who]);
        uint256 ready;
        for (uint256 i = 0; i < parts.length; ++i) if (parts[i].readyAt <= block.timestamp) ready += parts[i].amount;
        if (ready == 0) {
            uint48 readyAt = parts.length == 0 ? 0 : parts[0].readyAt;
            vm.expectRevert(
                abi.encodeWithSelector(INodeStaking.NodeStakingNothingReady.selector, providers[who], readyAt)
            );
            NODES.withdraw(providers[who]);
            return;
        }
        vm.assertEq(NODES.withdraw(providers[who]), ready, "NOD-I3: paid");
        ghostOut += ready;
        ghostPaid[who] += ready;
    }

    function _slash(uint256 who, uint256 share) private {
        (uint256 staked, uint256 unbonding) = NODES.stakeOf(providers[who]);
        uint16 bps = uint16(_bound(share, 1, 1_000));
        uint256 demanded = ((staked + unbonding) * bps) / 10_000;
        uint256 left = NODES.slashableOf(providers[who]);
        uint256 total = NODES.totalStake();
        if (demanded == 0 || left == 0) {
            vm.expectRevert(abi.encodeWithSelector(INodeStaking.NodeStakingNothingToSlash.selector, providers[who]));
            NODES.slash(providers[who], bps);
            return;
        }
        uint256 amount = NODES.slash(providers[who], bps);
        vm.assertEq(amount, demanded < left ? demanded : left, "NOD-I2: slashed");
        (uint256 stakedAfter, uint256 unbondingAfter) = NODES.stakeOf(providers[who]);
        vm.assertEq(stakedAfter + unbondingAfter + amount, staked + unbonding, "NOD-I2: taken");
        ghostSlashed += amount;
        _slashes.push(Slash(who, block.timestamp, amount, staked + unbonding, total));
        if (stakedAfter < NODES.minimumStakeFor(NODES.nodeOf(providers[who]).categories)) {
            _assertStopped(providers[who]);
        }
    }

    function _assertStopped(address provider) private view {
        vm.assertTrue(NODES.nodeOf(provider).status != INodeRegistry.Status.Active, "NOD-I4: stopped");
    }

    function _donate(uint256 amount) private {
        amount = _bound(amount, 1, 100 ether);
        TOKEN.transfer(address(NODES), amount);
        ghostDonated += amount;
    }
}
