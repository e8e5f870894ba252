// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {IAccessPolicy} from "../interfaces/IAccessPolicy.sol";
import {IAccessTiers} from "../interfaces/IAccessTiers.sol";
import {AccessTierState} from "./AccessTierState.sol";

/// @title AccessTiers
/// @notice See {IAccessTiers}.
abstract contract AccessTiers is IAccessTiers, AccessTierState {
    using SafeCast for uint256;

    /// @inheritdoc IAccessTiers
    uint32 public constant POLICY_NOTICE = 48 hours;

    /// @inheritdoc IAccessTiers
    uint256 public constant TIER_GAS = POLICY_CALL_GAS;

    /// @inheritdoc IAccessTiers
    function registerAccessPolicy(IAccessPolicy policy) external restricted {
        require(!_isRegistered[address(policy)], AccessTiersPolicyRegistered(address(policy)));

        _registerPolicy(policy);
    }

    /// @inheritdoc IAccessTiers
    function chooseAccessPolicy(IAccessPolicy policy) external restricted {
        (IAccessPolicy current, IAccessPolicy next, ) = accessPolicy();
        require(_isRegistered[address(policy)], AccessTiersPolicyUnknown(address(policy)));
        require(address(policy) != address(next), AccessTiersPolicyUnchanged(address(policy)));

        uint256 earliest = block.timestamp + POLICY_NOTICE - GENESIS;
        uint32 effectiveEpoch = Math.ceilDiv(earliest, EPOCH_DURATION).toUint32();
        _choice = Choice(current, effectiveEpoch, policy);
        emit AccessPolicyChosen(address(current), address(policy), effectiveEpoch);
    }

    /// @inheritdoc IAccessTiers
    function isAccessPolicy(address policy) external view returns (bool registered) {
        return _isRegistered[policy];
    }

    /// @inheritdoc IAccessTiers
    function accessPolicy() public view returns (IAccessPolicy policy, IAccessPolicy next, uint32 effectiveEpoch) {
        return (_policyInForce(), _choice.next, _choice.effectiveEpoch);
    }
}
