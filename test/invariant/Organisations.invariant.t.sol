// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOrganisations} from "../../contracts/interfaces/IOrganisations.sol";
import {MeteringBase} from "../support/MeteringBase.sol";
import {OrganisationHandler} from "./handlers/OrganisationHandler.sol";

contract OrganisationsInvariantTest is MeteringBase {
    address private constant PROVIDER = address(0x1001);
    uint256 private constant MAX_LIMIT = (2 ** 60 - 1) * 1 gwei;

    OrganisationHandler private handler;

    function setUp() external {
        _deploySuite();
        vm.warp(20 * EPOCH);
        _registerNode(PROVIDER);
        handler = OrganisationHandler(
            _deploy("OrganisationHandler", abi.encode(token, accounts, settlement, PROVIDER))
        );
        token.transfer(address(handler), 1_000e18);
        _target(address(handler));
    }

    /// @dev ACC-I2: what is left of each total is what was granted less what was really burned, never below nothing, and what
    /// counts in the epoch is what was burned in it.
    function invariant_LimitsAreWhatWasGrantedLessWhatWasBurned() external view {
        uint256 epoch = handler.epochNow();
        for (uint256 i = 0; i < handler.ACCOUNTS_COUNT(); ++i) {
            address account = handler.accountAt(i);
            bytes32 id = handler.organisationId(account);
            (uint256 burned, ) = accounts.burnedOf(account);
            _compare(id, accounts.organisationOf(account).limits, true);
            vm.assertEq(burned, handler.ghostSpent(id, epoch), "ACC-I2: spent by an organisation");
            for (uint32 project = 1; project <= handler.PROJECTS(); ++project) {
                IOrganisations.Project memory found = accounts.projectOf(account, project);
                id = handler.projectId(account, project);
                _compare(id, found.limits, false);
                vm.assertEq(found.spent, handler.ghostSpent(id, epoch), "ACC-I2: spent in a project");
            }
            for (uint256 j = 0; j < handler.KEYS(); ++j) {
                address key = handler.keyAt(j);
                if (!handler.ghostAlive(account, key)) continue;
                IOrganisations.Key memory found = accounts.keyOf(account, key);
                id = handler.keyId(account, key);
                _compare(id, found.limits, false);
                vm.assertEq(found.spent, handler.ghostSpent(id, epoch), "ACC-I2: spent by a key");
                vm.assertEq(found.project, handler.ghostProject(account, key), "ACC-I2: project of a key");
            }
        }
    }

    /// @dev ACC-I5.
    function invariant_RevokedKeysHaveNoRightsAndBurnNothing() external view {
        vm.assertEq(handler.ghostBurnedByDead(), 0, "ACC-I5: burned");
        for (uint256 i = 0; i < handler.ACCOUNTS_COUNT(); ++i) {
            for (uint256 j = 0; j < handler.KEYS(); ++j) {
                (address account, address key) = (handler.accountAt(i), handler.keyAt(j));
                bool isSpender = accounts.keyOf(account, key).role == IOrganisations.Role.Spender;
                vm.assertTrue(isSpender == handler.ghostAlive(account, key), "ACC-I5: rights");
            }
        }
    }

    /// @dev ACC-I3.
    function invariant_AnAccountAlwaysHasAnAdminAndCountsThem() external view {
        for (uint256 i = 0; i < handler.ACCOUNTS_COUNT(); ++i) {
            address account = handler.accountAt(i);
            uint256 count;
            for (uint256 j = 0; j < handler.CANDIDATES(); ++j) {
                address candidate = handler.candidateAt(account, j);
                bool isAdmin = accounts.isAdmin(account, candidate);
                vm.assertTrue(isAdmin == handler.ghostAdmin(account, candidate), "ACC-I3: admin");
                if (isAdmin) ++count;
            }
            vm.assertTrue(count != 0, "ACC-I3: nobody");
            vm.assertEq(accounts.organisationOf(account).admins, count, "ACC-I3: number");
        }
    }

    /// @dev ACC-I4: deposits by anybody, withdrawals by admins, settlements by living signers, and nothing else.
    function invariant_CreditMovesOnlyByAdminsAndLivingSigners() external view {
        for (uint256 i = 0; i < handler.ACCOUNTS_COUNT(); ++i) {
            address account = handler.accountAt(i);
            vm.assertEq(accounts.creditOf(account), handler.ghostCredit(account), "ACC-I4: credit");
        }
    }

    function afterInvariant() external view {
        for (uint256 action = 0; action <= uint256(type(OrganisationHandler.Action).max); ++action) {
            vm.assertTrue(handler.calls(OrganisationHandler.Action(action)) > 0, "an action never ran");
        }
    }

    /// @dev An organisation without a total does not count what it burns.
    function _compare(bytes32 id, IOrganisations.Limits memory found, bool isOrganisation) private view {
        OrganisationHandler.Ghost memory ghost = handler.ghostOf(id);
        bool isCounted = !isOrganisation || ghost.limits.totalLimit != MAX_LIMIT;
        uint256 left = ghost.limits.totalLimit - (isCounted ? ghost.burned : 0);
        vm.assertLe(ghost.burned, ghost.limits.totalLimit, "ACC-I2: more than granted");
        vm.assertEq(found.totalLimit, left, "ACC-I2: left of the total");
        vm.assertEq(found.epochLimit, ghost.limits.epochLimit, "ACC-I2: epoch limit");
        vm.assertEq(found.expiresAt, ghost.limits.expiresAt, "ACC-I2: expiry");
    }
}
