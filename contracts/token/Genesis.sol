// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EIP7702Utils} from "@openzeppelin/contracts/account/utils/EIP7702Utils.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {IGenesis} from "../interfaces/IGenesis.sol";
import {IOPAToken} from "../interfaces/IOPAToken.sol";
import {IReleaseVault} from "../interfaces/IReleaseVault.sol";

/// @title Genesis
/// @notice See {IGenesis}.
/// @dev Requirement TOK-5; invariant SUP-I2 (docs/invariants.md). Trusts DISTRIBUTOR to choose the allocations.
/// @custom:security-contact See SECURITY.md.
contract Genesis is IGenesis {
    using SafeERC20 for IOPAToken;

    /// @inheritdoc IGenesis
    address public immutable DISTRIBUTOR;

    mapping(IOPAToken token => bool done) private _distributed;

    /// @param distributor Account that may distribute.
    constructor(address distributor) {
        require(distributor != address(0), GenesisInvalidDistributor(distributor));

        DISTRIBUTOR = distributor;
        emit GenesisOpened(distributor);
    }

    /// @inheritdoc IGenesis
    function distribute(
        IOPAToken token,
        IReleaseVault vault,
        Transfer[] calldata transfers,
        Grant[] calldata grants
    ) external {
        require(msg.sender == DISTRIBUTOR, GenesisUnauthorized(msg.sender, DISTRIBUTOR));
        require(!_distributed[token], GenesisAlreadyDistributed(address(token)));
        address vaultToken = address(vault.TOKEN());
        require(vaultToken == address(token), GenesisVaultMismatch(address(vault), vaultToken, address(token)));
        uint256 supply = token.INITIAL_SUPPLY();
        uint256 balance = token.balanceOf(address(this));
        require(balance == supply, GenesisIncompleteBalance(balance, supply));
        uint256 transferred = _checkTransfers(token, vault, transfers);
        uint256 scheduled = _sumOf(grants);
        require(transferred + scheduled == supply, GenesisWrongSum(transferred + scheduled, supply));

        _distributed[token] = true;

        _transferAll(token, transfers);
        if (grants.length > 0) _scheduleAll(token, vault, grants, scheduled);
        uint256 remaining = token.balanceOf(address(this));
        require(remaining == 0, GenesisNotEmptied(remaining));
        emit SupplyDistributed(address(token), address(vault), transferred, scheduled);
    }

    /// @inheritdoc IGenesis
    function isDistributed(IOPAToken token) external view returns (bool) {
        return _distributed[token];
    }

    /// @dev Hands each direct allocation to its recipient.
    function _transferAll(IOPAToken token, Transfer[] calldata transfers) private {
        for (uint256 i = 0; i < transfers.length; ++i) {
            Transfer calldata allocation = transfers[i];
            emit AllocationTransferred(allocation.label, allocation.recipient, allocation.amount);
            token.safeTransfer(allocation.recipient, allocation.amount);
        }
    }

    /// @dev Turns all grants into schedules with one batch. The vault decides the ids, so the events follow the call.
    function _scheduleAll(IOPAToken token, IReleaseVault vault, Grant[] calldata grants, uint256 scheduled) private {
        IReleaseVault.ScheduleParams[] memory params = new IReleaseVault.ScheduleParams[](grants.length);
        for (uint256 i = 0; i < grants.length; ++i) {
            Grant calldata grant = grants[i];
            params[i] = IReleaseVault.ScheduleParams({
                beneficiary: grant.beneficiary,
                total: grant.amount,
                start: grant.start,
                curveId: grant.curveId,
                revocable: grant.revocable
            });
        }

        token.forceApprove(address(vault), scheduled);
        uint256 firstId = vault.createSchedules(params);

        for (uint256 i = 0; i < grants.length; ++i) {
            Grant calldata grant = grants[i];
            emit AllocationScheduled(grant.label, grant.beneficiary, firstId + i, grant.amount);
        }
    }

    /// @dev Sum of the direct allocations, each of which goes to a contract that can use it.
    function _checkTransfers(
        IOPAToken token,
        IReleaseVault vault,
        Transfer[] calldata transfers
    ) private view returns (uint256 sum) {
        for (uint256 i = 0; i < transfers.length; ++i) {
            Transfer calldata allocation = transfers[i];
            address recipient = allocation.recipient;
            require(allocation.amount > 0, GenesisEmptyAllocation(allocation.label));
            bool isUsable = recipient != address(token) && recipient != address(vault) && recipient != address(this);
            require(isUsable && _isContract(recipient), GenesisInvalidRecipient(allocation.label, recipient));
            sum += allocation.amount;
        }
    }

    /// @dev Whether `account` has code of its own, which an externally owned account never has.
    function _isContract(address account) private view returns (bool) {
        return account.code.length > 0 && EIP7702Utils.fetchDelegate(account) == address(0);
    }

    /// @dev Sum of the scheduled allocations; the vault refuses those of zero.
    function _sumOf(Grant[] calldata grants) private pure returns (uint256 sum) {
        for (uint256 i = 0; i < grants.length; ++i) {
            sum += grants[i].amount;
        }
    }
}
