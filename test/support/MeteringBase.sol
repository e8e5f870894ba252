// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IResourceRegistry} from "../../contracts/interfaces/IResourceRegistry.sol";
import {ISettlement} from "../../contracts/interfaces/ISettlement.sol";
import {Metering} from "../../contracts/interfaces/types/Metering.sol";
import {ResourceRegistry} from "../../contracts/metering/ResourceRegistry.sol";
import {ServiceAccounts} from "../../contracts/metering/ServiceAccounts.sol";
import {Settlement} from "../../contracts/metering/Settlement.sol";
import {NodeRegistry} from "../../contracts/nodes/NodeRegistry.sol";
import {OPAToken} from "../../contracts/token/OPAToken.sol";
import {AccessPolicyMock} from "../mocks/AccessPolicyMock.sol";
import {AuthorityMock} from "../mocks/AuthorityMock.sol";
import {TestBase} from "./TestBase.sol";

/// @dev The metering modules, wired, with three resources; the test itself holds the whole supply.
abstract contract MeteringBase is TestBase {
    uint32 internal constant EPOCH = 1 days;
    uint32 internal constant WINDOW = 3;
    uint32 internal constant GRACE = 6 hours;
    uint32 internal constant RESOURCES = 3;
    uint64 private constant METER = 1;

    OPAToken internal token;
    ResourceRegistry internal registry;
    ServiceAccounts internal accounts;
    NodeRegistry internal nodes;
    AccessPolicyMock internal policy;
    Settlement internal settlement;

    function _deploySuite() internal {
        vm.warp(10 * EPOCH);
        AuthorityMock authority = new AuthorityMock(address(this));
        token = new OPAToken(address(this));
        registry = new ResourceRegistry(address(authority), 0, EPOCH);
        policy = new AccessPolicyMock();
        accounts = new ServiceAccounts(token, address(authority), 0, EPOCH, GRACE, policy);
        nodes = new NodeRegistry();
        settlement = new Settlement(registry, accounts, nodes, WINDOW);

        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = registry.report.selector;
        authority.setTargetFunctionRole(address(registry), selectors, METER);
        selectors[0] = accounts.chargeCredit.selector;
        authority.setTargetFunctionRole(address(accounts), selectors, METER);
        authority.grantRole(METER, address(settlement), 0);
        registry.syncMeter(address(settlement));
        accounts.syncMeter(address(settlement));

        uint32[3] memory weights = [uint32(1), 7, 1_000];
        for (uint32 i = 0; i < RESOURCES; ++i) {
            registry.register(
                IResourceRegistry.ResourceParams({
                    name: "resource",
                    unit: "unit",
                    category: Metering.Category.Inference,
                    weight: weights[i],
                    minimumTier: 0,
                    rate: 3 gwei,
                    floor: 1 gwei,
                    ceiling: 9 gwei,
                    target: 0,
                    policy: 0
                })
            );
        }
        token.approve(address(accounts), type(uint256).max);
    }

    function _signStatement(
        uint256 key,
        Metering.Statement memory statement
    ) internal view returns (ISettlement.SignedStatement[] memory list) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, settlement.hashStatement(statement));
        list = new ISettlement.SignedStatement[](1);
        list[0] = ISettlement.SignedStatement(statement, vm.addr(key), abi.encodePacked(r, s, v));
    }
}
