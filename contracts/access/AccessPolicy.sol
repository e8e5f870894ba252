// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {IAccessGrants} from "../interfaces/IAccessGrants.sol";
import {IAccessPolicy} from "../interfaces/IAccessPolicy.sol";
import {IContributionScore} from "../interfaces/IContributionScore.sol";
import {ILockPower} from "../interfaces/ILockPower.sol";
import {EpochClock} from "../safety/EpochClock.sol";
import {BoundedParameter} from "../safety/BoundedParameter.sol";

/// @title AccessPolicy
/// @notice See {IAccessGrants}.
/// @dev Invariants: ACC-I6 (docs/invariants.md). Trusts: the registrar to grant tiers, LOCK and the source of scores to answer.
contract AccessPolicy is IAccessGrants, BoundedParameter {
    using SafeCast for uint256;

    /// @dev A tier and its last second.
    struct Grant {
        uint8 tier;
        uint48 expiresAt;
    }

    /// @inheritdoc IAccessGrants
    bytes32 public constant LOCK_THRESHOLD = "access/lock-threshold";

    /// @inheritdoc IAccessGrants
    bytes32 public constant SCORE_THRESHOLD = "access/score-threshold";

    /// @inheritdoc IAccessGrants
    uint8 public constant MAX_TIER = 7;

    uint96 private constant MAX_THRESHOLD = 800_000_000 ether;
    uint16 private constant STEP_BPS = 5_000;
    uint24 private constant COOLDOWN = 7 days;
    uint24 private constant NOTICE = 48 hours;

    /// @inheritdoc IAccessGrants
    ILockPower public immutable LOCK;

    IContributionScore private _score;
    mapping(address account => Grant grant) private _grants;

    /// @param initialAuthority AccessManager of the suite.
    /// @param genesis First second of epoch 0.
    /// @param epochDuration Seconds per epoch.
    /// @param lock Governance lock whose power is read; zero if there is none.
    /// @param lockThreshold OPA wei of lock power that earns tier 1, at least one OPA.
    /// @param scoreThreshold Contribution score that earns tier 1, at least 10^18.
    constructor(
        address initialAuthority,
        uint48 genesis,
        uint32 epochDuration,
        ILockPower lock,
        uint256 lockThreshold,
        uint256 scoreThreshold
    ) AccessManaged(initialAuthority) EpochClock(genesis, epochDuration) {
        Bounds memory bounds = Bounds(1 ether, MAX_THRESHOLD, STEP_BPS, COOLDOWN, NOTICE);
        LOCK = lock;
        _define(LOCK_THRESHOLD, lockThreshold, bounds);
        _define(SCORE_THRESHOLD, scoreThreshold, bounds);
    }

    /// @inheritdoc IAccessGrants
    function grantTier(address account, uint8 tier, uint48 expiresAt) external restricted {
        require(account != address(0) && tier <= MAX_TIER, AccessPolicyInvalidGrant(account, tier, MAX_TIER));
        require(tier == 0 || expiresAt > block.timestamp, AccessPolicyExpired(account, expiresAt));

        Grant memory previous = _grants[account];
        _grants[account] = Grant(tier, expiresAt);
        emit TierGranted(account, previous.tier, previous.expiresAt, tier, expiresAt);
    }

    /// @inheritdoc IAccessGrants
    function setScore(IContributionScore newScore) external restricted {
        emit ScoreChanged(address(_score), address(newScore));
        _score = newScore;
    }

    /// @inheritdoc IAccessGrants
    function score() external view returns (IContributionScore source) {
        return _score;
    }

    /// @inheritdoc IAccessPolicy
    function tierOf(address account) external view returns (uint8 tier) {
        (tier, ) = grantOf(account);
        if (address(LOCK) != address(0)) tier = _higher(tier, LOCK.powerOf(account), LOCK_THRESHOLD);
        IContributionScore source = _score;
        if (address(source) != address(0)) tier = _higher(tier, source.scoreOf(account), SCORE_THRESHOLD);
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) external pure returns (bool supported) {
        return interfaceId == type(IAccessPolicy).interfaceId || interfaceId == type(IERC165).interfaceId;
    }

    /// @inheritdoc IAccessGrants
    function grantOf(address account) public view returns (uint8 tier, uint48 expiresAt) {
        Grant memory grant = _grants[account];
        return (block.timestamp <= grant.expiresAt ? grant.tier : 0, grant.expiresAt);
    }

    /// @dev The higher of a tier and the tier that an amount earns: tier 1 at the threshold, one more for each factor
    /// of four.
    function _higher(uint8 tier, uint256 amount, bytes32 parameter) private view returns (uint8 higher) {
        uint256 threshold = _valueOf(parameter);
        if (amount < threshold) return tier;
        uint256 earned = Math.min(1 + Math.log2(amount / threshold) / 2, MAX_TIER);
        return Math.max(tier, earned).toUint8();
    }
}
