// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ShortString, ShortStrings} from "@openzeppelin/contracts/utils/ShortStrings.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {MeterRole} from "../access/MeterRole.sol";
import {IResourceRegistry} from "../interfaces/IResourceRegistry.sol";
import {Metering} from "../interfaces/types/Metering.sol";
import {UsageWord} from "../interfaces/types/MeteringWords.sol";
import {RollingUsage} from "../libraries/RollingUsage.sol";
import {EpochClock} from "./EpochClock.sol";

/// @title ResourceRegistry
/// @notice See {IResourceRegistry}.
/// @dev Invariants: RES-I1, RES-I2 (docs/invariants.md). Trusts: the AccessManager, and holders of METER to record what
/// they burned.
contract ResourceRegistry is IResourceRegistry, MeterRole, EpochClock {
    using RollingUsage for RollingUsage.Record;
    using SafeCast for uint256;
    using ShortStrings for ShortString;
    using ShortStrings for string;

    /// @dev One word, all that settlement reads of a resource besides its use.
    struct Config {
        uint96 unitPrice;
        uint32 weight;
        uint32 registeredEpoch;
        uint32 retiredEpoch;
        Metering.Category category;
        State state;
        uint8 minimumTier;
    }

    /// @dev What only readers need.
    struct Description {
        ShortString name;
        ShortString unit;
        uint32 parent;
        uint96 rate;
    }

    /// @inheritdoc IResourceRegistry
    uint256 public constant MAX_RESOURCES = 512;

    /// @inheritdoc IResourceRegistry
    uint8 public constant MAX_TIER = 7;

    /// @inheritdoc IResourceRegistry
    uint96 public constant PRICE_STEP = 1 gwei;

    uint256 private constant BPS = 10_000;

    uint32 private _resourceCount;
    mapping(uint32 resource => Config config) private _configs;
    mapping(uint32 resource => Description description) private _descriptions;
    mapping(uint32 resource => RollingUsage.Record record) private _resourceUsage;
    mapping(address provider => RollingUsage.Record record) private _providerUsage;

    /// @param initialAuthority AccessManager of the suite.
    /// @param genesis First second of epoch 0.
    /// @param epochDuration Seconds per epoch.
    constructor(
        address initialAuthority,
        uint48 genesis,
        uint32 epochDuration
    ) AccessManaged(initialAuthority) EpochClock(genesis, epochDuration) {}

    /// @inheritdoc IResourceRegistry
    function register(ResourceParams calldata params) external restricted returns (uint32 resource) {
        Description memory description = Description({
            name: params.name.toShortString(),
            unit: params.unit.toShortString(),
            parent: 0,
            rate: params.rate
        });
        return _register(description, params.category, params.weight, params.minimumTier);
    }

    /// @inheritdoc IResourceRegistry
    function registerDerived(
        uint32 parent,
        uint32 multiplierBps,
        string calldata name
    ) external restricted returns (uint32 resource) {
        Config memory config = _requireKnown(parent);
        require(config.state != State.Retired, ResourceRegistryWrongState(parent, config.state));
        uint256 product = uint256(config.weight) * multiplierBps;
        require(product % BPS == 0, ResourceRegistryInexactMultiplier(config.weight, multiplierBps));

        Description memory description = _descriptions[parent];
        description.name = name.toShortString();
        description.parent = parent;
        return _register(description, config.category, product / BPS, config.minimumTier);
    }

    /// @inheritdoc IResourceRegistry
    function deprecate(uint32 resource) external restricted {
        State state = _requireKnown(resource).state;
        require(state == State.Active, ResourceRegistryWrongState(resource, state));

        _configs[resource].state = State.Deprecated;
        emit ResourceDeprecated(resource);
    }

    /// @inheritdoc IResourceRegistry
    function retire(uint32 resource) external restricted {
        Config storage config = _configs[resource];
        State state = _requireKnown(resource).state;
        require(state == State.Deprecated, ResourceRegistryWrongState(resource, state));

        uint32 retiredEpoch = currentEpoch() + 1;
        config.state = State.Retired;
        config.retiredEpoch = retiredEpoch;
        emit ResourceRetired(resource, retiredEpoch);
    }

    /// @inheritdoc IResourceRegistry
    function record(
        uint32[] calldata resources,
        UsageWord[] calldata used,
        address[] calldata providers,
        UsageWord[] calldata served
    ) external onlyMeter {
        require(resources.length == used.length, ResourceRegistryLengthMismatch(resources.length, used.length));
        require(providers.length == served.length, ResourceRegistryLengthMismatch(providers.length, served.length));

        uint32 epoch = currentEpoch();
        for (uint256 i = 0; i < resources.length; ++i) {
            if (!used[i].isZero()) _resourceUsage[resources[i]].add(epoch, used[i]);
        }
        for (uint256 i = 0; i < providers.length; ++i) {
            if (!served[i].isZero()) _providerUsage[providers[i]].add(epoch, served[i]);
        }
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
            computeUnits += uint256(units[i]) * _configs[resources[i]].weight;
        }
    }

    /// @inheritdoc IResourceRegistry
    function termsOf(uint32 resource, uint32 priceEpoch) external view returns (Metering.Terms memory terms) {
        return _terms(_configs[resource], priceEpoch, currentEpoch());
    }

    /// @inheritdoc IResourceRegistry
    function resourceOf(uint32 id) external view returns (Resource memory resource) {
        Config memory config = _requireKnown(id);
        Description memory description = _descriptions[id];
        return
            Resource({
                name: description.name.toString(),
                unit: description.unit.toString(),
                category: config.category,
                state: config.state,
                minimumTier: config.minimumTier,
                weight: config.weight,
                parent: description.parent,
                registeredEpoch: config.registeredEpoch,
                retiredEpoch: config.retiredEpoch,
                unitPrice: config.unitPrice
            });
    }

    /// @inheritdoc IResourceRegistry
    function resourceCount() external view returns (uint32 count) {
        return _resourceCount;
    }

    /// @inheritdoc IResourceRegistry
    function usageOf(
        uint32 resource
    )
        external
        view
        returns (Metering.Usage memory current, Metering.Usage memory previous, Metering.Usage memory allTime)
    {
        return _resourceUsage[resource].read(currentEpoch());
    }

    /// @inheritdoc IResourceRegistry
    function providerUsageOf(
        address provider
    )
        external
        view
        returns (Metering.Usage memory current, Metering.Usage memory previous, Metering.Usage memory allTime)
    {
        return _providerUsage[provider].read(currentEpoch());
    }

    /// @inheritdoc IResourceRegistry
    function totalUsage()
        external
        view
        returns (Metering.Usage memory current, Metering.Usage memory previous, Metering.Usage memory allTime)
    {
        uint32 epoch = currentEpoch();
        uint32 count = _resourceCount;
        for (uint32 id = 1; id <= count; ++id) {
            (Metering.Usage memory c, Metering.Usage memory p, Metering.Usage memory a) = _resourceUsage[id].read(
                epoch
            );
            _accumulate(current, c);
            _accumulate(previous, p);
            _accumulate(allTime, a);
        }
    }

    /// @inheritdoc IResourceRegistry
    function unitPriceOf(uint32 resource, uint32 epoch) public view returns (uint96 unitPrice) {
        Metering.Terms memory terms = _terms(_requireKnown(resource), epoch, currentEpoch());
        require(terms.reason == Metering.Reason.None, ResourceRegistryNoPrice(resource, epoch));
        return terms.unitPrice;
    }

    /// @dev See {MeterRole}.
    function _meterSelector() internal pure override returns (bytes4) {
        return this.record.selector;
    }

    /// @dev Adds the type; every value is checked here, whether given or derived.
    function _register(
        Description memory description,
        Metering.Category category,
        uint256 weight,
        uint8 minimumTier
    ) private returns (uint32 resource) {
        uint256 rate = description.rate;
        uint256 unitPrice = weight * rate;
        require(_resourceCount < MAX_RESOURCES, ResourceRegistryFull(MAX_RESOURCES));
        require(description.name.byteLength() != 0 && description.unit.byteLength() != 0, ResourceRegistryUnnamed());
        require(weight != 0 && weight <= type(uint32).max, ResourceRegistryInvalidWeight(weight));
        require(minimumTier <= MAX_TIER, ResourceRegistryInvalidTier(minimumTier, MAX_TIER));
        require(
            rate != 0 && rate % PRICE_STEP == 0 && unitPrice <= type(uint96).max,
            ResourceRegistryInvalidRate(rate)
        );

        resource = ++_resourceCount;
        Config memory config = Config({
            unitPrice: unitPrice.toUint96(),
            weight: weight.toUint32(),
            registeredEpoch: currentEpoch(),
            retiredEpoch: 0,
            category: category,
            state: State.Active,
            minimumTier: minimumTier
        });
        _configs[resource] = config;
        _descriptions[resource] = description;
        emit ResourceRegistered(
            resource,
            description.parent,
            description.name.toString(),
            description.unit.toString(),
            category,
            config.weight,
            minimumTier,
            config.unitPrice,
            config.registeredEpoch
        );
    }

    /// @dev Config of a resource that exists.
    function _requireKnown(uint32 resource) private view returns (Config memory config) {
        config = _configs[resource];
        require(config.state != State.Unknown, ResourceRegistryUnknownResource(resource));
    }

    /// @dev The one place that says whether a resource has a price at an epoch, and which.
    function _terms(
        Config memory config,
        uint32 priceEpoch,
        uint32 epoch
    ) private pure returns (Metering.Terms memory terms) {
        terms.category = config.category;
        terms.minimumTier = config.minimumTier;
        terms.weight = config.weight;
        if (config.state == State.Unknown) terms.reason = Metering.Reason.ResourceUnknown;
        else if (priceEpoch > epoch || priceEpoch < config.registeredEpoch) {
            terms.reason = Metering.Reason.ResourceUnpriced;
        } else if (config.state == State.Retired && priceEpoch >= config.retiredEpoch) {
            terms.reason = Metering.Reason.ResourceRetired;
        } else terms.unitPrice = config.unitPrice;
    }

    /// @dev Adds `usage` to `sum` in memory.
    function _accumulate(Metering.Usage memory sum, Metering.Usage memory usage) private pure {
        sum.units += usage.units;
        sum.computeUnits += usage.computeUnits;
        sum.burned += usage.burned;
    }
}
