// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SimulateCall} from "@openzeppelin/contracts/utils/SimulateCall.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {INodeRegistry} from "../interfaces/INodeRegistry.sol";
import {IResourceRegistry} from "../interfaces/IResourceRegistry.sol";
import {IServiceAccounts} from "../interfaces/IServiceAccounts.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {Metering} from "../interfaces/types/Metering.sol";
import {
    ChargeWord,
    LineWord,
    MeteringWords,
    NodeWord,
    TermsWord,
    UsageWord
} from "../interfaces/types/MeteringWords.sol";
import {SignerCheck} from "../libraries/SignerCheck.sol";
import {StatementHash} from "../libraries/StatementHash.sol";

/// @title Settlement
/// @notice See {ISettlement}.
/// @dev Invariants: SET-I2 to SET-I7, SET-I9, SET-I12 (docs/invariants.md). Trusts: REGISTRY for prices, NODES for who
/// serves, ACCOUNTS to charge and burn. Calls no untrusted code except a static call to an ERC-1271 signer.
contract Settlement is ISettlement, EIP712 {
    using SafeCast for uint256;
    using SignerCheck for address;
    using StatementHash for Metering.Statement;

    /// @dev What one call of {settle} works on. Other modules are asked for a resource's terms and a provider's state once
    /// per call, and told of use once per call: entries are kept in order of appearance and found by an index at their
    /// id modulo {INDEX_SIZE}. Where two ids meet in one place the older is entered anew when it appears again.
    struct Batch {
        uint32 epoch;
        uint256 resourceCount;
        uint256 providerCount;
        uint256[] resourceIndex;
        uint256[] providerIndex;
        TermsWord[] terms;
        UsageWord[] used;
        NodeWord[] nodes;
        UsageWord[] served;
    }

    /// @dev What the lines of one statement come to. A line that cannot settle has a reason and no charge.
    struct Bill {
        bool ordered;
        bytes32[] lineHashes;
        ChargeWord[] charges;
        LineWord[] lines;
        Metering.Reason[] reasons;
    }

    /// @inheritdoc ISettlement
    uint256 public constant MAX_LINES = 128;

    /// @inheritdoc ISettlement
    uint256 public constant WALLET_GAS = 300_000;

    uint32 private constant MAX_WINDOW = 30;
    uint256 private constant INDEX_SIZE = 32;

    /// @inheritdoc ISettlement
    IResourceRegistry public immutable REGISTRY;

    /// @inheritdoc ISettlement
    IServiceAccounts public immutable ACCOUNTS;

    /// @inheritdoc ISettlement
    INodeRegistry public immutable NODES;

    /// @inheritdoc ISettlement
    uint32 public immutable SETTLEMENT_WINDOW;

    /// @dev Running totals, one word each: `lastEpoch << 224 | burned << 128 | cumulativeUnits`.
    mapping(address account => mapping(address provider => mapping(uint32 resource => uint256 word))) private _lines;

    /// @param registry Resource registry of the suite.
    /// @param accounts Service accounts of the suite.
    /// @param nodes Node registry of the suite.
    /// @param settlementWindow Epochs after its price epoch in which a statement can settle, 1 to 30.
    constructor(
        IResourceRegistry registry,
        IServiceAccounts accounts,
        INodeRegistry nodes,
        uint32 settlementWindow
    ) EIP712("OPA Settlement", "1") {
        require(
            address(registry) != address(0) && address(accounts) != address(0) && address(nodes) != address(0),
            SettlementZeroAddress()
        );
        require(
            registry.GENESIS() == accounts.GENESIS() && registry.EPOCH_DURATION() == accounts.EPOCH_DURATION(),
            SettlementClockMismatch(address(registry), address(accounts))
        );
        require(
            settlementWindow != 0 && settlementWindow <= MAX_WINDOW,
            SettlementInvalidWindow(settlementWindow, MAX_WINDOW)
        );
        REGISTRY = registry;
        ACCOUNTS = accounts;
        NODES = nodes;
        SETTLEMENT_WINDOW = settlementWindow;
    }

    /// @inheritdoc ISettlement
    function settle(SignedStatement[] calldata statements) external returns (StatementResult[] memory results) {
        uint256 count = statements.length;
        require(count != 0, SettlementEmpty());

        uint256 lineCount;
        for (uint256 i = 0; i < count; ++i) {
            lineCount += statements[i].statement.lines.length;
        }
        Batch memory batch = _open(lineCount);
        results = new StatementResult[](count);
        for (uint256 i = 0; i < count; ++i) {
            _settleStatement(statements[i], results[i], batch);
        }
        _close(batch);
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
    function lineOf(
        address account,
        address provider,
        uint32 resource
    ) external view returns (LineRecord memory record) {
        uint256 word = _lines[account][provider][resource];
        return LineRecord(uint128(word), uint96(word >> 128), uint32(word >> 224));
    }

    /// @inheritdoc ISettlement
    function hashStatement(Metering.Statement calldata statement) external view returns (bytes32 digest) {
        return _hashTypedDataV4(statement.hash());
    }

    /// @dev Settles one statement, and says in `result` what became of it.
    function _settleStatement(
        SignedStatement calldata signed,
        StatementResult memory result,
        Batch memory batch
    ) private {
        Metering.Statement calldata statement = signed.statement;
        Bill memory bill;
        Metering.Reason reason = _formReason(statement, batch.epoch);
        if (reason == Metering.Reason.None) {
            bill = _price(statement, batch);
            bytes32 digest = _hashTypedDataV4(statement.hash(bill.lineHashes));
            if (!signed.signer.isSigned(digest, signed.signature, WALLET_GAS)) {
                reason = Metering.Reason.InvalidSignature;
            } else if (!bill.ordered) reason = Metering.Reason.LinesUnordered;
        }
        if (reason == Metering.Reason.None) {
            uint256 overLimit;
            uint256 overCredit;
            (reason, overLimit, overCredit) = ACCOUNTS.charge(statement.account, signed.signer, bill.charges);
            if (overLimit | overCredit != 0) _refuse(bill, overLimit, overCredit);
        }
        if (reason == Metering.Reason.None) {
            result.reasons = bill.reasons;
            result.burned = _commit(statement, bill, batch);
        } else {
            result.reason = reason;
            emit StatementSkipped(statement.account, signed.signer, reason);
        }
    }

    /// @dev Writes the new running totals of the lines that were charged.
    function _commit(
        Metering.Statement calldata statement,
        Bill memory bill,
        Batch memory batch
    ) private returns (uint256 burned) {
        address account = statement.account;
        uint32 priceEpoch = statement.priceEpoch;
        uint256 count = bill.charges.length;
        address provider;
        mapping(uint32 resource => uint256 word) storage records = _lines[account][provider];
        UsageWord served; // by `provider`, over the lines in a row that name it
        for (uint256 i = 0; i < count; ++i) {
            LineWord line = bill.lines[i];
            ChargeWord charge = bill.charges[i];
            if (charge.provider() != provider) {
                _countServed(batch, provider, served);
                provider = charge.provider();
                records = _lines[account][provider];
                served = UsageWord.wrap(0);
            }
            uint256 amount = charge.amount();
            uint32 resource = line.resource();
            if (amount == 0) {
                _emitSkipped(account, provider, resource, bill.reasons[i]);
                continue;
            }

            UsageWord usage;
            (records[resource], usage) = _advance(batch, records[resource], line, amount);
            served = served.plus(usage);
            burned += amount;
            emit LineSettled(account, provider, resource, priceEpoch, line.cumulativeUnits(), amount);
        }
        _countServed(batch, provider, served);
    }

    /// @dev Reports all use of the call and has all charges burned.
    function _close(Batch memory batch) private {
        uint32[] memory resources = new uint32[](batch.resourceCount);
        UsageWord[] memory used = new UsageWord[](batch.resourceCount);
        for (uint256 i = 0; i < resources.length; ++i) {
            resources[i] = batch.terms[i].resource();
            used[i] = batch.used[i];
        }
        address[] memory providers = new address[](batch.providerCount);
        UsageWord[] memory served = new UsageWord[](batch.providerCount);
        for (uint256 i = 0; i < providers.length; ++i) {
            providers[i] = batch.nodes[i].provider();
            served[i] = batch.served[i];
        }
        REGISTRY.record(resources, used, providers, served);
        ACCOUNTS.burnCharged();
    }

    /// @dev Tells of a line that could not settle, unless it only has nothing new.
    function _emitSkipped(address account, address provider, uint32 resource, Metering.Reason reason) private {
        if (reason != Metering.Reason.NothingNew) emit LineSkipped(account, provider, resource, reason);
    }

    /// @dev Room for the entries of `lineCount` lines.
    function _open(uint256 lineCount) private view returns (Batch memory batch) {
        batch.epoch = REGISTRY.currentEpoch();
        batch.resourceIndex = new uint256[](INDEX_SIZE);
        batch.providerIndex = new uint256[](INDEX_SIZE);
        batch.terms = new TermsWord[](lineCount);
        batch.used = new UsageWord[](lineCount);
        batch.nodes = new NodeWord[](lineCount);
        batch.served = new UsageWord[](lineCount);
    }

    /// @dev Whether the statement can settle now, before its lines and signature are looked at.
    function _formReason(
        Metering.Statement calldata statement,
        uint32 epoch
    ) private view returns (Metering.Reason reason) {
        uint256 count = statement.lines.length;
        uint32 priceEpoch = statement.priceEpoch;
        if (count == 0) return Metering.Reason.NoLines;
        if (count > MAX_LINES) return Metering.Reason.TooManyLines;
        if (block.timestamp > statement.deadline) return Metering.Reason.DeadlineExpired;
        if (priceEpoch > epoch) return Metering.Reason.PriceEpochAhead;
        if (epoch - priceEpoch > SETTLEMENT_WINDOW) return Metering.Reason.PriceEpochTooOld;
    }

    /// @dev Hashes and prices all lines in one pass over them.
    function _price(Metering.Statement calldata statement, Batch memory batch) private view returns (Bill memory bill) {
        Metering.Line[] calldata lines = statement.lines;
        uint256 count = lines.length;
        uint32 priceEpoch = statement.priceEpoch;
        bill.ordered = true;
        bill.lineHashes = new bytes32[](count);
        bill.charges = new ChargeWord[](count);
        bill.lines = new LineWord[](count);
        bill.reasons = new Metering.Reason[](count);
        NodeWord node; // of the provider that the lines in a row name
        mapping(uint32 resource => uint256 word) storage records = _lines[statement.account][address(0)];
        uint256 previous;
        for (uint256 i = 0; i < count; ++i) {
            Metering.Line calldata line = lines[i];
            address provider = line.provider;
            uint32 resource = line.resource;
            uint128 units = line.cumulativeUnits;
            bill.lineHashes[i] = StatementHash.hashLine(provider, resource, units);
            if (i == 0 || !node.isFor(provider)) {
                if (uint160(provider) < previous >> 32) bill.ordered = false;
                node = batch.nodes[_nodeAt(batch, provider)];
                records = _lines[statement.account][provider];
            } else if (resource <= uint32(previous)) bill.ordered = false;
            previous = (uint256(uint160(provider)) << 32) | resource;

            (uint256 entry, TermsWord terms) = _termsAt(batch, resource, priceEpoch);
            bill.lines[i] = MeteringWords.toLine(units, resource, entry);
            (Metering.Reason reason, uint256 amount) = _lineCharge(terms, node, units, uint128(records[resource]));
            bill.charges[i] = MeteringWords.toCharge(provider, amount);
            if (amount == 0) bill.reasons[i] = reason;
        }
    }

    /// @dev Entry and terms of a resource.
    function _termsAt(
        Batch memory batch,
        uint32 resource,
        uint32 priceEpoch
    ) private view returns (uint256 entry, TermsWord terms) {
        uint256 place = resource % INDEX_SIZE;
        uint256 count = batch.resourceCount;
        entry = batch.resourceIndex[place];
        if (entry < count) {
            terms = batch.terms[entry];
            if (terms.isFor(resource, priceEpoch)) return (entry, terms);
        }

        terms = MeteringWords.toTerms(resource, priceEpoch, REGISTRY.termsOf(resource, priceEpoch));
        batch.terms[count] = terms;
        batch.resourceIndex[place] = count;
        batch.resourceCount = count + 1;
        return (count, terms);
    }

    /// @dev Entry with the state of a provider.
    function _nodeAt(Batch memory batch, address provider) private view returns (uint256 entry) {
        uint256 place = uint160(provider) % INDEX_SIZE;
        uint256 count = batch.providerCount;
        entry = batch.providerIndex[place];
        if (entry < count && batch.nodes[entry].isFor(provider)) return entry;

        (Metering.Reason reason, uint32 categories) = NODES.serviceOf(provider);
        batch.nodes[count] = MeteringWords.toNode(provider, reason, categories);
        batch.providerIndex[place] = count;
        batch.providerCount = count + 1;
        return count;
    }

    /// @dev Adds what a provider served to its entry.
    function _countServed(Batch memory batch, address provider, UsageWord served) private view {
        if (served.isZero()) return;
        uint256 entry = _nodeAt(batch, provider);
        batch.served[entry] = batch.served[entry].plus(served);
    }

    /// @dev The record of a line after it settled, and the use that adds, which is counted for its resource.
    function _advance(
        Batch memory batch,
        uint256 record,
        LineWord line,
        uint256 amount
    ) private pure returns (uint256 advanced, UsageWord usage) {
        uint256 entry = line.entry();
        // None of this can overflow: the line's units were above the record's when it was priced, and what was charged
        // was there to be burned, so amounts stay below the supply and units below its number of gwei.
        unchecked {
            uint256 units = line.cumulativeUnits() - uint128(record);
            uint256 burned = uint96(record >> 128) + amount;
            advanced = (uint256(batch.epoch) << 224) | (burned << 128) | line.cumulativeUnits();
            usage = MeteringWords.toUsage(units, batch.terms[entry].weight(), amount);
        }
        batch.used[entry] = batch.used[entry].plus(usage);
    }

    /// @dev Gives the lines that were not charged their reason.
    function _refuse(Bill memory bill, uint256 overLimit, uint256 overCredit) private pure {
        for (uint256 i = 0; i < bill.reasons.length; ++i) {
            if ((overLimit >> i) & 1 != 0) bill.reasons[i] = Metering.Reason.KeyLimitExceeded;
            else if ((overCredit >> i) & 1 != 0) bill.reasons[i] = Metering.Reason.InsufficientCredit;
            else continue;
            bill.charges[i] = MeteringWords.toCharge(bill.charges[i].provider(), 0);
        }
    }

    /// @dev Charge of one line; or none, and the first thing that keeps it from settling, before quota and funds.
    function _lineCharge(
        TermsWord terms,
        NodeWord node,
        uint256 cumulativeUnits,
        uint256 settled
    ) private pure returns (Metering.Reason reason, uint256 amount) {
        if (!terms.isOpen() || !node.serves(terms.category())) return (_closedReason(terms, node), 0);
        if (cumulativeUnits <= settled) return (Metering.Reason.NothingNew, 0);
        unchecked {
            amount = (cumulativeUnits - settled) * terms.unitPrice(); // below 2^128 × 2^96
        }
        if (amount > type(uint96).max) return (Metering.Reason.InsufficientCredit, 0); // nobody has as much
    }

    /// @dev Why a provider cannot settle for a resource.
    function _closedReason(TermsWord terms, NodeWord node) private pure returns (Metering.Reason reason) {
        if (node.reason() != Metering.Reason.None) return node.reason();
        if (terms.reason() != Metering.Reason.None) return terms.reason();
        return node.lists(terms.category()) ? Metering.Reason.TierTooLow : Metering.Reason.CategoryNotServed;
    }
}
