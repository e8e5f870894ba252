// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Metering
/// @notice Types shared by the metering contracts: reason codes, statements and charges.
/// @dev A namespace, never deployed. Reason codes are part of the interface: an existing code never changes its number.
library Metering {
    /// @notice Category of a resource; providers declare the categories that they serve.
    enum Category {
        Compute,
        Inference,
        Data,
        Storage,
        Service
    }

    /// @notice Why a statement or one of its lines did not settle; `None` means that it did.
    enum Reason {
        /// @dev Settled, or would settle.
        None,
        /// @dev Permanent: the statement has no lines. Sign a statement with at least one line.
        NoLines,
        /// @dev Permanent: the statement has more than {IMeterBilling-MAX_LINES} lines. Sign several statements.
        TooManyLines,
        /// @dev Permanent: the deadline of the statement has passed. Sign the same totals with a later deadline.
        DeadlineExpired,
        /// @dev The price epoch has not begun. Submit again when it has, or sign for the running epoch.
        PriceEpochAhead,
        /// @dev Permanent: the price epoch ended before the settlement window. Sign the same totals for a later price
        /// epoch.
        PriceEpochTooOld,
        /// @dev Permanent for an externally owned account: the signer did not sign these terms. Sign again, for this
        /// chain and contract. A contract wallet can still accept the same signature later.
        InvalidSignature,
        /// @dev Permanent: the lines do not ascend strictly by provider and resource. Sort them, merge duplicates and
        /// sign again.
        LinesUnordered,
        /// @dev The signer has no rights on the account: its key was never set or is revoked, and it has no mandate
        /// here. Ask an admin of the account to set the key, or let another key sign.
        KeyUnknown,
        /// @dev The key has expired. Ask an admin for a later expiry, or let another key sign.
        KeyExpired,
        /// @dev The provider never registered. Check the address; the provider can register and then settle.
        ProviderUnknown,
        /// @dev The provider stopped serving, or its exit has ended. It can activate again and then settle.
        ProviderInactive,
        /// @dev No resource has this id. Check the id; governance can still register it in the running epoch.
        ResourceUnknown,
        /// @dev Permanent: the resource had no price in the price epoch. Sign for an epoch after its registration.
        ResourceUnpriced,
        /// @dev Permanent: the resource ended before the price epoch. Sign past use for its last epochs; use another
        /// resource from now on.
        ResourceRetired,
        /// @dev The provider does not serve the category of the resource. It can add the category with enough stake.
        CategoryNotServed,
        /// @dev The access tier of the account is below the minimum of the resource. Ask the registrar for a grant, or
        /// lock OPA.
        TierTooLow,
        /// @dev The running total is not above the settled one: this use was settled before. Nothing to do.
        NothingNew,
        /// @dev Above the epoch limit of the key. Wait for the next epoch, or ask an admin for a higher limit.
        KeyLimitExceeded,
        /// @dev The mandate and the free credit are below the charge. Deposit OPA for the account.
        InsufficientCredit,
        /// @dev The key, its project or the organisation may not use the category. Ask an admin to allow it.
        CategoryNotAllowed,
        /// @dev The key is a manager, which cannot sign statements. Let a spender sign.
        KeyCannotSpend,
        /// @dev The project of the key has expired. Ask an admin for a later expiry.
        ProjectExpired,
        /// @dev The organisation has expired. Ask an admin for a later expiry.
        OrganisationExpired,
        /// @dev Above the total limit of the key. Ask an admin for a new limit.
        KeyTotalExceeded,
        /// @dev Above the epoch limit of the project. Wait for the next epoch, or ask an admin for a higher limit.
        ProjectLimitExceeded,
        /// @dev Above the total limit of the project. Ask an admin for a new limit.
        ProjectTotalExceeded,
        /// @dev Above the epoch limit of the organisation. Wait for the next epoch, or ask an admin for a higher limit.
        OrganisationLimitExceeded,
        /// @dev Above the total limit of the organisation. Ask an admin for a new limit.
        OrganisationTotalExceeded,
        /// @dev The Meter is paused, for at most 72 hours by a guardian. Submit again after the pause.
        SettlementPaused,
        /// @dev Above the burn allowance of one account and its bucket, which refills within a day. Submit again later.
        /// A line above twice the allowance never settles: sign and settle intermediate totals.
        AccountRateLimited,
        /// @dev Above the burn allowance of all accounts and its bucket, which refills within a day. Submit again
        /// later.
        SystemRateLimited,
        /// @dev Permanent: the running total is above 2^58 − 1. Use another resource or provider.
        TotalFull
    }

    /// @notice Use of one resource of one provider, as a running total.
    /// @param provider Node that served the use.
    /// @param resource Id of the resource type.
    /// @param cumulativeUnits Units used since the account's first use of this resource at this provider.
    struct Line {
        address provider;
        uint32 resource;
        uint128 cumulativeUnits;
    }

    /// @notice Message that a consumer signs: running totals, priced at one epoch.
    /// @param account Account whose credit is burned.
    /// @param priceEpoch Epoch whose unit prices apply to everything this statement adds.
    /// @param deadline Last second at which the statement can settle.
    /// @param lines Running totals in strictly ascending order of (provider, resource).
    struct Statement {
        address account;
        uint32 priceEpoch;
        uint48 deadline;
        Line[] lines;
    }

    /// @notice Terms of one resource at one price epoch, as settlement needs them.
    /// @param reason `None`, or why the resource cannot be used at that epoch.
    /// @param category Category of the resource.
    /// @param minimumTier Lowest access tier that may use it.
    /// @param weight Compute units per unit.
    /// @param unitPrice Price of one unit in OPA wei.
    struct Terms {
        Reason reason;
        Category category;
        uint8 minimumTier;
        uint32 weight;
        uint96 unitPrice;
    }

    /// @notice Amounts of use over some span of time.
    /// @param units Units used.
    /// @param computeUnits The same use in standard compute units.
    /// @param burned OPA wei burned for it.
    struct Usage {
        uint256 units;
        uint256 computeUnits;
        uint256 burned;
    }

    /// @notice A statement and its proof, with a line in one word: `provider << 96 | resource << 64 | cumulative units`.
    /// @param account Account whose credit is burned.
    /// @param priceEpoch Epoch whose unit prices apply to the units added.
    /// @param deadline Last second at which the statement can settle.
    /// @param signer Account itself, a key, or the signer of a mandate.
    /// @param lines Running totals, one word each, strictly ascending.
    /// @param signature ECDSA signature (65 bytes) or ERC-1271 data over the EIP-712 hash.
    struct SignedStatement {
        address account;
        uint32 priceEpoch;
        uint48 deadline;
        address signer;
        uint256[] lines;
        bytes signature;
    }

    /// @notice Outcome of one statement.
    /// @param reason `None` if its lines were judged; otherwise none of them settled.
    /// @param burned OPA wei burned for the statement.
    /// @param reasons Reason of each line, in the order given, `None` if it settled; empty if every line settled or none was
    /// judged.
    struct Result {
        Reason reason;
        uint256 burned;
        Reason[] reasons;
    }

    /// @notice Rates of one resource as the Meter keeps them for an epoch.
    /// @param category Category of the resource.
    /// @param minimumTier Lowest access tier that may use it.
    /// @param weight Compute units per unit; 0 if there is no such resource.
    /// @param rate OPA wei per compute unit in the running epoch, 0 if it has no price.
    /// @param previousRate OPA wei per compute unit in the previous epoch, 0 if it had no price.
    struct Rates {
        Category category;
        uint8 minimumTier;
        uint32 weight;
        uint96 rate;
        uint96 previousRate;
    }
}
