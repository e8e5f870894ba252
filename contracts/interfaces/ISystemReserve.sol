// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

import {INecessity} from "./INecessity.sol";
import {ISystemDirectory} from "./ISystemDirectory.sol";

/// @title ISystemReserve
/// @notice Keeps OPA for the system and pays it only while a condition on-chain says that it is needed.
/// @dev A draw takes, in this order: a registered condition, true for {NECESSITY_PERIOD} without a break; a decision of
/// governance with a latest time ({request}); {DRAW_DELAY}; the same condition, again true for {NECESSITY_PERIOD} without a break
/// ({execute}, by anyone). A break in between delays the payment and does not cancel it.
/// It goes to a current module of the directory that can give back what it does not use, never to an account. One draw
/// takes at most {DRAW_CAP_BPS} of the reserve, all draws of any {CAP_PERIOD} at most {PERIOD_CAP_BPS}, where what was
/// drawn in the period counts as if it still were there. What exceeds the second waits.
///
/// "Without a break" is what anyone's {observe} shows: an observation that finds the condition false breaks it, and so does a
/// gap of more than {MAX_GAP} between two. OPA that arrives by transfer (slashes, revoked schedules, what modules give
/// back) is taken in as it is. A pause stops {request} and {execute}.
interface ISystemReserve is IERC165 {
    /// @notice What becomes of a draw.
    enum Status {
        None,
        Pending,
        Executed,
        Withdrawn
    }

    /// @notice A condition as it was observed.
    /// @param registered Whether draws can name it.
    /// @param since First observation since which it was true without a break, zero if it is not.
    /// @param seenAt Last observation.
    struct Watch {
        bool registered;
        uint48 since;
        uint48 seenAt;
    }

    /// @notice A draw.
    /// @param module Module to be paid.
    /// @param amount OPA wei.
    /// @param condition Condition that says why.
    /// @param executableAt First second at which it can be paid.
    /// @param status What became of it.
    struct Draw {
        address module;
        uint96 amount;
        INecessity condition;
        uint48 executableAt;
        Status status;
    }

    /// @notice Emitted when governance adds a condition or takes it away.
    /// @param condition Condition concerned.
    /// @param kind Its kind.
    /// @param registered Whether draws can name it from now on.
    event ConditionSet(INecessity indexed condition, bytes32 kind, bool registered);

    /// @notice Emitted when an observation begins or ends a need.
    /// @param condition Condition concerned.
    /// @param since Beginning of the need, zero if there is none any more.
    event NecessityObserved(INecessity indexed condition, uint48 since);

    /// @notice Emitted when governance decides on a draw.
    /// @param id Number of the draw.
    /// @param module Module to be paid.
    /// @param condition Condition that says why.
    /// @param kind Kind of the condition.
    /// @param amount OPA wei.
    /// @param reason Why, in words.
    /// @param executableAt First second at which it can be paid.
    event DrawRequested(
        uint256 indexed id,
        address indexed module,
        INecessity indexed condition,
        bytes32 kind,
        uint256 amount,
        string reason,
        uint48 executableAt
    );

    /// @notice Emitted when a draw has to wait because of the cap of a period.
    /// @param id Number of the draw.
    /// @param amount OPA wei.
    /// @param available OPA wei that the cap allows now.
    event DrawDeferred(uint256 indexed id, uint256 amount, uint256 available);

    /// @notice Emitted when a draw is paid.
    /// @param id Number of the draw.
    /// @param module Module paid.
    /// @param amount OPA wei.
    event DrawExecuted(uint256 indexed id, address indexed module, uint256 amount);

    /// @notice Emitted when governance takes a decision on a draw back.
    /// @param id Number of the draw.
    event DrawWithdrawn(uint256 indexed id);

    /// @notice A module address is zero.
    error SystemReserveZeroAddress();

    /// @notice An address does not answer as a condition does, or is registered as one already.
    /// @param condition Address given.
    error SystemReserveInvalidCondition(INecessity condition);

    /// @notice A condition is not registered.
    /// @param condition Address given.
    error SystemReserveUnknownCondition(INecessity condition);

    /// @notice The reserve is not needed, or has not been for long enough without a break.
    /// @param condition Condition named.
    /// @param since Beginning of the need, zero if there is none.
    /// @param neededSince Latest beginning that would be enough.
    error SystemReserveNotNecessary(INecessity condition, uint48 since, uint48 neededSince);

    /// @notice Who was to be paid is no current module that can give back what it does not use.
    /// @param module Address given.
    error SystemReserveNotModule(address module);

    /// @notice A draw is empty or more than one may take.
    /// @param amount OPA wei asked for.
    /// @param cap Most that one draw may take now.
    error SystemReserveInvalidAmount(uint256 amount, uint256 cap);

    /// @notice The latest time of a decision has passed.
    /// @param latest Last second at which it could be carried out.
    error SystemReserveTooLate(uint48 latest);

    /// @notice A draw has no reason.
    error SystemReserveNoReason();

    /// @notice A draw is not pending.
    /// @param id Number given.
    /// @param status What became of it.
    error SystemReserveNotPending(uint256 id, Status status);

    /// @notice A draw cannot be paid at this time.
    /// @param id Number of the draw.
    /// @param executableAt First second at which it can.
    /// @param expiresAt First second at which it no longer can.
    error SystemReserveWrongTime(uint256 id, uint48 executableAt, uint48 expiresAt);

    /// @notice The caller gave too little gas to ask a condition.
    /// @param required Gas that must be left.
    error SystemReserveGasTooLow(uint256 required);

    /// @notice Adds a condition that draws can name.
    /// @dev Emits {ConditionSet}. Callable by governance.
    ///
    /// Reverts:
    /// - `SystemReserveInvalidCondition` if it does not support {INecessity} by ERC-165, or is registered.
    /// @param condition Condition.
    function addCondition(INecessity condition) external;

    /// @notice Takes a condition away; draws that name it can no longer be paid.
    /// @dev Emits {ConditionSet}. Callable by governance.
    ///
    /// Reverts:
    /// - `SystemReserveUnknownCondition` if it is not registered.
    /// @param condition Condition.
    function removeCondition(INecessity condition) external;

    /// @notice Writes down whether a condition is true now.
    /// @dev Emits {NecessityObserved} if a need begins or ends. Callable by anyone.
    ///
    /// Reverts:
    /// - `SystemReserveUnknownCondition` if it is not registered.
    /// - `SystemReserveGasTooLow` if too little gas is left to ask it.
    /// @param condition Condition.
    /// @return since Beginning of the need, zero if there is none.
    function observe(INecessity condition) external returns (uint48 since);

    /// @notice Decides on a draw.
    /// @dev Emits {DrawRequested}. Callable by governance.
    ///
    /// Reverts:
    /// - `GuardedPauseActive` while the module is paused.
    /// - `SystemReserveTooLate` after `latest`.
    /// - `SystemReserveNotModule` if `module` is not a current module of the directory, or no `IReserveClient`.
    /// - `SystemReserveNoReason` if `reason` is empty.
    /// - `SystemReserveInvalidAmount` if `amount` is zero or more than {drawCap}.
    /// - `SystemReserveUnknownCondition` if the condition is not registered.
    /// - `SystemReserveNotNecessary` if it was not true for {NECESSITY_PERIOD} without a break, or is not now.
    /// @param module Module to be paid.
    /// @param amount OPA wei.
    /// @param condition Condition that says why.
    /// @param reason Why, in words or as a reference.
    /// @param latest Last second at which the decision can be carried out. A timelock keeps decisions for ever; this ends them.
    /// @return id Number of the draw.
    function request(
        address module,
        uint96 amount,
        INecessity condition,
        string calldata reason,
        uint48 latest
    ) external returns (uint256 id);

    /// @notice Pays a draw, or has it wait if the cap of the period is reached.
    /// @dev Emits {DrawExecuted}, or {DrawDeferred} and `LimitTripped`. Callable by anyone. A draw that is paid already succeeds
    /// without an effect.
    ///
    /// Reverts:
    /// - `GuardedPauseActive` while the module is paused.
    /// - `SystemReserveNotPending` if the draw does not exist or was taken back.
    /// - `SystemReserveWrongTime` before {DRAW_DELAY} and after {DRAW_PERIOD} more.
    /// - `SystemReserveNotModule` if the module is not a current one any more.
    /// - `SystemReserveUnknownCondition` if the condition is not registered any more.
    /// - `SystemReserveNotNecessary` if the condition was not true for {NECESSITY_PERIOD} without a break, or is not now.
    /// @param id Number of the draw.
    /// @return executed Whether it was paid.
    function execute(uint256 id) external returns (bool executed);

    /// @notice Takes the decision on a draw back.
    /// @dev Emits {DrawWithdrawn}. Callable by governance.
    ///
    /// Reverts:
    /// - `SystemReserveNotPending` if the draw does not exist, was paid or taken back.
    /// @param id Number of the draw.
    function withdrawRequest(uint256 id) external;

    /// @notice A draw.
    /// @param id Number of the draw.
    /// @return draw With status None if there is none.
    function drawOf(uint256 id) external view returns (Draw memory draw);

    /// @notice Number of draws ever decided on; numbers count from 1.
    /// @return count Number.
    function drawCount() external view returns (uint256 count);

    /// @notice A condition as it was observed last.
    /// @param condition Condition to look up.
    /// @return watch Zero if it was never registered.
    function watchOf(INecessity condition) external view returns (Watch memory watch);

    /// @notice Most that one draw can take now.
    /// @return amount OPA wei.
    function drawCap() external view returns (uint256 amount);

    /// @notice Most that draws can take now in what is left of the period.
    /// @return amount OPA wei.
    function periodCap() external view returns (uint256 amount);

    /// @notice Token that is kept.
    function TOKEN() external view returns (IERC20);

    /// @notice Directory of the modules that can be paid.
    function DIRECTORY() external view returns (ISystemDirectory);

    /// @notice Seconds for which a condition must be true without a break before a draw is decided on.
    function NECESSITY_PERIOD() external view returns (uint48);

    /// @notice Longest time between two observations of a need, in seconds.
    function MAX_GAP() external view returns (uint48);

    /// @notice Seconds between the decision on a draw and its payment.
    function DRAW_DELAY() external view returns (uint48);

    /// @notice Seconds after the delay in which a draw can be paid.
    function DRAW_PERIOD() external view returns (uint48);

    /// @notice Most that one draw takes of the reserve, in basis points.
    function DRAW_CAP_BPS() external view returns (uint16);

    /// @notice Most that all draws of a period take of the reserve, in basis points.
    function PERIOD_CAP_BPS() external view returns (uint16);

    /// @notice Seconds of a period.
    function CAP_PERIOD() external view returns (uint48);

    /// @notice Gas that a condition has to answer.
    function CONDITION_GAS() external view returns (uint256);
}
