// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IncentivePool} from "../../../contracts/incentives/IncentivePool.sol";
import {IncentiveVault} from "../../../contracts/incentives/IncentiveVault.sol";
import {IIncentiveVault} from "../../../contracts/interfaces/IIncentiveVault.sol";
import {IProvisionBook} from "../../../contracts/interfaces/IProvisionBook.sol";
import {Contribution} from "../../../contracts/interfaces/types/Contribution.sol";
import {OPAToken} from "../../../contracts/token/OPAToken.sol";
import {AuthorityMock} from "../../mocks/AuthorityMock.sol";
import {DistributorMock} from "../../mocks/DistributorMock.sol";
import {MeterMock} from "../../mocks/MeterMock.sol";
import {TestBase} from "../../support/TestBase.sol";

/// @dev An adversary with every role. It governs, guards, records points and names the distributor of each epoch. It
/// makes the Meter count unpaid use, exchanges the access manager, and calls the vault with any data from any account.
/// Only the token, the vault and the reserve are honest. Every round holds each action once.
contract CaptureHandler is TestBase {
    enum Action {
        Use,
        Forge,
        Warp,
        Wait,
        Close,
        BookPool,
        BookThief,
        BookNobody,
        Announce,
        Withdraw,
        Draw,
        Return,
        Donate,
        Record,
        Claim,
        GiveBack,
        Usurp,
        Assault
    }

    uint256 private constant ACTIONS = uint256(type(Action).max) + 1;
    uint256 private constant BPS = 10_000;
    uint256 private constant PEOPLE = 3;

    OPAToken private immutable TOKEN;
    MeterMock private immutable METER;
    IncentiveVault private immutable VAULT;
    IncentivePool private immutable POOL;
    DistributorMock public immutable THIEF;
    address private immutable RESERVE;

    AuthorityMock private _authority;
    uint32[] private _closed;
    mapping(uint32 epoch => IIncentiveVault.Closing closing) private _closings;

    uint256 public ghostReceived;
    uint256 public ghostReleased;
    uint256 public ghostDrawn;
    uint256 public ghostFromDraws;
    uint256 public ghostReturned;
    uint256 public ghostThiefEpochs;
    mapping(Action action => uint256 count) public calls;

    constructor(
        OPAToken token,
        MeterMock meter,
        IncentiveVault vault,
        IncentivePool pool,
        DistributorMock thief,
        AuthorityMock authority
    ) {
        TOKEN = token;
        METER = meter;
        VAULT = vault;
        POOL = pool;
        THIEF = thief;
        RESERVE = vault.RESERVE();
        _authority = authority;
    }

    /// @dev Takes one action out of the bag of those that this round has left.
    function step(uint256 seed, uint256 amount) external {
        uint256 action = _nextAction(seed, ACTIONS);
        ++calls[Action(action)];
        (uint256 held, uint256 reserve, uint256 thief) = _balances();
        uint256 before = ghostReceived;
        _act(Action(action), seed >> 8, amount);
        _account(held + ghostReceived - before, reserve, thief);
        _watch();
    }

    function closed() external view returns (uint32[] memory epochs) {
        return _closed;
    }

    /// @dev INC-I3: a closing never changes.
    function unchanged() external view returns (bool same) {
        same = true;
        for (uint256 i = 0; i < _closed.length; ++i) {
            bytes32 now_ = keccak256(abi.encode(VAULT.closingOf(_closed[i])));
            same = same && now_ == keccak256(abi.encode(_closings[_closed[i]]));
        }
    }

    function _act(Action action, uint256 seed, uint256 amount) private {
        if (action == Action.Use) METER.use(_person(seed), _bound(amount, 1, 20_000 gwei) * 1 gwei);
        else if (action == Action.Forge) _forge(seed, amount);
        else if (action == Action.Warp) vm.warp(block.timestamp + _bound(amount, 1, 2 days));
        else if (action == Action.Wait) vm.warp(block.timestamp + _bound(amount, 1 days, 120 days));
        else if (action == Action.Close) VAULT.close();
        else if (action == Action.BookPool) METER.setBook(POOL);
        else if (action == Action.BookThief) _bookThief(seed, amount);
        else if (action == Action.BookNobody) METER.setBook(IProvisionBook(address(0)));
        else if (action == Action.Draw) _draw(_bound(amount, 1, 50_000 ether));
        else if (action == Action.Return) VAULT.returnUnused();
        else if (action == Action.Donate) _receive(_bound(amount, 1, 10_000 ether));
        else if (action == Action.Claim) POOL.claim(_person(seed));
        else _govern(action, seed, amount);
    }

    /// @dev Calls that may be refused.
    function _govern(Action action, uint256 seed, uint256 amount) private {
        bytes memory data = "";
        address target = address(VAULT);
        if (action == Action.Announce) {
            data = abi.encodeCall(VAULT.announce, (VAULT.KAPPA(), _bound(amount, 0, 2 * BPS)));
        } else if (action == Action.Withdraw) {
            data = abi.encodeCall(VAULT.withdrawAnnouncement, (VAULT.KAPPA()));
        } else if (action == Action.Record) {
            target = address(POOL);
            uint256 points = _bound(amount, 1, 1e15);
            data = abi.encodeCall(POOL.recordPoints, (_person(seed), Contribution.Category(1 + (seed % 4)), points));
        } else if (action == Action.GiveBack) {
            target = address(POOL);
            data = abi.encodeCall(POOL.returnUnclaimed, (_person(seed)));
            (bool done, bytes memory returned) = target.call(data);
            // Nothing is lost: returned amounts are received again.
            if (done) ghostReceived += abi.decode(returned, (uint256));
            return;
        } else if (action == Action.Usurp) {
            AuthorityMock next = new AuthorityMock(address(this));
            _authority.updateAuthority(address(VAULT), address(next));
            _authority = next;
            return;
        } else {
            _assault(seed, amount);
            return;
        }
        (bool success, ) = target.call(data);
        success;
    }

    /// @dev Any data, from anybody: the vault's own functions with random arguments, and functions it does not have.
    function _assault(uint256 seed, uint256 amount) private {
        bytes4[7] memory selectors = [
            VAULT.receiveDraw.selector,
            VAULT.announce.selector,
            VAULT.setAuthority.selector,
            TOKEN.transfer.selector,
            TOKEN.approve.selector,
            POOL.claimTo.selector,
            bytes4(uint32(amount))
        ];
        vm.prank(_person(seed));
        (bool success, ) = address(VAULT).call(
            abi.encodeWithSelector(selectors[seed % 7], address(this), amount, uint256(uint160(address(this))))
        );
        success;
    }

    /// @dev Counts use without burning for it.
    function _forge(uint256 seed, uint256 amount) private {
        METER.setFalse(true);
        METER.use(_person(seed), _bound(amount, 1, 100_000_000 gwei) * 1 gwei);
        METER.setFalse(false);
    }

    function _bookThief(uint256 seed, uint256 amount) private {
        THIEF.set(DistributorMock.Mode(seed % 5), seed % 2 == 0 ? type(uint256).max : amount);
        METER.setBook(THIEF);
    }

    function _draw(uint256 amount) private {
        _receive(amount);
        vm.prank(RESERVE);
        VAULT.receiveDraw(1, amount);
        ghostDrawn += amount;
    }

    function _receive(uint256 amount) private {
        TOKEN.transfer(address(VAULT), amount);
        ghostReceived += amount;
    }

    /// @dev INC-I10: each wei that leaves the vault goes to the reserve, as the rest of a draw, or to the distributor of an epoch.
    function _account(uint256 expected, uint256 reserve, uint256 thief) private {
        (uint256 held, uint256 reserveNow, uint256 thiefNow) = _balances();
        uint256 returned = reserveNow - reserve;
        ghostReturned += returned;
        uint256 released = expected - held - returned;
        ghostReleased += released;
        if (thiefNow != thief) ++ghostThiefEpochs;
        vm.assertLe(thiefNow - thief, released, "INC-I10: only a release reaches a distributor");
    }

    /// @dev Remembers each closing once, as it was first.
    function _watch() private {
        uint32 epoch = VAULT.lastClosed();
        if (epoch == VAULT.START_EPOCH() || _closings[epoch].burned != 0) return;
        IIncentiveVault.Closing memory closing = VAULT.closingOf(epoch);
        _closings[epoch] = closing;
        _closed.push(epoch);
        if (closing.allotment > closing.stageCap) {
            ghostFromDraws += (uint256(closing.released) * (closing.allotment - closing.stageCap)) / closing.allotment;
        }
        vm.assertLe(closing.released, closing.allotment, "INC-I10: released above the allotment");
        vm.assertLe(
            uint256(closing.allotment) * BPS,
            uint256(closing.burned) * VAULT.MAX_KAPPA_BPS(),
            "INC-I9: allotment above the largest share of what was counted"
        );
    }

    function _balances() private view returns (uint256 held, uint256 reserve, uint256 thief) {
        held = TOKEN.balanceOf(address(VAULT));
        reserve = TOKEN.balanceOf(RESERVE);
        thief = TOKEN.balanceOf(address(THIEF));
    }

    function _person(uint256 seed) private pure returns (address person) {
        return address(uint160(0x1001 + (seed % PEOPLE)));
    }
}
