// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOPAToken} from "./IOPAToken.sol";
import {IReleaseVault} from "./IReleaseVault.sol";

/// @title IGenesis
/// @notice Distributes the whole supply of a token in its constructor. Afterwards it has three getters and no other
/// function.
/// @dev The token creates its supply at the address that {IGenesisFactory-GENESIS} names, before this contract exists.
/// Possible interference and its effect:
/// - A stranger cannot create this contract: only the factory has its address, and only the deployer can call the
/// factory.
/// - Curves and schedules that strangers add to the vault beforehand shift the ids in the events. An existing curve is
/// reused.
/// - Tokens sent here later are lost to the sender.
/// - The deployer chooses the allocations, but can send only to contracts and vault schedules, all in one transaction.
/// Each allocation is an event, and {ALLOCATIONS} is the hash of all.
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
    /// @param curve Index of its release curve among those given.
    /// @param revocable Whether governance may revoke the part not yet vested.
    /// @param amount Tokens, in wei.
    struct Grant {
        bytes32 label;
        address beneficiary;
        uint48 start;
        uint32 curve;
        bool revocable;
        uint256 amount;
    }

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

    /// @notice A direct allocation may only go to a contract that can use it, a schedule not to the genesis.
    /// @param label Short name of the allocation.
    /// @param recipient Recipient: without code, delegating to code by EIP-7702, or the token, vault or genesis itself.
    error GenesisInvalidRecipient(bytes32 label, address recipient);

    /// @notice An allocation of nothing.
    /// @param label Short name of the allocation.
    error GenesisEmptyAllocation(bytes32 label);

    /// @notice A grant names a curve that was not given.
    /// @param label Short name of the allocation.
    /// @param curve Index named.
    /// @param count Curves given.
    error GenesisUnknownCurve(bytes32 label, uint256 curve, uint256 count);

    /// @notice The vault did not take the whole amount.
    /// @param remaining Tokens left here, in wei.
    error GenesisNotEmptied(uint256 remaining);

    /// @notice Token whose supply was handed out.
    function TOKEN() external view returns (IOPAToken);

    /// @notice Vault that holds the schedules.
    function VAULT() external view returns (IReleaseVault);

    /// @notice keccak256 of the ABI-encoded curves, transfers and grants.
    function ALLOCATIONS() external view returns (bytes32);
}
