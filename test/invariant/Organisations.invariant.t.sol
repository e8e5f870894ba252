// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOrganisations} from "../../contracts/interfaces/IOrganisations.sol";
import {MeteringBase} from "../support/MeteringBase.sol";
import {OrganisationHandler} from "./handlers/OrganisationHandler.sol";

contract OrganisationsInvariantTest is MeteringBase {
    uint256 private constant GWEI = 1 gwei;

    OrganisationHandler private handler;

    function setUp() external {
        _deploySuite();
        vm.warp(20 * EPOCH);
        _registerNode(address(0x1001));
        handler = OrganisationHandler(_deploy("OrganisationHandler", abi.encode(meter, settlement, address(0x1001))));
        meter.deposit(handler.ACCOUNT(), 1_000_000 ether);
        _target(address(handler));
    }

    /// @dev ACC-I2: the burn of an epoch and the rest of each total are the sums of the ghosts.
    function invariant_LimitsAreNeverExceededAtAnyLevel() external view {
        address account = handler.ACCOUNT();
        uint256 epoch = handler.epochNow();
        (uint256 burned, ) = meter.burnedOf(account);
        vm.assertEq(burned, handler.ghostSpent(epoch) * GWEI, "ACC-I2: burned by the organisation");
        (, uint256 left, ) = handler.ghostLimit();
        vm.assertEq(meter.organisationOf(account).limits.totalLimit, left * GWEI, "ACC-I2: left to the organisation");
        for (uint256 project = 1; project <= handler.PROJECTS(); ++project) {
            IOrganisations.Project memory found = meter.projectOf(account, uint32(project));
            (, left, ) = handler.ghostProjects(project);
            vm.assertEq(found.spent, handler.ghostProjectSpent(project, epoch) * GWEI, "ACC-I2: spent of a project");
            vm.assertEq(found.limits.totalLimit, left * GWEI, "ACC-I2: left to a project");
        }
        for (uint256 i = 0; i < handler.KEYS(); ++i) _checkKey(account, i, epoch);
    }

    /// @dev ACC-I3.
    function invariant_AdminsAreCountedAndOneStays() external view {
        address account = handler.ACCOUNT();
        uint256 count = 0;
        for (uint256 i = 0; i < handler.CANDIDATES(); ++i) {
            address candidate = handler.candidates(i);
            bool isAdmin = meter.isAdmin(account, candidate);
            vm.assertTrue(isAdmin == handler.ghostAdmin(candidate), "ACC-I3: admin");
            if (isAdmin) ++count;
        }
        vm.assertEq(meter.organisationOf(account).admins, count, "ACC-I3: count");
        vm.assertTrue(count != 0, "ACC-I3: one stays");
    }

    /// @dev ACC-I4: nothing but the burns of living signers leaves the credit.
    function invariant_CreditFallsByBurnsAlone() external view {
        vm.assertEq(meter.creditOf(handler.ACCOUNT()) + token.totalBurned(), 1_000_000 ether, "ACC-I4: credit");
    }

    function afterInvariant() external view {
        for (uint256 action = 0; action <= uint256(type(OrganisationHandler.Action).max); ++action) {
            vm.assertTrue(handler.calls(OrganisationHandler.Action(action)) > 0, "an action never ran");
        }
    }

    function _checkKey(address account, uint256 index, uint256 epoch) private view {
        (bool alive, uint256 project, OrganisationHandler.Limit memory limit) = handler.ghostKeys(index);
        IOrganisations.Key memory found = meter.keyOf(account, handler.keyOf(index));
        vm.assertTrue((found.role != IOrganisations.Role.None) == alive, "ACC-I5: alive");
        if (!alive) return;
        uint256 spent = handler.ghostKeySpent(index, handler.ghostGeneration(), epoch);
        vm.assertEq(found.project, project, "project of a key");
        vm.assertEq(found.spent, spent * GWEI, "ACC-I2: spent of a key");
        vm.assertEq(found.limits.totalLimit, limit.left * GWEI, "ACC-I2: left to a key");
    }
}
