// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {IReleaseVault} from "../interfaces/IReleaseVault.sol";
import {ReleaseCurve} from "../libraries/ReleaseCurve.sol";

/// @title ReleaseVault
/// @notice See {IReleaseVault}.
/// @dev Invariants (docs/invariants.md): REL-I1 to REL-I7. Trusts TOKEN to move exactly what is asked and to call nobody,
/// the authority to let only governance revoke, and RESERVE with what is revoked.
/// @custom:security-contact See SECURITY.md.
contract ReleaseVault is IReleaseVault, AccessManaged {
    using ReleaseCurve for ReleaseCurve.Packed;
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    /// @dev Two words: who, along which curve, from when, and whether it can be revoked; how much, and when it was.
    struct Record {
        address beneficiary;
        uint32 curveId;
        uint48 start;
        bool revocable;
        uint96 total;
        uint96 released;
        uint48 revokedAt;
    }

    /// @dev One word: numbers of schedules and curves; everything ever paid in and not returned to the reserve.
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

    Totals private _totals;
    mapping(uint256 id => Record record) private _records;
    mapping(uint256 id => address account) private _pendingBeneficiaries;
    mapping(uint256 curveId => ReleaseCurve.Packed curve) private _curves;
    mapping(bytes32 stagesHash => uint256 curveId) private _curveIds;

    /// @param token Token released: no transfer fees, no callbacks.
    /// @param authority Access manager that decides who may revoke.
    /// @param reserve Account that receives what is revoked.
    constructor(IERC20 token, address authority, address reserve) AccessManaged(authority) {
        require(
            address(token) != address(0) &&
                authority != address(0) &&
                reserve != address(0) &&
                reserve != address(token) &&
                reserve != address(this),
            ReleaseVaultInvalidSetup(address(token), authority, reserve)
        );

        TOKEN = token;
        RESERVE = reserve;
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
    function createSchedule(ScheduleParams calldata params) external returns (uint256 id) {
        Totals memory totals = _totals;
        id = ++totals.schedules;
        totals.committed += params.total.toUint176();
        _create(id, params, totals.curves);
        _totals = totals;

        TOKEN.safeTransferFrom(msg.sender, address(this), params.total);
    }

    /// @inheritdoc IReleaseVault
    function createSchedules(ScheduleParams[] calldata params) external returns (uint256 firstId) {
        require(params.length != 0 && params.length <= MAX_BATCH, ReleaseVaultInvalidBatch(params.length, MAX_BATCH));

        Totals memory totals = _totals;
        firstId = totals.schedules + 1;
        uint256 sum = 0;
        for (uint256 i = 0; i < params.length; ++i) {
            _create(firstId + i, params[i], totals.curves);
            sum += params[i].total;
        }
        totals.schedules += params.length.toUint48();
        totals.committed += sum.toUint176();
        _totals = totals;

        TOKEN.safeTransferFrom(msg.sender, address(this), sum);
    }

    /// @inheritdoc IReleaseVault
    function claim(uint256 id) external returns (uint256 amount) {
        Record memory record = _recordOf(id);
        amount = _due(record);
        require(amount != 0, ReleaseVaultNothingToClaim(id, record.released));

        _release(id, record, record.beneficiary, amount);

        TOKEN.safeTransfer(record.beneficiary, amount);
    }

    /// @inheritdoc IReleaseVault
    function claimMany(uint256[] calldata ids) external returns (uint256 amount) {
        address payee = address(0);
        uint256 payment = 0;
        for (uint256 i = 0; i < ids.length; ++i) {
            Record memory record = _recordOf(ids[i]);
            uint256 due = _due(record);
            if (due == 0) continue;

            _release(ids[i], record, record.beneficiary, due);
            amount += due;

            // Neighbours of one beneficiary share a transfer. What is left unpaid here is already booked as released.
            if (record.beneficiary != payee) {
                if (payment != 0) TOKEN.safeTransfer(payee, payment);
                payee = record.beneficiary;
                payment = 0;
            }
            payment += due;
        }
        if (payment != 0) TOKEN.safeTransfer(payee, payment);
    }

    /// @inheritdoc IReleaseVault
    function claimTo(uint256 id, address recipient) external returns (uint256 amount) {
        require(_isPayable(recipient), ReleaseVaultInvalidRecipient(recipient));
        Record memory record = _recordOf(id);
        _requireBeneficiary(id, record.beneficiary);
        amount = _due(record);
        require(amount != 0, ReleaseVaultNothingToClaim(id, record.released));

        _release(id, record, recipient, amount);

        TOKEN.safeTransfer(recipient, amount);
    }

    /// @inheritdoc IReleaseVault
    function claimManyTo(uint256[] calldata ids, address recipient) external returns (uint256 amount) {
        require(_isPayable(recipient), ReleaseVaultInvalidRecipient(recipient));

        for (uint256 i = 0; i < ids.length; ++i) {
            Record memory record = _recordOf(ids[i]);
            _requireBeneficiary(ids[i], record.beneficiary);
            uint256 due = _due(record);
            if (due == 0) continue;

            _release(ids[i], record, recipient, due);
            amount += due;
        }

        if (amount != 0) TOKEN.safeTransfer(recipient, amount);
    }

    /// @inheritdoc IReleaseVault
    function proposeBeneficiary(uint256 id, address newBeneficiary) external {
        address beneficiary = _recordOf(id).beneficiary;
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
        address beneficiary = _recordOf(id).beneficiary;
        address pending = _pendingBeneficiaries[id];
        require(msg.sender == pending, ReleaseVaultNotPendingBeneficiary(id, msg.sender, pending));

        delete _pendingBeneficiaries[id];
        _records[id].beneficiary = pending;
        emit BeneficiaryChanged(id, beneficiary, pending);
    }

    /// @inheritdoc IReleaseVault
    function revoke(uint256 id) external restricted returns (uint256 returned) {
        Record memory record = _recordOf(id);
        require(record.revocable, ReleaseVaultNotRevocable(id));
        require(record.revokedAt == 0, ReleaseVaultAlreadyRevoked(id, record.revokedAt));
        uint256 vested = _vestedAt(record, block.timestamp);
        returned = record.total - vested;
        require(returned != 0, ReleaseVaultFullyVested(id, record.total));

        _records[id].revokedAt = block.timestamp.toUint48();
        _totals.committed -= returned.toUint176();
        emit ScheduleRevoked(id, record.beneficiary, vested, returned);

        TOKEN.safeTransfer(RESERVE, returned);
    }

    /// @inheritdoc IReleaseVault
    function scheduleOf(uint256 id) external view returns (Schedule memory) {
        Record memory record = _recordOf(id);
        uint256 vested = _vestedAt(record, block.timestamp);
        return
            Schedule({
                beneficiary: record.beneficiary,
                pendingBeneficiary: _pendingBeneficiaries[id],
                total: record.total,
                start: record.start,
                curveId: record.curveId,
                released: record.released,
                vested: vested,
                claimable: vested - record.released,
                nextStageAt: _nextStageAt(record),
                revocable: record.revocable,
                revokedAt: record.revokedAt
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
            if (_records[id].beneficiary == beneficiary) ++found;
        }
        ids = new uint256[](found);
        for (uint256 id = end; found > 0;) {
            if (_records[--id].beneficiary == beneficiary) ids[--found] = id;
        }
    }

    /// @inheritdoc IReleaseVault
    function vestedAt(uint256 id, uint48 timestamp) external view returns (uint256) {
        return _vestedAt(_recordOf(id), timestamp);
    }

    /// @inheritdoc IReleaseVault
    function claimable(uint256 id) external view returns (uint256) {
        return _due(_recordOf(id));
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
            Record memory record = _records[id];
            uint256 owed = record.revokedAt == 0 ? record.total : _vestedAt(record, record.revokedAt);
            amount += owed - record.released;
        }
    }

    /// @dev Checks and stores one schedule; the caller takes the tokens and counts it.
    function _create(uint256 id, ScheduleParams calldata params, uint256 curves) private {
        require(_isPayable(params.beneficiary), ReleaseVaultInvalidBeneficiary(params.beneficiary));
        uint256 limit = type(uint96).max;
        require(params.total != 0 && params.total <= limit, ReleaseVaultInvalidTotal(params.total, limit));
        require(params.start != 0 && params.start <= MAX_START, ReleaseVaultInvalidStart(params.start, MAX_START));
        require(_isCurve(params.curveId, curves), ReleaseVaultUnknownCurve(params.curveId, curves));

        _records[id] = Record({
            beneficiary: params.beneficiary,
            curveId: params.curveId,
            start: params.start,
            revocable: params.revocable,
            total: params.total.toUint96(),
            released: 0,
            revokedAt: 0
        });
        emit ScheduleCreated(id, params.beneficiary, params.curveId, params.total, params.start, params.revocable);
    }

    /// @dev Books `amount` as paid; the caller transfers it.
    function _release(uint256 id, Record memory record, address recipient, uint256 amount) private {
        _records[id].released = (record.released + amount).toUint96();
        emit ScheduleClaimed(id, record.beneficiary, recipient, amount);
    }

    /// @dev The schedule with this id, or a revert.
    function _recordOf(uint256 id) private view returns (Record memory record) {
        record = _records[id];
        if (record.beneficiary == address(0)) revert ReleaseVaultUnknownSchedule(id, _totals.schedules);
    }

    /// @dev Reverts unless the caller is `beneficiary`.
    function _requireBeneficiary(uint256 id, address beneficiary) private view {
        require(msg.sender == beneficiary, ReleaseVaultNotBeneficiary(id, msg.sender, beneficiary));
    }

    /// @dev Tokens vested and not paid out; never negative, as vesting never falls and revocation keeps what has vested.
    function _due(Record memory record) private view returns (uint256) {
        return _vestedAt(record, block.timestamp) - record.released;
    }

    /// @dev Tokens vested at `timestamp`, which a revocation stops; rounds down.
    function _vestedAt(Record memory record, uint256 timestamp) private view returns (uint256) {
        if (record.revokedAt != 0) timestamp = Math.min(timestamp, record.revokedAt);
        if (timestamp < record.start) return 0;
        return _curves[record.curveId].vestedDown(record.total, timestamp - record.start);
    }

    /// @dev Time from which more vests; 0 when nothing more will.
    function _nextStageAt(Record memory record) private view returns (uint48) {
        if (record.revokedAt != 0) return 0;
        ReleaseCurve.Packed storage curve = _curves[record.curveId];
        if (block.timestamp < record.start) return (record.start + curve.firstGrowth()).toUint48();

        (bool grows, uint256 offset) = curve.growthAfter(block.timestamp - record.start);
        return grows ? (record.start + offset).toUint48() : 0;
    }

    /// @dev Ids from `first` up to before `end`, and where the next page begins (0 if there is none).
    function _page(uint256 fromId, uint256 maxCount) private view returns (uint256 first, uint256 end, uint256 nextId) {
        uint256 count = _totals.schedules;
        first = Math.max(fromId, 1);
        end = first > count ? first : first + Math.min(maxCount, count + 1 - first);
        nextId = end > count ? 0 : end;
    }

    /// @dev Whether tokens paid to `account` can be used.
    function _isPayable(address account) private view returns (bool) {
        return account != address(0) && account != address(this) && account != address(TOKEN);
    }

    /// @dev Whether `curveId` is one of the first `curves` ids.
    function _isCurve(uint256 curveId, uint256 curves) private pure returns (bool) {
        return curveId != 0 && curveId <= curves;
    }
}
