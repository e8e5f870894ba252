// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IPricePolicy} from "../interfaces/IPricePolicy.sol";
import {IResourceRegistry} from "../interfaces/IResourceRegistry.sol";

/// @title PriceCourse
/// @notice Computes the rates of the epochs after an epoch whose rate is stored.
/// @dev A rate depends only on the announced change and on the use of the previous epoch. So the result does not depend
/// on the time of the call or the number of calls. Rates are gwei of OPA per compute unit.
library PriceCourse {
    /// @dev Inputs of the rates. An announced value holds from its epoch on. Without an announcement the epoch is 0 and
    /// the next value equals the present one. The zero address stands for no policy.
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

    /// @dev Most load steps after the last use and the last change; the rate is constant from then on.
    uint256 internal constant MAX_STEPS = 128;

    /// @dev Gas for one call of a policy.
    uint256 internal constant POLICY_GAS = 30_000;

    /// @dev A governed change moves a rate by at most this part of it.
    uint256 internal constant GOVERNED_STEP_BPS = 2_000;

    uint256 private constant FEEDBACK_DENOMINATOR = 8;
    uint256 private constant BPS = 10_000;

    /// @dev Rates of the epochs from `epoch + 1` to `end`. The list may be shorter: its last rate, or the given rate if
    /// it is empty, holds for all later epochs.
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

    /// @dev Rate of `epoch`, given the `rate` and the settled `units` of the previous epoch.
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

    /// @dev Result of a policy, or the present rate if its call fails. Reverts if the policy would get too little gas.
    /// Otherwise a caller could make it fail.
    function _ask(
        IPricePolicy policy,
        uint256 rate,
        uint256 units,
        uint256 target
    ) private view returns (uint256 answer) {
        uint256 required = POLICY_GAS + POLICY_GAS / 4; // includes the call and the 1/64 kept by EIP-150
        require(gasleft() >= required, IResourceRegistry.ResourceRegistryGasTooLow(required));
        (bool success, bytes memory returned) = address(policy).staticcall{gas: POLICY_GAS}(
            abi.encodeCall(IPricePolicy.nextRate, (uint32(rate), uint64(units), uint64(target)))
        );
        answer = success && returned.length >= 32 ? uint256(bytes32(returned)) : type(uint256).max;
        if (answer > type(uint32).max) answer = rate;
    }
}
