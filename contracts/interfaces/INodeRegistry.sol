// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Metering} from "./types/Metering.sol";

/// @title INodeRegistry
/// @notice Who provides service, which categories it serves, and whether it serves now.
interface INodeRegistry {
    /// @notice Whether a provider can be used.
    enum Status {
        Unknown,
        Active,
        Inactive
    }

    /// @notice A provider as it can be read back.
    /// @param status Whether it can be used.
    /// @param categories Categories it serves, one bit each by {Metering-Category}.
    /// @param registeredAt When it registered.
    /// @param metadataURI Where its description is.
    struct Node {
        Status status;
        uint32 categories;
        uint48 registeredAt;
        string metadataURI;
    }

    /// @notice Emitted when a provider registers.
    /// @param provider Provider registered.
    /// @param categories Categories it serves, one bit each.
    /// @param metadataURI Where its description is.
    event NodeRegistered(address indexed provider, uint32 categories, string metadataURI);

    /// @notice Emitted when a provider starts or stops serving.
    /// @param provider Provider concerned.
    /// @param previous Status before.
    /// @param status Status from now on.
    event NodeStatusChanged(address indexed provider, Status previous, Status status);

    /// @notice Emitted when a provider changes what it serves.
    /// @param provider Provider concerned.
    /// @param previous Categories before, one bit each.
    /// @param categories Categories from now on, one bit each.
    event NodeCategoriesChanged(address indexed provider, uint32 previous, uint32 categories);

    /// @notice Emitted when a provider moves its description.
    /// @param provider Provider concerned.
    /// @param previous Where it was.
    /// @param metadataURI Where it is from now on.
    event NodeMetadataChanged(address indexed provider, string previous, string metadataURI);

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

    /// @notice Registers the caller as an active provider.
    /// @dev Emits {NodeRegistered}. Callable by anyone, once.
    ///
    /// Reverts:
    /// - {NodeRegistryAlreadyRegistered} if it has registered.
    /// - {NodeRegistryInvalidCategories} if no category or an unknown one is named.
    /// - {NodeRegistryMetadataTooLong} if the address of the description is over {MAX_METADATA_LENGTH} bytes.
    /// @param categories Categories it serves, one bit each by {Metering-Category}.
    /// @param metadataURI Where its description is.
    function register(uint32 categories, string calldata metadataURI) external;

    /// @notice Stops serving: nothing settles for the caller until it activates again, which it does before the window of
    /// what it still wants to settle ends.
    /// @dev Emits {NodeStatusChanged}.
    ///
    /// Reverts:
    /// - {NodeRegistryUnknownNode} if it has not registered.
    /// - {NodeRegistryStatusUnchanged} if it is inactive.
    function deactivate() external;

    /// @notice Starts serving again.
    /// @dev Emits {NodeStatusChanged}.
    ///
    /// Reverts:
    /// - {NodeRegistryUnknownNode} if it has not registered.
    /// - {NodeRegistryStatusUnchanged} if it is active.
    function activate() external;

    /// @notice Changes which categories the caller serves.
    /// @dev Emits {NodeCategoriesChanged}.
    ///
    /// Reverts:
    /// - {NodeRegistryUnknownNode} if it has not registered.
    /// - {NodeRegistryInvalidCategories} if no category or an unknown one is named.
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

    /// @notice Largest length of a description's address, in bytes.
    function MAX_METADATA_LENGTH() external view returns (uint256);

    /// @notice Whether a provider can settle, and for which categories, as settlement reads it.
    /// @param provider Provider to look up.
    /// @return reason `None`, `ProviderUnknown` or `ProviderInactive`.
    /// @return categories Categories it serves, one bit each.
    function serviceOf(address provider) external view returns (Metering.Reason reason, uint32 categories);

    /// @notice Whether `provider` has registered and is active.
    /// @param provider Provider to look up.
    /// @return active Whether it serves now.
    function isActive(address provider) external view returns (bool active);

    /// @notice A provider as registered.
    /// @param provider Provider to look up; status `Unknown` if it has not registered.
    /// @return node Its status, categories and description.
    function nodeOf(address provider) external view returns (Node memory node);

    /// @notice Number of providers that have registered.
    /// @return count Number of providers, in any status.
    function nodeCount() external view returns (uint256 count);

    /// @notice Providers by order of registration.
    /// @param from Index to start at.
    /// @param maxCount Largest number to return.
    /// @return providers At most `maxCount` providers.
    function nodesFrom(uint256 from, uint256 maxCount) external view returns (address[] memory providers);
}
