// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IBoundedParameter} from "./IBoundedParameter.sol";
import {IIncentiveVault} from "./IIncentiveVault.sol";
import {INecessity} from "./INecessity.sol";

/// @title IStageCapCondition
/// @notice True while the stage cap of the incentive vault holds back too much of κ × burned.
/// @dev Counts the {WINDOW} epochs before the running one; an epoch without use adds nothing. True if the stage cap
/// held back more than a governed share of κ × burned over all of them. One late settlement moves use from one of these
/// epochs to another and changes the share only a little. The part of a release paid from draws does not count, so a
/// draw does not end its own condition.
interface IStageCapCondition is INecessity, IBoundedParameter {
    /// @notice The vault is missing.
    error StageCapConditionZeroAddress();

    /// @notice Observed vault.
    function VAULT() external view returns (IIncentiveVault);

    /// @notice Number of epochs that count.
    function WINDOW() external view returns (uint32);

    /// @notice Name of the share among the parameters; its unit is basis points.
    function SHARE() external view returns (bytes32);

    /// @notice Amounts of the epochs that count, in OPA wei.
    /// @return backed κ × burned.
    /// @return heldBack Part of it above the stage caps.
    function demand() external view returns (uint256 backed, uint256 heldBack);
}
