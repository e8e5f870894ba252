// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {SimulateCall} from "@openzeppelin/contracts/utils/SimulateCall.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {Memory} from "@openzeppelin/contracts/utils/Memory.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {RateLimiter} from "@openzeppelin/contracts/utils/RateLimiter.sol";

import {INodeRegistry} from "../interfaces/INodeRegistry.sol";
import {IResourceRegistry} from "../interfaces/IResourceRegistry.sol";
import {IServiceAccounts} from "../interfaces/IServiceAccounts.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {Metering} from "../interfaces/types/Metering.sol";
import {
    ChargeWord,
    FundsWord,
    MeteringWords,
    NodeWord,
    TermsWord,
    UsageWord
} from "../interfaces/types/MeteringWords.sol";
import {SignerCheck} from "../libraries/SignerCheck.sol";
import {StatementHash} from "../libraries/StatementHash.sol";
import {GuardedPause} from "../safety/GuardedPause.sol";
import {Restrictable} from "../safety/Restrictable.sol";
import {EpochClock} from "../safety/EpochClock.sol";

/// @title Settlement
/// @notice See {ISettlement}.
/// @dev Invariants: SET-I2 to SET-I7, SET-I9, SET-I12 (docs/invariants.md). Trusts: REGISTRY for prices, NODES for who
/// serves, ACCOUNTS to charge and burn. Calls no untrusted code except a static call to an ERC-1271 signer.
contract Settlement is ISettlement, EpochClock, GuardedPause, Restrictable, EIP712 {
    using MessageHashUtils for bytes32;
    using RateLimiter for RateLimiter.RefillingBucket;
    using SignerCheck for address;
    using StatementHash for Metering.Statement;

    /// @dev What one call of {settle} works on. Other modules are asked for a resource's terms and a provider's state once
    /// per call, and told of use once per call. `terms` and `used` are a table found by resource id modulo {TABLE_SIZE}, or
    /// at the next free place; `resourcePlaces` lists its places in use, eight bits each, the last one lowest. `nodes` and
    /// `served` are the same for providers. A table that is as full as {TABLE_LOAD} is reported and begun anew.
    struct Batch {
        uint256 epoch;
        bytes32 domain;
        bool paused;
        bool settled;
        uint256 burnedBefore;
        uint256 burned;
        uint256 resourceCount;
        uint256 resourcePlaces;
        uint256[] terms;
        uint256[] used;
        uint256 providerCount;
        uint256 providerPlaces;
        uint256[] nodes;
        uint256[] served;
    }

    /// @dev What one statement works on: what its signer and account can still burn, of that what the lines at one provider
    /// can burn (`available`, of the account's `credit` for it) and have used (`served`), how many providers there are, and
    /// what was charged for all. `room` is what the limit of all accounts leaves, `burnedBefore` what the account burned in
    /// the epoch before.
    struct Bill {
        address account;
        address signer;
        uint32 priceEpoch;
        Metering.Reason limitReason;
        bool tierKnown;
        uint256 providers;
        uint256 room;
        uint256 burnedBefore;
        uint256 tier;
        uint256 categories;
        uint256 allowance;
        uint256 free;
        uint256 reservations;
        uint256 credit;
        uint256 available;
        UsageWord served;
        uint256 burned;
        uint256 chargeCount;
        ChargeWord[] charges;
        Metering.Reason[] reasons;
    }

    /// @dev Running totals: `lastEpoch << 224 | burned << 128 | cumulativeUnits`. A structure of one word, because a
    /// reference to it is found once and then read and written.
    struct Totals {
        uint256 word;
    }

    /// @inheritdoc ISettlement
    uint256 public constant MAX_LINES = 128;

    /// @inheritdoc ISettlement
    uint256 public constant WALLET_GAS = 300_000;

    uint48 private constant LIMIT_WINDOW = 1 days;
    bytes32 private constant ACCOUNT_BURNS = "account-burns";
    bytes32 private constant TOTAL_BURNS = "total-burns";
    bytes32 private constant ALL_ACCOUNTS = 0; // no account is the zero address
    uint256 private constant TABLE_SIZE = 32;
    uint256 private constant TABLE_LOAD = 24; // less than the size, so that every search ends at a free place

    /// @inheritdoc ISettlement
    IResourceRegistry public immutable REGISTRY;

    /// @inheritdoc ISettlement
    IServiceAccounts public immutable ACCOUNTS;

    /// @inheritdoc ISettlement
    INodeRegistry public immutable NODES;

    /// @inheritdoc ISettlement
    uint32 public immutable SETTLEMENT_WINDOW;

    uint256 private immutable ACCOUNT_LIMIT;
    uint256 private immutable TOTAL_LIMIT;

    mapping(address account => mapping(address provider => mapping(uint32 resource => Totals totals))) private _lines;
    RateLimiter.RefillingBucket private _accountBurns;
    RateLimiter.RefillingBucket private _totalBurns;

    /// @param registry Resource registry of the suite.
    /// @param accounts Service accounts of the suite.
    /// @param nodes Node registry of the suite.
    /// @param settlementWindow Epochs after its price epoch in which a statement can settle; at least 1, and no more than
    /// the registry keeps prices of.
    /// @param initialAuthority AccessManager of the suite.
    /// @param burnLimits What can be burned in an epoch without further limit.
    constructor(
        IResourceRegistry registry,
        IServiceAccounts accounts,
        INodeRegistry nodes,
        uint32 settlementWindow,
        address initialAuthority,
        Limits memory burnLimits
    )
        AccessManaged(initialAuthority)
        EpochClock(_requireRegistry(registry).GENESIS(), registry.EPOCH_DURATION())
        EIP712("OPA Settlement", "1")
    {
        require(address(accounts) != address(0) && address(nodes) != address(0), SettlementZeroAddress());
        require(
            registry.GENESIS() == accounts.GENESIS() && registry.EPOCH_DURATION() == accounts.EPOCH_DURATION(),
            SettlementClockMismatch(address(registry), address(accounts))
        );
        uint32 priceWindow = registry.PRICE_WINDOW();
        require(
            settlementWindow != 0 && settlementWindow <= priceWindow,
            SettlementInvalidWindow(settlementWindow, priceWindow)
        );
        REGISTRY = registry;
        ACCOUNTS = accounts;
        NODES = nodes;
        SETTLEMENT_WINDOW = settlementWindow;
        require(burnLimits.account != 0 && burnLimits.account <= burnLimits.total, SettlementInvalidLimits(burnLimits));
        (ACCOUNT_LIMIT, TOTAL_LIMIT) = (burnLimits.account, burnLimits.total);
        _accountBurns.updateSettings(LIMIT_WINDOW, burnLimits.account);
        _totalBurns.updateSettings(LIMIT_WINDOW, burnLimits.total);
    }

    /// @inheritdoc ISettlement
    function settle(SignedStatement[] calldata statements) external returns (StatementResult[] memory results) {
        uint256 count = statements.length;
        require(count != 0, SettlementEmpty());

        Batch memory batch = _newBatch();
        Bill memory bill;
        results = new StatementResult[](count);
        for (uint256 i = 0; i < count; ++i) {
            _settleStatement(statements[i], results[i], bill, batch);
        }
        _finish(batch);
    }

    /// @inheritdoc ISettlement
    function preview(SignedStatement[] calldata statements) external returns (StatementResult[] memory results) {
        (bool success, bytes memory returned) = SimulateCall.simulateCall(
            address(this),
            abi.encodeCall(ISettlement.settle, (statements))
        );
        return abi.decode(Address.verifyCallResult(success, returned), (StatementResult[]));
    }

    /// @inheritdoc ISettlement
    function authorize(
        address account,
        address key,
        address provider,
        uint32 resource,
        uint128 units
    ) external view returns (Metering.Reason reason, uint256 charge) {
        uint32[] memory resources = new uint32[](1);
        uint128[] memory amounts = new uint128[](1);
        (resources[0], amounts[0]) = (resource, units);
        Metering.Reason[] memory reasons;
        (reasons, charge) = authorizeAll(account, key, provider, resources, amounts);
        return (reasons[0], charge);
    }

    /// @inheritdoc ISettlement
    function limits() external view returns (Limits memory burnLimits) {
        return Limits(uint96(ACCOUNT_LIMIT), uint96(TOTAL_LIMIT));
    }

    /// @inheritdoc ISettlement
    function burnable(address account) external view returns (uint256 amount) {
        uint256 burned = ACCOUNTS.fundsWord(account, account).burnedInEpoch();
        amount = Math.saturatingSub(ACCOUNT_LIMIT, burned) + _accountBurns.available(_keyOf(account));
        return Math.min(amount, _roomFor(REGISTRY.burnedInEpoch(), 0));
    }

    /// @inheritdoc ISettlement
    function lineOf(
        address account,
        address provider,
        uint32 resource
    ) external view returns (LineRecord memory record) {
        uint256 word = _lines[account][provider][resource].word;
        return LineRecord(uint128(word), uint96(word >> 128), uint32(word >> 224));
    }

    /// @inheritdoc ISettlement
    function hashStatement(Metering.Statement calldata statement) external view returns (bytes32 digest) {
        return _hashTypedDataV4(statement.hash());
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) external pure returns (bool supported) {
        return interfaceId == type(ISettlement).interfaceId || interfaceId == type(IERC165).interfaceId;
    }

    /// @inheritdoc ISettlement
    function authorizeAll(
        address account,
        address key,
        address provider,
        uint32[] memory resources,
        uint128[] memory units
    ) public view returns (Metering.Reason[] memory reasons, uint256 charge) {
        require(resources.length == units.length, SettlementLengthMismatch(resources.length, units.length));

        reasons = new Metering.Reason[](resources.length);
        Bill memory bill;
        (bill.account, bill.signer, bill.priceEpoch) = (account, key, currentEpoch());
        bill.room = _roomFor(REGISTRY.burnedInEpoch(), 0);
        Metering.Reason closed = resources.length > MAX_LINES ? Metering.Reason.TooManyLines : _open(bill);
        if (isPaused()) closed = Metering.Reason.SettlementPaused;
        NodeWord node = _readNode(provider);
        bill.credit = bill.free + _reservedFor(bill, provider);
        bill.available = Math.min(bill.allowance, bill.credit);
        for (uint256 i = 0; i < resources.length; ++i) {
            uint32 resource = resources[i];
            uint128 settled = uint128(_lines[account][provider][resource].word);
            TermsWord terms = _readTerms(resource, bill.priceEpoch);
            if (terms.tier() > bill.tier) _askTier(bill);
            // More than a line can say is more than can be paid for.
            uint128 cumulativeUnits = uint128(Math.min(uint256(settled) + units[i], type(uint128).max));
            (Metering.Reason reason, uint256 amount) = _judge(bill, node, terms, settled, cumulativeUnits);
            reasons[i] = closed == Metering.Reason.None ? reason : closed;
            if (reasons[i] != Metering.Reason.None) continue;

            charge += amount;
            bill.served = MeteringWords.toUsage(0, 0, charge);
        }
    }

    /// @dev Settles one statement, and says in `result` what became of it. `bill` is filled anew.
    function _settleStatement(
        SignedStatement calldata signed,
        StatementResult memory result,
        Bill memory bill,
        Batch memory batch
    ) private {
        Metering.Statement calldata statement = signed.statement;
        Metering.Line[] calldata lines = statement.lines;
        (bill.account, bill.signer, bill.priceEpoch) = (statement.account, signed.signer, statement.priceEpoch);
        Memory.Pointer scratch = Memory.getFreeMemoryPointer();
        bill.room = _roomFor(batch.burnedBefore, batch.burned);
        Metering.Reason reason =
            batch.paused
                ? Metering.Reason.SettlementPaused
                : _formReason(lines.length, statement.deadline, bill.priceEpoch, batch.epoch);
        if (reason == Metering.Reason.None) reason = _verify(signed, statement, lines, bill, batch.domain);
        if (reason == Metering.Reason.None) reason = _open(bill);
        // What was allocated since is not used any more; without this a hundred statements pay 40,000 gas for memory.
        Memory.unsafeSetFreeMemoryPointer(scratch);
        if (reason == Metering.Reason.None) {
            result.reasons = bill.reasons = new Metering.Reason[](lines.length);
            scratch = Memory.getFreeMemoryPointer();
            result.burned = _settleLines(lines, bill, batch);
            Memory.unsafeSetFreeMemoryPointer(scratch);
        } else {
            result.reason = reason;
            emit StatementSkipped(bill.account, bill.signer, reason);
        }
    }

    /// @dev Settles each line that can settle, and charges the account for all of them.
    function _settleLines(
        Metering.Line[] calldata lines,
        Bill memory bill,
        Batch memory batch
    ) private returns (uint256 burned) {
        bill.charges = new ChargeWord[](bill.providers);
        (bill.burned, bill.chargeCount) = (0, 0);
        for (uint256 i = 0; i < lines.length;) {
            i = _settleProvider(lines, i, bill, batch);
        }
        burned = bill.burned;
        if (burned != 0) {
            batch.settled = true;
            batch.burned += burned;
            _count(_accountBurns, _keyOf(bill.account), ACCOUNT_LIMIT, bill.burnedBefore, burned);
            ACCOUNTS.chargeCredit(bill.account, bill.signer, bill.charges);
        }
    }

    /// @dev Settles what can settle of the lines from `first` on that name one provider, and says where they end.
    function _settleProvider(
        Metering.Line[] calldata lines,
        uint256 first,
        Bill memory bill,
        Batch memory batch
    ) private returns (uint256 end) {
        address provider = lines[first].provider;
        mapping(uint32 resource => Totals totals) storage records = _lines[bill.account][provider];
        (uint256 place, NodeWord node) = _nodeAt(batch, provider);
        uint256 reserved = _reservedFor(bill, provider);
        // Free credit and reservations are below 2^96, and what passed the checks is in what it is taken from.
        unchecked {
            bill.credit = bill.free + reserved;
            (bill.available, bill.served) = (Math.min(bill.allowance, bill.credit), UsageWord.wrap(0));
            for (end = first; end < lines.length; ++end) {
                Metering.Line calldata line = lines[end];
                if (line.provider != provider) break;
                uint32 resource = line.resource;
                Metering.Reason reason = _settleLine(
                    bill,
                    batch,
                    node,
                    resource,
                    line.cumulativeUnits,
                    records[resource]
                );
                if (reason != Metering.Reason.None) _skipLine(bill, end, provider, resource, reason);
            }
            uint256 charged = bill.served.burned();
            if (charged == 0) return end;

            batch.served[place] += UsageWord.unwrap(bill.served);
            bill.charges[bill.chargeCount] = MeteringWords.toCharge(provider, charged);
            ++bill.chargeCount;
            bill.burned += charged;
            bill.allowance -= charged;
            if (charged > reserved) bill.free -= charged - reserved;
        }
    }

    /// @dev Settles one line against what is left in `bill`, or says why not and changes nothing. Written without early
    /// returns, as are the functions that it and {_settleProvider} call: the compiler inlines them only so.
    function _settleLine(
        Bill memory bill,
        Batch memory batch,
        NodeWord node,
        uint32 resource,
        uint128 cumulativeUnits,
        Totals storage totals
    ) private returns (Metering.Reason reason) {
        (uint256 place, TermsWord terms) = _termsAt(batch, resource, bill.priceEpoch);
        if (terms.tier() > bill.tier) _askTier(bill);
        uint256 record = totals.word;
        uint256 amount;
        (reason, amount) = _judge(bill, node, terms, uint128(record), cumulativeUnits);
        if (reason == Metering.Reason.None) {
            // What passes the checks is there to be burned, so amounts stay below the supply, units below its gwei.
            unchecked {
                totals.word =
                    (batch.epoch << 224) |
                    ((uint256(uint96(record >> 128)) + amount) << 128) |
                    cumulativeUnits;
                UsageWord usage = MeteringWords.toUsage(cumulativeUnits - uint128(record), terms.weight(), amount);
                batch.used[place] += UsageWord.unwrap(usage);
                bill.served = bill.served.plus(usage);
            }
            emit LineSettled(
                bill.account,
                node.provider(),
                resource,
                bill.signer,
                bill.priceEpoch,
                cumulativeUnits,
                amount
            );
        }
    }

    /// @dev Notes why a line did not settle.
    function _skipLine(
        Bill memory bill,
        uint256 index,
        address provider,
        uint32 resource,
        Metering.Reason reason
    ) private {
        bill.reasons[index] = reason;
        if (reason == Metering.Reason.NothingNew) return;

        emit LineSkipped(bill.account, provider, resource, reason);
        if (reason >= Metering.Reason.AccountRateLimited) {
            bool isOwn = reason == Metering.Reason.AccountRateLimited;
            uint256 left = bill.allowance - bill.served.burned();
            bool spent = left <= (isOwn ? ACCOUNT_LIMIT : TOTAL_LIMIT); // of twice as much
            _restrict(isOwn ? ACCOUNT_BURNS : TOTAL_BURNS, bill.account, 0, left, spent, LIMIT_WINDOW);
        }
    }

    /// @dev Place and terms of a resource.
    function _termsAt(
        Batch memory batch,
        uint32 resource,
        uint32 priceEpoch
    ) private returns (uint256 place, TermsWord terms) {
        place = resource % TABLE_SIZE;
        terms = TermsWord.wrap(batch.terms[place]);
        if (!terms.isFor(resource, priceEpoch)) (place, terms) = _findTerms(batch, resource, priceEpoch);
    }

    /// @dev Place and state of a provider.
    function _nodeAt(Batch memory batch, address provider) private returns (uint256 place, NodeWord node) {
        place = uint160(provider) % TABLE_SIZE;
        node = NodeWord.wrap(batch.nodes[place]);
        if (!node.isFor(provider)) (place, node) = _findNode(batch, provider);
    }

    /// @dev Searches the table for a resource, and enters it if it is not there.
    function _findTerms(
        Batch memory batch,
        uint32 resource,
        uint32 priceEpoch
    ) private returns (uint256 place, TermsWord terms) {
        place = resource % TABLE_SIZE;
        while (batch.terms[place] != 0) {
            terms = TermsWord.wrap(batch.terms[place]);
            if (terms.isFor(resource, priceEpoch)) return (place, terms);
            place = (place + 1) % TABLE_SIZE;
        }
        if (batch.resourceCount == TABLE_LOAD) {
            _report(batch);
            _clearUse(batch);
            _clear(batch.terms);
            (batch.resourceCount, batch.resourcePlaces, place) = (0, 0, resource % TABLE_SIZE);
        }
        terms = _readTerms(resource, priceEpoch);
        batch.terms[place] = TermsWord.unwrap(terms);
        batch.resourcePlaces = (batch.resourcePlaces << 8) | place;
        ++batch.resourceCount;
    }

    /// @dev Searches the table for a provider, and enters it if it is not there.
    function _findNode(Batch memory batch, address provider) private returns (uint256 place, NodeWord node) {
        place = uint160(provider) % TABLE_SIZE;
        while (batch.nodes[place] != 0) {
            node = NodeWord.wrap(batch.nodes[place]);
            if (node.isFor(provider)) return (place, node);
            place = (place + 1) % TABLE_SIZE;
        }
        if (batch.providerCount == TABLE_LOAD) {
            _report(batch);
            _clearUse(batch);
            _clear(batch.nodes);
            (batch.providerCount, batch.providerPlaces, place) = (0, 0, uint160(provider) % TABLE_SIZE);
        }
        node = _readNode(provider);
        batch.nodes[place] = NodeWord.unwrap(node);
        batch.providerPlaces = (batch.providerPlaces << 8) | place;
        ++batch.providerCount;
    }

    /// @dev Tells the registry of the use, and has what was charged burned.
    function _finish(Batch memory batch) private {
        // An early return keeps this out of its caller, which has no room left on the stack.
        if (!batch.settled) return;

        _report(batch);
        _count(_totalBurns, ALL_ACCOUNTS, TOTAL_LIMIT, batch.burnedBefore, batch.burned);
        ACCOUNTS.burnCharged();
    }

    /// @dev Takes from a bucket what goes beyond what an epoch can burn without it.
    function _count(
        RateLimiter.RefillingBucket storage bucket,
        bytes32 key,
        uint256 limit,
        uint256 burnedBefore,
        uint256 burned
    ) private {
        uint256 counted = Math.max(burnedBefore, limit);
        if (burnedBefore + burned > counted) bucket.consume(key, burnedBefore + burned - counted);
    }

    /// @dev Tells the registry of all use that it was not told of before.
    function _report(Batch memory batch) private {
        uint32[] memory resources = new uint32[](batch.resourceCount);
        UsageWord[] memory used = new UsageWord[](batch.resourceCount);
        uint256 places = batch.resourcePlaces;
        for (uint256 i = 0; i < resources.length; ++i) {
            uint256 place = uint8(places >> (8 * i));
            resources[i] = TermsWord.wrap(batch.terms[place]).resource();
            used[i] = UsageWord.wrap(batch.used[place]);
        }
        address[] memory providers = new address[](batch.providerCount);
        UsageWord[] memory served = new UsageWord[](batch.providerCount);
        places = batch.providerPlaces;
        for (uint256 i = 0; i < providers.length; ++i) {
            uint256 place = uint8(places >> (8 * i));
            providers[i] = NodeWord.wrap(batch.nodes[place]).provider();
            served[i] = UsageWord.wrap(batch.served[place]);
        }
        REGISTRY.report(resources, used, providers, served);
    }

    /// @dev Empty tables.
    function _newBatch() private view returns (Batch memory batch) {
        (batch.epoch, batch.domain) = (currentEpoch(), _domainSeparatorV4());
        (batch.paused, batch.burnedBefore) = (isPaused(), REGISTRY.burnedInEpoch());
        (batch.terms, batch.used) = (new uint256[](TABLE_SIZE), new uint256[](TABLE_SIZE));
        (batch.nodes, batch.served) = (new uint256[](TABLE_SIZE), new uint256[](TABLE_SIZE));
    }

    /// @dev Whether the signer named signed these lines, and they are in order; and how many providers they name.
    function _verify(
        SignedStatement calldata signed,
        Metering.Statement calldata statement,
        Metering.Line[] calldata lines,
        Bill memory bill,
        bytes32 domain
    ) private view returns (Metering.Reason reason) {
        bytes32[] memory lineHashes = new bytes32[](lines.length);
        uint256 providers;
        uint256 next; // smallest place that the next line can have
        bool ordered = true;
        for (uint256 i = 0; i < lines.length; ++i) {
            Metering.Line calldata line = lines[i];
            address provider = line.provider;
            uint32 resource = line.resource;
            lineHashes[i] = StatementHash.hashLine(provider, resource, line.cumulativeUnits);
            // Places are below 2^192 and there are at most 128 lines.
            unchecked {
                uint256 place = (uint256(uint160(provider)) << 32) | resource;
                if (place < next) ordered = false;
                if (i == 0 || (place ^ (next - 1)) >> 32 != 0) ++providers;
                next = place + 1;
            }
        }
        bill.providers = providers;
        bytes32 structHash = StatementHash.hash(bill.account, bill.priceEpoch, statement.deadline, lineHashes);
        // An early return keeps this out of its caller, which has no room left on the stack.
        if (!bill.signer.isSigned(domain.toTypedDataHash(structHash), signed.signature, WALLET_GAS)) {
            return Metering.Reason.InvalidSignature;
        }
        if (!ordered) reason = Metering.Reason.LinesUnordered;
    }

    /// @dev Whether the statement can settle now, before its lines and signature are looked at.
    function _formReason(
        uint256 lineCount,
        uint48 deadline,
        uint32 priceEpoch,
        uint256 epoch
    ) private view returns (Metering.Reason reason) {
        if (lineCount == 0) return Metering.Reason.NoLines;
        if (lineCount > MAX_LINES) return Metering.Reason.TooManyLines;
        if (block.timestamp > deadline) return Metering.Reason.DeadlineExpired;
        if (priceEpoch > epoch) return Metering.Reason.PriceEpochAhead;
        if (epoch - priceEpoch > SETTLEMENT_WINDOW) return Metering.Reason.PriceEpochTooOld;
    }

    /// @dev Reads what the signer may burn; the reason says why nothing at all.
    function _open(Bill memory bill) private view returns (Metering.Reason reason) {
        FundsWord funds = ACCOUNTS.fundsWord(bill.account, bill.signer);
        (bill.limitReason, bill.categories) = (funds.limitReason(), funds.categories());
        (bill.tier, bill.tierKnown) = (funds.tier(), false);
        (bill.allowance, bill.free, bill.reservations) = (funds.allowance(), funds.free(), funds.reservations());
        bill.burnedBefore = funds.burnedInEpoch();
        _limit(bill);
        return funds.reason();
    }

    /// @dev Lowers what can be burned to what the limits leave. Buckets are looked at only by who could reach into them.
    function _limit(Bill memory bill) private view {
        uint256 room = Math.saturatingSub(ACCOUNT_LIMIT, bill.burnedBefore);
        if (bill.free > room || bill.reservations != 0) room += _accountBurns.available(_keyOf(bill.account));
        else room = type(uint256).max;
        if (room < bill.allowance) (bill.allowance, bill.limitReason) = (room, Metering.Reason.AccountRateLimited);
        if (bill.room < bill.allowance) {
            (bill.allowance, bill.limitReason) = (bill.room, Metering.Reason.SystemRateLimited);
        }
    }

    /// @dev What all accounts can still burn, given what was burned in the epoch before this call and in it. One statement burns
    /// at most the limit of an account twice, its free part and its bucket; while that fits, no bucket is looked at.
    function _roomFor(uint256 burnedBefore, uint256 burned) private view returns (uint256 room) {
        // All are below 2^98, and what was burned in this call had room.
        unchecked {
            room = burnedBefore < TOTAL_LIMIT ? TOTAL_LIMIT - burnedBefore : 0;
            if (burnedBefore + burned + 2 * ACCOUNT_LIMIT > TOTAL_LIMIT) room += _totalBurns.available(ALL_ACCOUNTS);
            room -= burned;
        }
    }

    /// @dev Asks for the tier that the account has now, once per statement.
    function _askTier(Bill memory bill) private view {
        if (!bill.tierKnown) (bill.tier, bill.tierKnown) = (ACCOUNTS.tierOf(bill.account), true);
    }

    /// @dev OPA wei that the account has set aside for a provider.
    function _reservedFor(Bill memory bill, address provider) private view returns (uint256 reserved) {
        if (bill.reservations != 0) reserved = ACCOUNTS.reservationOf(bill.account, provider).amount;
    }

    /// @dev State of a provider.
    function _readNode(address provider) private view returns (NodeWord node) {
        (Metering.Reason reason, uint32 categories) = NODES.serviceTerms(provider);
        return MeteringWords.toNode(provider, reason, categories);
    }

    /// @dev Terms of a resource.
    function _readTerms(uint32 resource, uint32 priceEpoch) private view returns (TermsWord terms) {
        return MeteringWords.toTerms(resource, priceEpoch, REGISTRY.termsByEpoch(resource, priceEpoch));
    }

    /// @dev The one place that says whether a line settles, and for how much: {settle} and {authorizeAll} both ask here.
    function _judge(
        Bill memory bill,
        NodeWord node,
        TermsWord terms,
        uint128 settledUnits,
        uint128 cumulativeUnits
    ) private pure returns (Metering.Reason reason, uint256 amount) {
        if (!node.serves(terms, bill.categories) || terms.tier() > bill.tier) reason = _closedReason(bill, terms, node);
        else if (cumulativeUnits <= settledUnits) reason = Metering.Reason.NothingNew;
        else {
            // Units are below 2^128, prices and what was charged below 2^96.
            unchecked {
                amount = (cumulativeUnits - settledUnits) * terms.unitPrice();
                uint256 charged = bill.served.burned() + amount;
                if (charged > bill.available) reason = _shortReason(bill, charged);
            }
        }
    }

    /// @dev The registry, once it is known to be somebody who can be asked for the clock.
    function _requireRegistry(IResourceRegistry registry) private pure returns (IResourceRegistry) {
        require(address(registry) != address(0), SettlementZeroAddress());
        return registry;
    }

    /// @dev Why a provider cannot settle for a resource, or the signer not use it.
    function _closedReason(
        Bill memory bill,
        TermsWord terms,
        NodeWord node
    ) private pure returns (Metering.Reason reason) {
        if (node.reason() != Metering.Reason.None) return node.reason();
        if (terms.reason() != Metering.Reason.None) return terms.reason();
        if (!node.lists(terms.category())) return Metering.Reason.CategoryNotServed;
        return terms.tier() > bill.tier ? Metering.Reason.TierTooLow : Metering.Reason.CategoryNotAllowed;
    }

    /// @dev Key of an account's bucket.
    function _keyOf(address account) private pure returns (bytes32 key) {
        return bytes32(uint256(uint160(account)));
    }

    /// @dev Why more than what is available cannot be charged.
    function _shortReason(Bill memory bill, uint256 charged) private pure returns (Metering.Reason reason) {
        if (charged <= bill.allowance) return Metering.Reason.InsufficientCredit;
        // Who has not got the credit does not trip a rate limit.
        bool isRate = bill.limitReason >= Metering.Reason.AccountRateLimited;
        return isRate && charged > bill.credit ? Metering.Reason.InsufficientCredit : bill.limitReason;
    }

    /// @dev Begins to count use anew.
    function _clearUse(Batch memory batch) private pure {
        _clear(batch.used);
        _clear(batch.served);
    }

    /// @dev Empties a table in place: memory that {_settleStatement} gives back must not hold a new one.
    function _clear(uint256[] memory table) private pure {
        for (uint256 i = 0; i < TABLE_SIZE; ++i) {
            table[i] = 0;
        }
    }
}
