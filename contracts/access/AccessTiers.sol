// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ERC165Checker} from "@openzeppelin/contracts/utils/introspection/ERC165Checker.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {IAccessPolicy} from "../interfaces/IAccessPolicy.sol";
import {IAccessTiers} from "../interfaces/IAccessTiers.sol";
import {EpochClock} from "../safety/EpochClock.sol";

/// @title AccessTiers
/// @notice See {IAccessTiers}.
/// @dev Trusts: the access policy in force to name tiers.
abstract contract AccessTiers is IAccessTiers, AccessManaged, EpochClock {
    using SafeCast for uint256;

    /// @dev Access policy in force before `effectiveEpoch`, and from it on.
    struct Choice {
        IAccessPolicy current;
        uint32 effectiveEpoch;
        IAccessPolicy next;
    }

    /// @inheritdoc IAccessTiers
    uint32 public constant POLICY_NOTICE = 48 hours;

    /// @inheritdoc IAccessTiers
    uint256 public constant TIER_GAS = 100_000;

    uint256 private constant MAX_TIER = 7;

    Choice private _choice;
    mapping(address policy => bool registered) private _isRegistered;

    /// @param initialPolicy Access policy in force from the start.
    constructor(IAccessPolicy initialPolicy) {
        _register(initialPolicy);
        _choice = Choice(initialPolicy, 0, initialPolicy);
    }

    /// @inheritdoc IAccessTiers
    function registerAccessPolicy(IAccessPolicy policy) external restricted {
        require(!_isRegistered[address(policy)], AccessTiersPolicyRegistered(address(policy)));

        _register(policy);
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
        Choice memory choice = _choice;
        policy = currentEpoch() < choice.effectiveEpoch ? choice.current : choice.next;
        return (policy, choice.next, choice.effectiveEpoch);
    }

    /// @dev Tier that the policy in force names for an account now; none if it fails, so that it cannot stop a settlement. The
    /// caller has to leave it its gas, so that nobody can make it fail.
    function _policyTierOf(address account) internal view returns (uint256 tier) {
        (IAccessPolicy policy, , ) = accessPolicy();
        uint256 required = TIER_GAS + TIER_GAS / 4; // also for the call itself and the 1/64 that stays here
        require(gasleft() >= required, AccessTiersGasTooLow(required));
        (bool success, bytes memory returned) = address(policy).staticcall{gas: TIER_GAS}(
            abi.encodeCall(IAccessPolicy.tierOf, (account))
        );
        if (success && returned.length >= 32) tier = Math.min(uint256(bytes32(returned)), MAX_TIER);
    }

    /// @dev Registers a policy that says that it is one.
    function _register(IAccessPolicy policy) private {
        require(
            ERC165Checker.supportsInterface(address(policy), type(IAccessPolicy).interfaceId),
            AccessTiersInvalidPolicy(address(policy))
        );

        _isRegistered[address(policy)] = true;
        emit AccessPolicyRegistered(address(policy));
    }
}
