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
/// @dev Invariants: ACC-I6 (docs/invariants.md). Trusts: the registrar to grant tiers, LOCK to answer. A source of
/// scores that fails counts as zero; one that lies changes tiers until governance removes it.
contract AccessPolicy is IAccessGrants, BoundedParameter {
    using SafeCast for uint256;

    /// @dev A tier and its last second.
    struct Grant {
        uint8 tier;
        uint48 expiresAt;
    }

    /// @dev A source of scores. `hasNext` saves the read of an empty slot after the last source.
    struct Source {
        IContributionScore score;
        bool hasNext;
    }

    /// @inheritdoc IAccessGrants
    bytes32 public constant LOCK_THRESHOLD = "access/lock-threshold";

    /// @inheritdoc IAccessGrants
    bytes32 public constant SCORE_THRESHOLD = "access/score-threshold";

    /// @inheritdoc IAccessGrants
    uint8 public constant MAX_TIER = 7;

    /// @inheritdoc IAccessGrants
    uint256 public constant MAX_SCORES = 3;

    /// @inheritdoc IAccessGrants
    uint256 public constant SCORE_GAS = 20_000;

    uint96 private constant MAX_THRESHOLD = 800_000_000 ether;
    uint16 private constant STEP_BPS = 5_000;
    uint24 private constant COOLDOWN = 7 days;
    uint24 private constant NOTICE = 48 hours;

    /// @inheritdoc IAccessGrants
    ILockPower public immutable LOCK;

    Source[MAX_SCORES] private _sources;
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
    function setScores(IContributionScore[] calldata newScores) external restricted {
        uint256 count = newScores.length;
        require(count <= MAX_SCORES, AccessPolicyTooManyScores(count, MAX_SCORES));
        for (uint256 i = 0; i < count; ++i) {
            require(address(newScores[i]).code.length != 0, AccessPolicyInvalidScore(address(newScores[i])));
            for (uint256 j = 0; j < i; ++j)
                require(
                    address(newScores[i]) != address(newScores[j]),
                    AccessPolicyInvalidScore(address(newScores[i]))
                );
        }

        for (uint256 i = 0; i < MAX_SCORES; ++i) {
            _sources[i] =
                i < count ? Source(newScores[i], i + 1 < count) : Source(IContributionScore(address(0)), false);
        }
        emit ScoresChanged(newScores);
    }

    /// @inheritdoc IAccessGrants
    function scores() external view returns (IContributionScore[] memory sources) {
        uint256 count = 0;
        while (count < MAX_SCORES && address(_sources[count].score) != address(0)) ++count;
        sources = new IContributionScore[](count);
        for (uint256 i = 0; i < count; ++i) sources[i] = _sources[i].score;
    }

    /// @inheritdoc IAccessPolicy
    function tierOf(address account) external view returns (uint8 tier) {
        (tier, ) = grantOf(account);
        if (address(LOCK) != address(0)) tier = _higher(tier, LOCK.powerOf(account), LOCK_THRESHOLD);
        return _higher(tier, scoreOf(account), SCORE_THRESHOLD);
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) external pure returns (bool supported) {
        return interfaceId == type(IAccessPolicy).interfaceId || interfaceId == type(IERC165).interfaceId;
    }

    /// @inheritdoc IContributionScore
    function scoreOf(address account) public view returns (uint256 score) {
        Source memory source = _sources[0];
        if (address(source.score) == address(0)) return 0;
        score = _scoreAt(source.score, account);
        for (uint256 i = 1; source.hasNext; ++i) {
            source = _sources[i];
            score = Math.saturatingAdd(score, _scoreAt(source.score, account));
        }
    }

    /// @inheritdoc IAccessGrants
    function grantOf(address account) public view returns (uint8 tier, uint48 expiresAt) {
        Grant memory grant = _grants[account];
        return (block.timestamp <= grant.expiresAt ? grant.tier : 0, grant.expiresAt);
    }

    /// @dev Score of an account at one source; zero if the source fails, so that it takes no tier from grants and locks.
    function _scoreAt(IContributionScore source, address account) private view returns (uint256 score) {
        (bool success, bytes memory returned) = address(source).staticcall{gas: SCORE_GAS}(
            abi.encodeCall(IContributionScore.scoreOf, (account))
        );
        if (success && returned.length >= 32) score = uint256(bytes32(returned));
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
