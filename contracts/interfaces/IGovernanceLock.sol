// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC5805} from "@openzeppelin/contracts/interfaces/IERC5805.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

import {ILockPower} from "./ILockPower.sol";

/// @title IGovernanceLock
/// @notice Locks OPA for 1 to 104 weeks. Locked OPA has voting power that decays every second to zero at the end.
/// @dev An account has one lock. Its power is amount × time left / 104 weeks and counts for the delegatee of the
/// account. Without a delegation it counts for the account itself, so the votes of all accounts always add up to the
/// total. Votes are ERC-5805 on a timestamp clock (ERC-6372) and exact: rounded down once for each account and once for
/// the total. Amounts are OPA wei.
///
/// `delegateBySig` of ERC-5805 names no account. As in OpenZeppelin's Votes, a signature over other terms recovers to a
/// random address and delegates for that address. The form with `account` reverts instead.
///
/// A lock is held while a proposal of its owner is undecided, and until the end of each vote that its owner cast. The
/// lock has no pause. Otherwise a guardian could stop {lock}, {increase} or {extend} before a snapshot and so decide
/// who votes.
interface IGovernanceLock is IERC5805, ILockPower, IERC165 {
    /// @notice A lock.
    /// @param amount OPA wei locked.
    /// @param end First second at which it has no power and, unless held, can be withdrawn.
    /// @param heldUntil Last second of its hold.
    struct Lock {
        uint96 amount;
        uint48 end;
        uint48 heldUntil;
    }

    /// @notice Emitted when a lock begins.
    /// @param account Owner of the lock.
    /// @param amount OPA wei locked.
    /// @param end First second at which it has no power.
    event Locked(address indexed account, uint256 amount, uint48 end);

    /// @notice Emitted when a lock grows.
    /// @param account Owner of the lock.
    /// @param payer Account that paid.
    /// @param amount OPA wei added.
    /// @param total OPA wei locked from now on.
    event LockIncreased(address indexed account, address indexed payer, uint256 amount, uint256 total);

    /// @notice Emitted when a lock is made longer.
    /// @param account Owner of the lock.
    /// @param previousEnd End it had.
    /// @param end End it has from now on.
    event LockExtended(address indexed account, uint48 previousEnd, uint48 end);

    /// @notice Emitted when a lock is withdrawn.
    /// @param account Owner of the lock.
    /// @param amount OPA wei paid to it.
    event LockWithdrawn(address indexed account, uint256 amount);

    /// @notice Emitted when the hold of a lock is extended.
    /// @param account Owner of the lock.
    /// @param until Last second at which it is held.
    event LockHeld(address indexed account, uint48 until);

    /// @notice Emitted when an account consumes a nonce. A delegation signed with it is no longer valid.
    /// @param account Account concerned.
    /// @param nonce Nonce consumed.
    event NonceUsed(address indexed account, uint256 nonce);

    /// @notice Emitted when the stored flag of a caller of {hold} changes.
    /// @param caller Contract concerned.
    /// @param allowed Whether it may hold locks from now on.
    event HolderSynced(address indexed caller, bool allowed);

    /// @notice A module address is zero.
    error GovernanceLockZeroAddress();

    /// @notice A lock would be smaller than one OPA.
    /// @param amount OPA wei.
    /// @param minimum Smallest lock.
    error GovernanceLockTooSmall(uint256 amount, uint256 minimum);

    /// @notice Nothing would be added.
    error GovernanceLockZeroAmount();

    /// @notice An end is not the beginning of a week, too near or too far.
    /// @param end End asked for.
    /// @param earliest Earliest end possible, after the latest one if none is.
    /// @param latest Latest end possible.
    error GovernanceLockInvalidEnd(uint48 end, uint48 earliest, uint48 latest);

    /// @notice The account has a lock already.
    /// @param account Account concerned.
    /// @param end End of its lock.
    error GovernanceLockExists(address account, uint48 end);

    /// @notice The account has no lock, or one that has ended.
    /// @param account Account concerned.
    /// @param end End of its lock, zero if there is none.
    error GovernanceLockNotRunning(address account, uint48 end);

    /// @notice A lock cannot be withdrawn yet.
    /// @param account Account concerned.
    /// @param withdrawableAt First second at which it can, on present holds.
    error GovernanceLockNotWithdrawable(address account, uint48 withdrawableAt);

    /// @notice The delegatee is zero.
    /// @param delegatee Account named.
    error GovernanceLockInvalidDelegatee(address delegatee);

    /// @notice A signature is not of the account named.
    /// @param account Account named.
    error GovernanceLockInvalidSignature(address account);

    /// @notice A hold is longer than {MAX_HOLD}.
    /// @param until End asked for.
    /// @param latest Latest end possible.
    error GovernanceLockHoldTooLong(uint48 until, uint48 latest);

    /// @notice The time is not in the past.
    /// @param timepoint Time asked for.
    /// @param clock The present.
    error ERC5805FutureLookup(uint256 timepoint, uint48 clock);

    /// @notice Locks OPA of the caller.
    /// @dev Emits {Locked} and `DelegateVotesChanged`. Takes the tokens from the caller, which approves them first.
    ///
    /// Reverts:
    /// - `GovernanceLockTooSmall` if `amount` is less than {MIN_AMOUNT}.
    /// - `GovernanceLockExists` if the caller has a lock, also one that has ended and is not withdrawn.
    /// - `GovernanceLockInvalidEnd` if `end` is not the beginning of a week within {endRange}.
    /// @param amount OPA wei.
    /// @param end First second without power, a multiple of a week since the Unix epoch.
    function lock(uint96 amount, uint48 end) external;

    /// @notice Adds OPA of the caller to the lock of an account, whose end stays.
    /// @dev Emits {LockIncreased} and `DelegateVotesChanged`. Callable by anyone.
    ///
    /// Reverts:
    /// - `GovernanceLockZeroAmount` if `amount` is zero.
    /// - `GovernanceLockNotRunning` if the account has no lock, or one that has ended.
    /// @param account Owner of the lock.
    /// @param amount OPA wei.
    function increase(address account, uint96 amount) external;

    /// @notice Makes the lock of the caller end later.
    /// @dev Emits {LockExtended} and `DelegateVotesChanged`.
    ///
    /// Reverts:
    /// - `GovernanceLockNotRunning` if the caller has no lock, or one that has ended.
    /// - `GovernanceLockInvalidEnd` if `end` is not the beginning of a week within {endRange}, or not later than before.
    /// @param end First second without power.
    function extend(uint48 end) external;

    /// @notice Pays the lock of the caller out, after its end and when nothing holds it.
    /// @dev Emits {LockWithdrawn}. Delegation stays as it is, for a later lock.
    ///
    /// Reverts:
    /// - `GovernanceLockNotRunning` if the caller has no lock.
    /// - `GovernanceLockNotWithdrawable` before the end, or while it is held.
    /// @return amount OPA wei paid.
    function withdraw() external returns (uint256 amount);

    /// @notice Delegates the power of an account's locks by its signature, ECDSA or ERC-1271.
    /// @dev Emits `DelegateChanged` and `DelegateVotesChanged`. Type:
    /// `AccountDelegation(address account,address delegatee,uint256 nonce,uint256 expiry)`, domain "OPA GovernanceLock",
    /// version "1". Shares its nonces with the form of ERC-5805.
    ///
    /// Reverts:
    /// - `VotesExpiredSignature` after `expiry`.
    /// - `GovernanceLockInvalidSignature` if the account did not sign.
    /// - `InvalidAccountNonce` if `nonce` is not the next one of the account.
    /// - `GovernanceLockInvalidDelegatee` if `delegatee` is zero.
    /// @param account Account that delegates.
    /// @param delegatee Account that votes with its power.
    /// @param nonce Next nonce of the account.
    /// @param expiry Last second at which the signature counts.
    /// @param signature Signature of the account.
    function delegateBySig(
        address account,
        address delegatee,
        uint256 nonce,
        uint256 expiry,
        bytes calldata signature
    ) external;

    /// @notice Consumes the next nonce of the caller. A delegation signed with this nonce can no longer be submitted.
    /// @dev Emits {NonceUsed}.
    ///
    /// Reverts:
    /// - `InvalidAccountNonce` if `nonce` is not the next one of the caller.
    /// @param nonce Next nonce of the caller.
    function useNonce(uint256 nonce) external;

    /// @notice Keeps the lock of an account from being withdrawn until a time has passed.
    /// @dev Emits {LockHeld} if the hold is extended. Callable by governors, see {syncHolder}. Does nothing if the lock
    /// ends later, or if the account has no lock and so votes with delegated power. Repeated calls hold no lock longer
    /// than {MAX_HOLD} after its end.
    ///
    /// Reverts:
    /// - `AccessManagedUnauthorized` if the caller's flag is not set.
    /// - `GovernanceLockHoldTooLong` if `until` is more than {MAX_HOLD} ahead.
    /// @param account Owner of the lock.
    /// @param until Last second of the hold.
    function hold(address account, uint48 until) external;

    /// @notice Copies from the AccessManager whether `caller` may hold locks.
    /// @dev Emits {HolderSynced} if the flag changes. Callable by anyone: it only copies the answer of the
    /// AccessManager.
    ///
    /// Warning: after the role is granted or revoked, the flag keeps its old value until this is called.
    /// @param caller Contract to look up.
    function syncHolder(address caller) external;

    /// @notice Whether `caller` may hold locks now.
    /// @param caller Contract to look up.
    /// @return allowed The stored flag.
    function isHolder(address caller) external view returns (bool allowed);

    /// @notice Lock of an account.
    /// @param account Account to look up.
    /// @return record Amount, end and hold; zero if there is none.
    function lockOf(address account) external view returns (Lock memory record);

    /// @notice First second at which the lock of an account can be withdrawn, on present holds.
    /// @param account Account to look up.
    /// @return time Zero if there is no lock.
    function withdrawableAt(address account) external view returns (uint48 time);

    /// @notice Ends that a lock can have if it begins or is extended now: at least a week and at most 104 weeks ahead.
    /// @return earliest Earliest end.
    /// @return latest Latest end.
    function endRange() external view returns (uint48 earliest, uint48 latest);

    /// @notice Power of all locks now.
    /// @return power OPA wei, weighted by the remaining time.
    function totalVotes() external view returns (uint256 power);

    /// @notice OPA in locks that had not ended at a time before now.
    /// @dev Reverts with `ERC5805FutureLookup` if `timepoint` is not past.
    /// @param timepoint Time to look up.
    /// @return amount OPA wei.
    function getPastLocked(uint256 timepoint) external view returns (uint256 amount);

    /// @notice Token that is locked.
    function TOKEN() external view returns (IERC20);

    /// @notice Smallest lock, in OPA wei.
    function MIN_AMOUNT() external view returns (uint256);

    /// @notice Longest time for which a lock can be held, in seconds: from now, and from its end.
    function MAX_HOLD() external view returns (uint48);
}
