// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @dev Beneficiary 160, curve id 32, start 48, revocable 8, from the low end.
type ReleaseTerms is uint256;

/// @dev Total 96, released 96, revoked at 48, from the low end.
type ReleaseAmounts is uint256;

using ReleaseRecord for ReleaseTerms global;
using ReleaseRecord for ReleaseAmounts global;

/// @title ReleaseRecord
/// @notice The two slots of a schedule: terms, of which only the beneficiary can change, and amounts.
/// @dev Each word is written whole. The compiler writes a packed struct member by member, which costs 2,000 gas more for
/// each schedule created.
library ReleaseRecord {
    uint256 private constant CURVE_BIT = 160;
    uint256 private constant START_BIT = 192;
    uint256 private constant REVOCABLE_BIT = 240;
    uint256 private constant RELEASED_BIT = 96;
    uint256 private constant REVOKED_BIT = 192;

    /// @dev Terms of a new schedule.
    function packTerms(
        address beneficiary_,
        uint32 curveId_,
        uint48 start_,
        bool revocable
    ) internal pure returns (ReleaseTerms) {
        return
            ReleaseTerms.wrap(
                uint256(uint160(beneficiary_)) |
                    (uint256(curveId_) << CURVE_BIT) |
                    (uint256(start_) << START_BIT) |
                    (revocable ? 1 << REVOCABLE_BIT : 0)
            );
    }

    /// @dev Amounts of a new schedule: nothing released, not revoked.
    function packAmounts(uint96 total_) internal pure returns (ReleaseAmounts) {
        return ReleaseAmounts.wrap(total_);
    }

    /// @dev The same terms for another beneficiary.
    function withBeneficiary(ReleaseTerms self, address newBeneficiary) internal pure returns (ReleaseTerms) {
        uint256 rest = (ReleaseTerms.unwrap(self) >> CURVE_BIT) << CURVE_BIT;
        return ReleaseTerms.wrap(rest | uint160(newBeneficiary));
    }

    /// @dev The same amounts with `amount` more released; the sum must not exceed the total.
    function withRelease(ReleaseAmounts self, uint256 amount) internal pure returns (ReleaseAmounts) {
        // At most the total, of 96 bits, is ever released, so the sum stays within its 96 bits.
        unchecked {
            return ReleaseAmounts.wrap(ReleaseAmounts.unwrap(self) + (amount << RELEASED_BIT));
        }
    }

    /// @dev The same amounts, revoked; they must not be revoked yet.
    function withRevocation(ReleaseAmounts self, uint48 timestamp) internal pure returns (ReleaseAmounts) {
        return ReleaseAmounts.wrap(ReleaseAmounts.unwrap(self) | (uint256(timestamp) << REVOKED_BIT));
    }

    /// @dev Account paid.
    function beneficiary(ReleaseTerms self) internal pure returns (address) {
        return address(uint160(ReleaseTerms.unwrap(self)));
    }

    /// @dev Curve followed.
    function curveId(ReleaseTerms self) internal pure returns (uint32) {
        return uint32(ReleaseTerms.unwrap(self) >> CURVE_BIT);
    }

    /// @dev Time at which the curve starts.
    function start(ReleaseTerms self) internal pure returns (uint48) {
        return uint48(ReleaseTerms.unwrap(self) >> START_BIT);
    }

    /// @dev Whether the schedule was created as revocable.
    function isRevocable(ReleaseTerms self) internal pure returns (bool) {
        return ReleaseTerms.unwrap(self) >> REVOCABLE_BIT != 0;
    }

    /// @dev Tokens paid in.
    function total(ReleaseAmounts self) internal pure returns (uint256) {
        return uint96(ReleaseAmounts.unwrap(self));
    }

    /// @dev Tokens paid out.
    function released(ReleaseAmounts self) internal pure returns (uint256) {
        return uint96(ReleaseAmounts.unwrap(self) >> RELEASED_BIT);
    }

    /// @dev Time of revocation; 0 if not revoked.
    function revokedAt(ReleaseAmounts self) internal pure returns (uint48) {
        return uint48(ReleaseAmounts.unwrap(self) >> REVOKED_BIT);
    }
}
