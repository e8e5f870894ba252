// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IIncentiveVault} from "../../contracts/interfaces/IIncentiveVault.sol";
import {IMeter} from "../../contracts/interfaces/IMeter.sol";
import {IMeterCredit} from "../../contracts/interfaces/IMeterCredit.sol";
import {IResourceRegistry} from "../../contracts/interfaces/IResourceRegistry.sol";
import {ISettlement} from "../../contracts/interfaces/ISettlement.sol";
import {Metering} from "../../contracts/interfaces/types/Metering.sol";
import {IncentivePool} from "../../contracts/incentives/IncentivePool.sol";
import {ResourceRegistry} from "../../contracts/metering/ResourceRegistry.sol";
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
    uint64 private constant ENROLLER = 9;

    AuthorityMock internal authority;
    OPAToken internal token;
    ResourceRegistry internal registry;
    IMeter internal meter;
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
        address extension = _deploy(
            "MeterExtension",
            abi.encode(token, registry, authority, GRACE, policy, _burnLimits())
        );
        meter = IMeter(_deploy("Meter", abi.encode(extension, WINDOW)));
        registry.setMeter(meter);
        uint96[5] memory minimums = [MINIMUM_STAKE, MINIMUM_STAKE, MINIMUM_STAKE, MINIMUM_STAKE, MINIMUM_STAKE];
        nodes = NodeRegistry(_deploy("NodeRegistry", abi.encode(token, authority, 0, EPOCH, SLASHED, minimums)));
        IIncentiveVault.Stage[] memory stages = new IIncentiveVault.Stage[](2);
        (stages[0], stages[1]) = (IIncentiveVault.Stage(0, 1_000), IIncentiveVault.Stage(30, 800));
        address vault = _deploy("IncentiveVault", abi.encode(token, meter, address(this), authority, kappaBps, stages));
        uint16[5] memory shares = [uint16(7_000), 1_000, 1_000, 500, 500];
        pool = IncentivePool(
            _deploy("IncentivePool", abi.encode(vault, nodes, address(this), authority, CLAIM_LIMIT, shares))
        );
        meter.setBook(pool);
        settlement = Settlement(_deploy("Settlement", abi.encode(meter)));

        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = meter.charge.selector;
        authority.setTargetFunctionRole(address(meter), selectors, METER);
        authority.grantRole(METER, address(settlement), 0);
        meter.syncMeter(address(settlement));
        selectors[0] = meter.setProvider.selector;
        authority.setTargetFunctionRole(address(meter), selectors, ENROLLER);
        authority.grantRole(ENROLLER, address(nodes), 0);
        nodes.setMeter(meter);

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
        token.approve(address(meter), type(uint256).max);
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
    ) internal view returns (Metering.SignedStatement[] memory list) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, settlement.hashStatement(statement));
        list = new Metering.SignedStatement[](1);
        uint256[] memory lines = new uint256[](statement.lines.length);
        for (uint256 i = 0; i < lines.length; ++i) {
            Metering.Line memory line = statement.lines[i];
            lines[i] = (uint256(uint160(line.provider)) << 96) | (uint256(line.resource) << 64) | line.cumulativeUnits;
        }
        bytes memory signature = abi.encodePacked(r, s, v);
        list[0] = Metering.SignedStatement({
            account: statement.account,
            priceEpoch: statement.priceEpoch,
            deadline: statement.deadline,
            signer: vm.addr(key),
            lines: lines,
            signature: signature
        });
    }

    /// @dev Limits that no test reaches unless it means to.
    function _burnLimits() internal pure virtual returns (IMeterCredit.BurnLimits memory limits) {
        return IMeterCredit.BurnLimits(WHOLE_SUPPLY / 5, WHOLE_SUPPLY);
    }
}
