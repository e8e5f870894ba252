// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC1363Receiver} from "@openzeppelin/contracts/interfaces/IERC1363Receiver.sol";
import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {MeterRole} from "../access/MeterRole.sol";
import {IOPAToken} from "../interfaces/IOPAToken.sol";
import {IServiceAccounts} from "../interfaces/IServiceAccounts.sol";
import {Metering} from "../interfaces/types/Metering.sol";
import {ChargeWord} from "../interfaces/types/MeteringWords.sol";
import {EpochClock} from "./EpochClock.sol";

/// @title ServiceAccounts
/// @notice See {IServiceAccounts}.
/// @dev Invariants: SET-I1, SET-I5, SET-I7, SET-I8, SET-I10, SET-I11 (docs/invariants.md). Trusts: TOKEN to move and burn
/// exactly what is asked, and holders of METER to charge only what an account signed.
contract ServiceAccounts is IServiceAccounts, MeterRole, EpochClock {
    using SafeCast for uint256;
    using SafeERC20 for IOPAToken;

    /// @dev One word. What was burned is kept in gwei: charges are whole gwei and the supply is below 2^60 of them.
    struct Account {
        uint96 credit;
        uint64 burnedGwei;
        uint64 previousBurnedGwei;
        uint24 epoch;
        uint8 reservations;
    }

    /// @dev One word; amounts in gwei.
    struct KeyRecord {
        uint48 expiresAt;
        uint32 epoch;
        uint64 limitGwei;
        uint64 spentGwei;
    }

    /// @dev One word: what this contract owes, and what the next burn destroys.
    struct Totals {
        uint96 free;
        uint96 reserved;
        uint64 chargedGwei;
    }

    /// @dev What one call of {charge} works on; kept in memory so that every record is written once.
    struct Bill {
        uint256 free;
        uint256 allowance;
        uint256 reservations;
        uint256 fromReservations;
        uint256 fromFree;
        uint256 overLimit;
        uint256 overCredit;
    }

    /// @inheritdoc IServiceAccounts
    uint32 public constant MAX_RESERVATION = 365 days;

    /// @inheritdoc IServiceAccounts
    uint8 public constant MAX_RESERVATIONS = type(uint8).max;

    uint32 private constant MIN_GRACE = 1 hours;
    uint32 private constant MAX_GRACE = 30 days;
    uint256 private constant GWEI = 1 gwei;
    uint256 private constant MAX_CHARGES = 256;

    /// @inheritdoc IServiceAccounts
    IOPAToken public immutable TOKEN;

    /// @inheritdoc IServiceAccounts
    uint32 public immutable CLAIM_GRACE;

    Totals private _totals;
    mapping(address account => Account record) private _accounts;
    mapping(address account => mapping(address provider => Reservation reservation)) private _reservations;
    mapping(address account => mapping(address key => KeyRecord record)) private _keys;

    /// @param token OPA.
    /// @param initialAuthority AccessManager of the suite.
    /// @param genesis First second of epoch 0.
    /// @param epochDuration Seconds per epoch.
    /// @param claimGrace Seconds a provider has after the end of a reservation, from one hour to 30 days.
    constructor(
        IOPAToken token,
        address initialAuthority,
        uint48 genesis,
        uint32 epochDuration,
        uint32 claimGrace
    ) AccessManaged(initialAuthority) EpochClock(genesis, epochDuration) {
        require(address(token) != address(0), ServiceAccountsZeroAddress());
        require(
            claimGrace >= MIN_GRACE && claimGrace <= MAX_GRACE,
            ServiceAccountsInvalidGrace(claimGrace, MIN_GRACE, MAX_GRACE)
        );
        TOKEN = token;
        CLAIM_GRACE = claimGrace;
    }

    /// @inheritdoc IServiceAccounts
    function deposit(address account, uint256 amount) external {
        _credit(account, msg.sender, amount);

        TOKEN.safeTransferFrom(msg.sender, address(this), amount);
    }

    /// @inheritdoc IServiceAccounts
    function depositWithPermit(
        address account,
        uint256 amount,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        _credit(account, msg.sender, amount);

        // A front-run permit has already set the allowance, so its failure alone decides nothing.
        try TOKEN.permit(msg.sender, address(this), amount, deadline, v, r, s) {} catch {}
        TOKEN.safeTransferFrom(msg.sender, address(this), amount);
    }

    /// @inheritdoc IServiceAccounts
    function depositWithAuthorization(
        address payer,
        address account,
        uint256 amount,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 salt,
        bytes calldata signature
    ) external {
        _credit(account, payer, amount);

        bytes32 nonce = authorizationNonce(account, salt);
        TOKEN.receiveWithAuthorization(payer, address(this), amount, validAfter, validBefore, nonce, signature);
    }

    /// @inheritdoc IERC1363Receiver
    function onTransferReceived(
        address,
        address from,
        uint256 value,
        bytes calldata data
    ) external returns (bytes4 selector) {
        require(msg.sender == address(TOKEN), ServiceAccountsNotToken(msg.sender));
        require(data.length == 0 || data.length == 32, ServiceAccountsInvalidData(data.length));

        _credit(data.length == 0 ? from : abi.decode(data, (address)), from, value);
        return this.onTransferReceived.selector;
    }

    /// @inheritdoc IServiceAccounts
    function withdraw(address recipient, uint256 amount) external {
        require(recipient != address(0) && recipient != address(this), ServiceAccountsInvalidRecipient(recipient));
        require(amount != 0, ServiceAccountsZeroAmount());
        uint256 free = _accounts[msg.sender].credit;
        require(amount <= free, ServiceAccountsInsufficientCredit(msg.sender, amount, free));

        _accounts[msg.sender].credit = (free - amount).toUint96();
        _totals.free = (_totals.free - amount).toUint96();
        emit CreditWithdrawn(msg.sender, recipient, amount);

        TOKEN.safeTransfer(recipient, amount);
    }

    /// @inheritdoc IServiceAccounts
    function reserve(address provider, uint256 amount, uint48 until) external {
        Account storage account = _accounts[msg.sender];
        Reservation memory reservation = _reservations[msg.sender][provider];
        uint256 earliest = Math.max(block.timestamp + 1, reservation.until);
        uint256 latest = block.timestamp + MAX_RESERVATION;
        uint256 free = account.credit;
        require(provider != address(0), ServiceAccountsZeroAddress());
        require(amount + reservation.amount != 0, ServiceAccountsZeroAmount());
        require(until >= earliest && until <= latest, ServiceAccountsInvalidReservationEnd(until, earliest, latest));
        require(amount <= free, ServiceAccountsInsufficientCredit(msg.sender, amount, free));

        if (reservation.amount == 0) {
            uint8 count = account.reservations;
            require(count < MAX_RESERVATIONS, ServiceAccountsTooManyReservations(msg.sender, MAX_RESERVATIONS));
            account.reservations = count + 1;
        }
        account.credit = (free - amount).toUint96();
        reservation.amount = (reservation.amount + amount).toUint96();
        reservation.until = until;
        _reservations[msg.sender][provider] = reservation;
        _moveToReserved(amount);
        emit CreditReserved(msg.sender, provider, amount, reservation.amount, until);
    }

    /// @inheritdoc IServiceAccounts
    function releaseReservation(address account, address provider) external {
        Reservation memory reservation = _reservations[account][provider];
        uint256 releasableAt = uint256(reservation.until) + CLAIM_GRACE + 1;
        require(reservation.amount != 0, ServiceAccountsNoReservation(account, provider));
        require(
            block.timestamp >= releasableAt || msg.sender == provider,
            ServiceAccountsReservationActive(account, provider, releasableAt)
        );

        delete _reservations[account][provider];
        Account storage record = _accounts[account];
        record.credit = (uint256(record.credit) + reservation.amount).toUint96();
        --record.reservations;
        _totals.free = (uint256(_totals.free) + reservation.amount).toUint96();
        _totals.reserved -= reservation.amount;
        emit ReservationReleased(account, provider, reservation.amount);
    }

    /// @inheritdoc IServiceAccounts
    function authorizeKey(address key, uint48 expiresAt, uint256 epochLimit) external {
        require(key != address(0) && key != msg.sender, ServiceAccountsInvalidKey(key));
        require(expiresAt > block.timestamp, ServiceAccountsInvalidExpiry(key, expiresAt));
        require(
            epochLimit != 0 && epochLimit % GWEI == 0 && epochLimit / GWEI <= type(uint64).max,
            ServiceAccountsInvalidLimit(epochLimit)
        );

        KeyRecord storage record = _keys[msg.sender][key];
        uint48 previousExpiresAt = record.expiresAt;
        uint256 previousEpochLimit = record.limitGwei * GWEI;
        record.expiresAt = expiresAt;
        record.limitGwei = (epochLimit / GWEI).toUint64();
        emit KeyAuthorized(msg.sender, key, previousExpiresAt, previousEpochLimit, expiresAt, epochLimit);
    }

    /// @inheritdoc IServiceAccounts
    function revokeKey(address key) external {
        KeyRecord storage record = _keys[msg.sender][key];
        require(record.expiresAt != 0, ServiceAccountsUnknownKey(msg.sender, key));

        record.expiresAt = 0;
        record.limitGwei = 0;
        emit KeyRevoked(msg.sender, key);
    }

    /// @inheritdoc IServiceAccounts
    function charge(
        address account,
        address signer,
        ChargeWord[] calldata charges
    ) external onlyMeter returns (Metering.Reason reason, uint256 overLimit, uint256 overCredit) {
        require(charges.length <= MAX_CHARGES, ServiceAccountsTooManyCharges(charges.length, MAX_CHARGES));
        Bill memory bill;
        KeyRecord memory key;
        if (signer == account) bill.allowance = type(uint256).max;
        else {
            key = _keyAt(account, signer);
            reason = _keyReason(key);
            if (reason != Metering.Reason.None) return (reason, 0, 0);
            bill.allowance = GWEI * Math.saturatingSub(key.limitGwei, key.spentGwei);
        }

        Account memory record = _accountAt(account);
        bill.free = record.credit;
        bill.reservations = record.reservations;
        _takeAll(account, bill, charges);
        uint256 total = bill.fromReservations + bill.fromFree;
        if (total == 0) return (reason, bill.overLimit, bill.overCredit);

        uint64 totalGwei = (total / GWEI).toUint64();
        record.credit = bill.free.toUint96();
        record.burnedGwei += totalGwei;
        record.reservations = bill.reservations.toUint8();
        _accounts[account] = record;
        if (signer != account) {
            key.spentGwei += totalGwei;
            _keys[account][signer] = key;
        }
        Totals memory sums = _totals;
        sums.free -= bill.fromFree.toUint96();
        sums.reserved -= bill.fromReservations.toUint96();
        sums.chargedGwei += totalGwei;
        _totals = sums;
        emit CreditCharged(account, signer, bill.fromReservations, bill.fromFree);
        return (reason, bill.overLimit, bill.overCredit);
    }

    /// @inheritdoc IServiceAccounts
    function burnCharged() external {
        uint256 amount = _totals.chargedGwei * GWEI;
        if (amount == 0) return;

        _totals.chargedGwei = 0;
        emit CreditBurned(amount);

        TOKEN.burn(amount);
    }

    /// @inheritdoc IServiceAccounts
    function creditOf(address account) external view returns (uint256 amount) {
        return _accounts[account].credit;
    }

    /// @inheritdoc IServiceAccounts
    function reservationOf(address account, address provider) external view returns (Reservation memory reservation) {
        return _reservations[account][provider];
    }

    /// @inheritdoc IServiceAccounts
    function reservationCountOf(address account) external view returns (uint256 count) {
        return _accounts[account].reservations;
    }

    /// @inheritdoc IServiceAccounts
    function keyOf(address account, address key) external view returns (Key memory terms) {
        KeyRecord memory record = _keyAt(account, key);
        return Key(record.expiresAt, record.limitGwei * GWEI, record.spentGwei * GWEI);
    }

    /// @inheritdoc IServiceAccounts
    function burnedOf(address account) external view returns (uint256 current, uint256 previous) {
        Account memory record = _accountAt(account);
        return (record.burnedGwei * GWEI, record.previousBurnedGwei * GWEI);
    }

    /// @inheritdoc IServiceAccounts
    function runway(address account) external view returns (uint256 secondsLeft) {
        Account memory record = _accountAt(account);
        uint256 burned = (uint256(record.burnedGwei) + record.previousBurnedGwei) * GWEI;
        if (burned == 0) return type(uint256).max;

        uint256 passed = EPOCH_DURATION + ((block.timestamp - GENESIS) % EPOCH_DURATION);
        return (record.credit * passed) / burned; // rounds down, so it never promises too much
    }

    /// @inheritdoc IServiceAccounts
    function totals() external view returns (uint256 free, uint256 reserved, uint256 charged) {
        return (_totals.free, _totals.reserved, _totals.chargedGwei * GWEI);
    }

    /// @inheritdoc IServiceAccounts
    function authorizationNonce(address account, bytes32 salt) public pure returns (bytes32 nonce) {
        return keccak256(abi.encode(account, salt));
    }

    /// @inheritdoc MeterRole
    function _meterSelector() internal pure override returns (bytes4) {
        return this.charge.selector;
    }

    /// @dev Adds `amount` to the free credit of `account`; the caller then collects it.
    function _credit(address account, address payer, uint256 amount) private {
        require(account != address(0) && account != address(this), ServiceAccountsInvalidAccount(account));
        require(amount != 0, ServiceAccountsZeroAmount());

        _accounts[account].credit = (_accounts[account].credit + amount).toUint96();
        _totals.free = (_totals.free + amount).toUint96();
        emit CreditDeposited(account, payer, amount);
    }

    /// @dev Moves `amount` between the two sums; their total stays.
    function _moveToReserved(uint256 amount) private {
        _totals.free = (_totals.free - amount).toUint96();
        _totals.reserved = (_totals.reserved + amount).toUint96();
    }

    /// @dev Takes each charge whole or not at all, provider after provider.
    function _takeAll(address account, Bill memory bill, ChargeWord[] calldata charges) private {
        address provider;
        uint256 reserved; // what `provider` has left
        uint256 taken; // from it
        uint256 free = bill.free;
        uint256 allowance = bill.allowance;
        for (uint256 i = 0; i < charges.length; ++i) {
            ChargeWord charge_ = charges[i];
            uint256 amount = charge_.amount();
            if (amount == 0) continue;
            if (amount % GWEI != 0) revert ServiceAccountsFractionalCharge(amount);
            if (charge_.provider() != provider) {
                if (taken != 0) _closeReservation(account, provider, bill, reserved, taken);
                provider = charge_.provider();
                taken = 0;
                reserved = bill.reservations == 0 ? 0 : _reservations[account][provider].amount;
            }

            // Every amount is below 2^96, and nothing is taken from what is smaller.
            unchecked {
                if (amount > allowance) bill.overLimit |= 1 << i;
                else if (amount > reserved + free) bill.overCredit |= 1 << i;
                else {
                    uint256 part = amount < reserved ? amount : reserved;
                    allowance -= amount;
                    free -= amount - part;
                    reserved -= part;
                    taken += part;
                }
            }
        }
        if (taken != 0) _closeReservation(account, provider, bill, reserved, taken);
        bill.fromFree = bill.free - free;
        bill.free = free;
    }

    /// @dev Writes back what is left of a reservation after `taken` was taken from it.
    function _closeReservation(
        address account,
        address provider,
        Bill memory bill,
        uint256 left,
        uint256 taken
    ) private {
        bill.fromReservations += taken;
        if (left == 0) {
            delete _reservations[account][provider];
            --bill.reservations;
        } else _reservations[account][provider].amount = left.toUint96();
    }

    /// @dev The account with its burn counters moved on to the running epoch.
    function _accountAt(address account) private view returns (Account memory record) {
        record = _accounts[account];
        uint24 epoch = uint256(currentEpoch()).toUint24();
        if (record.epoch == epoch) return record;

        record.previousBurnedGwei = record.epoch + 1 == epoch ? record.burnedGwei : 0;
        record.burnedGwei = 0;
        record.epoch = epoch;
    }

    /// @dev The key with its spending moved on to the running epoch.
    function _keyAt(address account, address key) private view returns (KeyRecord memory record) {
        record = _keys[account][key];
        uint32 epoch = currentEpoch();
        if (record.epoch == epoch) return record;

        record.spentGwei = 0;
        record.epoch = epoch;
    }

    /// @dev Whether a key has rights now.
    function _keyReason(KeyRecord memory key) private view returns (Metering.Reason reason) {
        if (key.expiresAt == 0) return Metering.Reason.KeyUnknown;
        if (block.timestamp > key.expiresAt) return Metering.Reason.KeyExpired;
    }
}
