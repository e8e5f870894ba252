// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGenesis} from "../interfaces/IGenesis.sol";
import {IGenesisFactory} from "../interfaces/IGenesisFactory.sol";
import {IOPAToken} from "../interfaces/IOPAToken.sol";
import {IReleaseVault} from "../interfaces/IReleaseVault.sol";
import {Genesis} from "./Genesis.sol";

/// @title GenesisFactory
/// @notice See {IGenesisFactory}.
/// @dev Requirement TOK-5; invariant SUP-I2 (docs/invariants.md). Trusts DEPLOYER to choose the allocations.
/// @custom:security-contact See SECURITY.md.
contract GenesisFactory is IGenesisFactory {
    /// @inheritdoc IGenesisFactory
    address public immutable DEPLOYER;

    /// @inheritdoc IGenesisFactory
    address public immutable GENESIS;

    constructor() {
        require(msg.sender.code.length == 0, GenesisFactoryDelegatedDeployer(msg.sender));

        DEPLOYER = msg.sender;
        // Address of the first contract created by this one: RLP of its address and nonce 1.
        GENESIS = address(uint160(uint256(keccak256(abi.encodePacked(hex"d694", address(this), hex"01")))));
    }

    /// @inheritdoc IGenesisFactory
    function create(
        IOPAToken token,
        IReleaseVault vault,
        IReleaseVault.Stage[][] calldata curves,
        IGenesis.Transfer[] calldata transfers,
        IGenesis.Grant[] calldata grants
    ) external {
        require(msg.sender == DEPLOYER, GenesisFactoryUnauthorized(msg.sender, DEPLOYER));
        require(GENESIS.code.length == 0, GenesisFactoryAlreadyCreated(GENESIS));

        new Genesis(token, vault, curves, transfers, grants);
    }
}
