// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ERC165Checker} from "@openzeppelin/contracts/utils/introspection/ERC165Checker.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {RateLimiter} from "@openzeppelin/contracts/utils/RateLimiter.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Time} from "@openzeppelin/contracts/utils/types/Time.sol";

import {INecessity} from "../interfaces/INecessity.sol";
import {IReserveClient} from "../interfaces/IReserveClient.sol";
import {ISystemDirectory} from "../interfaces/ISystemDirectory.sol";
import {ISystemReserve} from "../interfaces/ISystemReserve.sol";
import {GuardedPause} from "../safety/GuardedPause.sol";
import {Restrictable} from "../safety/Restrictable.sol";

/// @title SystemReserve
/// @notice See {ISystemReserve}.
/// @dev Invariants: RSV-I1 to RSV-I3 (docs/invariants.md). Trusts: TOKEN to move exact amounts, DIRECTORY to list
/// modules.
contract SystemReserve is ISystemReserve, GuardedPause, Restrictable {
    using ERC165Checker for address;
    using RateLimiter for RateLimiter.SlidingWindow;
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    /// @inheritdoc ISystemReserve
    uint48 public constant NECESSITY_PERIOD = 3 days;

    /// @inheritdoc ISystemReserve
    uint48 public constant MAX_GAP = 12 hours;

    /// @inheritdoc ISystemReserve
    uint48 public constant DRAW_DELAY = 2 days;

    /// @inheritdoc ISystemReserve
    uint48 public constant DRAW_PERIOD = 30 days;

    /// @inheritdoc ISystemReserve
    uint16 public constant DRAW_CAP_BPS = 100;

    /// @inheritdoc ISystemReserve
    uint16 public constant PERIOD_CAP_BPS = 500;

    /// @inheritdoc ISystemReserve
    uint48 public constant CAP_PERIOD = 30 days;

    /// @inheritdoc ISystemReserve
    uint256 public constant CONDITION_GAS = 500_000;

    uint256 private constant BPS = 10_000;
    bytes32 private constant DRAWS = 0;

    /// @inheritdoc ISystemReserve
    IERC20 public immutable TOKEN;

    /// @inheritdoc ISystemReserve
    ISystemDirectory public immutable DIRECTORY;

    uint256 private _drawCount;
    mapping(uint256 id => Draw draw) private _draws;
    mapping(INecessity condition => Watch watch) private _watches;
    mapping(INecessity condition => bytes32 kind) private _kinds;
    RateLimiter.SlidingWindow private _drawn;

    /// @param token Token of the reserve.
    /// @param directory Directory of the system.
    /// @param initialAuthority AccessManager of the suite.
    constructor(IERC20 token, ISystemDirectory directory, address initialAuthority) AccessManaged(initialAuthority) {
        require(address(token) != address(0) && address(directory) != address(0), SystemReserveZeroAddress());
        TOKEN = token;
        DIRECTORY = directory;
        // The cap is a share of a changing balance, so it is applied here. The sliding window only records draws.
        _drawn.updateSettings(CAP_PERIOD, type(uint208).max);
    }

    /// @inheritdoc ISystemReserve
    function addCondition(INecessity condition) external restricted {
        require(
            !_watches[condition].registered && address(condition).supportsInterface(type(INecessity).interfaceId),
            SystemReserveInvalidCondition(condition)
        );

        // Its kind is stored now, so that the condition cannot block its own removal.
        bytes32 kind = condition.KIND();
        (_watches[condition], _kinds[condition]) = (Watch(true, 0, 0), kind);
        emit ConditionSet(condition, kind, true);
    }

    /// @inheritdoc ISystemReserve
    function removeCondition(INecessity condition) external restricted {
        _requireRegistered(condition);

        delete _watches[condition];
        emit ConditionSet(condition, _kinds[condition], false);
    }

    /// @inheritdoc ISystemReserve
    function request(
        address module,
        uint96 amount,
        INecessity condition,
        string calldata reason,
        uint48 latest
    ) external restricted whenNotPaused returns (uint256 id) {
        require(block.timestamp <= latest, SystemReserveTooLate(latest));
        _requireModule(module);
        require(bytes(reason).length != 0, SystemReserveNoReason());
        uint256 cap = drawCap();
        require(amount != 0 && amount <= cap, SystemReserveInvalidAmount(amount, cap));
        _requireNeeded(condition);

        id = ++_drawCount;
        uint48 executableAt = Time.timestamp() + DRAW_DELAY;
        _draws[id] = Draw(module, amount, condition, executableAt, Status.Pending);
        emit DrawRequested(id, module, condition, _kinds[condition], amount, reason, executableAt);
    }

    /// @inheritdoc ISystemReserve
    function execute(uint256 id) external whenNotPaused returns (bool executed) {
        if (_draws[id].status == Status.Executed) return true;
        Draw memory draw = _requirePending(id);
        uint48 expiresAt = draw.executableAt + DRAW_PERIOD;
        require(
            block.timestamp >= draw.executableAt && block.timestamp < expiresAt,
            SystemReserveWrongTime(id, draw.executableAt, expiresAt)
        );
        _requireModule(draw.module);
        _requireNeeded(draw.condition);

        uint256 available = periodCap();
        if (draw.amount > available) {
            emit DrawDeferred(id, draw.amount, available);
            _restrict("reserve-draws", draw.module, draw.amount, available, CAP_PERIOD);
            return false;
        }

        _drawn.consume(DRAWS, draw.amount);
        _draws[id].status = Status.Executed;
        emit DrawExecuted(id, draw.module, draw.amount);

        TOKEN.safeTransfer(draw.module, draw.amount);
        IReserveClient(draw.module).receiveDraw(id, draw.amount);
        return true;
    }

    /// @inheritdoc ISystemReserve
    function withdrawRequest(uint256 id) external restricted {
        _requirePending(id);

        _draws[id].status = Status.Withdrawn;
        emit DrawWithdrawn(id);
    }

    /// @inheritdoc ISystemReserve
    function drawOf(uint256 id) external view returns (Draw memory draw) {
        return _draws[id];
    }

    /// @inheritdoc ISystemReserve
    function drawCount() external view returns (uint256 count) {
        return _drawCount;
    }

    /// @inheritdoc ISystemReserve
    function watchOf(INecessity condition) external view returns (Watch memory watch) {
        return _watches[condition];
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) external pure returns (bool supported) {
        return interfaceId == type(ISystemReserve).interfaceId || interfaceId == type(IERC165).interfaceId;
    }

    /// @inheritdoc ISystemReserve
    function observe(INecessity condition) public returns (uint48 since) {
        Watch memory watch = _requireRegistered(condition);
        uint48 present = Time.timestamp();
        bool continues = watch.since != 0 && present - watch.seenAt <= MAX_GAP;
        if (_isNecessary(condition)) since = continues ? watch.since : present;

        _watches[condition] = Watch(true, since, present);
        if (since != watch.since) emit NecessityObserved(condition, since);
    }

    /// @inheritdoc ISystemReserve
    function drawCap() public view returns (uint256 amount) {
        return ((TOKEN.balanceOf(address(this)) + _drawn.used(DRAWS)) * DRAW_CAP_BPS) / BPS;
    }

    /// @inheritdoc ISystemReserve
    function periodCap() public view returns (uint256 amount) {
        uint256 used = _drawn.used(DRAWS);
        uint256 cap = ((TOKEN.balanceOf(address(this)) + used) * PERIOD_CAP_BPS) / BPS;
        return Math.saturatingSub(cap, used);
    }

    /// @dev Observes a condition. Reverts unless it is true now and was true for {NECESSITY_PERIOD} without a break.
    function _requireNeeded(INecessity condition) private {
        uint48 since = observe(condition);
        uint48 neededSince = Time.timestamp() - NECESSITY_PERIOD;
        require(since != 0 && since <= neededSince, SystemReserveNotNecessary(condition, since, neededSince));
    }

    /// @dev Reverts unless the condition is registered.
    function _requireRegistered(INecessity condition) private view returns (Watch memory watch) {
        watch = _watches[condition];
        require(watch.registered, SystemReserveUnknownCondition(condition));
    }

    /// @dev Reverts unless the module is current and can return unused OPA.
    function _requireModule(address module) private view {
        bool isClient = DIRECTORY.isCurrent(module) && module.supportsInterface(type(IReserveClient).interfaceId);
        require(isClient, SystemReserveNotModule(module));
    }

    /// @dev Reverts unless the draw is pending.
    function _requirePending(uint256 id) private view returns (Draw memory draw) {
        draw = _draws[id];
        require(draw.status == Status.Pending, SystemReserveNotPending(id, draw.status));
    }

    /// @dev Result of a condition; false if its call fails. Reverts if the condition would get too little gas.
    /// Otherwise a caller could make it fail.
    function _isNecessary(INecessity condition) private view returns (bool needed) {
        uint256 required = CONDITION_GAS + CONDITION_GAS / 4; // includes the call and the 1/64 kept by EIP-150
        require(gasleft() >= required, SystemReserveGasTooLow(required));
        (bool success, bytes memory returned) = address(condition).staticcall{gas: CONDITION_GAS}(
            abi.encodeCall(INecessity.isNecessary, ())
        );
        return success && returned.length >= 32 && uint256(bytes32(returned)) == 1;
    }
}
