// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";

import {OPAGovernor} from "../../contracts/governance/OPAGovernor.sol";
import {IGovernanceLock} from "../../contracts/interfaces/IGovernanceLock.sol";
import {IGuardedPause} from "../../contracts/interfaces/IGuardedPause.sol";
import {IIncentivePool} from "../../contracts/interfaces/IIncentivePool.sol";
import {IIncentiveVault} from "../../contracts/interfaces/IIncentiveVault.sol";
import {IMeter} from "../../contracts/interfaces/IMeter.sol";
import {IMeterCredit} from "../../contracts/interfaces/IMeterCredit.sol";
import {INodeRegistry} from "../../contracts/interfaces/INodeRegistry.sol";
import {INodeSlashing} from "../../contracts/interfaces/INodeSlashing.sol";
import {IOPAToken} from "../../contracts/interfaces/IOPAToken.sol";
import {IResourceRegistry} from "../../contracts/interfaces/IResourceRegistry.sol";
import {ISystemDirectory} from "../../contracts/interfaces/ISystemDirectory.sol";
import {ISystemReserve} from "../../contracts/interfaces/ISystemReserve.sol";
import {Metering} from "../../contracts/interfaces/types/Metering.sol";
import {TestBase} from "./TestBase.sol";

/// @dev The modules that governance reaches.
struct GovernedSuite {
    IAccessManager manager;
    TimelockController timelock;
    IGovernor governor;
    IGovernanceLock lock;
    IOPAToken token;
    ISystemDirectory directory;
    ISystemReserve reserve;
    IResourceRegistry registry;
    IMeter meter;
    address settlement;
    INodeRegistry nodes;
    INodeSlashing slashing;
    IIncentiveVault vault;
    IIncentivePool pool;
    address attestations;
}

/// @dev The suite as it ships, wired and handed over to the timelock as at deployment. The test holds the OPA that the
/// vault and the reserve do not hold. GOVERNANCE and REGISTRAR belong to the timelock, as ADMIN does, so their functions stay with ADMIN.
abstract contract GovernedBase is TestBase {
    uint32 internal constant EPOCH = 1 days;
    uint256 internal constant VAULT_FUNDS = 320_000_000 ether;
    uint256 internal constant RESERVE_FUNDS = 120_000_000 ether;
    uint96 internal constant MINIMUM_STAKE = 100 ether;
    uint16 internal constant FIRST_KAPPA = 5_000;
    uint64 internal constant METER = 1;
    uint64 internal constant RECORDER = 4;
    uint64 internal constant SLASHER = 5;
    uint64 internal constant REPORTER = 6;
    uint64 internal constant HOLDER = 7;
    uint64 internal constant PAUSE_GUARDIAN = 8;
    uint64 internal constant ENROLLER = 9;

    GovernedSuite internal suite;

    function _deployGoverned(address guardian) internal {
        vm.warp(1_800_000_000);
        _deployAccess(guardian);
        _deployMetering();
        _deployIncentives();
        _fillRegistry();
        _setTable();
        suite.token.transfer(address(suite.vault), VAULT_FUNDS);
        suite.token.transfer(address(suite.reserve), RESERVE_FUNDS);
        _handOver();
    }

    function _deployAccess(address guardian) private {
        suite.manager = IAccessManager(_deploy("AccessManager", abi.encode(this)));
        address[] memory nobody = new address[](0);
        address[] memory anyone = new address[](1);
        address timelock = _deploy("SystemTimelock", abi.encode(2 days, nobody, anyone, this));
        suite.timelock = TimelockController(payable(timelock));
        suite.directory = ISystemDirectory(_deploy("SystemDirectory", abi.encode(suite.manager)));
        suite.token = IOPAToken(_deploy("OPAToken", abi.encode(this)));
        suite.lock = IGovernanceLock(_deploy("GovernanceLock", abi.encode(suite.token, suite.manager)));
        suite.reserve = ISystemReserve(
            _deploy("SystemReserve", abi.encode(suite.token, suite.directory, suite.manager))
        );
        bytes memory settings = abi.encode(
            OPAGovernor.Settings(3 days, 5 days, 100_000 ether, 4, 8_000_000 ether, 1 days)
        );
        bytes memory fixed_ = abi.encode(suite.lock, timelock, suite.manager, uint48(0), EPOCH, guardian);
        suite.governor = IGovernor(_deploy("OPAGovernor", bytes.concat(fixed_, settings)));
    }

    function _deployMetering() private {
        suite.registry = IResourceRegistry(_deploy("ResourceRegistry", abi.encode(suite.manager, 0, EPOCH)));
        address policy = _deploy(
            "AccessPolicy",
            abi.encode(suite.manager, 0, EPOCH, suite.lock, 1_000 ether, 1_000 ether)
        );
        IMeterCredit.BurnLimits memory limits = IMeterCredit.BurnLimits(120_000 ether, 600_000 ether);
        address extension = _deploy(
            "MeterExtension",
            abi.encode(suite.token, suite.registry, suite.manager, 4 days, policy, limits)
        );
        suite.meter = IMeter(_deploy("Meter", abi.encode(extension, uint32(7))));
        suite.settlement = _deploy("Settlement", abi.encode(suite.meter));
        uint96[5] memory minimums = [MINIMUM_STAKE, MINIMUM_STAKE, MINIMUM_STAKE, MINIMUM_STAKE, MINIMUM_STAKE];
        suite.nodes = INodeRegistry(
            _deploy("NodeRegistry", abi.encode(suite.token, suite.manager, 0, EPOCH, suite.reserve, minimums))
        );
        suite.slashing = INodeSlashing(_deploy("NodeSlashing", abi.encode(suite.nodes, suite.manager)));
    }

    function _deployIncentives() private {
        IIncentiveVault.Stage[] memory stages = new IIncentiveVault.Stage[](3);
        stages[0] = IIncentiveVault.Stage(0, 200);
        stages[1] = IIncentiveVault.Stage(365, 170);
        stages[2] = IIncentiveVault.Stage(730, 140);
        bytes memory arguments = abi.encode(
            suite.token,
            suite.meter,
            suite.reserve,
            suite.manager,
            FIRST_KAPPA,
            stages
        );
        suite.vault = IIncentiveVault(_deploy("IncentiveVault", arguments));
        suite.pool = IIncentivePool(_deploy("IncentivePool", _poolArguments(suite)));
        suite.attestations = _deploy("Attestations", abi.encode(suite.meter, suite.manager));
        _manage(address(suite.meter), abi.encodeCall(suite.meter.setBook, (suite.pool)));
        bytes4 interfaceId = type(IIncentiveVault).interfaceId;
        bytes memory listing = abi.encodeCall(
            suite.directory.register,
            ("incentive-vault", address(suite.vault), interfaceId)
        );
        _manage(address(suite.directory), listing);
    }

    function _fillRegistry() private {
        _manage(address(suite.registry), abi.encodeCall(suite.registry.setMeter, (suite.meter)));
        _manage(address(suite.nodes), abi.encodeCall(suite.nodes.setMeter, (suite.meter)));
        uint32[3] memory weights = [uint32(1), 7, 1_000];
        for (uint32 i = 0; i < 3; ++i) {
            IResourceRegistry.ResourceParams memory params;
            (params.name, params.unit, params.category) = ("resource", "unit", Metering.Category.Inference);
            (params.weight, params.rate, params.floor, params.ceiling) = (weights[i], 3 gwei, 1 gwei, 9 gwei);
            _manage(address(suite.registry), abi.encodeCall(suite.registry.register, (params)));
        }
    }

    function _setTable() private {
        _permit(address(suite.meter), suite.meter.charge.selector, METER, suite.settlement);
        _permit(address(suite.pool), suite.pool.recordPoints.selector, RECORDER, suite.attestations);
        _permit(address(suite.nodes), suite.nodes.slash.selector, SLASHER, address(suite.slashing));
        _permit(address(suite.slashing), suite.slashing.announceFault.selector, REPORTER, address(0x4E9));
        _permit(address(suite.lock), suite.lock.hold.selector, HOLDER, address(suite.governor));
        _permit(address(suite.meter), suite.meter.setProvider.selector, ENROLLER, address(suite.nodes));
        address[5] memory modules = [
            address(suite.meter),
            address(suite.nodes),
            address(suite.slashing),
            address(suite.pool),
            address(suite.reserve)
        ];
        for (uint256 i = 0; i < modules.length; ++i) {
            _permit(modules[i], IGuardedPause.pause.selector, PAUSE_GUARDIAN, address(0x9A5E));
        }
        suite.meter.syncMeter(suite.settlement);
        suite.lock.syncHolder(address(suite.governor));
    }

    function _handOver() private {
        suite.timelock.grantRole(suite.timelock.PROPOSER_ROLE(), address(suite.governor));
        suite.timelock.grantRole(suite.timelock.CANCELLER_ROLE(), address(suite.governor));
        suite.timelock.renounceRole(suite.timelock.DEFAULT_ADMIN_ROLE(), address(this));
        suite.manager.grantRole(0, address(suite.timelock), 0);
        suite.manager.renounceRole(0, address(this));
    }

    function _permit(address target, bytes4 selector, uint64 role, address holder) private {
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = selector;
        suite.manager.setTargetFunctionRole(target, selectors, role);
        suite.manager.grantRole(role, holder, 0);
    }

    function _manage(address target, bytes memory data) private {
        suite.manager.execute(target, data);
    }

    /// @dev Constructor arguments of a pool with the shares of the first one.
    function _poolArguments(GovernedSuite memory modules) internal pure returns (bytes memory arguments) {
        uint16[5] memory shares = [uint16(7_000), 1_000, 1_000, 500, 500];
        address manager = address(modules.manager);
        return abi.encode(modules.vault, modules.nodes, modules.lock, manager, uint96(16_000_000 ether), shares);
    }
}
