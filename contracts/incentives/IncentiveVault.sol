// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";

import {IDistributor} from "../interfaces/IDistributor.sol";
import {IIncentiveVault} from "../interfaces/IIncentiveVault.sol";
import {IMeter} from "../interfaces/IMeter.sol";
import {IOPAToken} from "../interfaces/IOPAToken.sol";
import {IReserveClient} from "../interfaces/IReserveClient.sol";
import {ReleaseSchedule} from "../libraries/ReleaseSchedule.sol";
import {EpochClock} from "../safety/EpochClock.sol";
import {BoundedParameter} from "../safety/BoundedParameter.sol";

/// @title IncentiveVault
/// @notice See {IIncentiveVault}.
/// @dev Invariants: INC-I1, INC-I3, INC-I5, INC-I9, INC-I10, RSV-I4 (docs/invariants.md). Trusts: TOKEN and METER to
/// count burns, RESERVE to send draws. Trusts no distributor: one that fails or lies gets between nothing and the
/// allotment.
contract IncentiveVault is IIncentiveVault, BoundedParameter {
    using Checkpoints for Checkpoints.Trace208;
    using ReleaseSchedule for uint256;
    using SafeCast for uint256;
    using SafeERC20 for IOPAToken;

    /// @dev Total ever released, draws neither used nor returned, and the last closed epoch.
    struct State {
        uint96 released;
        uint96 drawn;
        uint32 lastClosed;
    }

    /// @inheritdoc IIncentiveVault
    uint16 public constant MAX_KAPPA_BPS = 9_000;

    /// @inheritdoc IIncentiveVault
    bytes32 public constant KAPPA = "kappa";

    /// @inheritdoc IIncentiveVault
    uint48 public constant DRAW_TERM = 90 days;

    /// @inheritdoc IIncentiveVault
    uint256 public constant DISTRIBUTOR_GAS = 50_000;

    uint256 private constant BPS = 10_000;
    uint256 private constant PPM = 1_000_000;
    uint16 private constant MIN_KAPPA_BPS = 1_000;
    uint16 private constant STEP_BPS = 2_000;
    uint24 private constant COOLDOWN = 7 days;
    uint24 private constant NOTICE = 48 hours;

    /// @inheritdoc IIncentiveVault
    IOPAToken public immutable TOKEN;

    /// @inheritdoc IIncentiveVault
    IMeter public immutable METER;

    /// @inheritdoc IIncentiveVault
    address public immutable RESERVE;

    /// @inheritdoc IIncentiveVault
    uint32 public immutable START_EPOCH;

    uint256 private immutable STAGES;

    State private _state;
    mapping(uint32 epoch => Closing closing) private _closings;
    /// @dev Running sum of draws by the end of their term. Draws are used and returned in order of arrival.
    Checkpoints.Trace208 private _draws;

    /// @param token Token that is released.
    /// @param meter Meter of the suite.
    /// @param reserve Reserve of the suite.
    /// @param initialAuthority AccessManager of the suite.
    /// @param kappaBps First κ in basis points.
    /// @param stages Release schedule.
    constructor(
        IOPAToken token,
        IMeter meter,
        address reserve,
        address initialAuthority,
        uint16 kappaBps,
        Stage[] memory stages
    ) AccessManaged(initialAuthority) EpochClock(_requireMeter(meter).GENESIS(), meter.EPOCH_DURATION()) {
        require(address(token) != address(0) && reserve != address(0), IncentiveVaultZeroAddress());
        TOKEN = token;
        METER = meter;
        RESERVE = reserve;
        STAGES = ReleaseSchedule.pack(stages);
        uint32 epoch = currentEpoch();
        START_EPOCH = epoch;
        _state.lastClosed = epoch;
        _define(KAPPA, kappaBps, Bounds(MIN_KAPPA_BPS, MAX_KAPPA_BPS, STEP_BPS, COOLDOWN, NOTICE));
    }

    /// @inheritdoc IIncentiveVault
    function close() external {
        _close(0);
    }

    /// @inheritdoc IReserveClient
    function receiveDraw(uint256 id, uint256 amount) external {
        require(msg.sender == RESERVE, ReserveClientNotReserve(msg.sender));
        uint256 needed = _state.drawn + amount;
        uint256 balance = TOKEN.balanceOf(address(this));
        require(balance >= needed, ReserveClientNotPaid(balance, needed));

        // Finished epochs are closed without the new draw.
        _close(amount);
        _state.drawn += amount.toUint96();
        uint48 until = uint48(block.timestamp) + DRAW_TERM;
        _draws.push(until, _draws.latest() + amount.toUint208());
        emit DrawReceived(id, amount, until);
    }

    /// @inheritdoc IReserveClient
    function returnUnused() external returns (uint256 amount) {
        return _close(0);
    }

    /// @inheritdoc IReserveClient
    function unused() external view returns (uint256 amount, uint256 returnable) {
        (, , State memory state, uint256 returned) = _preview(0);
        return (state.drawn + returned, returned);
    }

    /// @inheritdoc IIncentiveVault
    function closingOf(uint32 epoch) external view returns (Closing memory closing) {
        (uint32 due, Closing memory dueClosing, , ) = _preview(0);
        return epoch == due ? dueClosing : _closings[epoch];
    }

    /// @inheritdoc IIncentiveVault
    function lastClosed() external view returns (uint32 epoch) {
        return _state.lastClosed;
    }

    /// @inheritdoc IIncentiveVault
    function isReleasing() external view returns (bool releasing) {
        uint32 epoch = currentEpoch();
        if (epoch == START_EPOCH || METER.burnedInEpoch() == 0) return false;
        (, Closing memory closing, State memory state, uint256 returned) = _preview(0);
        uint256 own = TOKEN.balanceOf(address(this)) - closing.released - state.drawn - returned;
        uint256 available = (own * rateOf(epoch)) / PPM + _openAt(state.drawn, _beginOf(epoch));
        return available != 0 && _room(state.released) != 0;
    }

    /// @inheritdoc IIncentiveVault
    function fundsOf() external view returns (Funds memory funds) {
        (, Closing memory closing, State memory state, uint256 returned) = _preview(0);
        funds.own = TOKEN.balanceOf(address(this)) - closing.released - state.drawn - returned;
        (funds.drawn, funds.released, funds.room) = (state.drawn, state.released, _room(state.released));
    }

    /// @inheritdoc IIncentiveVault
    function schedule() external view returns (Stage[] memory stages) {
        return STAGES.unpack();
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) external pure returns (bool supported) {
        return
            interfaceId == type(IIncentiveVault).interfaceId ||
            interfaceId == type(IReserveClient).interfaceId ||
            interfaceId == type(IERC165).interfaceId;
    }

    /// @inheritdoc IIncentiveVault
    function rateOf(uint32 epoch) public view returns (uint256 ratePpm) {
        return epoch > START_EPOCH ? STAGES.rateAt(epoch - START_EPOCH) : 0;
    }

    /// @dev Closes the finished epoch at the κ that was in force.
    function _beforeChange(bytes32, uint256) internal override {
        _close(0);
    }

    /// @dev Closes the finished epoch that is due and returns expired draws. `incoming` is a draw that has just
    /// arrived; it counts for later epochs only.
    function _close(uint256 incoming) private returns (uint256 returned) {
        uint32 epoch;
        Closing memory closing;
        State memory state;
        (epoch, closing, state, returned) = _preview(incoming);
        if (epoch == 0 && returned == 0) return 0;

        address distributor = address(0);
        uint256 fromDraws = _state.drawn - returned - state.drawn;
        _state = state;
        if (epoch != 0) {
            distributor = METER.bookOf(epoch);
            _closings[epoch] = closing;
            emit EpochClosed(
                epoch,
                distributor,
                closing.burned,
                closing.kappaBps,
                closing.stageCap,
                closing.allotment,
                closing.released,
                fromDraws
            );
        }
        if (returned != 0) emit DrawReturned(returned);

        if (closing.released != 0) TOKEN.safeTransfer(distributor, closing.released);
        if (returned != 0) TOKEN.safeTransfer(RESERVE, returned);
    }

    /// @dev Finished epoch that is due (zero if none), its closing, the state after it, and the amount of draws to
    /// return. At most one epoch is due at a time: books close it before the Meter overwrites it.
    function _preview(
        uint256 incoming
    ) private view returns (uint32 epoch, Closing memory closing, State memory state, uint256 returned) {
        state = _state;
        uint256 drawn = state.drawn;
        uint256 burned = 0;
        (epoch, burned) = _due(state.lastClosed);
        uint256 left = drawn;
        uint256 used = 0;
        if (epoch != 0) {
            left = _openAt(drawn, _beginOf(epoch));
            closing = _closingFor(epoch, burned, state, incoming, left);
            used = _fromDraws(closing);
            state.released += closing.released;
            state.lastClosed = epoch;
        }
        left = _openAt(left - used, block.timestamp);
        returned = drawn - used - left;
        state.drawn = uint96(left);
    }

    /// @dev Last finished epoch with use that is not closed, zero if there is none.
    function _due(uint32 closed) private view returns (uint32 epoch, uint256 burned) {
        if (closed + 1 >= currentEpoch()) return (0, 0);
        (epoch, burned) = METER.finishedUse();
        if (epoch <= closed || burned == 0) return (0, 0);
    }

    /// @dev Closing of an epoch, see {IIncentiveVault}. `open` is the amount of draws that it can use.
    function _closingFor(
        uint32 epoch,
        uint256 burned,
        State memory state,
        uint256 incoming,
        uint256 open
    ) private view returns (Closing memory closing) {
        uint256 kappaBps = _wordOf(KAPPA).valueIn(epoch);
        uint256 own = TOKEN.balanceOf(address(this)) - state.drawn - incoming;
        uint256 stageCap = (own * rateOf(epoch)) / PPM;
        uint256 allotment = Math.min(Math.min(stageCap + open, (burned * kappaBps) / BPS), _room(state.released));
        uint256 released = Math.min(allotment, _demandOf(METER.bookOf(epoch), epoch, allotment));
        closing = Closing({
            burned: burned.toUint96(),
            kappaBps: uint16(kappaBps),
            allotment: uint96(allotment),
            released: uint96(released),
            stageCap: uint96(stageCap)
        });
    }

    /// @dev Demand of a distributor; zero if its call fails. Reverts if the distributor would get too little gas.
    /// Otherwise a caller could make it fail.
    function _demandOf(address distributor, uint32 epoch, uint256 allotment) private view returns (uint256 amount) {
        if (distributor == address(0) || allotment == 0) return 0;
        uint256 required = DISTRIBUTOR_GAS + DISTRIBUTOR_GAS / 4; // includes the call and the 1/64 kept by EIP-150
        require(gasleft() >= required, IncentiveVaultGasTooLow(required));
        (bool success, bytes memory returned) = distributor.staticcall{gas: DISTRIBUTOR_GAS}(
            abi.encodeCall(IDistributor.demandOf, (epoch, allotment))
        );
        if (success && returned.length >= 32) amount = uint256(bytes32(returned));
    }

    /// @dev Part of `drawn` whose term has not ended at a time.
    function _openAt(uint256 drawn, uint256 time) private view returns (uint256 open) {
        if (drawn == 0) return 0;
        return Math.min(drawn, _draws.latest() - _draws.upperLookup(uint48(time)));
    }

    /// @dev Largest amount that can still be released.
    function _room(uint256 released) private view returns (uint256 room) {
        return Math.saturatingSub((TOKEN.totalBurned() * MAX_KAPPA_BPS) / BPS, released);
    }

    /// @dev First second of an epoch.
    function _beginOf(uint32 epoch) private view returns (uint256 time) {
        return GENESIS + uint256(epoch) * EPOCH_DURATION;
    }

    /// @dev Part of a release paid from draws: their share of the allotment, rounded down.
    function _fromDraws(Closing memory closing) private pure returns (uint256 amount) {
        if (closing.allotment <= closing.stageCap) return 0;
        return (uint256(closing.released) * (closing.allotment - closing.stageCap)) / closing.allotment;
    }

    /// @dev Reverts on the zero address before the base constructor reads the epoch clock.
    function _requireMeter(IMeter meter) private pure returns (IMeter) {
        require(address(meter) != address(0), IncentiveVaultZeroAddress());
        return meter;
    }
}
