// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IEpochClock} from "./IEpochClock.sol";
import {IMeter} from "./IMeter.sol";
import {IPricePolicy} from "./IPricePolicy.sol";
import {Metering} from "./types/Metering.sol";

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

    /// @notice Definition of a new resource type.
    /// @param name Name, at most 31 bytes.
    /// @param unit Name of one unit, at most 31 bytes, for example `token`.
    /// @param category Category of the resource.
    /// @param weight Compute units per unit, at least 1.
    /// @param minimumTier Lowest access tier that may use it, 0 to 7.
    /// @param rate First rate in OPA wei per compute unit. All rates are a whole number of gwei below 2^32.
    /// @param floor Lowest rate for all time, at least one gwei. Steps round down to whole gwei: governance cannot
    /// change a rate below 5 gwei, and load cannot move a rate below 8 gwei.
    /// @param ceiling Highest rate for all time.
    /// @param target Units per epoch at which a price policy keeps the rate, or 0 for none.
    /// @param policy Price policy that moves the rate, or 0 for none.
    struct ResourceParams {
        string name;
        string unit;
        Metering.Category category;
        uint32 weight;
        uint8 minimumTier;
        uint96 rate;
        uint96 floor;
        uint96 ceiling;
        uint64 target;
        uint16 policy;
    }

    /// @notice A resource type as it can be read back.
    /// @param name Name of the type.
    /// @param unit Name of one unit.
    /// @param category Category of the resource.
    /// @param state Life of the type.
    /// @param minimumTier Lowest access tier that may use it.
    /// @param weight Compute units per unit.
    /// @param parent Resource it was derived from, or 0.
    /// @param registeredEpoch First epoch with a price.
    /// @param retiredEpoch First epoch without a price, or 0 while none is set.
    /// @param unitPrice Price of one unit in OPA wei in the last epoch that has one: weight × rate.
    /// @param rate OPA wei per compute unit in that epoch.
    /// @param floor Lowest rate.
    /// @param ceiling Highest rate.
    /// @param target Units per epoch in force, or 0 while it has no target.
    /// @param policy Price policy in force, or 0 while the rate is fixed.
    /// @param nextPolicy Price policy chosen for later, or 0.
    /// @param policyEpoch First epoch whose rate it decides, or 0 if nothing is chosen for later.
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
        uint96 rate;
        uint96 floor;
        uint96 ceiling;
        uint64 target;
        uint16 policy;
        uint16 nextPolicy;
        uint32 policyEpoch;
    }

    /// @notice Emitted when a resource type is added.
    /// @param resource Id given to it.
    /// @param parent Resource it was derived from, or 0.
    /// @param name Name of the type.
    /// @param unit Name of one unit.
    /// @param category Category of the resource.
    /// @param weight Compute units per unit.
    /// @param minimumTier Lowest access tier that may use it.
    /// @param rate First rate in OPA wei per compute unit.
    /// @param floor Lowest rate.
    /// @param ceiling Highest rate.
    /// @param target Units per epoch, or 0.
    /// @param policy Price policy, or 0.
    /// @param registeredEpoch First epoch with a price.
    event ResourceRegistered(
        uint32 indexed resource,
        uint32 indexed parent,
        string name,
        string unit,
        Metering.Category category,
        uint32 weight,
        uint8 minimumTier,
        uint96 rate,
        uint96 floor,
        uint96 ceiling,
        uint64 target,
        uint16 policy,
        uint32 registeredEpoch
    );

    /// @notice Emitted when a price policy can be chosen from now on.
    /// @param id Id given to it.
    /// @param policy Its address.
    event PricePolicyRegistered(uint16 indexed id, IPricePolicy indexed policy);

    /// @notice Emitted when a price policy is chosen for a resource.
    /// @param resource Resource concerned.
    /// @param policy Policy in force, or 0 for none.
    /// @param next Policy chosen, or 0 for none.
    /// @param effectiveEpoch First epoch whose rate it decides.
    event PricePolicyChosen(uint32 indexed resource, uint16 policy, uint16 next, uint32 effectiveEpoch);

    /// @notice Emitted when governance removes the price policy of a resource at once.
    /// @param resource Resource concerned.
    /// @param epoch Last epoch whose rate the policy could decide.
    event PriceFrozen(uint32 indexed resource, uint32 epoch);

    /// @notice Emitted when rates are stored that differ from the last one. Between two events the last rate holds.
    /// @param resource Resource concerned.
    /// @param firstEpoch Epoch of the first rate.
    /// @param rates Rate of each epoch from `firstEpoch` on, in gwei of OPA per compute unit; the last one holds on.
    event PricesFixed(uint32 indexed resource, uint32 firstEpoch, uint32[] rates);

    /// @notice Emitted when a resource type is deprecated.
    /// @param resource Resource concerned.
    event ResourceDeprecated(uint32 indexed resource);

    /// @notice Emitted when a resource type ends.
    /// @param resource Resource concerned.
    /// @param retiredEpoch First epoch without a price.
    event ResourceRetired(uint32 indexed resource, uint32 retiredEpoch);

    /// @notice Emitted when the Meter is connected, which counts use.
    /// @param meter Its address.
    event MeterSet(address indexed meter);

    /// @notice The Meter is connected already.
    /// @param meter Its address.
    error ResourceRegistryMeterSet(address meter);

    /// @notice The Meter takes prices from another registry.
    /// @param meter Meter as given.
    error ResourceRegistryForeignMeter(address meter);

    /// @notice No resource type has this id.
    /// @param resource Id asked for.
    error ResourceRegistryUnknownResource(uint32 resource);

    /// @notice The resource type is not in the state that this step starts from.
    /// @param resource Resource concerned.
    /// @param state State it is in.
    error ResourceRegistryWrongState(uint32 resource, State state);

    /// @notice The largest number of resource types is reached.
    /// @param maximum Largest number of resource types.
    error ResourceRegistryFull(uint256 maximum);

    /// @notice A resource type needs a name and a unit.
    error ResourceRegistryUnnamed();

    /// @notice A weight is at least one compute unit per unit and fits 32 bits.
    /// @param weight Weight asked for.
    error ResourceRegistryInvalidWeight(uint256 weight);

    /// @notice The tier is above 7.
    /// @param minimumTier Tier asked for.
    /// @param maximum Highest tier.
    error ResourceRegistryInvalidTier(uint8 minimumTier, uint8 maximum);

    /// @notice Rates are whole gwei, from 1 to 2^32 − 1 of them, and the first one is between floor and ceiling.
    /// @param rate Rate asked for, in OPA wei per compute unit.
    /// @param floor Lowest rate asked for.
    /// @param ceiling Highest rate asked for.
    error ResourceRegistryInvalidRate(uint256 rate, uint256 floor, uint256 ceiling);

    /// @notice An announced rate is not a whole number of gwei.
    /// @param rate Rate asked for, in OPA wei per compute unit.
    error ResourceRegistryUnevenRate(uint256 rate);

    /// @notice No price policy has this id.
    /// @param policy Id asked for.
    error ResourceRegistryUnknownPolicy(uint16 policy);

    /// @notice A price policy needs a target to move the rate towards.
    /// @param resource Resource concerned.
    error ResourceRegistryNoTarget(uint32 resource);

    /// @notice The address does not report {IPricePolicy} by ERC-165.
    /// @param policy Address asked for.
    error ResourceRegistryInvalidPolicy(address policy);

    /// @notice The price policy is registered already.
    /// @param policy Address asked for.
    /// @param id Id it has.
    error ResourceRegistryPolicyRegistered(IPricePolicy policy, uint16 id);

    /// @notice The resource follows this price policy already.
    /// @param resource Resource concerned.
    /// @param policy Its policy, or 0 for none.
    error ResourceRegistryPolicyUnchanged(uint32 resource, uint16 policy);

    /// @notice A chosen price policy is not in force yet.
    /// @param resource Resource concerned.
    /// @param effectiveEpoch Epoch from which it is.
    error ResourceRegistryPolicyPending(uint32 resource, uint32 effectiveEpoch);

    /// @notice The last choice of a price policy is too recent.
    /// @param resource Resource concerned.
    /// @param availableAt First second at which the next choice can be made.
    error ResourceRegistryPolicyTooSoon(uint32 resource, uint48 availableAt);

    /// @notice The call leaves too little gas for a price policy.
    /// @param required Gas that has to be left at each question.
    error ResourceRegistryGasTooLow(uint256 required);

    /// @notice The parent's weight times the multiplier is not a whole number of compute units.
    /// @param parentWeight Weight of the parent.
    /// @param multiplierBps Multiplier asked for, in basis points.
    error ResourceRegistryInexactMultiplier(uint32 parentWeight, uint32 multiplierBps);

    /// @notice The epoch has no price for this resource. It is in the future, before registration, after retirement, or
    /// too old; old prices are in {PricesFixed}.
    /// @param resource Resource concerned.
    /// @param epoch Epoch asked for.
    error ResourceRegistryNoPrice(uint32 resource, uint32 epoch);

    /// @notice Two lists that belong together differ in length.
    /// @param left Length of the first list.
    /// @param right Length of the second list.
    error ResourceRegistryLengthMismatch(uint256 left, uint256 right);

    /// @notice Connects the Meter, whose count of use moves prices. Possible once.
    /// @dev Emits {MeterSet}. Restricted to governance.
    ///
    /// Reverts:
    /// - {ResourceRegistryMeterSet} if it is connected.
    /// - {ResourceRegistryForeignMeter} if it takes prices from another registry.
    /// @param newMeter Meter of the system.
    function setMeter(IMeter newMeter) external;

    /// @notice Adds a resource type, priced from the running epoch on.
    /// @dev Emits {ResourceRegistered}. Restricted to governance.
    ///
    /// Reverts:
    /// - {ResourceRegistryFull} if {MAX_RESOURCES} exist.
    /// - {ResourceRegistryUnnamed} if the name or the unit is empty; `StringTooLong` if one is over 31 bytes.
    /// - {ResourceRegistryInvalidWeight} if the weight is 0.
    /// - {ResourceRegistryInvalidTier} if the tier is above {MAX_TIER}.
    /// - {ResourceRegistryInvalidRate} if a rate is not whole gwei or too large, or the three are not in order.
    /// - {ResourceRegistryUnknownPolicy} if the price policy does not exist.
    /// - {ResourceRegistryNoTarget} if there is a price policy and no target.
    /// - {BoundedParameterInvalid} if the target is above {MAX_TARGET}.
    /// @param params Its definition.
    /// @return resource Id of the new type; ids count up from 1 and are never reused.
    function register(ResourceParams calldata params) external returns (uint32 resource);

    /// @notice Adds a resource type that takes unit, category, tier, rate, floor and ceiling from another and
    /// multiplies its weight.
    /// @dev Emits {ResourceRegistered}. Restricted to governance. The result is computed once: later changes of the
    /// parent do not reach it. It has no target and no price policy, because its units are other units.
    ///
    /// Reverts:
    /// - {ResourceRegistryUnknownResource} if the parent does not exist.
    /// - {ResourceRegistryWrongState} if the parent is retired.
    /// - {ResourceRegistryInexactMultiplier} if the weight would not be whole.
    /// - as {register} for the name and the results.
    /// @param parent Resource to derive from.
    /// @param multiplierBps Weight of the new type in basis points of the parent's.
    /// @param name Name of the new type, at most 31 bytes.
    /// @return resource Id of the new type.
    function registerDerived(
        uint32 parent,
        uint32 multiplierBps,
        string calldata name
    ) external returns (uint32 resource);

    /// @notice Deprecates a resource type. It stays usable.
    /// @dev Emits {ResourceDeprecated}. Restricted to governance.
    ///
    /// Reverts:
    /// - {ResourceRegistryUnknownResource} if it does not exist.
    /// - {ResourceRegistryWrongState} if it is not active.
    /// @param resource Resource concerned.
    function deprecate(uint32 resource) external;

    /// @notice Retires a resource type at the end of the running epoch. Statements for epochs until now can still
    /// settle.
    /// @dev Emits {ResourceRetired}. Restricted to governance.
    ///
    /// Reverts:
    /// - {ResourceRegistryUnknownResource} if it does not exist.
    /// - {ResourceRegistryWrongState} if it is not deprecated.
    /// @param resource Resource concerned.
    function retire(uint32 resource) external;

    /// @notice Adds a price policy to those that can be chosen.
    /// @dev Emits {PricePolicyRegistered}. Restricted to governance. Ids count up from 1.
    ///
    /// Reverts:
    /// - {ResourceRegistryPolicyRegistered} if it is registered already.
    /// - {ResourceRegistryInvalidPolicy} if it does not report {IPricePolicy} by ERC-165.
    /// @param policy Policy to add.
    /// @return id Id given to it.
    function registerPricePolicy(IPricePolicy policy) external returns (uint16 id);

    /// @notice Sets the first target of a resource; from then on it is a parameter, see {targetParameter}.
    /// @dev Emits `ParameterDefined`. Restricted to governance.
    ///
    /// Reverts:
    /// - {ResourceRegistryUnknownResource} if the resource does not exist.
    /// - {ResourceRegistryWrongState} if it is retired.
    /// - {BoundedParameterDefined} if it has a target.
    /// - {BoundedParameterInvalid} if the target is 0 or above {MAX_TARGET}.
    /// @param resource Resource concerned.
    /// @param target Units per epoch.
    function defineTarget(uint32 resource, uint64 target) external;

    /// @notice Chooses the price policy of a resource, in force from the first epoch that begins 48 hours from now or later.
    /// @dev Emits {PricePolicyChosen}. Restricted to governance.
    ///
    /// Reverts:
    /// - {ResourceRegistryUnknownResource} if the resource does not exist.
    /// - {ResourceRegistryWrongState} if it is retired.
    /// - {ResourceRegistryUnknownPolicy} if the policy does not exist.
    /// - {ResourceRegistryNoTarget} if there is no target for the policy.
    /// - {ResourceRegistryPolicyPending} if an earlier choice is not in force yet.
    /// - {ResourceRegistryPolicyUnchanged} if it is the policy in force.
    /// - {ResourceRegistryPolicyTooSoon} within 7 days of the last choice.
    /// - with the error of the policy in force if it fails; call {freezePrice} first.
    /// @param resource Resource concerned.
    /// @param policy Id of the policy, or 0 for a fixed rate.
    function choosePricePolicy(uint32 resource, uint16 policy) external;

    /// @notice Removes the price policy of a resource, the one in force and one chosen for later, also if it fails.
    /// @dev Emits {PriceFrozen}. Restricted to governance. Epochs up to the running one keep their rates by the policy.
    /// Announced rates come into force as announced.
    ///
    /// Reverts:
    /// - {ResourceRegistryUnknownResource} if the resource does not exist.
    /// - {ResourceRegistryWrongState} if it is retired.
    /// - {ResourceRegistryPolicyUnchanged} if no policy is in force or chosen.
    /// - {ResourceRegistryGasTooLow} if there is too little gas for the policy.
    /// @param resource Resource concerned.
    function freezePrice(uint32 resource) external;

    /// @notice Stores the rates of resources up to the running epoch. Anyone may; settlement does it by itself.
    /// @dev Emits {PricesFixed} for each resource whose rate moved. Every rate is the same whenever it is stored. Costs a
    /// bounded amount of gas after any number of epochs.
    ///
    /// Reverts:
    /// - {ResourceRegistryUnknownResource} if a resource does not exist.
    /// - {ResourceRegistryGasTooLow} if there is too little gas for a price policy.
    /// @param resources Resources concerned.
    function fixPrices(uint32[] calldata resources) external;

    /// @notice Stores the rates of a resource up to the running epoch, and returns the latest two. Callable by anyone; the Meter
    /// does it at the first line of an epoch.
    /// @dev Emits {PricesFixed} if the rate moved. A rate does not depend on the time at which it is stored. Costs a bounded
    /// amount of gas after any number of epochs.
    ///
    /// Reverts:
    /// - {ResourceRegistryGasTooLow} if there is too little gas to ask a price policy.
    /// @param resource Resource concerned.
    /// @return rates As {ratesOf} says.
    function storeRates(uint32 resource) external returns (Metering.Rates memory rates);

    /// @notice Largest number of resource types.
    function MAX_RESOURCES() external view returns (uint256);

    /// @notice Highest access tier.
    function MAX_TIER() external view returns (uint8);

    /// @notice Smallest step of a price, in OPA wei.
    function PRICE_STEP() external view returns (uint96);

    /// @notice Number of epochs before the running one whose prices can be read.
    function PRICE_WINDOW() external view returns (uint32);

    /// @notice Highest target in units per epoch.
    function MAX_TARGET() external view returns (uint64);

    /// @notice Gas for one call of a price policy.
    function POLICY_GAS() external view returns (uint256);

    /// @notice A registered price policy.
    /// @param id Id to look up.
    /// @return policy Its address, or zero if there is none.
    function pricePolicyOf(uint16 id) external view returns (IPricePolicy policy);

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
    /// @dev Never reverts for an unknown or unpriced resource: the reason in the terms says so.
    ///
    /// Warning: reverts with the error of the price policy while that one fails and the epoch's rate is not stored.
    /// @param resource Resource to look up.
    /// @param priceEpoch Price epoch to look up.
    /// @return terms Price, category and tier, or the reason why there is none.
    function termsByEpoch(uint32 resource, uint32 priceEpoch) external view returns (Metering.Terms memory terms);

    /// @notice Rates of a resource in the running and the previous epoch.
    /// @dev Never reverts for an unknown or unpriced resource: its weight or its rate is zero.
    ///
    /// Warning: reverts with the error of the price policy while that one has too little gas.
    /// @param resource Resource to look up.
    /// @return rates Rates, weight, category and tier.
    function ratesOf(uint32 resource) external view returns (Metering.Rates memory rates);

    /// @notice Meter that counts use, or zero while none is connected.
    /// @return connected Its address.
    function meter() external view returns (IMeter connected);

    /// @notice Price of one unit in `epoch`: the running epoch, the last {PRICE_WINDOW} ones, or any later than
    /// {PRICE_WINDOW} epochs before the last stored rate. Older prices are in {PricesFixed}.
    /// @dev Reverts:
    /// - {ResourceRegistryUnknownResource} if the resource does not exist.
    /// - {ResourceRegistryNoPrice} if the epoch has no price.
    /// @param resource Resource to look up.
    /// @param epoch Epoch to look up.
    /// @return unitPrice OPA wei per unit.
    function unitPriceOf(uint32 resource, uint32 epoch) external view returns (uint96 unitPrice);

    /// @notice A resource type now. `parameterOf` returns announced changes of its rate and target.
    /// @dev Reverts:
    /// - {ResourceRegistryUnknownResource} if it does not exist.
    /// @param id Resource to look up.
    /// @return resource Its definition and state.
    function resourceOf(uint32 id) external view returns (Resource memory resource);

    /// @notice Number of resource types; the last id given.
    /// @return count Number of types, in any state.
    function resourceCount() external view returns (uint32 count);

    /// @notice Name of the parameter that is the rate of a resource, in OPA wei per compute unit.
    /// @dev An announced rate replaces the step of the price policy in its epoch. If the rate moved by load since the
    /// announcement, the change is limited to 20% of the previous epoch's rate.
    /// @param resource Resource concerned.
    /// @return parameter Name as {IBoundedParameter} takes it.
    function rateParameter(uint32 resource) external pure returns (bytes32 parameter);

    /// @notice Name of the parameter that is the target of a resource, in units per epoch.
    /// @param resource Resource concerned.
    /// @return parameter Name as {IBoundedParameter} takes it.
    function targetParameter(uint32 resource) external pure returns (bytes32 parameter);
}
