// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IIncentiveVault} from "../../contracts/interfaces/IIncentiveVault.sol";
import {IResourceRegistry} from "../../contracts/interfaces/IResourceRegistry.sol";
import {ISettlement} from "../../contracts/interfaces/ISettlement.sol";
import {Metering} from "../../contracts/interfaces/types/Metering.sol";
import {IncentivePool} from "../../contracts/incentives/IncentivePool.sol";
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
    uint16 internal constant KAPPA_BPS = 5_000;
    uint96 internal constant MINIMUM_STAKE = 100 ether;
    uint96 internal constant CLAIM_LIMIT = 16_000_000 ether;
    uint96 internal constant WHOLE_SUPPLY = 800_000_000 ether;
    address internal constant SLASHED = address(0x51A5ED);
    uint64 private constant METER = 1;

    AuthorityMock internal authority;
    OPAToken internal token;
    ResourceRegistry internal registry;
    ServiceAccounts internal accounts;
    NodeRegistry internal nodes;
    IncentivePool internal pool;
    AccessPolicyMock internal policy;
    Settlement internal settlement;

    function _deploySuite() internal {
        _deploySuite(KAPPA_BPS);
    }

    function _deploySuite(uint16 kappaBps) internal {
        vm.warp(10 * EPOCH);
        authority = AuthorityMock(_deploy("AuthorityMock", abi.encode(this)));
        token = OPAToken(_deploy("OPAToken", abi.encode(this)));
        registry = ResourceRegistry(_deploy("ResourceRegistry", abi.encode(authority, 0, EPOCH)));
        policy = new AccessPolicyMock();
        accounts = ServiceAccounts(_deploy("ServiceAccounts", abi.encode(token, authority, 0, EPOCH, GRACE, policy)));
        uint96[5] memory minimums = [MINIMUM_STAKE, MINIMUM_STAKE, MINIMUM_STAKE, MINIMUM_STAKE, MINIMUM_STAKE];
        nodes = NodeRegistry(_deploy("NodeRegistry", abi.encode(token, authority, 0, EPOCH, SLASHED, minimums)));
        IIncentiveVault.Stage[] memory stages = new IIncentiveVault.Stage[](2);
        (stages[0], stages[1]) = (IIncentiveVault.Stage(0, 1_000), IIncentiveVault.Stage(30, 800));
        address vault = _deploy(
            "IncentiveVault",
            abi.encode(token, registry, address(this), authority, kappaBps, stages)
        );
        uint16[5] memory shares = [uint16(7_000), 1_000, 1_000, 500, 500];
        pool = IncentivePool(
            _deploy("IncentivePool", abi.encode(vault, nodes, address(this), authority, CLAIM_LIMIT, shares))
        );
        registry.setBook(pool);
        ISettlement.Limits memory burnLimits = _burnLimits();
        settlement = Settlement(
            _deploy("Settlement", abi.encode(registry, accounts, nodes, WINDOW, authority, burnLimits))
        );

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

    /// @dev Registers a provider for all categories, paid for by this test.
    function _registerNode(address provider) internal {
        uint96 amount = 5 * MINIMUM_STAKE;
        token.transfer(provider, amount);
        vm.startPrank(provider);
        token.approve(address(nodes), amount);
        nodes.register(amount, 31, address(0), "");
        vm.stopPrank();
    }

    function _signStatement(
        uint256 key,
        Metering.Statement memory statement
    ) internal view returns (ISettlement.SignedStatement[] memory list) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, settlement.hashStatement(statement));
        list = new ISettlement.SignedStatement[](1);
        list[0] = ISettlement.SignedStatement(statement, vm.addr(key), abi.encodePacked(r, s, v));
    }

    /// @dev Limits that no test reaches unless it means to.
    function _burnLimits() internal pure virtual returns (ISettlement.Limits memory limits) {
        return ISettlement.Limits(WHOLE_SUPPLY / 5, WHOLE_SUPPLY);
    }
}
