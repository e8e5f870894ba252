// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC1363Receiver} from "@openzeppelin/contracts/interfaces/IERC1363Receiver.sol";

/// @title IMeterCredit
/// @notice Prepaid credit: deposits, withdrawals and mandates.
/// @dev An account is the address credited by deposits. All credit is OPA held by the Meter. A pause stops deposits and
/// new mandates; free credit can always be withdrawn, and mandates end and are released.
///
/// A reservation is a mandate. Statements of its signer for its provider settle from it first, and only the burn
/// allowances limit them. Later changes of the account do not matter. The risk of the account is exactly the amount.
interface IMeterCredit is IERC1363Receiver {
    /// @notice Burn allowance per epoch. The excess is taken from a token bucket of the same capacity, which refills within
    /// one day.
    /// @param account OPA wei of one account, whole gwei.
    /// @param total OPA wei of all accounts, whole gwei.
    struct BurnLimits {
        uint96 account;
        uint96 total;
    }

    /// @notice Credit set aside for one provider and one signer.
    /// @param amount OPA wei left, whole gwei.
    /// @param until Last second of the promise; after it and {CLAIM_GRACE} anyone may release the rest.
    /// @param tier Access tier that the account had when it reserved; it counts for the mandate until its end.
    /// @param priceEpoch Earliest price epoch of a line that settles from it: the epoch of the first grant, later the last
    /// price epoch settled from it.
    /// @param signer Signer whose statements for the provider settle from it. It needs no key.
    struct Reservation {
        uint96 amount;
        uint48 until;
        uint8 tier;
        uint32 priceEpoch;
        address signer;
    }

    /// @notice Emitted when credit is added.
    /// @param account Account credited.
    /// @param payer Payer.
    /// @param amount OPA wei received.
    event CreditDeposited(address indexed account, address indexed payer, uint256 amount);

    /// @notice Emitted when free credit leaves.
    /// @param account Account debited.
    /// @param recipient Recipient.
    /// @param amount OPA wei sent.
    event CreditWithdrawn(address indexed account, address indexed recipient, uint256 amount);

    /// @notice Emitted when credit is set aside for a provider.
    /// @param account Account concerned.
    /// @param provider Provider it is set aside for.
    /// @param signer Signer whose statements settle from it.
    /// @param added OPA wei moved from free credit.
    /// @param amount OPA wei set aside in total.
    /// @param until Last second of the promise.
    /// @param tier Access tier kept for it.
    event CreditReserved(
        address indexed account,
        address indexed provider,
        address indexed signer,
        uint256 added,
        uint256 amount,
        uint48 until,
        uint8 tier
    );

    /// @notice Emitted when settlement burns from a reservation, once per provider and statement.
    /// @param account Account concerned.
    /// @param provider Provider it was set aside for.
    /// @param amount OPA wei burned from it, a part of the charge of the lines.
    event ReservationBurned(address indexed account, address indexed provider, uint256 amount);

    /// @notice Emitted when a reservation returns to free credit.
    /// @param account Account concerned.
    /// @param provider Provider it was set aside for.
    /// @param amount OPA wei returned.
    event ReservationReleased(address indexed account, address indexed provider, uint256 amount);

    /// @notice A required address is zero.
    error MeterZeroAddress();

    /// @notice The account is zero or the Meter, which could never use credit.
    /// @param account Account as given.
    error MeterInvalidAccount(address account);

    /// @notice The recipient is zero or the Meter; the OPA would be lost.
    /// @param recipient Recipient as given.
    error MeterInvalidRecipient(address recipient);

    /// @notice The amount is zero.
    error MeterZeroAmount();

    /// @notice A reservation is a whole number of gwei.
    /// @param amount OPA wei asked for.
    error MeterFractionalAmount(uint256 amount);

    /// @notice A limit is zero or not whole gwei, or the limit of all accounts is smaller than that of one.
    /// @param limits Limits as given.
    error MeterInvalidLimits(BurnLimits limits);

    /// @notice The account has less free credit than asked for.
    /// @param account Account concerned.
    /// @param amount OPA wei asked for.
    /// @param available OPA wei it has.
    error MeterInsufficientCredit(address account, uint256 amount, uint256 available);

    /// @notice The signer of a reservation cannot change while it lasts.
    /// @param account Account concerned.
    /// @param provider Provider named.
    /// @param signer Signer asked for.
    /// @param present Signer of the reservation.
    error MeterSignerFixed(address account, address provider, address signer, address present);

    /// @notice A reservation ends in the future, not before it used to, and not too far ahead.
    /// @param until End asked for.
    /// @param earliest Earliest end allowed.
    /// @param latest Latest end allowed.
    error MeterInvalidReservationEnd(uint48 until, uint256 earliest, uint256 latest);

    /// @notice The account has as many reservations as it may.
    /// @param account Account concerned.
    /// @param maximum Largest number of reservations.
    error MeterTooManyReservations(address account, uint256 maximum);

    /// @notice A reservation keeps a tier that the account no longer has, so it cannot grow or last longer.
    /// @param account Account concerned.
    /// @param tier Present access tier.
    /// @param kept Tier that the reservation keeps until its end.
    error MeterTierTooLow(address account, uint256 tier, uint256 kept);

    /// @notice Nothing is reserved.
    /// @param account Account concerned.
    /// @param provider Provider named.
    error MeterNoReservation(address account, address provider);

    /// @notice The reservation still serves its provider, which alone may release it before then.
    /// @param account Account concerned.
    /// @param provider Provider named.
    /// @param releasableAt First second at which anyone may release it.
    error MeterReservationActive(address account, address provider, uint256 releasableAt);

    /// @notice Only the token itself may announce a transfer.
    /// @param caller Caller.
    error MeterNotToken(address caller);

    /// @notice The data of a transfer names an account in 32 bytes, or is empty.
    /// @param length Length of the data in bytes.
    error MeterInvalidData(uint256 length);

    /// @notice The claim grace is outside its bounds.
    /// @param claimGrace Seconds asked for.
    /// @param minimum Smallest grace in seconds.
    /// @param maximum Largest grace in seconds.
    error MeterInvalidGrace(uint32 claimGrace, uint32 minimum, uint32 maximum);

    /// @notice Adds credit from the caller's allowance.
    /// @dev Emits {CreditDeposited}.
    ///
    /// Reverts:
    /// - {MeterInvalidAccount} if the account is zero or the Meter.
    /// - {MeterZeroAmount} if the amount is zero.
    /// @param account Account to credit; may be anyone's.
    /// @param amount OPA wei.
    function deposit(address account, uint256 amount) external;

    /// @notice Adds credit with an ERC-2612 permit of the caller.
    /// @dev Emits {CreditDeposited}. A permit already submitted by another account does no harm: the allowance counts.
    ///
    /// Reverts:
    /// - as {deposit}; `ERC20InsufficientAllowance` if there is neither a valid permit nor an allowance.
    /// @param account Account to credit; may be anyone's.
    /// @param amount OPA wei.
    /// @param deadline Last second of the permit.
    /// @param v Signature part.
    /// @param r Signature part.
    /// @param s Signature part.
    function depositWithPermit(
        address account,
        uint256 amount,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external;

    /// @notice Adds credit with an ERC-3009 authorisation, submitted by anyone.
    /// @dev Emits {CreditDeposited}. The payer signs `ReceiveWithAuthorization` towards the Meter with the nonce
    /// {authorizationNonce}, so that nobody can credit another account with it. The token tries ECDSA first and then
    /// ERC-1271, as settlement does, so an account that delegates its code by EIP-7702 deposits by its key too.
    ///
    /// Reverts:
    /// - as {deposit}, and as the token's `receiveWithAuthorization`.
    /// @param payer Payer that signed; an externally owned account or an ERC-1271 wallet.
    /// @param account Account to credit.
    /// @param amount OPA wei.
    /// @param validAfter Second after which the authorisation holds.
    /// @param validBefore Second before which the authorisation holds.
    /// @param salt Random value of the payer's choice.
    /// @param signature Signature of the payer.
    function depositWithAuthorization(
        address payer,
        address account,
        uint256 amount,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 salt,
        bytes calldata signature
    ) external;

    /// @notice Withdraws free credit at once.
    /// @dev Emits {CreditWithdrawn}. Only for admins of the account, initially the account itself. No limit or expiry
    /// blocks it.
    ///
    /// Reverts:
    /// - {IOrganisations-OrganisationsNotAdmin} if the caller is no admin.
    /// - {MeterInvalidRecipient} if the recipient is zero or the Meter.
    /// - {MeterZeroAmount} if the amount is zero.
    /// - {MeterInsufficientCredit} if the account has less.
    /// @param account Account concerned.
    /// @param recipient Recipient.
    /// @param amount OPA wei.
    function withdraw(address account, address recipient, uint256 amount) external;

    /// @notice Sets free credit aside for a provider and a signer, adding to a reservation that lasts.
    /// @dev Emits {CreditReserved}. Only for admins of the account, initially the account itself. The present access
    /// tier of the account is kept for the mandate.
    ///
    /// Warning: a wallet contract decides at settlement whether it signed, so a provider should require a signer with a
    /// key.
    ///
    /// Reverts:
    /// - {IOrganisations-OrganisationsNotAdmin} if the caller is no admin.
    /// - {MeterZeroAddress} if the provider or the signer is zero.
    /// - {MeterZeroAmount} if nothing would be set aside.
    /// - {MeterFractionalAmount} if the amount is not whole gwei.
    /// - {MeterSignerFixed} if a reservation with another signer lasts.
    /// - {MeterInvalidReservationEnd} if the end is past, earlier than before or over {MAX_RESERVATION} ahead.
    /// - {MeterInsufficientCredit} if the account has less free credit.
    /// - {MeterTooManyReservations} if it would be one more than {MAX_RESERVATIONS}.
    /// - {MeterTierTooLow} if the tier of a reservation that lasts is above the present tier of the account.
    /// @param account Account concerned.
    /// @param provider Provider to serve.
    /// @param signer Signer of the statements; needs no key of the account.
    /// @param amount OPA wei to add; zero to extend only.
    /// @param until Last second of the promise.
    function reserve(address account, address provider, address signer, uint256 amount, uint48 until) external;

    /// @notice Returns a reservation to free credit: by anyone after its end and {CLAIM_GRACE}, by its provider any time.
    /// @dev Emits {ReservationReleased}. Until then it settles, also after its end.
    ///
    /// Reverts:
    /// - {MeterNoReservation} if nothing is reserved.
    /// - {MeterReservationActive} if it is too early for the caller.
    /// @param account Account concerned.
    /// @param provider Provider it is set aside for.
    function releaseReservation(address account, address provider) external;

    /// @notice Seconds after the end of a reservation before anyone can release it.
    function CLAIM_GRACE() external view returns (uint32);

    /// @notice Largest time that a reservation can be promised ahead, in seconds.
    function MAX_RESERVATION() external view returns (uint32);

    /// @notice Largest number of providers that an account can hold reservations for.
    function MAX_RESERVATIONS() external view returns (uint8);

    /// @notice Free credit of an account.
    /// @param account Account to look up.
    /// @return amount OPA wei that it can withdraw now.
    function creditOf(address account) external view returns (uint256 amount);

    /// @notice Reservation of an account for a provider.
    /// @param account Account to look up.
    /// @param provider Provider to look up.
    /// @return reservation The mandate; all zero if there is none.
    function reservationOf(address account, address provider) external view returns (Reservation memory reservation);

    /// @notice Number of providers that an account has reservations for.
    /// @param account Account to look up.
    /// @return count Number of reservations.
    function reservationCountOf(address account) external view returns (uint256 count);

    /// @notice Burn of an account in the running and the previous epoch.
    /// @param account Account to look up.
    /// @return current OPA wei burned in the running epoch.
    /// @return previous OPA wei burned in the previous epoch.
    function burnedOf(address account) external view returns (uint256 current, uint256 previous);

    /// @notice Time that free credit lasts at the burn rate of the previous epoch and the elapsed part of the running
    /// one.
    /// @param account Account to look up.
    /// @return secondsLeft Seconds; `type(uint256).max` if nothing was burned in that time.
    function runway(address account) external view returns (uint256 secondsLeft);

    /// @notice Credit of all accounts, without donations.
    /// @return free OPA wei in free credit.
    /// @return reserved OPA wei in reservations.
    function totals() external view returns (uint256 free, uint256 reserved);

    /// @notice Burn allowances per epoch.
    /// @return burnLimits Of one account, and of all together.
    function limits() external view returns (BurnLimits memory burnLimits);

    /// @notice Nonce that binds an ERC-3009 authorisation to the account that it credits.
    /// @param account Account to credit.
    /// @param salt Random value of the payer's choice.
    /// @return nonce `keccak256(abi.encode(account, salt))`.
    function authorizationNonce(address account, bytes32 salt) external pure returns (bytes32 nonce);
}
