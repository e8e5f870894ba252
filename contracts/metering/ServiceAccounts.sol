// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC1363Receiver} from "@openzeppelin/contracts/interfaces/IERC1363Receiver.sol";
import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {AccessTierState} from "../access/AccessTierState.sol";
import {MeterRole} from "../access/MeterRole.sol";
import {IAccessPolicy} from "../interfaces/IAccessPolicy.sol";
import {IOPAToken} from "../interfaces/IOPAToken.sol";
import {IServiceAccounts} from "../interfaces/IServiceAccounts.sol";
import {Metering} from "../interfaces/types/Metering.sol";
import {ChargeWord, FundsWord, MeteringWords} from "../interfaces/types/MeteringWords.sol";
import {AccountWord, TotalsWord} from "../libraries/AccountRecord.sol";
import {GuardedPause} from "../safety/GuardedPause.sol";
import {EpochClock} from "../safety/EpochClock.sol";
import {Organisations} from "./Organisations.sol";

/// @title ServiceAccounts
/// @notice See {IServiceAccounts}.
/// @dev Invariants: SET-I1, SET-I5, SET-I7, SET-I8, SET-I10, SET-I11 (docs/invariants.md). Trusts: TOKEN to move and burn
/// exactly what is asked, and holders of METER to charge only what an account signed.
contract ServiceAccounts is IServiceAccounts, MeterRole, Organisations, GuardedPause, IERC165 {
    using SafeCast for uint256;
    using SafeERC20 for IOPAToken;

    /// @dev A structure of one word, because a reference to it is found once and then read and written.
    struct Account {
        AccountWord word;
    }

    /// @inheritdoc IServiceAccounts
    uint32 public constant MAX_RESERVATION = 365 days;

    /// @inheritdoc IServiceAccounts
    uint8 public constant MAX_RESERVATIONS = type(uint8).max;

    uint32 private constant MIN_GRACE = 1 hours;
    uint32 private constant MAX_GRACE = 30 days;
    uint256 private constant GWEI = 1 gwei;

    /// @inheritdoc IServiceAccounts
    IOPAToken public immutable TOKEN;

    /// @inheritdoc IServiceAccounts
    uint32 public immutable CLAIM_GRACE;

    TotalsWord private _totals;
    mapping(address account => Account record) private _accounts;
    mapping(address account => mapping(address provider => Reservation reservation)) private _reservations;

    /// @param token OPA.
    /// @param initialAuthority AccessManager of the suite.
    /// @param genesis First second of epoch 0.
    /// @param epochDuration Seconds per epoch.
    /// @param claimGrace Seconds a provider has after the end of a reservation, from one hour to 30 days.
    /// @param initialPolicy Access policy in force from the start.
    constructor(
        IOPAToken token,
        address initialAuthority,
        uint48 genesis,
        uint32 epochDuration,
        uint32 claimGrace,
        IAccessPolicy initialPolicy
    ) AccessManaged(initialAuthority) EpochClock(genesis, epochDuration) AccessTierState(initialPolicy) {
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
    function withdraw(address account, address recipient, uint256 amount) external onlyAdmin(account) {
        require(recipient != address(0) && recipient != address(this), ServiceAccountsInvalidRecipient(recipient));
        require(amount != 0, ServiceAccountsZeroAmount());
        AccountWord record = _accounts[account].word;
        uint256 free = record.credit();
        require(amount <= free, ServiceAccountsInsufficientCredit(account, amount, free));

        _accounts[account].word = record.withCredit(free - amount);
        _totals = _totals.with(_totals.free() - amount, _totals.reserved());
        emit CreditWithdrawn(account, recipient, amount);

        TOKEN.safeTransfer(recipient, amount);
    }

    /// @inheritdoc IServiceAccounts
    function reserve(
        address account,
        address provider,
        uint256 amount,
        uint48 until
    ) external whenNotPaused onlyAdmin(account) {
        AccountWord record = _accounts[account].word;
        Reservation memory reservation = _reservations[account][provider];
        uint256 earliest = Math.max(block.timestamp + 1, reservation.until);
        uint256 latest = block.timestamp + MAX_RESERVATION;
        uint256 free = record.credit();
        require(provider != address(0), ServiceAccountsZeroAddress());
        require(amount != 0 || reservation.amount != 0, ServiceAccountsZeroAmount());
        require(until >= earliest && until <= latest, ServiceAccountsInvalidReservationEnd(until, earliest, latest));
        require(amount <= free, ServiceAccountsInsufficientCredit(account, amount, free));

        if (reservation.amount == 0) {
            uint256 count = record.reservations();
            require(count < MAX_RESERVATIONS, ServiceAccountsTooManyReservations(account, MAX_RESERVATIONS));
            record = record.withReservations(count + 1);
        }
        _accounts[account].word = record.withCredit(free - amount);
        reservation.amount = (reservation.amount + amount).toUint96();
        reservation.until = until;
        _reservations[account][provider] = reservation;
        _totals = _totals.with(_totals.free() - amount, _totals.reserved() + amount);
        emit CreditReserved(account, provider, amount, reservation.amount, until);
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
        AccountWord record = _accounts[account].word;
        _accounts[account].word = record.withCredit(record.credit() + reservation.amount).withReservations(
            record.reservations() - 1
        );
        _totals = _totals.with(_totals.free() + reservation.amount, _totals.reserved() - reservation.amount);
        emit ReservationReleased(account, provider, reservation.amount);
    }

    /// @inheritdoc IServiceAccounts
    function chargeCredit(
        address account,
        address signer,
        ChargeWord[] calldata charges
    ) external onlyFlagged returns (uint256 charged) {
        Account storage stored = _accounts[account];
        uint32 epoch = currentEpoch();
        AccountWord record = stored.word.movedTo(epoch);
        uint256 free = record.credit();
        uint256 fromReservations;
        // Amounts are below 2^96, and `part` is at most `amount`.
        unchecked {
            for (uint256 i = 0; i < charges.length; ++i) {
                uint256 amount = charges[i].amount();
                uint256 part;
                if (amount % GWEI != 0) revert ServiceAccountsFractionalCharge(amount);
                if (record.reservations() != 0) {
                    (record, part) = _takeReserved(account, charges[i].provider(), amount, record);
                }
                if (amount - part > free) revert ServiceAccountsInsufficientCredit(account, amount - part, free);

                free -= amount - part;
                fromReservations += part;
                charged += amount;
            }
        }
        uint256 chargedGwei = charged / GWEI;
        if (signer != account || record.isOrganised()) {
            _spend(account, signer, record.isOrganised(), record.burnedGwei(), chargedGwei, epoch);
        }

        stored.word = record.withCharge(free, chargedGwei);
        _totals = _totals.withCharge(charged - fromReservations, fromReservations, chargedGwei);
    }

    /// @inheritdoc IServiceAccounts
    function burnCharged() external {
        uint256 amount = _totals.chargedGwei() * GWEI;
        if (amount == 0) return;

        _totals = _totals.withoutCharges();

        TOKEN.burn(amount);
    }

    /// @inheritdoc IServiceAccounts
    function noteTier(address account) external returns (uint8 tier) {
        return _noteTier(account);
    }

    /// @inheritdoc IServiceAccounts
    function fundsOf(address account, address signer) external view returns (Funds memory funds) {
        FundsWord word = fundsWord(account, signer);
        return
            Funds({
                reason: word.reason(),
                limitReason: word.limitReason(),
                categories: word.categories(),
                tier: word.tier(),
                allowance: word.allowance(),
                free: word.free(),
                reservations: word.reservations()
            });
    }

    /// @inheritdoc IServiceAccounts
    function creditOf(address account) external view returns (uint256 amount) {
        return _accounts[account].word.credit();
    }

    /// @inheritdoc IServiceAccounts
    function reservationOf(address account, address provider) external view returns (Reservation memory reservation) {
        return _reservations[account][provider];
    }

    /// @inheritdoc IServiceAccounts
    function reservationCountOf(address account) external view returns (uint256 count) {
        return _accounts[account].word.reservations();
    }

    /// @inheritdoc IServiceAccounts
    function burnedOf(address account) external view returns (uint256 current, uint256 previous) {
        AccountWord record = _accounts[account].word.movedTo(currentEpoch());
        return (record.burnedGwei() * GWEI, record.previousBurnedGwei() * GWEI);
    }

    /// @inheritdoc IServiceAccounts
    function runway(address account) external view returns (uint256 secondsLeft) {
        AccountWord record = _accounts[account].word.movedTo(currentEpoch());
        uint256 burned = (record.burnedGwei() + record.previousBurnedGwei()) * GWEI;
        if (burned == 0) return type(uint256).max;

        uint256 passed = block.timestamp - GENESIS;
        if (passed >= EPOCH_DURATION) passed = EPOCH_DURATION + (passed % EPOCH_DURATION); // epoch 0 has none before it
        return (record.credit() * passed) / burned; // rounds down
    }

    /// @inheritdoc IServiceAccounts
    function totals() external view returns (uint256 free, uint256 reserved, uint256 charged) {
        return (_totals.free(), _totals.reserved(), _totals.chargedGwei() * GWEI);
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) external pure returns (bool supported) {
        return interfaceId == type(IServiceAccounts).interfaceId || interfaceId == type(IERC165).interfaceId;
    }

    /// @inheritdoc IServiceAccounts
    function fundsWord(address account, address signer) public view returns (FundsWord funds) {
        uint32 epoch = currentEpoch();
        AccountWord record = _accounts[account].word.movedTo(epoch);
        (Metering.Reason reason, uint256 limit, uint256 categories, uint256 tier) = _mandateOf(
            account,
            signer,
            record.isOrganised(),
            record.burnedGwei(),
            epoch
        );
        return
            MeteringWords.toFunds(
                record.credit(),
                limit,
                record.burnedGwei(),
                record.reservations(),
                categories,
                tier,
                reason
            );
    }

    /// @inheritdoc IServiceAccounts
    function authorizationNonce(address account, bytes32 salt) public pure returns (bytes32 nonce) {
        return keccak256(abi.encode(account, salt));
    }

    /// @dev See {Organisations}.
    function _markOrganised(address account) internal override {
        _accounts[account].word = _accounts[account].word.withOrganisation();
    }

    /// @dev See {CallerFlags}.
    function _flaggedSelector() internal pure override returns (bytes4) {
        return this.chargeCredit.selector;
    }

    /// @dev Adds `amount` to the free credit of `account`; the caller then collects it.
    function _credit(address account, address payer, uint256 amount) private whenNotPaused {
        require(account != address(0) && account != address(this), ServiceAccountsInvalidAccount(account));
        require(amount != 0, ServiceAccountsZeroAmount());

        AccountWord record = _accounts[account].word;
        _accounts[account].word = record.withCredit(record.credit() + amount);
        _totals = _totals.with(_totals.free() + amount, _totals.reserved());
        emit CreditDeposited(account, payer, amount);
    }

    /// @dev Takes as much of `amount` as the reservation for `provider` has.
    function _takeReserved(
        address account,
        address provider,
        uint256 amount,
        AccountWord record
    ) private returns (AccountWord updated, uint256 taken) {
        Reservation storage reservation = _reservations[account][provider];
        uint256 reserved = reservation.amount;
        if (amount == 0 || reserved == 0) return (record, 0);
        if (reserved <= amount) {
            delete _reservations[account][provider];
            return (record.withReservations(record.reservations() - 1), reserved);
        }
        reservation.amount = (reserved - amount).toUint96();
        return (record, amount);
    }
}
