// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IMeterBilling} from "../interfaces/IMeterBilling.sol";
import {IMeterCredit} from "../interfaces/IMeterCredit.sol";
import {IOrganisations} from "../interfaces/IOrganisations.sol";
import {Metering} from "../interfaces/types/Metering.sol";
import {AccountWord} from "../libraries/AccountRecord.sol";
import {OrganisationWord} from "../libraries/OrganisationRecord.sol";
import {RunningTotals, TotalsWord} from "../libraries/RunningTotals.sol";
import {SpendingRecord, SpendingWord} from "../libraries/SpendingRecord.sol";
import {UseRecord, UseWord} from "../libraries/UseRecord.sol";
import {MeterBase} from "./MeterBase.sol";

/// @title MeterBill
/// @notice Prices a line and checks its funds and limits, for {Meter-charge} and {IMeterBilling-authorizeAll} alike.
/// @dev Invariants: SET-I2, SET-I4, SET-I7, SET-I10, SET-I11, SET-I13, SET-I14 (docs/invariants.md).
abstract contract MeterBill is IMeterBilling, MeterBase {
    using SpendingRecord for uint256;

    /// @dev State of one statement. Amounts are gwei; reasons are numbers of {Metering-Reason}, 0 for none.
    struct Bill {
        uint256 epoch; // running epoch
        uint256 elapsed; // seconds since GENESIS
        address account;
        address signer;
        uint256 priceEpoch; // epoch that the statement names
        AccountWord record; // of the account, moved to the running epoch
        OrganisationWord organisation; // moved to the running epoch, zero if there is none
        bool organisationMoved; // whether it differs from the stored one
        uint256 keyPlace; // of the signer, if that is not the account
        SpendingWord key;
        SpendingWord project; // zero if the key has none
        uint256 keyReason; // reason that bars the signer from free credit
        uint256 categories; // allowed categories, one bit each
        uint256 allowance; // free credit that the signer may still burn
        uint256 limitReason; // of a line above the allowance
        uint256 room; // rest of the burn limits
        uint256 roomReason; // of a line above the room
        uint256 tier; // tier kept for the account in this epoch
        bool tierAsked;
        uint256 free; // free credit left
        uint256 burned; // in this statement
        uint256 fromMandates; // part of it paid by mandates
        // At the provider of the line:
        UseWord node; // state and use of the provider
        UseWord used; // by its lines so far
        uint256 mandate; // rest of the reservation, if it names the signer
        uint256 mandateEpoch; // earliest price epoch of a line that settles from it
        uint256 mandateTier; // access tier kept for it
        uint256 mandateOpen; // accesses that it pays for, see {UseRecord-accessMask}
        uint256 open; // accesses of the signer's rights that need no further question
        uint256 credit; // mandate and free credit
        uint256 limit; // the strictest of the mandate with the allowance, and the room
        uint256 reason; // of a line above the limit
        uint256 available; // the lower of credit and limit
        TotalsWord totals; // running totals of the line's group of resources, see {RunningTotals}
        // Of the line, once it is judged:
        uint256 added; // units
        uint256 computeUnits;
        uint256 amount;
        uint256 appliedEpoch; // price epoch applied
        Metering.Reason refusal; // why it does not settle
    }

    /// @inheritdoc IMeterBilling
    uint256 public constant MAX_LINES = 128;

    /// @inheritdoc IMeterBilling
    uint256 public constant MAX_TOTAL = RunningTotals.MAX_TOTAL;

    uint256 private constant KEY_LIMIT = uint256(Metering.Reason.KeyLimitExceeded);
    uint256 private constant KEY_TOTAL = uint256(Metering.Reason.KeyTotalExceeded);
    uint256 private constant PROJECT_LIMIT = uint256(Metering.Reason.ProjectLimitExceeded);
    uint256 private constant PROJECT_TOTAL = uint256(Metering.Reason.ProjectTotalExceeded);
    uint256 private constant ORGANISATION_LIMIT = uint256(Metering.Reason.OrganisationLimitExceeded);
    uint256 private constant ORGANISATION_TOTAL = uint256(Metering.Reason.OrganisationTotalExceeded);
    uint256 private constant ACCOUNT_ROOM = uint256(Metering.Reason.AccountRateLimited);
    uint256 private constant SYSTEM_ROOM = uint256(Metering.Reason.SystemRateLimited);
    uint256 private constant NO_LIMIT = (SpendingRecord.MAX_GWEI << 8) | uint256(Metering.Reason.InsufficientCredit);

    /// @inheritdoc IMeterBilling
    uint32 public immutable SETTLEMENT_WINDOW;

    /// @param settlementWindow Epochs after its price epoch in which a statement can settle; at least 1, at most the
    /// price window of the registry.
    constructor(uint32 settlementWindow) {
        uint32 priceWindow = REGISTRY.PRICE_WINDOW();
        require(
            settlementWindow != 0 && settlementWindow <= priceWindow,
            MeterInvalidWindow(settlementWindow, priceWindow)
        );
        SETTLEMENT_WINDOW = settlementWindow;
    }

    /// @inheritdoc IMeterBilling
    function authorize(
        address account,
        address signer,
        address provider,
        uint32 resource,
        uint128 units
    ) external view returns (Metering.Reason reason, uint256 amount) {
        uint32[] memory resources = new uint32[](1);
        uint128[] memory amounts = new uint128[](1);
        (resources[0], amounts[0]) = (resource, units);
        Metering.Reason[] memory reasons;
        (reasons, amount) = authorizeAll(account, signer, provider, resources, amounts);
        return (reasons[0], amount);
    }

    /// @inheritdoc IMeterBilling
    function burnable(address account) external view returns (uint256 amount) {
        uint256 epoch = currentEpoch();
        uint256 burned = _accounts[account].movedTo(epoch).burnedGwei();
        uint256 room = _accountRoom(account, burned, type(uint256).max);
        return Math.min(room, _systemRoom(_burnedGweiIn(_totalUse.current, epoch), 0)) * GWEI;
    }

    /// @inheritdoc IMeterBilling
    function lineOf(
        address account,
        address provider,
        uint32 resource
    ) external view returns (LineRecord memory record) {
        TotalsWord totals = _lines[account][provider].words[RunningTotals.placeOf(resource)];
        return LineRecord(uint64(totals.unitsOf(resource)), uint32(totals.priceEpoch()));
    }

    /// @inheritdoc IMeterBilling
    function fundsOf(address account, address signer) external view returns (Funds memory funds) {
        Bill memory bill;
        (bill.epoch, bill.elapsed) = (currentEpoch(), block.timestamp - GENESIS);
        (bill.account, bill.signer) = (account, signer);
        _openBill(bill, type(uint256).max);
        return
            Funds({
                reason: Metering.Reason(bill.keyReason),
                limitReason: Metering.Reason(bill.limitReason),
                categories: bill.categories,
                tier: bill.tier,
                allowance: bill.allowance * GWEI,
                free: bill.record.credit(),
                reservations: bill.record.reservations()
            });
    }

    /// @inheritdoc IMeterBilling
    function authorizeAll(
        address account,
        address signer,
        address provider,
        uint32[] memory resources,
        uint128[] memory units
    ) public view returns (Metering.Reason[] memory reasons, uint256 amount) {
        require(resources.length == units.length, MeterLengthMismatch(resources.length, units.length));

        Bill memory bill;
        (bill.epoch, bill.elapsed) = (currentEpoch(), block.timestamp - GENESIS);
        (bill.account, bill.signer, bill.priceEpoch) = (account, signer, bill.epoch);
        UseWord total = _totalUse.current;
        Metering.Reason closed = _openBill(bill, _systemRoom(_burnedGweiIn(total, bill.epoch), 0));
        if (resources.length > MAX_LINES) closed = Metering.Reason.TooManyLines;
        if (block.timestamp < total.pausedUntil()) closed = Metering.Reason.SettlementPaused;
        _openProvider(bill, provider, _providerUse[provider].current);
        reasons = new Metering.Reason[](resources.length);
        for (uint256 i = 0; i < resources.length; ++i) {
            reasons[i] = closed;
            if (closed != Metering.Reason.None) continue;

            reasons[i] = _judgeNext(bill, provider, resources[i], units[i]);
        }
        amount = bill.used.burnedGwei() * GWEI;
    }

    /// @dev Reads the funds that a signer may burn. The reason bars it from free credit; a signer without rights may
    /// still have a mandate, which depends on the provider.
    function _openBill(Bill memory bill, uint256 systemRoom) internal view returns (Metering.Reason reason) {
        AccountWord stored = _accounts[bill.account];
        AccountWord record = stored.movedTo(bill.epoch);
        bill.record = record;
        (bill.tier, bill.tierAsked, bill.organisationMoved) = (record.tier(), false, false);
        (bill.free, bill.burned, bill.fromMandates) = (record.credit() / GWEI, 0, 0);
        OrganisationWord organisation;
        if (record.isOrganised()) organisation = _readOrganisation(bill, stored);
        _readSigner(bill, organisation);
        if (record.isOrganised()) _applyOrganisation(bill, organisation);

        // An account with reservations can burn more than its free credit.
        uint256 credit = record.reservations() == 0 ? bill.free : type(uint256).max;
        uint256 room = _accountRoom(bill.account, record.burnedGwei(), credit);
        (bill.room, bill.roomReason) = systemRoom < room ? (systemRoom, SYSTEM_ROOM) : (room, ACCOUNT_ROOM);
        if (record.reservations() == 0) reason = Metering.Reason(bill.keyReason);
    }

    /// @dev Reads a provider, and the mandate of the signer for it.
    function _openProvider(Bill memory bill, address provider, UseWord node) internal view {
        bool hasRights = bill.keyReason == 0;
        uint256 served = bill.elapsed >= node.endsAt() ? 0 : node.categories();
        (bill.node, bill.used, bill.mandate) = (node, UseWord.wrap(0), 0);
        if (bill.record.reservations() != 0) _openMandate(bill, provider, served);
        bill.open = UseRecord.accessMask(served & (hasRights ? bill.categories : 0), bill.tier);
        // Amounts are below 2^60.
        unchecked {
            bill.credit = bill.mandate + bill.free;
            bill.limit = bill.mandate + bill.allowance;
        }
        bill.reason = bill.limitReason;
        if (bill.room < bill.limit) (bill.limit, bill.reason) = (bill.room, bill.roomReason);
        bill.available = bill.limit < bill.credit ? bill.limit : bill.credit;
    }

    /// @dev Single decision whether a line settles; `bill` then holds its charge and its price epoch, or the reason for its
    /// refusal. A line settles whole from the mandate of its signer, or by the rights of its signer.
    function _judge(
        Bill memory bill,
        uint256 resource,
        UseWord terms,
        uint256 cumulativeUnits
    ) internal view returns (bool settles) {
        if (bill.mandate != 0) {
            bool judged;
            (judged, settles) = _judgeByMandate(bill, resource, terms, cumulativeUnits);
            if (judged) return settles;
        }
        // A price epoch never falls below the last settled one. Otherwise an account could choose among the prices of
        // the window.
        (uint256 rate, uint256 priceEpoch) = _priceAt(bill, resource, terms, bill.totals.priceEpoch());
        if (rate == 0 || (bill.open >> terms.access()) & 1 == 0) {
            Metering.Reason reason = _closedReason(bill, resource, terms, rate, priceEpoch);
            if (reason != Metering.Reason.None) return _refuse(bill, reason);
        }
        uint256 settled = bill.totals.unitsOf(resource);
        if (cumulativeUnits <= settled) return _refuse(bill, Metering.Reason.NothingNew);
        if (cumulativeUnits > MAX_TOTAL) return _refuse(bill, Metering.Reason.TotalFull);

        uint256 sum = _price(bill, terms, rate, settled, cumulativeUnits);
        if (sum > bill.available) return _refuse(bill, _fundsReason(bill, sum));
        bill.appliedEpoch = priceEpoch;
        return true;
    }

    /// @dev Judges a line by the mandate of its signer, unless that cannot pay for all of it.
    function _judgeByMandate(
        Bill memory bill,
        uint256 resource,
        UseWord terms,
        uint256 cumulativeUnits
    ) private view returns (bool judged, bool settles) {
        uint256 settled = bill.totals.unitsOf(resource);
        if (cumulativeUnits <= settled) return (true, _refuse(bill, Metering.Reason.NothingNew));
        if (cumulativeUnits > MAX_TOTAL) return (true, _refuse(bill, Metering.Reason.TotalFull));
        if ((bill.mandateOpen >> terms.access()) & 1 == 0) return (false, false);

        // Only lines of the mandate move its price epoch, so nothing that others sign makes them dearer.
        (uint256 rate, uint256 priceEpoch) = _priceAt(bill, resource, terms, bill.mandateEpoch);
        uint256 sum = _price(bill, terms, rate, settled, cumulativeUnits);
        if (rate == 0 || sum > bill.mandate) return (false, false);
        if (sum > bill.room) return (true, _refuse(bill, Metering.Reason(bill.roomReason)));
        (bill.appliedEpoch, bill.mandateEpoch) = (priceEpoch, priceEpoch);
        return (true, true);
    }

    /// @dev Reads the reservation of a provider that serves the categories `served`, if it names the signer.
    function _openMandate(Bill memory bill, address provider, uint256 served) private view {
        IMeterCredit.Reservation storage reservation = _reservations[bill.account][provider];
        uint256 amount = reservation.amount;
        if (amount == 0 || reservation.signer != bill.signer) return;

        (bill.mandate, bill.mandateEpoch, bill.mandateTier) = (amount / GWEI, reservation.priceEpoch, reservation.tier);
        bill.mandateOpen = UseRecord.accessMask(served, bill.mandateTier);
    }

    /// @dev Rate of a resource at the later of the signed epoch and `earliest`, and that epoch. A resource that retired in
    /// between has its last rate, so that use of others cannot void a statement.
    function _priceAt(
        Bill memory bill,
        uint256 resource,
        UseWord terms,
        uint256 earliest
    ) private view returns (uint256 rate, uint256 priceEpoch) {
        priceEpoch = bill.priceEpoch;
        if (priceEpoch < earliest) priceEpoch = earliest; // cheaper than Math.max
        if (priceEpoch == bill.epoch) rate = terms.rate();
        else rate = _earlierRate(resource, terms, priceEpoch, bill.epoch);
        // Spares nearly every line the conditions of the loop, 23 gas.
        if (rate != 0) return (rate, priceEpoch);

        // At most SETTLEMENT_WINDOW steps.
        while (rate == 0 && priceEpoch > bill.priceEpoch)
            rate = _earlierRate(resource, terms, --priceEpoch, bill.epoch);
    }

    /// @dev Judges units in addition to the settled ones, and counts their charge.
    function _judgeNext(
        Bill memory bill,
        address provider,
        uint256 resource,
        uint256 units
    ) private view returns (Metering.Reason reason) {
        UseWord terms = _termsOf(resource, _resourceUse[resource].current, bill.epoch);
        bill.totals = _lines[bill.account][provider].words[RunningTotals.placeOf(resource)];
        if (!_judge(bill, resource, terms, bill.totals.unitsOf(resource) + units)) return bill.refusal;

        bill.used = bill.used.plus(UseRecord.toUse(bill.amount, 0));
    }

    /// @dev The organisation of an account in the running epoch. Its total is reduced once an epoch, by the burn in the
    /// epoch of the stored record.
    function _readOrganisation(
        Bill memory bill,
        AccountWord stored
    ) private view returns (OrganisationWord organisation) {
        organisation = _organisations[bill.account];
        if (AccountWord.unwrap(stored) != AccountWord.unwrap(bill.record)) {
            OrganisationWord moved = organisation.withEpochOver(stored.burnedGwei());
            bill.organisationMoved = OrganisationWord.unwrap(moved) != OrganisationWord.unwrap(organisation);
            organisation = moved;
        }
        bill.organisation = organisation;
    }

    /// @dev Reads the rights and limits of the signer, and of its project.
    function _readSigner(Bill memory bill, OrganisationWord organisation) private view {
        (uint256 epoch, uint256 elapsed) = (bill.epoch, bill.elapsed);
        Metering.Reason reason;
        uint256 limit = NO_LIMIT;
        uint256 categories = ALL_CATEGORIES;
        if (bill.signer != bill.account) {
            uint256 keyPlace = _keyPlaceOf(organisation, bill.signer);
            SpendingWord key = _keys[bill.account][keyPlace];
            (bill.keyPlace, bill.key, bill.project) = (keyPlace, key, SpendingWord.wrap(0));
            reason = _keyReason(key, elapsed);
            limit = Math.min(limit, key.limitIn(epoch, KEY_LIMIT, KEY_TOTAL));
            categories = key.categories();
            if (key.place() != 0) {
                SpendingWord project = _projects[bill.account][key.place()];
                bill.project = project;
                reason = _projectReason(project, reason, elapsed);
                limit = Math.min(limit, project.limitIn(epoch, PROJECT_LIMIT, PROJECT_TOTAL));
                categories &= project.categories();
            }
        } else if (organisation.ownerLeft()) reason = Metering.Reason.KeyUnknown;
        (bill.keyReason, bill.categories) = (uint256(reason), categories);
        (bill.allowance, bill.limitReason) = (limit >> 8, uint8(limit));
    }

    /// @dev Reads the tier of the account, once per statement.
    function _askTier(Bill memory bill) private view {
        if (bill.tierAsked) return;

        (bill.tier, bill.tierAsked) = (_tierOf(bill.account), true);
        bill.open = UseRecord.accessMask(uint8(bill.open), bill.tier); // the lowest byte is of tier 0, so all categories
    }

    /// @dev Reason by provider, category or signer; `None` if only the tier is unknown.
    function _closedReason(
        Bill memory bill,
        uint256 resource,
        UseWord terms,
        uint256 rate,
        uint256 priceEpoch
    ) private view returns (Metering.Reason reason) {
        if (bill.mandate == 0 && bill.keyReason != 0) return Metering.Reason(bill.keyReason);
        UseWord node = bill.node;
        if (node.categories() == 0) return Metering.Reason.ProviderUnknown;
        if (bill.elapsed >= node.endsAt()) return Metering.Reason.ProviderInactive;
        if (rate == 0) return REGISTRY.termsByEpoch(uint32(resource), uint32(priceEpoch)).reason;
        return _accessReason(bill, terms);
    }

    /// @dev Reason by category: not served by the provider, or not allowed for the signer.
    function _accessReason(Bill memory bill, UseWord terms) private view returns (Metering.Reason reason) {
        if ((bill.node.categories() >> terms.category()) & 1 == 0) return Metering.Reason.CategoryNotServed;
        if (bill.keyReason != 0) {
            // The signer has a mandate only, which has too little left or too low a tier.
            return terms.tier() > bill.mandateTier ? Metering.Reason.TierTooLow : Metering.Reason(bill.keyReason);
        }
        if (terms.tier() > bill.tier) _askTier(bill);
        if (terms.tier() > bill.tier) return Metering.Reason.TierTooLow;
        if ((bill.open >> terms.category()) & 1 == 0) return Metering.Reason.CategoryNotAllowed;
    }

    /// @dev Bounds the rights of the signer by those of the organisation.
    function _applyOrganisation(Bill memory bill, OrganisationWord organisation) private pure {
        if (bill.keyReason == 0 && bill.elapsed > organisation.expiry()) {
            bill.keyReason = uint256(Metering.Reason.OrganisationExpired);
        }
        uint256 limit = organisation.limitAfter(bill.record.burnedGwei(), ORGANISATION_LIMIT, ORGANISATION_TOTAL);
        limit = Math.min(limit, SpendingRecord.toLimit(bill.allowance, bill.limitReason));
        (bill.allowance, bill.limitReason) = (limit >> 8, uint8(limit));
        bill.categories &= organisation.categories();
    }

    /// @dev Notes what units cost at a rate; returns the burn at the provider with them.
    function _price(
        Bill memory bill,
        UseWord terms,
        uint256 rate,
        uint256 settled,
        uint256 cumulativeUnits
    ) private pure returns (uint256 burnedGwei) {
        // Units are below 2^58, weights and rates below 2^32.
        unchecked {
            uint256 added = cumulativeUnits - settled;
            uint256 computeUnits = added * terms.weight();
            uint256 amount = computeUnits * rate;
            (bill.added, bill.computeUnits, bill.amount) = (added, computeUnits, amount);
            return bill.used.burnedGwei() + amount;
        }
    }

    /// @dev Notes why a line does not settle.
    function _refuse(Bill memory bill, Metering.Reason reason) private pure returns (bool settles) {
        bill.refusal = reason;
        return false;
    }

    /// @dev Reason that stops a burn of `charged` gwei at the provider.
    function _fundsReason(Bill memory bill, uint256 charged) private pure returns (Metering.Reason reason) {
        if (charged <= bill.limit) return Metering.Reason.InsufficientCredit;
        // A line refused for lack of credit does not trip a burn limit.
        bool isRate = bill.reason == bill.roomReason;
        return isRate && charged > bill.credit ? Metering.Reason.InsufficientCredit : Metering.Reason(bill.reason);
    }

    /// @dev Reason that bars a key from spending.
    function _keyReason(SpendingWord key, uint256 elapsed) private pure returns (Metering.Reason reason) {
        if (!key.exists()) return Metering.Reason.KeyUnknown;
        if (key.role() != uint256(IOrganisations.Role.Spender)) return Metering.Reason.KeyCannotSpend;
        if (elapsed > key.expiry()) return Metering.Reason.KeyExpired;
    }

    /// @dev Reason by the project of a key, unless there is one already. A project with revoked keys is no longer at
    /// its place.
    function _projectReason(
        SpendingWord project,
        Metering.Reason keyReason,
        uint256 elapsed
    ) private pure returns (Metering.Reason reason) {
        if (!project.exists()) return Metering.Reason.KeyUnknown;
        if (keyReason == Metering.Reason.None && elapsed > project.expiry()) return Metering.Reason.ProjectExpired;
        return keyReason;
    }
}
