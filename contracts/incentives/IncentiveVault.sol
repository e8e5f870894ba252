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
import {ClosingRecord, ClosingWord} from "../libraries/ClosingRecord.sol";
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
    using ClosingRecord for Closing;
    using ReleaseSchedule for uint256;
    using SafeCast for uint256;
    using SafeERC20 for IOPAToken;

    /// @dev Total ever released, draws neither used nor returned, and the last closed epoch.
    struct State {
        uint96 released;
        uint96 drawn;
        uint32 lastClosed;
    }

    /// @dev A finished epoch that is not closed yet, zero if there is none, and the state of the vault once it is closed.
    struct Due {
        uint32 epoch;
        address distributor;
        Closing closing;
        State state;
        uint256 returned; // from draws whose term is over
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
    uint256 private constant GWEI = 1 gwei;
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
    mapping(address distributor => mapping(uint32 epoch => ClosingWord word)) private _closings;
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
        Due memory due = _preview(0);
        return (due.state.drawn + due.returned, due.returned);
    }

    /// @inheritdoc IIncentiveVault
    function closedFor(address distributor, uint32 epoch) external view returns (uint256 burned, uint256 allotment) {
        ClosingWord word = _closings[distributor][epoch];
        return (word.burned(), word.allotment());
    }

    /// @inheritdoc IIncentiveVault
    function closingOf(uint32 epoch) external view returns (Closing memory closing) {
        Due memory due = _preview(0);
        return epoch == due.epoch ? due.closing : _closings[METER.bookOf(epoch)][epoch].unpack();
    }

    /// @inheritdoc IIncentiveVault
    function lastClosed() external view returns (uint32 epoch) {
        return _state.lastClosed;
    }

    /// @inheritdoc IIncentiveVault
    function isReleasing() external view returns (bool releasing) {
        uint32 epoch = currentEpoch();
        if (epoch == START_EPOCH) return false;
        uint256 share = (METER.burnedInEpoch() * _wordOf(KAPPA).valueIn(epoch)) / BPS;
        if (share < GWEI) return false;
        Due memory due = _preview(0);
        uint256 available = _capOf(_ownAfter(due), epoch) + _openAt(due.state.drawn, _beginOf(epoch));
        return available >= GWEI && _room(due.state.released) >= GWEI;
    }

    /// @inheritdoc IIncentiveVault
    function fundsOf() external view returns (Funds memory funds) {
        Due memory due = _preview(0);
        State memory state = due.state;
        funds.own = _ownAfter(due);
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
        Due memory due = _preview(incoming);
        (uint32 epoch, Closing memory closing) = (due.epoch, due.closing);
        returned = due.returned;
        if (epoch == 0 && returned == 0) return 0;

        uint256 fromDraws = _state.drawn - returned - due.state.drawn;
        _state = due.state;
        if (epoch != 0) {
            _closings[due.distributor][epoch] = closing.pack();
            emit EpochClosed(
                epoch,
                due.distributor,
                closing.burned,
                closing.kappaBps,
                closing.stageCap,
                closing.allotment,
                closing.released,
                fromDraws
            );
        }
        if (returned != 0) emit DrawReturned(returned);

        if (closing.released != 0) TOKEN.safeTransfer(due.distributor, closing.released);
        if (returned != 0) TOKEN.safeTransfer(RESERVE, returned);
    }

    /// @dev The finished epoch that is due. At most one is due at a time: books close it before the Meter forgets it.
    function _preview(uint256 incoming) private view returns (Due memory due) {
        State memory state = _state;
        uint256 drawn = state.drawn;
        uint256 left = drawn;
        uint256 used = 0;
        (uint32 epoch, uint256 burned) = _dueEpoch(state.lastClosed);
        if (epoch != 0) {
            left = _openAt(drawn, _beginOf(epoch));
            (due.epoch, due.distributor) = (epoch, METER.bookOf(epoch));
            due.closing = _closingFor(due, burned, state, incoming, left);
            used = _fromDraws(due.closing);
            state.released += due.closing.released;
            state.lastClosed = epoch;
        }
        left = _openAt(left - used, block.timestamp);
        due.returned = drawn - used - left;
        state.drawn = uint96(left);
        due.state = state;
    }

    /// @dev Last finished epoch with use that is not closed, zero if there is none.
    function _dueEpoch(uint32 closed) private view returns (uint32 epoch, uint256 burned) {
        if (closed + 1 >= currentEpoch()) return (0, 0);
        (epoch, burned) = METER.finishedUse();
        if (epoch <= closed || burned == 0) return (0, 0);
    }

    /// @dev Closing of the epoch that is due, see {IIncentiveVault}. `open` is the amount of draws that it can use.
    function _closingFor(
        Due memory due,
        uint256 burned,
        State memory state,
        uint256 incoming,
        uint256 open
    ) private view returns (Closing memory closing) {
        uint256 kappaBps = _wordOf(KAPPA).valueIn(due.epoch);
        uint256 own = TOKEN.balanceOf(address(this)) - state.drawn - incoming;
        uint256 stageCap = _capOf(own, due.epoch);
        uint256 allotment = Math.min(Math.min(stageCap + open, (burned * kappaBps) / BPS), _room(state.released));
        allotment -= allotment % GWEI;
        // Rounds up, so that the release covers the demand to the wei.
        uint256 demand = Math.ceilDiv(_demandOf(due.distributor, due.epoch, allotment), GWEI);
        closing = Closing({
            burned: burned.toUint96(),
            kappaBps: uint16(kappaBps),
            allotment: uint96(allotment),
            released: uint96(Math.min(allotment / GWEI, demand) * GWEI),
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

    /// @dev Balance without draws once the epoch that is due is closed.
    function _ownAfter(Due memory due) private view returns (uint256 own) {
        return TOKEN.balanceOf(address(this)) - due.closing.released - due.state.drawn - due.returned;
    }

    /// @dev Stage cap of an epoch in whole gwei.
    function _capOf(uint256 own, uint32 epoch) private view returns (uint256 stageCap) {
        stageCap = (own * rateOf(epoch)) / PPM;
        stageCap -= stageCap % GWEI;
    }

    /// @dev Part of `drawn` whose term is not over at a time.
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
