// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ERC165Checker} from "@openzeppelin/contracts/utils/introspection/ERC165Checker.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {ShortString, ShortStrings} from "@openzeppelin/contracts/utils/ShortStrings.sol";

import {IMeter} from "../interfaces/IMeter.sol";
import {IPricePolicy} from "../interfaces/IPricePolicy.sol";
import {IResourceRegistry} from "../interfaces/IResourceRegistry.sol";
import {Metering} from "../interfaces/types/Metering.sol";
import {PriceCourse} from "../libraries/PriceCourse.sol";
import {PricingWord, ResourceRecord, ResourceWord} from "../libraries/ResourceRecord.sol";
import {EpochClock} from "../safety/EpochClock.sol";
import {ResourcePrices} from "./ResourcePrices.sol";

/// @title ResourceRegistry
/// @notice See {IResourceRegistry}. Registers resource types; {ResourcePrices} prices them.
/// @dev Invariants: RES-I1, RES-I2 (docs/invariants.md). Trusts: the AccessManager.
contract ResourceRegistry is ResourcePrices, IERC165 {
    using ShortStrings for ShortString;
    using ShortStrings for string;

    /// @dev Fields for reads only.
    struct Description {
        ShortString name;
        ShortString unit;
        uint32 parent;
    }

    /// @inheritdoc IResourceRegistry
    uint256 public constant MAX_RESOURCES = 512;

    /// @inheritdoc IResourceRegistry
    uint8 public constant MAX_TIER = 7;

    /// @inheritdoc IResourceRegistry
    uint64 public constant MAX_TARGET = 2 ** 63;

    /// @inheritdoc IResourceRegistry
    uint256 public constant POLICY_GAS = PriceCourse.POLICY_GAS;

    uint256 private constant BPS = 10_000;
    uint16 private constant TARGET_STEP_BPS = 5_000;
    uint24 private constant COOLDOWN = 7 days;
    uint24 private constant NOTICE = 48 hours;

    uint32 private _resourceCount;
    uint16 private _policyCount;
    mapping(uint32 resource => uint48 time) private _policyChosenAt;
    mapping(uint32 resource => Description description) private _descriptions;
    mapping(IPricePolicy policy => uint16 id) private _policyIds;

    /// @param initialAuthority AccessManager of the suite.
    /// @param genesis First second of epoch 0.
    /// @param epochDuration Seconds per epoch.
    constructor(
        address initialAuthority,
        uint48 genesis,
        uint32 epochDuration
    ) AccessManaged(initialAuthority) EpochClock(genesis, epochDuration) {}

    /// @inheritdoc IResourceRegistry
    function setMeter(IMeter newMeter) external restricted {
        require(address(_meter) == address(0), ResourceRegistryMeterSet(address(_meter)));
        require(address(newMeter.REGISTRY()) == address(this), ResourceRegistryForeignMeter(address(newMeter)));

        _meter = newMeter;
        emit MeterSet(address(newMeter));
    }

    /// @inheritdoc IResourceRegistry
    function register(ResourceParams calldata params) external restricted returns (uint32 resource) {
        return _register(params, 0);
    }

    /// @inheritdoc IResourceRegistry
    function registerDerived(
        uint32 parent,
        uint32 multiplierBps,
        string calldata name
    ) external restricted returns (uint32 resource) {
        ResourceWord word = _requireUsable(parent);
        uint256 product = word.weight() * multiplierBps;
        require(product % BPS == 0, ResourceRegistryInexactMultiplier(uint32(word.weight()), multiplierBps));
        uint256 weight = product / BPS;
        require(weight <= type(uint32).max, ResourceRegistryInvalidWeight(weight));

        ResourceParams memory params = ResourceParams({
            name: name,
            unit: _descriptions[parent].unit.toString(),
            category: Metering.Category(word.category()),
            weight: uint32(weight),
            minimumTier: uint8(word.minimumTier()),
            rate: _toWei(_rateAt(parent, word, currentEpoch())),
            floor: _toWei(_pricing[parent].floor()),
            ceiling: _toWei(_pricing[parent].ceiling()),
            target: 0,
            policy: 0
        });
        return _register(params, parent);
    }

    /// @inheritdoc IResourceRegistry
    function deprecate(uint32 resource) external restricted {
        ResourceWord word = _requireKnown(resource);
        State state = State(word.state());
        require(state == State.Active, ResourceRegistryWrongState(resource, state));

        _words[resource] = word.withState(uint256(State.Deprecated));
        emit ResourceDeprecated(resource);
    }

    /// @inheritdoc IResourceRegistry
    function retire(uint32 resource) external restricted {
        ResourceWord word = _requireKnown(resource);
        State state = State(word.state());
        require(state == State.Deprecated, ResourceRegistryWrongState(resource, state));

        uint32 retiredEpoch = currentEpoch() + 1;
        _words[resource] = word.withState(uint256(State.Retired)).withRetirement(retiredEpoch);
        emit ResourceRetired(resource, retiredEpoch);
    }

    /// @inheritdoc IResourceRegistry
    function registerPricePolicy(IPricePolicy policy) external restricted returns (uint16 id) {
        uint16 known = _policyIds[policy];
        require(known == 0, ResourceRegistryPolicyRegistered(policy, known));
        require(
            ERC165Checker.supportsInterface(address(policy), type(IPricePolicy).interfaceId),
            ResourceRegistryInvalidPolicy(address(policy))
        );

        id = ++_policyCount;
        _policies[id] = policy;
        _policyIds[policy] = id;
        emit PricePolicyRegistered(id, policy);
    }

    /// @inheritdoc IResourceRegistry
    function defineTarget(uint32 resource, uint64 target) external restricted {
        _requireUsable(resource);

        _defineTarget(resource, target);
    }

    /// @inheritdoc IResourceRegistry
    function choosePricePolicy(uint32 resource, uint16 policy) external restricted {
        _requireUsable(resource);
        _checkPolicy(resource, policy, _isDefined(targetParameter(resource)));
        PricingWord pricing = _pricing[resource];
        uint32 pendingEpoch = uint32(pricing.policyEpoch());
        require(pendingEpoch <= currentEpoch(), ResourceRegistryPolicyPending(resource, pendingEpoch));
        uint16 present = uint16(pricing.nextPolicy());
        require(policy != present, ResourceRegistryPolicyUnchanged(resource, policy));
        uint48 availableAt = _policyChosenAt[resource];
        if (availableAt != 0) availableAt += COOLDOWN;
        require(block.timestamp >= availableAt, ResourceRegistryPolicyTooSoon(resource, availableAt));

        uint32 effectiveEpoch = _epochAfter(NOTICE);
        _words[resource] = _fixPrices(resource).withConstant(false);
        _pricing[resource] = _pricing[resource].withPolicies(present, policy, effectiveEpoch);
        _policyChosenAt[resource] = uint48(block.timestamp);
        emit PricePolicyChosen(resource, present, policy, effectiveEpoch);
    }

    /// @inheritdoc IResourceRegistry
    function freezePrice(uint32 resource) external restricted {
        _requireUsable(resource);
        PricingWord pricing = _pricing[resource];
        require(pricing.policy() + pricing.nextPolicy() != 0, ResourceRegistryPolicyUnchanged(resource, 0));

        _fixPrices(resource);
        _pricing[resource] = _pricing[resource].withPolicies(0, 0, 0);
        emit PriceFrozen(resource, currentEpoch());
    }

    /// @inheritdoc IResourceRegistry
    function quote(
        uint32[] calldata resources,
        uint128[] calldata units
    ) external view returns (uint256 computeUnits, uint256 charge, uint32 priceEpoch) {
        require(resources.length == units.length, ResourceRegistryLengthMismatch(resources.length, units.length));

        priceEpoch = currentEpoch();
        for (uint256 i = 0; i < resources.length; ++i) {
            charge += uint256(units[i]) * unitPriceOf(resources[i], priceEpoch);
            computeUnits += uint256(units[i]) * _words[resources[i]].weight();
        }
    }

    /// @inheritdoc IResourceRegistry
    function meter() external view returns (IMeter connected) {
        return _meter;
    }

    /// @inheritdoc IResourceRegistry
    function resourceOf(uint32 id) external view returns (Resource memory resource) {
        ResourceWord word = _requireKnown(id);
        uint32 epoch = currentEpoch();
        PricingWord pricing = _pricing[id];
        Description memory description = _descriptions[id];
        resource.name = description.name.toString();
        resource.unit = description.unit.toString();
        resource.category = Metering.Category(word.category());
        resource.state = State(word.state());
        resource.minimumTier = uint8(word.minimumTier());
        resource.weight = uint32(word.weight());
        resource.parent = description.parent;
        resource.registeredEpoch = uint32(word.registeredEpoch());
        resource.retiredEpoch = uint32(word.retiredEpoch());
        resource.rate = _toWei(_rateAt(id, word, _lastEpoch(word)));
        resource.unitPrice = uint96(word.weight() * resource.rate);
        resource.floor = _toWei(pricing.floor());
        resource.ceiling = _toWei(pricing.ceiling());
        resource.target = uint64(_wordOf(targetParameter(id)).valueIn(epoch));
        resource.policy = uint16(epoch < pricing.policyEpoch() ? pricing.policy() : pricing.nextPolicy());
        if (epoch < pricing.policyEpoch()) {
            resource.nextPolicy = uint16(pricing.nextPolicy());
            resource.policyEpoch = uint32(pricing.policyEpoch());
        }
    }

    /// @inheritdoc IResourceRegistry
    function resourceCount() external view returns (uint32 count) {
        return _resourceCount;
    }

    /// @inheritdoc IResourceRegistry
    function pricePolicyOf(uint16 id) external view returns (IPricePolicy policy) {
        return _policies[id];
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) external pure returns (bool supported) {
        return interfaceId == type(IResourceRegistry).interfaceId || interfaceId == type(IERC165).interfaceId;
    }

    /// @dev Stores all rates up to the running epoch, so that the change does not affect them.
    function _beforeChange(bytes32 parameter, uint256 newValue) internal override {
        uint32 resource = uint32(uint256(parameter));
        _requireUsable(resource);
        if (parameter != rateParameter(resource)) {
            _fixPrices(resource);
            return;
        }
        require(newValue % PRICE_STEP == 0, ResourceRegistryUnevenRate(newValue));

        _words[resource] = _fixPrices(resource).withConstant(false);
    }

    /// @dev Adds the type; checks every value, given or derived.
    function _register(ResourceParams memory params, uint32 parent) private returns (uint32 resource) {
        require(_resourceCount < MAX_RESOURCES, ResourceRegistryFull(MAX_RESOURCES));
        Description memory description = Description(params.name.toShortString(), params.unit.toShortString(), parent);
        require(description.name.byteLength() != 0 && description.unit.byteLength() != 0, ResourceRegistryUnnamed());
        require(params.weight != 0, ResourceRegistryInvalidWeight(params.weight));
        require(params.minimumTier <= MAX_TIER, ResourceRegistryInvalidTier(params.minimumTier, MAX_TIER));
        _checkRates(params.rate, params.floor, params.ceiling);
        resource = ++_resourceCount;
        _checkPolicy(resource, params.policy, params.target != 0);

        uint32 epoch = currentEpoch();
        _words[resource] = ResourceRecord
            .toResource({
                weight_: params.weight,
                epoch_: epoch,
                category_: uint256(params.category),
                state_: uint256(State.Active),
                minimumTier_: params.minimumTier,
                rate_: params.rate / PRICE_STEP
            })
            .withConstant(params.policy == 0);
        _descriptions[resource] = description;
        _pricing[resource] = ResourceRecord.toPricing(
            params.floor / PRICE_STEP,
            params.ceiling / PRICE_STEP,
            params.policy
        );
        _announceRegistration(resource, parent, params, epoch);
        _define(
            rateParameter(resource),
            params.rate,
            Bounds(params.floor, params.ceiling, uint16(PriceCourse.GOVERNED_STEP_BPS), COOLDOWN, NOTICE)
        );
        if (params.target != 0) _defineTarget(resource, params.target);
    }

    /// @dev Emits the definition of a new type.
    function _announceRegistration(
        uint32 resource,
        uint32 parent,
        ResourceParams memory params,
        uint32 registeredEpoch
    ) private {
        emit ResourceRegistered(
            resource,
            parent,
            params.name,
            params.unit,
            params.category,
            params.weight,
            params.minimumTier,
            params.rate,
            params.floor,
            params.ceiling,
            params.target,
            params.policy,
            registeredEpoch
        );
    }

    /// @dev Gives a resource its target, once.
    function _defineTarget(uint32 resource, uint64 target) private {
        _define(targetParameter(resource), target, Bounds(1, MAX_TARGET, TARGET_STEP_BPS, COOLDOWN, NOTICE));
    }

    /// @dev Record of a resource; reverts if it does not exist or is retired.
    function _requireUsable(uint32 resource) private view returns (ResourceWord word) {
        word = _requireKnown(resource);
        require(word.state() != uint256(State.Retired), ResourceRegistryWrongState(resource, State.Retired));
    }

    /// @dev Reverts if the policy does not exist, or the resource has no target.
    function _checkPolicy(uint32 resource, uint16 policy, bool hasTarget) private view {
        require(policy <= _policyCount, ResourceRegistryUnknownPolicy(policy));
        require(policy == 0 || hasTarget, ResourceRegistryNoTarget(resource));
    }

    /// @dev Reverts unless rates are whole gwei below 2^32 and in order.
    function _checkRates(uint256 rate, uint256 floor, uint256 ceiling) private pure {
        bool whole = (rate % PRICE_STEP) + (floor % PRICE_STEP) + (ceiling % PRICE_STEP) == 0;
        require(
            whole && floor != 0 && floor <= rate && rate <= ceiling && ceiling <= _toWei(type(uint32).max),
            ResourceRegistryInvalidRate(rate, floor, ceiling)
        );
    }
}
