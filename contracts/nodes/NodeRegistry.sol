// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {IMeterUsage} from "../interfaces/IMeterUsage.sol";
import {INodeRegistry} from "../interfaces/INodeRegistry.sol";
import {NodeStaking} from "./NodeStaking.sol";

/// @title NodeRegistry
/// @notice See {INodeRegistry}.
/// @dev Invariants: NOD-I4, NOD-I6, NOD-I7 (docs/invariants.md). A provider acts for itself only; trusted parties: see
/// {NodeStaking}.
contract NodeRegistry is NodeStaking, IERC165 {
    using SafeCast for uint256;

    /// @dev Provider of an operator key, and when the key was retired.
    struct Key {
        address provider;
        uint48 retiredAt;
    }

    /// @inheritdoc INodeRegistry
    uint256 public constant MAX_METADATA_LENGTH = 256;

    /// @inheritdoc INodeRegistry
    uint48 public constant ROTATION_DELAY = 2 days;

    /// @inheritdoc INodeRegistry
    uint48 public constant NOMINATION_PERIOD = 7 days;

    /// @dev One bit for each category.
    uint32 private constant ALL_CATEGORIES = uint32((1 << CATEGORY_COUNT) - 1);

    address[] private _providers;
    mapping(address provider => string uri) private _metadata;
    mapping(address provider => Operators operators) private _operators;
    mapping(address operator => Key key) private _keys;
    mapping(address provider => mapping(uint32 resource => uint64 units)) private _capacities;

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
    ) NodeStaking(token, initialAuthority, genesis, epochDuration, reserve, minimumStakes) {}

    /// @inheritdoc INodeRegistry
    function setMeter(IMeterUsage newMeter) external restricted {
        require(address(_meter) == address(0), NodeRegistryMeterSet(address(_meter)));
        require(address(newMeter).code.length != 0, NodeRegistryInvalidMeter(address(newMeter)));

        _meter = newMeter;
        emit MeterSet(address(newMeter));
    }

    /// @inheritdoc INodeRegistry
    function syncProvider(address provider) external {
        Record memory record = _requireKnown(provider);

        _meter.setProvider(provider, record.categories, _endOf(record));
    }

    /// @inheritdoc INodeRegistry
    function register(
        uint96 amount,
        uint32 categories,
        address operator,
        string calldata metadataURI
    ) external whenNotPaused {
        require(_records[msg.sender].status == Status.Unknown, NodeRegistryAlreadyRegistered(msg.sender));
        _requireUnused(msg.sender, msg.sender);
        if (operator != address(0)) _requireUnused(operator, msg.sender);
        _requireCategories(categories);
        _requireMetadata(metadataURI);
        _requireMinimum(msg.sender, amount, categories);

        _records[msg.sender] = Record(Status.Active, categories, block.timestamp.toUint48(), 0, 0);
        _metadata[msg.sender] = metadataURI;
        _providers.push(msg.sender);
        emit NodeRegistered(msg.sender, categories, metadataURI);
        if (operator != address(0)) _nominate(operator);
        _push(msg.sender);
        _addStake(msg.sender, amount);
    }

    /// @inheritdoc INodeRegistry
    function deactivate(address provider) external {
        Record memory record = _requireSpeaker(provider);
        // Past service of an exiting provider still has to settle, and only new stake could reopen settlement.
        require(
            msg.sender == provider || _statusOf(record) != Status.Exiting,
            NodeRegistryUnauthorized(provider, msg.sender)
        );

        _setStatus(provider, record, Status.Inactive);
    }

    /// @inheritdoc INodeRegistry
    function activate(address provider) external whenNotPaused {
        Record memory record = _requireSpeaker(provider);
        require(record.status != Status.Active, NodeRegistryStatusUnchanged(provider, Status.Active));
        _requireMinimum(provider, record.stake, record.categories);

        _setStatus(provider, record, Status.Active);
    }

    /// @inheritdoc INodeRegistry
    function exit() external {
        Record memory record = _requireKnown(msg.sender);
        require(record.status == Status.Active, NodeRegistryNotActive(msg.sender, _statusOf(record)));

        _records[msg.sender].exitAt = (block.timestamp + UNBONDING_PERIOD).toUint48();
        _setStatus(msg.sender, record, Status.Exiting);
        if (record.stake != 0) _unbond(record.stake);
    }

    /// @inheritdoc INodeRegistry
    function setCategories(uint32 categories) external {
        Record memory record = _requireKnown(msg.sender);
        require(_statusOf(record) != Status.Exiting, NodeRegistryNotActive(msg.sender, Status.Exiting));
        _requireCategories(categories);
        if (record.status == Status.Active) _requireMinimum(msg.sender, record.stake, categories);

        _records[msg.sender].categories = categories;
        emit NodeCategoriesChanged(msg.sender, record.categories, categories);
        _push(msg.sender);
    }

    /// @inheritdoc INodeRegistry
    function setMetadata(string calldata metadataURI) external {
        _requireKnown(msg.sender);
        _requireMetadata(metadataURI);

        emit NodeMetadataChanged(msg.sender, _metadata[msg.sender], metadataURI);
        _metadata[msg.sender] = metadataURI;
    }

    /// @inheritdoc INodeRegistry
    function nominateOperator(address operator) external {
        _requireKnown(msg.sender);
        if (operator != address(0)) _requireUnused(operator, msg.sender);

        _nominate(operator);
    }

    /// @inheritdoc INodeRegistry
    function acceptOperator(address provider) external {
        Operators memory operators = _operators[provider];
        require(operators.nominated == msg.sender, NodeRegistryNotNominated(provider, msg.sender));
        require(block.timestamp >= operators.acceptableAt, NodeRegistryTooEarly(provider, operators.acceptableAt));
        uint48 expiry = operators.acceptableAt + NOMINATION_PERIOD;
        require(block.timestamp < expiry, NodeRegistryNominationExpired(provider, expiry));
        _requireUnused(msg.sender, provider);

        if (operators.current != address(0)) _keys[operators.current].retiredAt = block.timestamp.toUint48();
        _keys[msg.sender] = Key(provider, 0);
        _operators[provider] = Operators(msg.sender, address(0), 0);
        emit OperatorChanged(provider, operators.current, msg.sender);
    }

    /// @inheritdoc INodeRegistry
    function publishCapacity(address provider, uint32[] calldata resources, uint64[] calldata units) external {
        _requireSpeaker(provider);
        require(resources.length == units.length, NodeRegistryLengthMismatch(resources.length, units.length));

        for (uint256 i = 0; i < resources.length; ++i) {
            uint64 previous = _capacities[provider][resources[i]];
            if (previous == units[i]) continue;

            _capacities[provider][resources[i]] = units[i];
            emit CapacityPublished(provider, resources[i], previous, units[i]);
        }
    }

    /// @inheritdoc INodeRegistry
    function meter() external view returns (IMeterUsage connected) {
        return _meter;
    }

    /// @inheritdoc INodeRegistry
    function isActive(address provider) external view returns (bool active) {
        return _records[provider].status == Status.Active;
    }

    /// @inheritdoc INodeRegistry
    function nodeOf(address provider) external view returns (Node memory node) {
        Record memory record = _records[provider];
        (, uint256 unbonding) = stakeOf(provider);
        return
            Node({
                status: _statusOf(record),
                categories: record.categories,
                registeredAt: record.registeredAt,
                exitAt: record.exitAt,
                staked: record.stake,
                unbonding: unbonding,
                operator: _operators[provider].current,
                metadataURI: _metadata[provider]
            });
    }

    /// @inheritdoc INodeRegistry
    function operatorsOf(address provider) external view returns (Operators memory operators) {
        return _operators[provider];
    }

    /// @inheritdoc INodeRegistry
    function providerOf(address operator) external view returns (address provider, uint48 retiredAt) {
        return (_keys[operator].provider, _keys[operator].retiredAt);
    }

    /// @inheritdoc INodeRegistry
    function capacityOf(address provider, uint32 resource) external view returns (uint64 units) {
        return _capacities[provider][resource];
    }

    /// @inheritdoc INodeRegistry
    function nodeCount() external view returns (uint256 count) {
        return _providers.length;
    }

    /// @inheritdoc INodeRegistry
    function nodesFrom(uint256 from, uint256 maxCount) external view returns (address[] memory providers) {
        uint256 count = from < _providers.length ? Math.min(maxCount, _providers.length - from) : 0;
        providers = new address[](count);
        for (uint256 i = 0; i < count; ++i) {
            providers[i] = _providers[from + i];
        }
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) external pure returns (bool supported) {
        return interfaceId == type(INodeRegistry).interfaceId || interfaceId == type(IERC165).interfaceId;
    }

    /// @dev Changes the status of a provider.
    function _setStatus(address provider, Record memory record, Status status) private {
        Status previous = _statusOf(record);
        require(previous != status, NodeRegistryStatusUnchanged(provider, status));

        _records[provider].status = status;
        emit NodeStatusChanged(provider, previous, status);
        _push(provider);
    }

    /// @dev Nominates a key for the caller; the first one need not wait.
    function _nominate(address operator) private {
        uint256 delay = _operators[msg.sender].current == address(0) ? 0 : ROTATION_DELAY;
        uint48 acceptableAt = operator == address(0) ? 0 : (block.timestamp + delay).toUint48();
        _operators[msg.sender].nominated = operator;
        _operators[msg.sender].acceptableAt = acceptableAt;
        emit OperatorNominated(msg.sender, operator, acceptableAt);
    }

    /// @dev Record of a provider; reverts unless the caller is the provider or its operator.
    function _requireSpeaker(address provider) private view returns (Record memory record) {
        record = _requireKnown(provider);
        require(
            msg.sender == provider || msg.sender == _operators[provider].current,
            NodeRegistryUnauthorized(provider, msg.sender)
        );
    }

    /// @dev Reverts if the key is or was an operator, or is another provider.
    function _requireUnused(address operator, address provider) private view {
        address owner = _keys[operator].provider;
        if (owner == address(0) && operator != provider && _records[operator].status != Status.Unknown)
            owner = operator;
        require(owner == address(0), NodeRegistryOperatorInUse(operator, owner));
    }

    /// @dev Present status: an exit ends by itself.
    function _statusOf(Record memory record) private view returns (Status status) {
        bool hasLeft = record.status == Status.Exiting && block.timestamp >= record.exitAt;
        return hasLeft ? Status.Inactive : record.status;
    }

    /// @dev Reverts unless there is at least one category, and only known ones.
    function _requireCategories(uint32 categories) private pure {
        require(categories != 0 && categories & ~ALL_CATEGORIES == 0, NodeRegistryInvalidCategories(categories));
    }

    /// @dev Reverts if the URI is too long.
    function _requireMetadata(string calldata metadataURI) private pure {
        uint256 length = bytes(metadataURI).length;
        require(length <= MAX_METADATA_LENGTH, NodeRegistryMetadataTooLong(length, MAX_METADATA_LENGTH));
    }
}
