// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

/// @title ISystemDirectory
/// @notice Addresses of present and former modules.
/// @dev Governance registers a module under an id. It stays listed forever, so that its users find it. A version may
/// overlap with its predecessor for a time in which both serve.
interface ISystemDirectory is IERC165 {
    /// @notice One version of a module.
    /// @param id Id under which it is listed; zero if it is not listed.
    /// @param version Number of the version, from 1 on.
    /// @param interfaceId Interface that it reported by ERC-165 at registration.
    /// @param registeredAt Time of its last registration.
    struct Module {
        bytes32 id;
        uint32 version;
        bytes4 interfaceId;
        uint48 registeredAt;
    }

    /// @notice Emitted when a module becomes the current one of its id.
    /// @param id Id concerned.
    /// @param module Module that is current from now on.
    /// @param version Number of its version.
    /// @param previous Module that was current, zero if there was none.
    /// @param interfaceId Interface that it supports.
    event ModuleRegistered(
        bytes32 indexed id,
        address indexed module,
        uint32 version,
        address indexed previous,
        bytes4 interfaceId
    );

    /// @notice An id is zero.
    error SystemDirectoryZeroId();

    /// @notice A module does not report the interface by ERC-165.
    /// @param module Address given.
    /// @param interfaceId Interface asked for.
    error SystemDirectoryUnsupported(address module, bytes4 interfaceId);

    /// @notice A module is listed already, under another id or as the current one.
    /// @param module Address given.
    /// @param id Id under which it is listed.
    error SystemDirectoryListed(address module, bytes32 id);

    /// @notice The largest number of ids or of versions is reached.
    /// @param id Id concerned.
    /// @param limit Largest number.
    error SystemDirectoryFull(bytes32 id, uint256 limit);

    /// @notice Makes a module the current one of its id: a new version, or an earlier one again.
    /// @dev Emits {ModuleRegistered}. Callable by governance.
    ///
    /// Reverts:
    /// - `SystemDirectoryZeroId` if `id` is zero.
    /// - `SystemDirectoryUnsupported` if the module does not support `interfaceId`, or that is the id of ERC-165.
    /// - `SystemDirectoryListed` if it is current already or listed under another id.
    /// - `SystemDirectoryFull` at {MAX_IDS} ids or {MAX_VERSIONS} versions.
    /// @param id Id of the module.
    /// @param module Contract.
    /// @param interfaceId Interface by which others use it.
    function register(bytes32 id, address module, bytes4 interfaceId) external;

    /// @notice Current module of an id.
    /// @param id Id to look up.
    /// @return module Zero if there is none.
    function currentOf(bytes32 id) external view returns (address module);

    /// @notice All modules ever registered under an id, the first one first.
    /// @param id Id to look up.
    /// @return modules Contracts.
    function versionsOf(bytes32 id) external view returns (address[] memory modules);

    /// @notice All ids.
    /// @return all In the order of their first registration.
    function ids() external view returns (bytes32[] memory all);

    /// @notice Record of a module.
    /// @param module Contract to look up.
    /// @return record With a zero id if it is not listed.
    function moduleOf(address module) external view returns (Module memory record);

    /// @notice Whether a contract is or was a module of the system.
    /// @param module Contract to look up.
    /// @return listed True if it is listed.
    function isModule(address module) external view returns (bool listed);

    /// @notice Whether a contract is the current module of its id.
    /// @param module Contract to look up.
    /// @return current True if it is.
    function isCurrent(address module) external view returns (bool current);

    /// @notice Largest number of ids.
    function MAX_IDS() external view returns (uint256);

    /// @notice Largest number of versions of one module.
    function MAX_VERSIONS() external view returns (uint256);
}
