// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Metering} from "./types/Metering.sol";

/// @title IMeterBilling
/// @notice Prices each line, checks its funds and limits, and burns its charge.
/// @dev Holders of the METER role, such as {ISettlement}, verify who signed a statement and hand it over. Running totals
/// and credit belong to the Meter, so several verifiers continue the same totals. Nothing is paid to anyone.
///
/// Burns have limits per account and in total, see {IMeterCredit-BurnLimits}. Lines above a limit are skipped with the
/// reason `AccountRateLimited` or `SystemRateLimited`, and the limit is tripped for a day ("account-burns",
/// "total-burns"). A line settles as a whole or not at all. During a pause every statement is skipped with the reason
/// `SettlementPaused`; nothing reverts.
interface IMeterBilling {
    /// @notice Funds that a signer may burn for an account, without mandates.
    /// @param reason `None`, or why the signer may not burn free credit at all.
    /// @param limitReason Reason of a line beyond the allowance; `InsufficientCredit` if no limit is set.
    /// @param categories Resource categories that the signer may use, one bit each by number.
    /// @param tier Access tier kept for the running epoch, or 0; {tierOf} may be higher.
    /// @param allowance OPA wei that the signer may still burn in the running epoch: the strictest of all limits.
    /// @param free OPA wei of free credit.
    /// @param reservations Number of providers that the account has reservations for.
    struct Funds {
        Metering.Reason reason;
        Metering.Reason limitReason;
        uint256 categories;
        uint256 tier;
        uint256 allowance;
        uint256 free;
        uint256 reservations;
    }

    /// @notice Running total of one account, provider and resource.
    /// @param cumulativeUnits Largest settled running total; at most 2^58 − 1.
    /// @param priceEpoch Last price epoch settled for the account and provider, over the group of four resources 4k to
    /// 4k + 3 that contains this one. A later statement with an earlier epoch is priced at it.
    struct LineRecord {
        uint64 cumulativeUnits;
        uint32 priceEpoch;
    }

    /// @notice Emitted when a line settles; the provider's points for the running epoch grow by `amount`.
    /// @dev The units added are `cumulativeUnits` less those of the line's previous event.
    /// @param account Account charged.
    /// @param provider Provider that served.
    /// @param resource Resource used.
    /// @param signer Account itself, the key that signed, or the signer of a mandate.
    /// @param priceEpoch Epoch whose price was applied: the statement's, or a later one that was settled before.
    /// @param cumulativeUnits New running total.
    /// @param amount OPA wei burned for the units added.
    event LineSettled(
        address indexed account,
        address indexed provider,
        uint32 indexed resource,
        address signer,
        uint32 priceEpoch,
        uint128 cumulativeUnits,
        uint256 amount
    );

    /// @notice Emitted when a line cannot settle now. It can settle later unless the reason is permanent, see
    /// {Metering-Reason}.
    /// @param account Account named.
    /// @param provider Provider named.
    /// @param resource Resource named.
    /// @param reason Reason; never `None`, and never `NothingNew`, which needs no action.
    event LineSkipped(
        address indexed account,
        address indexed provider,
        uint32 indexed resource,
        Metering.Reason reason
    );

    /// @notice Emitted when no line of a statement can settle now.
    /// @param account Account named.
    /// @param signer Signer named.
    /// @param reason Reason.
    event StatementSkipped(address indexed account, address indexed signer, Metering.Reason reason);

    /// @notice The settlement window is zero or over its bound.
    /// @param window Epochs asked for.
    /// @param maximum Largest window in epochs.
    error MeterInvalidWindow(uint32 window, uint32 maximum);

    /// @notice Two lists that belong together differ in length.
    /// @param left Length of the first list.
    /// @param right Length of the second list.
    error MeterLengthMismatch(uint256 left, uint256 right);

    /// @notice Burns for each line that can be paid.
    /// @dev Emits {LineSettled}, {LineSkipped}, {StatementSkipped}, {ReservationBurned}, {TierNoted} and {BookingFailed}.
    /// Only for holders of the METER role (`AccessManagedUnauthorized` for others), which are trusted to verify signers and
    /// deadlines; the Meter reads neither deadlines nor signatures. Statements are taken in the order given. Lines of one
    /// provider stand together.
    ///
    /// Reverts:
    /// - {MeterGasTooLow}, `AccessTiersGasTooLow` or `ResourceRegistryGasTooLow` if there is too little gas for a book, the
    /// access policy or a price policy.
    /// @param statements Statements, all of them verified.
    /// @return results Outcome of each.
    function charge(Metering.SignedStatement[] calldata statements) external returns (Metering.Result[] memory results);

    /// @notice Like {charge}, but passes over the statements that the verifier refused.
    /// @dev Emits and reverts like {charge}, and reverts:
    /// - {MeterLengthMismatch} if the lists differ in length.
    /// @param statements Statements.
    /// @param verdicts For each statement `None`, or the reason for which the verifier passes it over.
    /// @return results Outcome of each.
    function chargeSome(
        Metering.SignedStatement[] calldata statements,
        Metering.Reason[] calldata verdicts
    ) external returns (Metering.Result[] memory results);

    /// @notice Number of epochs after its price epoch in which a statement can still settle.
    function SETTLEMENT_WINDOW() external view returns (uint32);

    /// @notice Largest number of lines in a statement.
    function MAX_LINES() external view returns (uint256);

    /// @notice Largest running total.
    function MAX_TOTAL() external view returns (uint256);

    /// @notice Whether `units` in addition to the settled total would settle now, at the price of the running epoch.
    /// @dev Same code as {charge}. The caller adds unsettled use to `units`.
    /// @param account Account that would be charged.
    /// @param signer Account itself, the key or the signer of a mandate that would sign.
    /// @param provider Provider that would serve.
    /// @param resource Resource that would be used.
    /// @param units Units that would be added to the settled ones.
    /// @return reason `None` if it would settle; otherwise the first failing check.
    /// @return amount OPA wei that would be burned; 0 if it would not settle.
    function authorize(
        address account,
        address signer,
        address provider,
        uint32 resource,
        uint128 units
    ) external view returns (Metering.Reason reason, uint256 amount);

    /// @notice Whether use of several resources of one provider would settle now, together and in this order.
    /// @dev Same checks as {authorize}.
    ///
    /// Warning: a resource listed twice is priced twice against the same total.
    ///
    /// Reverts:
    /// - {MeterLengthMismatch} if the lists differ in length.
    /// @param account Account that would be charged.
    /// @param signer Account itself, the key or the signer of a mandate that would sign.
    /// @param provider Provider that would serve.
    /// @param resources Resources that would be used.
    /// @param units Units of each that would be added to the settled ones.
    /// @return reasons For each resource as {authorize} says.
    /// @return amount OPA wei that would be burned for those that would settle.
    function authorizeAll(
        address account,
        address signer,
        address provider,
        uint32[] calldata resources,
        uint128[] calldata units
    ) external view returns (Metering.Reason[] memory reasons, uint256 amount);

    /// @notice Funds that a signer may burn for an account, without mandates.
    /// @param account Account to look up.
    /// @param signer Account itself or a key.
    /// @return funds Funds and limits.
    function fundsOf(address account, address signer) external view returns (Funds memory funds);

    /// @notice OPA wei that the burn limits allow an account now, apart from its credit.
    /// @param account Account to look up.
    /// @return amount OPA wei.
    function burnable(address account) external view returns (uint256 amount);

    /// @notice Running total of one account, provider and resource.
    /// @param account Account to look up.
    /// @param provider Provider to look up.
    /// @param resource Resource to look up.
    /// @return record Running total and last price epoch; zero if nothing was settled.
    function lineOf(
        address account,
        address provider,
        uint32 resource
    ) external view returns (LineRecord memory record);
}
