// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

/// @title IReserveClient
/// @notice A module that the reserve can pay, and that gives back what it does not use.
interface IReserveClient is IERC165 {
    /// @notice Emitted when a draw arrives.
    /// @param id Number of the draw.
    /// @param amount OPA wei.
    /// @param until First second at which what is not used goes back.
    event DrawReceived(uint256 indexed id, uint256 amount, uint48 until);

    /// @notice Emitted when what was not used goes back to the reserve.
    /// @param amount OPA wei.
    event DrawReturned(uint256 amount);

    /// @notice The caller is not the reserve.
    /// @param caller Who called.
    error ReserveClientNotReserve(address caller);

    /// @notice Nothing can be given back now.
    /// @param availableAt First second at which something can, zero if nothing was drawn or all of it is used.
    error ReserveClientNothingToReturn(uint256 availableAt);

    /// @notice Takes notice of a draw that has just arrived.
    /// @dev Emits {DrawReceived}. Callable by the reserve only.
    /// @param id Number of the draw.
    /// @param amount OPA wei, transferred before.
    function receiveDraw(uint256 id, uint256 amount) external;

    /// @notice Gives what was drawn and not used back to the reserve, once its time is over.
    /// @dev Emits {DrawReturned}. Callable by anyone.
    /// @return amount OPA wei.
    function returnUnused() external returns (uint256 amount);

    /// @notice What would go back if the time were over.
    /// @return amount OPA wei drawn and not used.
    /// @return availableAt First second at which it can go back, zero if there is nothing.
    function unused() external view returns (uint256 amount, uint256 availableAt);
}
