// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Arrays} from "@openzeppelin/contracts/utils/Arrays.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IIncentivePool} from "../interfaces/IIncentivePool.sol";
import {INodeRegistry} from "../interfaces/INodeRegistry.sol";
import {INodeScheduler} from "../interfaces/INodeScheduler.sol";
import {IResourceRegistry} from "../interfaces/IResourceRegistry.sol";
import {Metering} from "../interfaces/types/Metering.sol";

/// @title NodeScheduler
/// @notice See {INodeScheduler}.
/// @dev Keeps nothing and has no right; another formula is another contract.
contract NodeScheduler is INodeScheduler, IERC165 {
    /// @inheritdoc INodeScheduler
    uint256 public constant SCORE_SCALE = 1_000 ether;

    /// @inheritdoc INodeScheduler
    uint256 public constant MAX_PAGE = 256;

    uint256 private constant PRECISION = 1e9;

    /// @inheritdoc INodeScheduler
    INodeRegistry public immutable NODES;

    /// @inheritdoc INodeScheduler
    IResourceRegistry public immutable REGISTRY;

    /// @inheritdoc INodeScheduler
    IIncentivePool public immutable POOL;

    /// @param pool Incentive pool of the suite, which knows the other modules.
    constructor(IIncentivePool pool) {
        require(address(pool) != address(0), NodeSchedulerZeroAddress());
        POOL = pool;
        NODES = pool.NODES();
        REGISTRY = IResourceRegistry(address(pool.METER()));
    }

    /// @inheritdoc INodeScheduler
    function rank(
        uint32 resource,
        uint128 units,
        uint256 from,
        uint256 count
    ) external view returns (Candidate[] memory candidates) {
        require(count <= MAX_PAGE, NodeSchedulerTooMany(count, MAX_PAGE));
        IResourceRegistry.Resource memory terms = REGISTRY.resourceOf(resource);
        REGISTRY.unitPriceOf(resource, REGISTRY.currentEpoch()); // refuses a resource that cannot be used now
        address[] memory providers = NODES.nodesFrom(from, count);
        Candidate[] memory all = new Candidate[](providers.length);
        uint256[] memory keys = new uint256[](providers.length);
        uint256 length = 0;
        for (uint256 i = 0; i < providers.length; ++i) {
            all[i] = _candidateOf(providers[i], resource, terms);
            Candidate memory candidate = all[i];
            if (candidate.free == 0 || candidate.free < uint256(units) * terms.weight) continue;

            uint256 boost = PRECISION + (candidate.score * PRECISION) / (candidate.score + SCORE_SCALE);
            candidate.rank = Math.mulDiv(candidate.free * 1 gwei, boost, terms.rate);
            // Sorted by rank first; below it the index, complemented so that of equals the earlier one is higher.
            keys[length] = (Math.min(candidate.rank, type(uint248).max) << 8) | (type(uint8).max - i);
            ++length;
        }
        candidates = new Candidate[](length);
        Arrays.sort(keys);
        // Places that were left out are zero and come first.
        for (uint256 i = 0; i < length; ++i) {
            candidates[i] = all[type(uint8).max - uint8(keys[keys.length - 1 - i])];
        }
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) external pure returns (bool supported) {
        return interfaceId == type(INodeScheduler).interfaceId || interfaceId == type(IERC165).interfaceId;
    }

    /// @dev What is known of a provider; without free capacity if it does not take work of this category now.
    function _candidateOf(
        address provider,
        uint32 resource,
        IResourceRegistry.Resource memory terms
    ) private view returns (Candidate memory candidate) {
        candidate.provider = provider;
        (, uint32 categories) = NODES.serviceTerms(provider);
        if (!NODES.isActive(provider) || (categories >> uint256(terms.category)) & 1 == 0) return candidate;

        (Metering.Usage memory current, , ) = REGISTRY.providerUsageOf(provider);
        candidate.used = current.computeUnits;
        uint256 capacity = uint256(NODES.capacityOf(provider, resource)) * terms.weight;
        candidate.free = Math.saturatingSub(capacity, current.computeUnits);
        candidate.score = POOL.scoreOf(provider);
        (candidate.staked, ) = NODES.stakeOf(provider);
    }
}
