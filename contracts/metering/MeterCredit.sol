// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC1363Receiver} from "@openzeppelin/contracts/interfaces/IERC1363Receiver.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {IMeterCredit} from "../interfaces/IMeterCredit.sol";
import {IOPAToken} from "../interfaces/IOPAToken.sol";
import {AccountWord} from "../libraries/AccountRecord.sol";
import {GuardedPause} from "../safety/GuardedPause.sol";
import {MeterBase} from "./MeterBase.sol";

/// @title MeterCredit
/// @notice See {IMeterCredit}.
/// @dev Invariants: SET-I1, SET-I8, SET-I10 (docs/invariants.md). Trusts: the token to move exact amounts.
abstract contract MeterCredit is IMeterCredit, MeterBase, GuardedPause {
    using SafeCast for uint256;
    using SafeERC20 for IOPAToken;

    /// @inheritdoc IMeterCredit
    uint32 public constant MAX_RESERVATION = 365 days;

    /// @inheritdoc IMeterCredit
    uint8 public constant MAX_RESERVATIONS = type(uint8).max;

    uint32 private constant MIN_GRACE = 1 hours;
    uint32 private constant MAX_GRACE = 30 days;

    /// @inheritdoc IMeterCredit
    uint32 public immutable CLAIM_GRACE;

    modifier onlyAdmin(address account) {
        _requireAdmin(account);
        _;
    }

    /// @param claimGrace Seconds after the end of a reservation before anyone can release it, from one hour to 30 days.
    constructor(uint32 claimGrace) {
        require(
            claimGrace >= MIN_GRACE && claimGrace <= MAX_GRACE,
            MeterInvalidGrace(claimGrace, MIN_GRACE, MAX_GRACE)
        );
        CLAIM_GRACE = claimGrace;
    }

    /// @inheritdoc IMeterCredit
    function deposit(address account, uint256 amount) external {
        _credit(account, msg.sender, amount);

        TOKEN.safeTransferFrom(msg.sender, address(this), amount);
    }

    /// @inheritdoc IMeterCredit
    function depositWithPermit(
        address account,
        uint256 amount,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        _credit(account, msg.sender, amount);

        // A front-run permit has already set the allowance, so its failure is ignored.
        try TOKEN.permit(msg.sender, address(this), amount, deadline, v, r, s) {} catch {}
        TOKEN.safeTransferFrom(msg.sender, address(this), amount);
    }

    /// @inheritdoc IMeterCredit
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
        require(msg.sender == address(TOKEN), MeterNotToken(msg.sender));
        require(data.length == 0 || data.length == 32, MeterInvalidData(data.length));

        _credit(data.length == 0 ? from : abi.decode(data, (address)), from, value);
        return this.onTransferReceived.selector;
    }

    /// @inheritdoc IMeterCredit
    function withdraw(address account, address recipient, uint256 amount) external onlyAdmin(account) {
        require(recipient != address(0) && recipient != address(this), MeterInvalidRecipient(recipient));
        require(amount != 0, MeterZeroAmount());
        AccountWord record = _accounts[account];
        uint256 free = record.credit();
        require(amount <= free, MeterInsufficientCredit(account, amount, free));

        _accounts[account] = record.withCredit(free - amount);
        _sums.deposited -= uint128(amount);
        emit CreditWithdrawn(account, recipient, amount);

        TOKEN.safeTransfer(recipient, amount);
    }

    /// @inheritdoc IMeterCredit
    function reserve(
        address account,
        address provider,
        address signer,
        uint256 amount,
        uint48 until
    ) external whenNotPaused onlyAdmin(account) {
        AccountWord record = _accounts[account];
        Reservation memory reservation = _reservations[account][provider];
        _checkReservation(account, provider, signer, amount, reservation);
        _checkEnd(until, reservation.until);
        uint256 free = record.credit();
        require(amount <= free, MeterInsufficientCredit(account, amount, free));
        uint256 count = record.reservations() + (reservation.amount == 0 ? 1 : 0);
        require(count <= MAX_RESERVATIONS, MeterTooManyReservations(account, MAX_RESERVATIONS));

        uint256 tier = _tierOf(account);
        require(tier >= reservation.tier, MeterTierTooLow(account, tier, reservation.tier));

        _accounts[account] = record.withCredit(free - amount).withReservations(count);
        if (reservation.amount == 0) reservation.priceEpoch = currentEpoch();
        reservation.amount += uint96(amount);
        reservation.until = until;
        reservation.tier = uint8(tier);
        reservation.signer = signer;
        _storeReservation(account, provider, amount, reservation);
    }

    /// @inheritdoc IMeterCredit
    function releaseReservation(address account, address provider) external {
        Reservation memory reservation = _reservations[account][provider];
        uint256 releasableAt = uint256(reservation.until) + CLAIM_GRACE + 1;
        require(reservation.amount != 0, MeterNoReservation(account, provider));
        require(
            block.timestamp >= releasableAt || msg.sender == provider,
            MeterReservationActive(account, provider, releasableAt)
        );

        delete _reservations[account][provider];
        AccountWord record = _accounts[account];
        _accounts[account] = record.withCredit(record.credit() + reservation.amount).withReservations(
            record.reservations() - 1
        );
        _sums.reserved -= reservation.amount;
        emit ReservationReleased(account, provider, reservation.amount);
    }

    /// @inheritdoc IMeterCredit
    function limits() external view returns (BurnLimits memory burnLimits) {
        return BurnLimits(uint96(ACCOUNT_LIMIT * GWEI), uint96(TOTAL_LIMIT * GWEI));
    }

    /// @inheritdoc IMeterCredit
    function creditOf(address account) external view returns (uint256 amount) {
        return _accounts[account].credit();
    }

    /// @inheritdoc IMeterCredit
    function reservationOf(address account, address provider) external view returns (Reservation memory reservation) {
        return _reservations[account][provider];
    }

    /// @inheritdoc IMeterCredit
    function reservationCountOf(address account) external view returns (uint256 count) {
        return _accounts[account].reservations();
    }

    /// @inheritdoc IMeterCredit
    function burnedOf(address account) external view returns (uint256 current, uint256 previous) {
        AccountWord record = _accounts[account].movedTo(currentEpoch());
        return (record.burnedGwei() * GWEI, record.previousBurnedGwei() * GWEI);
    }

    /// @inheritdoc IMeterCredit
    function runway(address account) external view returns (uint256 secondsLeft) {
        AccountWord record = _accounts[account].movedTo(currentEpoch());
        uint256 burned = (record.burnedGwei() + record.previousBurnedGwei()) * GWEI;
        if (burned == 0) return type(uint256).max;

        uint256 passed = block.timestamp - GENESIS;
        if (passed >= EPOCH_DURATION) passed = EPOCH_DURATION + (passed % EPOCH_DURATION); // epoch 0 is the first
        return (record.credit() * passed) / burned; // rounds down
    }

    /// @inheritdoc IMeterCredit
    function totals() external view returns (uint256 free, uint256 reserved) {
        reserved = _sums.reserved;
        free = _sums.deposited - reserved - _burnedEver();
    }

    /// @inheritdoc IMeterCredit
    function authorizationNonce(address account, bytes32 salt) public pure returns (bytes32 nonce) {
        return keccak256(abi.encode(account, salt));
    }

    /// @dev See {GuardedPause}: settlement reads the end from the record of total use, which it reads anyway.
    function _pauseEndsAt(uint48 until) internal override {
        _totalUse.current = _totalUse.current.withTag(uint40(until));
    }

    /// @dev Stores a reservation increased by `added`.
    function _storeReservation(address account, address provider, uint256 added, Reservation memory record) private {
        _reservations[account][provider] = record;
        _sums.reserved += uint128(added);
        emit CreditReserved(account, provider, record.signer, added, record.amount, record.until, record.tier);
    }

    /// @dev Adds `amount` to the free credit of `account`; the caller then collects it.
    function _credit(address account, address payer, uint256 amount) private whenNotPaused {
        require(account != address(0) && account != address(this), MeterInvalidAccount(account));
        require(amount != 0, MeterZeroAmount());

        AccountWord record = _accounts[account];
        _accounts[account] = record.withCredit(record.credit() + amount);
        _sums.deposited += amount.toUint128();
        emit CreditDeposited(account, payer, amount);
    }

    /// @dev OPA wei burned for all time.
    function _burnedEver() private view returns (uint256 amount) {
        return ((_totalUse.earlier >> 192) + _totalUse.current.burnedGwei()) * GWEI;
    }

    /// @dev Reverts if the end is past, earlier than the present one, or too far ahead.
    function _checkEnd(uint48 until, uint48 present) private view {
        uint256 earliest = Math.max(block.timestamp + 1, present);
        uint256 latest = block.timestamp + MAX_RESERVATION;
        require(until >= earliest && until <= latest, MeterInvalidReservationEnd(until, earliest, latest));
    }

    /// @dev Reverts if a reservation names a zero address, adds nothing and exists not yet, or changes the signer of a
    /// running one.
    function _checkReservation(
        address account,
        address provider,
        address signer,
        uint256 amount,
        Reservation memory present
    ) private pure {
        require(provider != address(0) && signer != address(0), MeterZeroAddress());
        require(amount != 0 || present.amount != 0, MeterZeroAmount());
        require(amount % GWEI == 0, MeterFractionalAmount(amount));
        require(
            present.amount == 0 || present.signer == signer,
            MeterSignerFixed(account, provider, signer, present.signer)
        );
    }
}
