// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

import {INecessity} from "./INecessity.sol";
import {ISystemDirectory} from "./ISystemDirectory.sol";

/// @title ISystemReserve
/// @notice Holds OPA for the system and pays it only while an on-chain condition is true.
/// @dev A draw takes four steps. A registered condition is true for {NECESSITY_PERIOD} without a break. Governance
/// decides, with a latest time ({request}). {DRAW_DELAY} passes. The same condition is again true for
/// {NECESSITY_PERIOD} without a break; then anyone can {execute}. A break in between delays the payment and does not
/// cancel it. It goes to a current module of the directory that returns unused OPA, never to an account. One draw takes
/// at most {DRAW_CAP_BPS} of the reserve, and all draws of any {CAP_PERIOD} at most {PERIOD_CAP_BPS}. Draws of the
/// period count as part of the reserve. The excess over the period cap is deferred.
///
/// Anyone can {observe}. A break is an observation that finds the condition false, or a gap of more than {MAX_GAP}
/// between two observations. OPA arrives by plain transfer (slashes, revoked schedules, returns of modules). A pause
/// stops {request} and {execute}.
interface ISystemReserve is IERC165 {
    /// @notice Status of a draw.
    enum Status {
        None,
        Pending,
        Executed,
        Withdrawn
    }

    /// @notice State of a condition by its observations.
    /// @param registered Whether draws can name it.
    /// @param since First observation of the unbroken time in which it is true; zero if it is false.
    /// @param seenAt Last observation.
    struct Watch {
        bool registered;
        uint48 since;
        uint48 seenAt;
    }

    /// @notice A draw.
    /// @param module Module to be paid.
    /// @param amount OPA wei.
    /// @param condition Condition that justifies the draw.
    /// @param executableAt First second at which it can be paid.
    /// @param status Status of the draw.
    struct Draw {
        address module;
        uint96 amount;
        INecessity condition;
        uint48 executableAt;
        Status status;
    }

    /// @notice Emitted when governance adds or removes a condition.
    /// @param condition Condition concerned.
    /// @param kind Its kind.
    /// @param registered Whether draws can name it from now on.
    event ConditionSet(INecessity indexed condition, bytes32 kind, bool registered);

    /// @notice Emitted when an observation starts or breaks the time in which a condition is true.
    /// @param condition Condition concerned.
    /// @param since Start of the unbroken time, zero if the condition is false.
    event NecessityObserved(INecessity indexed condition, uint48 since);

    /// @notice Emitted when governance decides on a draw.
    /// @param id Number of the draw.
    /// @param module Module to be paid.
    /// @param condition Condition that justifies the draw.
    /// @param kind Kind of the condition.
    /// @param amount OPA wei.
    /// @param reason Reason in words.
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

    /// @notice Emitted when the period cap defers a draw.
    /// @param id Number of the draw.
    /// @param amount OPA wei.
    /// @param available OPA wei that the cap allows now.
    event DrawDeferred(uint256 indexed id, uint256 amount, uint256 available);

    /// @notice Emitted when a draw is paid.
    /// @param id Number of the draw.
    /// @param module Module paid.
    /// @param amount OPA wei.
    event DrawExecuted(uint256 indexed id, address indexed module, uint256 amount);

    /// @notice Emitted when governance withdraws a draw.
    /// @param id Number of the draw.
    event DrawWithdrawn(uint256 indexed id);

    /// @notice A module address is zero.
    error SystemReserveZeroAddress();

    /// @notice The address does not implement {INecessity}, or is registered already.
    /// @param condition Address given.
    error SystemReserveInvalidCondition(INecessity condition);

    /// @notice A condition is not registered.
    /// @param condition Address given.
    error SystemReserveUnknownCondition(INecessity condition);

    /// @notice The condition is false, or has not been true for long enough without a break.
    /// @param condition Condition named.
    /// @param since Start of the unbroken time, zero if the condition is false.
    /// @param neededSince Latest start that would be enough.
    error SystemReserveNotNecessary(INecessity condition, uint48 since, uint48 neededSince);

    /// @notice The recipient is no current module that returns unused OPA.
    /// @param module Address given.
    error SystemReserveNotModule(address module);

    /// @notice The amount is zero or above the cap of one draw.
    /// @param amount OPA wei asked for.
    /// @param cap Largest amount of one draw now.
    error SystemReserveInvalidAmount(uint256 amount, uint256 cap);

    /// @notice The latest time of a decision has passed.
    /// @param latest Last second at which it could be carried out.
    error SystemReserveTooLate(uint48 latest);

    /// @notice A draw has no reason.
    error SystemReserveNoReason();

    /// @notice A draw is not pending.
    /// @param id Number given.
    /// @param status Status of the draw.
    error SystemReserveNotPending(uint256 id, Status status);

    /// @notice A draw cannot be paid at this time.
    /// @param id Number of the draw.
    /// @param executableAt First second at which it can.
    /// @param expiresAt First second at which it no longer can.
    error SystemReserveWrongTime(uint256 id, uint48 executableAt, uint48 expiresAt);

    /// @notice The call leaves too little gas for a condition.
    /// @param required Gas that must be left.
    error SystemReserveGasTooLow(uint256 required);

    /// @notice Adds a condition that draws can name.
    /// @dev Emits {ConditionSet}. Callable by governance.
    ///
    /// Reverts:
    /// - `SystemReserveInvalidCondition` if it does not support {INecessity} by ERC-165, or is registered.
    /// @param condition Condition.
    function addCondition(INecessity condition) external;

    /// @notice Removes a condition; draws that name it can no longer be paid.
    /// @dev Emits {ConditionSet}. Callable by governance.
    ///
    /// Reverts:
    /// - `SystemReserveUnknownCondition` if it is not registered.
    /// @param condition Condition.
    function removeCondition(INecessity condition) external;

    /// @notice Records whether a condition is true now.
    /// @dev Emits {NecessityObserved} if the unbroken time starts or breaks. Callable by anyone.
    ///
    /// Reverts:
    /// - `SystemReserveUnknownCondition` if it is not registered.
    /// - `SystemReserveGasTooLow` if too little gas is left for it.
    /// @param condition Condition.
    /// @return since Start of the unbroken time, zero if the condition is false.
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
    /// - `SystemReserveNotNecessary` if it is false now, or was not true for {NECESSITY_PERIOD} without a break.
    /// @param module Module to be paid.
    /// @param amount OPA wei.
    /// @param condition Condition that justifies the draw.
    /// @param reason Reason in words or as a reference.
    /// @param latest Last second at which the decision can be carried out. Operations of a timelock do not expire; this
    /// bound makes them expire.
    /// @return id Number of the draw.
    function request(
        address module,
        uint96 amount,
        INecessity condition,
        string calldata reason,
        uint48 latest
    ) external returns (uint256 id);

    /// @notice Pays a draw, or defers it if the period cap is reached.
    /// @dev Emits {DrawExecuted}, or {DrawDeferred} and `LimitTripped`. Callable by anyone. For a paid draw it succeeds
    /// without effect.
    ///
    /// Reverts:
    /// - `GuardedPauseActive` while the module is paused.
    /// - `SystemReserveNotPending` if the draw does not exist or was withdrawn.
    /// - `SystemReserveWrongTime` before {DRAW_DELAY} and after {DRAW_PERIOD} more.
    /// - `SystemReserveNotModule` if the module is not a current one any more.
    /// - `SystemReserveUnknownCondition` if the condition is not registered any more.
    /// - `SystemReserveNotNecessary` if the condition is false now, or was not true for {NECESSITY_PERIOD} without a
    /// break.
    /// @param id Number of the draw.
    /// @return executed Whether it was paid.
    function execute(uint256 id) external returns (bool executed);

    /// @notice Withdraws a draw.
    /// @dev Emits {DrawWithdrawn}. Callable by governance.
    ///
    /// Reverts:
    /// - `SystemReserveNotPending` if the draw does not exist, was paid or withdrawn.
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

    /// @notice Largest amount of one draw now.
    /// @return amount OPA wei.
    function drawCap() external view returns (uint256 amount);

    /// @notice Largest amount that the period cap allows now.
    /// @return amount OPA wei.
    function periodCap() external view returns (uint256 amount);

    /// @notice Token of the reserve.
    function TOKEN() external view returns (IERC20);

    /// @notice Directory of the modules that can be paid.
    function DIRECTORY() external view returns (ISystemDirectory);

    /// @notice Seconds for which a condition must be true without a break before a draw is decided on.
    function NECESSITY_PERIOD() external view returns (uint48);

    /// @notice Longest gap between two observations of an unbroken time, in seconds.
    function MAX_GAP() external view returns (uint48);

    /// @notice Seconds between the decision on a draw and its payment.
    function DRAW_DELAY() external view returns (uint48);

    /// @notice Seconds after the delay in which a draw can be paid.
    function DRAW_PERIOD() external view returns (uint48);

    /// @notice Largest share of the reserve in one draw, in basis points.
    function DRAW_CAP_BPS() external view returns (uint16);

    /// @notice Largest share of the reserve in all draws of a period, in basis points.
    function PERIOD_CAP_BPS() external view returns (uint16);

    /// @notice Seconds of a period.
    function CAP_PERIOD() external view returns (uint48);

    /// @notice Gas for one call of a condition.
    function CONDITION_GAS() external view returns (uint256);
}
