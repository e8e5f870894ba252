// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IIncentiveVault} from "../interfaces/IIncentiveVault.sol";
import {INecessity} from "../interfaces/INecessity.sol";
import {IStageCapCondition} from "../interfaces/IStageCapCondition.sol";
import {EpochClock} from "../safety/EpochClock.sol";
import {BoundedParameter} from "../safety/BoundedParameter.sol";

/// @title StageCapCondition
/// @notice See {IStageCapCondition}.
/// @dev Invariants: RSV-I5 (docs/invariants.md). Trusts: VAULT to state its closings.
contract StageCapCondition is IStageCapCondition, BoundedParameter {
    /// @inheritdoc INecessity
    bytes32 public constant KIND = "stage-cap";

    /// @inheritdoc IStageCapCondition
    bytes32 public constant SHARE = "reserve/held-back-share";

    /// @inheritdoc IStageCapCondition
    uint32 public constant WINDOW = 7;

    uint256 private constant BPS = 10_000;
    uint96 private constant MIN_SHARE_BPS = 500;
    uint96 private constant MAX_SHARE_BPS = 9_000;
    uint16 private constant STEP_BPS = 2_000;
    uint24 private constant COOLDOWN = 7 days;
    uint24 private constant NOTICE = 48 hours;

    /// @inheritdoc IStageCapCondition
    IIncentiveVault public immutable VAULT;

    /// @param vault Incentive vault of the suite.
    /// @param initialAuthority AccessManager of the suite.
    /// @param shareBps First share in basis points.
    constructor(
        IIncentiveVault vault,
        address initialAuthority,
        uint16 shareBps
    ) AccessManaged(initialAuthority) EpochClock(_requireVault(vault).GENESIS(), vault.EPOCH_DURATION()) {
        VAULT = vault;
        _define(SHARE, shareBps, Bounds(MIN_SHARE_BPS, MAX_SHARE_BPS, STEP_BPS, COOLDOWN, NOTICE));
    }

    /// @inheritdoc INecessity
    function isNecessary() external view returns (bool needed) {
        (uint256 backed, uint256 heldBack) = demand();
        return heldBack * BPS > backed * _valueOf(SHARE);
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) external pure returns (bool supported) {
        return interfaceId == type(INecessity).interfaceId || interfaceId == type(IERC165).interfaceId;
    }

    /// @inheritdoc IStageCapCondition
    function demand() public view returns (uint256 backed, uint256 heldBack) {
        uint32 current = currentEpoch();
        for (uint32 epoch = current < WINDOW ? 0 : current - WINDOW; epoch < current; ++epoch) {
            IIncentiveVault.Closing memory closing = VAULT.closingOf(epoch);
            uint256 asked = (uint256(closing.burned) * closing.kappaBps) / BPS;
            backed += asked;
            heldBack += Math.saturatingSub(asked, closing.stageCap);
        }
    }

    /// @dev Reverts on the zero address before the base constructor reads the vault.
    function _requireVault(IIncentiveVault vault) private pure returns (IIncentiveVault) {
        require(address(vault) != address(0), StageCapConditionZeroAddress());
        return vault;
    }
}
