// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IGenesis} from "./IGenesis.sol";
import {IOPAToken} from "./IOPAToken.sol";
import {IReleaseVault} from "./IReleaseVault.sol";

/// @title IGenesisFactory
/// @notice Makes the genesis at an address that is known before, so that the token can create its supply there.
/// @dev The deployer has no code when it makes this contract. It cannot gain any without a nonce of its own, so that the transactions
/// of the deployer are all that was done in its name (EIP-7702).
interface IGenesisFactory {
    /// @notice The account that makes this contract has code, or delegates to some.
    /// @param deployer Account named.
    error GenesisFactoryDelegatedDeployer(address deployer);

    /// @notice Only the deployer makes the genesis.
    /// @param caller Account that called.
    /// @param deployer Account that may call.
    error GenesisFactoryUnauthorized(address caller, address deployer);

    /// @notice The genesis exists.
    /// @param genesis Its address.
    error GenesisFactoryAlreadyCreated(address genesis);

    /// @notice Makes the genesis, which hands out the whole supply of `token` while it is constructed.
    /// @dev Only the deployer may call, once.
    ///
    /// Reverts:
    /// - {GenesisFactoryUnauthorized} if the caller is not the deployer.
    /// - {GenesisFactoryAlreadyCreated} if the genesis exists.
    /// - {IGenesis-GenesisVaultMismatch} if the vault releases another token.
    /// - {IGenesis-GenesisIncompleteBalance} unless the whole initial supply is at {GENESIS}.
    /// - {IGenesis-GenesisEmptyAllocation} if a direct allocation is zero.
    /// - {IGenesis-GenesisInvalidRecipient} if a direct recipient is not a contract, or an allocation would be locked.
    /// - {IGenesis-GenesisUnknownCurve} if a grant names a curve that is not given.
    /// - {IGenesis-GenesisWrongSum} unless all allocations add up to the initial supply.
    /// - the errors of {IReleaseVault-createCurve} and {IReleaseVault-createSchedules}.
    /// - {IGenesis-GenesisNotEmptied} if anything is left at the genesis.
    /// @param token Token whose initial supply is at {GENESIS}.
    /// @param vault Vault for the grants.
    /// @param curves Release curves of the grants.
    /// @param transfers Direct allocations.
    /// @param grants Scheduled allocations; may be empty.
    function create(
        IOPAToken token,
        IReleaseVault vault,
        IReleaseVault.Stage[][] calldata curves,
        IGenesis.Transfer[] calldata transfers,
        IGenesis.Grant[] calldata grants
    ) external;

    /// @notice Account that made this contract.
    function DEPLOYER() external view returns (address);

    /// @notice Address of the genesis, also before it exists.
    function GENESIS() external view returns (address);
}
