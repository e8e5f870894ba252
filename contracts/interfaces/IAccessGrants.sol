// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAccessPolicy} from "./IAccessPolicy.sol";
import {IBoundedParameter} from "./IBoundedParameter.sol";
import {IContributionScore} from "./IContributionScore.sol";
import {IEpochClock} from "./IEpochClock.sol";
import {ILockPower} from "./ILockPower.sol";

/// @title IAccessGrants
/// @notice The first access policy. The tier of an account is the highest of three: granted by the registrar, earned by
/// its own lock, earned by its contribution score.
/// @dev The threshold of a source earns tier 1. Each further tier needs four times the amount of the previous one.
interface IAccessGrants is IAccessPolicy, IContributionScore, IBoundedParameter, IEpochClock {
    /// @notice Emitted when the registrar grants a tier, changes it or takes it back.
    /// @param account Account concerned.
    /// @param previousTier Tier granted before.
    /// @param previousExpiresAt Last second of the grant before.
    /// @param tier Tier granted from now on; 0 for none.
    /// @param expiresAt Last second of the grant.
    event TierGranted(
        address indexed account,
        uint8 previousTier,
        uint48 previousExpiresAt,
        uint8 tier,
        uint48 expiresAt
    );

    /// @notice Emitted when governance sets the sources of contribution scores.
    /// @param sources All sources from now on.
    event ScoresChanged(IContributionScore[] sources);

    /// @notice The account is zero or the tier does not exist.
    /// @param account Account concerned.
    /// @param tier Tier asked for.
    /// @param maximum Highest tier.
    error AccessPolicyInvalidGrant(address account, uint8 tier, uint8 maximum);

    /// @notice The expiry of the grant is not in the future.
    /// @param account Account concerned.
    /// @param expiresAt Expiry asked for.
    error AccessPolicyExpired(address account, uint48 expiresAt);

    /// @notice More sources of scores than there can be.
    /// @param count Number given.
    /// @param maximum Largest number.
    error AccessPolicyTooManyScores(uint256 count, uint256 maximum);

    /// @notice A source of scores has no code or is repeated.
    /// @param source Address given.
    error AccessPolicyInvalidScore(address source);

    /// @notice Grants a tier to an account, or takes it back with tier 0.
    /// @dev Emits {TierGranted}. Restricted to the registrar. A tier that was noted for the running epoch holds until it ends.
    ///
    /// Reverts:
    /// - {AccessPolicyInvalidGrant} if the account is zero or the tier above {MAX_TIER}.
    /// - {AccessPolicyExpired} if the expiry is not in the future, unless the tier is 0.
    /// @param account Account concerned.
    /// @param tier Tier from now on, 0 to 7.
    /// @param expiresAt Last second of the grant.
    function grantTier(address account, uint8 tier, uint48 expiresAt) external;

    /// @notice Sets the sources of contribution scores: the incentive pool, and former pools, whose scores still count.
    /// @dev Emits {ScoresChanged}. Restricted to governance. Scores halve every 90 days, so an old pool can be left out later.
    ///
    /// Reverts:
    /// - {AccessPolicyTooManyScores} above {MAX_SCORES} sources.
    /// - {AccessPolicyInvalidScore} if a source has no code or is repeated.
    /// @param newScores All sources from now on; may be empty.
    function setScores(IContributionScore[] calldata newScores) external;

    /// @notice Governance lock whose power is read; zero if there is none.
    function LOCK() external view returns (ILockPower);

    /// @notice Sources of contribution scores. The score of an account is the sum over them, see {IContributionScore-scoreOf}.
    /// @return sources Empty while there is none.
    function scores() external view returns (IContributionScore[] memory sources);

    /// @notice Largest number of sources of scores.
    function MAX_SCORES() external view returns (uint256);

    /// @notice Gas that a source of scores has for its answer. A source that fails counts as zero.
    function SCORE_GAS() external view returns (uint256);

    /// @notice Highest access tier.
    function MAX_TIER() external view returns (uint8);

    /// @notice Parameter: OPA wei of lock power that earns tier 1.
    function LOCK_THRESHOLD() external view returns (bytes32);

    /// @notice Parameter: contribution score that earns tier 1.
    function SCORE_THRESHOLD() external view returns (bytes32);

    /// @notice Tier that the registrar granted to an account.
    /// @param account Account to look up.
    /// @return tier Tier granted; 0 if there is none or it is over.
    /// @return expiresAt Last second of the grant.
    function grantOf(address account) external view returns (uint8 tier, uint48 expiresAt);
}
