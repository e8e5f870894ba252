// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {INodeRegistry} from "../interfaces/INodeRegistry.sol";
import {Metering} from "../interfaces/types/Metering.sol";

/// @title NodeRegistry
/// @notice See {INodeRegistry}.
/// @dev Invariants: NOD-I6 (docs/invariants.md). Trusts nobody: a provider speaks for itself only.
contract NodeRegistry is INodeRegistry {
    using SafeCast for uint256;

    /// @dev One word, all that settlement reads of a provider.
    struct Record {
        Status status;
        uint32 categories;
        uint48 registeredAt;
    }

    /// @inheritdoc INodeRegistry
    uint256 public constant MAX_METADATA_LENGTH = 256;

    /// @dev One bit for every category there is.
    uint32 private constant ALL_CATEGORIES = uint32((1 << (uint256(type(Metering.Category).max) + 1)) - 1);

    address[] private _providers;
    mapping(address provider => Record record) private _records;
    mapping(address provider => string uri) private _metadata;

    /// @inheritdoc INodeRegistry
    function register(uint32 categories, string calldata metadataURI) external {
        require(_records[msg.sender].status == Status.Unknown, NodeRegistryAlreadyRegistered(msg.sender));
        _requireCategories(categories);
        _requireMetadata(metadataURI);

        _records[msg.sender] = Record(Status.Active, categories, block.timestamp.toUint48());
        _metadata[msg.sender] = metadataURI;
        _providers.push(msg.sender);
        emit NodeRegistered(msg.sender, categories, metadataURI);
    }

    /// @inheritdoc INodeRegistry
    function deactivate() external {
        _setStatus(Status.Inactive);
    }

    /// @inheritdoc INodeRegistry
    function activate() external {
        _setStatus(Status.Active);
    }

    /// @inheritdoc INodeRegistry
    function setCategories(uint32 categories) external {
        uint32 previous = _requireKnown().categories;
        _requireCategories(categories);

        _records[msg.sender].categories = categories;
        emit NodeCategoriesChanged(msg.sender, previous, categories);
    }

    /// @inheritdoc INodeRegistry
    function setMetadata(string calldata metadataURI) external {
        _requireKnown();
        _requireMetadata(metadataURI);

        emit NodeMetadataChanged(msg.sender, _metadata[msg.sender], metadataURI);
        _metadata[msg.sender] = metadataURI;
    }

    /// @inheritdoc INodeRegistry
    function serviceOf(address provider) external view returns (Metering.Reason reason, uint32 categories) {
        Record memory record = _records[provider];
        if (record.status == Status.Unknown) reason = Metering.Reason.ProviderUnknown;
        else if (record.status == Status.Inactive) reason = Metering.Reason.ProviderInactive;
        return (reason, record.categories);
    }

    /// @inheritdoc INodeRegistry
    function isActive(address provider) external view returns (bool active) {
        return _records[provider].status == Status.Active;
    }

    /// @inheritdoc INodeRegistry
    function nodeOf(address provider) external view returns (Node memory node) {
        Record memory record = _records[provider];
        return Node(record.status, record.categories, record.registeredAt, _metadata[provider]);
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

    /// @dev Moves the caller into `status`.
    function _setStatus(Status status) private {
        Status previous = _requireKnown().status;
        require(previous != status, NodeRegistryStatusUnchanged(msg.sender, status));

        _records[msg.sender].status = status;
        emit NodeStatusChanged(msg.sender, previous, status);
    }

    /// @dev The caller's record, which exists.
    function _requireKnown() private view returns (Record memory record) {
        record = _records[msg.sender];
        require(record.status != Status.Unknown, NodeRegistryUnknownNode(msg.sender));
    }

    /// @dev At least one category, and only known ones.
    function _requireCategories(uint32 categories) private pure {
        require(categories != 0 && categories & ~ALL_CATEGORIES == 0, NodeRegistryInvalidCategories(categories));
    }

    /// @dev An address of bounded length.
    function _requireMetadata(string calldata metadataURI) private pure {
        uint256 length = bytes(metadataURI).length;
        require(length <= MAX_METADATA_LENGTH, NodeRegistryMetadataTooLong(length, MAX_METADATA_LENGTH));
    }
}
