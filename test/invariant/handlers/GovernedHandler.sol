// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";

import {IGovernanceLock} from "../../../contracts/interfaces/IGovernanceLock.sol";
import {IGuardedPause} from "../../../contracts/interfaces/IGuardedPause.sol";
import {IIncentivePool} from "../../../contracts/interfaces/IIncentivePool.sol";
import {IIncentiveVault} from "../../../contracts/interfaces/IIncentiveVault.sol";
import {INecessity} from "../../../contracts/interfaces/INecessity.sol";
import {IProvisionBook} from "../../../contracts/interfaces/IProvisionBook.sol";
import {ISystemReserve} from "../../../contracts/interfaces/ISystemReserve.sol";
import {Contribution} from "../../../contracts/interfaces/types/Contribution.sol";
import {Metering} from "../../../contracts/interfaces/types/Metering.sol";
import {AccessPolicyMock} from "../../mocks/AccessPolicyMock.sol";
import {AuthorityMock} from "../../mocks/AuthorityMock.sol";
import {DistributorMock} from "../../mocks/DistributorMock.sol";
import {NecessityMock} from "../../mocks/NecessityMock.sol";
import {GovernedBase, GovernedSuite} from "../../support/GovernedBase.sol";

/// @dev An adversary with the majority of the votes, the timelock and every role. It settles fabricated statements, replaces books, pools
/// and access managers, opens the reserve, pauses, slashes and calls the vault with any data. Calls may be refused.
contract GovernedHandler is GovernedBase {
    enum Action {
        Charge,
        ChargeMore,
        Forge,
        Warp,
        NextDay,
        Wait,
        Close,
        BookThief,
        BookNobody,
        ReplacePool,
        BookPool,
        Vote,
        Announce,
        Draw,
        Return,
        Donate,
        Record,
        Claim,
        GiveBack,
        Pause,
        SetPolicy,
        Slash,
        Usurp,
        Assault
    }

    uint256 private constant ACTIONS = uint256(type(Action).max) + 1;
    uint256 private constant BPS = 10_000;
    uint256 private constant PPM = 1_000_000;
    uint256 private constant PEOPLE = 3;
    uint96 private constant VOTES = 100_000_000 ether;

    DistributorMock public immutable THIEF;
    NecessityMock private immutable CONDITION;
    AccessPolicyMock private immutable POLICY;

    IIncentivePool[] private _pools;
    uint32[] private _closed;
    mapping(uint32 epoch => bytes32 digest) private _digests;
    uint32 private _last;
    uint256 private _decisions;

    uint256 public ghostCame;
    uint256 public ghostReleased;
    uint256 public ghostDrawn;
    uint256 public ghostFromDraws;
    uint256 public ghostReturned;
    uint256 public ghostReserveReceived;
    uint256 public ghostClaimed;
    uint256 public ghostGivenBack;
    uint256 public ghostMetered;
    uint256 public ghostMost;
    mapping(uint32 epoch => uint256 amount) public ghostBurnedIn;
    mapping(Action action => uint256 count) public calls;

    constructor(GovernedSuite memory modules) {
        suite = modules;
        _pools.push(modules.pool);
        _last = modules.vault.START_EPOCH();
        THIEF = DistributorMock(_deploy("DistributorMock", ""));
        CONDITION = NecessityMock(_deploy("NecessityMock", ""));
        POLICY = AccessPolicyMock(_deploy("AccessPolicyMock", ""));
        CONDITION.answer(abi.encode(true));
        modules.token.approve(address(modules.meter), type(uint256).max);
        modules.token.approve(address(modules.lock), type(uint256).max);
        _capture();
    }

    /// @dev Takes one action out of the bag of those that this round has left.
    function step(uint256 seed, uint256 amount) external {
        uint256 action = _nextAction(seed, ACTIONS);
        ++calls[Action(action)];
        uint256[4] memory before = [_held(), ghostCame, _reserveWithout(), ghostDrawn];
        uint256 left = ghostDrawn - ghostFromDraws - ghostReturned;
        _act(Action(action), seed >> 8, amount);
        uint256 returned = _reserveWithout() + (ghostDrawn - before[3]) - before[2];
        ghostReturned += returned;
        uint256 released = before[0] + (ghostCame - before[1]) - _held() - returned;
        ghostReleased += released;
        _checkClosing(released, before[0] - left, left);
    }

    function closed() external view returns (uint32[] memory epochs) {
        return _closed;
    }

    /// @dev INC-I3: a closing never changes.
    function unchanged() external view returns (bool same) {
        same = true;
        for (uint256 i = 0; i < _closed.length; ++i) same = same && _digests[_closed[i]] == _digestOf(_closed[i]);
    }

    /// @dev OPA at all contracts that a release can reach.
    function distributed() external view returns (uint256 amount) {
        amount = suite.token.balanceOf(address(THIEF));
        for (uint256 i = 0; i < _pools.length; ++i) amount += suite.token.balanceOf(address(_pools[i]));
    }

    /// @dev Takes every role.
    function _capture() private {
        address timelock = address(suite.timelock);
        uint64[7] memory roles = [METER, RECORDER, SLASHER, REPORTER, HOLDER, PAUSE_GUARDIAN, ENROLLER];
        for (uint256 i = 0; i < roles.length; ++i) {
            vm.prank(timelock);
            suite.manager.grantRole(roles[i], address(this), 0);
        }
        bytes32 proposer = suite.timelock.PROPOSER_ROLE();
        vm.prank(timelock);
        suite.timelock.grantRole(proposer, address(this));
        suite.meter.syncMeter(address(this));
        suite.lock.syncHolder(address(this));
        _decide(address(suite.reserve), abi.encodeCall(suite.reserve.addCondition, (INecessity(address(CONDITION)))));
    }

    function _act(Action action, uint256 seed, uint256 amount) private {
        if (action <= Action.ChargeMore) _charge(seed, amount);
        else if (action == Action.Forge) _forge(seed, amount);
        else if (action == Action.Warp) vm.warp(block.timestamp + _bound(amount, 1, 2 days));
        else if (action == Action.NextDay) vm.warp((block.timestamp / EPOCH + 1) * EPOCH);
        else if (action == Action.Wait) vm.warp(block.timestamp + _bound(amount, 1, 100 days));
        else if (action == Action.Close) suite.vault.close();
        else if (action <= Action.BookPool) _book(action, seed, amount);
        else if (action == Action.Vote) _vote(seed, amount);
        else if (action == Action.Announce) _announce(amount);
        else if (action == Action.Draw) _draw(amount);
        else if (action == Action.Return) suite.vault.returnUnused();
        else if (action == Action.Donate) _donate(seed, _bound(amount, 1, 10_000 ether));
        else if (action <= Action.GiveBack) _distribute(action, seed, amount);
        else _abuse(action, seed, amount);
    }

    /// @dev Burns credit by a statement that nobody signed.
    function _charge(uint256 seed, uint256 amount) private {
        address account = _person(seed >> 8);
        amount = _bound(amount, 3_000 gwei, 200_000 ether);
        uint256 unit = seed % 4 == 0 ? 1 : amount / 5;
        _call(address(this), address(suite.meter), abi.encodeCall(suite.meter.deposit, (account, amount)));
        uint32 resource = uint32(1 + (seed % 3));
        address provider = _person(seed >> 16);
        uint256 units = suite.meter.lineOf(account, provider, resource).cumulativeUnits;
        uint96 price = suite.registry.termsByEpoch(resource, suite.meter.currentEpoch()).unitPrice;
        if (price != 0) units += (amount - unit) / price;
        _submit(account, provider, resource, units);
    }

    /// @dev Settles more than the account has, for any provider and resource.
    function _forge(uint256 seed, uint256 amount) private {
        address account = seed % 2 == 0 ? _person(seed >> 8) : address(uint160(seed));
        _submit(account, address(uint160(amount)), uint32(seed % 5), uint64(amount) >> 6);
        _submit(account, _person(seed >> 16), uint32(seed % 5), uint64(amount) >> 6);
    }

    /// @dev SYS-I7: the Meter counts exactly the burned OPA.
    function _submit(address account, address provider, uint32 resource, uint256 units) private {
        Metering.SignedStatement[] memory list = new Metering.SignedStatement[](1);
        uint256[] memory lines = new uint256[](1);
        lines[0] = (uint256(uint160(provider)) << 96) | (uint256(resource) << 64) | uint64(units);
        uint32 epoch = suite.meter.currentEpoch();
        list[0] = Metering.SignedStatement(account, epoch, type(uint48).max, account, lines, "");
        uint256 burned = suite.token.totalBurned();
        suite.meter.charge(list);
        burned = suite.token.totalBurned() - burned;
        ghostBurnedIn[epoch] += burned;
        ghostMetered += burned;
        vm.assertEq(suite.meter.burnedInEpoch(), ghostBurnedIn[epoch], "SYS-I7: counted without a burn");
    }

    function _book(Action action, uint256 seed, uint256 amount) private {
        IProvisionBook book = _pools[_pools.length - 1];
        if (action == Action.BookNobody) book = IProvisionBook(address(0));
        if (action == Action.BookThief) {
            THIEF.set(DistributorMock.Mode(seed % 5), seed % 2 == 0 ? type(uint256).max : amount);
            book = THIEF;
        }
        if (action == Action.ReplacePool) {
            IIncentivePool pool = IIncentivePool(_deploy("IncentivePool", _poolArguments(suite)));
            _pools.push(pool);
            book = pool;
        }
        _decide(address(suite.meter), abi.encodeCall(suite.meter.setBook, (book)));
    }

    function _announce(uint256 amount) private {
        bytes32 kappa = suite.vault.KAPPA();
        _decide(address(suite.vault), abi.encodeCall(suite.vault.announce, (kappa, _bound(amount, 0, 2 * BPS))));
        if (amount % 5 == 0) _decide(address(suite.vault), abi.encodeCall(suite.vault.withdrawAnnouncement, (kappa)));
    }

    /// @dev A decision of the majority, from the proposal to its execution by the timelock.
    function _vote(uint256 seed, uint256 amount) private {
        _keepVotes();
        address[] memory targets = new address[](1);
        bytes[] memory data = new bytes[](1);
        (targets[0], data[0]) = _proposed(seed, amount);
        string memory description = string(abi.encode(++_decisions));
        IGovernor governor = suite.governor;
        if (governor.getVotes(address(this), block.timestamp - 1) < governor.proposalThreshold()) return;

        uint256[] memory values = new uint256[](1);
        uint256 id = governor.propose(targets, values, data, description);
        vm.warp(governor.proposalSnapshot(id) + 1);
        governor.castVote(id, 1);
        vm.warp(governor.proposalDeadline(id) + 1);
        if (governor.state(id) != IGovernor.ProposalState.Succeeded) return;
        bytes32 digest = keccak256(bytes(description));
        governor.queue(targets, values, data, digest);
        vm.warp(governor.proposalEta(id));
        (bool success, ) = address(governor).call(abi.encodeCall(governor.execute, (targets, values, data, digest)));
        success;
    }

    function _proposed(uint256 seed, uint256 amount) private view returns (address target, bytes memory data) {
        target = address(suite.vault);
        uint256 kind = seed % 5;
        if (kind == 0) data = abi.encodeCall(suite.vault.announce, (suite.vault.KAPPA(), _bound(amount, 0, BPS)));
        else if (kind == 1) (target, data) = (address(suite.meter), abi.encodeCall(suite.meter.setBook, (THIEF)));
        else if (kind == 2) data = _anything(seed >> 8, amount);
        else if (kind == 3) {
            data = abi.encodeCall(IAccessManager.execute, (target, _anything(seed >> 8, amount)));
            target = address(suite.manager);
        } else {
            target = address(suite.timelock);
            data = abi.encodeCall(suite.timelock.updateDelay, (_bound(amount, 1 days, 30 days)));
        }
    }

    /// @dev Makes its own condition true for three days, decides a draw, and has it paid.
    function _draw(uint256 amount) private {
        INecessity condition = INecessity(address(CONDITION));
        uint256 cap = suite.reserve.drawCap();
        if (cap == 0) return;
        _observe(condition, 7);
        amount = _bound(amount, 1, cap);
        bytes memory request = abi.encodeCall(
            suite.reserve.request,
            (address(suite.vault), uint96(amount), condition, "captured", type(uint48).max)
        );
        if (!_decide(address(suite.reserve), request)) return;
        _observe(condition, 4);
        uint256 id = suite.reserve.drawCount();
        _call(address(this), address(suite.reserve), abi.encodeCall(suite.reserve.execute, (id)));
        if (suite.reserve.drawOf(id).status != ISystemReserve.Status.Executed) return;
        ghostDrawn += amount;
        ghostCame += amount;
    }

    function _observe(INecessity condition, uint256 times) private {
        for (uint256 i = 0; i < times; ++i) {
            vm.warp(block.timestamp + 12 hours);
            suite.reserve.observe(condition);
        }
    }

    /// @dev Transfers OPA to the vault, to the reserve or to a pool, or burns it.
    function _donate(uint256 seed, uint256 amount) private {
        if (seed % 3 == 0) return suite.token.burn(amount);
        address target = seed % 3 == 1 ? address(suite.vault) : address(suite.reserve);
        suite.token.transfer(target, amount);
        if (target == address(suite.vault)) ghostCame += amount;
        else ghostReserveReceived += amount;
    }

    function _distribute(Action action, uint256 seed, uint256 amount) private {
        IIncentivePool pool = _pools[(seed >> 16) % _pools.length];
        address person = _person(seed);
        if (action == Action.Record) {
            Contribution.Category category = Contribution.Category(1 + (seed % 4));
            uint256 points = _bound(amount, 1, 1e15);
            _call(address(this), address(pool), abi.encodeCall(pool.recordPoints, (person, category, points)));
        } else if (action == Action.Claim) ghostClaimed += pool.claim(person);
        else {
            (bool success, bytes memory returned) = address(pool).call(abi.encodeCall(pool.returnUnclaimed, (person)));
            if (!success) return;
            uint256 back = abi.decode(returned, (uint256));
            ghostGivenBack += back;
            ghostCame += back;
        }
    }

    function _abuse(Action action, uint256 seed, uint256 amount) private {
        if (action == Action.Pause) _pause(seed, amount);
        else if (action == Action.SetPolicy) _setPolicy(seed, amount);
        else if (action == Action.Slash) _slash(_person(seed), uint16(amount % BPS));
        else if (action == Action.Usurp) _usurp(seed);
        else {
            address[5] memory callers = [
                address(suite.timelock),
                address(suite.governor),
                address(suite.manager),
                address(_pools[0]),
                _person(seed)
            ];
            _call(callers[(seed >> 8) % 5], address(suite.vault), _anything(seed >> 16, amount));
        }
    }

    function _pause(uint256 seed, uint256 amount) private {
        address[4] memory modules = [
            address(suite.meter),
            address(_pools[_pools.length - 1]),
            address(suite.reserve),
            address(suite.nodes)
        ];
        uint48 until = uint48(block.timestamp + _bound(amount, 1, 40 days));
        address target = modules[seed % 4];
        _call(address(this), target, abi.encodeCall(IGuardedPause.pause, ("captured", until)));
        _decide(target, abi.encodeCall(IGuardedPause.pause, ("captured", uint48(block.timestamp + 3 days))));
        if (seed % 3 == 0) _decide(target, abi.encodeCall(IGuardedPause.movePause, (until)));
        if (seed % 3 == 1) _decide(target, abi.encodeCall(IGuardedPause.movePause, (0)));
    }

    function _setPolicy(uint256 seed, uint256 amount) private {
        (address meter, address registry) = (address(suite.meter), address(suite.registry));
        _decide(meter, abi.encodeCall(suite.meter.registerAccessPolicy, (POLICY)));
        _decide(meter, abi.encodeCall(suite.meter.chooseAccessPolicy, (POLICY)));
        POLICY.setTier(_person(seed), uint8(seed % 8));
        uint32 resource = uint32(1 + (seed % 3));
        bytes32 rate = suite.registry.rateParameter(resource);
        _decide(registry, abi.encodeWithSelector(suite.vault.announce.selector, rate, _bound(amount, 1, 10) * 1 gwei));
        if (seed % 4 == 0) _decide(registry, abi.encodeCall(suite.registry.deprecate, (3)));
        if (seed % 4 == 1) _decide(registry, abi.encodeCall(suite.registry.retire, (3)));
        // A provider that is served to be unknown, or a stranger that is served to be a provider.
        uint48 end = seed % 2 == 0 ? type(uint48).max : uint48(block.timestamp + 1 days);
        _call(address(this), meter, abi.encodeCall(suite.meter.setProvider, (_person(amount), 31, end)));
        _call(address(this), address(suite.lock), abi.encodeCall(suite.lock.hold, (_person(seed), end)));
    }

    function _slash(address provider, uint16 bps) private {
        uint256 held = suite.token.balanceOf(address(suite.nodes));
        _call(address(this), address(suite.nodes), abi.encodeCall(suite.nodes.slash, (provider, bps)));
        ghostReserveReceived += held - suite.token.balanceOf(address(suite.nodes));
        bytes memory fault = abi.encodeCall(suite.slashing.announceFault, (provider, bps, "captured", "no reason"));
        _call(address(this), address(suite.slashing), fault);
    }

    /// @dev Exchanges the access manager of a module.
    function _usurp(uint256 seed) private {
        address[5] memory modules = [
            address(suite.vault),
            address(suite.meter),
            address(suite.reserve),
            address(suite.registry),
            address(_pools[_pools.length - 1])
        ];
        address target = modules[seed % 5];
        address next = address(new AuthorityMock(address(suite.timelock)));
        address manager = IAccessManaged(target).authority();
        _call(address(suite.timelock), manager, abi.encodeCall(IAccessManager.updateAuthority, (target, next)));
    }

    /// @dev Locks enough OPA for the majority of the votes.
    function _keepVotes() private {
        IGovernanceLock.Lock memory record = suite.lock.lockOf(address(this));
        (, uint48 latest) = suite.lock.endRange();
        if (record.amount != 0 && record.end > block.timestamp) {
            if (latest > record.end) suite.lock.extend(latest);
            return;
        }
        if (record.amount != 0) {
            if (block.timestamp < suite.lock.withdrawableAt(address(this))) return;
            suite.lock.withdraw();
        }
        suite.lock.lock(VOTES, latest);
        vm.warp(block.timestamp + 1);
    }

    /// @dev A call by the timelock, as if its decision had waited.
    function _decide(address target, bytes memory data) private returns (bool success) {
        return _call(address(suite.timelock), target, data);
    }

    function _call(address caller, address target, bytes memory data) private returns (bool success) {
        vm.prank(caller);
        (success, ) = target.call(data);
    }

    /// @dev INC-I1, INC-I9, INC-I10: checks the release of a step against the epoch that it closed. `own` are own funds
    /// before the step and `left` the unused draws. At most one epoch is due at a time.
    function _checkClosing(uint256 released, uint256 own, uint256 left) private {
        IIncentiveVault vault = suite.vault;
        uint32 epoch = vault.lastClosed();
        if (epoch == _last) return vm.assertEq(released, 0, "INC-I10: released without a closing");
        _last = epoch;
        _closed.push(epoch);
        _digests[epoch] = _digestOf(epoch);
        IIncentiveVault.Closing memory closing = vault.closingOf(epoch);
        uint256 stageCap = (own * vault.rateOf(epoch)) / PPM;
        uint256 share = (ghostBurnedIn[epoch] * closing.kappaBps) / BPS;
        ghostMost += share;
        vm.assertEq(released, closing.released, "INC-I10: released");
        vm.assertEq(closing.burned, ghostBurnedIn[epoch], "INC-I1: burned");
        vm.assertEq(closing.stageCap, stageCap - (stageCap % 1 gwei), "INC-I1: stage cap");
        vm.assertLe(closing.kappaBps, 9_000, "INC-I9: kappa");
        vm.assertLe(released, share, "INC-I9: released above its share of the burn");
        vm.assertLe(released, stageCap + left, "INC-I1: released above stage cap and draws");
        if (closing.allotment > closing.stageCap) {
            ghostFromDraws += (released * (closing.allotment - closing.stageCap)) / closing.allotment;
        }
    }

    /// @dev Any data: functions of the vault and of others with random arguments.
    function _anything(uint256 seed, uint256 amount) private view returns (bytes memory data) {
        bytes4[8] memory selectors = [
            suite.vault.receiveDraw.selector,
            suite.vault.announce.selector,
            IAccessManaged.setAuthority.selector,
            suite.token.transfer.selector,
            suite.token.approve.selector,
            suite.pool.claimTo.selector,
            bytes4(keccak256("setStages((uint16,uint16)[])")),
            bytes4(uint32(amount))
        ];
        return abi.encodeWithSelector(selectors[seed % 8], address(this), amount, uint256(uint160(address(this))));
    }

    function _digestOf(uint32 epoch) private view returns (bytes32 digest) {
        return keccak256(abi.encode(suite.vault.closingOf(epoch)));
    }

    function _held() private view returns (uint256 amount) {
        return suite.token.balanceOf(address(suite.vault));
    }

    /// @dev Balance of the reserve without gifts and slashes.
    function _reserveWithout() private view returns (uint256 amount) {
        return suite.token.balanceOf(address(suite.reserve)) - ghostReserveReceived;
    }

    function _person(uint256 seed) private pure returns (address person) {
        return address(uint160(0x1001 + (seed % PEOPLE)));
    }
}
