// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IEpochClock} from "./IEpochClock.sol";
import {Metering} from "./types/Metering.sol";
import {UsageWord} from "./types/MeteringWords.sol";

/// @title IResourceRegistry
/// @notice Resource types, their weight and price by epoch, and a gapless count of their use.
/// @dev The weight of a resource never changes, so its compute units are exactly units × weight for all time.
interface IResourceRegistry is IEpochClock {
    /// @notice Life of a resource type.
    enum State {
        Unknown,
        Active,
        Deprecated,
        Retired
    }

    /// @notice What governance says of a new resource type.
    /// @param name What it is called, at most 31 bytes.
    /// @param unit What one unit is, at most 31 bytes, for example `token`.
    /// @param category Category of the resource.
    /// @param weight Compute units per unit, at least 1.
    /// @param minimumTier Lowest access tier that may use it, 0 to 7.
    /// @param rate OPA wei per compute unit, a whole number of gwei.
    struct ResourceParams {
        string name;
        string unit;
        Metering.Category category;
        uint32 weight;
        uint8 minimumTier;
        uint96 rate;
    }

    /// @notice A resource type as it can be read back.
    /// @param name What it is called.
    /// @param unit What one unit is.
    /// @param category Category of the resource.
    /// @param state Life of the type.
    /// @param minimumTier Lowest access tier that may use it.
    /// @param weight Compute units per unit.
    /// @param parent Resource it was derived from, or 0.
    /// @param registeredEpoch First epoch with a price.
    /// @param retiredEpoch First epoch without a price, or 0 while none is set.
    /// @param unitPrice Price of one unit in OPA wei in the last epoch that has one.
    struct Resource {
        string name;
        string unit;
        Metering.Category category;
        State state;
        uint8 minimumTier;
        uint32 weight;
        uint32 parent;
        uint32 registeredEpoch;
        uint32 retiredEpoch;
        uint96 unitPrice;
    }

    /// @notice Emitted when a resource type is added.
    /// @param resource Id given to it.
    /// @param parent Resource it was derived from, or 0.
    /// @param name What it is called.
    /// @param unit What one unit is.
    /// @param category Category of the resource.
    /// @param weight Compute units per unit.
    /// @param minimumTier Lowest access tier that may use it.
    /// @param unitPrice Price of one unit in OPA wei.
    /// @param registeredEpoch First epoch with a price.
    event ResourceRegistered(
        uint32 indexed resource,
        uint32 indexed parent,
        string name,
        string unit,
        Metering.Category category,
        uint32 weight,
        uint8 minimumTier,
        uint96 unitPrice,
        uint32 registeredEpoch
    );

    /// @notice Emitted when a resource type is announced to go.
    /// @param resource Resource concerned.
    event ResourceDeprecated(uint32 indexed resource);

    /// @notice Emitted when a resource type ends.
    /// @param resource Resource concerned.
    /// @param retiredEpoch First epoch without a price.
    event ResourceRetired(uint32 indexed resource, uint32 retiredEpoch);

    /// @notice No resource type has this id.
    /// @param resource Id asked for.
    error ResourceRegistryUnknownResource(uint32 resource);

    /// @notice The resource type is not in the state that this step starts from.
    /// @param resource Resource concerned.
    /// @param state State it is in.
    error ResourceRegistryWrongState(uint32 resource, State state);

    /// @notice As many resource types exist as may.
    /// @param maximum Largest number of resource types.
    error ResourceRegistryFull(uint256 maximum);

    /// @notice A resource type needs a name and a unit.
    error ResourceRegistryUnnamed();

    /// @notice A weight is at least one compute unit per unit and fits 32 bits.
    /// @param weight Weight asked for.
    error ResourceRegistryInvalidWeight(uint256 weight);

    /// @notice There are tiers 0 to 7 only.
    /// @param minimumTier Tier asked for.
    /// @param maximum Highest tier.
    error ResourceRegistryInvalidTier(uint8 minimumTier, uint8 maximum);

    /// @notice A rate is at least one gwei, a whole number of gwei, and leaves the unit price below 2^96.
    /// @param rate Rate asked for, in OPA wei per compute unit.
    error ResourceRegistryInvalidRate(uint256 rate);

    /// @notice The parent's weight times the multiplier is not a whole number of compute units.
    /// @param parentWeight Weight of the parent.
    /// @param multiplierBps Multiplier asked for, in basis points.
    error ResourceRegistryInexactMultiplier(uint32 parentWeight, uint32 multiplierBps);

    /// @notice The epoch has no price for this resource: it lies ahead, before registration or after retirement.
    /// @param resource Resource concerned.
    /// @param epoch Epoch asked for.
    error ResourceRegistryNoPrice(uint32 resource, uint32 epoch);

    /// @notice Two lists that belong together differ in length.
    /// @param left Length of the first list.
    /// @param right Length of the second list.
    error ResourceRegistryLengthMismatch(uint256 left, uint256 right);

    /// @notice Adds a resource type, priced from the running epoch on.
    /// @dev Emits {ResourceRegistered}. Restricted to governance.
    ///
    /// Reverts:
    /// - {ResourceRegistryFull} if {MAX_RESOURCES} exist.
    /// - {ResourceRegistryUnnamed} if the name or the unit is empty; `StringTooLong` if one is over 31 bytes.
    /// - {ResourceRegistryInvalidWeight} if the weight is 0.
    /// - {ResourceRegistryInvalidTier} if the tier is above {MAX_TIER}.
    /// - {ResourceRegistryInvalidRate} if the rate is 0, not whole gwei or too large.
    /// @param params Its definition.
    /// @return resource Id of the new type; ids count up from 1 and are never reused.
    function register(ResourceParams calldata params) external returns (uint32 resource);

    /// @notice Adds a resource type that takes unit, category, tier and rate from another and multiplies its weight.
    /// @dev Emits {ResourceRegistered}. Restricted to governance. The result is computed once: later changes of the
    /// parent do not reach it.
    ///
    /// Reverts:
    /// - {ResourceRegistryUnknownResource} if the parent does not exist.
    /// - {ResourceRegistryWrongState} if the parent is retired.
    /// - {ResourceRegistryInexactMultiplier} if the weight would not be whole.
    /// - as {register} for the name and the results.
    /// @param parent Resource to derive from.
    /// @param multiplierBps Weight of the new type in basis points of the parent's.
    /// @param name What the new type is called, at most 31 bytes.
    /// @return resource Id of the new type.
    function registerDerived(
        uint32 parent,
        uint32 multiplierBps,
        string calldata name
    ) external returns (uint32 resource);

    /// @notice Announces that a resource type will go. It stays usable.
    /// @dev Emits {ResourceDeprecated}. Restricted to governance.
    ///
    /// Reverts:
    /// - {ResourceRegistryUnknownResource} if it does not exist.
    /// - {ResourceRegistryWrongState} if it is not active.
    /// @param resource Resource concerned.
    function deprecate(uint32 resource) external;

    /// @notice Ends a resource type with the running epoch. Use signed for epochs up to now stays settleable.
    /// @dev Emits {ResourceRetired}. Restricted to governance.
    ///
    /// Reverts:
    /// - {ResourceRegistryUnknownResource} if it does not exist.
    /// - {ResourceRegistryWrongState} if it is not deprecated.
    /// @param resource Resource concerned.
    function retire(uint32 resource) external;

    /// @notice Counts use that was just burned for, in the running epoch.
    /// @dev Only for holders of the METER role (`AccessManagedUnauthorized` for others), which are trusted to count every
    /// line once by resource and once by provider. The events of the calling settlement are the record of each use.
    ///
    /// Reverts:
    /// - {ResourceRegistryLengthMismatch} if two lists that belong together differ in length.
    /// @param resources Resources used.
    /// @param used Use of each resource; zero is passed over.
    /// @param providers Providers that served.
    /// @param served Use served by each provider; zero is passed over.
    function record(
        uint32[] calldata resources,
        UsageWord[] calldata used,
        address[] calldata providers,
        UsageWord[] calldata served
    ) external;

    /// @notice Largest number of resource types, which bounds {totalUsage}.
    function MAX_RESOURCES() external view returns (uint256);

    /// @notice Highest access tier.
    function MAX_TIER() external view returns (uint8);

    /// @notice Smallest step of every price, in OPA wei.
    function PRICE_STEP() external view returns (uint96);

    /// @notice Prices use in the running epoch by the code that settlement uses.
    /// @dev Reverts:
    /// - {ResourceRegistryLengthMismatch} if the lists differ in length.
    /// - {ResourceRegistryUnknownResource} if a resource does not exist.
    /// - {ResourceRegistryNoPrice} if a resource has no price in the running epoch.
    /// @param resources Resources used; one may appear more than once.
    /// @param units Units of each.
    /// @return computeUnits Sum in standard compute units.
    /// @return charge Sum in OPA wei.
    /// @return priceEpoch The running epoch.
    function quote(
        uint32[] calldata resources,
        uint128[] calldata units
    ) external view returns (uint256 computeUnits, uint256 charge, uint32 priceEpoch);

    /// @notice Terms of a resource at a price epoch, as settlement reads them.
    /// @dev Never reverts for an unknown or unpriced resource: the terms say so by their reason.
    /// @param resource Resource to look up.
    /// @param priceEpoch Price epoch to look up.
    /// @return terms Price, category and tier, or the reason why there is none.
    function termsOf(uint32 resource, uint32 priceEpoch) external view returns (Metering.Terms memory terms);

    /// @notice Price of one unit in `epoch`, which may be any epoch since registration.
    /// @dev Reverts:
    /// - {ResourceRegistryUnknownResource} if the resource does not exist.
    /// - {ResourceRegistryNoPrice} if the epoch has no price.
    /// @param resource Resource to look up.
    /// @param epoch Epoch to look up.
    /// @return unitPrice OPA wei per unit.
    function unitPriceOf(uint32 resource, uint32 epoch) external view returns (uint96 unitPrice);

    /// @notice A resource type as registered.
    /// @dev Reverts:
    /// - {ResourceRegistryUnknownResource} if it does not exist.
    /// @param id Resource to look up.
    /// @return resource Its definition and state.
    function resourceOf(uint32 id) external view returns (Resource memory resource);

    /// @notice Number of resource types; the last id given.
    /// @return count Number of types, in any state.
    function resourceCount() external view returns (uint32 count);

    /// @notice Use of one resource.
    /// @param resource Resource to look up; all zero if it does not exist.
    /// @return current Use settled in the running epoch.
    /// @return previous Use settled in the epoch before.
    /// @return allTime Use settled since registration.
    function usageOf(
        uint32 resource
    )
        external
        view
        returns (Metering.Usage memory current, Metering.Usage memory previous, Metering.Usage memory allTime);

    /// @notice Use served by one provider; the OPA burned in an epoch are its points for that epoch.
    /// @param provider Provider to look up.
    /// @return current Use settled in the running epoch.
    /// @return previous Use settled in the epoch before.
    /// @return allTime Use settled since registration.
    function providerUsageOf(
        address provider
    )
        external
        view
        returns (Metering.Usage memory current, Metering.Usage memory previous, Metering.Usage memory allTime);

    /// @notice Use of all resources together, added up over at most {MAX_RESOURCES} types.
    /// @return current Use settled in the running epoch.
    /// @return previous Use settled in the epoch before.
    /// @return allTime Use settled for all time.
    function totalUsage()
        external
        view
        returns (Metering.Usage memory current, Metering.Usage memory previous, Metering.Usage memory allTime);
}
