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
interface IAccessGrants is IAccessPolicy, IBoundedParameter, IEpochClock {
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

    /// @notice Emitted when governance sets the source of contribution scores.
    /// @param previous Former source, zero for none.
    /// @param source New source, zero for none.
    event ScoreChanged(address indexed previous, address indexed source);

    /// @notice The account is zero or the tier does not exist.
    /// @param account Account concerned.
    /// @param tier Tier asked for.
    /// @param maximum Highest tier.
    error AccessPolicyInvalidGrant(address account, uint8 tier, uint8 maximum);

    /// @notice The expiry of the grant is not in the future.
    /// @param account Account concerned.
    /// @param expiresAt Expiry asked for.
    error AccessPolicyExpired(address account, uint48 expiresAt);

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

    /// @notice Sets the source of contribution scores, so that tiers follow a replaced incentive pool.
    /// @dev Emits {ScoreChanged}. Restricted to governance.
    /// @param newScore New source; zero for none.
    function setScore(IContributionScore newScore) external;

    /// @notice Governance lock whose power is read; zero if there is none.
    function LOCK() external view returns (ILockPower);

    /// @notice Source of contribution scores.
    /// @return source Zero while there is none.
    function score() external view returns (IContributionScore source);

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
