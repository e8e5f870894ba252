// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ERC165Checker} from "@openzeppelin/contracts/utils/introspection/ERC165Checker.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

import {ISystemDirectory} from "../interfaces/ISystemDirectory.sol";

/// @title SystemDirectory
/// @notice See {ISystemDirectory}.
/// @dev Trusts: governance to register modules that implement their interface.
contract SystemDirectory is ISystemDirectory, AccessManaged {
    using ERC165Checker for address;

    /// @inheritdoc ISystemDirectory
    uint256 public constant MAX_IDS = 64;

    /// @inheritdoc ISystemDirectory
    uint256 public constant MAX_VERSIONS = 32;

    bytes32[] private _ids;
    mapping(bytes32 id => address module) private _current;
    mapping(bytes32 id => address[] modules) private _versions;
    mapping(address module => Module record) private _modules;

    /// @param initialAuthority AccessManager of the suite.
    constructor(address initialAuthority) AccessManaged(initialAuthority) {}

    /// @inheritdoc ISystemDirectory
    function register(bytes32 id, address module, bytes4 interfaceId) external restricted {
        require(id != 0, SystemDirectoryZeroId());
        // ERC-165 support alone does not identify a module.
        require(
            interfaceId != type(IERC165).interfaceId && module.supportsInterface(interfaceId),
            SystemDirectoryUnsupported(module, interfaceId)
        );
        Module memory record = _modules[module];
        address previous = _current[id];
        require(record.id == 0 || (record.id == id && module != previous), SystemDirectoryListed(module, record.id));

        if (record.id == 0) record = _list(id, module, interfaceId);
        else _modules[module].registeredAt = uint48(block.timestamp);
        _current[id] = module;
        emit ModuleRegistered(id, module, record.version, previous, record.interfaceId);
    }

    /// @inheritdoc ISystemDirectory
    function currentOf(bytes32 id) external view returns (address module) {
        return _current[id];
    }

    /// @inheritdoc ISystemDirectory
    function versionsOf(bytes32 id) external view returns (address[] memory modules) {
        return _versions[id];
    }

    /// @inheritdoc ISystemDirectory
    function ids() external view returns (bytes32[] memory all) {
        return _ids;
    }

    /// @inheritdoc ISystemDirectory
    function moduleOf(address module) external view returns (Module memory record) {
        return _modules[module];
    }

    /// @inheritdoc ISystemDirectory
    function isModule(address module) external view returns (bool listed) {
        return _modules[module].id != 0;
    }

    /// @inheritdoc ISystemDirectory
    function isCurrent(address module) external view returns (bool current) {
        return module != address(0) && _current[_modules[module].id] == module;
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) external pure returns (bool supported) {
        return interfaceId == type(ISystemDirectory).interfaceId || interfaceId == type(IERC165).interfaceId;
    }

    /// @dev Adds a version that was not listed before.
    function _list(bytes32 id, address module, bytes4 interfaceId) private returns (Module memory record) {
        address[] storage versions = _versions[id];
        uint256 count = versions.length;
        if (count == 0) {
            require(_ids.length < MAX_IDS, SystemDirectoryFull(id, MAX_IDS));
            _ids.push(id);
        }
        require(count < MAX_VERSIONS, SystemDirectoryFull(id, MAX_VERSIONS));
        versions.push(module);
        record = Module(id, uint32(count + 1), interfaceId, uint48(block.timestamp));
        _modules[module] = record;
    }
}
