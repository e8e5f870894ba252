// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Memory} from "@openzeppelin/contracts/utils/Memory.sol";
import {Accumulators} from "@openzeppelin/contracts/utils/structs/Accumulators.sol";

import {MeterRole} from "../access/MeterRole.sol";
import {IAccessPolicy} from "../interfaces/IAccessPolicy.sol";
import {IMeter} from "../interfaces/IMeter.sol";
import {IMeterBilling} from "../interfaces/IMeterBilling.sol";
import {IMeterCredit} from "../interfaces/IMeterCredit.sol";
import {IOrganisations} from "../interfaces/IOrganisations.sol";
import {Metering} from "../interfaces/types/Metering.sol";
import {AccountWord} from "../libraries/AccountRecord.sol";
import {LineWord, RunningTotals} from "../libraries/RunningTotals.sol";
import {SpendingWord} from "../libraries/SpendingRecord.sol";
import {UseRecord, UseWord} from "../libraries/UseRecord.sol";
import {MeterBase} from "./MeterBase.sol";
import {MeterBill} from "./MeterBill.sol";

/// @title Meter
/// @notice See {IMeter}. All other functions are in {MeterExtension}.
/// @dev Invariants: SET-I1 to SET-I8, SET-I10 to SET-I12 (docs/invariants.md). Trusts: holders of METER to name only
/// signers that signed; and the parties named in its parts. {MeterBill} judges a line, this contract applies the
/// judgement.
contract Meter is MeterBase, MeterRole, MeterBill, IERC165 {
    using Accumulators for Accumulators.Accumulator;
    using Memory for bytes;
    using Memory for Memory.Slice;
    using UseRecord for UseRecord.Use;

    /// @dev Cache of one call. Amounts are gwei.
    struct Batch {
        uint256 epoch; // running epoch
        bool paused;
        UseWord total; // stored use of all
        uint256 burnedBefore; // burned in the running epoch before this call
        uint256 burned; // burned in this call
        UseWord used; // use in this call
        Accumulators.Accumulator bookings; // packed by {_packBooking}
        bool hasBookings;
        bool lastEpochBooked; // a booking names the last epoch with use
        address provider; // provider used last
    }

    IMeter private immutable EXTENSION;

    /// @param extension Extension; the Meter copies token, registry, authority, policy and limits from it.
    /// @param settlementWindow Epochs after its price epoch in which a statement can settle; at least 1, at most the
    /// price window of the registry.
    constructor(
        IMeter extension,
        uint32 settlementWindow
    )
        MeterBase(
            _requireExtension(extension).TOKEN(),
            extension.REGISTRY(),
            IAccessManaged(address(extension)).authority(),
            _policyOf(extension),
            extension.limits()
        )
        MeterBill(settlementWindow)
    {
        EXTENSION = extension;
    }

    /// @notice Forwards all other functions to the extension by delegate call.
    /// @param call Call data.
    /// @return returned Return data of the extension.
    fallback(bytes calldata call) external returns (bytes memory returned) {
        return Address.functionDelegateCall(address(EXTENSION), call);
    }

    /// @inheritdoc IMeterBilling
    function charge(
        Metering.SignedStatement[] calldata statements
    ) external onlyFlagged returns (Metering.Result[] memory results) {
        (Batch memory batch, Bill memory bill) = _openBatch();
        uint256 count = statements.length;
        results = new Metering.Result[](count);
        for (uint256 i = 0; i < count; ++i) {
            _chargeStatement(statements[i], Metering.Reason.None, results[i], bill, batch);
        }
        _closeBatch(batch);
    }

    /// @inheritdoc IMeterBilling
    function chargeSome(
        Metering.SignedStatement[] calldata statements,
        Metering.Reason[] calldata verdicts
    ) external onlyFlagged returns (Metering.Result[] memory results) {
        uint256 count = statements.length;
        require(count == verdicts.length, MeterLengthMismatch(count, verdicts.length));

        (Batch memory batch, Bill memory bill) = _openBatch();
        results = new Metering.Result[](count);
        for (uint256 i = 0; i < count; ++i) {
            _chargeStatement(statements[i], verdicts[i], results[i], bill, batch);
        }
        _closeBatch(batch);
    }

    /// @notice See {IMeter-implementation}.
    /// @return extension Extension of the Meter.
    function implementation() external view returns (address extension) {
        return address(EXTENSION);
    }

    /// @notice See {IMeter-proxyType}.
    /// @return kind 1: the extension never changes.
    function proxyType() external pure returns (uint256 kind) {
        return 1;
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) external pure returns (bool supported) {
        return interfaceId == type(IMeterBilling).interfaceId || interfaceId == type(IERC165).interfaceId;
    }

    /// @dev Burns for each payable line of a statement, and fills `result`. `bill` is reset.
    function _chargeStatement(
        Metering.SignedStatement calldata statement,
        Metering.Reason verdict,
        Metering.Result memory result,
        Bill memory bill,
        Batch memory batch
    ) private {
        (bill.account, bill.signer, bill.priceEpoch) = (statement.account, statement.signer, statement.priceEpoch);
        uint256[] calldata lines = statement.lines;
        Metering.Reason reason = _headerReason(lines.length, bill.priceEpoch, verdict, batch);
        if (reason == Metering.Reason.None) {
            reason = _openBill(bill, _systemRoom(batch.burnedBefore, batch.burned));
        }
        if (reason != Metering.Reason.None) {
            result.reason = reason;
            emit StatementSkipped(bill.account, bill.signer, reason);
            return;
        }

        for (uint256 i = 0; i < lines.length;) {
            i = _chargeProvider(lines, i, result, bill, batch);
        }
        if (bill.burned == 0) return;

        // All OPA is below 2^60 gwei.
        unchecked {
            result.burned = bill.burned * GWEI;
            batch.burned += bill.burned;
        }
        _closeBill(bill);
    }

    /// @dev Burns for the lines from `first` on that name one provider; returns the index of the next line. Lines that share a
    /// word of totals follow each other, so each word is read and written once.
    function _chargeProvider(
        uint256[] calldata lines,
        uint256 first,
        Metering.Result memory result,
        Bill memory bill,
        Batch memory batch
    ) private returns (uint256 end) {
        LineWord line = LineWord.wrap(lines[first]);
        address provider = line.provider();
        Totals storage totals = _lines[bill.account][provider];
        UseRecord.Use storage use = _providerUse[provider];
        _openProvider(bill, provider, use.current);
        uint256 group = line.group();
        uint256 place = RunningTotals.placeOf(line.resource());
        bill.totals = totals.words[place];
        uint256 count = lines.length;
        for (end = first; end < count; ++end) {
            line = LineWord.wrap(lines[end]);
            if (line.group() != group) {
                totals.words[place] = bill.totals;
                if (line.provider() != provider) break;

                (group, place) = (line.group(), RunningTotals.placeOf(line.resource()));
                bill.totals = totals.words[place];
            }
            if (!_chargeLine(line, bill)) _skipLine(line, end, count, result, bill);
        }
        if (end == count) totals.words[place] = bill.totals;
        if (bill.used.isUsed()) _closeProvider(use, provider, bill, batch);
    }

    /// @dev Settles one line, or changes nothing.
    function _chargeLine(LineWord line, Bill memory bill) private returns (bool settles) {
        uint256 resource = line.resource();
        UseRecord.Use storage use = _resourceUse[resource];
        UseWord stored = use.current;
        UseWord terms = stored.hasTermsOf(bill.epoch) ? stored : _openTerms(resource, bill.epoch);
        if (!_judge(bill, resource, terms, line.units())) return false;

        bill.totals = bill.totals.with(resource, bill.added, bill.appliedEpoch);
        // The terms are new in the first settlement of an epoch.
        if (UseWord.unwrap(terms) != UseWord.unwrap(stored)) use.retire(stored, TERMS_MASK);
        UseWord added = UseRecord.toUse(bill.amount, bill.added);
        use.current = terms.plus(added);
        bill.used = bill.used.plus(added.withComputeUnits(bill.computeUnits));
        // An amount is below 2^60 gwei.
        unchecked {
            emit LineSettled(
                bill.account,
                line.provider(),
                uint32(resource),
                bill.signer,
                uint32(bill.appliedEpoch),
                uint128(line.units()),
                bill.amount * GWEI
            );
        }
        return true;
    }

    /// @dev Notes and emits why the line with an index did not settle.
    function _skipLine(
        LineWord line,
        uint256 index,
        uint256 count,
        Metering.Result memory result,
        Bill memory bill
    ) private {
        Metering.Reason reason = bill.refusal;
        // Most statements settle whole, and reading and copying a reason costs about 300 gas a line.
        if (result.reasons.length == 0) result.reasons = new Metering.Reason[](count);
        result.reasons[index] = reason;
        if (reason == Metering.Reason.NothingNew) return;

        emit LineSkipped(bill.account, line.provider(), uint32(line.resource()), reason);
        if (reason == Metering.Reason.AccountRateLimited || reason == Metering.Reason.SystemRateLimited) {
            _tripLimit(reason, bill.account, bill.room - bill.used.burnedGwei());
        }
    }

    /// @dev Counts the use of a provider, and takes its charge from the mandate and from free credit.
    function _closeProvider(UseRecord.Use storage use, address provider, Bill memory bill, Batch memory batch) private {
        UseWord unbooked = _countProvider(use, bill.node, bill.used, batch.epoch);
        if (unbooked.isUsed()) {
            if (unbooked.epoch() == batch.total.epoch()) batch.lastEpochBooked = true;
            _noteBooking(batch, provider, unbooked.epoch(), unbooked.burnedGwei());
        }
        (batch.used, batch.provider) = (batch.used.plus(bill.used), provider);
        // Each line was within its funds, so nothing underflows.
        unchecked {
            uint256 charged = bill.used.burnedGwei();
            uint256 rest = charged;
            if (bill.mandate != 0) {
                uint256 part = Math.min(charged, bill.mandate);
                bill.record = _takeReserved(bill, provider, part);
                bill.fromMandates += part;
                rest -= part;
            }
            bill.burned += charged;
            bill.room -= charged;
            bill.allowance -= rest;
            bill.free -= rest;
        }
    }

    /// @dev Stores the account after a statement, and counts the burn for the signer and its limits.
    function _closeBill(Bill memory bill) private {
        (address account, AccountWord record) = (bill.account, bill.record);
        _consumeAccount(account, record.burnedGwei(), bill.burned);
        // Mandates paid a part of the burn.
        unchecked {
            uint256 spent = bill.burned - bill.fromMandates;
            if (spent != 0 && bill.signer != account) _countSpent(bill, account, spent);
        }
        if (bill.fromMandates != 0 && record.isOrganised()) {
            bill.organisation = bill.organisation.withExempt(bill.fromMandates);
            bill.organisationMoved = true;
        }
        if (bill.organisationMoved) _organisations[account] = bill.organisation;
        if (bill.tier > record.tier()) {
            record = record.withTier(bill.tier);
            emit IOrganisations.TierNoted(account, uint8(bill.tier), uint32(bill.epoch));
        }
        // Charges are whole gwei; credit below one gwei stays.
        unchecked {
            uint256 free = (record.credit() % GWEI) + bill.free * GWEI;
            _accounts[account] = record.withCharge(free, bill.burned);
        }
    }

    /// @dev Counts a burn for the key that signed and its project.
    function _countSpent(Bill memory bill, address account, uint256 spent) private {
        SpendingWord key = bill.key.movedTo(bill.epoch);
        _keys[account][bill.keyPlace] = key.withSpent(spent);
        uint256 place = key.place();
        if (place != 0) _projects[account][place] = bill.project.movedTo(bill.epoch).withSpent(spent);
    }

    /// @dev Counts the total use, burns the charge, then has finished epochs booked.
    function _closeBatch(Batch memory batch) private {
        if (batch.burned == 0) return;

        UseWord total = batch.total;
        if (total.epoch() != batch.epoch && total.isUsed() && !batch.lastEpochBooked) {
            _noteBooking(batch, batch.provider, total.epoch(), 0);
        }
        _countTotal(total, batch.used, batch.epoch);
        _consumeTotal(batch.burnedBefore, batch.burned);

        unchecked {
            TOKEN.burn(batch.burned * GWEI); // all OPA is below 2^60 gwei
        }
        if (batch.hasBookings) _makeBookings(batch);
    }

    /// @dev Has finished epochs booked.
    function _makeBookings(Batch memory batch) private {
        Memory.Slice bookings = batch.bookings.flatten().asSlice();
        for (uint256 i = 0; i < bookings.length(); i += 32) {
            uint256 booking = uint256(bookings.load(i));
            _callBook(address(uint160(booking >> 88)), uint24(booking >> 64), uint64(booking) * GWEI);
        }
    }

    /// @dev Takes `amountGwei` from the reservation of a provider that has it; an empty one is deleted.
    function _takeReserved(
        Bill memory bill,
        address provider,
        uint256 amountGwei
    ) private returns (AccountWord updated) {
        IMeterCredit.Reservation storage reservation = _reservations[bill.account][provider];
        uint256 amount = amountGwei * GWEI;
        uint256 left = reservation.amount - amount;
        updated = bill.record;
        if (left == 0) {
            delete _reservations[bill.account][provider];
            updated = updated.withReservations(updated.reservations() - 1);
        } else (reservation.amount, reservation.priceEpoch) = (uint96(left), uint32(bill.mandateEpoch));
        _sums.reserved -= uint128(amount);
        emit IMeterCredit.ReservationBurned(bill.account, provider, amount);
    }

    /// @dev Reads the clock and the use of all.
    function _openBatch() private view returns (Batch memory batch, Bill memory bill) {
        UseWord total = _totalUse.current;
        (batch.epoch, batch.total) = (currentEpoch(), total);
        batch.paused = block.timestamp < total.pausedUntil();
        batch.burnedBefore = _burnedGweiIn(total, batch.epoch);
        (bill.epoch, bill.elapsed) = (batch.epoch, block.timestamp - GENESIS);
    }

    /// @dev Reason that stops a whole statement, before the account is read.
    function _headerReason(
        uint256 lineCount,
        uint256 priceEpoch,
        Metering.Reason verdict,
        Batch memory batch
    ) private view returns (Metering.Reason reason) {
        if (batch.paused) return Metering.Reason.SettlementPaused;
        if (lineCount == 0) return Metering.Reason.NoLines;
        if (lineCount > MAX_LINES) return Metering.Reason.TooManyLines;
        if (priceEpoch > batch.epoch) return Metering.Reason.PriceEpochAhead;
        if (batch.epoch - priceEpoch > SETTLEMENT_WINDOW) return Metering.Reason.PriceEpochTooOld;
        return verdict;
    }

    /// @dev Access policy of the extension.
    function _policyOf(IMeter extension) private view returns (IAccessPolicy policy) {
        (policy, , ) = extension.accessPolicy();
    }

    /// @dev Notes a booking that is made once everything else is done.
    function _noteBooking(Batch memory batch, address provider, uint256 epoch, uint256 burnedGwei) private pure {
        batch.bookings.push(_packBooking(provider, epoch, burnedGwei));
        batch.hasBookings = true;
    }

    /// @dev A booking to be made: `provider << 88 | epoch << 64 | burned gwei`.
    function _packBooking(
        address provider,
        uint256 epoch,
        uint256 burnedGwei
    ) private pure returns (bytes memory booking) {
        return abi.encode((uint256(uint160(provider)) << 88) | (epoch << 64) | burnedGwei);
    }

    /// @dev Reverts on the zero address before the extension is read.
    function _requireExtension(IMeter extension) private pure returns (IMeter) {
        require(address(extension) != address(0), IMeter.MeterZeroExtension());
        return extension;
    }
}
