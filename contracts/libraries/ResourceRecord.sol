// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @dev Fields of a resource that settlement reads. Layout: `weight << 224 | registeredEpoch << 200 | retiredEpoch <<
/// 176 | category << 168 | state << 164 | minimumTier << 160 | isConstant << 152 | priceEpoch << 128`, then the rates
/// of `priceEpoch` and of the three epochs before it in gwei, 32 bits each, the newest lowest.
type ResourceWord is uint256;

/// @dev Inputs of rate changes: `policyEpoch << 224 | nextPolicy << 208 | policy << 192 | ceiling << 160 | floor <<
/// 128`, then the rates of the fourth to the seventh epoch before `priceEpoch`, the newest lowest.
type PricingWord is uint256;

/// @dev Eight rates in gwei, 32 bits each; the newest lowest.
type RateRing is uint256;

using ResourceRecord for ResourceWord global;
using ResourceRecord for PricingWord global;
using ResourceRecord for RateRing global;

/// @title ResourceRecord
/// @notice One-slot record of a resource, and the ring of its latest rates.
/// @dev Packed by hand so that settlement reads one slot per resource.
library ResourceRecord {
    uint256 private constant LENGTH = 8;
    uint256 private constant RATE_BITS = 32;
    uint256 private constant CONSTANT = 1 << 152;

    /// @dev Packs a new resource with one constant rate. Every value fits its field.
    function toResource(
        uint256 weight_,
        uint256 epoch_,
        uint256 category_,
        uint256 state_,
        uint256 minimumTier_,
        uint256 rate_
    ) internal pure returns (ResourceWord) {
        return
            ResourceWord.wrap(
                (weight_ << 224) |
                    (epoch_ << 200) |
                    (category_ << 168) |
                    (state_ << 164) |
                    (minimumTier_ << 160) |
                    CONSTANT |
                    (epoch_ << 128) |
                    rate_
            );
    }

    /// @dev Compute units per unit.
    function weight(ResourceWord self) internal pure returns (uint256) {
        return ResourceWord.unwrap(self) >> 224;
    }

    /// @dev First epoch with a price.
    function registeredEpoch(ResourceWord self) internal pure returns (uint256) {
        return uint24(ResourceWord.unwrap(self) >> 200);
    }

    /// @dev First epoch without a price, or 0.
    function retiredEpoch(ResourceWord self) internal pure returns (uint256) {
        return uint24(ResourceWord.unwrap(self) >> 176);
    }

    /// @dev Category, as a number.
    function category(ResourceWord self) internal pure returns (uint256) {
        return uint8(ResourceWord.unwrap(self) >> 168);
    }

    /// @dev State, as a number below 16.
    function state(ResourceWord self) internal pure returns (uint256) {
        return (ResourceWord.unwrap(self) >> 164) & 15;
    }

    /// @dev Lowest access tier, below 16.
    function minimumTier(ResourceWord self) internal pure returns (uint256) {
        return (ResourceWord.unwrap(self) >> 160) & 15;
    }

    /// @dev Whether the newest rate holds for every epoch from `priceEpoch` on.
    function isConstant(ResourceWord self) internal pure returns (bool) {
        return ResourceWord.unwrap(self) & CONSTANT != 0;
    }

    /// @dev Epoch of the newest rate.
    function priceEpoch(ResourceWord self) internal pure returns (uint256) {
        return uint24(ResourceWord.unwrap(self) >> 128);
    }

    /// @dev Rate in gwei of `age` epochs before `priceEpoch`; `age` is below 4.
    function rate(ResourceWord self, uint256 age) internal pure returns (uint256) {
        return uint32(ResourceWord.unwrap(self) >> (RATE_BITS * age));
    }

    /// @dev The four newest rates and the four older ones.
    function ring(ResourceWord self, PricingWord pricing_) internal pure returns (RateRing) {
        return RateRing.wrap((PricingWord.unwrap(pricing_) << 128) | uint128(ResourceWord.unwrap(self)));
    }

    /// @dev The resource in another state.
    function withState(ResourceWord self, uint256 state_) internal pure returns (ResourceWord) {
        return ResourceWord.wrap((ResourceWord.unwrap(self) & ~(uint256(15) << 164)) | (state_ << 164));
    }

    /// @dev The resource with an end; it must have none yet.
    function withRetirement(ResourceWord self, uint256 epoch_) internal pure returns (ResourceWord) {
        return ResourceWord.wrap(ResourceWord.unwrap(self) | (epoch_ << 176));
    }

    /// @dev The resource with constant or moving rates.
    function withConstant(ResourceWord self, bool constant_) internal pure returns (ResourceWord) {
        uint256 word = ResourceWord.unwrap(self) & ~CONSTANT;
        return ResourceWord.wrap(constant_ ? word | CONSTANT : word);
    }

    /// @dev The resource with the rates of another epoch.
    function withRates(ResourceWord self, uint256 epoch_, RateRing rates_) internal pure returns (ResourceWord) {
        uint256 word = (ResourceWord.unwrap(self) >> 152) << 152;
        return ResourceWord.wrap(word | (epoch_ << 128) | uint128(RateRing.unwrap(rates_)));
    }

    /// @dev Rate in gwei of `age` epochs before the newest; `age` is below 8.
    function rateAt(RateRing self, uint256 age) internal pure returns (uint256) {
        return uint32(RateRing.unwrap(self) >> (RATE_BITS * age));
    }

    /// @dev The ring after `epochs` more epochs. `rates_` are the rates of the first of them, at most `epochs`; the
    /// last rate holds for the rest.
    function advanced(RateRing self, uint32[] memory rates_, uint256 epochs) internal pure returns (RateRing) {
        uint256 word = RateRing.unwrap(self);
        for (uint256 i = 0; i < rates_.length; ++i) word = (word << RATE_BITS) | rates_[i];
        uint256 rest = epochs - rates_.length;
        uint256 newest = uint32(word);
        for (uint256 i = 0; i < rest && i < LENGTH; ++i) word = (word << RATE_BITS) | newest;
        return RateRing.wrap(word);
    }

    /// @dev Packs the bounds of a new resource and its policy, in force at once.
    function toPricing(uint256 floor_, uint256 ceiling_, uint256 policy_) internal pure returns (PricingWord) {
        return PricingWord.wrap((ceiling_ << 160) | (floor_ << 128)).withPolicies(policy_, policy_, 0);
    }

    /// @dev Lowest rate in gwei.
    function floor(PricingWord self) internal pure returns (uint256) {
        return uint32(PricingWord.unwrap(self) >> 128);
    }

    /// @dev Highest rate in gwei.
    function ceiling(PricingWord self) internal pure returns (uint256) {
        return uint32(PricingWord.unwrap(self) >> 160);
    }

    /// @dev Policy before the policy epoch.
    function policy(PricingWord self) internal pure returns (uint256) {
        return uint16(PricingWord.unwrap(self) >> 192);
    }

    /// @dev Policy from the policy epoch on.
    function nextPolicy(PricingWord self) internal pure returns (uint256) {
        return uint16(PricingWord.unwrap(self) >> 208);
    }

    /// @dev First epoch whose rate the next policy decides; 0 if none was chosen.
    function policyEpoch(PricingWord self) internal pure returns (uint256) {
        return PricingWord.unwrap(self) >> 224;
    }

    /// @dev The pricing with other policies; every value fits its field.
    function withPolicies(
        PricingWord self,
        uint256 policy_,
        uint256 next_,
        uint256 epoch_
    ) internal pure returns (PricingWord) {
        uint256 word = PricingWord.unwrap(self) & type(uint192).max;
        return PricingWord.wrap(word | (epoch_ << 224) | (next_ << 208) | (policy_ << 192));
    }

    /// @dev The pricing with the older half of a ring.
    function withOlder(PricingWord self, RateRing rates_) internal pure returns (PricingWord) {
        uint256 word = (PricingWord.unwrap(self) >> 128) << 128;
        return PricingWord.wrap(word | (RateRing.unwrap(rates_) >> 128));
    }
}
