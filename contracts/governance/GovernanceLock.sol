// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IVotes} from "@openzeppelin/contracts/governance/utils/IVotes.sol";
import {IERC6372} from "@openzeppelin/contracts/interfaces/IERC6372.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";
import {Time} from "@openzeppelin/contracts/utils/types/Time.sol";

import {CallerFlags} from "../safety/CallerFlags.sol";
import {IGovernanceLock} from "../interfaces/IGovernanceLock.sol";
import {ILockPower} from "../interfaces/ILockPower.sol";
import {DecayingVotes} from "../libraries/DecayingVotes.sol";
import {SignerCheck} from "../libraries/SignerCheck.sol";

/// @title GovernanceLock
/// @notice See {IGovernanceLock}.
/// @dev Invariants: GOV-I1 to GOV-I9 (docs/invariants.md). Trusts: TOKEN to move exact amounts; holders of HOLDER to
/// hold locks, at most {MAX_HOLD} after their end.
contract GovernanceLock is IGovernanceLock, CallerFlags, EIP712, Nonces {
    using DecayingVotes for DecayingVotes.Curve;
    using SafeCast for uint256;
    using SafeERC20 for IERC20;
    using SignerCheck for address;

    /// @inheritdoc IGovernanceLock
    uint256 public constant MIN_AMOUNT = 1 ether;

    /// @inheritdoc IGovernanceLock
    uint48 public constant MAX_HOLD = 60 days;

    uint256 private constant WEEK = DecayingVotes.WEEK;
    uint256 private constant LONGEST = DecayingVotes.MAX_WEEKS * WEEK;
    bytes32 private constant DELEGATION_TYPEHASH = keccak256(
        "Delegation(address delegatee,uint256 nonce,uint256 expiry)"
    );
    bytes32 private constant ACCOUNT_DELEGATION_TYPEHASH = keccak256(
        "AccountDelegation(address account,address delegatee,uint256 nonce,uint256 expiry)"
    );

    /// @inheritdoc IGovernanceLock
    IERC20 public immutable TOKEN;

    mapping(address account => Lock record) private _locks;
    mapping(address account => address delegatee) private _delegatees;
    mapping(address delegatee => DecayingVotes.Curve curve) private _curves;
    DecayingVotes.Curve private _total;

    /// @param token Token that is locked.
    /// @param initialAuthority AccessManager of the suite.
    constructor(
        IERC20 token,
        address initialAuthority
    ) AccessManaged(initialAuthority) EIP712("OPA GovernanceLock", "1") {
        require(address(token) != address(0), GovernanceLockZeroAddress());
        TOKEN = token;
    }

    /// @inheritdoc IGovernanceLock
    function lock(uint96 amount, uint48 end) external {
        require(amount >= MIN_AMOUNT, GovernanceLockTooSmall(amount, MIN_AMOUNT));
        Lock memory record = _locks[msg.sender];
        require(record.amount == 0, GovernanceLockExists(msg.sender, record.end));
        _requireEnd(end);

        _locks[msg.sender] = Lock(amount, end, 0);
        emit Locked(msg.sender, amount, end);
        _move(delegates(msg.sender), 0, 0, amount, end);

        TOKEN.safeTransferFrom(msg.sender, address(this), amount);
    }

    /// @inheritdoc IGovernanceLock
    function increase(address account, uint96 amount) external {
        require(amount != 0, GovernanceLockZeroAmount());
        Lock memory record = _requireRunning(account);

        uint96 total = record.amount + amount;
        _locks[account].amount = total;
        emit LockIncreased(account, msg.sender, amount, total);
        _move(delegates(account), record.amount, record.end, total, record.end);

        TOKEN.safeTransferFrom(msg.sender, address(this), amount);
    }

    /// @inheritdoc IGovernanceLock
    function extend(uint48 end) external {
        Lock memory record = _requireRunning(msg.sender);
        _requireEnd(end);
        if (end <= record.end) {
            (, uint48 latest) = endRange();
            revert GovernanceLockInvalidEnd(end, record.end + uint48(WEEK), latest);
        }

        _locks[msg.sender].end = end;
        emit LockExtended(msg.sender, record.end, end);
        _move(delegates(msg.sender), record.amount, record.end, record.amount, end);
    }

    /// @inheritdoc IGovernanceLock
    function withdraw() external returns (uint256 amount) {
        uint48 time = withdrawableAt(msg.sender);
        require(time != 0, GovernanceLockNotRunning(msg.sender, 0));
        require(block.timestamp >= time, GovernanceLockNotWithdrawable(msg.sender, time));

        // Ended locks are no longer part of the sums.
        amount = _locks[msg.sender].amount;
        delete _locks[msg.sender];
        emit LockWithdrawn(msg.sender, amount);

        TOKEN.safeTransfer(msg.sender, amount);
    }

    /// @inheritdoc IVotes
    function delegate(address delegatee) external {
        _delegate(msg.sender, delegatee);
    }

    /// @inheritdoc IVotes
    function delegateBySig(address delegatee, uint256 nonce, uint256 expiry, uint8 v, bytes32 r, bytes32 s) external {
        require(block.timestamp <= expiry, VotesExpiredSignature(expiry));
        bytes32 structHash = keccak256(abi.encode(DELEGATION_TYPEHASH, delegatee, nonce, expiry));
        address account = ECDSA.recover(_hashTypedDataV4(structHash), v, r, s);

        _useCheckedNonce(account, nonce);
        _delegate(account, delegatee);
    }

    /// @inheritdoc IGovernanceLock
    function delegateBySig(
        address account,
        address delegatee,
        uint256 nonce,
        uint256 expiry,
        bytes calldata signature
    ) external {
        require(block.timestamp <= expiry, VotesExpiredSignature(expiry));
        bytes32 structHash = keccak256(abi.encode(ACCOUNT_DELEGATION_TYPEHASH, account, delegatee, nonce, expiry));
        bool signed = account.isSigned(_hashTypedDataV4(structHash), signature, gasleft());
        require(signed, GovernanceLockInvalidSignature(account));

        _useCheckedNonce(account, nonce);
        _delegate(account, delegatee);
    }

    /// @inheritdoc IGovernanceLock
    function useNonce(uint256 nonce) external {
        _useCheckedNonce(msg.sender, nonce);
        emit NonceUsed(msg.sender, nonce);
    }

    /// @inheritdoc IGovernanceLock
    function hold(address account, uint48 until) external onlyFlagged {
        uint48 latest = uint48(block.timestamp) + MAX_HOLD;
        require(until <= latest, GovernanceLockHoldTooLong(until, latest));
        Lock memory record = _locks[account];
        // The end of a lock never moves earlier, so a lock that ends after the hold needs no hold.
        if (until < record.end || record.amount == 0) return;
        // Bounded by the end of the lock. Otherwise repeated holds could keep OPA forever.
        uint48 heldUntil = Math.min(until, record.end + MAX_HOLD).toUint48();
        if (heldUntil <= record.heldUntil) return;

        _locks[account].heldUntil = heldUntil;
        emit LockHeld(account, heldUntil);
    }

    /// @inheritdoc IGovernanceLock
    function syncHolder(address caller) external {
        (bool allowed, bool changed) = _syncFlag(caller);
        if (changed) emit HolderSynced(caller, allowed);
    }

    /// @inheritdoc IGovernanceLock
    function isHolder(address caller) external view returns (bool allowed) {
        return _isFlagged(caller);
    }

    /// @inheritdoc IGovernanceLock
    function lockOf(address account) external view returns (Lock memory record) {
        return _locks[account];
    }

    /// @inheritdoc ILockPower
    function powerOf(address account) external view returns (uint256 power) {
        Lock memory record = _locks[account];
        return DecayingVotes.powerOf(record.amount, record.end, block.timestamp);
    }

    /// @inheritdoc IVotes
    function getVotes(address account) external view returns (uint256 votes) {
        (, votes) = _curves[account].latest();
    }

    /// @inheritdoc IVotes
    function getPastVotes(address account, uint256 timepoint) external view returns (uint256 votes) {
        _requirePast(timepoint);
        (, votes) = _curves[account].past(timepoint);
    }

    /// @inheritdoc IVotes
    function getPastTotalSupply(uint256 timepoint) external view returns (uint256 votes) {
        _requirePast(timepoint);
        (, votes) = _total.past(timepoint);
    }

    /// @inheritdoc IGovernanceLock
    function getPastLocked(uint256 timepoint) external view returns (uint256 amount) {
        _requirePast(timepoint);
        (amount, ) = _total.past(timepoint);
    }

    /// @inheritdoc IGovernanceLock
    function totalVotes() external view returns (uint256 power) {
        (, power) = _total.latest();
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) external pure returns (bool supported) {
        return
            interfaceId == type(IGovernanceLock).interfaceId ||
            interfaceId == type(IVotes).interfaceId ||
            interfaceId == type(IERC6372).interfaceId ||
            interfaceId == type(ILockPower).interfaceId ||
            interfaceId == type(IERC165).interfaceId;
    }

    /// @inheritdoc IERC6372
    function CLOCK_MODE() external pure returns (string memory mode) {
        // solhint-disable-previous-line func-name-mixedcase
        return "mode=timestamp";
    }

    /// @inheritdoc IVotes
    function delegates(address account) public view returns (address delegatee) {
        delegatee = _delegatees[account];
        if (delegatee == address(0)) delegatee = account;
    }

    /// @inheritdoc IGovernanceLock
    function withdrawableAt(address account) public view returns (uint48 time) {
        Lock memory record = _locks[account];
        if (record.amount != 0) time = uint48(Math.max(record.end, record.heldUntil + 1));
    }

    /// @inheritdoc IGovernanceLock
    function endRange() public view returns (uint48 earliest, uint48 latest) {
        earliest = ((Math.ceilDiv(block.timestamp, WEEK) + 1) * WEEK).toUint48();
        latest = (((block.timestamp + LONGEST) / WEEK) * WEEK).toUint48();
    }

    /// @inheritdoc IERC6372
    function clock() public view returns (uint48 time) {
        return Time.timestamp();
    }

    /// @dev See {CallerFlags}.
    function _flaggedSelector() internal pure override returns (bytes4) {
        return this.hold.selector;
    }

    /// @dev Moves the power of an account to another delegatee.
    function _delegate(address account, address delegatee) private {
        require(delegatee != address(0), GovernanceLockInvalidDelegatee(delegatee));
        address previous = delegates(account);
        Lock memory record = _locks[account];

        _delegatees[account] = delegatee;
        emit DelegateChanged(account, previous, delegatee);
        if (previous == delegatee || record.end <= block.timestamp) return;

        uint256 week = record.end / WEEK;
        (uint256 power, uint256 newPower) = _curves[previous].change(record.amount, week, 0, 0);
        emit DelegateVotesChanged(previous, power, newPower);
        (power, newPower) = _curves[delegatee].change(0, 0, record.amount, week);
        emit DelegateVotesChanged(delegatee, power, newPower);
    }

    /// @dev Replaces a lock in the votes of its delegatee and in the total votes.
    function _move(address delegatee, uint256 oldAmount, uint256 oldEnd, uint256 newAmount, uint256 newEnd) private {
        (uint256 oldWeek, uint256 newWeek) = (oldEnd / WEEK, newEnd / WEEK);
        _total.change(oldAmount, oldWeek, newAmount, newWeek);
        (uint256 power, uint256 newPower) = _curves[delegatee].change(oldAmount, oldWeek, newAmount, newWeek);
        emit DelegateVotesChanged(delegatee, power, newPower);
    }

    /// @dev The lock of an account, if it has not ended.
    function _requireRunning(address account) private view returns (Lock memory record) {
        record = _locks[account];
        require(record.end > block.timestamp, GovernanceLockNotRunning(account, record.end));
    }

    /// @dev Reverts unless the end is valid for a lock.
    function _requireEnd(uint48 end) private view {
        (uint48 earliest, uint48 latest) = endRange();
        require(end % WEEK == 0 && end >= earliest && end <= latest, GovernanceLockInvalidEnd(end, earliest, latest));
    }

    /// @dev Reverts for a time that is not in the past.
    function _requirePast(uint256 timepoint) private view {
        uint48 present = clock();
        require(timepoint < present, ERC5805FutureLookup(timepoint, present));
    }
}
