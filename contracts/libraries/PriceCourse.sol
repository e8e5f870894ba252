// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IPricePolicy} from "../interfaces/IPricePolicy.sol";
import {IResourceRegistry} from "../interfaces/IResourceRegistry.sol";

/// @title PriceCourse
/// @notice Works out the rates of the epochs after one whose rate is known.
/// @dev A rate follows from what governance announced and from what was settled in the epoch before, so it is the same
/// whenever and in however many parts it is worked out. Rates are gwei of OPA per compute unit.
library PriceCourse {
    /// @dev What the rates depend on. What is announced holds from its epoch on; without an announcement the epoch is 0 and
    /// the next value the present one. No policy is the zero address.
    struct Course {
        uint256 epoch;
        uint256 end;
        uint256 lastUse;
        uint256 rate;
        uint256 floor;
        uint256 ceiling;
        uint256 units;
        uint256 rateEpoch;
        uint256 nextRate;
        uint256 targetEpoch;
        uint256 target;
        uint256 nextTarget;
        uint256 policyEpoch;
        IPricePolicy policy;
        IPricePolicy nextPolicy;
    }

    /// @dev Steps after the last use and the last change, after which a rate stays.
    uint256 internal constant MAX_STEPS = 128;

    /// @dev Gas that one question to a policy may use.
    uint256 internal constant POLICY_GAS = 30_000;

    /// @dev A governed change moves a rate by at most this part of it.
    uint256 internal constant GOVERNED_STEP_BPS = 2_000;

    uint256 private constant FEEDBACK_DENOMINATOR = 8;
    uint256 private constant BPS = 10_000;

    /// @dev Rates of the epochs from `epoch + 1` to `end`; the last one holds for all that are missing at its end, and
    /// the given rate if there are none.
    function project(Course memory self) internal view returns (uint32[] memory rates) {
        uint256 lastChange = Math.max(Math.max(self.rateEpoch, self.targetEpoch), self.policyEpoch);
        uint256 end = Math.min(self.end, Math.max(lastChange, self.lastUse) + MAX_STEPS);
        uint256[] memory all = new uint256[](end > self.epoch ? end - self.epoch : 0);
        uint256 rate = self.rate;
        uint256 units = self.units;
        uint256 length = 0;
        for (uint256 i = 0; i < all.length; ++i) {
            uint256 epoch = self.epoch + i + 1;
            uint256 next = _step(self, epoch, rate, units);
            all[i] = next;
            if (next != rate) length = i + 1;
            else if (units == 0 && epoch > lastChange) break;
            (rate, units) = (next, 0);
        }

        rates = new uint32[](length);
        for (uint256 i = 0; i < length; ++i) rates[i] = uint32(all[i]);
    }

    /// @dev Rate of `epoch`, when `rate` is the one before it and `units` were settled in the one before it.
    function _step(Course memory self, uint256 epoch, uint256 rate, uint256 units) private view returns (uint256 next) {
        uint256 maximumStep = rate / FEEDBACK_DENOMINATOR;
        if (epoch == self.rateEpoch) {
            next = self.nextRate;
            maximumStep = (rate * GOVERNED_STEP_BPS) / BPS;
        } else {
            IPricePolicy policy = epoch < self.policyEpoch ? self.policy : self.nextPolicy;
            next =
                address(policy) == address(0)
                    ? rate
                    : _ask(policy, rate, units, epoch < self.targetEpoch ? self.target : self.nextTarget);
        }
        uint256 low = Math.max(rate - maximumStep, self.floor);
        return Math.min(Math.max(next, low), Math.min(rate + maximumStep, self.ceiling));
    }

    /// @dev Answer of a policy, or the present rate if it cannot answer. The caller has to leave it its gas, so that nobody can
    /// make it fail.
    function _ask(
        IPricePolicy policy,
        uint256 rate,
        uint256 units,
        uint256 target
    ) private view returns (uint256 answer) {
        uint256 required = POLICY_GAS + POLICY_GAS / 4; // also for the call itself and the 1/64 that stays here
        require(gasleft() >= required, IResourceRegistry.ResourceRegistryGasTooLow(required));
        (bool success, bytes memory returned) = address(policy).staticcall{gas: POLICY_GAS}(
            abi.encodeCall(IPricePolicy.nextRate, (uint32(rate), uint64(units), uint64(target)))
        );
        answer = success && returned.length >= 32 ? uint256(bytes32(returned)) : type(uint256).max;
        if (answer > type(uint32).max) answer = rate;
    }
}
