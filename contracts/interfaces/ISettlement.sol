// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

import {IMeter} from "./IMeter.sol";
import {Metering} from "./types/Metering.sol";

/// @title ISettlement
/// @notice Verifies the signers of running totals and passes them to the {IMeter}.
/// @dev A statement carries running totals, so submitting it again, late or out of order burns nothing twice. Anyone
/// may submit; nothing is paid to anyone. A line that cannot settle is skipped with a reason, see {Metering-Reason}.
///
/// The signer signs the EIP-712 type `Statement(address account,uint32 priceEpoch,uint48 deadline,Line[] lines)` with
/// `Line(address provider,uint32 resource,uint128 cumulativeUnits)`. In call data a line is one word,
/// `provider << 96 | resource << 64 | cumulative units`, and lines ascend strictly.
interface ISettlement is IERC165 {
    /// @notice The Meter's address is zero.
    error SettlementZeroAddress();

    /// @notice No statement was given.
    error SettlementEmpty();

    /// @notice Settles each line that can settle and returns the outcome of each.
    /// @dev The Meter emits the events. Callable by anyone: the signatures are the authority, and the sender changes
    /// nothing. Statements are taken in the order given. A call with a refused statement takes up to 8% more gas, so a gas
    /// limit needs a margin.
    ///
    /// Reverts:
    /// - {SettlementEmpty} if there is no statement.
    /// - as {IMeter-charge} if there is too little gas.
    /// @param statements Statements with their signatures.
    /// @return results Outcome of each.
    function settle(Metering.SignedStatement[] calldata statements) external returns (Metering.Result[] memory results);

    /// @notice Result that {settle} would return now, found by running it and undoing it.
    /// @dev Not a view: call it by `eth_call`. As a transaction it changes no state of the system. The first such
    /// transaction deploys OpenZeppelin's simulator, which has no right and no state.
    ///
    /// Reverts:
    /// - as {settle}.
    /// @param statements Statements with their signatures.
    /// @return results Outcome that each would have.
    function preview(
        Metering.SignedStatement[] calldata statements
    ) external returns (Metering.Result[] memory results);

    /// @notice Meter that judges and burns.
    function METER() external view returns (IMeter);

    /// @notice Gas that an ERC-1271 wallet may use to check one signature.
    function WALLET_GAS() external view returns (uint256);

    /// @notice EIP-712 hash that the signer of a statement signs, for this chain and this contract.
    /// @param statement Statement to hash.
    /// @return digest Hash to sign.
    function hashStatement(Metering.Statement calldata statement) external view returns (bytes32 digest);
}
