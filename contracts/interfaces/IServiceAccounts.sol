// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC1363Receiver} from "@openzeppelin/contracts/interfaces/IERC1363Receiver.sol";

import {IAccessTiers} from "./IAccessTiers.sol";
import {IEpochClock} from "./IEpochClock.sol";
import {IOPAToken} from "./IOPAToken.sol";
import {IOrganisations} from "./IOrganisations.sol";
import {Metering} from "./types/Metering.sol";
import {ChargeWord, FundsWord} from "./types/MeteringWords.sol";

/// @title IServiceAccounts
/// @notice Prepaid service credit: deposits, reservations, organisations; the only place where credit is burned.
/// @dev An account is the address that deposits were made for. All credit is OPA held by this contract. A pause stops
/// deposits and new reservations; credit can be withdrawn, reservations end and are released, and what they and keys allow
/// is charged.
interface IServiceAccounts is IOrganisations, IAccessTiers, IEpochClock, IERC1363Receiver {
    /// @notice Credit set aside for one provider.
    /// @param amount OPA wei that only this provider's settlements can burn.
    /// @param until Last second of the promise; after it and {CLAIM_GRACE} anyone may release what is left.
    struct Reservation {
        uint96 amount;
        uint48 until;
    }

    /// @notice What a signer may burn for an account.
    /// @param reason `None`, or why the signer may not charge at all.
    /// @param limitReason Why more than the allowance cannot be charged; `InsufficientCredit` if no limit is set.
    /// @param categories Resource categories that the signer may use, one bit each by number.
    /// @param tier Access tier noted for the running epoch, or 0; {tierOf} may know of a higher one.
    /// @param allowance OPA wei that the signer may still burn in the running epoch: the strictest of all limits.
    /// @param free OPA wei of free credit.
    /// @param reservations Number of providers the account has reservations for.
    struct Funds {
        Metering.Reason reason;
        Metering.Reason limitReason;
        uint256 categories;
        uint256 tier;
        uint256 allowance;
        uint256 free;
        uint256 reservations;
    }

    /// @notice Emitted when credit is added.
    /// @param account Account credited.
    /// @param payer Who paid.
    /// @param amount OPA wei received.
    event CreditDeposited(address indexed account, address indexed payer, uint256 amount);

    /// @notice Emitted when free credit leaves.
    /// @param account Account debited.
    /// @param recipient Who received it.
    /// @param amount OPA wei sent.
    event CreditWithdrawn(address indexed account, address indexed recipient, uint256 amount);

    /// @notice Emitted when credit is set aside for a provider.
    /// @param account Account concerned.
    /// @param provider Provider it is set aside for.
    /// @param added OPA wei moved from free credit.
    /// @param amount OPA wei set aside in total.
    /// @param until Last second of the promise.
    event CreditReserved(
        address indexed account,
        address indexed provider,
        uint256 added,
        uint256 amount,
        uint48 until
    );

    /// @notice Emitted when a reservation returns to free credit.
    /// @param account Account concerned.
    /// @param provider Provider it was set aside for.
    /// @param amount OPA wei returned.
    event ReservationReleased(address indexed account, address indexed provider, uint256 amount);

    /// @notice An address that must be somebody is zero.
    error ServiceAccountsZeroAddress();

    /// @notice Credit for nobody, or for this contract itself, could never be used.
    /// @param account Account as given.
    error ServiceAccountsInvalidAccount(address account);

    /// @notice OPA sent to nobody, or back to this contract, would be lost.
    /// @param recipient Recipient as given.
    error ServiceAccountsInvalidRecipient(address recipient);

    /// @notice The amount is zero.
    error ServiceAccountsZeroAmount();

    /// @notice The account has less free credit than asked for.
    /// @param account Account concerned.
    /// @param amount OPA wei asked for.
    /// @param available OPA wei it has.
    error ServiceAccountsInsufficientCredit(address account, uint256 amount, uint256 available);

    /// @notice A reservation ends in the future, not before it used to, and not too far ahead.
    /// @param until End asked for.
    /// @param earliest Earliest end allowed.
    /// @param latest Latest end allowed.
    error ServiceAccountsInvalidReservationEnd(uint48 until, uint256 earliest, uint256 latest);

    /// @notice The account has as many reservations as it may.
    /// @param account Account concerned.
    /// @param maximum Largest number of reservations.
    error ServiceAccountsTooManyReservations(address account, uint256 maximum);

    /// @notice Nothing is reserved.
    /// @param account Account concerned.
    /// @param provider Provider named.
    error ServiceAccountsNoReservation(address account, address provider);

    /// @notice The reservation still serves its provider, who alone may release it before then.
    /// @param account Account concerned.
    /// @param provider Provider named.
    /// @param releasableAt First second at which anyone may release it.
    error ServiceAccountsReservationActive(address account, address provider, uint256 releasableAt);

    /// @notice Only the token itself may announce a transfer.
    /// @param caller Who called.
    error ServiceAccountsNotToken(address caller);

    /// @notice The data of a transfer names an account in 32 bytes, or is empty.
    /// @param length Length of the data in bytes.
    error ServiceAccountsInvalidData(uint256 length);

    /// @notice A charge is a whole number of gwei.
    /// @param amount Charge asked for, in OPA wei.
    error ServiceAccountsFractionalCharge(uint256 amount);

    /// @notice The claim grace is outside its bounds.
    /// @param claimGrace Seconds asked for.
    /// @param minimum Smallest grace in seconds.
    /// @param maximum Largest grace in seconds.
    error ServiceAccountsInvalidGrace(uint32 claimGrace, uint32 minimum, uint32 maximum);

    /// @notice The signer may not charge, or not as much.
    /// @param account Account concerned.
    /// @param signer Signer named.
    /// @param amount OPA wei asked for.
    error OrganisationsOverLimit(address account, address signer, uint256 amount);

    /// @notice Notes the tier of an account for the running epoch, so that settlement need not ask the policy.
    /// @dev Emits {TierNoted} if it is above 0 and not noted yet. Callable by anyone. A noted tier holds until the epoch ends.
    /// @param account Account concerned.
    /// @return tier Tier of the account.
    function noteTier(address account) external returns (uint8 tier);

    /// @notice Adds credit from the caller's allowance.
    /// @dev Emits {CreditDeposited}.
    ///
    /// Reverts:
    /// - {ServiceAccountsInvalidAccount} if the account is zero or this contract.
    /// - {ServiceAccountsZeroAmount} if the amount is zero.
    /// @param account Account to credit; may be anyone's.
    /// @param amount OPA wei.
    function deposit(address account, uint256 amount) external;

    /// @notice Adds credit with an ERC-2612 permit of the caller.
    /// @dev Emits {CreditDeposited}. A permit that somebody else has already submitted does no harm: the allowance counts.
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
    /// @dev Emits {CreditDeposited}. The payer signs `ReceiveWithAuthorization` towards this contract with the nonce
    /// {authorizationNonce}, so that nobody can credit another account with it.
    ///
    /// Reverts:
    /// - as {deposit}, and as the token's `receiveWithAuthorization`.
    /// @param payer Who signed and pays; an externally owned account or an ERC-1271 wallet.
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

    /// @notice Sends free credit out, at once.
    /// @dev Emits {CreditWithdrawn}. Only for admins of the account, at first itself; no limit and no expiry keeps it in.
    ///
    /// Reverts:
    /// - {OrganisationsNotAdmin} if the caller is none.
    /// - {ServiceAccountsInvalidRecipient} if the recipient is zero or this contract.
    /// - {ServiceAccountsZeroAmount} if the amount is zero.
    /// - {ServiceAccountsInsufficientCredit} if the account has less.
    /// @param account Account concerned.
    /// @param recipient Who receives it.
    /// @param amount OPA wei.
    function withdraw(address account, address recipient, uint256 amount) external;

    /// @notice Sets free credit aside for a provider, adding to what is set aside already.
    /// @dev Emits {CreditReserved}. Only for admins of the account, at first itself.
    ///
    /// Reverts:
    /// - {OrganisationsNotAdmin} if the caller is none.
    /// - {ServiceAccountsZeroAddress} if the provider is zero.
    /// - {ServiceAccountsZeroAmount} if nothing would be set aside.
    /// - {ServiceAccountsInvalidReservationEnd} if the end is past, earlier than before or over {MAX_RESERVATION} ahead.
    /// - {ServiceAccountsInsufficientCredit} if the account has less free credit.
    /// - {ServiceAccountsTooManyReservations} if it would be one more than {MAX_RESERVATIONS}.
    /// @param account Account concerned.
    /// @param provider Provider to serve.
    /// @param amount OPA wei to add; zero to extend only.
    /// @param until Last second of the promise.
    function reserve(address account, address provider, uint256 amount, uint48 until) external;

    /// @notice Returns a reservation to free credit: by anyone after its end and {CLAIM_GRACE}, by its provider any time.
    /// @dev Emits {ReservationReleased}.
    ///
    /// Reverts:
    /// - {ServiceAccountsNoReservation} if nothing is reserved.
    /// - {ServiceAccountsReservationActive} if it is too early for the caller.
    /// @param account Account concerned.
    /// @param provider Provider it is set aside for.
    function releaseReservation(address account, address provider) external;

    /// @notice Takes credit for settled use, from each provider's reservation first, then from free credit.
    /// @dev Only for holders of the METER role (`AccessManagedUnauthorized` for others), whose events tell of each charge.
    /// What was taken is destroyed by {burnCharged}, which the caller calls once for all its charges and anyone may call
    /// if it does not.
    ///
    /// Reverts:
    /// - {ServiceAccountsFractionalCharge} if a charge is not whole gwei.
    /// - {ServiceAccountsInsufficientCredit} if reservation and free credit are less.
    /// - {OrganisationsOverLimit} if the signer's allowance ({fundsOf}) is less.
    /// @param account Account to charge.
    /// @param signer Account itself or the key that signed.
    /// @param charges Provider and amount of each.
    /// @return charged Sum of the charges in OPA wei.
    function chargeCredit(
        address account,
        address signer,
        ChargeWord[] calldata charges
    ) external returns (uint256 charged);

    /// @notice Destroys all credit that was charged and is not yet burned.
    /// @dev The token's `Transfer` to zero tells how much. Callable by anyone.
    function burnCharged() external;

    /// @notice Token that is deposited and burned.
    function TOKEN() external view returns (IOPAToken);

    /// @notice Seconds after the end of a reservation in which its provider can still settle from it.
    function CLAIM_GRACE() external view returns (uint32);

    /// @notice Largest time a reservation can be promised ahead, in seconds.
    function MAX_RESERVATION() external view returns (uint32);

    /// @notice Largest number of providers an account can hold reservations for.
    function MAX_RESERVATIONS() external view returns (uint8);

    /// @notice What a signer may burn for an account.
    /// @param account Account to look up.
    /// @param signer Account itself or a key.
    /// @return funds What the signer may burn, and for what.
    function fundsOf(address account, address signer) external view returns (Funds memory funds);

    /// @notice {fundsOf} in one word, as settlement reads it.
    /// @param account Account to look up.
    /// @param signer Account itself or a key.
    /// @return funds What the signer may burn, and for what.
    function fundsWord(address account, address signer) external view returns (FundsWord funds);

    /// @notice Free credit of an account.
    /// @param account Account to look up.
    /// @return amount OPA wei that it can withdraw now.
    function creditOf(address account) external view returns (uint256 amount);

    /// @notice What an account has set aside for a provider.
    /// @param account Account to look up.
    /// @param provider Provider to look up.
    /// @return reservation Amount and end; all zero if there is none.
    function reservationOf(address account, address provider) external view returns (Reservation memory reservation);

    /// @notice Number of providers an account has set credit aside for.
    /// @param account Account to look up.
    /// @return count Number of reservations.
    function reservationCountOf(address account) external view returns (uint256 count);

    /// @notice What an account burned in the running and the previous epoch.
    /// @param account Account to look up.
    /// @return current OPA wei burned in the running epoch.
    /// @return previous OPA wei burned in the epoch before.
    function burnedOf(address account) external view returns (uint256 current, uint256 previous);

    /// @notice How long free credit lasts at the rate of the previous epoch and the part of this one that has passed.
    /// @param account Account to look up.
    /// @return secondsLeft Seconds; `type(uint256).max` if nothing was burned in that time.
    function runway(address account) external view returns (uint256 secondsLeft);

    /// @notice All credit this contract owes, without what was donated to it.
    /// @return free OPA wei in free credit.
    /// @return reserved OPA wei in reservations.
    /// @return charged OPA wei charged and not yet burned; zero after every settlement.
    function totals() external view returns (uint256 free, uint256 reserved, uint256 charged);

    /// @notice Nonce that binds an ERC-3009 authorisation to the account that it credits.
    /// @param account Account to credit.
    /// @param salt Random value of the payer's choice.
    /// @return nonce `keccak256(abi.encode(account, salt))`.
    function authorizationNonce(address account, bytes32 salt) external pure returns (bytes32 nonce);
}
