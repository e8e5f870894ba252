// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IMeterUsage} from "./IMeterUsage.sol";
import {INodeStaking} from "./INodeStaking.sol";

/// @title INodeRegistry
/// @notice Providers of service: status, stake, categories, operator keys and capacity.
/// @dev A provider is the address that registered; it owns the stake. The operator key signs receipts, publishes
/// capacity and starts and stops service. Claims of rewards are paid to the address that the provider names at the
/// incentive pool ({IIncentivePool-setPayout}). A pause stops {register}, {activate} and {stake}; stopping, unbonding
/// and withdrawing go on.
interface INodeRegistry is INodeStaking {
    /// @notice Status of a provider. An exiting provider can settle past service until its exit ends.
    enum Status {
        Unknown,
        Active,
        Inactive,
        Exiting
    }

    /// @notice A provider as it can be read back.
    /// @param status Whether it can be used.
    /// @param categories Categories it serves, one bit each by {Metering-Category}.
    /// @param registeredAt When it registered.
    /// @param exitAt End of its last exit: until then it settles while its status is `Exiting`; 0 if it never left.
    /// @param staked OPA wei staked.
    /// @param unbonding OPA wei on their way out.
    /// @param operator Key that signs its receipts, or zero.
    /// @param metadataURI Where its description is.
    struct Node {
        Status status;
        uint32 categories;
        uint48 registeredAt;
        uint48 exitAt;
        uint96 staked;
        uint256 unbonding;
        address operator;
        string metadataURI;
    }

    /// @notice Operator keys of a provider.
    /// @param current Key in force, or zero.
    /// @param nominated Key that may take over, or zero.
    /// @param acceptableAt First second at which it may.
    struct Operators {
        address current;
        address nominated;
        uint48 acceptableAt;
    }

    /// @notice Emitted when a provider registers; {INodeStaking-StakeAdded} with its stake follows.
    /// @param provider Provider registered.
    /// @param categories Categories it serves, one bit each.
    /// @param metadataURI Where its description is.
    event NodeRegistered(address indexed provider, uint32 categories, string metadataURI);

    /// @notice Emitted when the Meter is connected, which receives the state of providers.
    /// @param meter Meter of the suite.
    event MeterSet(address indexed meter);

    /// @notice Emitted when the push of a provider's state to the Meter failed; {syncProvider} repeats it.
    /// @param provider Provider concerned.
    event ProviderPushFailed(address indexed provider);

    /// @notice Emitted when a provider starts or stops serving.
    /// @param provider Provider concerned.
    /// @param previous Status before.
    /// @param status Status from now on.
    event NodeStatusChanged(address indexed provider, Status previous, Status status);

    /// @notice Emitted when a provider changes its categories.
    /// @param provider Provider concerned.
    /// @param previous Categories before, one bit each.
    /// @param categories Categories from now on, one bit each.
    event NodeCategoriesChanged(address indexed provider, uint32 previous, uint32 categories);

    /// @notice Emitted when a provider moves its description.
    /// @param provider Provider concerned.
    /// @param previous Where it was.
    /// @param metadataURI Where it is from now on.
    event NodeMetadataChanged(address indexed provider, string previous, string metadataURI);

    /// @notice Emitted when a provider nominates an operator key, or zero to withdraw a nomination.
    /// @param provider Provider concerned.
    /// @param operator Key nominated, or zero.
    /// @param acceptableAt First second at which it may take over.
    event OperatorNominated(address indexed provider, address indexed operator, uint48 acceptableAt);

    /// @notice Emitted when a nominated key takes over.
    /// @param provider Provider concerned.
    /// @param previous Key before, or zero.
    /// @param operator Key from now on.
    event OperatorChanged(address indexed provider, address indexed previous, address indexed operator);

    /// @notice Emitted when a provider publishes its capacity for a resource.
    /// @param provider Provider concerned.
    /// @param resource Id of the resource.
    /// @param previous Units per epoch before.
    /// @param units Units per epoch from now on.
    event CapacityPublished(address indexed provider, uint32 indexed resource, uint64 previous, uint64 units);

    /// @notice The provider has already registered.
    /// @param provider Provider concerned.
    error NodeRegistryAlreadyRegistered(address provider);

    /// @notice The provider has not registered.
    /// @param provider Provider concerned.
    error NodeRegistryUnknownNode(address provider);

    /// @notice The categories are none, or name one that does not exist.
    /// @param categories Categories as given, one bit each.
    error NodeRegistryInvalidCategories(uint32 categories);

    /// @notice The description's address is longer than allowed.
    /// @param length Its length in bytes.
    /// @param maximum Largest length in bytes.
    error NodeRegistryMetadataTooLong(uint256 length, uint256 maximum);

    /// @notice The provider is in that status already.
    /// @param provider Provider concerned.
    /// @param status Status it is in.
    error NodeRegistryStatusUnchanged(address provider, Status status);

    /// @notice The call leaves too little gas for the push to the Meter.
    /// @param required Gas that has to be left.
    error NodeRegistryGasTooLow(uint256 required);

    /// @notice The Meter is connected already.
    /// @param meter Connected Meter.
    error NodeRegistryMeterSet(address meter);

    /// @notice The address of the Meter has no code.
    /// @param account Address as given.
    error NodeRegistryInvalidMeter(address account);

    /// @notice The caller is neither the provider nor its operator key.
    /// @param provider Provider concerned.
    /// @param caller Address of the caller.
    error NodeRegistryUnauthorized(address provider, address caller);

    /// @notice The provider is not active.
    /// @param provider Provider concerned.
    /// @param status Status it is in.
    error NodeRegistryNotActive(address provider, Status status);

    /// @notice The key is or was the operator of a provider, or is a provider itself.
    /// @param operator Key concerned.
    /// @param provider Provider it belongs to.
    error NodeRegistryOperatorInUse(address operator, address provider);

    /// @notice The caller is not nominated.
    /// @param provider Provider concerned.
    /// @param caller Address of the caller.
    error NodeRegistryNotNominated(address provider, address caller);

    /// @notice A nominated key cannot take over yet.
    /// @param provider Provider concerned.
    /// @param acceptableAt First second at which it can.
    error NodeRegistryTooEarly(address provider, uint48 acceptableAt);

    /// @notice A nomination has lapsed; the provider nominates again.
    /// @param provider Provider concerned.
    /// @param expiry First second at which the key could no longer take over.
    error NodeRegistryNominationExpired(address provider, uint48 expiry);

    /// @notice Two lists that belong together differ in length.
    /// @param left Length of the first list.
    /// @param right Length of the second list.
    error NodeRegistryLengthMismatch(uint256 left, uint256 right);

    /// @notice Connects the Meter, which receives the categories and the end of service of a provider on each change.
    /// Possible once. Emits {MeterSet}. Restricted to governance.
    ///
    /// Reverts:
    /// - {NodeRegistryMeterSet} if there is one.
    /// - {NodeRegistryInvalidMeter} if it has no code.
    /// @param newMeter Meter of the suite.
    function setMeter(IMeterUsage newMeter) external;

    /// @notice Pushes the state of a provider to the Meter again: after a failed push, or if it registered before the
    /// Meter was connected. Callable by anyone. Reverts as the Meter does.
    ///
    /// Reverts {NodeRegistryUnknownNode} if the provider never registered.
    /// @param provider Provider concerned.
    function syncProvider(address provider) external;

    /// @notice Registers the caller as an active provider, with its stake.
    /// @dev Emits {NodeRegistered} and {INodeStaking-StakeAdded}. Callable by anyone who has approved the stake, once. The
    /// operator key, if one is named, takes over by {acceptOperator}.
    ///
    /// Reverts:
    /// - {NodeRegistryAlreadyRegistered} if it has registered.
    /// - {NodeRegistryOperatorInUse} if the caller is or was somebody's operator key, or the key named is.
    /// - {NodeRegistryInvalidCategories} if no category or an unknown one is named.
    /// - {NodeRegistryMetadataTooLong} if the address of the description is over {MAX_METADATA_LENGTH} bytes.
    /// - {INodeStaking-NodeStakingBelowMinimum} if the stake is less than the categories ask for.
    /// @param amount OPA wei to stake.
    /// @param categories Categories it serves, one bit each by {Metering-Category}.
    /// @param operator Key that shall sign its receipts, or zero to name one later.
    /// @param metadataURI Where its description is.
    function register(uint96 amount, uint32 categories, address operator, string calldata metadataURI) external;

    /// @notice Stops serving. Nothing settles for the provider until it activates again, so it does that before the
    /// settlement window of unsettled service ends.
    /// @dev Emits {NodeStatusChanged}. Callable by the provider, and by its operator key unless the provider is leaving.
    ///
    /// Reverts:
    /// - {NodeRegistryUnknownNode} if it has not registered.
    /// - {NodeRegistryUnauthorized} if the caller is another address.
    /// - {NodeRegistryStatusUnchanged} if it is inactive.
    /// @param provider Provider concerned.
    function deactivate(address provider) external;

    /// @notice Starts serving again, also after a slash, an exit, or during one.
    /// @dev Emits {NodeStatusChanged}. Callable by the provider and its operator key.
    ///
    /// Reverts:
    /// - {NodeRegistryUnknownNode} if it has not registered.
    /// - {NodeRegistryUnauthorized} if the caller is another address.
    /// - {NodeRegistryStatusUnchanged} if it is active.
    /// - {INodeStaking-NodeStakingBelowMinimum} if it has less staked than its categories ask for.
    /// @param provider Provider concerned.
    function activate(address provider) external;

    /// @notice Exits: the whole stake starts unbonding. Until the end of unbonding the caller can still settle and be
    /// slashed.
    /// @dev Emits {NodeStatusChanged} and {INodeStaking-UnbondingRequested}. With {INodeStaking-MAX_UNBONDINGS} parts
    /// pending, the stake joins the last of them and restarts its term. So an exit is always possible.
    ///
    /// Reverts:
    /// - {NodeRegistryUnknownNode} if the caller has not registered.
    /// - {NodeRegistryNotActive} if it is not active.
    function exit() external;

    /// @notice Changes which categories the caller serves.
    /// @dev Emits {NodeCategoriesChanged}.
    ///
    /// Reverts:
    /// - {NodeRegistryUnknownNode} if it has not registered.
    /// - {NodeRegistryNotActive} if it is exiting: its stake no longer counts for anything new.
    /// - {NodeRegistryInvalidCategories} if no category or an unknown one is named.
    /// - {INodeStaking-NodeStakingBelowMinimum} if it is active and has less staked than they ask for.
    /// @param categories Categories it serves from now on, one bit each.
    function setCategories(uint32 categories) external;

    /// @notice Changes where the caller's description is.
    /// @dev Emits {NodeMetadataChanged}.
    ///
    /// Reverts:
    /// - {NodeRegistryUnknownNode} if it has not registered.
    /// - {NodeRegistryMetadataTooLong} if the address is over {MAX_METADATA_LENGTH} bytes.
    /// @param metadataURI Where its description is.
    function setMetadata(string calldata metadataURI) external;

    /// @notice Nominates a new operator key. It may take over after {ROTATION_DELAY}, or at once if the caller never
    /// had a key, and only within {NOMINATION_PERIOD}. Otherwise an old nomination would make a rotation immediate.
    /// Zero withdraws a nomination.
    /// @dev Emits {OperatorNominated}.
    ///
    /// Reverts:
    /// - {NodeRegistryUnknownNode} if the caller has not registered.
    /// - {NodeRegistryOperatorInUse} if the key is or was an operator key, or is another provider.
    /// @param operator Key nominated, or zero.
    function nominateOperator(address operator) external;

    /// @notice Makes the caller the operator key of a provider that nominated it. Receipts of the key before stay proof against
    /// the provider for {INodeStaking-UNBONDING_PERIOD}, at most once, see {INodeSlashing}.
    /// @dev Emits {OperatorChanged}. The key itself must call, so no provider can register the key of another.
    ///
    /// Reverts:
    /// - {NodeRegistryNotNominated} if the caller is not nominated.
    /// - {NodeRegistryTooEarly} if the delay is not over.
    /// - {NodeRegistryNominationExpired} if the nomination has lapsed.
    /// - {NodeRegistryOperatorInUse} if the key has come into use since.
    /// @param provider Provider concerned.
    function acceptOperator(address provider) external;

    /// @notice Publishes how many units of resources a provider can serve per epoch. Schedulers read it; settlement
    /// does not.
    /// @dev Emits {CapacityPublished} for each that changes. Callable by the provider and its operator key.
    ///
    /// Reverts:
    /// - {NodeRegistryUnknownNode} if it has not registered.
    /// - {NodeRegistryUnauthorized} if the caller is another address.
    /// - {NodeRegistryLengthMismatch} if the lists differ in length.
    /// @param provider Provider concerned.
    /// @param resources Ids of the resources.
    /// @param units Units per epoch of each, 0 to offer none.
    function publishCapacity(address provider, uint32[] calldata resources, uint64[] calldata units) external;

    /// @notice Meter that receives the state of providers.
    /// @return connected The Meter, or zero while none is connected.
    function meter() external view returns (IMeterUsage connected);

    /// @notice Largest length of a description's address, in bytes.
    function MAX_METADATA_LENGTH() external view returns (uint256);

    /// @notice Seconds between the nomination of an operator key and its taking over.
    function ROTATION_DELAY() external view returns (uint48);

    /// @notice Seconds in which a nominated operator key can take over.
    function NOMINATION_PERIOD() external view returns (uint48);

    /// @notice Whether `provider` has registered and is active.
    /// @param provider Provider to look up.
    /// @return active Whether it takes new work.
    function isActive(address provider) external view returns (bool active);

    /// @notice A provider as registered.
    /// @param provider Provider to look up; status `Unknown` if it has not registered.
    /// @return node Its status, stake, keys, categories and description.
    function nodeOf(address provider) external view returns (Node memory node);

    /// @notice Operator keys of a provider.
    /// @param provider Provider to look up.
    /// @return operators Key in force and key nominated.
    function operatorsOf(address provider) external view returns (Operators memory operators);

    /// @notice Provider of an operator key, also after the key was retired.
    /// @param operator Key to look up.
    /// @return provider Provider, or zero.
    /// @return retiredAt When another key took over, or 0 if it is in force.
    function providerOf(address operator) external view returns (address provider, uint48 retiredAt);

    /// @notice How much of a resource a provider can serve.
    /// @param provider Provider to look up.
    /// @param resource Id of the resource.
    /// @return units Units per epoch.
    function capacityOf(address provider, uint32 resource) external view returns (uint64 units);

    /// @notice Number of providers that have registered.
    /// @return count Number of providers, in any status.
    function nodeCount() external view returns (uint256 count);

    /// @notice Providers by order of registration.
    /// @param from Index to start at.
    /// @param maxCount Largest number to return.
    /// @return providers At most `maxCount` providers.
    function nodesFrom(uint256 from, uint256 maxCount) external view returns (address[] memory providers);
}
