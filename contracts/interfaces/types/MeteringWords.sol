// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {Metering} from "./Metering.sol";

/// @dev One provider and an amount of OPA wei below 2^96: `provider << 96 | amount`.
type ChargeWord is uint256;

/// @dev Use over some span: `burned << 160 | units << 96 | computeUnits << 32 | epoch`.
type UsageWord is uint256;

/// @dev Terms of one resource at one price epoch:
/// `unitPrice << 160 | weight << 128 | resource << 96 | priceEpoch << 64 | 1 << 63 | open << 32 | tier << 24 |
/// category << 16 | reason`, where `open` has the bit of the category if there is no reason. No terms are zero.
type TermsWord is uint256;

/// @dev State of one provider: `provider << 96 | 1 << 95 | categories << 32 | reason`, without categories if there is a
/// reason. No state is zero.
type NodeWord is uint256;

/// @dev What a signer may burn for an account: `free << 160 | allowanceGwei << 100 | burnedOpa << 72 | reservations << 64 |
/// categories << 32 | tier << 16 | limitReason << 8 | reason`.
type FundsWord is uint256;

using MeteringWords for FundsWord global;
using MeteringWords for ChargeWord global;
using MeteringWords for UsageWord global;
using MeteringWords for TermsWord global;
using MeteringWords for NodeWord global;

/// @title MeteringWords
/// @notice One-word forms of what settlement handles for every line.
/// @dev Packed by hand because structs in memory, and packed structs in storage, are read and written field by field:
/// with them a hundred lines cost about half as much again.
library MeteringWords {
    /// @dev Packs funds; `free_` is below 2^96, `limit_` is `allowanceGwei << 8 | limitReason`, what was burned is rounded up to
    /// whole OPA and stops at 2^28 - 1, the others are below 2^8.
    function toFunds(
        uint256 free_,
        uint256 limit_,
        uint256 burnedGwei_,
        uint256 reservations_,
        uint256 categories_,
        uint256 tier_,
        Metering.Reason reason_
    ) internal pure returns (FundsWord) {
        uint256 burnedOpa_ = Math.min(Math.ceilDiv(burnedGwei_, 1 gwei), (1 << 28) - 1);
        uint256 high = (free_ << 160) | ((limit_ >> 8) << 100) | (burnedOpa_ << 72) | (reservations_ << 64);
        uint256 low = (categories_ << 32) | (tier_ << 16) | (uint256(uint8(limit_)) << 8) | uint256(reason_);
        return FundsWord.wrap(high | low);
    }

    /// @dev Free credit in OPA wei.
    function free(FundsWord self) internal pure returns (uint256) {
        return FundsWord.unwrap(self) >> 160;
    }

    /// @dev OPA wei that the signer may still burn in the running epoch, whole gwei.
    function allowance(FundsWord self) internal pure returns (uint256) {
        unchecked {
            return ((FundsWord.unwrap(self) >> 100) & ((1 << 60) - 1)) * 1 gwei;
        }
    }

    /// @dev OPA wei that the account has burned in the running epoch, rounded up to whole OPA.
    function burnedInEpoch(FundsWord self) internal pure returns (uint256) {
        unchecked {
            return ((FundsWord.unwrap(self) >> 72) & ((1 << 28) - 1)) * 1 ether;
        }
    }

    /// @dev Number of reservations of the account.
    function reservations(FundsWord self) internal pure returns (uint256) {
        return uint8(FundsWord.unwrap(self) >> 64);
    }

    /// @dev Categories that the signer may use, one bit each.
    function categories(FundsWord self) internal pure returns (uint256) {
        return uint8(FundsWord.unwrap(self) >> 32);
    }

    /// @dev Access tier noted for the running epoch.
    function tier(FundsWord self) internal pure returns (uint256) {
        return uint8(FundsWord.unwrap(self) >> 16);
    }

    /// @dev Why more than the allowance cannot be charged.
    function limitReason(FundsWord self) internal pure returns (Metering.Reason) {
        return Metering.Reason(uint8(FundsWord.unwrap(self) >> 8));
    }

    /// @dev Why the signer may not charge at all, or `None`.
    function reason(FundsWord self) internal pure returns (Metering.Reason) {
        return Metering.Reason(uint8(FundsWord.unwrap(self)));
    }

    /// @dev Packs a charge; `amount_` is below 2^96.
    function toCharge(address provider_, uint256 amount_) internal pure returns (ChargeWord) {
        return ChargeWord.wrap((uint256(uint160(provider_)) << 96) | amount_);
    }

    /// @dev Provider charged for.
    function provider(ChargeWord self) internal pure returns (address) {
        return address(uint160(ChargeWord.unwrap(self) >> 96));
    }

    /// @dev OPA wei charged.
    function amount(ChargeWord self) internal pure returns (uint256) {
        return uint96(ChargeWord.unwrap(self));
    }

    /// @dev Packs use, without an epoch. What was really burned is below 2^90 wei, and a compute unit costs at least one
    /// gwei and a unit is at least one compute unit, so sums of such words never carry from one field into the next.
    function toUsage(uint256 units_, uint256 weight_, uint256 burned_) internal pure returns (UsageWord) {
        unchecked {
            return UsageWord.wrap((burned_ << 160) | (units_ << 96) | ((units_ * weight_) << 32));
        }
    }

    /// @dev Sum of two spans, the second without an epoch; see {toUsage} for why no field overflows.
    function plus(UsageWord self, UsageWord other) internal pure returns (UsageWord) {
        unchecked {
            return UsageWord.wrap(UsageWord.unwrap(self) + UsageWord.unwrap(other));
        }
    }

    /// @dev The same use, marked with an epoch.
    function markedWith(UsageWord self, uint32 epoch_) internal pure returns (UsageWord) {
        return UsageWord.wrap((UsageWord.unwrap(self) & ~uint256(type(uint32).max)) | epoch_);
    }

    /// @dev Epoch the use is marked with.
    function epoch(UsageWord self) internal pure returns (uint32) {
        return uint32(UsageWord.unwrap(self));
    }

    /// @dev Whether there is any use.
    function isZero(UsageWord self) internal pure returns (bool) {
        return UsageWord.unwrap(self) >> 32 == 0;
    }

    /// @dev The use in numbers.
    function unpack(UsageWord self) internal pure returns (Metering.Usage memory) {
        uint256 word = UsageWord.unwrap(self);
        return Metering.Usage(uint64(word >> 96), uint64(word >> 32), word >> 160);
    }

    /// @dev OPA wei burned for the use.
    function burned(UsageWord self) internal pure returns (uint256) {
        return UsageWord.unwrap(self) >> 160;
    }

    /// @dev Packs the terms of a resource at a price epoch.
    function toTerms(
        uint32 resource_,
        uint32 priceEpoch_,
        Metering.Terms memory terms_
    ) internal pure returns (TermsWord) {
        uint256 category_ = uint256(terms_.category);
        bool open = terms_.reason == Metering.Reason.None;
        return
            TermsWord.wrap(
                (uint256(terms_.unitPrice) << 160) |
                    (uint256(terms_.weight) << 128) |
                    (uint256(resource_) << 96) |
                    (uint256(priceEpoch_) << 64) |
                    (1 << 63) |
                    (open ? 1 << (32 + category_) : 0) |
                    (uint256(terms_.minimumTier) << 24) |
                    (category_ << 16) |
                    uint256(terms_.reason)
            );
    }

    /// @dev Whether these are the terms of that resource at that epoch.
    function isFor(TermsWord self, uint32 resource_, uint32 priceEpoch_) internal pure returns (bool) {
        return (TermsWord.unwrap(self) << 128) >> 191 == (uint256(resource_) << 33) | (uint256(priceEpoch_) << 1) | 1;
    }

    /// @dev Price of one unit in OPA wei.
    function unitPrice(TermsWord self) internal pure returns (uint256) {
        return TermsWord.unwrap(self) >> 160;
    }

    /// @dev Compute units per unit.
    function weight(TermsWord self) internal pure returns (uint256) {
        return uint32(TermsWord.unwrap(self) >> 128);
    }

    /// @dev Resource the terms are of.
    function resource(TermsWord self) internal pure returns (uint32) {
        return uint32(TermsWord.unwrap(self) >> 96);
    }

    /// @dev Lowest access tier that may use the resource.
    function tier(TermsWord self) internal pure returns (uint256) {
        return uint8(TermsWord.unwrap(self) >> 24);
    }

    /// @dev Category of the resource, as a number.
    function category(TermsWord self) internal pure returns (uint256) {
        return uint8(TermsWord.unwrap(self) >> 16);
    }

    /// @dev Why the resource cannot be used at that epoch, or `None`.
    function reason(TermsWord self) internal pure returns (Metering.Reason) {
        return Metering.Reason(uint8(TermsWord.unwrap(self)));
    }

    /// @dev Packs the state of a provider.
    function toNode(address provider_, Metering.Reason reason_, uint32 categories_) internal pure returns (NodeWord) {
        uint256 word = (((uint256(uint160(provider_)) << 1) | 1) << 95) | uint256(reason_);
        return NodeWord.wrap(reason_ == Metering.Reason.None ? word | (uint256(categories_) << 32) : word);
    }

    /// @dev Whether this is the state of that provider.
    function isFor(NodeWord self, address provider_) internal pure returns (bool) {
        return NodeWord.unwrap(self) >> 95 == (uint256(uint160(provider_)) << 1) | 1;
    }

    /// @dev Provider the state is of.
    function provider(NodeWord self) internal pure returns (address) {
        return address(uint160(NodeWord.unwrap(self) >> 96));
    }

    /// @dev Whether the provider can settle and lists a category, given as a number.
    function lists(NodeWord self, uint256 category_) internal pure returns (bool) {
        return (NodeWord.unwrap(self) >> (32 + category_)) & 1 != 0;
    }

    /// @dev Whether the provider can settle for a resource at these terms with a signer that may use `categories_`, one bit
    /// each: one bit stands for everything but the tier.
    function serves(NodeWord self, TermsWord terms_, uint256 categories_) internal pure returns (bool) {
        return uint24((NodeWord.unwrap(self) & TermsWord.unwrap(terms_)) >> 32) & categories_ != 0;
    }

    /// @dev Why the provider cannot settle at all, or `None`.
    function reason(NodeWord self) internal pure returns (Metering.Reason) {
        return Metering.Reason(uint8(NodeWord.unwrap(self)));
    }
}
