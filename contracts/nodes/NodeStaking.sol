// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {RateLimiter} from "@openzeppelin/contracts/utils/RateLimiter.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {IMeterUsage} from "../interfaces/IMeterUsage.sol";
import {INodeRegistry} from "../interfaces/INodeRegistry.sol";
import {INodeStaking} from "../interfaces/INodeStaking.sol";
import {EpochClock} from "../safety/EpochClock.sol";
import {BoundedParameter} from "../safety/BoundedParameter.sol";
import {GuardedPause} from "../safety/GuardedPause.sol";

/// @title NodeStaking
/// @notice See {INodeStaking}.
/// @dev Invariants: NOD-I1 to NOD-I4 (docs/invariants.md). Trusts: TOKEN to move exact amounts; the holder of SLASHER,
/// within the caps.
abstract contract NodeStaking is INodeRegistry, BoundedParameter, GuardedPause {
    using RateLimiter for RateLimiter.SlidingWindow;
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    /// @dev One slot with all fields of a provider that settlement needs.
    struct Record {
        Status status;
        uint32 categories;
        uint48 registeredAt;
        uint48 exitAt;
        uint96 stake;
    }

    /// @inheritdoc INodeStaking
    uint48 public constant UNBONDING_PERIOD = 21 days;

    /// @inheritdoc INodeStaking
    uint256 public constant MAX_UNBONDINGS = 8;

    /// @inheritdoc INodeStaking
    uint16 public constant NODE_CAP_BPS = 1_000;

    /// @inheritdoc INodeStaking
    uint16 public constant TOTAL_CAP_BPS = 500;

    /// @inheritdoc INodeStaking
    uint48 public constant CAP_PERIOD = 7 days;

    uint8 internal constant CATEGORY_COUNT = 5;

    uint256 private constant PUSH_GAS = 150_000;
    bytes32 private constant ALL_NODES = 0; // no provider is the zero address
    bytes32 private constant MINIMUM_STAKE = "minimumStake";
    uint256 private constant BPS = 10_000;
    uint96 private constant LARGEST_MINIMUM = 1_000_000 ether;
    uint16 private constant STEP_BPS = 5_000;
    uint24 private constant COOLDOWN = 7 days;
    uint24 private constant NOTICE = 48 hours;

    /// @inheritdoc INodeStaking
    IERC20 public immutable TOKEN;

    /// @inheritdoc INodeStaking
    address public immutable RESERVE;

    mapping(address provider => Record record) internal _records;

    mapping(address provider => Unbonding[] unbondings) private _unbondings;
    uint256 private _totalStake;
    RateLimiter.SlidingWindow private _slashed;
    IMeterUsage internal _meter;

    /// @param token Token that is staked.
    /// @param initialAuthority AccessManager of the suite.
    /// @param genesis First second of epoch 0.
    /// @param epochDuration Seconds per epoch.
    /// @param reserve Recipient of slashed stake.
    /// @param minimumStakes Minimum stake of each category, in OPA wei, in the order of {Metering-Category}.
    constructor(
        IERC20 token,
        address initialAuthority,
        uint48 genesis,
        uint32 epochDuration,
        address reserve,
        uint96[CATEGORY_COUNT] memory minimumStakes
    ) AccessManaged(initialAuthority) EpochClock(genesis, epochDuration) {
        require(address(token) != address(0) && reserve != address(0), NodeStakingZeroAddress());
        TOKEN = token;
        RESERVE = reserve;
        // The caps are shares of a changing stake, so they are applied here. The sliding window only records slashes.
        _slashed.updateSettings(CAP_PERIOD, type(uint208).max);
        for (uint8 i = 0; i < CATEGORY_COUNT; ++i) {
            _define(
                minimumStakeParameter(i),
                minimumStakes[i],
                Bounds(1 ether, LARGEST_MINIMUM, STEP_BPS, COOLDOWN, NOTICE)
            );
        }
    }

    /// @inheritdoc INodeStaking
    function stake(address provider, uint96 amount) external whenNotPaused {
        _requireKnown(provider);
        require(amount != 0, NodeStakingZeroAmount());

        _addStake(provider, amount);
    }

    /// @inheritdoc INodeStaking
    function requestUnbonding(uint96 amount) external {
        Record memory record = _requireKnown(msg.sender);
        require(amount != 0, NodeStakingZeroAmount());
        require(amount <= record.stake, NodeStakingInsufficientStake(msg.sender, amount, record.stake));
        uint256 count = _unbondings[msg.sender].length;
        if (record.status == Status.Active) {
            _requireMinimum(msg.sender, record.stake - amount, record.categories);
        }
        // Removing the whole stake is an exit, which nothing may stop.
        require(
            count < MAX_UNBONDINGS || amount == record.stake,
            NodeStakingTooManyRequests(msg.sender, MAX_UNBONDINGS)
        );

        _unbond(amount);
    }

    /// @inheritdoc INodeStaking
    function withdraw(address provider) external returns (uint256 amount) {
        Unbonding[] storage unbondings = _unbondings[provider];
        uint256 count = unbondings.length;
        uint256 ready = 0;
        for (; ready < count && unbondings[ready].readyAt <= block.timestamp; ++ready) {
            amount += unbondings[ready].amount;
        }
        if (amount == 0) revert NodeStakingNothingReady(provider, ready < count ? unbondings[ready].readyAt : 0);

        for (uint256 i = ready; i < count; ++i) unbondings[i - ready] = unbondings[i];
        for (uint256 i = 0; i < ready; ++i) unbondings.pop();
        _totalStake -= amount;
        emit StakeWithdrawn(provider, amount);

        TOKEN.safeTransfer(provider, amount);
    }

    /// @inheritdoc INodeStaking
    function slash(address provider, uint16 bps) external restricted returns (uint256 amount) {
        require(bps != 0 && bps <= NODE_CAP_BPS, NodeStakingInvalidShare(bps, NODE_CAP_BPS));
        (uint256 staked, uint256 unbonding) = stakeOf(provider);
        uint256 demanded = ((staked + unbonding) * bps) / BPS;
        amount = Math.min(demanded, slashableOf(provider));
        require(amount != 0, NodeStakingNothingToSlash(provider));

        _slashed.consume(_slot(provider), amount);
        _slashed.consume(ALL_NODES, amount);
        uint256 fromStake = _takeStake(provider, amount);
        emit StakeSlashed(provider, amount, fromStake, demanded);

        TOKEN.safeTransfer(RESERVE, amount);
    }

    /// @inheritdoc INodeStaking
    function unbondingsOf(address provider) external view returns (Unbonding[] memory unbondings) {
        return _unbondings[provider];
    }

    /// @inheritdoc INodeStaking
    function totalStake() external view returns (uint256 amount) {
        return _totalStake;
    }

    /// @inheritdoc INodeStaking
    function stakeOf(address provider) public view returns (uint256 staked, uint256 unbonding) {
        Unbonding[] storage unbondings = _unbondings[provider];
        for (uint256 i = 0; i < unbondings.length; ++i) unbonding += unbondings[i].amount;
        return (_records[provider].stake, unbonding);
    }

    /// @inheritdoc INodeStaking
    function slashableOf(address provider) public view returns (uint256 amount) {
        (uint256 staked, uint256 unbonding) = stakeOf(provider);
        uint256 left = _capLeft(_slot(provider), staked + unbonding, NODE_CAP_BPS);
        return Math.min(left, _capLeft(ALL_NODES, _totalStake, TOTAL_CAP_BPS));
    }

    /// @inheritdoc INodeStaking
    function slashCapOf(address provider) public view returns (uint256 amount) {
        (uint256 staked, uint256 unbonding) = stakeOf(provider);
        amount = ((staked + unbonding + _slashed.used(_slot(provider))) * NODE_CAP_BPS) / BPS;
        return Math.min(amount, ((_totalStake + _slashed.used(ALL_NODES)) * TOTAL_CAP_BPS) / BPS);
    }

    /// @inheritdoc INodeStaking
    function minimumStakeFor(uint32 categories) public view returns (uint256 amount) {
        for (uint8 i = 0; i < CATEGORY_COUNT; ++i) {
            if ((categories >> i) & 1 != 0) amount += _valueOf(minimumStakeParameter(i));
        }
    }

    /// @inheritdoc INodeStaking
    function minimumStakeParameter(uint8 category) public pure returns (bytes32 parameter) {
        return MINIMUM_STAKE | bytes32(uint256(category));
    }

    /// @dev Takes OPA from the caller and adds it to a stake.
    function _addStake(address provider, uint96 amount) internal {
        uint96 staked = _records[provider].stake + amount;
        _records[provider].stake = staked;
        _totalStake += amount;
        emit StakeAdded(provider, msg.sender, amount, staked);

        TOKEN.safeTransferFrom(msg.sender, address(this), amount);
    }

    /// @dev Starts the unbonding of a part of the caller's stake. With {MAX_UNBONDINGS} parts pending it joins the last
    /// one.
    function _unbond(uint96 amount) internal {
        Unbonding[] storage unbondings = _unbondings[msg.sender];
        uint48 readyAt = (block.timestamp + UNBONDING_PERIOD).toUint48();
        uint96 left = _records[msg.sender].stake - amount;
        _records[msg.sender].stake = left;
        uint256 count = unbondings.length;
        if (count < MAX_UNBONDINGS) unbondings.push(Unbonding(amount, readyAt));
        else unbondings[count - 1] = Unbonding(unbondings[count - 1].amount + amount, readyAt);
        emit UnbondingRequested(msg.sender, amount, left, readyAt);
    }

    /// @dev Pushes the categories and the end of service of a provider to the Meter. If the Meter reverts, the provider
    /// can still leave, and {syncProvider} repeats the push. Reverts if the Meter would get too little gas. Otherwise a
    /// caller could make it fail.
    function _push(address provider) internal {
        if (address(_meter) == address(0)) return;

        uint256 required = PUSH_GAS + PUSH_GAS / 8; // includes the call and the 1/64 kept by EIP-150
        require(gasleft() >= required, NodeRegistryGasTooLow(required));
        Record memory record = _records[provider];
        try _meter.setProvider{gas: PUSH_GAS}(provider, record.categories, _endOf(record)) {} catch {
            emit ProviderPushFailed(provider);
        }
    }

    /// @dev Record of a registered provider; reverts if there is none.
    function _requireKnown(address provider) internal view returns (Record memory record) {
        record = _records[provider];
        require(record.status != Status.Unknown, NodeRegistryUnknownNode(provider));
    }

    /// @dev Reverts if the stake is below the minimum of the categories.
    function _requireMinimum(address provider, uint256 staked, uint32 categories) internal view {
        uint256 minimum = minimumStakeFor(categories);
        require(staked >= minimum, NodeStakingBelowMinimum(provider, staked, minimum));
    }

    /// @dev First second in which a provider no longer serves, 0 if it does not serve.
    function _endOf(Record memory record) internal pure returns (uint48 endsAt) {
        if (record.status == Status.Active) return type(uint48).max;
        if (record.status == Status.Exiting) return record.exitAt;
    }

    /// @dev Takes a slashed amount from the stake and then from unbonding parts, the last part first. The caller makes
    /// sure that the amount exists. A provider below its minimum stops serving.
    function _takeStake(address provider, uint256 amount) private returns (uint256 fromStake) {
        Record memory record = _records[provider];
        fromStake = amount < record.stake ? amount : record.stake;
        _totalStake -= amount;
        record.stake -= fromStake.toUint96();
        bool stops = record.status == Status.Active && record.stake < minimumStakeFor(record.categories);
        if (stops) record.status = Status.Inactive;
        _records[provider] = record;
        if (stops) {
            emit NodeStatusChanged(provider, Status.Active, Status.Inactive);
            _push(provider);
        }

        uint256 rest = amount - fromStake;
        Unbonding[] storage unbondings = _unbondings[provider];
        while (rest != 0) {
            Unbonding storage last = unbondings[unbondings.length - 1];
            if (rest < last.amount) {
                last.amount -= rest.toUint96();
                rest = 0;
            } else {
                rest -= last.amount;
                unbondings.pop();
            }
        }
    }

    /// @dev Amount that a cap still allows. The cap applies to the present stake plus the amount slashed in the period.
    function _capLeft(bytes32 slot, uint256 atStake, uint256 capBps) private view returns (uint256 left) {
        uint256 used = _slashed.used(slot);
        return Math.saturatingSub(((atStake + used) * capBps) / BPS, used);
    }

    /// @dev Key of a provider in the sliding window.
    function _slot(address provider) private pure returns (bytes32 slot) {
        return bytes32(uint256(uint160(provider)));
    }
}
