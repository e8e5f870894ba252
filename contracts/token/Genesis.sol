// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EIP7702Utils} from "@openzeppelin/contracts/account/utils/EIP7702Utils.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {IGenesis} from "../interfaces/IGenesis.sol";
import {IOPAToken} from "../interfaces/IOPAToken.sol";
import {IReleaseVault} from "../interfaces/IReleaseVault.sol";

/// @title Genesis
/// @notice See {IGenesis}.
/// @dev Requirement TOK-5; invariant SUP-I2 (docs/invariants.md). Trusts its creator to choose the allocations.
/// @custom:security-contact See SECURITY.md.
contract Genesis is IGenesis {
    using SafeCast for uint256;
    using SafeERC20 for IOPAToken;

    /// @inheritdoc IGenesis
    IOPAToken public immutable TOKEN;

    /// @inheritdoc IGenesis
    IReleaseVault public immutable VAULT;

    /// @inheritdoc IGenesis
    bytes32 public immutable ALLOCATIONS;

    /// @param token Token whose initial supply this contract holds.
    /// @param vault Vault for the grants.
    /// @param curves Release curves of the grants.
    /// @param transfers Direct allocations.
    /// @param grants Scheduled allocations; may be empty.
    constructor(
        IOPAToken token,
        IReleaseVault vault,
        IReleaseVault.Stage[][] memory curves,
        Transfer[] memory transfers,
        Grant[] memory grants
    ) {
        address vaultToken = address(vault.TOKEN());
        require(vaultToken == address(token), GenesisVaultMismatch(address(vault), vaultToken, address(token)));
        _requireSupply(token);
        uint256 transferred = _checkTransfers(token, vault, transfers);
        uint256 scheduled = _checkGrants(grants, curves.length);
        uint256 supply = token.INITIAL_SUPPLY();
        require(transferred + scheduled == supply, GenesisWrongSum(transferred + scheduled, supply));

        (TOKEN, VAULT) = (token, vault);
        ALLOCATIONS = keccak256(abi.encode(curves, transfers, grants));

        _transferAll(token, transfers);
        if (grants.length > 0) _scheduleAll(token, vault, curves, grants, scheduled);
        uint256 remaining = token.balanceOf(address(this));
        require(remaining == 0, GenesisNotEmptied(remaining));
        emit SupplyDistributed(address(token), address(vault), transferred, scheduled);
    }

    /// @dev Hands each direct allocation to its recipient.
    function _transferAll(IOPAToken token, Transfer[] memory transfers) private {
        for (uint256 i = 0; i < transfers.length; ++i) {
            Transfer memory allocation = transfers[i];
            emit AllocationTransferred(allocation.label, allocation.recipient, allocation.amount);
            token.safeTransfer(allocation.recipient, allocation.amount);
        }
    }

    /// @dev Turns all grants into schedules with one batch. The vault decides the ids, so the events follow the call.
    function _scheduleAll(
        IOPAToken token,
        IReleaseVault vault,
        IReleaseVault.Stage[][] memory curves,
        Grant[] memory grants,
        uint256 scheduled
    ) private {
        uint32[] memory curveIds = new uint32[](curves.length);
        for (uint256 i = 0; i < curves.length; ++i) curveIds[i] = vault.createCurve(curves[i]).toUint32();
        token.forceApprove(address(vault), scheduled);
        uint256 firstId = vault.createSchedules(_toSchedules(grants, curveIds));

        for (uint256 i = 0; i < grants.length; ++i) {
            Grant memory grant = grants[i];
            emit AllocationScheduled(grant.label, grant.beneficiary, firstId + i, grant.amount);
        }
    }

    /// @dev Sum of the direct allocations, each of which goes to a contract that can use it.
    function _checkTransfers(
        IOPAToken token,
        IReleaseVault vault,
        Transfer[] memory transfers
    ) private view returns (uint256 sum) {
        for (uint256 i = 0; i < transfers.length; ++i) {
            Transfer memory allocation = transfers[i];
            address recipient = allocation.recipient;
            require(allocation.amount > 0, GenesisEmptyAllocation(allocation.label));
            bool isUsable = recipient != address(token) && recipient != address(vault);
            require(isUsable && _isContract(recipient), GenesisInvalidRecipient(allocation.label, recipient));
            sum += allocation.amount;
        }
    }

    /// @dev Whether `account` has code of its own. False for externally owned accounts, also with delegated code, and
    /// during construction.
    function _isContract(address account) private view returns (bool) {
        return account.code.length > 0 && EIP7702Utils.fetchDelegate(account) == address(0);
    }

    /// @dev Reverts unless this contract holds the whole initial supply.
    function _requireSupply(IOPAToken token) private view {
        uint256 supply = token.INITIAL_SUPPLY();
        uint256 balance = token.balanceOf(address(this));
        require(balance == supply, GenesisIncompleteBalance(balance, supply));
    }

    /// @dev Sum of the scheduled allocations. None may pay this contract; the vault checks all other beneficiaries.
    function _checkGrants(Grant[] memory grants, uint256 curves) private view returns (uint256 sum) {
        for (uint256 i = 0; i < grants.length; ++i) {
            Grant memory grant = grants[i];
            require(grant.beneficiary != address(this), GenesisInvalidRecipient(grant.label, grant.beneficiary));
            require(grant.curve < curves, GenesisUnknownCurve(grant.label, grant.curve, curves));
            sum += grant.amount;
        }
    }

    /// @dev Grants in the form that the vault expects.
    function _toSchedules(
        Grant[] memory grants,
        uint32[] memory curveIds
    ) private pure returns (IReleaseVault.ScheduleParams[] memory params) {
        params = new IReleaseVault.ScheduleParams[](grants.length);
        for (uint256 i = 0; i < grants.length; ++i) {
            Grant memory grant = grants[i];
            params[i] = IReleaseVault.ScheduleParams({
                beneficiary: grant.beneficiary,
                total: grant.amount,
                start: grant.start,
                curveId: curveIds[grant.curve],
                revocable: grant.revocable
            });
        }
    }
}
