// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IGovernanceLock} from "../interfaces/IGovernanceLock.sol";
import {IIncentivePool} from "../interfaces/IIncentivePool.sol";
import {IIncentiveVault} from "../interfaces/IIncentiveVault.sol";
import {IMeter} from "../interfaces/IMeter.sol";
import {INodeRegistry} from "../interfaces/INodeRegistry.sol";
import {IOPAToken} from "../interfaces/IOPAToken.sol";
import {IResourceRegistry} from "../interfaces/IResourceRegistry.sol";
import {ISystemDirectory} from "../interfaces/ISystemDirectory.sol";
import {ISystemLens} from "../interfaces/ISystemLens.sol";
import {Contribution} from "../interfaces/types/Contribution.sol";
import {ModuleIds} from "../interfaces/types/ModuleIds.sol";

/// @title SystemLens
/// @notice See {ISystemLens}.
/// @dev Invariants: SYS-I7 (docs/invariants.md).
contract SystemLens is ISystemLens {
    /// @inheritdoc ISystemLens
    uint32 public constant MAX_EPOCHS = 100;

    uint256 private constant BPS = 10_000;
    uint256 private constant CATEGORY_COUNT = 5;
    uint256 private constant POOL_GAS = 200_000;

    /// @inheritdoc ISystemLens
    ISystemDirectory public immutable DIRECTORY;

    /// @param directory Directory of the system.
    constructor(ISystemDirectory directory) {
        require(address(directory) != address(0), SystemLensZeroAddress());
        DIRECTORY = directory;
    }

    /// @inheritdoc ISystemLens
    function supply() external view returns (Supply memory parts) {
        IOPAToken token = IOPAToken(DIRECTORY.currentOf(ModuleIds.TOKEN));
        parts.initial = token.INITIAL_SUPPLY();
        parts.total = token.totalSupply();
        parts.burned = parts.initial - parts.total;
        parts.unvested = _heldBy(token, ModuleIds.RELEASE_VAULT);
        parts.pool = _heldBy(token, ModuleIds.INCENTIVE_VAULT) + _heldBy(token, ModuleIds.INCENTIVE_POOL);
        parts.reserve = _heldBy(token, ModuleIds.SYSTEM_RESERVE);
        parts.credit = _heldBy(token, ModuleIds.METER);
        parts.staked = _heldBy(token, ModuleIds.NODE_REGISTRY);
        parts.locked = _heldBy(token, ModuleIds.GOVERNANCE_LOCK);
        uint256 held = parts.unvested + parts.pool + parts.reserve + parts.credit + parts.staked + parts.locked;
        parts.circulating = parts.total - held;
    }

    /// @inheritdoc ISystemLens
    function loop(
        uint32 first,
        uint32 last,
        uint32[] calldata resources
    ) external view returns (EpochLoop[] memory epochs, Present memory state) {
        IMeter meter = _meter();
        IResourceRegistry registry = meter.REGISTRY();
        IIncentiveVault vault = IIncentiveVault(DIRECTORY.currentOf(ModuleIds.INCENTIVE_VAULT));
        state = present();
        uint32 current = state.epoch;
        require(
            first <= last && last <= current && last - first < MAX_EPOCHS,
            SystemLensInvalidRange(first, last, current)
        );

        epochs = new EpochLoop[](last - first + 1);
        for (uint32 epoch = first; epoch <= last; ++epoch) {
            EpochLoop memory record = epochs[epoch - first];
            record.epoch = epoch;
            _readRelease(vault, record, epoch == current ? state.burned : 0);
            uint256 end = meter.GENESIS() + (uint256(epoch) + 1) * meter.EPOCH_DURATION();
            (record.locked, record.votes) = _locksAt(end);
            record.prices = _pricesOf(registry, epoch, resources);
        }
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) external pure returns (bool supported) {
        return interfaceId == type(ISystemLens).interfaceId || interfaceId == type(IERC165).interfaceId;
    }

    /// @inheritdoc ISystemLens
    function present() public view returns (Present memory state) {
        IMeter meter = _meter();
        state.epoch = meter.currentEpoch();
        state.burned = meter.burnedInEpoch();
        state.staked = INodeRegistry(DIRECTORY.currentOf(ModuleIds.NODE_REGISTRY)).totalStake();
        (state.locked, state.votes) = _locksAt(block.timestamp);
        IOPAToken token = IOPAToken(DIRECTORY.currentOf(ModuleIds.TOKEN));
        state.lockRatioBps = (state.locked * BPS) / token.totalSupply();
    }

    /// @dev Release of an epoch and the points counted by its pool. `burned` is the burn of the running epoch.
    function _readRelease(IIncentiveVault vault, EpochLoop memory record, uint256 burned) private view {
        IIncentiveVault.Closing memory closing = vault.closingOf(record.epoch);
        record.burned = Math.max(burned, closing.burned);
        (record.allotment, record.released) = (closing.allotment, closing.released);
        address pool = vault.METER().bookOf(record.epoch);
        for (uint256 i = 0; i < CATEGORY_COUNT; ++i) record.points[i] = _pointsOf(pool, record.epoch, i);
    }

    /// @dev Points of a category in an epoch, zero if its pool does not answer.
    function _pointsOf(address pool, uint32 epoch, uint256 category) private view returns (uint256 points) {
        if (pool.code.length == 0) return 0;
        try IIncentivePool(pool).categoryOf{gas: POOL_GAS}(epoch, Contribution.Category(category)) returns (
            uint256 counted,
            uint256
        ) {
            points = counted;
        } catch {
            points = 0;
        }
    }

    /// @dev OPA in locks and voting power at the last second before a time, or before now.
    function _locksAt(uint256 time) private view returns (uint256 locked, uint256 votes) {
        IGovernanceLock lock = IGovernanceLock(DIRECTORY.currentOf(ModuleIds.GOVERNANCE_LOCK));
        uint256 second = (time < block.timestamp ? time : block.timestamp) - 1;
        return (lock.getPastLocked(second), lock.getPastTotalSupply(second));
    }

    /// @dev Prices of resources in an epoch; zero if a price is no longer stored.
    function _pricesOf(
        IResourceRegistry registry,
        uint32 epoch,
        uint32[] calldata resources
    ) private view returns (uint256[] memory prices) {
        prices = new uint256[](resources.length);
        for (uint256 i = 0; i < resources.length; ++i) {
            try registry.unitPriceOf(resources[i], epoch) returns (uint96 unitPrice) {
                prices[i] = unitPrice;
            } catch {
                prices[i] = 0;
            }
        }
    }

    /// @dev Current Meter.
    function _meter() private view returns (IMeter meter) {
        return IMeter(DIRECTORY.currentOf(ModuleIds.METER));
    }

    /// @dev Balance of all versions of a module.
    function _heldBy(IOPAToken token, bytes32 id) private view returns (uint256 amount) {
        address[] memory modules = DIRECTORY.versionsOf(id);
        for (uint256 i = 0; i < modules.length; ++i) amount += token.balanceOf(modules[i]);
    }
}
