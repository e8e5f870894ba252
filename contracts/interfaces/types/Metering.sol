// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Metering
/// @notice Types shared by the metering contracts: reason codes, statements and charges.
/// @dev A namespace, never deployed. Reason codes are part of the interface: an existing code never changes its number.
library Metering {
    /// @notice What a resource is used for; also the unit in which providers say what they serve.
    enum Category {
        Compute,
        Inference,
        Data,
        Storage,
        Service
    }

    /// @notice Why a statement or one of its lines did not settle; `None` means that it did.
    enum Reason {
        /// @dev Settled.
        None,
        /// @dev Permanent: the statement names no line.
        NoLines,
        /// @dev Permanent: the statement names more lines than one may. Sign several.
        TooManyLines,
        /// @dev Permanent: the deadline is over. Sign again.
        DeadlineExpired,
        /// @dev The price epoch has not begun.
        PriceEpochAhead,
        /// @dev Permanent: the price epoch ended longer ago than the settlement window. Sign again at a later epoch.
        PriceEpochTooOld,
        /// @dev Permanent for a key; a wallet contract can change its answer.
        InvalidSignature,
        /// @dev Permanent: lines do not ascend by provider and resource.
        LinesUnordered,
        /// @dev The signer has no rights on the account, or lost them. A mandate of its own it can still burn.
        KeyUnknown,
        /// @dev The key's expiry is over.
        KeyExpired,
        /// @dev The provider never registered.
        ProviderUnknown,
        /// @dev The provider does not serve now.
        ProviderInactive,
        /// @dev No resource has this id.
        ResourceUnknown,
        /// @dev The resource has no price at the epoch.
        ResourceUnpriced,
        /// @dev The resource ended before the epoch.
        ResourceRetired,
        /// @dev The provider does not serve the category of the resource.
        CategoryNotServed,
        /// @dev The account's access tier is below that of the resource.
        TierTooLow,
        /// @dev The running total is not above the settled one. Needs no action.
        NothingNew,
        /// @dev Beyond the key's limit for the epoch.
        KeyLimitExceeded,
        /// @dev More than the mandate and the free credit hold.
        InsufficientCredit,
        /// @dev The key, its project or the organisation may not use the category.
        CategoryNotAllowed,
        /// @dev The key is a manager.
        KeyCannotSpend,
        /// @dev The project's expiry is over.
        ProjectExpired,
        /// @dev The organisation's expiry is over.
        OrganisationExpired,
        /// @dev Beyond the key's limit in total.
        KeyTotalExceeded,
        /// @dev Beyond the project's limit for the epoch.
        ProjectLimitExceeded,
        /// @dev Beyond the project's limit in total.
        ProjectTotalExceeded,
        /// @dev Beyond the organisation's limit for the epoch.
        OrganisationLimitExceeded,
        /// @dev Beyond the organisation's limit in total.
        OrganisationTotalExceeded,
        /// @dev Settlement is paused. Show it again afterwards.
        SettlementPaused,
        /// @dev Beyond the burn allowance of one account. Show it again later.
        AccountRateLimited,
        /// @dev Beyond the burn allowance of all accounts. Show it again later.
        SystemRateLimited,
        /// @dev Permanent: a running total ends at 2^58 − 1. Use another resource.
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

    /// @notice What a consumer signs: running totals, priced at one epoch.
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

    /// @notice A statement whose signer a verifier has checked.
    /// @dev A line is one word: `provider << 96 | resource << 64 | cumulative units`. Lines of one provider stand together.
    /// @param account Account whose credit is burned.
    /// @param signer Account itself, the key that signed, or the signer of a mandate.
    /// @param priceEpoch Epoch whose unit prices apply.
    /// @param reason `None`, or why the verifier passes the statement over.
    /// @param lines Running totals.
    struct Charge {
        address account;
        address signer;
        uint32 priceEpoch;
        Reason reason;
        uint256[] lines;
    }

    /// @notice Outcome of one statement.
    /// @param reason `None` if its lines were judged; otherwise none of them settled.
    /// @param burned OPA wei burned for the statement.
    /// @param reasons Reason of each line, in the order given, `None` if it settled; empty if none was judged.
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
