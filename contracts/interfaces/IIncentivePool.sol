// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

import {IContributionScore} from "./IContributionScore.sol";
import {IDistributor} from "./IDistributor.sol";
import {IEpochClock} from "./IEpochClock.sol";
import {IGovernanceLock} from "./IGovernanceLock.sol";
import {IIncentiveVault} from "./IIncentiveVault.sol";
import {IMeter} from "./IMeter.sol";
import {INodeRegistry} from "./INodeRegistry.sol";
import {IProvisionBook} from "./IProvisionBook.sol";
import {Contribution} from "./types/Contribution.sol";

/// @title IIncentivePool
/// @notice Divides the release of each epoch among its contributors. Holds owed rewards only.
/// @dev {IIncentiveVault} fixes the allotment of an epoch. Each category gets a fixed share of it, at most
/// {POINT_CEILING} per point; a category without points gets nothing. A contributor gets a part in proportion to its
/// points. Provision points are the OPA wei burned through a provider, counted by the Meter; κ bounds them, so they
/// have no ceiling. All other points are attested. No points can be recorded for a past epoch, so a finished epoch
/// never changes. Divisions round down; the dust stays here. Amounts are OPA wei.
///
/// An epoch belongs to the pool that {IMeter-bookOf} names. Governance replaces a pool by naming another book. Rewards
/// of the former pool's epochs stay claimable there.
///
/// All claims together have a limit per epoch. The excess comes out of a token bucket of the same capacity, which
/// refills within {CLAIM_WINDOW}. The excess over both stays claimable and trips the limit "claims". A pause stops
/// {recordPoints}; claims and closing go on.
interface IIncentivePool is IContributionScore, IEpochClock, IProvisionBook, IDistributor, IERC165 {
    /// @notice Emitted when attested points are recorded in the running epoch.
    /// @param account Contributor.
    /// @param category Category of the contribution.
    /// @param epoch Running epoch.
    /// @param points Points added.
    event PointsRecorded(
        address indexed account,
        Contribution.Category indexed category,
        uint32 indexed epoch,
        uint256 points
    );

    /// @notice Emitted when an account changes the address to which claims are paid.
    /// @param account Account concerned.
    /// @param previous Former payout address, zero for the account itself.
    /// @param payout New payout address, zero for the account itself.
    event PayoutChanged(address indexed account, address indexed previous, address indexed payout);

    /// @notice Emitted when earned OPA is paid.
    /// @param account Account that earned it.
    /// @param recipient Recipient.
    /// @param amount OPA wei paid.
    event RewardClaimed(address indexed account, address indexed recipient, uint256 amount);

    /// @notice Emitted when an unclaimed reward returns to the vault.
    /// @param account Account that earned it.
    /// @param amount OPA wei returned.
    event RewardReturned(address indexed account, uint256 amount);

    /// @notice The limit of claims is zero or too large.
    /// @param limit OPA wei given.
    /// @param maximum Largest limit.
    error IncentivePoolInvalidLimit(uint256 limit, uint256 maximum);

    /// @notice A module address or the recipient is zero.
    error IncentivePoolZeroAddress();

    /// @notice The category shares do not add up to 100%.
    /// @param sum Their sum in basis points.
    error IncentivePoolInvalidShares(uint256 sum);

    /// @notice The caller is not the Meter.
    /// @param caller Address of the caller.
    error IncentivePoolNotMeter(address caller);

    /// @notice No points can be recorded now: another pool divides the running epoch, or nothing can be released for it.
    /// @param epoch Running epoch.
    error IncentivePoolNotReleasing(uint32 epoch);

    /// @notice The points cannot be recorded: no account, no points, `Provision`, or a category without a share.
    /// @param account Account named.
    /// @param category Category named.
    /// @param points Points given.
    error IncentivePoolInvalidPoints(address account, Contribution.Category category, uint256 points);

    /// @notice The points of an epoch would not fit their record.
    /// @param category Category named.
    /// @param points Points given.
    /// @param maximum Points that would still fit.
    error IncentivePoolPointsOverflow(Contribution.Category category, uint256 points, uint256 maximum);

    /// @notice The return delay of the reward is not over.
    /// @param account Account concerned.
    /// @param returnableAt First second at which the reward can be returned.
    error IncentivePoolTooEarly(address account, uint256 returnableAt);

    /// @notice The account contributes in the running epoch, so its reward cannot be returned.
    /// @param account Account concerned.
    error IncentivePoolActive(address account);

    /// @notice Records attested points in the running epoch.
    /// @dev Emits {PointsRecorded}.
    ///
    /// Reverts:
    /// - `AccessManagedUnauthorized` if the caller lacks the RECORDER role.
    /// - `GuardedPauseActive` while the pool is paused.
    /// - {IncentivePoolInvalidPoints} if account or points are zero, the category is `Provision`, or it has no share.
    /// - {IncentivePoolNotReleasing} if another pool divides the running epoch, or the epoch can release nothing. This
    /// is so in the epoch of the deployment, before the first burn of the epoch, and if the vault is empty.
    /// - {IncentivePoolPointsOverflow} if all accounts together would have more than {MAX_POINTS} in the epoch.
    /// @param account Contributor.
    /// @param category Category of the contribution.
    /// @param points Points to add.
    function recordPoints(address account, Contribution.Category category, uint256 points) external;

    /// @notice Sets the address to which claims for the caller are paid.
    /// @dev Emits {PayoutChanged}.
    ///
    /// Reverts:
    /// - {IncentivePoolZeroAddress} if it is this pool.
    /// @param payout New payout address; zero for the caller itself.
    function setPayout(address payout) external;

    /// @notice Pays the reward of an account in finished epochs to its payout address, as far as the limit of claims allows.
    /// @dev Emits {RewardClaimed} if it pays, and `LimitTripped` if a part is deferred. Callable by anyone; repeated
    /// calls have no effect. Constant cost.
    /// @param account Account that earned it.
    /// @return amount OPA wei paid.
    function claim(address account) external returns (uint256 amount);

    /// @notice Pays the reward of the caller to a recipient, as {claim} does.
    /// @dev Emits {RewardClaimed} if it pays, and `LimitTripped` if a part is deferred.
    ///
    /// Reverts:
    /// - {IncentivePoolZeroAddress} if the recipient is zero or this pool.
    /// @param recipient Recipient.
    /// @return amount OPA wei paid.
    function claimTo(address recipient) external returns (uint256 amount);

    /// @notice Adds the reward of the caller, a provider, to its stake, as {claim} would pay it.
    /// @dev Emits {RewardClaimed} and {INodeStaking-StakeAdded}, and `LimitTripped` if a part is deferred.
    ///
    /// Reverts:
    /// - {INodeRegistry-NodeRegistryUnknownNode} if the caller is no provider and has a reward.
    /// @return amount OPA wei staked.
    function claimToStake() external returns (uint256 amount);

    /// @notice Adds the reward of the caller to its governance lock, as {claim} would pay it.
    /// @dev Emits {RewardClaimed} and {IGovernanceLock-LockIncreased}, and `LimitTripped` if a part is deferred.
    ///
    /// Reverts:
    /// - {IGovernanceLock-GovernanceLockNotRunning} if the caller has no lock and has a reward.
    /// @return amount OPA wei locked.
    function claimToLock() external returns (uint256 amount);

    /// @notice Returns an unclaimed reward to the vault. {RETURN_DELAY} must have passed since the end of the last
    /// epoch in which the account contributed or claimed.
    /// @dev Emits {RewardReturned} if there is a reward. Callable by anyone; repeated calls have no effect.
    ///
    /// Reverts:
    /// - {IncentivePoolTooEarly} before the delay is over.
    /// - {IncentivePoolActive} if the account contributes in the running epoch.
    /// @param account Account concerned.
    /// @return amount OPA wei returned.
    function returnUnclaimed(address account) external returns (uint256 amount);

    /// @notice Token that is paid.
    function TOKEN() external view returns (IERC20);

    /// @notice Vault that fixes and pays the release of each epoch.
    function VAULT() external view returns (IIncentiveVault);

    /// @notice Meter that counts provision.
    function METER() external view returns (IMeter);

    /// @notice Registry that holds stakes.
    function NODES() external view returns (INodeRegistry);

    /// @notice Governance lock that rewards can be claimed into.
    function LOCK() external view returns (IGovernanceLock);

    /// @notice Seconds in which the bucket of claims refills.
    function CLAIM_WINDOW() external view returns (uint48);

    /// @notice Epochs in which a score halves.
    function SCORE_HALF_LIFE() external view returns (uint32);

    /// @notice Seconds after which an untouched reward can be returned.
    function RETURN_DELAY() external view returns (uint48);

    /// @notice Largest sum of points of one category in an epoch.
    function MAX_POINTS() external view returns (uint256);

    /// @notice Most OPA wei that one attested point earns.
    function POINT_CEILING() external view returns (uint256);

    /// @notice Limit of claims by all accounts together.
    /// @return limit OPA wei that an epoch allows without the bucket.
    /// @return available OPA wei that can be claimed now, the bucket included.
    function claimLimit() external view returns (uint256 limit, uint256 available);

    /// @notice Points and release of a category in an epoch.
    /// @param epoch Number of the epoch.
    /// @param category Category to look up.
    /// @return points Points of all contributors; for `Provision` burned OPA wei, 0 while the epoch lasts.
    /// @return released OPA wei released for them by this pool, 0 while the epoch lasts.
    function categoryOf(
        uint32 epoch,
        Contribution.Category category
    ) external view returns (uint256 points, uint256 released);

    /// @notice Share of the allotment that a category gets.
    /// @param category Category to look up.
    /// @return bps Basis points.
    function shareOf(Contribution.Category category) external view returns (uint256 bps);

    /// @notice Reward that an account could claim now, apart from the limit of claims.
    /// @param account Account to look up.
    /// @return amount OPA wei.
    function claimableOf(address account) external view returns (uint256 amount);

    /// @notice Address to which claims for an account are paid.
    /// @param account Account to look up.
    /// @return payout The account itself unless it set another address.
    function payoutOf(address account) external view returns (address payout);

    /// @notice Attested points that an account has in the running epoch.
    /// @param account Account to look up.
    /// @param category Category to look up.
    /// @return points Points.
    function pointsOf(address account, Contribution.Category category) external view returns (uint256 points);

    /// @notice First second at which the reward of an account can be returned to the vault, unless it contributes again.
    /// @param account Account to look up.
    /// @return time Unix time; 0 if it contributed in no finished epoch.
    function returnableAt(address account) external view returns (uint256 time);
}
