// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

/// @title IReserveClient
/// @notice A module that the reserve can pay. It returns the unused rest of each draw after the term of the draw.
interface IReserveClient is IERC165 {
    /// @notice Emitted when a draw arrives.
    /// @param id Number of the draw.
    /// @param amount Amount in OPA wei.
    /// @param until First second at which the unused rest returns.
    event DrawReceived(uint256 indexed id, uint256 amount, uint48 until);

    /// @notice Emitted when the unused rest of draws returns to the reserve.
    /// @param amount Amount in OPA wei.
    event DrawReturned(uint256 amount);

    /// @notice The caller is not the reserve.
    /// @param caller Address of the caller.
    error ReserveClientNotReserve(address caller);

    /// @notice The amount of a draw has not arrived.
    /// @param balance Balance of the module in OPA wei.
    /// @param needed Balance that open draws and this one require, in OPA wei.
    error ReserveClientNotPaid(uint256 balance, uint256 needed);

    /// @notice Records a draw that has just arrived.
    /// @dev Emits {DrawReceived}. Callable by the reserve.
    ///
    /// Reverts:
    /// - {ReserveClientNotReserve} for any other caller.
    /// - {ReserveClientNotPaid} if the balance is lower than all open draws together.
    /// @param id Number of the draw.
    /// @param amount Amount in OPA wei, transferred before.
    function receiveDraw(uint256 id, uint256 amount) external;

    /// @notice Returns the unused rest of all draws whose term is over to the reserve.
    /// @dev Emits {DrawReturned} if there is any. Callable by anyone; repeated calls have no effect.
    /// @return amount Amount returned in OPA wei.
    function returnUnused() external returns (uint256 amount);

    /// @notice Unused draws.
    /// @return amount Unused OPA wei of all draws that did not return.
    /// @return returnable Part of it whose term is over.
    function unused() external view returns (uint256 amount, uint256 returnable);
}
