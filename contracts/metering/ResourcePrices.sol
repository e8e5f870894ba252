// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IMeter} from "../interfaces/IMeter.sol";
import {IPricePolicy} from "../interfaces/IPricePolicy.sol";
import {IResourceRegistry} from "../interfaces/IResourceRegistry.sol";
import {Metering} from "../interfaces/types/Metering.sol";
import {ParameterWord} from "../libraries/ParameterRecord.sol";
import {PriceCourse} from "../libraries/PriceCourse.sol";
import {PricingWord, RateRing, ResourceWord} from "../libraries/ResourceRecord.sol";
import {BoundedParameter} from "../safety/BoundedParameter.sol";

/// @title ResourcePrices
/// @notice Rates of resources by epoch, for {ResourceRegistry}.
/// @dev Invariants: RES-I1 (docs/invariants.md). Trusts: the Meter to tell use, and registered price policies to answer, but
/// not their answers.
abstract contract ResourcePrices is IResourceRegistry, BoundedParameter {
    using PriceCourse for PriceCourse.Course;

    /// @inheritdoc IResourceRegistry
    uint96 public constant PRICE_STEP = 1 gwei;

    /// @inheritdoc IResourceRegistry
    uint32 public constant PRICE_WINDOW = 7;

    bytes32 private constant RATE = "resource-rate";
    bytes32 private constant TARGET = "resource-target";

    mapping(uint32 resource => ResourceWord word) internal _words;
    mapping(uint32 resource => PricingWord pricing) internal _pricing;
    mapping(uint16 id => IPricePolicy policy) internal _policies;
    IMeter internal _meter;

    /// @inheritdoc IResourceRegistry
    function fixPrices(uint32[] calldata resources) external {
        for (uint256 i = 0; i < resources.length; ++i) {
            if (!_requireKnown(resources[i]).isConstant()) _fixPrices(resources[i]);
        }
    }

    /// @inheritdoc IResourceRegistry
    function storeRates(uint32 resource) external returns (Metering.Rates memory rates) {
        ResourceWord word = _words[resource];
        if (word.state() != uint256(State.Unknown) && !word.isConstant()) word = _fixPrices(resource);
        return _rates(resource, word, new uint32[](0));
    }

    /// @inheritdoc IResourceRegistry
    function termsByEpoch(uint32 resource, uint32 priceEpoch) external view returns (Metering.Terms memory terms) {
        return _terms(resource, _words[resource], priceEpoch, currentEpoch());
    }

    /// @inheritdoc IResourceRegistry
    function ratesOf(uint32 resource) external view returns (Metering.Rates memory rates) {
        ResourceWord word = _words[resource];
        uint32 epoch = currentEpoch();
        // One projection serves both epochs, so that a price policy is asked once for each.
        uint32[] memory projected = epoch > word.priceEpoch() ? _project(resource, word, epoch) : new uint32[](0);
        return _rates(resource, word, projected);
    }

    /// @inheritdoc IResourceRegistry
    function unitPriceOf(uint32 resource, uint32 epoch) public view returns (uint96 unitPrice) {
        Metering.Terms memory terms = _terms(resource, _requireKnown(resource), epoch, currentEpoch());
        require(terms.reason == Metering.Reason.None, ResourceRegistryNoPrice(resource, epoch));
        return terms.unitPrice;
    }

    /// @inheritdoc IResourceRegistry
    function rateParameter(uint32 resource) public pure returns (bytes32 parameter) {
        return RATE | bytes32(uint256(resource));
    }

    /// @inheritdoc IResourceRegistry
    function targetParameter(uint32 resource) public pure returns (bytes32 parameter) {
        return TARGET | bytes32(uint256(resource));
    }

    /// @dev Stores the rates of all epochs up to the last one that has begun and has a price. Whether a policy has to
    /// answer is the caller's choice.
    function _fixPrices(uint32 resource) internal returns (ResourceWord word) {
        word = _words[resource];
        uint256 from = word.priceEpoch();
        uint256 epoch = _lastEpoch(word);
        if (epoch == from) return word;

        uint32[] memory rates = _project(resource, word, epoch);
        PricingWord pricing = _pricing[resource];
        RateRing ring = word.ring(pricing).advanced(rates, epoch - from);
        bool canMove =
            pricing.nextPolicy() != 0 ||
                pricing.policyEpoch() > epoch ||
                _wordOf(rateParameter(resource)).effectiveEpoch() > epoch;
        word = word.withRates(epoch, ring).withConstant(!canMove);
        _words[resource] = word;
        _pricing[resource] = pricing.withOlder(ring);
        if (rates.length != 0) emit PricesFixed(resource, uint32(from + 1), rates);
    }

    /// @dev A rate moves by load too, so the running one is not the one last announced.
    function _valueOf(bytes32 parameter) internal view override returns (uint256 value) {
        uint32 resource = uint32(uint256(parameter));
        if (parameter != rateParameter(resource)) return super._valueOf(parameter);

        ResourceWord word = _words[resource];
        return _toWei(_rateAt(resource, word, _lastEpoch(word)));
    }

    /// @dev Word of a resource that exists.
    function _requireKnown(uint32 resource) internal view returns (ResourceWord word) {
        word = _words[resource];
        require(word.state() != uint256(State.Unknown), ResourceRegistryUnknownResource(resource));
    }

    /// @dev Rate in gwei of an epoch that has one and is not too old.
    function _rateAt(uint32 resource, ResourceWord word, uint256 epoch) internal view returns (uint256 rate) {
        uint32[] memory projected;
        if (epoch > word.priceEpoch()) projected = _project(resource, word, epoch);
        return _rateFrom(resource, word, projected, epoch);
    }

    /// @dev Last epoch that has begun and has a price.
    function _lastEpoch(ResourceWord word) internal view returns (uint256 epoch) {
        uint256 retiredEpoch = word.retiredEpoch();
        epoch = currentEpoch();
        if (retiredEpoch != 0 && retiredEpoch <= epoch) epoch = retiredEpoch - 1;
    }

    /// @dev OPA wei of a rate in gwei, which is below 2^32.
    function _toWei(uint256 gwei_) internal pure returns (uint96) {
        return uint96(gwei_ * PRICE_STEP);
    }

    /// @dev The one place that says whether a resource has a price at an epoch, and which.
    function _terms(
        uint32 resource,
        ResourceWord word,
        uint32 priceEpoch,
        uint32 epoch
    ) private view returns (Metering.Terms memory terms) {
        terms.category = Metering.Category(word.category());
        terms.minimumTier = uint8(word.minimumTier());
        terms.weight = uint32(word.weight());
        terms.reason = _priceReason(word, priceEpoch, epoch);
        if (terms.reason == Metering.Reason.None) {
            terms.unitPrice = uint96(word.weight() * _toWei(_rateAt(resource, word, priceEpoch)));
        }
    }

    /// @dev Rate in gwei of an epoch, given the rates after the newest one stored.
    function _rateFrom(
        uint32 resource,
        ResourceWord word,
        uint32[] memory projected,
        uint256 epoch
    ) private view returns (uint256 rate) {
        uint256 newest = word.priceEpoch();
        if (epoch < newest) return _storedRate(resource, word, newest - epoch);
        uint256 count = Math.min(epoch - newest, projected.length);
        return count == 0 ? word.rate(0) : projected[count - 1];
    }

    /// @dev Rates of the running and the previous epoch, given the rates after the newest one stored.
    function _rates(
        uint32 resource,
        ResourceWord word,
        uint32[] memory projected
    ) private view returns (Metering.Rates memory rates) {
        uint32 epoch = currentEpoch();
        rates.category = Metering.Category(word.category());
        rates.minimumTier = uint8(word.minimumTier());
        rates.weight = uint32(word.weight());
        if (_priceReason(word, epoch, epoch) == Metering.Reason.None) {
            rates.rate = _toWei(_rateFrom(resource, word, projected, epoch));
        }
        if (epoch != 0 && _priceReason(word, epoch - 1, epoch) == Metering.Reason.None) {
            rates.previousRate = _toWei(_rateFrom(resource, word, projected, epoch - 1));
        }
    }

    /// @dev Rate in gwei of `age` epochs before the newest, at most {PRICE_WINDOW}.
    function _storedRate(uint32 resource, ResourceWord word, uint256 age) private view returns (uint256 rate) {
        return age < 4 ? word.rate(age) : word.ring(_pricing[resource]).rateAt(age);
    }

    /// @dev Rates of the epochs after the newest one stored, up to `end`; see {PriceCourse}.
    function _project(uint32 resource, ResourceWord word, uint256 end) private view returns (uint32[] memory rates) {
        if (word.isConstant()) return rates;

        PriceCourse.Course memory course;
        (uint256 lastUse, uint256 units) = _lastUse(resource);
        PricingWord pricing = _pricing[resource];
        ParameterWord announced = _wordOf(rateParameter(resource));
        ParameterWord target = _wordOf(targetParameter(resource));
        course.epoch = word.priceEpoch();
        course.end = end;
        course.lastUse = Math.max(lastUse, word.registeredEpoch());
        course.rate = word.rate(0);
        course.floor = pricing.floor();
        course.ceiling = pricing.ceiling();
        if (lastUse == course.epoch) course.units = units;
        course.rateEpoch = announced.effectiveEpoch();
        course.nextRate = announced.next() / PRICE_STEP;
        course.targetEpoch = target.effectiveEpoch();
        course.target = target.value();
        course.nextTarget = target.next();
        course.policyEpoch = pricing.policyEpoch();
        course.policy = _policies[uint16(pricing.policy())];
        course.nextPolicy = _policies[uint16(pricing.nextPolicy())];
        return course.project();
    }

    /// @dev Last epoch in which a resource was used, and the units used in it.
    function _lastUse(uint32 resource) private view returns (uint256 epoch, uint256 units) {
        if (address(_meter) != address(0)) return _meter.lastUseOf(resource);
    }

    /// @dev Why a resource has no price at an epoch, when `epoch` is the running one; `None` if it has one.
    function _priceReason(
        ResourceWord word,
        uint256 priceEpoch,
        uint256 epoch
    ) private pure returns (Metering.Reason reason) {
        uint256 state = word.state();
        if (state == uint256(State.Unknown)) return Metering.Reason.ResourceUnknown;
        if (
            priceEpoch > epoch || priceEpoch < word.registeredEpoch() || priceEpoch + PRICE_WINDOW < word.priceEpoch()
        ) {
            return Metering.Reason.ResourceUnpriced;
        }
        if (state == uint256(State.Retired) && priceEpoch >= word.retiredEpoch())
            return Metering.Reason.ResourceRetired;
    }
}
