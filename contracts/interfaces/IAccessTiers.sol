// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAccessPolicy} from "./IAccessPolicy.sol";

/// @title IAccessTiers
/// @notice Access policy in force. Governance chooses it among registered policies.
interface IAccessTiers {
    /// @notice Emitted when an access policy may be chosen.
    /// @param policy Policy concerned.
    event AccessPolicyRegistered(address indexed policy);

    /// @notice Emitted when another access policy is chosen.
    /// @param previous Policy that decides until then.
    /// @param policy Policy that decides from then on.
    /// @param effectiveEpoch First epoch in which it does.
    event AccessPolicyChosen(address indexed previous, address indexed policy, uint32 effectiveEpoch);

    /// @notice The contract does not report the interface of an access policy by ERC-165.
    /// @param policy Contract as given.
    error AccessTiersInvalidPolicy(address policy);

    /// @notice The access policy is registered already.
    /// @param policy Policy as given.
    error AccessTiersPolicyRegistered(address policy);

    /// @notice The access policy is not registered.
    /// @param policy Policy as given.
    error AccessTiersPolicyUnknown(address policy);

    /// @notice The access policy is chosen already.
    /// @param policy Policy as given.
    error AccessTiersPolicyUnchanged(address policy);

    /// @notice The call leaves too little gas for the access policy.
    /// @param required Gas that has to be left.
    error AccessTiersGasTooLow(uint256 required);

    /// @notice Lets an access policy be chosen.
    /// @dev Emits {AccessPolicyRegistered}. Restricted to governance.
    ///
    /// Reverts:
    /// - {AccessTiersInvalidPolicy} if it does not report {IAccessPolicy} by ERC-165.
    /// - {AccessTiersPolicyRegistered} if it is registered.
    /// @param policy Policy concerned.
    function registerAccessPolicy(IAccessPolicy policy) external;

    /// @notice Chooses the access policy that decides from the first epoch on that begins {POLICY_NOTICE} from now or later.
    /// @dev Emits {AccessPolicyChosen}. Restricted to governance. A choice that is not in force yet is replaced.
    ///
    /// Reverts:
    /// - {AccessTiersPolicyUnknown} if it is not registered.
    /// - {AccessTiersPolicyUnchanged} if it is the last one chosen.
    /// @param policy Policy concerned.
    function chooseAccessPolicy(IAccessPolicy policy) external;

    /// @notice Gas for one call of an access policy.
    function TIER_GAS() external view returns (uint256);

    /// @notice Seconds from the choice of an access policy to the earliest epoch in which it is in force.
    function POLICY_NOTICE() external view returns (uint32);

    /// @notice Policy in force, and the policy chosen for later.
    /// @return policy Policy in force.
    /// @return next Policy in force from `effectiveEpoch` on; the same if no other is chosen.
    /// @return effectiveEpoch First epoch in which `next` is in force.
    function accessPolicy() external view returns (IAccessPolicy policy, IAccessPolicy next, uint32 effectiveEpoch);

    /// @notice Whether an access policy may be chosen.
    /// @param policy Policy to look up.
    /// @return registered True once governance registered it.
    function isAccessPolicy(address policy) external view returns (bool registered);
}
