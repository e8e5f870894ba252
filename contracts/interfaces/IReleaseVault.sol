// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IGovernanceLock} from "./IGovernanceLock.sol";
import {INodeRegistry} from "./INodeRegistry.sol";

/// @title IReleaseVault
/// @notice Holds every vesting schedule: tokens paid in once, released along a curve, to one beneficiary.
/// @dev A schedule is a beneficiary, a total, a start and a *curve*; any number of schedules share a curve. A curve is
/// a list of stages. A step stage reaches its cumulative share at its offset from the start. A linear stage grows from
/// the previous stage's offset and share (0 and 0 for the first stage) to its own. Cliffs, tranches, monthly steps, an
/// amount at start and straight lines are all lists of this kind.
///
/// Vested amounts round down to the wei; the last stage is 100%, so nothing is left over. Schedules and curves never
/// change once created, except by revocation and by a change of beneficiary. A pause stops new schedules and nothing
/// else. There is no sweep: tokens sent here outside of {createSchedule} and {createSchedules} stay here forever.
interface IReleaseVault {
    /// @notice One stage of a curve.
    /// @param offset Seconds after the start; strictly greater than the previous stage's. Only a first step may have 0.
    /// @param share Cumulative share in parts per billion (1e9 is 100%); never less than the previous stage's.
    /// @param linear Whether the share grows from the previous stage to this one, or jumps at the offset.
    struct Stage {
        uint40 offset;
        uint32 share;
        bool linear;
    }

    /// @notice A schedule to create.
    /// @param beneficiary Account to pay; not this vault and not the token.
    /// @param start Time at which the curve starts, in seconds; past and future are fine.
    /// @param curveId Curve created before.
    /// @param revocable Whether governance may revoke the part not yet vested.
    /// @param total Tokens, in wei; more than zero, at most `type(uint96).max`.
    struct ScheduleParams {
        address beneficiary;
        uint48 start;
        uint32 curveId;
        bool revocable;
        uint256 total;
    }

    /// @notice A schedule as it stands now.
    /// @param beneficiary Account paid.
    /// @param start Time at which the curve starts, in seconds.
    /// @param curveId Curve followed.
    /// @param revocable Whether governance may revoke, or could before the revocation.
    /// @param pendingBeneficiary Account that may accept the schedule; zero if none.
    /// @param nextStageAt Time from which more vests: now inside a growing linear stage, 0 when nothing more will.
    /// @param revokedAt Time of revocation, in seconds; zero if not revoked.
    /// @param total Tokens paid in, in wei.
    /// @param released Tokens paid out so far, in wei.
    /// @param vested Tokens vested so far, in wei; fixed by a revocation.
    /// @param claimable Tokens vested and not paid out, in wei.
    struct Schedule {
        address beneficiary;
        uint48 start;
        uint32 curveId;
        bool revocable;
        address pendingBeneficiary;
        uint48 nextStageAt;
        uint48 revokedAt;
        uint256 total;
        uint256 released;
        uint256 vested;
        uint256 claimable;
    }

    /// @notice Emitted once, at construction.
    /// @param token Token released.
    /// @param reserve Account that receives revoked OPA.
    event VaultOpened(address indexed token, address indexed reserve);

    /// @notice Emitted when a list of stages is stored for the first time.
    /// @param curveId Id of the curve.
    /// @param stages Its stages.
    event CurveCreated(uint256 indexed curveId, Stage[] stages);

    /// @notice Emitted for each schedule created.
    /// @param id Id of the schedule.
    /// @param beneficiary Account to pay.
    /// @param curveId Curve followed.
    /// @param total Tokens paid in, in wei.
    /// @param start Time at which the curve starts, in seconds.
    /// @param revocable Whether governance may revoke the part not yet vested.
    event ScheduleCreated(
        uint256 indexed id,
        address indexed beneficiary,
        uint256 indexed curveId,
        uint256 total,
        uint48 start,
        bool revocable
    );

    /// @notice Emitted for each schedule that pays.
    /// @param id Id of the schedule.
    /// @param recipient Account paid: the beneficiary, or where the beneficiary directed it.
    /// @param amount Tokens paid, in wei.
    event ScheduleClaimed(uint256 indexed id, address indexed recipient, uint256 amount);

    /// @notice Emitted when governance revokes a schedule.
    /// @param id Id of the schedule.
    /// @param beneficiary Account that keeps the vested part.
    /// @param vested Tokens vested until now, claimed or not, in wei.
    /// @param returned Tokens that went to the reserve, in wei.
    event ScheduleRevoked(uint256 indexed id, address indexed beneficiary, uint256 vested, uint256 returned);

    /// @notice Emitted when a beneficiary offers its schedule to another account, or withdraws the offer.
    /// @param id Id of the schedule.
    /// @param beneficiary Account that offers.
    /// @param previousPending Account that could accept until now; zero if none.
    /// @param newPending Account that can accept from now on; zero if none.
    event BeneficiaryProposed(
        uint256 indexed id,
        address indexed beneficiary,
        address previousPending,
        address indexed newPending
    );

    /// @notice Emitted when the schedule has a new beneficiary.
    /// @param id Id of the schedule.
    /// @param previousBeneficiary Account paid until now.
    /// @param newBeneficiary Account paid from now on.
    event BeneficiaryChanged(uint256 indexed id, address indexed previousBeneficiary, address indexed newBeneficiary);

    /// @notice A constructor argument is zero, or the token or the reserve are the same account.
    /// @param token Token given.
    /// @param authority Access manager given.
    /// @param reserve Reserve given.
    error ReleaseVaultInvalidSetup(address token, address authority, address reserve);

    /// @notice The governance lock or the node registry takes another token.
    /// @param lock Lock given.
    /// @param nodes Node registry given.
    error ReleaseVaultForeignToken(address lock, address nodes);

    /// @notice A curve has at least one stage and not too many.
    /// @param count Stages given.
    /// @param limit Stages allowed.
    error ReleaseCurveInvalidLength(uint256 count, uint256 limit);

    /// @notice Stage offsets strictly increase, and a linear stage takes time.
    /// @param index Position of the stage.
    /// @param offset Offset given, in seconds.
    /// @param previous Offset of the stage before, in seconds; 0 for the first stage.
    error ReleaseCurveInvalidOffset(uint256 index, uint256 offset, uint256 previous);

    /// @notice Cumulative shares never decrease.
    /// @param index Position of the stage.
    /// @param share Share given, in parts per billion.
    /// @param previous Share of the stage before, in parts per billion.
    error ReleaseCurveDecreasingShare(uint256 index, uint256 share, uint256 previous);

    /// @notice The last stage of a curve is exactly 100%.
    /// @param share Share of the last stage, in parts per billion.
    /// @param whole 100% in parts per billion.
    error ReleaseCurveIncomplete(uint256 share, uint256 whole);

    /// @notice No curve has this id.
    /// @param curveId Id given.
    /// @param count Curves that exist; ids run from 1.
    error ReleaseVaultUnknownCurve(uint256 curveId, uint256 count);

    /// @notice No schedule has this id.
    /// @param id Id given.
    /// @param count Schedules that exist; ids run from 1.
    error ReleaseVaultUnknownSchedule(uint256 id, uint256 count);

    /// @notice A batch has at least one schedule and not too many.
    /// @param count Schedules given.
    /// @param limit Schedules allowed.
    error ReleaseVaultInvalidBatch(uint256 count, uint256 limit);

    /// @notice The account could never use the payment.
    /// @param account Zero, this vault, the token, or the present beneficiary as its own successor.
    error ReleaseVaultInvalidBeneficiary(address account);

    /// @notice The tokens would be locked at this account.
    /// @param account Zero, this vault or the token.
    error ReleaseVaultInvalidRecipient(address account);

    /// @notice The total of a schedule is zero or too large.
    /// @param total Total given, in wei.
    /// @param limit Largest total, in wei.
    error ReleaseVaultInvalidTotal(uint256 total, uint256 limit);

    /// @notice The start of a schedule is zero or too far away.
    /// @param start Start given, in seconds.
    /// @param limit Latest start, in seconds.
    error ReleaseVaultInvalidStart(uint256 start, uint256 limit);

    /// @notice The caller is not the beneficiary.
    /// @param id Id of the schedule.
    /// @param caller Account that called.
    /// @param beneficiary Beneficiary of the schedule.
    error ReleaseVaultNotBeneficiary(uint256 id, address caller, address beneficiary);

    /// @notice The caller was not offered the schedule.
    /// @param id Id of the schedule.
    /// @param caller Account that called.
    /// @param pendingBeneficiary Account that may accept; zero if none.
    error ReleaseVaultNotPendingBeneficiary(uint256 id, address caller, address pendingBeneficiary);

    /// @notice The offer stands like this already.
    /// @param id Id of the schedule.
    /// @param pendingBeneficiary Account that may accept; zero if none.
    error ReleaseVaultPendingUnchanged(uint256 id, address pendingBeneficiary);

    /// @notice Everything vested is paid already.
    /// @param id Id of the schedule.
    /// @param released Tokens paid so far, in wei.
    error ReleaseVaultNothingToClaim(uint256 id, uint256 released);

    /// @notice The schedule was created as not revocable.
    /// @param id Id of the schedule.
    error ReleaseVaultNotRevocable(uint256 id);

    /// @notice The schedule was revoked before.
    /// @param id Id of the schedule.
    /// @param revokedAt Time of revocation, in seconds.
    error ReleaseVaultAlreadyRevoked(uint256 id, uint256 revokedAt);

    /// @notice Everything has vested, so there is nothing to revoke.
    /// @param id Id of the schedule.
    /// @param total Total of the schedule, in wei.
    error ReleaseVaultFullyVested(uint256 id, uint256 total);

    /// @notice Stores a curve, or finds the one with the same stages.
    /// @dev Emits {CurveCreated} if the stages are new. Callable by anyone; a curve has no owner.
    ///
    /// Reverts:
    /// - {ReleaseCurveInvalidLength} if there are no stages or too many.
    /// - {ReleaseCurveInvalidOffset} if an offset does not increase, or a linear stage takes no time.
    /// - {ReleaseCurveDecreasingShare} if a share decreases.
    /// - {ReleaseCurveIncomplete} if the last share is not 100%.
    /// @param stages Stages of the curve.
    /// @return curveId Id of the curve; the same stages always have the same id.
    function createCurve(Stage[] calldata stages) external returns (uint256 curveId);

    /// @notice Creates a schedule and takes its total from the caller.
    /// @dev Emits {ScheduleCreated}. Callable by anyone with an allowance to this vault.
    ///
    /// Reverts:
    /// - {ReleaseVaultInvalidBeneficiary} if the beneficiary is zero, this vault or the token.
    /// - {ReleaseVaultInvalidTotal} if the total is zero or above `type(uint96).max`.
    /// - {ReleaseVaultInvalidStart} if the start is zero or later than {MAX_START}.
    /// - {ReleaseVaultUnknownCurve} if the curve does not exist.
    /// - the errors of an ERC-20 transfer.
    /// @param params The schedule.
    /// @return id Id of the schedule.
    function createSchedule(ScheduleParams calldata params) external returns (uint256 id);

    /// @notice Creates schedules with consecutive ids and takes the sum of their totals from the caller at once.
    /// @dev Emits {ScheduleCreated} for each. Callable by anyone with an allowance to this vault.
    ///
    /// Reverts:
    /// - {ReleaseVaultInvalidBatch} if there are no schedules or too many.
    /// - the errors of {createSchedule}.
    /// @param params The schedules.
    /// @return firstId Id of the first schedule.
    function createSchedules(ScheduleParams[] calldata params) external returns (uint256 firstId);

    /// @notice Pays the vested amount to the beneficiary.
    /// @dev Emits {ScheduleClaimed}. Callable by anyone.
    ///
    /// Reverts:
    /// - {ReleaseVaultUnknownSchedule} if the schedule does not exist.
    /// - {ReleaseVaultNothingToClaim} if nothing is due.
    /// @param id Id of the schedule.
    /// @return amount Tokens paid, in wei.
    function claim(uint256 id) external returns (uint256 amount);

    /// @notice Pays the vested amounts of several schedules, each to its beneficiary; schedules with nothing due are
    /// skipped.
    /// @dev Emits {ScheduleClaimed} for each that pays. Neighbours in the list that belong to one beneficiary are paid by
    /// one token transfer. Callable by anyone.
    ///
    /// Reverts:
    /// - {ReleaseVaultUnknownSchedule} if a schedule does not exist.
    /// @param ids Ids of the schedules.
    /// @return amount Tokens paid altogether, in wei.
    function claimMany(uint256[] calldata ids) external returns (uint256 amount);

    /// @notice Pays the vested amount to a recipient chosen by the beneficiary.
    /// @dev Emits {ScheduleClaimed}. Only the beneficiary may call.
    ///
    /// Reverts:
    /// - {ReleaseVaultInvalidRecipient} if the recipient is zero, this vault or the token.
    /// - {ReleaseVaultUnknownSchedule} if the schedule does not exist.
    /// - {ReleaseVaultNotBeneficiary} if the caller is not the beneficiary.
    /// - {ReleaseVaultNothingToClaim} if nothing is due.
    /// @param id Id of the schedule.
    /// @param recipient Account to pay.
    /// @return amount Tokens paid, in wei.
    function claimTo(uint256 id, address recipient) external returns (uint256 amount);

    /// @notice Adds the vested amount to the governance lock of the beneficiary. The end of the lock stays.
    /// @dev Emits {ScheduleClaimed} and {IGovernanceLock-LockIncreased}. Only the beneficiary may call.
    ///
    /// Reverts:
    /// - {ReleaseVaultUnknownSchedule} if there is no such schedule.
    /// - {ReleaseVaultNotBeneficiary} if the caller is not its beneficiary.
    /// - {ReleaseVaultNothingToClaim} if nothing is due.
    /// - {IGovernanceLock-GovernanceLockNotRunning} if the beneficiary has no lock.
    /// @param id Id of the schedule.
    /// @return amount Tokens locked, in wei.
    function claimToLock(uint256 id) external returns (uint256 amount);

    /// @notice Adds the vested amount to the stake of a provider, which alone can withdraw it.
    /// @dev Emits {ScheduleClaimed} and {INodeStaking-StakeAdded}. Only the beneficiary may call.
    ///
    /// Reverts:
    /// - {ReleaseVaultUnknownSchedule} if there is no such schedule.
    /// - {ReleaseVaultNotBeneficiary} if the caller is not its beneficiary.
    /// - {ReleaseVaultNothingToClaim} if nothing is due.
    /// - {INodeRegistry-NodeRegistryUnknownNode} if `provider` is none.
    /// @param id Id of the schedule.
    /// @param provider Provider whose stake grows.
    /// @return amount Tokens staked, in wei.
    function claimToStake(uint256 id, address provider) external returns (uint256 amount);

    /// @notice Pays the vested amounts of several schedules of the caller to one recipient, by one token transfer.
    /// @dev Emits {ScheduleClaimed} for each that pays; those with nothing due are skipped. Only the beneficiary may call.
    ///
    /// Reverts:
    /// - {ReleaseVaultInvalidRecipient} if the recipient is zero, this vault or the token.
    /// - {ReleaseVaultUnknownSchedule} if a schedule does not exist.
    /// - {ReleaseVaultNotBeneficiary} if the caller is not the beneficiary of each.
    /// @param ids Ids of the schedules.
    /// @param recipient Account to pay.
    /// @return amount Tokens paid altogether, in wei.
    function claimManyTo(uint256[] calldata ids, address recipient) external returns (uint256 amount);

    /// @notice Offers a schedule to another account, or withdraws the offer.
    /// @dev Emits {BeneficiaryProposed}. Only the beneficiary may call. The offer changes nothing until accepted.
    ///
    /// Reverts:
    /// - {ReleaseVaultUnknownSchedule} if the schedule does not exist.
    /// - {ReleaseVaultNotBeneficiary} if the caller is not the beneficiary.
    /// - {ReleaseVaultInvalidBeneficiary} if the account is this vault, the token or the caller.
    /// - {ReleaseVaultPendingUnchanged} if the same account is pending, or none to withdraw.
    /// @param id Id of the schedule.
    /// @param newBeneficiary Account that may accept; zero withdraws the offer.
    function proposeBeneficiary(uint256 id, address newBeneficiary) external;

    /// @notice Takes over a schedule that was offered to the caller.
    /// @dev Emits {BeneficiaryChanged}. Only the pending beneficiary may call.
    ///
    /// Reverts:
    /// - {ReleaseVaultUnknownSchedule} if the schedule does not exist.
    /// - {ReleaseVaultNotPendingBeneficiary} if the schedule was not offered to the caller.
    ///
    /// Warning: unclaimed vested OPA moves with the schedule.
    /// @param id Id of the schedule.
    function acceptBeneficiary(uint256 id) external;

    /// @notice Ends the vesting of a revocable schedule now. The beneficiary keeps the vested part; the rest goes to
    /// the reserve at once.
    /// @dev Emits {ScheduleRevoked}. Restricted to governance through the access manager.
    ///
    /// Reverts:
    /// - `AccessManagedUnauthorized` if the caller has no right to.
    /// - {ReleaseVaultUnknownSchedule} if the schedule does not exist.
    /// - {ReleaseVaultNotRevocable} if the schedule is not revocable.
    /// - {ReleaseVaultAlreadyRevoked} if it was revoked before.
    /// - {ReleaseVaultFullyVested} if everything has vested.
    /// @param id Id of the schedule.
    /// @return returned Tokens sent to the reserve, in wei.
    function revoke(uint256 id) external returns (uint256 returned);

    /// @notice Token released.
    function TOKEN() external view returns (IERC20);

    /// @notice Governance lock that claims can go to.
    function LOCK() external view returns (IGovernanceLock);

    /// @notice Node registry whose stakes claims can go to.
    function NODES() external view returns (INodeRegistry);

    /// @notice Account that receives revoked OPA.
    function RESERVE() external view returns (address);

    /// @notice Most schedules in one batch; a full batch fits the gas limit of one transaction.
    function MAX_BATCH() external view returns (uint256);

    /// @notice Latest start, in seconds, so that every stage time of every curve fits 48 bits.
    function MAX_START() external view returns (uint48);

    /// @notice A schedule as it stands now.
    /// @dev Reverts with {ReleaseVaultUnknownSchedule} if it does not exist.
    /// @param id Id of the schedule.
    function scheduleOf(uint256 id) external view returns (Schedule memory);

    /// @notice Ids of the schedules a beneficiary has, found by looking at a page of ids.
    /// @dev To read all, start at 1 and continue at `nextId` until it is 0.
    /// @param beneficiary Account paid.
    /// @param fromId First id to look at; 0 counts as 1.
    /// @param maxCount Number of ids to look at.
    /// @return ids Schedules found, ascending.
    /// @return nextId First id not looked at; 0 if there is none.
    function schedulesOf(
        address beneficiary,
        uint256 fromId,
        uint256 maxCount
    ) external view returns (uint256[] memory ids, uint256 nextId);

    /// @notice Tokens of a schedule vested at a time, in wei, without later revocations.
    /// @dev Reverts with {ReleaseVaultUnknownSchedule} if it does not exist.
    /// @param id Id of the schedule.
    /// @param timestamp Time, in seconds.
    function vestedAt(uint256 id, uint48 timestamp) external view returns (uint256);

    /// @notice Tokens of a schedule vested and not paid out, in wei.
    /// @dev Reverts with {ReleaseVaultUnknownSchedule} if it does not exist.
    /// @param id Id of the schedule.
    function claimable(uint256 id) external view returns (uint256);

    /// @notice Stages of a curve.
    /// @dev Reverts with {ReleaseVaultUnknownCurve} if it does not exist.
    /// @param curveId Id of the curve.
    function curveOf(uint256 curveId) external view returns (Stage[] memory);

    /// @notice Id of the curve with these stages; 0 if it was not created.
    /// @param stages Stages of the curve.
    function curveIdOf(Stage[] calldata stages) external view returns (uint256);

    /// @notice Number of schedules created; ids run from 1 to this.
    function scheduleCount() external view returns (uint256);

    /// @notice Number of curves created; ids run from 1 to this.
    function curveCount() external view returns (uint256);

    /// @notice Unpaid tokens held for schedules, in wei: the smaller of the balance and the sum of deposits minus
    /// returns to the reserve.
    /// @dev Exact as long as nobody sends tokens here outside of the create functions. Distinguishing such a donation
    /// would need a running total that every claim writes (5,000 gas). So a donation can raise this figure by at most
    /// its own size, and it stays here forever. {unreleasedIn} is exact in any case.
    function unreleased() external view returns (uint256);

    /// @notice Tokens still owed by a page of schedules, vested or not, in wei; donations do not count.
    /// @dev To add up all, start at 1 and continue at `nextId` until it is 0.
    /// @param fromId First id to look at; 0 counts as 1.
    /// @param maxCount Number of ids to look at.
    /// @return amount Tokens owed by the schedules looked at.
    /// @return nextId First id not looked at; 0 if there is none.
    function unreleasedIn(uint256 fromId, uint256 maxCount) external view returns (uint256 amount, uint256 nextId);
}
