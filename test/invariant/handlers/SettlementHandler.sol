// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOrganisations} from "../../../contracts/interfaces/IOrganisations.sol";
import {IMeter} from "../../../contracts/interfaces/IMeter.sol";
import {IMeterCredit} from "../../../contracts/interfaces/IMeterCredit.sol";
import {ISettlement} from "../../../contracts/interfaces/ISettlement.sol";
import {Metering} from "../../../contracts/interfaces/types/Metering.sol";
import {Settlement} from "../../../contracts/metering/Settlement.sol";
import {OPAToken} from "../../../contracts/token/OPAToken.sol";
import {TestBase} from "../../support/TestBase.sol";

/// @dev Lets three consumers, their keys and three providers act in random order, predicts each result before the
/// action, and mirrors the state in ghosts. Every ten steps hold each action once.
contract SettlementHandler is TestBase {
    enum Action {
        Deposit,
        Withdraw,
        Reserve,
        Release,
        Authorize,
        Revoke,
        Settle,
        Replay,
        Warp,
        Donate
    }

    uint256 public constant PEOPLE = 3;
    uint32 public constant RESOURCES = 3;
    uint256 private constant ACTIONS = uint256(type(Action).max) + 1;
    uint256 private constant EPOCH = 1 days;
    uint256 private constant WINDOW = 3;
    address public constant RECIPIENT = address(0xCAFE);

    OPAToken private immutable TOKEN;
    IMeter private immutable METER;
    Settlement private immutable SETTLEMENT;

    address[PEOPLE] public consumers;
    address[PEOPLE] public providers;
    address public key;
    uint256[RESOURCES] private _prices = [uint256(3 gwei), 21 gwei, 3_000 gwei];
    uint256[RESOURCES] private _weights = [uint256(1), 7, 1_000];
    bytes private _last; // encoded, which storage takes from every pipeline

    uint256 public ghostBurned;
    uint256 public ghostDonated;
    mapping(address account => uint256 amount) public ghostDeposited;
    mapping(address account => uint256 amount) public ghostWithdrawn;
    mapping(address account => uint256 amount) public ghostCredit;
    mapping(address account => uint256 amount) public ghostBurnedBy;
    mapping(address account => mapping(address provider => uint256 amount)) public ghostReserved;
    mapping(address account => mapping(address provider => uint256 until)) public ghostUntil;
    mapping(address account => uint256 expiresAt) public ghostExpiry;
    mapping(address account => uint256 limit) public ghostLimit;
    mapping(address account => mapping(uint256 epoch => uint256 amount)) public ghostSpent;
    mapping(address account => mapping(address provider => mapping(uint32 resource => uint256 units)))
        public ghostUnits;
    mapping(uint256 resource => mapping(uint256 epoch => Metering.Usage usage)) public ghostUsed;
    mapping(address provider => mapping(uint256 epoch => Metering.Usage usage)) public ghostServed;
    mapping(Action action => uint256 count) public calls;
    mapping(Metering.Reason reason => uint256 count) public outcomes;

    constructor(OPAToken token, IMeter meter, Settlement settlement, address[PEOPLE] memory providers_) {
        TOKEN = token;
        METER = meter;
        SETTLEMENT = settlement;
        providers = providers_;
        for (uint256 i = 0; i < PEOPLE; ++i) consumers[i] = vm.addr(_keyOf(i));
        key = vm.addr(_keyOf(PEOPLE));
        token.approve(address(meter), type(uint256).max);
    }

    /// @dev Takes one action out of the bag of those that this round of ten has left.
    function step(uint256 seed, uint256 who, uint256 amount) external {
        uint256 action = _nextAction(seed, ACTIONS);
        ++calls[Action(action)];
        seed >>= 8;

        address account = consumers[who % PEOPLE];
        address provider = providers[(who >> 8) % PEOPLE];
        if (action <= uint256(Action.Release)) _moveCredit(Action(action), account, provider, amount, seed);
        else if (action == uint256(Action.Authorize)) _authorize(account, amount, seed);
        else if (action == uint256(Action.Revoke)) _revoke(account);
        else if (action == uint256(Action.Settle)) _settleNew(who % PEOPLE, seed);
        else if (action == uint256(Action.Replay)) _replay(seed);
        else if (action == uint256(Action.Warp)) vm.warp(block.timestamp + _bound(amount, 1, 3 days));
        else _donate(amount);
    }

    function epochNow() public view returns (uint256) {
        return block.timestamp / EPOCH;
    }

    function _moveCredit(Action action, address account, address provider, uint256 amount, uint256 seed) private {
        if (action == Action.Deposit) _deposit(account, amount);
        else if (action == Action.Withdraw) _withdraw(account, amount);
        else if (action == Action.Reserve) _reserve(account, provider, amount, seed);
        else _release(account, provider, seed);
    }

    function _deposit(address account, uint256 amount) private {
        amount = _bound(amount, 1 gwei, 50e12);
        METER.deposit(account, amount);
        ghostDeposited[account] += amount;
        ghostCredit[account] += amount;
    }

    function _withdraw(address account, uint256 amount) private {
        if (ghostCredit[account] == 0) _deposit(account, amount);
        amount = _bound(amount, 1, ghostCredit[account]);
        if (amount > 1) amount = amount / 2;
        vm.prank(account);
        METER.withdraw(account, RECIPIENT, amount);
        ghostWithdrawn[account] += amount;
        ghostCredit[account] -= amount;
    }

    function _reserve(address account, address provider, uint256 amount, uint256 seed) private {
        if (ghostCredit[account] < 1 gwei) _deposit(account, amount);
        amount = _bound(amount, 1, ghostCredit[account] / 1 gwei) * 1 gwei;
        uint256 earliest = block.timestamp + 1;
        if (ghostUntil[account][provider] > earliest) earliest = ghostUntil[account][provider];
        uint256 until = earliest + (seed % 2 days);
        vm.prank(account);
        METER.reserve(account, provider, account, amount, uint48(until));
        ghostCredit[account] -= amount;
        ghostReserved[account][provider] += amount;
        ghostUntil[account][provider] = until;
    }

    /// @dev By anyone once the grace is over, else by the provider, after anyone was refused.
    function _release(address account, address provider, uint256 seed) private {
        if (ghostReserved[account][provider] == 0) _reserve(account, provider, seed, seed >> 32);
        uint256 releasableAt = ghostUntil[account][provider] + METER.CLAIM_GRACE() + 1;
        if (block.timestamp < releasableAt) {
            vm.expectRevert(
                abi.encodeWithSelector(IMeterCredit.MeterReservationActive.selector, account, provider, releasableAt)
            );
            METER.releaseReservation(account, provider);
            vm.prank(provider);
        }
        METER.releaseReservation(account, provider);
        ghostCredit[account] += ghostReserved[account][provider];
        ghostReserved[account][provider] = 0;
        ghostUntil[account][provider] = 0;
    }

    function _authorize(address account, uint256 limit, uint256 seed) private {
        limit = _bound(limit, 1, 20_000) * 1 gwei;
        uint256 expiresAt = block.timestamp + 1 + (seed % 6 days);
        vm.prank(account);
        METER.setKey(
            account,
            key,
            0,
            IOrganisations.Role.Spender,
            IOrganisations.Limits(limit, (2 ** 60 - 1) * 1 gwei, uint48(expiresAt), 31)
        );
        (ghostExpiry[account], ghostLimit[account]) = (expiresAt, limit);
    }

    function _revoke(address account) private {
        if (ghostExpiry[account] == 0) _authorize(account, 1, 1);
        vm.prank(account);
        METER.revokeKey(account, key);
        (ghostExpiry[account], ghostLimit[account]) = (0, 0);
    }

    /// @dev A fresh statement: totals above, at or below the last ones, prices now and then ahead or too old.
    function _settleNew(uint256 consumer, uint256 seed) private {
        uint256 count = 1 + (seed % 3);
        Metering.Line[] memory lines = new Metering.Line[](count);
        uint256 first = (seed >> 8) % 7; // of the nine pairs of provider and resource
        for (uint256 i = 0; i < count; ++i) {
            uint256 pair = first + i;
            lines[i] = _line(consumers[consumer], pair, uint256(keccak256(abi.encode(seed, i))));
        }
        uint256 priceEpoch = epochNow() - ((seed >> 16) % 8 == 0 ? 4 : (seed >> 24) % 4);
        if ((seed >> 32) % 16 == 0) priceEpoch = epochNow() + 1;
        Metering.Statement memory statement = Metering.Statement({
            account: consumers[consumer],
            priceEpoch: uint32(priceEpoch),
            deadline: type(uint48).max,
            lines: lines
        });
        uint256 signingKey = (seed >> 40) % 2 == 0 ? consumer : PEOPLE;
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(_keyOf(signingKey), SETTLEMENT.hashStatement(statement));
        _submit(_pack(statement, vm.addr(_keyOf(signingKey)), abi.encodePacked(r, s, v)));
    }

    /// @dev The last statement once more, or with a field changed behind its signature.
    function _replay(uint256 seed) private {
        if (_last.length == 0) _settleNew(0, seed);
        Metering.SignedStatement memory signed = abi.decode(_last, (Metering.SignedStatement));
        if (seed % 4 == 0) {
            ++signed.lines[0];
            Metering.Result memory result = SETTLEMENT.settle(_listOf(signed))[0];
            Metering.Reason expected = _formReason(signed.priceEpoch);
            if (expected == Metering.Reason.None) expected = Metering.Reason.InvalidSignature;
            vm.assertTrue(result.reason == expected, "SET-I9: forged");
            vm.assertEq(result.burned, 0, "SET-I9: forged burn");
        } else _submit(signed);
    }

    function _donate(uint256 amount) private {
        amount = _bound(amount, 1, 1e12);
        ghostDonated += amount;
        TOKEN.transfer(address(METER), amount);
    }

    /// @dev Predicts, settles, compares. A second showing in the same call burns nothing (SET-I3) where the first settled.
    function _submit(Metering.SignedStatement memory signed) private {
        _last = abi.encode(signed);
        Metering.Reason expected = _formReason(signed.priceEpoch);
        // With a reservation the signer may have a mandate, so rights are judged by line.
        bool byLine = METER.reservationCountOf(signed.account) != 0;
        if (expected == Metering.Reason.None && !byLine) expected = _keyReason(signed);
        Metering.Reason[] memory reasons;
        uint256 burned;
        if (expected == Metering.Reason.None) (reasons, burned) = _predict(signed);
        ++outcomes[expected];

        Metering.SignedStatement[] memory twice = new Metering.SignedStatement[](2);
        (twice[0], twice[1]) = (signed, signed);
        Metering.Result[] memory results = SETTLEMENT.settle(twice);

        vm.assertTrue(results[0].reason == expected, "reason");
        vm.assertEq(results[0].burned, burned, "burned");
        // A statement that settles whole names no reasons.
        bool isWhole = results[0].reasons.length == 0;
        if (!isWhole) vm.assertEq(results[0].reasons.length, reasons.length, "lines");
        vm.assertEq(results[1].burned, 0, "SET-I3: replay");
        for (uint256 i = 0; i < reasons.length; ++i) {
            ++outcomes[reasons[i]];
            Metering.Reason told = isWhole ? Metering.Reason.None : results[0].reasons[i];
            vm.assertTrue(told == reasons[i], "reason of a line");
            Metering.Reason again = results[1].reasons[i];
            vm.assertTrue(again != Metering.Reason.None, "SET-I3: replayed line");
            if (reasons[i] == Metering.Reason.None) vm.assertTrue(again == Metering.Reason.NothingNew, "SET-I3: new");
        }
    }

    /// @dev Settles in the ghosts, line by line.
    function _predict(
        Metering.SignedStatement memory signed
    ) private returns (Metering.Reason[] memory reasons, uint256 burned) {
        address account = signed.account;
        uint256[] memory lines = signed.lines;
        reasons = new Metering.Reason[](lines.length);
        for (uint256 i = 0; i < lines.length; ++i) {
            uint256 amount;
            (reasons[i], amount) = _predictLine(account, signed.signer, _unpack(lines[i]), _keyReason(signed));
            burned += amount;
        }
        ghostBurned += burned;
        ghostBurnedBy[account] += burned;
    }

    function _predictLine(
        address account,
        address signer,
        Metering.Line memory line,
        Metering.Reason keyReason
    ) private returns (Metering.Reason reason, uint256 amount) {
        uint256 reserved = signer == account ? ghostReserved[account][line.provider] : 0;
        if (reserved == 0 && keyReason != Metering.Reason.None) return (keyReason, 0);
        uint256 settled = ghostUnits[account][line.provider][line.resource];
        if (line.cumulativeUnits <= settled) return (Metering.Reason.NothingNew, 0);
        if (line.cumulativeUnits >= 2 ** 58) return (Metering.Reason.TotalFull, 0);
        uint256 units = line.cumulativeUnits - settled;
        amount = units * _prices[line.resource - 1];
        uint256 spent = ghostSpent[account][epochNow()];
        if (signer != account && spent + amount > ghostLimit[account]) return (Metering.Reason.KeyLimitExceeded, 0);
        if (amount > reserved + (ghostCredit[account] / 1 gwei) * 1 gwei)
            return (Metering.Reason.InsufficientCredit, 0);

        uint256 part = amount < reserved ? amount : reserved;
        ghostReserved[account][line.provider] -= part;
        if (part != 0 && part == reserved) ghostUntil[account][line.provider] = 0;
        ghostCredit[account] -= amount - part;
        if (signer != account) ghostSpent[account][epochNow()] += amount;
        ghostUnits[account][line.provider][line.resource] = line.cumulativeUnits;
        _count(ghostUsed[line.resource][epochNow()], line.resource, units, amount);
        _count(ghostServed[line.provider][epochNow()], line.resource, units, amount);
    }

    function _count(Metering.Usage storage usage, uint32 resource, uint256 units, uint256 amount) private {
        usage.units += units;
        usage.computeUnits += units * _weights[resource - 1];
        usage.burned += amount;
    }

    function _line(address account, uint256 pair, uint256 random) private view returns (Metering.Line memory) {
        address provider = providers[pair / RESOURCES];
        uint32 resource = uint32(pair % RESOURCES) + 1;
        uint256 units = ghostUnits[account][provider][resource];
        uint256 kind = random % 8;
        uint256 most = 10_000 gwei / _prices[resource - 1];
        if (kind == 0) units = units / 2;
        else if (kind == 1) units = type(uint64).max - (random >> 200);
        else if (kind == 2) units += (ghostCredit[account] / _prices[resource - 1]) + ((random >> 16) % 2);
        else units += (random >> 16) % (most + 1);
        return Metering.Line(provider, resource, uint128(units));
    }

    function _formReason(uint256 priceEpoch) private view returns (Metering.Reason) {
        if (priceEpoch > epochNow()) return Metering.Reason.PriceEpochAhead;
        if (priceEpoch + WINDOW < epochNow()) return Metering.Reason.PriceEpochTooOld;
        return Metering.Reason.None;
    }

    function _keyReason(Metering.SignedStatement memory signed) private view returns (Metering.Reason) {
        address account = signed.account;
        if (signed.signer == account) return Metering.Reason.None;
        if (ghostExpiry[account] == 0) return Metering.Reason.KeyUnknown;
        return block.timestamp > ghostExpiry[account] ? Metering.Reason.KeyExpired : Metering.Reason.None;
    }

    function _pack(
        Metering.Statement memory statement,
        address signer,
        bytes memory signature
    ) private pure returns (Metering.SignedStatement memory) {
        uint256[] memory words = new uint256[](statement.lines.length);
        for (uint256 i = 0; i < words.length; ++i) {
            Metering.Line memory line = statement.lines[i];
            words[i] = (uint256(uint160(line.provider)) << 96) | (uint256(line.resource) << 64) | line.cumulativeUnits;
        }
        return
            Metering.SignedStatement(
                statement.account,
                statement.priceEpoch,
                statement.deadline,
                signer,
                words,
                signature
            );
    }

    function _unpack(uint256 word) private pure returns (Metering.Line memory line) {
        return Metering.Line(address(uint160(word >> 96)), uint32(word >> 64), uint64(word));
    }

    function _listOf(
        Metering.SignedStatement memory signed
    ) private pure returns (Metering.SignedStatement[] memory list) {
        list = new Metering.SignedStatement[](1);
        list[0] = signed;
    }

    function _keyOf(uint256 index) private pure returns (uint256) {
        return 0xA11CE + index;
    }
}
