// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

import {IEpochClock} from "./IEpochClock.sol";
import {INodeRegistry} from "./INodeRegistry.sol";
import {IResourceRegistry} from "./IResourceRegistry.sol";
import {IServiceAccounts} from "./IServiceAccounts.sol";
import {Metering} from "./types/Metering.sol";

/// @title ISettlement
/// @notice Verifies what consumers signed for, prices it and has it burned.
/// @dev A statement carries running totals, so showing it again, late or out of order burns nothing twice. Anyone may
/// submit; nothing is paid to anyone. A line that cannot settle is left out with a reason and can settle later.
///
/// Burning has limits, for one account and for all together, see {Limits}. Lines beyond them are left out with the reason
/// `AccountRateLimited` or `SystemRateLimited`, and the limit shows as tripped for a day ("account-burns", "total-burns").
/// A line settles as a whole or not at all, so one that costs more than twice the limit of an account never does: let it
/// grow in steps. While the module is paused every statement is left out with the reason `SettlementPaused`; nothing
/// reverts.
interface ISettlement is IEpochClock, IERC165 {
    /// @notice A statement and its proof.
    /// @param statement What was signed.
    /// @param signer Account itself, or the key that signed for it.
    /// @param signature ECDSA signature (65 bytes) or ERC-1271 data over the EIP-712 hash.
    struct SignedStatement {
        Metering.Statement statement;
        address signer;
        bytes signature;
    }

    /// @notice What became of one statement.
    /// @param reason `None` if its lines were looked at; otherwise none of them settled.
    /// @param burned OPA wei burned for the statement.
    /// @param reasons Reason of each line, in the statement's order, `None` if it settled; empty if none was looked at.
    struct StatementResult {
        Metering.Reason reason;
        uint256 burned;
        Metering.Reason[] reasons;
    }

    /// @notice What can be burned in an epoch without further limit; what goes beyond comes out of a bucket of the same size
    /// that fills again within a day.
    /// @param account OPA wei of one account.
    /// @param total OPA wei of all accounts.
    struct Limits {
        uint96 account;
        uint96 total;
    }

    /// @notice What was settled for one account, provider and resource.
    /// @param cumulativeUnits Largest running total that was burned for.
    /// @param burned OPA wei burned for it.
    /// @param lastEpoch Epoch of the last settlement.
    struct LineRecord {
        uint128 cumulativeUnits;
        uint96 burned;
        uint32 lastEpoch;
    }

    /// @notice Emitted when a line settles; the provider's points for the running epoch grow by `amount`.
    /// @dev The units added are `cumulativeUnits` less those of the line's previous event. The amount comes from the
    /// account's reservation for the provider as far as that goes, then from free credit, and counts for the signer's
    /// limit if the signer is a key.
    /// @param account Account charged.
    /// @param provider Provider that served.
    /// @param resource Resource used.
    /// @param signer Account itself or the key that signed.
    /// @param priceEpoch Epoch whose price was applied.
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

    /// @notice Emitted when a line cannot settle now. It stays settleable unless the reason says otherwise for ever.
    /// @param account Account named.
    /// @param provider Provider named.
    /// @param resource Resource named.
    /// @param reason Why; never `None`, and never `NothingNew`, which needs no action.
    event LineSkipped(
        address indexed account,
        address indexed provider,
        uint32 indexed resource,
        Metering.Reason reason
    );

    /// @notice Emitted when no line of a statement can settle now.
    /// @param account Account named.
    /// @param signer Signer named.
    /// @param reason Why.
    event StatementSkipped(address indexed account, address indexed signer, Metering.Reason reason);

    /// @notice A module address is zero.
    error SettlementZeroAddress();

    /// @notice The modules do not share one epoch clock.
    /// @param registry Resource registry as given.
    /// @param accounts Service accounts as given.
    error SettlementClockMismatch(address registry, address accounts);

    /// @notice The settlement window is zero or over its bound.
    /// @param window Epochs asked for.
    /// @param maximum Largest window in epochs.
    error SettlementInvalidWindow(uint32 window, uint32 maximum);

    /// @notice A limit is zero, or that of all accounts is smaller than that of one.
    /// @param limits Limits as given.
    error SettlementInvalidLimits(Limits limits);

    /// @notice No statement was given.
    error SettlementEmpty();

    /// @notice Two lists that belong together differ in length.
    /// @param left Length of the first list.
    /// @param right Length of the second list.
    error SettlementLengthMismatch(uint256 left, uint256 right);

    /// @notice Settles what can be settled and says for each line what became of it.
    /// @dev Emits {LineSettled}, {LineSkipped} and {StatementSkipped}. Callable by anyone: the signatures are the
    /// authority, and who submits changes nothing. Statements are taken in the order given.
    ///
    /// Reverts:
    /// - {SettlementEmpty} if there is no statement.
    /// @param statements Statements with their signatures.
    /// @return results What became of each.
    function settle(SignedStatement[] calldata statements) external returns (StatementResult[] memory results);

    /// @notice What {settle} would return now, found by running it and undoing it.
    /// @dev To be called without a transaction (`eth_call`). Sent as a transaction it changes nothing of the suite; the first
    /// such transaction leaves OpenZeppelin's simulator behind, which holds no right and no state.
    ///
    /// Reverts:
    /// - {SettlementEmpty} if there is no statement.
    /// @param statements Statements with their signatures.
    /// @return results What would become of each.
    function preview(SignedStatement[] calldata statements) external returns (StatementResult[] memory results);

    /// @notice Where prices are read and use is counted.
    function REGISTRY() external view returns (IResourceRegistry);

    /// @notice Where credit is charged.
    function ACCOUNTS() external view returns (IServiceAccounts);

    /// @notice Where providers are known.
    function NODES() external view returns (INodeRegistry);

    /// @notice Number of epochs after its price epoch in which a statement can still settle.
    function SETTLEMENT_WINDOW() external view returns (uint32);

    /// @notice Largest number of lines in a statement.
    function MAX_LINES() external view returns (uint256);

    /// @notice Gas that an ERC-1271 wallet may use to check one signature.
    function WALLET_GAS() external view returns (uint256);

    /// @notice Whether a call would settle now: `units` of a resource more than what is settled, at the running epoch's price.
    /// @dev Judged by the code that {settle} uses. Use that is signed or served and not settled has to be added to `units`.
    /// @param account Account that would be charged.
    /// @param key Account itself or the key that would sign.
    /// @param provider Provider that would serve.
    /// @param resource Resource that would be used.
    /// @param units Units that would be added to what is settled.
    /// @return reason `None` if it would settle; otherwise the first reason why not.
    /// @return charge OPA wei that would be burned; 0 if it would not settle.
    function authorize(
        address account,
        address key,
        address provider,
        uint32 resource,
        uint128 units
    ) external view returns (Metering.Reason reason, uint256 charge);

    /// @notice Whether use of several resources of one provider would settle now, together and in this order.
    /// @dev As {authorize}; a resource is named once.
    ///
    /// Reverts:
    /// - {SettlementLengthMismatch} if the lists differ in length.
    /// @param account Account that would be charged.
    /// @param key Account itself or the key that would sign.
    /// @param provider Provider that would serve.
    /// @param resources Resources that would be used.
    /// @param units Units of each that would be added to what is settled.
    /// @return reasons For each resource as {authorize} says.
    /// @return charge OPA wei that would be burned for those that would settle.
    function authorizeAll(
        address account,
        address key,
        address provider,
        uint32[] calldata resources,
        uint128[] calldata units
    ) external view returns (Metering.Reason[] memory reasons, uint256 charge);

    /// @notice What an epoch can burn without further limit.
    /// @return burnLimits Of one account, and of all together.
    function limits() external view returns (Limits memory burnLimits);

    /// @notice What settlement's limits let an account burn now, whatever its credit is.
    /// @param account Account to look up.
    /// @return amount OPA wei.
    function burnable(address account) external view returns (uint256 amount);

    /// @notice What was settled for one account, provider and resource.
    /// @param account Account to look up.
    /// @param provider Provider to look up.
    /// @param resource Resource to look up.
    /// @return record Running total, amount burned and last epoch; all zero if nothing was settled.
    function lineOf(
        address account,
        address provider,
        uint32 resource
    ) external view returns (LineRecord memory record);

    /// @notice EIP-712 hash that the signer of a statement signs, for this chain and this contract.
    /// @param statement Statement to hash.
    /// @return digest What is signed.
    function hashStatement(Metering.Statement calldata statement) external view returns (bytes32 digest);
}
