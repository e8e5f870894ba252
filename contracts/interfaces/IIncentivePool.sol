// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IBoundedParameter} from "./IBoundedParameter.sol";
import {IContributionScore} from "./IContributionScore.sol";
import {IEpochClock} from "./IEpochClock.sol";
import {IGovernanceLock} from "./IGovernanceLock.sol";
import {INodeRegistry} from "./INodeRegistry.sol";
import {IReserveClient} from "./IReserveClient.sol";
import {IResourceRegistry} from "./IResourceRegistry.sol";
import {Contribution} from "./types/Contribution.sol";

/// @title IIncentivePool
/// @notice Releases OPA to those who contribute, never more than a share of what was burned in the same epoch.
/// @dev For a finished epoch with use: `allotment = min(pool × stage rate, κ × burned)`. Each category gets a fixed share
/// of it if anybody contributed to it, and each contributor of the category gets its share of the points. Divisions round
/// down, so what is lost to rounding stays here. Amounts are OPA wei. Provision points are the OPA burned through a
/// provider, as the resource registry counts them; all others are attested. Nothing can be recorded for an epoch that is
/// over, so a finished epoch never changes, whenever it is worked out.
///
/// All claims together have a limit: so much in an epoch, and what goes beyond comes out of a bucket of the same size that fills
/// within {CLAIM_WINDOW}; what exceeds both stays earned and claimable, and shows as the tripped limit "claims" for a day. What
/// comes from the reserve is released like anything else, counts as used first, and goes back as far as it is not used in
/// {DRAW_USE_PERIOD}. A pause stops {recordPoints}; claims and the working out of epochs go on.
///
/// A pool is replaced by one that names it as its {PREDECESSOR}. That one releases nothing before this one is retired, and
/// only for epochs after the last of this one, so that no burn releases twice and none goes without; see {retire} and
/// {handOver}.
interface IIncentivePool is IContributionScore, IBoundedParameter, IEpochClock, IReserveClient {
    /// @notice A stage of the release schedule.
    /// @param from Epochs after {START_EPOCH} at which it begins.
    /// @param ratePpm Millionths of what is in the pool that one epoch can release.
    struct Stage {
        uint16 from;
        uint16 ratePpm;
    }

    /// @notice What an epoch released.
    /// @param burned OPA wei that settlement burned in it.
    /// @param allotment Largest amount it could release: the smaller of stage cap and κ × burned.
    /// @param released OPA wei it released, over all categories.
    /// @param kappaBps κ in force in it.
    struct Epoch {
        uint96 burned;
        uint96 allotment;
        uint96 released;
        uint16 kappaBps;
    }

    /// @notice What the pool holds, and what it has released.
    /// @param remaining OPA wei that epochs to come can release.
    /// @param incoming OPA wei that came in, of the remaining ones, and count from the next epoch on.
    /// @param owed OPA wei released and not claimed.
    /// @param released OPA wei released since the beginning.
    struct Funds {
        uint256 remaining;
        uint256 incoming;
        uint256 owed;
        uint256 released;
    }

    /// @notice Emitted when OPA comes in.
    /// @param amount OPA wei added.
    event PoolFunded(uint256 amount);

    /// @notice Emitted when a finished epoch is worked out.
    /// @param epoch Its number.
    /// @param burned OPA wei that settlement burned in it.
    /// @param allotment Largest amount it could release.
    /// @param released OPA wei it released.
    /// @param kappaBps κ in force in it.
    event EpochClosed(uint32 indexed epoch, uint256 burned, uint256 allotment, uint256 released, uint256 kappaBps);

    /// @notice Emitted when attested points are recorded in the running epoch.
    /// @param account Who contributed.
    /// @param category To what.
    /// @param epoch Running epoch.
    /// @param points Points added.
    event PointsRecorded(
        address indexed account,
        Contribution.Category indexed category,
        uint32 indexed epoch,
        uint256 points
    );

    /// @notice Emitted when earned OPA is claimed.
    /// @param account Who earned it.
    /// @param recipient Who got it.
    /// @param amount OPA wei paid.
    event RewardClaimed(address indexed account, address indexed recipient, uint256 amount);

    /// @notice Emitted when earned OPA that nobody claimed goes back to the pool.
    /// @param account Who earned it.
    /// @param amount OPA wei returned.
    event RewardReturned(address indexed account, uint256 amount);

    /// @notice Emitted when the pool is to end.
    /// @param successor Pool that releases for later epochs.
    /// @param lastEpoch Last epoch for which this one releases.
    event PoolRetired(address indexed successor, uint32 lastEpoch);

    /// @notice Emitted when the pool hands what it has not released to its successor.
    /// @param successor Pool that gets it.
    /// @param amount OPA wei handed over.
    event PoolHandedOver(address indexed successor, uint256 amount);

    /// @notice The limit of claims is zero or too large.
    /// @param limit OPA wei given.
    /// @param maximum Largest limit.
    error IncentivePoolInvalidLimit(uint256 limit, uint256 maximum);

    /// @notice The directory names no successor, or not for long enough.
    /// @param successor Current pool of the directory.
    /// @param availableAt First second at which this one can retire, zero if the successor does not follow this one.
    error IncentivePoolNoSuccessor(address successor, uint256 availableAt);

    /// @notice The predecessor counts by another registry.
    /// @param predecessor Pool given.
    error IncentivePoolForeignPredecessor(address predecessor);

    /// @notice The pool is retired already.
    /// @param successor Pool that follows it.
    error IncentivePoolRetired(address successor);

    /// @notice The pool is not retired, or its last epoch is not over.
    /// @param successor Pool that follows it, zero if there is none.
    /// @param lastEpoch Last epoch for which it releases.
    error IncentivePoolNotRetired(address successor, uint32 lastEpoch);

    /// @notice The caller is not the pool before this one.
    /// @param caller Who called.
    error IncentivePoolNotPredecessor(address caller);

    /// @notice Another pool releases for the running epoch.
    /// @param epoch Running epoch.
    error IncentivePoolNotActive(uint32 epoch);

    /// @notice A module address is zero, or an amount would be paid to nobody.
    error IncentivePoolZeroAddress();

    /// @notice The category shares do not add up to 100%.
    /// @param sum Their sum in basis points.
    error IncentivePoolInvalidShares(uint256 sum);

    /// @notice The stages are none or too many, begin late, overlap, fall by more than half, or release nothing or over 1%.
    /// @param index First stage that is wrong.
    error IncentivePoolInvalidStages(uint256 index);

    /// @notice Nothing came in.
    error IncentivePoolNothingToAbsorb();

    /// @notice The account has earned nothing in finished epochs that is not claimed or returned.
    /// @param account Account concerned.
    error IncentivePoolNothingToClaim(address account);

    /// @notice The account left its reward untouched for too short a time.
    /// @param account Account concerned.
    /// @param returnableAt First second at which the reward can be returned.
    error IncentivePoolTooEarly(address account, uint256 returnableAt);

    /// @notice No points can be recorded there.
    /// @param account Account named.
    /// @param category Category named.
    /// @param points Points given.
    error IncentivePoolInvalidPoints(address account, Contribution.Category category, uint256 points);

    /// @notice The points of an epoch would not fit their record.
    /// @param category Category named.
    /// @param points Points given.
    /// @param maximum Points that would still fit.
    error IncentivePoolPointsOverflow(Contribution.Category category, uint256 points, uint256 maximum);

    /// @notice Takes in the OPA that was sent here and counted nowhere, for the epochs to come.
    /// @dev Emits {PoolFunded}. Callable by anyone.
    ///
    /// Reverts:
    /// - {IncentivePoolNothingToAbsorb} if there is none.
    /// @return amount OPA wei taken in.
    function absorb() external returns (uint256 amount);

    /// @notice Works out the last finished epoch with use, unless it has been.
    /// @dev Emits {EpochClosed} if it does. Callable by anyone; constant cost.
    function closeEpoch() external;

    /// @notice Turns the points that accounts have from finished epochs into OPA.
    /// @dev Emits {EpochClosed} if an epoch is worked out. Callable by anyone. Settlement calls it for every provider
    /// whose use rolls into a later epoch, so that no epoch is missed; calling it at any other time changes no amount. The pools
    /// before and after this one book them too.
    /// @param accounts Accounts to book.
    function book(address[] calldata accounts) external;

    /// @notice Records attested points in the running epoch.
    /// @dev Emits {PointsRecorded}.
    ///
    /// Reverts:
    /// - `AccessManagedUnauthorized` if the caller lacks the RECORDER role.
    /// - {IncentivePoolInvalidPoints} if the account or the points are zero, or the category is `Provision`.
    /// - {IncentivePoolNotActive} if another pool releases for the running epoch.
    /// - {IncentivePoolPointsOverflow} if all accounts together would have more than {MAX_POINTS} in the epoch.
    /// @param account Who contributed.
    /// @param category To what.
    /// @param points Points to add.
    function recordPoints(address account, Contribution.Category category, uint256 points) external;

    /// @notice Pays what an account has earned in finished epochs to its payout address: all of it, or as much as the limit of
    /// claims allows now.
    /// @dev Emits {RewardClaimed}, and `LimitTripped` if a part has to wait. Callable by anyone; constant cost.
    ///
    /// Reverts:
    /// - {IncentivePoolNothingToClaim} if there is nothing.
    /// @param account Who earned it.
    /// @return amount OPA wei paid.
    function claim(address account) external returns (uint256 amount);

    /// @notice Pays what the caller has earned in finished epochs to somebody, as {claim} does.
    /// @dev Emits {RewardClaimed}, and `LimitTripped` if a part has to wait.
    ///
    /// Reverts:
    /// - {IncentivePoolZeroAddress} if the recipient is zero or this contract.
    /// - {IncentivePoolNothingToClaim} if there is nothing.
    /// @param recipient Who gets it.
    /// @return amount OPA wei paid.
    function claimTo(address recipient) external returns (uint256 amount);

    /// @notice Adds what the caller, a provider, has earned in finished epochs to its stake, as {claim} would pay it.
    /// @dev Emits {RewardClaimed} and {INodeStaking-StakeAdded}, and `LimitTripped` if a part has to wait.
    ///
    /// Reverts:
    /// - {IncentivePoolNothingToClaim} if there is nothing.
    /// - {INodeRegistry-NodeRegistryUnknownNode} if the caller is no provider.
    /// @return amount OPA wei staked.
    function claimToStake() external returns (uint256 amount);

    /// @notice Adds what the caller has earned in finished epochs to its governance lock, as {claim} would pay it.
    /// @dev Emits {RewardClaimed} and {IGovernanceLock-LockIncreased}, and `LimitTripped` if a part has to wait.
    ///
    /// Reverts:
    /// - {IncentivePoolNothingToClaim} if there is nothing.
    /// - {IGovernanceLock-GovernanceLockNotRunning} if the caller has no lock.
    /// @return amount OPA wei locked.
    function claimToLock() external returns (uint256 amount);

    /// @notice Makes the running epoch the last one for which this pool releases. From the next one on the current pool of the
    /// directory does, which must have been listed for at least {RETIRE_NOTICE}. What was earned here stays claimable here.
    /// @dev Emits {PoolRetired}. Callable by governance, once.
    ///
    /// Reverts:
    /// - {IncentivePoolRetired} if it was called before.
    /// - {IncentivePoolNoSuccessor} if the current pool does not name this one as its predecessor, or not for long enough.
    /// - {IncentivePoolNotActive} if the pool before it still releases for the running epoch.
    function retire() external;

    /// @notice Hands what was not released to the successor, once the last epoch is over and worked out; what the reserve
    /// paid and was not used goes back to it first. The first settlement after the last epoch does it, by {book}.
    /// @dev Emits {PoolHandedOver}, with zero if there is nothing. Callable by anyone, again for what comes in later.
    ///
    /// Reverts:
    /// - {IncentivePoolNotRetired} before.
    /// @return amount OPA wei handed over.
    function handOver() external returns (uint256 amount);

    /// @notice Counts what the predecessor hands over, from the running epoch on.
    /// @dev Emits {PoolFunded}. Callable by the predecessor, which has sent it.
    ///
    /// Reverts:
    /// - {IncentivePoolNotPredecessor} for anyone else.
    /// @param amount OPA wei.
    function receiveHandOver(uint256 amount) external;

    /// @notice Returns to the pool what an account has earned and left untouched: {RETURN_DELAY} passed since the end of the
    /// last finished epoch in which it contributed, and of the last one in which it claimed.
    /// @dev Emits {RewardReturned}. Callable by anyone.
    ///
    /// Reverts:
    /// - {IncentivePoolNothingToClaim} if there is nothing.
    /// - {IncentivePoolTooEarly} if it is too early.
    /// @param account Account concerned.
    /// @return amount OPA wei returned.
    function returnUnclaimed(address account) external returns (uint256 amount);

    /// @notice Token that is released.
    function TOKEN() external view returns (IERC20);

    /// @notice Where provision is counted.
    function REGISTRY() external view returns (IResourceRegistry);

    /// @notice Where payout addresses are known and stakes are held.
    function NODES() external view returns (INodeRegistry);

    /// @notice Lock into which rewards can be claimed.
    function LOCK() external view returns (IGovernanceLock);

    /// @notice Reserve that can pay the pool.
    function RESERVE() external view returns (address);

    /// @notice Id under which the directory lists the pool.
    function MODULE_ID() external view returns (bytes32);

    /// @notice Seconds for which a successor must be listed before this pool can retire.
    function RETIRE_NOTICE() external view returns (uint48);

    /// @notice Seconds in which the bucket of claims fills again.
    function CLAIM_WINDOW() external view returns (uint48);

    /// @notice Seconds after which what was drawn from the reserve and not used goes back.
    function DRAW_USE_PERIOD() external view returns (uint48);

    /// @notice OPA wei that can be claimed now, by all together.
    /// @return limit What an epoch allows without the bucket.
    /// @return available What can be claimed now, the bucket included.
    function claimLimit() external view returns (uint256 limit, uint256 available);

    /// @notice The pool that goes on after this one.
    /// @return successor Zero while this one is not retired.
    /// @return lastEpoch Last epoch for which this one releases, if it is retired.
    function succession() external view returns (IIncentivePool successor, uint32 lastEpoch);

    /// @notice Whether this pool, and not the one before or after it, releases for an epoch.
    /// @param epoch Its number; of a later epoch it can still change.
    /// @return active Whether it does.
    function isActiveIn(uint32 epoch) external view returns (bool active);

    /// @notice Pool after which this one releases; zero if it is the first.
    function PREDECESSOR() external view returns (IIncentivePool);

    /// @notice Epoch of the deployment; the next one is the first that releases anything.
    function START_EPOCH() external view returns (uint32);

    /// @notice Largest κ, in basis points, whatever governance decides.
    function MAX_KAPPA_BPS() external view returns (uint16);

    /// @notice Name of κ among the parameters; its unit is basis points.
    function KAPPA() external view returns (bytes32);

    /// @notice Epochs in which a score halves.
    function SCORE_HALF_LIFE() external view returns (uint32);

    /// @notice Seconds after which an untouched reward can be returned.
    function RETURN_DELAY() external view returns (uint48);

    /// @notice Most points of one category that all accounts together can have in an epoch.
    function MAX_POINTS() external view returns (uint256);

    /// @notice What the pool holds, as if all finished epochs were worked out.
    /// @return funds Amounts.
    function fundsOf() external view returns (Funds memory funds);

    /// @notice A finished epoch, as if it were worked out.
    /// @param epoch Its number.
    /// @return record What it released; all zero if nothing was burned in it, and up to {START_EPOCH}.
    function epochOf(uint32 epoch) external view returns (Epoch memory record);

    /// @notice What an epoch released for a category.
    /// @param epoch Its number.
    /// @param category Category to look up.
    /// @return points Points of all contributors; for `Provision` burned OPA wei, 0 while the epoch lasts.
    /// @return released OPA wei released for them, 0 while the epoch lasts.
    function categoryOf(
        uint32 epoch,
        Contribution.Category category
    ) external view returns (uint256 points, uint256 released);

    /// @notice Share of the allotment that a category gets.
    /// @param category Category to look up.
    /// @return bps Basis points.
    function shareOf(Contribution.Category category) external view returns (uint256 bps);

    /// @notice The release schedule; the last stage never ends.
    /// @return stages Stages in order.
    function schedule() external view returns (Stage[] memory stages);

    /// @notice What an epoch can release of what is in the pool.
    /// @param epoch Its number.
    /// @return ratePpm Millionths.
    function rateOf(uint32 epoch) external view returns (uint256 ratePpm);

    /// @notice What an account could claim now.
    /// @param account Account to look up.
    /// @return amount OPA wei.
    function claimableOf(address account) external view returns (uint256 amount);

    /// @notice Attested points that an account has in the running epoch.
    /// @param account Account to look up.
    /// @param category Category to look up.
    /// @return points Points.
    function pointsOf(address account, Contribution.Category category) external view returns (uint256 points);

    /// @notice First second at which what an account has earned can be returned to the pool.
    /// @param account Account to look up.
    /// @return time Unix time; 0 if it contributed in no finished epoch.
    function returnableAt(address account) external view returns (uint256 time);
}
