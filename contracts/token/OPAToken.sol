// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC1363} from "@openzeppelin/contracts/token/ERC20/extensions/ERC1363.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";

import {IOPAToken} from "../interfaces/IOPAToken.sol";
import {SignedTransfers} from "./SignedTransfers.sol";

/// @title OPAToken
/// @notice See {IOPAToken}.
/// @dev Invariants (docs/invariants.md): SUP-I1 to SUP-I9. Trusts nobody.
/// @custom:security-contact See SECURITY.md.
contract OPAToken is ERC20, ERC1363, ERC20Permit, SignedTransfers {
    /// @inheritdoc IOPAToken
    uint256 public constant INITIAL_SUPPLY = 800_000_000e18;

    /// @param genesis Address at which Genesis is created later; it receives and distributes the entire supply.
    constructor(address genesis) ERC20("OPA Token", "OPA") ERC20Permit("OPA Token") {
        _mint(genesis, INITIAL_SUPPLY);
    }

    /// @inheritdoc IOPAToken
    function burn(uint256 amount) external {
        _burn(msg.sender, amount);
    }

    /// @inheritdoc IOPAToken
    function burnFrom(address account, uint256 amount) external {
        _spendAllowance(account, msg.sender, amount);
        _burn(account, amount);
    }

    /// @inheritdoc IOPAToken
    function totalBurned() external view returns (uint256) {
        return INITIAL_SUPPLY - totalSupply();
    }

    /// @inheritdoc IOPAToken
    function version() external view returns (string memory) {
        return _EIP712Version();
    }

    /// @inheritdoc IERC20Permit
    function nonces(address owner) public view override(ERC20Permit, IERC20Permit) returns (uint256) {
        return super.nonces(owner);
    }
}
