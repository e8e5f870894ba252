// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {IGovernanceLock} from "../interfaces/IGovernanceLock.sol";
import {INodeRegistry} from "../interfaces/INodeRegistry.sol";
import {IReleaseVault} from "../interfaces/IReleaseVault.sol";
import {ReleaseCurve} from "../libraries/ReleaseCurve.sol";
import {ReleaseAmounts, ReleaseRecord, ReleaseTerms} from "../libraries/ReleaseRecord.sol";
import {GuardedPause} from "../safety/GuardedPause.sol";

/// @title ReleaseVault
/// @notice See {IReleaseVault}.
/// @dev Invariants (docs/invariants.md): REL-I1 to REL-I7. Trusts TOKEN to move exact amounts and to call nobody, the
/// authority to let only governance revoke, and RESERVE to receive revoked OPA.
/// @custom:security-contact See SECURITY.md.
contract ReleaseVault is IReleaseVault, GuardedPause, IERC165 {
    using ReleaseCurve for ReleaseCurve.Packed;
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    /// @dev See {ReleaseRecord}.
    struct Record {
        ReleaseTerms terms;
        ReleaseAmounts amounts;
    }

    /// @dev One slot: number of schedules, number of curves, and OPA ever paid in and not returned to the reserve.
    struct Totals {
        uint48 schedules;
        uint32 curves;
        uint176 committed;
    }

    /// @inheritdoc IReleaseVault
    uint256 public constant MAX_BATCH = 200;

    /// @inheritdoc IReleaseVault
    uint48 public constant MAX_START = type(uint48).max - type(uint40).max;

    /// @inheritdoc IReleaseVault
    IERC20 public immutable TOKEN;

    /// @inheritdoc IReleaseVault
    address public immutable RESERVE;

    /// @inheritdoc IReleaseVault
    IGovernanceLock public immutable LOCK;

    /// @inheritdoc IReleaseVault
    INodeRegistry public immutable NODES;

    Totals private _totals;
    mapping(uint256 id => Record record) private _records;
    mapping(uint256 id => address account) private _pendingBeneficiaries;
    mapping(uint256 curveId => ReleaseCurve.Packed curve) private _curves;
    mapping(bytes32 stagesHash => uint256 curveId) private _curveIds;

    /// @param token Token released: no transfer fees, no callbacks.
    /// @param authority AccessManager that decides who may revoke.
    /// @param reserve Account that receives revoked OPA.
    /// @param lock Governance lock that claims can go to.
    /// @param nodes Node registry whose stakes claims can go to.
    constructor(
        IERC20 token,
        address authority,
        address reserve,
        IGovernanceLock lock,
        INodeRegistry nodes
    ) AccessManaged(authority) {
        require(
            address(token) != address(0) &&
                authority != address(0) &&
                reserve != address(0) &&
                reserve != address(token) &&
                reserve != address(this),
            ReleaseVaultInvalidSetup(address(token), authority, reserve)
        );

        require(
            address(lock.TOKEN()) == address(token) && address(nodes.TOKEN()) == address(token),
            ReleaseVaultForeignToken(address(lock), address(nodes))
        );

        TOKEN = token;
        RESERVE = reserve;
        (LOCK, NODES) = (lock, nodes);
        emit VaultOpened(address(token), reserve);
    }

    /// @inheritdoc IReleaseVault
    function createCurve(Stage[] calldata stages) external returns (uint256 curveId) {
        bytes32 stagesHash = keccak256(abi.encode(stages));
        curveId = _curveIds[stagesHash];
        if (curveId != 0) return curveId;

        curveId = ++_totals.curves;
        _curveIds[stagesHash] = curveId;
        _curves[curveId].store(stages);
        emit CurveCreated(curveId, stages);
    }

    /// @inheritdoc IReleaseVault
    function createSchedule(ScheduleParams calldata params) external whenNotPaused returns (uint256 id) {
        Totals memory totals = _totals;
        id = ++totals.schedules;
        uint256 total = _create(id, params, totals.curves);
        totals.committed += total.toUint176();
        _totals = totals;

        TOKEN.safeTransferFrom(msg.sender, address(this), total);
    }

    /// @inheritdoc IReleaseVault
    function createSchedules(ScheduleParams[] calldata params) external whenNotPaused returns (uint256 firstId) {
        require(params.length != 0 && params.length <= MAX_BATCH, ReleaseVaultInvalidBatch(params.length, MAX_BATCH));

        Totals memory totals = _totals;
        firstId = totals.schedules + 1;
        uint256 curves = totals.curves;
        uint256 sum = 0;
        for (uint256 i = 0; i < params.length; ++i) {
            sum += _create(firstId + i, params[i], curves);
        }
        totals.schedules += params.length.toUint48();
        totals.committed += sum.toUint176();
        _totals = totals;

        TOKEN.safeTransferFrom(msg.sender, address(this), sum);
    }

    /// @inheritdoc IReleaseVault
    function claim(uint256 id) external returns (uint256 amount) {
        (ReleaseTerms terms, ReleaseAmounts amounts) = _recordOf(id);
        amount = _due(terms, amounts);
        require(amount != 0, ReleaseVaultNothingToClaim(id, amounts.released()));

        _release(id, amounts, terms.beneficiary(), amount);

        TOKEN.safeTransfer(terms.beneficiary(), amount);
    }

    /// @inheritdoc IReleaseVault
    function claimMany(uint256[] calldata ids) external returns (uint256 amount) {
        address payee = address(0);
        uint256 payment = 0;
        for (uint256 i = 0; i < ids.length; ++i) {
            (ReleaseTerms terms, ReleaseAmounts amounts) = _recordOf(ids[i]);
            uint256 due = _due(terms, amounts);
            if (due == 0) continue;

            _release(ids[i], amounts, terms.beneficiary(), due);
            amount += due;

            // Neighbours of one beneficiary share a transfer. The pending amount is already booked as released.
            if (terms.beneficiary() != payee) {
                if (payment != 0) TOKEN.safeTransfer(payee, payment);
                payee = terms.beneficiary();
                payment = 0;
            }
            payment += due;
        }
        if (payment != 0) TOKEN.safeTransfer(payee, payment);
    }

    /// @inheritdoc IReleaseVault
    function claimTo(uint256 id, address recipient) external returns (uint256 amount) {
        require(_isPayable(recipient), ReleaseVaultInvalidRecipient(recipient));

        amount = _releaseTo(id, recipient);

        TOKEN.safeTransfer(recipient, amount);
    }

    /// @inheritdoc IReleaseVault
    function claimManyTo(uint256[] calldata ids, address recipient) external returns (uint256 amount) {
        require(_isPayable(recipient), ReleaseVaultInvalidRecipient(recipient));

        for (uint256 i = 0; i < ids.length; ++i) {
            (ReleaseTerms terms, ReleaseAmounts amounts) = _recordOf(ids[i]);
            _requireBeneficiary(ids[i], terms.beneficiary());
            uint256 due = _due(terms, amounts);
            if (due == 0) continue;

            _release(ids[i], amounts, recipient, due);
            amount += due;
        }

        if (amount != 0) TOKEN.safeTransfer(recipient, amount);
    }

    /// @inheritdoc IReleaseVault
    function claimToLock(uint256 id) external returns (uint256 amount) {
        amount = _releaseTo(id, address(LOCK));

        TOKEN.forceApprove(address(LOCK), amount);
        LOCK.increase(msg.sender, amount.toUint96());
    }

    /// @inheritdoc IReleaseVault
    function claimToStake(uint256 id, address provider) external returns (uint256 amount) {
        amount = _releaseTo(id, address(NODES));

        TOKEN.forceApprove(address(NODES), amount);
        NODES.stake(provider, amount.toUint96());
    }

    /// @inheritdoc IReleaseVault
    function proposeBeneficiary(uint256 id, address newBeneficiary) external {
        (ReleaseTerms terms, ) = _recordOf(id);
        address beneficiary = terms.beneficiary();
        _requireBeneficiary(id, beneficiary);
        require(
            newBeneficiary == address(0) || (_isPayable(newBeneficiary) && newBeneficiary != beneficiary),
            ReleaseVaultInvalidBeneficiary(newBeneficiary)
        );
        address pending = _pendingBeneficiaries[id];
        require(newBeneficiary != pending, ReleaseVaultPendingUnchanged(id, pending));

        _pendingBeneficiaries[id] = newBeneficiary;
        emit BeneficiaryProposed(id, beneficiary, pending, newBeneficiary);
    }

    /// @inheritdoc IReleaseVault
    function acceptBeneficiary(uint256 id) external {
        (ReleaseTerms terms, ) = _recordOf(id);
        address pending = _pendingBeneficiaries[id];
        require(msg.sender == pending, ReleaseVaultNotPendingBeneficiary(id, msg.sender, pending));

        delete _pendingBeneficiaries[id];
        _records[id].terms = terms.withBeneficiary(pending);
        emit BeneficiaryChanged(id, terms.beneficiary(), pending);
    }

    /// @inheritdoc IReleaseVault
    function revoke(uint256 id) external restricted returns (uint256 returned) {
        (ReleaseTerms terms, ReleaseAmounts amounts) = _recordOf(id);
        require(terms.isRevocable(), ReleaseVaultNotRevocable(id));
        require(amounts.revokedAt() == 0, ReleaseVaultAlreadyRevoked(id, amounts.revokedAt()));
        uint256 vested = _vestedAt(terms, amounts, block.timestamp);
        returned = amounts.total() - vested;
        require(returned != 0, ReleaseVaultFullyVested(id, amounts.total()));

        _records[id].amounts = amounts.withRevocation(block.timestamp.toUint48());
        _totals.committed -= returned.toUint176();
        emit ScheduleRevoked(id, terms.beneficiary(), vested, returned);

        TOKEN.safeTransfer(RESERVE, returned);
    }

    /// @inheritdoc IReleaseVault
    function scheduleOf(uint256 id) external view returns (Schedule memory) {
        (ReleaseTerms terms, ReleaseAmounts amounts) = _recordOf(id);
        uint256 vested = _vestedAt(terms, amounts, block.timestamp);
        return
            Schedule({
                beneficiary: terms.beneficiary(),
                pendingBeneficiary: _pendingBeneficiaries[id],
                total: amounts.total(),
                start: terms.start(),
                curveId: terms.curveId(),
                released: amounts.released(),
                vested: vested,
                claimable: vested - amounts.released(),
                nextStageAt: _nextStageAt(terms, amounts),
                revocable: terms.isRevocable(),
                revokedAt: amounts.revokedAt()
            });
    }

    /// @inheritdoc IReleaseVault
    function schedulesOf(
        address beneficiary,
        uint256 fromId,
        uint256 maxCount
    ) external view returns (uint256[] memory ids, uint256 nextId) {
        uint256 first;
        uint256 end;
        (first, end, nextId) = _page(fromId, maxCount);

        uint256 found = 0;
        for (uint256 id = first; id < end; ++id) {
            if (_records[id].terms.beneficiary() == beneficiary) ++found;
        }
        ids = new uint256[](found);
        for (uint256 id = end; found > 0;) {
            if (_records[--id].terms.beneficiary() == beneficiary) ids[--found] = id;
        }
    }

    /// @inheritdoc IReleaseVault
    function vestedAt(uint256 id, uint48 timestamp) external view returns (uint256) {
        (ReleaseTerms terms, ReleaseAmounts amounts) = _recordOf(id);
        return _vestedAt(terms, amounts, timestamp);
    }

    /// @inheritdoc IReleaseVault
    function claimable(uint256 id) external view returns (uint256) {
        (ReleaseTerms terms, ReleaseAmounts amounts) = _recordOf(id);
        return _due(terms, amounts);
    }

    /// @inheritdoc IReleaseVault
    function curveOf(uint256 curveId) external view returns (Stage[] memory) {
        require(_isCurve(curveId, _totals.curves), ReleaseVaultUnknownCurve(curveId, _totals.curves));

        return _curves[curveId].list();
    }

    /// @inheritdoc IReleaseVault
    function curveIdOf(Stage[] calldata stages) external view returns (uint256) {
        return _curveIds[keccak256(abi.encode(stages))];
    }

    /// @inheritdoc IReleaseVault
    function scheduleCount() external view returns (uint256) {
        return _totals.schedules;
    }

    /// @inheritdoc IReleaseVault
    function curveCount() external view returns (uint256) {
        return _totals.curves;
    }

    /// @inheritdoc IReleaseVault
    function unreleased() external view returns (uint256) {
        return Math.min(TOKEN.balanceOf(address(this)), _totals.committed);
    }

    /// @inheritdoc IReleaseVault
    function unreleasedIn(uint256 fromId, uint256 maxCount) external view returns (uint256 amount, uint256 nextId) {
        uint256 first;
        uint256 end;
        (first, end, nextId) = _page(fromId, maxCount);

        for (uint256 id = first; id < end; ++id) {
            ReleaseTerms terms = _records[id].terms;
            ReleaseAmounts amounts = _records[id].amounts;
            uint256 owed = amounts.revokedAt() == 0 ? amounts.total() : _vestedAt(terms, amounts, amounts.revokedAt());
            amount += owed - amounts.released();
        }
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) external pure returns (bool supported) {
        return interfaceId == type(IReleaseVault).interfaceId || interfaceId == type(IERC165).interfaceId;
    }

    /// @dev Checks and stores one schedule; the caller collects the tokens and counts it.
    function _create(uint256 id, ScheduleParams calldata params, uint256 curves) private returns (uint256 total) {
        address beneficiary = params.beneficiary;
        require(_isPayable(beneficiary), ReleaseVaultInvalidBeneficiary(beneficiary));
        total = params.total;
        require(total != 0 && total <= type(uint96).max, ReleaseVaultInvalidTotal(total, type(uint96).max));
        uint48 start = params.start;
        require(start != 0 && start <= MAX_START, ReleaseVaultInvalidStart(start, MAX_START));
        uint32 curveId = params.curveId;
        require(curveId != 0 && curveId <= curves, ReleaseVaultUnknownCurve(curveId, curves));

        bool revocable = params.revocable;
        Record storage record = _records[id];
        record.terms = ReleaseRecord.packTerms(beneficiary, curveId, start, revocable);
        record.amounts = ReleaseRecord.packAmounts(total.toUint96());
        emit ScheduleCreated(id, beneficiary, curveId, total, start, revocable);
    }

    /// @dev Books the whole claimable amount as paid; the calling function transfers it.
    function _releaseTo(uint256 id, address recipient) private returns (uint256 amount) {
        (ReleaseTerms terms, ReleaseAmounts amounts) = _recordOf(id);
        _requireBeneficiary(id, terms.beneficiary());
        amount = _due(terms, amounts);
        require(amount != 0, ReleaseVaultNothingToClaim(id, amounts.released()));

        _release(id, amounts, recipient, amount);
    }

    /// @dev Books `amount` as paid; the caller transfers it.
    function _release(uint256 id, ReleaseAmounts amounts, address recipient, uint256 amount) private {
        _records[id].amounts = amounts.withRelease(amount);
        emit ScheduleClaimed(id, recipient, amount);
    }

    /// @dev The schedule with this id, or a revert.
    function _recordOf(uint256 id) private view returns (ReleaseTerms terms, ReleaseAmounts amounts) {
        Record storage record = _records[id];
        terms = record.terms;
        if (terms.beneficiary() == address(0)) revert ReleaseVaultUnknownSchedule(id, _totals.schedules);
        amounts = record.amounts;
    }

    /// @dev Reverts unless the caller is `beneficiary`.
    function _requireBeneficiary(uint256 id, address beneficiary) private view {
        require(msg.sender == beneficiary, ReleaseVaultNotBeneficiary(id, msg.sender, beneficiary));
    }

    /// @dev Vested tokens not yet paid out. Never negative: vesting never falls, and a revocation keeps vested tokens.
    function _due(ReleaseTerms terms, ReleaseAmounts amounts) private view returns (uint256) {
        return _vestedAt(terms, amounts, block.timestamp) - amounts.released();
    }

    /// @dev Tokens vested at `timestamp`, or at the revocation if earlier; rounds down.
    function _vestedAt(ReleaseTerms terms, ReleaseAmounts amounts, uint256 timestamp) private view returns (uint256) {
        uint256 revokedAt = amounts.revokedAt();
        if (revokedAt != 0 && timestamp > revokedAt) timestamp = revokedAt;
        uint256 start = terms.start();
        if (timestamp < start) return 0;
        return _curves[terms.curveId()].vestedDown(amounts.total(), timestamp - start);
    }

    /// @dev Next time at which more vests; 0 if nothing more vests.
    function _nextStageAt(ReleaseTerms terms, ReleaseAmounts amounts) private view returns (uint48) {
        if (amounts.revokedAt() != 0) return 0;
        ReleaseCurve.Packed storage curve = _curves[terms.curveId()];
        if (block.timestamp < terms.start()) return (terms.start() + curve.firstGrowth()).toUint48();

        (bool grows, uint256 offset) = curve.growthAfter(block.timestamp - terms.start());
        return grows ? (terms.start() + offset).toUint48() : 0;
    }

    /// @dev Ids from `first` to `end - 1`, and the first id of the next page (0 if there is none).
    function _page(uint256 fromId, uint256 maxCount) private view returns (uint256 first, uint256 end, uint256 nextId) {
        uint256 count = _totals.schedules;
        first = Math.max(fromId, 1);
        end = first > count ? first : first + Math.min(maxCount, count + 1 - first);
        nextId = end > count ? 0 : end;
    }

    /// @dev Whether `account` can use tokens paid to it.
    function _isPayable(address account) private view returns (bool) {
        return account != address(0) && account != address(this) && account != address(TOKEN);
    }

    /// @dev Whether `curveId` is one of the first `curves` ids.
    function _isCurve(uint256 curveId, uint256 curves) private pure returns (bool) {
        return curveId != 0 && curveId <= curves;
    }
}
