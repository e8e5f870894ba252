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
import {IGovernanceLock} from "../interfaces/IGovernanceLock.sol";
import {IIncentivePool} from "../interfaces/IIncentivePool.sol";
import {INodeRegistry} from "../interfaces/INodeRegistry.sol";
import {IReserveClient} from "../interfaces/IReserveClient.sol";
import {IResourceRegistry} from "../interfaces/IResourceRegistry.sol";
import {ISystemDirectory} from "../interfaces/ISystemDirectory.sol";
import {ISystemReserve} from "../interfaces/ISystemReserve.sol";
import {Contribution} from "../interfaces/types/Contribution.sol";
import {PointsRecord, PointsWord} from "../libraries/PointsRecord.sol";
import {ReleaseSchedule} from "../libraries/ReleaseSchedule.sol";
import {ScoreDecay} from "../libraries/ScoreDecay.sol";
import {EpochClock} from "../safety/EpochClock.sol";
import {BoundedParameter} from "../safety/BoundedParameter.sol";
import {GuardedPause} from "../safety/GuardedPause.sol";
import {Restrictable} from "../safety/Restrictable.sol";

/// @title IncentivePool
/// @notice See {IIncentivePool}.
/// @dev Invariants: INC-I1 to INC-I9, INC-I11 (docs/invariants.md). Trusts: REGISTRY to say what was burned in the last
/// finished epoch, NODES to name payout addresses, LOCK to lock what it takes, RESERVE to have paid what it says, the pools
/// before and after it to be pools, whoever holds RECORDER to record attested points.
contract IncentivePool is IIncentivePool, BoundedParameter, GuardedPause, Restrictable {
    using PointsRecord for PointsWord;
    using RateLimiter for RateLimiter.RefillingBucket;
    using ReleaseSchedule for uint256;
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    /// @dev What epochs to come can release, but for what comes in; what is released and not claimed; and the epoch up to which
    /// all finished ones are worked out. `claimed` is whole OPA, rounded up, that was claimed in the epoch whose number ends with
    /// `claimTag`: in a word that every claim writes anyway, so that most claims need not look at the bucket.
    struct Reservoir {
        uint96 remaining;
        uint96 owed;
        uint24 lastClosed;
        uint16 claimTag;
        uint24 claimed;
    }

    /// @dev What came in during `epoch`, or before, and counts from the next one on; and all that was ever released.
    struct Inflow {
        uint96 amount;
        uint32 epoch;
        uint96 released;
    }

    /// @dev A finished epoch with use.
    struct Closing {
        uint96 burned;
        uint96 allotment;
        uint16 kappaBps;
    }

    /// @dev One word of an account. `bookedEpoch` is the last epoch whose provision is in `accrued`, `lastEpoch` the last one in
    /// which the account contributed or claimed, as far as it is booked. The score is gwei of OPA, as it was in `scoreEpoch`.
    struct Account {
        uint96 accrued;
        uint64 score;
        uint24 scoreEpoch;
        uint24 bookedEpoch;
        uint24 lastEpoch;
        bool hasPoints;
    }

    /// @dev What the reserve paid that was not used, of which all that was released since counts as used; and when it goes back.
    struct Loan {
        uint96 amount;
        uint96 releasedBefore;
        uint48 until;
    }

    /// @dev The pool that goes on after this one, zero if there is none yet, from the epoch after `lastEpoch` on.
    struct Succession {
        IIncentivePool successor;
        uint32 lastEpoch;
    }

    /// @inheritdoc IIncentivePool
    uint16 public constant MAX_KAPPA_BPS = 9_000;

    /// @inheritdoc IIncentivePool
    bytes32 public constant KAPPA = "kappa";

    /// @inheritdoc IIncentivePool
    uint32 public constant SCORE_HALF_LIFE = ScoreDecay.HALF_LIFE;

    /// @inheritdoc IIncentivePool
    uint48 public constant RETURN_DELAY = 365 days;

    /// @inheritdoc IIncentivePool
    uint256 public constant MAX_POINTS = PointsRecord.MAX_POINTS;

    /// @inheritdoc IIncentivePool
    bytes32 public constant MODULE_ID = "incentive-pool";

    /// @inheritdoc IIncentivePool
    uint48 public constant RETIRE_NOTICE = 14 days;

    /// @inheritdoc IIncentivePool
    uint48 public constant CLAIM_WINDOW = 1 days;

    /// @inheritdoc IIncentivePool
    uint48 public constant DRAW_USE_PERIOD = 90 days;

    uint256 private constant CATEGORY_COUNT = 5;
    uint256 private constant BPS = 10_000;
    uint256 private constant PPM = 1_000_000;
    uint16 private constant MIN_KAPPA_BPS = 1_000;
    uint16 private constant STEP_BPS = 2_000;
    uint24 private constant COOLDOWN = 7 days;
    uint24 private constant NOTICE = 48 hours;
    bytes32 private constant ALL_CLAIMS = 0;
    uint96 private constant MAX_CLAIM_LIMIT = 16_000_000 ether; // below 2^24 OPA

    /// @inheritdoc IIncentivePool
    IERC20 public immutable TOKEN;

    /// @inheritdoc IIncentivePool
    IResourceRegistry public immutable REGISTRY;

    /// @inheritdoc IIncentivePool
    INodeRegistry public immutable NODES;

    /// @inheritdoc IIncentivePool
    IGovernanceLock public immutable LOCK;

    /// @inheritdoc IIncentivePool
    address public immutable RESERVE;

    /// @inheritdoc IIncentivePool
    IIncentivePool public immutable PREDECESSOR;

    /// @inheritdoc IIncentivePool
    uint32 public immutable START_EPOCH;

    uint256 private immutable CLAIM_LIMIT;

    /// @dev Sixteen bits a category.
    uint256 private immutable SHARES;
    uint256 private immutable STAGES;

    Reservoir private _reservoir;
    Inflow private _inflow;
    Loan private _loan;
    Succession private _succession;
    RateLimiter.RefillingBucket private _claims;
    mapping(uint32 epoch => Closing closing) private _closings;
    mapping(uint32 epoch => PointsWord points) private _epochPoints;
    mapping(address account => Account record) private _accounts;
    mapping(address account => PointsWord points) private _points;

    /// @param registry Resource registry of the suite.
    /// @param nodes Node registry of the suite, whose token is released and whose reserve can pay the pool.
    /// @param lock Governance lock of the suite.
    /// @param predecessor Pool after which this one releases; zero if it is the first.
    /// @param initialAuthority AccessManager of the suite.
    /// @param kappaBps κ at the beginning, in basis points.
    /// @param limit OPA wei that all together can claim in an epoch without further limit; at most 16,000,000 OPA.
    /// @param shares Share of each category in basis points, in the order of {Contribution-Category}; together 10,000.
    /// @param stages Release schedule.
    constructor(
        IResourceRegistry registry,
        INodeRegistry nodes,
        IGovernanceLock lock,
        IIncentivePool predecessor,
        address initialAuthority,
        uint16 kappaBps,
        uint96 limit,
        uint16[CATEGORY_COUNT] memory shares,
        Stage[] memory stages
    ) AccessManaged(initialAuthority) EpochClock(_requireRegistry(registry).GENESIS(), registry.EPOCH_DURATION()) {
        require(address(nodes) != address(0) && address(lock) != address(0), IncentivePoolZeroAddress());
        require(limit != 0 && limit <= MAX_CLAIM_LIMIT, IncentivePoolInvalidLimit(limit, MAX_CLAIM_LIMIT));
        require(
            address(predecessor) == address(0) || address(predecessor.REGISTRY()) == address(registry),
            IncentivePoolForeignPredecessor(address(predecessor))
        );
        TOKEN = nodes.TOKEN();
        REGISTRY = registry;
        NODES = nodes;
        LOCK = lock;
        PREDECESSOR = predecessor;
        RESERVE = nodes.RESERVE();
        CLAIM_LIMIT = limit;
        _claims.updateSettings(CLAIM_WINDOW, limit);
        uint32 epoch = currentEpoch();
        START_EPOCH = epoch;
        STAGES = ReleaseSchedule.pack(stages);
        uint256 packed;
        uint256 sum;
        for (uint256 i = 0; i < CATEGORY_COUNT; ++i) {
            packed |= uint256(shares[i]) << (16 * i);
            sum += shares[i];
        }
        require(sum == BPS, IncentivePoolInvalidShares(sum));
        SHARES = packed;
        _reservoir.lastClosed = uint24(epoch);
        _define(KAPPA, kappaBps, Bounds(MIN_KAPPA_BPS, MAX_KAPPA_BPS, STEP_BPS, COOLDOWN, NOTICE));
        // For claims into stake and lock.
        TOKEN.forceApprove(address(nodes), type(uint256).max);
        TOKEN.forceApprove(address(lock), type(uint256).max);
    }

    /// @inheritdoc IIncentivePool
    function absorb() external returns (uint256 amount) {
        Reservoir memory reservoir = _reservoir;
        uint256 counted = uint256(reservoir.remaining) + reservoir.owed + _inflow.amount;
        amount = TOKEN.balanceOf(address(this)) - counted;
        require(amount != 0, IncentivePoolNothingToAbsorb());

        _takeIn(amount);
        emit PoolFunded(amount);
    }

    /// @inheritdoc IIncentivePool
    function book(address[] calldata accounts) external {
        closeEpoch();
        for (uint256 i = 0; i < accounts.length; ++i) {
            address account = accounts[i];
            (Account memory record, uint32 epoch, uint256 burned) = _load(account);
            if (_bring(record, account, epoch, burned, 0, _none())) _accounts[account] = record;
        }

        // A settlement knows one pool. What it reports counts for the one before and the one after as well.
        Succession memory next = _succession;
        IIncentivePool successor = next.successor;
        if (address(PREDECESSOR) != address(0) && msg.sender != address(PREDECESSOR)) PREDECESSOR.book(accounts);
        if (address(successor) == address(0)) return;

        // So that the first epoch of the successor already has it.
        bool isOver = currentEpoch() > next.lastEpoch;
        if (isOver && uint256(_reservoir.remaining) + _inflow.amount != 0) handOver();
        if (msg.sender != address(successor)) successor.book(accounts);
    }

    /// @inheritdoc IIncentivePool
    function recordPoints(
        address account,
        Contribution.Category category,
        uint256 points
    ) external restricted whenNotPaused {
        require(
            account != address(0) && category != Contribution.Category.Provision && points != 0,
            IncentivePoolInvalidPoints(account, category, points)
        );
        uint32 epoch = currentEpoch();
        require(isActiveIn(epoch), IncentivePoolNotActive(epoch));
        PointsWord sum = _epochPoints[epoch];
        // The account has no more than all together.
        require(
            points <= MAX_POINTS && sum.pointsIn(category) + points <= MAX_POINTS,
            IncentivePoolPointsOverflow(category, points, MAX_POINTS - sum.pointsIn(category))
        );

        Account memory record = _booked(account);
        record.hasPoints = true;
        _accounts[account] = record;
        _epochPoints[epoch] = sum.plus(epoch, category, points);
        _points[account] = _points[account].plus(epoch, category, points);
        emit PointsRecorded(account, category, epoch, points);
    }

    /// @inheritdoc IIncentivePool
    function claim(address account) external returns (uint256 amount) {
        return _claim(account, NODES.payoutOf(account));
    }

    /// @inheritdoc IIncentivePool
    function claimTo(address recipient) external returns (uint256 amount) {
        require(recipient != address(0) && recipient != address(this), IncentivePoolZeroAddress());

        return _claim(msg.sender, recipient);
    }

    /// @inheritdoc IIncentivePool
    function claimToStake() external returns (uint256 amount) {
        amount = _settleClaim(msg.sender, address(NODES));

        if (amount != 0) NODES.stake(msg.sender, amount.toUint96());
    }

    /// @inheritdoc IIncentivePool
    function claimToLock() external returns (uint256 amount) {
        amount = _settleClaim(msg.sender, address(LOCK));

        if (amount != 0) LOCK.increase(msg.sender, amount.toUint96());
    }

    /// @inheritdoc IIncentivePool
    function returnUnclaimed(address account) external returns (uint256 amount) {
        Account memory record = _booked(account);
        amount = record.accrued;
        require(amount != 0, IncentivePoolNothingToClaim(account));
        uint256 availableAt = _returnableAt(record);
        require(block.timestamp >= availableAt, IncentivePoolTooEarly(account, availableAt));

        record.accrued = 0;
        _accounts[account] = record;
        _reservoir.owed -= amount.toUint96();
        _takeIn(amount);
        emit RewardReturned(account, amount);
    }

    /// @inheritdoc IReserveClient
    function receiveDraw(uint256 id, uint256 amount) external {
        require(msg.sender == RESERVE, ReserveClientNotReserve(msg.sender));

        (uint256 rest, ) = unused();
        _takeIn(amount);
        uint48 until = uint48(block.timestamp) + DRAW_USE_PERIOD;
        _loan = Loan((rest + amount).toUint96(), _inflow.released, until);
        emit DrawReceived(id, amount, until);
    }

    /// @inheritdoc IReserveClient
    function returnUnused() external returns (uint256 amount) {
        closeEpoch();
        uint256 availableAt;
        (amount, availableAt) = unused();
        require(amount != 0 && block.timestamp >= availableAt, ReserveClientNothingToReturn(availableAt));

        _returnLoan(amount);
    }

    /// @inheritdoc IIncentivePool
    function retire() external restricted {
        ISystemDirectory directory = ISystemReserve(RESERVE).DIRECTORY();
        address successor = directory.currentOf(MODULE_ID);
        require(address(_succession.successor) == address(0), IncentivePoolRetired(address(_succession.successor)));
        bool isNext = successor != address(0) && address(IIncentivePool(successor).PREDECESSOR()) == address(this);
        uint256 availableAt = isNext ? directory.moduleOf(successor).registeredAt + RETIRE_NOTICE : 0;
        require(isNext && block.timestamp >= availableAt, IncentivePoolNoSuccessor(successor, availableAt));
        uint32 lastEpoch = currentEpoch();
        // Else the one before it would go on beside the one after it.
        require(isActiveIn(lastEpoch), IncentivePoolNotActive(lastEpoch));

        _succession = Succession(IIncentivePool(successor), lastEpoch);
        emit PoolRetired(successor, lastEpoch);
    }

    /// @inheritdoc IIncentivePool
    function receiveHandOver(uint256 amount) external {
        require(msg.sender == address(PREDECESSOR), IncentivePoolNotPredecessor(msg.sender));

        closeEpoch();
        _reservoir.remaining += amount.toUint96();
        emit PoolFunded(amount);
    }

    /// @inheritdoc IIncentivePool
    function claimLimit() external view returns (uint256 limit, uint256 available) {
        available = Math.saturatingSub(CLAIM_LIMIT, _claimedIn(_reservoir)) + _claims.available(ALL_CLAIMS);
        return (CLAIM_LIMIT, available);
    }

    /// @inheritdoc IIncentivePool
    function succession() external view returns (IIncentivePool successor, uint32 lastEpoch) {
        return (_succession.successor, _succession.lastEpoch);
    }

    /// @inheritdoc IIncentivePool
    function fundsOf() external view returns (Funds memory funds) {
        (uint32 epoch, , Reservoir memory reservoir, Inflow memory inflow) = _due();
        if (epoch == 0) inflow = _inflow;
        funds.remaining = uint256(reservoir.remaining) + inflow.amount;
        if (inflow.epoch == currentEpoch()) funds.incoming = inflow.amount;
        (funds.owed, funds.released) = (reservoir.owed, inflow.released);
    }

    /// @inheritdoc IIncentivePool
    function epochOf(uint32 epoch) external view returns (Epoch memory record) {
        Closing memory closing = _closingOf(epoch);
        uint256 released = _releasedIn(closing, _epochPoints[epoch]);
        return Epoch(closing.burned, closing.allotment, uint96(released), closing.kappaBps);
    }

    /// @inheritdoc IIncentivePool
    function categoryOf(
        uint32 epoch,
        Contribution.Category category
    ) external view returns (uint256 points, uint256 released) {
        Closing memory closing = _closingOf(epoch);
        points = category == Contribution.Category.Provision ? closing.burned : _epochPoints[epoch].pointsIn(category);
        if (points != 0) released = _partOf(closing, category);
    }

    /// @inheritdoc IIncentivePool
    function schedule() external view returns (Stage[] memory stages) {
        return ReleaseSchedule.unpack(STAGES);
    }

    /// @inheritdoc IIncentivePool
    function claimableOf(address account) external view returns (uint256 amount) {
        return _previewOf(account).accrued;
    }

    /// @inheritdoc IIncentivePool
    function returnableAt(address account) external view returns (uint256 time) {
        Account memory record = _previewOf(account);
        if (record.lastEpoch != 0) time = _returnableAt(record);
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
            interfaceId == type(IReserveClient).interfaceId ||
            interfaceId == type(IERC165).interfaceId;
    }

    /// @inheritdoc IIncentivePool
    function handOver() public returns (uint256 amount) {
        Succession memory next = _succession;
        require(
            address(next.successor) != address(0) && currentEpoch() > next.lastEpoch,
            IncentivePoolNotRetired(address(next.successor), next.lastEpoch)
        );

        closeEpoch();
        (uint256 rest, ) = unused();
        if (rest != 0) _returnLoan(rest);
        amount = uint256(_reservoir.remaining) + _inflow.amount;
        (_reservoir.remaining, _inflow.amount) = (0, 0);
        emit PoolHandedOver(address(next.successor), amount);

        TOKEN.safeTransfer(address(next.successor), amount);
        next.successor.receiveHandOver(amount);
    }

    /// @inheritdoc IIncentivePool
    function closeEpoch() public {
        (uint32 epoch, Closing memory closing, Reservoir memory reservoir, Inflow memory inflow) = _due();
        if (epoch == 0) return;

        uint256 released = inflow.released - _inflow.released;
        (_reservoir, _inflow, _closings[epoch]) = (reservoir, inflow, closing);
        emit EpochClosed(epoch, closing.burned, closing.allotment, released, closing.kappaBps);
    }

    /// @inheritdoc IReserveClient
    function unused() public view returns (uint256 amount, uint256 availableAt) {
        Loan memory loan = _loan;
        (uint32 epoch, , , Inflow memory inflow) = _due();
        uint256 released = epoch == 0 ? _inflow.released : inflow.released;
        amount = Math.saturatingSub(loan.amount, released - loan.releasedBefore);
        if (amount != 0) availableAt = loan.until;
    }

    /// @inheritdoc IIncentivePool
    function rateOf(uint32 epoch) public view returns (uint256 ratePpm) {
        return epoch > START_EPOCH && isActiveIn(epoch) ? STAGES.rateAt(epoch - START_EPOCH) : 0;
    }

    /// @inheritdoc IIncentivePool
    function isActiveIn(uint32 epoch) public view returns (bool active) {
        Succession memory next = _succession;
        if (address(next.successor) != address(0) && epoch > next.lastEpoch) return false;
        if (address(PREDECESSOR) == address(0)) return true;
        (IIncentivePool following, uint32 lastEpoch) = PREDECESSOR.succession();
        return address(following) == address(this) && epoch > lastEpoch;
    }

    /// @inheritdoc IIncentivePool
    function shareOf(Contribution.Category category) public view returns (uint256 bps) {
        return uint16(SHARES >> (16 * uint256(category)));
    }

    /// @dev Works out what is finished, so that the change cannot reach it.
    function _beforeChange(bytes32, uint256) internal override {
        closeEpoch();
    }

    /// @dev Pays what an account has earned, within the limit.
    function _claim(address account, address recipient) private returns (uint256 amount) {
        amount = _settleClaim(account, recipient);

        if (amount != 0) TOKEN.safeTransfer(recipient, amount);
    }

    /// @dev Takes what an account has earned, within the limit, from what is owed; the caller pays it.
    function _settleClaim(address account, address recipient) private returns (uint256 amount) {
        Account memory record = _booked(account);
        uint256 earned = record.accrued;
        require(earned != 0, IncentivePoolNothingToClaim(account));

        Reservoir memory reservoir = _reservoir;
        amount = _limitClaim(reservoir, account, earned);
        (record.accrued, record.lastEpoch) = (uint96(earned - amount), uint24(currentEpoch()));
        _accounts[account] = record;
        if (amount == 0) return 0;

        reservoir.owed -= amount.toUint96();
        _reservoir = reservoir;
        emit RewardClaimed(account, recipient, amount);
    }

    /// @dev As much of a claim as the limit allows, which counts as claimed in `reservoir`; the caller stores it.
    function _limitClaim(Reservoir memory reservoir, address account, uint256 earned) private returns (uint256 amount) {
        uint256 counted = _claimedIn(reservoir);
        uint256 free = Math.saturatingSub(CLAIM_LIMIT, counted);
        amount = earned;
        if (earned > free && !_claims.tryConsume(ALL_CLAIMS, earned - free)) {
            uint256 available = _claims.available(ALL_CLAIMS);
            _claims.consume(ALL_CLAIMS, available);
            amount = free + available;
            _restrict("claims", account, earned, amount, true, CLAIM_WINDOW); // nothing is left of it
        }
        reservoir.claimTag = uint16(currentEpoch());
        reservoir.claimed = uint24(Math.min(Math.ceilDiv(counted + amount, 1 ether), type(uint24).max));
    }

    /// @dev Gives a part of what is not released back to the reserve. Everything finished is worked out.
    function _returnLoan(uint256 amount) private {
        delete _loan;
        // What has come in counts for later epochs only, so it goes back last.
        uint256 fromInflow = Math.saturatingSub(amount, _reservoir.remaining);
        _reservoir.remaining -= uint96(amount - fromInflow);
        _inflow.amount -= uint96(fromInflow);
        emit DrawReturned(amount);

        TOKEN.safeTransfer(RESERVE, amount);
    }

    /// @dev The record of an account with all finished epochs in it, which the caller stores. Works out the last finished
    /// epoch if the account has a part in it.
    function _booked(address account) private returns (Account memory record) {
        uint32 epoch;
        uint256 burned;
        (record, epoch, burned) = _load(account);
        uint256 needed = record.hasPoints ? Math.max(epoch, _points[account].epoch()) : epoch;
        if (needed > _reservoir.lastClosed) closeEpoch();
        _bring(record, account, epoch, burned, 0, _none());
    }

    /// @dev Adds to what epochs after the running one can release. Finished ones are worked out first, with what they had.
    function _takeIn(uint256 amount) private {
        closeEpoch();
        Inflow memory inflow = _inflow;
        uint32 epoch = currentEpoch();
        if (inflow.epoch < epoch) {
            _reservoir.remaining += inflow.amount;
            (inflow.amount, inflow.epoch) = (0, epoch);
        }
        inflow.amount += amount.toUint96();
        _inflow = inflow;
    }

    /// @dev The finished epoch with use that is not worked out yet, and what will be stored for it. Epoch 0 stands for none; then
    /// `inflow` is not read. There is never more than one: settlement has every epoch worked out before use of a later one is
    /// forgotten.
    function _due()
        private
        view
        returns (uint32 epoch, Closing memory closing, Reservoir memory reservoir, Inflow memory inflow)
    {
        reservoir = _reservoir;
        if (reservoir.lastClosed + 1 >= currentEpoch()) return (0, closing, reservoir, inflow);
        uint256 burned;
        (epoch, burned) = REGISTRY.finishedUse();
        if (epoch <= reservoir.lastClosed || burned == 0) return (0, closing, reservoir, inflow);

        inflow = _inflow;
        if (inflow.epoch < epoch) {
            reservoir.remaining += inflow.amount;
            inflow.amount = 0;
        }
        uint256 kappaBps = _wordOf(KAPPA).valueIn(epoch);
        uint256 cap = (reservoir.remaining * rateOf(epoch)) / PPM;
        uint256 allotment = Math.min(cap, (burned * kappaBps) / BPS);
        closing = Closing(burned.toUint96(), allotment.toUint96(), uint16(kappaBps));
        uint96 released = _releasedIn(closing, _epochPoints[epoch]).toUint96();
        reservoir.remaining -= released;
        reservoir.owed += released;
        reservoir.lastClosed = uint24(epoch);
        inflow.released += released;
    }

    /// @dev The record of an account, and the last finished epoch in which it provided and that is not booked, 0 if there
    /// is none.
    function _load(address account) private view returns (Account memory record, uint32 epoch, uint256 burned) {
        record = _accounts[account];
        if (record.bookedEpoch + 1 >= currentEpoch()) return (record, 0, 0);
        (epoch, burned) = REGISTRY.finishedUseOf(account);
        if (epoch <= record.bookedEpoch || burned == 0) epoch = 0;
    }

    /// @dev Brings the record of an account up to date and says whether that changed it. `epoch` and `burned` are its
    /// provision that is not booked, `due` is a finished epoch that is not stored yet; epoch 0 stands for none.
    function _bring(
        Account memory record,
        address account,
        uint32 epoch,
        uint256 burned,
        uint32 dueEpoch,
        Closing memory due
    ) private view returns (bool changed) {
        uint32 current = currentEpoch();
        if (epoch != 0) {
            changed = true;
            record.bookedEpoch = uint24(epoch);
            Closing memory closing = epoch == dueEpoch ? due : _closings[epoch];
            uint256 amount =
                closing.burned == 0 ? 0 : (burned * _partOf(closing, Contribution.Category.Provision)) / closing.burned;
            _earn(record, amount, epoch, current);
        }
        if (record.hasPoints) {
            PointsWord points = _points[account];
            uint32 pointsEpoch = uint32(points.epoch());
            if (pointsEpoch < current) {
                (changed, record.hasPoints) = (true, false);
                Closing memory closing = pointsEpoch == dueEpoch ? due : _closings[pointsEpoch];
                uint256 amount = _attestedAmount(closing, points, _epochPoints[pointsEpoch]);
                _earn(record, amount, pointsEpoch, current);
            }
        }
    }

    /// @dev The record of an account as it will be once the last finished epoch is worked out, and booked.
    function _previewOf(address account) private view returns (Account memory record) {
        (uint32 dueEpoch, Closing memory due, , ) = _due();
        uint32 epoch;
        uint256 burned;
        (record, epoch, burned) = _load(account);
        _bring(record, account, epoch, burned, dueEpoch, due);
    }

    /// @dev A finished epoch, whether or not it is worked out.
    function _closingOf(uint32 epoch) private view returns (Closing memory closing) {
        (uint32 dueEpoch, Closing memory due, , ) = _due();
        return epoch == dueEpoch ? due : _closings[epoch];
    }

    /// @dev What an epoch releases over all categories that somebody contributed to.
    function _releasedIn(Closing memory closing, PointsWord points) private view returns (uint256 released) {
        if (closing.allotment == 0) return 0;
        released = _partOf(closing, Contribution.Category.Provision);
        for (uint256 i = 1; i < CATEGORY_COUNT; ++i) {
            Contribution.Category category = Contribution.Category(i);
            if (points.pointsIn(category) != 0) released += _partOf(closing, category);
        }
    }

    /// @dev What an account earns for its attested points of an epoch.
    function _attestedAmount(
        Closing memory closing,
        PointsWord points,
        PointsWord total
    ) private view returns (uint256 amount) {
        for (uint256 i = 1; i < CATEGORY_COUNT; ++i) {
            Contribution.Category category = Contribution.Category(i);
            uint256 own = points.pointsIn(category);
            if (own != 0) amount += (own * _partOf(closing, category)) / total.pointsIn(category);
        }
    }

    /// @dev What a category gets of an epoch's allotment.
    function _partOf(Closing memory closing, Contribution.Category category) private view returns (uint256 amount) {
        return (closing.allotment * shareOf(category)) / BPS;
    }

    /// @dev OPA wei claimed in the running epoch, rounded up to whole OPA.
    function _claimedIn(Reservoir memory reservoir) private view returns (uint256 amount) {
        if (reservoir.claimTag == uint16(currentEpoch())) amount = uint256(reservoir.claimed) * 1 ether;
    }

    /// @dev First second at which what an account has earned can be returned.
    function _returnableAt(Account memory record) private view returns (uint256 time) {
        return GENESIS + (uint256(record.lastEpoch) + 1) * EPOCH_DURATION + RETURN_DELAY;
    }

    /// @dev Adds what was earned in `epoch` to an account. The score counts it from that epoch on, whenever it is booked.
    function _earn(Account memory record, uint256 amount, uint32 epoch, uint32 current) private pure {
        record.accrued += amount.toUint96();
        uint256 score = ScoreDecay.decay(record.score, current - record.scoreEpoch);
        score += ScoreDecay.decay(amount / 1 gwei, current - epoch);
        record.score = uint64(Math.min(score, type(uint64).max));
        record.scoreEpoch = uint24(current);
        if (epoch > record.lastEpoch) record.lastEpoch = uint24(epoch);
    }

    /// @dev The registry, once it is known to be somebody who can be asked for the clock.
    function _requireRegistry(IResourceRegistry registry) private pure returns (IResourceRegistry) {
        require(address(registry) != address(0), IncentivePoolZeroAddress());
        return registry;
    }

    /// @dev Stands for no finished epoch that is not stored yet.
    function _none() private pure returns (Closing memory closing) {}
}
