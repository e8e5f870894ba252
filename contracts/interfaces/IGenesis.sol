// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOPAToken} from "./IOPAToken.sol";
import {IReleaseVault} from "./IReleaseVault.sol";

/// @title IGenesis
/// @notice Receives the whole supply of a new token and hands it out once, atomically, to the last wei.
/// @dev Who could interfere, and what they achieve:
/// - A stranger cannot call {distribute}, so nothing can be front-run. Curves and schedules that strangers add to the
///   vault beforehand only shift the ids that the events report.
/// - A donation cannot upset the exact balance: until the distribution no token exists outside this contract, and
///   afterwards nothing here reads the balance of that token again. Tokens sent here later are lost to the sender.
/// - A distributor that names a wrong token spends nothing: the one-time mark is kept per token, so the real supply stays
///   distributable. A vault of another token, or one that leaves anything behind, reverts everything.
/// - The distributor does choose the allocations. It can send only to contracts and vault schedules, everything at once,
///   and each allocation is an event to compare with the published parameters.
interface IGenesis {
    /// @notice Tokens handed directly to a contract.
    /// @param label Short name of the allocation, e.g. "ecosystem".
    /// @param recipient Contract that receives the tokens.
    /// @param amount Tokens, in wei.
    struct Transfer {
        bytes32 label;
        address recipient;
        uint256 amount;
    }

    /// @notice Tokens put into a schedule of the release vault.
    /// @param label Short name of the allocation, e.g. "contributors".
    /// @param beneficiary Account the schedule pays.
    /// @param start Time at which the curve starts, in seconds.
    /// @param curveId Release curve of the vault.
    /// @param revocable Whether governance may revoke the part not yet vested.
    /// @param amount Tokens, in wei.
    struct Grant {
        bytes32 label;
        address beneficiary;
        uint48 start;
        uint32 curveId;
        bool revocable;
        uint256 amount;
    }

    /// @notice Emitted once, at construction.
    /// @param distributor Account that may distribute.
    event GenesisOpened(address indexed distributor);

    /// @notice Emitted for each allocation that goes directly to a contract.
    /// @param label Short name of the allocation.
    /// @param recipient Contract that received the tokens.
    /// @param amount Tokens, in wei.
    event AllocationTransferred(bytes32 indexed label, address indexed recipient, uint256 amount);

    /// @notice Emitted for each allocation that goes into a schedule.
    /// @param label Short name of the allocation.
    /// @param beneficiary Account the schedule pays.
    /// @param scheduleId Schedule of the vault.
    /// @param amount Tokens, in wei.
    event AllocationScheduled(
        bytes32 indexed label,
        address indexed beneficiary,
        uint256 indexed scheduleId,
        uint256 amount
    );

    /// @notice Emitted last, when the whole supply has left.
    /// @param token Token distributed.
    /// @param vault Vault that holds the schedules.
    /// @param transferred Tokens handed to contracts, in wei.
    /// @param scheduled Tokens put into schedules, in wei.
    event SupplyDistributed(address indexed token, address indexed vault, uint256 transferred, uint256 scheduled);

    /// @notice The distributor cannot be this account.
    /// @param distributor Account named at construction.
    error GenesisInvalidDistributor(address distributor);

    /// @notice Only the distributor may distribute.
    /// @param caller Account that called.
    /// @param distributor Account that may call.
    error GenesisUnauthorized(address caller, address distributor);

    /// @notice The supply of this token was distributed before.
    /// @param token Token named.
    error GenesisAlreadyDistributed(address token);

    /// @notice The vault releases another token.
    /// @param vault Vault named.
    /// @param vaultToken Token of that vault.
    /// @param token Token to distribute.
    error GenesisVaultMismatch(address vault, address vaultToken, address token);

    /// @notice This contract does not hold exactly the initial supply.
    /// @param balance Tokens held, in wei.
    /// @param supply Initial supply, in wei.
    error GenesisIncompleteBalance(uint256 balance, uint256 supply);

    /// @notice The allocations do not add up to the initial supply.
    /// @param allocated Sum of all allocations, in wei.
    /// @param supply Initial supply, in wei.
    error GenesisWrongSum(uint256 allocated, uint256 supply);

    /// @notice A direct allocation may only go to a contract that can hold it.
    /// @param label Short name of the allocation.
    /// @param recipient Recipient: without code, delegating to code by EIP-7702, or the token, vault or genesis itself.
    error GenesisInvalidRecipient(bytes32 label, address recipient);

    /// @notice An allocation of nothing.
    /// @param label Short name of the allocation.
    error GenesisEmptyAllocation(bytes32 label);

    /// @notice The vault did not take what it was given.
    /// @param remaining Tokens left here, in wei.
    error GenesisNotEmptied(uint256 remaining);

    /// @notice Hands out the whole supply of `token`, once.
    /// @dev Emits {AllocationTransferred} per transfer, {AllocationScheduled} per grant, then {SupplyDistributed}.
    /// Only the distributor may call. All grants go to the vault in one batch, so the vault's batch limit applies.
    ///
    /// Reverts:
    /// - {GenesisUnauthorized} if the caller is not the distributor.
    /// - {GenesisAlreadyDistributed} if this token was distributed before.
    /// - {GenesisVaultMismatch} if the vault releases another token.
    /// - {GenesisIncompleteBalance} unless the whole initial supply is here.
    /// - {GenesisEmptyAllocation} if a direct allocation is zero.
    /// - {GenesisInvalidRecipient} if a direct recipient is not a contract, or would lock the tokens.
    /// - {GenesisWrongSum} unless all allocations add up to the initial supply.
    /// - the errors of {IReleaseVault-createSchedules}.
    /// - {GenesisNotEmptied} if anything is left here.
    /// @param token Token whose initial supply is here.
    /// @param vault Vault for the grants.
    /// @param transfers Direct allocations.
    /// @param grants Scheduled allocations; may be empty.
    function distribute(
        IOPAToken token,
        IReleaseVault vault,
        Transfer[] calldata transfers,
        Grant[] calldata grants
    ) external;

    /// @notice Account that may distribute.
    function DISTRIBUTOR() external view returns (address);

    /// @notice Whether the supply of `token` was distributed by this contract.
    /// @param token Token queried.
    function isDistributed(IOPAToken token) external view returns (bool);
}
