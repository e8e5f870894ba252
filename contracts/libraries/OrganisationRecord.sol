// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {SpendingRecord} from "./SpendingRecord.sol";

/// @dev Limits of an organisation and its fields for settlement: `left << 196 | epochLimit << 136 | exempt << 76 |
/// expiry << 44 | generation << 12 | admins << 7 | categories << 2 | ownerLeft << 1 | 1`. The burn of the running epoch
/// is in the record of the account, so that settlement reads this word and does not write it. `left` is the rest of the
/// total at the start of the epoch of the account's record. `exempt` is the part of that epoch's burn paid by mandates,
/// which counts for no limit.
type OrganisationWord is uint256;

using OrganisationRecord for OrganisationWord global;

/// @title OrganisationRecord
/// @notice One-word record of an organisation.
/// @dev Amounts are gwei of OPA, see {SpendingRecord}. Expiries count seconds from GENESIS, which reaches 136 years.
library OrganisationRecord {
    using SafeCast for uint256;

    uint256 private constant MAX_GWEI = SpendingRecord.MAX_GWEI;
    uint256 private constant CATEGORY_MASK = (1 << 5) - 1;
    uint256 private constant ADMIN_MASK = (1 << 5) - 1;
    uint256 private constant EXISTS = 1;
    uint256 private constant OWNER_LEFT = 2;

    /// @dev Default organisation of an account: no limits, the account is its only admin.
    function newOrganisation() internal pure returns (OrganisationWord) {
        uint256 limits = (MAX_GWEI << 196) | (MAX_GWEI << 136) | (uint256(type(uint32).max) << 44);
        return OrganisationWord.wrap(limits | (1 << 7) | (CATEGORY_MASK << 2) | EXISTS);
    }

    /// @dev Whether the organisation is stored.
    function exists(OrganisationWord self) internal pure returns (bool) {
        return OrganisationWord.unwrap(self) & EXISTS != 0;
    }

    /// @dev The organisation with other limits, which are at most {SpendingRecord-MAX_GWEI}.
    function withTerms(
        OrganisationWord self,
        uint256 newLeft,
        uint256 newEpochLimit,
        uint256 newExpiry,
        uint256 newCategories
    ) internal pure returns (OrganisationWord) {
        uint256 kept = uint136(OrganisationWord.unwrap(self));
        kept &= ~((uint256(type(uint32).max) << 44) | (CATEGORY_MASK << 2));
        uint256 limits = (newLeft << 196) | (newEpochLimit << 136) | (uint256(newExpiry.toUint32()) << 44);
        return OrganisationWord.wrap(kept | limits | ((newCategories & CATEGORY_MASK) << 2));
    }

    /// @dev The organisation after an epoch in which its account burned `burnedGwei` within its limits.
    function withEpochOver(OrganisationWord self, uint256 burnedGwei) internal pure returns (OrganisationWord) {
        uint256 kept = OrganisationWord.unwrap(self) & ~((MAX_GWEI << 196) | (MAX_GWEI << 76));
        return OrganisationWord.wrap(kept | (leftAfter(self, burnedGwei) << 196));
    }

    /// @dev The organisation after a mandate paid `gwei_` more of the epoch's burn. All burns are below 2^60 gwei.
    function withExempt(OrganisationWord self, uint256 gwei_) internal pure returns (OrganisationWord) {
        return OrganisationWord.wrap(OrganisationWord.unwrap(self) + (gwei_ << 76));
    }

    /// @dev The organisation with all keys revoked.
    function withNextGeneration(OrganisationWord self) internal pure returns (OrganisationWord) {
        uint256 next = uint256((generation(self) + 1).toUint32());
        uint256 word = OrganisationWord.unwrap(self) & ~(uint256(type(uint32).max) << 12);
        return OrganisationWord.wrap(word | (next << 12));
    }

    /// @dev The organisation with another number of admins, at most 31, and whether the account itself is one.
    function withAdmins(
        OrganisationWord self,
        uint256 count,
        bool newOwnerLeft
    ) internal pure returns (OrganisationWord) {
        uint256 word = OrganisationWord.unwrap(self) & ~((ADMIN_MASK << 7) | OWNER_LEFT);
        return OrganisationWord.wrap(word | ((count & ADMIN_MASK) << 7) | (newOwnerLeft ? OWNER_LEFT : 0));
    }

    /// @dev Gwei that may still be spent in total after the account burned `burnedGwei` in its epoch. The largest
    /// number means no limit and is not reduced.
    function leftAfter(OrganisationWord self, uint256 burnedGwei) internal pure returns (uint256 left) {
        left = OrganisationWord.unwrap(self) >> 196;
        // The counted burn was within the limit, so this cannot underflow.
        unchecked {
            if (left != MAX_GWEI) left -= burnedGwei - exempt(self);
        }
    }

    /// @dev The stricter of the epoch limit, after the account burned `burnedGwei` in the epoch, and the total limit.
    /// Format: {SpendingRecord-toLimit}.
    function limitAfter(
        OrganisationWord self,
        uint256 burnedGwei,
        uint256 epochReason,
        uint256 totalReason
    ) internal pure returns (uint256) {
        uint256 limit = epochLimitGwei(self);
        unchecked {
            uint256 counted = burnedGwei - exempt(self); // exempt <= burnedGwei
            limit = counted < limit ? limit - counted : 0;
        }
        uint256 total = SpendingRecord.toLimit(leftAfter(self, burnedGwei), totalReason);
        return Math.min(SpendingRecord.toLimit(limit, epochReason), total);
    }

    /// @dev Gwei that may be spent per epoch.
    function epochLimitGwei(OrganisationWord self) internal pure returns (uint256) {
        return (OrganisationWord.unwrap(self) >> 136) & MAX_GWEI;
    }

    /// @dev Gwei of the epoch's burn that came from mandates.
    function exempt(OrganisationWord self) internal pure returns (uint256) {
        return (OrganisationWord.unwrap(self) >> 76) & MAX_GWEI;
    }

    /// @dev Last second in which the organisation spends, counted from GENESIS.
    function expiry(OrganisationWord self) internal pure returns (uint256) {
        return uint32(OrganisationWord.unwrap(self) >> 44);
    }

    /// @dev Number of times that all keys were revoked.
    function generation(OrganisationWord self) internal pure returns (uint256) {
        return uint32(OrganisationWord.unwrap(self) >> 12);
    }

    /// @dev Number of admins, at least one.
    function admins(OrganisationWord self) internal pure returns (uint256) {
        return (OrganisationWord.unwrap(self) >> 7) & ADMIN_MASK;
    }

    /// @dev Categories that may be used, one bit each.
    function categories(OrganisationWord self) internal pure returns (uint256) {
        return (OrganisationWord.unwrap(self) >> 2) & CATEGORY_MASK;
    }

    /// @dev Whether the account itself is no longer an admin.
    function ownerLeft(OrganisationWord self) internal pure returns (bool) {
        return OrganisationWord.unwrap(self) & OWNER_LEFT != 0;
    }
}
