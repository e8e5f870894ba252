// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {SimulateCall} from "@openzeppelin/contracts/utils/SimulateCall.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";

import {INodeRegistry} from "../interfaces/INodeRegistry.sol";
import {IResourceRegistry} from "../interfaces/IResourceRegistry.sol";
import {IServiceAccounts} from "../interfaces/IServiceAccounts.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {Metering} from "../interfaces/types/Metering.sol";
import {ChargeWord, MeteringWords, NodeWord, TermsWord, UsageWord} from "../interfaces/types/MeteringWords.sol";
import {SignerCheck} from "../libraries/SignerCheck.sol";
import {StatementHash} from "../libraries/StatementHash.sol";

/// @title Settlement
/// @notice See {ISettlement}.
/// @dev Invariants: SET-I2 to SET-I7, SET-I9, SET-I12 (docs/invariants.md). Trusts: REGISTRY for prices, NODES for who
/// serves, ACCOUNTS to charge and burn. Calls no untrusted code except a static call to an ERC-1271 signer.
contract Settlement is ISettlement, EIP712 {
    using MessageHashUtils for bytes32;
    using SignerCheck for address;
    using StatementHash for Metering.Statement;

    /// @dev What one call of {settle} works on. Other modules are asked for a resource's terms and a provider's state once
    /// per call, and told of use once per call: entries are kept in order of appearance and found by an index at their
    /// id modulo {INDEX_SIZE}. Where two ids meet in one place the older is entered anew when it appears again.
    struct Batch {
        uint32 epoch;
        bool settled;
        bytes32 domain;
        uint256 resourceCount;
        uint256 providerCount;
        uint256[] resourceIndex;
        uint256[] providerIndex;
        TermsWord[] terms;
        UsageWord[] used;
        NodeWord[] nodes;
        UsageWord[] served;
    }

    /// @dev What one statement works on: what its signer and account can still burn, and the lines in a row that name one
    /// provider. `records` are the running totals of the account at that provider.
    struct Bill {
        address account;
        address signer;
        uint32 priceEpoch;
        uint256 allowance;
        uint256 free;
        uint256 reservations;
        address provider;
        NodeWord node;
        uint256 entry;
        uint256 reserved;
        uint256 charged;
        UsageWord served;
        uint256 chargeCount;
        uint256 burned;
    }

    /// @inheritdoc ISettlement
    uint256 public constant MAX_LINES = 128;

    /// @inheritdoc ISettlement
    uint256 public constant WALLET_GAS = 300_000;

    uint32 private constant MAX_WINDOW = 30;
    uint256 private constant INDEX_SIZE = 32;
    uint256 private constant LINE_SIZE = 96; // bytes of call data, so a call has room for no more lines than that

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

        Batch memory batch = _open(msg.data.length / LINE_SIZE);
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
        Metering.Line[] calldata lines = statement.lines;
        Bill memory bill = Bill({
            account: statement.account,
            signer: signed.signer,
            priceEpoch: statement.priceEpoch,
            allowance: 0,
            free: 0,
            reservations: 0,
            provider: address(0),
            node: NodeWord.wrap(0),
            entry: 0,
            reserved: 0,
            charged: 0,
            served: UsageWord.wrap(0),
            chargeCount: 0,
            burned: 0
        });
        Metering.Reason reason = _formReason(lines.length, statement.deadline, bill.priceEpoch, batch.epoch);
        if (reason == Metering.Reason.None) reason = _verify(signed, lines, batch);
        if (reason == Metering.Reason.None) {
            (reason, bill.allowance, bill.free, bill.reservations) = ACCOUNTS.fundsOf(bill.account, bill.signer);
        }
        if (reason == Metering.Reason.None) {
            result.reasons = _settleLines(lines, bill, batch);
            result.burned = bill.burned;
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
    ) private returns (Metering.Reason[] memory reasons) {
        reasons = new Metering.Reason[](lines.length);
        ChargeWord[] memory charges = new ChargeWord[](_providerCount(lines));
        mapping(uint32 resource => uint256 word) storage records = _lines[bill.account][address(0)];
        for (uint256 i = 0; i < reasons.length; ++i) {
            Metering.Line calldata line = lines[i];
            address provider = line.provider;
            if (i == 0 || provider != bill.provider) {
                _leaveProvider(bill, batch, charges);
                _enterProvider(bill, batch, provider);
                records = _lines[bill.account][provider];
            }
            uint32 resource = line.resource;
            Metering.Reason reason = _settleLine(bill, batch, resource, line.cumulativeUnits, records);
            if (reason != Metering.Reason.None) {
                reasons[i] = reason;
                if (reason != Metering.Reason.NothingNew) emit LineSkipped(bill.account, provider, resource, reason);
            }
        }
        _leaveProvider(bill, batch, charges);
        if (bill.burned == 0) return reasons;

        batch.settled = true;
        ACCOUNTS.chargeCredit(bill.account, bill.signer, charges);
    }

    /// @dev Settles one line against what is left in `bill`, or says why not and changes nothing.
    function _settleLine(
        Bill memory bill,
        Batch memory batch,
        uint32 resource,
        uint128 cumulativeUnits,
        mapping(uint32 resource => uint256 word) storage records
    ) private returns (Metering.Reason reason) {
        (uint256 entry, TermsWord terms) = _termsAt(batch, resource, bill.priceEpoch);
        if (!terms.isOpen() || !bill.node.serves(terms.category())) return _closedReason(terms, bill.node);
        uint256 record = records[resource];
        if (cumulativeUnits <= uint128(record)) return Metering.Reason.NothingNew;

        // Units are below 2^128 and prices below 2^96. What passes the checks is there to be burned, so amounts stay below
        // the supply, units below its number of gwei, and nothing is taken from what is smaller.
        unchecked {
            uint256 units = cumulativeUnits - uint128(record);
            uint256 amount = units * terms.unitPrice();
            uint256 charged = bill.charged + amount;
            if (charged > bill.allowance) return Metering.Reason.KeyLimitExceeded;
            if (charged > bill.reserved + bill.free) return Metering.Reason.InsufficientCredit;

            bill.charged = charged;
            records[resource] =
                (uint256(batch.epoch) << 224) |
                ((uint256(uint96(record >> 128)) + amount) << 128) |
                cumulativeUnits;
            UsageWord usage = MeteringWords.toUsage(units, terms.weight(), amount);
            bill.served = bill.served.plus(usage);
            batch.used[entry] = batch.used[entry].plus(usage);
            emit LineSettled(
                bill.account,
                bill.provider,
                resource,
                bill.signer,
                bill.priceEpoch,
                cumulativeUnits,
                amount
            );
        }
    }

    /// @dev Reports all use of the call and has all charges burned.
    function _close(Batch memory batch) private {
        if (!batch.settled) return;

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

    /// @dev Room for the entries of `lineCount` lines.
    function _open(uint256 lineCount) private view returns (Batch memory batch) {
        batch.epoch = REGISTRY.currentEpoch();
        batch.domain = _domainSeparatorV4();
        batch.resourceIndex = new uint256[](INDEX_SIZE);
        batch.providerIndex = new uint256[](INDEX_SIZE);
        batch.terms = new TermsWord[](lineCount);
        batch.used = new UsageWord[](lineCount);
        batch.nodes = new NodeWord[](lineCount);
        batch.served = new UsageWord[](lineCount);
    }

    /// @dev Opens the lines of the next provider.
    function _enterProvider(Bill memory bill, Batch memory batch, address provider) private view {
        bill.provider = provider;
        bill.entry = _nodeAt(batch, provider);
        bill.node = batch.nodes[bill.entry];
        if (bill.reservations != 0) bill.reserved = ACCOUNTS.reservationOf(bill.account, provider).amount;
    }

    /// @dev Whether the signer named signed these lines, and they are in order.
    function _verify(
        SignedStatement calldata signed,
        Metering.Line[] calldata lines,
        Batch memory batch
    ) private view returns (Metering.Reason reason) {
        bytes32[] memory lineHashes = new bytes32[](lines.length);
        uint256 previous;
        bool ordered = true;
        for (uint256 i = 0; i < lineHashes.length; ++i) {
            Metering.Line calldata line = lines[i];
            address provider = line.provider;
            uint32 resource = line.resource;
            lineHashes[i] = StatementHash.hashLine(provider, resource, line.cumulativeUnits);
            uint256 place = (uint256(uint160(provider)) << 32) | resource;
            if (place <= previous && i != 0) ordered = false;
            previous = place;
        }
        bytes32 digest = batch.domain.toTypedDataHash(signed.statement.hash(lineHashes));
        if (!signed.signer.isSigned(digest, signed.signature, WALLET_GAS)) return Metering.Reason.InvalidSignature;
        if (!ordered) return Metering.Reason.LinesUnordered;
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

    /// @dev Whether the statement can settle now, before its lines and signature are looked at.
    function _formReason(
        uint256 lineCount,
        uint48 deadline,
        uint32 priceEpoch,
        uint32 epoch
    ) private view returns (Metering.Reason reason) {
        if (lineCount == 0) return Metering.Reason.NoLines;
        if (lineCount > MAX_LINES) return Metering.Reason.TooManyLines;
        if (block.timestamp > deadline) return Metering.Reason.DeadlineExpired;
        if (priceEpoch > epoch) return Metering.Reason.PriceEpochAhead;
        if (epoch - priceEpoch > SETTLEMENT_WINDOW) return Metering.Reason.PriceEpochTooOld;
    }

    /// @dev Books what the lines of one provider came to.
    function _leaveProvider(Bill memory bill, Batch memory batch, ChargeWord[] memory charges) private pure {
        uint256 charged = bill.charged;
        if (charged == 0) return;

        charges[bill.chargeCount] = MeteringWords.toCharge(bill.provider, charged);
        ++bill.chargeCount;
        batch.served[bill.entry] = batch.served[bill.entry].plus(bill.served);
        bill.burned += charged;
        bill.allowance -= charged;
        if (charged > bill.reserved) bill.free -= charged - bill.reserved;
        bill.charged = 0;
        bill.served = UsageWord.wrap(0);
    }

    /// @dev Number of providers that ordered lines name.
    function _providerCount(Metering.Line[] calldata lines) private pure returns (uint256 count) {
        count = 1;
        for (uint256 i = 1; i < lines.length; ++i) {
            if (lines[i].provider != lines[i - 1].provider) ++count;
        }
    }

    /// @dev Why a provider cannot settle for a resource.
    function _closedReason(TermsWord terms, NodeWord node) private pure returns (Metering.Reason reason) {
        if (node.reason() != Metering.Reason.None) return node.reason();
        if (terms.reason() != Metering.Reason.None) return terms.reason();
        return node.lists(terms.category()) ? Metering.Reason.TierTooLow : Metering.Reason.CategoryNotServed;
    }
}
