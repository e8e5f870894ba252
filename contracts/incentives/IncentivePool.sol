// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {RateLimiter} from "@openzeppelin/contracts/utils/RateLimiter.sol";

import {IContributionScore} from "../interfaces/IContributionScore.sol";
import {IDistributor} from "../interfaces/IDistributor.sol";
import {IGovernanceLock} from "../interfaces/IGovernanceLock.sol";
import {IIncentivePool} from "../interfaces/IIncentivePool.sol";
import {IIncentiveVault} from "../interfaces/IIncentiveVault.sol";
import {IMeter} from "../interfaces/IMeter.sol";
import {INodeRegistry} from "../interfaces/INodeRegistry.sol";
import {IProvisionBook} from "../interfaces/IProvisionBook.sol";
import {Contribution} from "../interfaces/types/Contribution.sol";
import {Metering} from "../interfaces/types/Metering.sol";
import {PointsRecord, PointsWord} from "../libraries/PointsRecord.sol";
import {ScoreDecay} from "../libraries/ScoreDecay.sol";
import {EpochClock} from "../safety/EpochClock.sol";
import {GuardedPause} from "../safety/GuardedPause.sol";
import {Restrictable} from "../safety/Restrictable.sol";

/// @title IncentivePool
/// @notice See {IIncentivePool}.
/// @dev Invariants: INC-I2, INC-I4, INC-I6 to INC-I8, INC-I11 (docs/invariants.md). Trusts: VAULT to pay the releases
/// that it states, METER to count use, NODES and LOCK to keep deposits. Trusts holders of RECORDER to record attested
/// points.
contract IncentivePool is IIncentivePool, EpochClock, GuardedPause, Restrictable {
    using PointsRecord for PointsWord;
    using RateLimiter for RateLimiter.RefillingBucket;
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    /// @dev Payout address, zero for the account itself, and booked reward not yet claimed.
    struct Reward {
        address payout;
        uint96 accrued;
    }

    /// @dev `score` is gwei of OPA as of `scoreEpoch`, the last epoch with a booked contribution or with a claim that left a part.
    /// Provision of all epochs before `bookedBefore` is booked. `pointsEpoch` is the epoch of attested points that are not booked, zero
    /// if there are none: an epoch that releases follows another one. `hasReward` is false only while {Reward} is empty, so that
    /// most claims need not read it.
    struct Account {
        uint64 score;
        uint32 scoreEpoch;
        uint32 bookedBefore;
        uint32 pointsEpoch;
        bool hasReward;
    }

    /// @inheritdoc IIncentivePool
    uint32 public constant SCORE_HALF_LIFE = ScoreDecay.HALF_LIFE;

    /// @inheritdoc IIncentivePool
    uint48 public constant RETURN_DELAY = 365 days;

    /// @inheritdoc IIncentivePool
    uint256 public constant MAX_POINTS = PointsRecord.MAX_POINTS;

    /// @inheritdoc IIncentivePool
    uint256 public constant POINT_CEILING = 1 gwei;

    /// @inheritdoc IIncentivePool
    uint48 public constant CLAIM_WINDOW = 1 days;

    uint256 private constant CATEGORY_COUNT = 5;
    uint256 private constant BPS = 10_000;
    uint256 private constant EPOCH_BITS = 32;
    bytes32 private constant ALL_CLAIMS = 0;
    uint96 private constant MAX_CLAIM_LIMIT = 16_000_000 ether;

    /// @inheritdoc IIncentivePool
    IERC20 public immutable TOKEN;

    /// @inheritdoc IIncentivePool
    IIncentiveVault public immutable VAULT;

    /// @inheritdoc IIncentivePool
    IMeter public immutable METER;

    /// @inheritdoc IIncentivePool
    INodeRegistry public immutable NODES;

    /// @inheritdoc IIncentivePool
    IGovernanceLock public immutable LOCK;

    uint256 private immutable CLAIM_LIMIT;

    /// @dev Sixteen bits per category.
    uint256 private immutable SHARES;

    /// @dev OPA wei claimed in an epoch, and the epoch in the lowest 32 bits. One slot, because every claim writes it.
    uint256 private _claimed;
    RateLimiter.RefillingBucket private _bucket;
    mapping(uint32 epoch => PointsWord points) private _epochPoints;
    mapping(address account => Reward reward) private _rewards;
    mapping(address account => Account record) private _accounts;
    mapping(address account => PointsWord points) private _points;

    /// @param vault Incentive vault of the suite.
    /// @param nodes Node registry of the suite.
    /// @param lock Governance lock of the suite.
    /// @param initialAuthority AccessManager of the suite.
    /// @param limit OPA wei that all accounts can claim in an epoch without the bucket; at most 16,000,000 OPA.
    /// @param shares Share of each category in basis points, in the order of {Contribution-Category}; together 10,000.
    constructor(
        IIncentiveVault vault,
        INodeRegistry nodes,
        IGovernanceLock lock,
        address initialAuthority,
        uint96 limit,
        uint16[CATEGORY_COUNT] memory shares
    ) AccessManaged(initialAuthority) EpochClock(_requireVault(vault).GENESIS(), vault.EPOCH_DURATION()) {
        require(address(nodes) != address(0) && address(lock) != address(0), IncentivePoolZeroAddress());
        require(limit != 0 && limit <= MAX_CLAIM_LIMIT, IncentivePoolInvalidLimit(limit, MAX_CLAIM_LIMIT));
        TOKEN = vault.TOKEN();
        VAULT = vault;
        METER = vault.METER();
        NODES = nodes;
        LOCK = lock;
        CLAIM_LIMIT = limit;
        _bucket.updateSettings(CLAIM_WINDOW, limit);
        uint256 packed;
        uint256 sum;
        for (uint256 i = 0; i < CATEGORY_COUNT; ++i) {
            packed |= uint256(shares[i]) << (16 * i);
            sum += shares[i];
        }
        require(sum == BPS, IncentivePoolInvalidShares(sum));
        SHARES = packed;
        // For claims into stake and lock.
        TOKEN.forceApprove(address(nodes), type(uint256).max);
        TOKEN.forceApprove(address(lock), type(uint256).max);
    }

    /// @inheritdoc IProvisionBook
    function book(address provider, uint32 epoch, uint256 burned) external {
        require(msg.sender == address(METER), IncentivePoolNotMeter(msg.sender));

        VAULT.close();
        Account memory record = _accounts[provider];
        if (burned == 0 || epoch < record.bookedBefore) return;
        (uint256 total, uint256 allotment) = VAULT.closedFor(address(this), epoch);
        uint256 amount = _bookProvision(record, epoch, burned, total, allotment);
        record.bookedBefore = currentEpoch();
        if (amount != 0) record.hasReward = true;
        _accounts[provider] = record;
        if (amount != 0) _rewards[provider].accrued += amount.toUint96();
    }

    /// @inheritdoc IIncentivePool
    function recordPoints(
        address account,
        Contribution.Category category,
        uint256 points
    ) external restricted whenNotPaused {
        require(
            account != address(0) &&
                category != Contribution.Category.Provision &&
                points != 0 &&
                shareOf(category) != 0,
            IncentivePoolInvalidPoints(account, category, points)
        );
        VAULT.close();
        uint32 epoch = currentEpoch();
        require(METER.bookOf(epoch) == address(this) && VAULT.isReleasing(), IncentivePoolNotReleasing(epoch));
        PointsWord sum = _epochPoints[epoch];
        // Points of one account are at most the points of all.
        require(
            points <= MAX_POINTS && sum.pointsIn(category) + points <= MAX_POINTS,
            IncentivePoolPointsOverflow(category, points, MAX_POINTS - sum.pointsIn(category))
        );

        (Account memory record, uint256 earned, ) = _booked(account, epoch);
        record.pointsEpoch = epoch;
        if (earned != 0) record.hasReward = true;
        _accounts[account] = record;
        if (earned != 0) _rewards[account].accrued += earned.toUint96();
        _epochPoints[epoch] = sum.plus(epoch, category, points);
        _points[account] = _points[account].plus(epoch, category, points);
        emit PointsRecorded(account, category, epoch, points);
    }

    /// @inheritdoc IIncentivePool
    function setPayout(address payout) external {
        require(payout != address(this), IncentivePoolZeroAddress());

        emit PayoutChanged(msg.sender, _rewards[msg.sender].payout, payout);
        _rewards[msg.sender].payout = payout;
        _accounts[msg.sender].hasReward = true;
    }

    /// @inheritdoc IIncentivePool
    function claim(address account) external returns (uint256 amount) {
        return _claim(account, address(0));
    }

    /// @inheritdoc IIncentivePool
    function claimTo(address recipient) external returns (uint256 amount) {
        require(recipient != address(0) && recipient != address(this), IncentivePoolZeroAddress());

        return _claim(msg.sender, recipient);
    }

    /// @inheritdoc IIncentivePool
    function claimToStake() external returns (uint256 amount) {
        (amount, ) = _settleClaim(msg.sender, address(NODES));

        if (amount != 0) NODES.stake(msg.sender, amount.toUint96());
    }

    /// @inheritdoc IIncentivePool
    function claimToLock() external returns (uint256 amount) {
        (amount, ) = _settleClaim(msg.sender, address(LOCK));

        if (amount != 0) LOCK.increase(msg.sender, amount.toUint96());
    }

    /// @inheritdoc IIncentivePool
    function returnUnclaimed(address account) external returns (uint256 amount) {
        (Account memory record, uint256 earned, ) = _booked(account, currentEpoch());
        amount = _rewards[account].accrued + earned;
        if (amount == 0) return 0;
        uint256 availableAt = _returnableAt(record);
        require(block.timestamp >= availableAt, IncentivePoolTooEarly(account, availableAt));
        (Metering.Usage memory current, , ) = METER.providerUsageOf(account);
        // Unbooked points belong to the running epoch.
        require(current.burned == 0 && record.pointsEpoch == 0, IncentivePoolActive(account));

        _rewards[account].accrued = 0;
        _accounts[account] = record;
        emit RewardReturned(account, amount);

        TOKEN.safeTransfer(address(VAULT), amount);
    }

    /// @inheritdoc IDistributor
    function demandOf(uint32 epoch, uint256 allotment) external view returns (uint256 amount) {
        return _releasedOf(allotment, _epochPoints[epoch]);
    }

    /// @inheritdoc IIncentivePool
    function claimLimit() external view returns (uint256 limit, uint256 available) {
        available = Math.saturatingSub(CLAIM_LIMIT, _claimedIn(currentEpoch())) + _bucket.available(ALL_CLAIMS);
        return (CLAIM_LIMIT, available);
    }

    /// @inheritdoc IIncentivePool
    function categoryOf(
        uint32 epoch,
        Contribution.Category category
    ) external view returns (uint256 points, uint256 released) {
        (uint256 burned, uint256 allotment) = _closingOf(epoch);
        if (category == Contribution.Category.Provision) return (burned, (allotment * shareOf(category)) / BPS);
        points = _epochPoints[epoch].pointsIn(category);
        released = _attestedPart(allotment, category, points);
    }

    /// @inheritdoc IIncentivePool
    function claimableOf(address account) external view returns (uint256 amount) {
        (, uint256 earned) = _preview(account);
        return _rewards[account].accrued + earned;
    }

    /// @inheritdoc IIncentivePool
    function payoutOf(address account) external view returns (address payout) {
        payout = _rewards[account].payout;
        if (payout == address(0)) payout = account;
    }

    /// @inheritdoc IIncentivePool
    function returnableAt(address account) external view returns (uint256 time) {
        (Account memory record, ) = _preview(account);
        if (record.scoreEpoch != 0) time = _returnableAt(record);
    }

    /// @inheritdoc IIncentivePool
    function pointsOf(address account, Contribution.Category category) external view returns (uint256 points) {
        PointsWord word = _points[account];
        if (category != Contribution.Category.Provision && word.epoch() == currentEpoch())
            points = word.pointsIn(category);
    }

    /// @inheritdoc IContributionScore
    function scoreOf(address account) external view returns (uint256 score) {
        Account memory record = _accounts[account];
        return ScoreDecay.decay(record.score, currentEpoch() - record.scoreEpoch) * 1 gwei;
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) external pure returns (bool supported) {
        return
            interfaceId == type(IIncentivePool).interfaceId ||
            interfaceId == type(IProvisionBook).interfaceId ||
            interfaceId == type(IDistributor).interfaceId ||
            interfaceId == type(IERC165).interfaceId;
    }

    /// @inheritdoc IIncentivePool
    function shareOf(Contribution.Category category) public view returns (uint256 bps) {
        return uint16(SHARES >> (16 * uint256(category)));
    }

    /// @dev Pays the reward of an account within the limit, to its payout address if no recipient is named.
    function _claim(address account, address recipient) private returns (uint256 amount) {
        (amount, recipient) = _settleClaim(account, recipient);

        if (amount != 0) TOKEN.safeTransfer(recipient, amount);
    }

    /// @dev Takes the reward of an account within the limit; the caller pays it to the recipient.
    function _settleClaim(address account, address recipient) private returns (uint256 amount, address paid) {
        uint32 current = currentEpoch();
        (Account memory record, uint256 earned, bool changed) = _booked(account, current);
        Reward memory reward;
        if (record.hasReward) reward = _rewards[account];
        paid =
            recipient != address(0)
                ? recipient
                : reward.payout != address(0)
                    ? reward.payout
                    : account;
        uint256 due = reward.accrued + earned;
        if (due != 0) amount = _limitClaim(account, due, current);
        // After a full claim the next reward belongs to a later epoch.
        if (amount != due) {
            _earn(record, 0, current);
            changed = true;
        }

        if (changed) {
            record.hasReward = reward.payout != address(0) || amount != due;
            _accounts[account] = record;
        }
        if (due - amount != reward.accrued) _rewards[account].accrued = (due - amount).toUint96();
        if (amount != 0) emit RewardClaimed(account, paid, amount);
    }

    /// @dev Consumes the limit of claims; returns the amount that it allows.
    function _limitClaim(address account, uint256 due, uint32 epoch) private returns (uint256 amount) {
        uint256 counted = _claimedIn(epoch);
        uint256 free = Math.saturatingSub(CLAIM_LIMIT, counted);
        amount = due;
        if (due > free && !_bucket.tryConsume(ALL_CLAIMS, due - free)) {
            uint256 available = _bucket.available(ALL_CLAIMS);
            _bucket.consume(ALL_CLAIMS, available);
            amount = free + available;
            _restrict("claims", account, due, amount, CLAIM_WINDOW);
        }
        _claimed = ((counted + amount) << EPOCH_BITS) | epoch;
    }

    /// @dev Record of an account after booking all finished epochs, the added reward, and whether the record changed.
    /// The caller stores both.
    function _booked(
        address account,
        uint32 current
    ) private returns (Account memory record, uint256 earned, bool changed) {
        record = _accounts[account];
        (uint32 epoch, uint256 burned) = _unbookedProvision(account, record, current);
        if (epoch != 0) {
            (uint256 total, uint256 allotment) = _closed(epoch);
            earned = _bookProvision(record, epoch, burned, total, allotment);
            changed = true;
        }
        if (_hasUnbookedPoints(record, current)) {
            (, uint256 allotment) = _closed(record.pointsEpoch);
            earned += _bookPoints(account, record, allotment);
            changed = true;
        }
        if (changed) record.bookedBefore = current;
    }

    /// @dev An epoch of this pool after it is closed, see {IIncentiveVault-closedFor}. It is closed first unless it is.
    function _closed(uint32 epoch) private returns (uint256 burned, uint256 allotment) {
        (burned, allotment) = VAULT.closedFor(address(this), epoch);
        if (burned != 0) return (burned, allotment);
        VAULT.close();
        return VAULT.closedFor(address(this), epoch);
    }

    /// @dev As {_booked}, before finished epochs are closed.
    function _preview(address account) private view returns (Account memory record, uint256 earned) {
        record = _accounts[account];
        uint32 current = currentEpoch();
        (uint32 epoch, uint256 burned) = _unbookedProvision(account, record, current);
        if (epoch != 0) {
            (uint256 total, uint256 allotment) = _closingOf(epoch);
            earned = _bookProvision(record, epoch, burned, total, allotment);
        }
        if (_hasUnbookedPoints(record, current)) {
            (, uint256 allotment) = _closingOf(record.pointsEpoch);
            earned += _bookPoints(account, record, allotment);
        }
    }

    /// @dev Last finished epoch of provision that is not booked, and OPA wei burned in it; zero if there is none.
    function _unbookedProvision(
        address account,
        Account memory record,
        uint32 current
    ) private view returns (uint32 epoch, uint256 burned) {
        if (record.bookedBefore >= current) return (0, 0);
        (epoch, burned) = METER.finishedUseOf(account);
        if (epoch < record.bookedBefore || burned == 0) epoch = 0;
    }

    /// @dev As {_closed}, before the epoch is closed.
    function _closingOf(uint32 epoch) private view returns (uint256 burned, uint256 allotment) {
        if (METER.bookOf(epoch) != address(this)) return (0, 0);
        IIncentiveVault.Closing memory closing = VAULT.closingOf(epoch);
        return (closing.burned, closing.allotment);
    }

    /// @dev Adds attested points of a finished epoch with an allotment to a record.
    function _bookPoints(
        address account,
        Account memory record,
        uint256 allotment
    ) private view returns (uint256 amount) {
        uint32 epoch = record.pointsEpoch;
        (PointsWord points, PointsWord total) = (_points[account], _epochPoints[epoch]);
        // Most accounts have points of one category.
        for (uint256 i = 1; points.isUsed(); ++i) {
            uint256 own = points.first();
            uint256 all = total.first();
            if (own != 0) amount += (own * _attestedPart(allotment, Contribution.Category(i), all)) / all;
            (points, total) = (points.rest(), total.rest());
        }
        record.pointsEpoch = 0;
        _earn(record, amount, epoch);
    }

    /// @dev Release of an epoch over all categories with points.
    function _releasedOf(uint256 allotment, PointsWord points) private view returns (uint256 released) {
        released = (allotment * shareOf(Contribution.Category.Provision)) / BPS;
        for (uint256 i = 1; i < CATEGORY_COUNT; ++i) {
            Contribution.Category category = Contribution.Category(i);
            released += _attestedPart(allotment, category, points.pointsIn(category));
        }
    }

    /// @dev Part of an allotment for an attested category with `points`.
    function _attestedPart(
        uint256 allotment,
        Contribution.Category category,
        uint256 points
    ) private view returns (uint256 amount) {
        return Math.min((allotment * shareOf(category)) / BPS, points * POINT_CEILING);
    }

    /// @dev OPA wei claimed in the running epoch.
    function _claimedIn(uint32 epoch) private view returns (uint256 amount) {
        uint256 claimed = _claimed;
        if (uint32(claimed) == epoch) amount = claimed >> EPOCH_BITS;
    }

    /// @dev First second at which the reward of an account can be returned.
    function _returnableAt(Account memory record) private view returns (uint256 time) {
        return GENESIS + (uint256(record.scoreEpoch) + 1) * EPOCH_DURATION + RETURN_DELAY;
    }

    /// @dev Adds provision of an epoch to a record: `burned` of the `total` that earned a share of the allotment.
    function _bookProvision(
        Account memory record,
        uint32 epoch,
        uint256 burned,
        uint256 total,
        uint256 allotment
    ) private view returns (uint256 amount) {
        if (total != 0) amount = (burned * ((allotment * shareOf(Contribution.Category.Provision)) / BPS)) / total;
        _earn(record, amount, epoch);
    }

    /// @dev Whether a record has points of a finished epoch.
    function _hasUnbookedPoints(Account memory record, uint32 current) private pure returns (bool has) {
        return record.pointsEpoch != 0 && record.pointsEpoch != current;
    }

    /// @dev Adds a reward for an epoch to the score. Epochs can come in any order.
    function _earn(Account memory record, uint256 amount, uint32 epoch) private pure {
        uint256 added = amount / 1 gwei;
        uint256 score = record.score;
        if (epoch >= record.scoreEpoch) {
            score = ScoreDecay.decay(score, epoch - record.scoreEpoch) + added;
            record.scoreEpoch = epoch;
        } else {
            score += ScoreDecay.decay(added, record.scoreEpoch - epoch);
        }
        record.score = uint64(Math.min(score, type(uint64).max));
    }

    /// @dev Reverts on the zero address before the base constructor reads the vault.
    function _requireVault(IIncentiveVault vault) private pure returns (IIncentiveVault) {
        require(address(vault) != address(0), IncentivePoolZeroAddress());
        return vault;
    }
}
