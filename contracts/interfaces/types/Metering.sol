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
        None,
        NoLines,
        TooManyLines,
        DeadlineExpired,
        PriceEpochAhead,
        PriceEpochTooOld,
        InvalidSignature,
        LinesUnordered,
        KeyUnknown,
        KeyExpired,
        ProviderUnknown,
        ProviderInactive,
        ResourceUnknown,
        ResourceUnpriced,
        ResourceRetired,
        CategoryNotServed,
        TierTooLow,
        NothingNew,
        KeyLimitExceeded,
        InsufficientCredit,
        CategoryNotAllowed,
        KeyCannotSpend,
        ProjectExpired,
        OrganisationExpired,
        KeyTotalExceeded,
        ProjectLimitExceeded,
        ProjectTotalExceeded,
        OrganisationLimitExceeded,
        OrganisationTotalExceeded,
        SettlementPaused,
        AccountRateLimited,
        SystemRateLimited
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
}
