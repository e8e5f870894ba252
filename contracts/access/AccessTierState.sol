// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ERC165Checker} from "@openzeppelin/contracts/utils/introspection/ERC165Checker.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IAccessPolicy} from "../interfaces/IAccessPolicy.sol";
import {IAccessTiers} from "../interfaces/IAccessTiers.sol";
import {EpochClock} from "../safety/EpochClock.sol";

/// @title AccessTierState
/// @notice The access policy in force and the call to it; {AccessTiers} lets governance choose.
/// @dev Trusts: the access policy in force to name tiers.
abstract contract AccessTierState is AccessManaged, EpochClock {
    /// @dev Access policy in force before `effectiveEpoch`, and from it on.
    struct Choice {
        IAccessPolicy current;
        uint32 effectiveEpoch;
        IAccessPolicy next;
    }

    uint256 internal constant POLICY_CALL_GAS = 100_000;

    uint256 private constant MAX_TIER = 7;

    Choice internal _choice;
    mapping(address policy => bool registered) internal _isRegistered;

    /// @param initialPolicy Access policy in force from the start.
    constructor(IAccessPolicy initialPolicy) {
        _registerPolicy(initialPolicy);
        _choice = Choice(initialPolicy, 0, initialPolicy);
    }

    /// @dev Registers a contract that reports {IAccessPolicy} by ERC-165.
    function _registerPolicy(IAccessPolicy policy) internal {
        require(
            ERC165Checker.supportsInterface(address(policy), type(IAccessPolicy).interfaceId),
            IAccessTiers.AccessTiersInvalidPolicy(address(policy))
        );

        _isRegistered[address(policy)] = true;
        emit IAccessTiers.AccessPolicyRegistered(address(policy));
    }

    /// @dev Tier that the policy in force returns for an account now; 0 if it fails, so that it cannot stop a
    /// settlement. Reverts if the policy would get too little gas. Otherwise a caller could make it fail.
    function _policyTierOf(address account) internal view returns (uint256 tier) {
        uint256 required = POLICY_CALL_GAS + POLICY_CALL_GAS / 4; // includes the call and the 1/64 kept by EIP-150
        require(gasleft() >= required, IAccessTiers.AccessTiersGasTooLow(required));
        (bool success, bytes memory returned) = address(_policyInForce()).staticcall{gas: POLICY_CALL_GAS}(
            abi.encodeCall(IAccessPolicy.tierOf, (account))
        );
        if (success && returned.length >= 32) tier = Math.min(uint256(bytes32(returned)), MAX_TIER);
    }

    /// @dev Policy in force now.
    function _policyInForce() internal view returns (IAccessPolicy policy) {
        return currentEpoch() < _choice.effectiveEpoch ? _choice.current : _choice.next;
    }
}
