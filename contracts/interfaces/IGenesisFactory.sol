// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IGenesis} from "./IGenesis.sol";
import {IOPAToken} from "./IOPAToken.sol";
import {IReleaseVault} from "./IReleaseVault.sol";

/// @title IGenesisFactory
/// @notice Creates Genesis at an address known in advance, so that the token can mint its supply there.
/// @dev The deployer has no code when it makes this contract. Setting code later (EIP-7702) uses a nonce of the
/// deployer. So the transactions of the deployer are the complete list of its actions.
interface IGenesisFactory {
    /// @notice The account that creates this contract has code, or delegates to code.
    /// @param deployer Account named.
    error GenesisFactoryDelegatedDeployer(address deployer);

    /// @notice Only the deployer can create Genesis.
    /// @param caller Account that called.
    /// @param deployer Account that may call.
    error GenesisFactoryUnauthorized(address caller, address deployer);

    /// @notice Genesis exists already.
    /// @param genesis Its address.
    error GenesisFactoryAlreadyCreated(address genesis);

    /// @notice Creates Genesis, which distributes the whole supply of `token` in its constructor.
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

    /// @notice Account that created this contract.
    function DEPLOYER() external view returns (address);

    /// @notice Address of the genesis, also before it exists.
    function GENESIS() external view returns (address);
}
