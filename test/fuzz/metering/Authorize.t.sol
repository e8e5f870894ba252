// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IMeterCredit} from "../../../contracts/interfaces/IMeterCredit.sol";
import {IOrganisations} from "../../../contracts/interfaces/IOrganisations.sol";
import {IResourceRegistry} from "../../../contracts/interfaces/IResourceRegistry.sol";
import {Metering} from "../../../contracts/interfaces/types/Metering.sol";
import {MeteringBase} from "../../support/MeteringBase.sol";

/// @dev Worlds in which everything that settlement judges is drawn at random, with amounts near the limits.
contract AuthorizeFuzzTest is MeteringBase {
    uint256 private constant ACCOUNT_KEY = 0xA11CE;
    uint256 private constant SIGNER_KEY = 0xB0B;
    uint256 private constant NO_LIMIT = 2 ** 60 - 1;
    uint256 private constant LINES = 3;
    address private constant PROVIDER = address(0x1001);

    address private account = vm.addr(ACCOUNT_KEY);
    address private key = vm.addr(SIGNER_KEY);
    uint256 private _seed;
    uint256 private _draws;

    function setUp() external {
        _deploySuite();
        vm.warp(20 * EPOCH);
        _registerNode(PROVIDER);
        registry.register(
            IResourceRegistry.ResourceParams({
                name: "gated",
                unit: "unit",
                category: Metering.Category.Compute,
                weight: 2,
                minimumTier: 2,
                rate: 5 gwei,
                floor: 1 gwei,
                ceiling: 9 gwei,
                target: 0,
                policy: 0
            })
        );
    }

    /// @dev ACC-I1.
    function testFuzz_AuthorizeAll_SaysTheSameAsSettle(uint256 seed) external {
        _seed = seed;
        _openWorld();
        _disturb();
        uint256 privateKey = _draw(3) == 0 ? ACCOUNT_KEY : SIGNER_KEY;
        address signer = vm.addr(privateKey);
        for (uint256 round = 0; round < 3; ++round) {
            this.compare(privateKey, signer);
            vm.warp(block.timestamp + _draw(2) * _draw(uint256(EPOCH)));
        }
    }

    /// @dev Asks for random use, settles it, and compares; an outside call, since IR joins private functions to one that needs
    /// too much stack.
    // solhint-disable-next-line foundry-test-function-naming
    function compare(uint256 privateKey, address signer) external {
        (uint32[] memory resources, uint128[] memory units) = _drawUse(signer);
        (Metering.Reason[] memory reasons, uint256 amount) = meter.authorizeAll(
            account,
            signer,
            PROVIDER,
            resources,
            units
        );
        uint256 supply = token.totalSupply();
        Metering.Result memory result = settlement.settle(_sign(privateKey, resources, units))[0];

        vm.assertEq(result.burned, amount, "ACC-I1: amount");
        vm.assertEq(supply - token.totalSupply(), amount, "ACC-I1: burned");
        _compareReasons(reasons, result);
    }

    function _compareReasons(Metering.Reason[] memory reasons, Metering.Result memory result) private view {
        for (uint256 i = 0; i < LINES; ++i) {
            Metering.Reason reason = result.reason;
            if (reason == Metering.Reason.None && result.reasons.length != 0) reason = result.reasons[i];
            vm.assertEq(uint256(reasons[i]), uint256(reason), "ACC-I1: reason");
        }
    }

    function _openWorld() private {
        uint256 credit = 1 + _draw(40_000);
        meter.deposit(account, credit * 1 gwei + _draw(1 gwei));
        policy.setTier(account, uint8(_draw(4)));
        vm.startPrank(account);
        if (_draw(2) == 0) meter.limitOrganisation(account, _drawLimits());
        meter.openProject(account, _drawLimits());
        uint256 project = _draw(2);
        bool isManager = project == 1 && _draw(8) == 0;
        IOrganisations.Role role = isManager ? IOrganisations.Role.Manager : IOrganisations.Role.Spender;
        if (_draw(8) != 0) meter.setKey(account, key, uint32(project), role, _drawLimits());
        if (_draw(2) == 0) {
            address signer =
                _draw(3) == 0
                    ? account
                    : _draw(4) == 0
                        ? address(0xDEAD)
                        : key;
            uint256 amount = (1 + _draw(credit)) * 1 gwei;
            meter.reserve(account, PROVIDER, signer, amount, uint48(block.timestamp + 1 + _draw(3 days)));
        }
        vm.stopPrank();
    }

    /// @dev Changes that may take away rights.
    function _disturb() private {
        vm.startPrank(account);
        if (_draw(4) == 0) meter.setProject(account, 1, _drawLimits());
        if (_draw(8) == 0) meter.revokeProjectKeys(account, 1);
        if (_draw(12) == 0) meter.revokeAllKeys(account);
        if (_draw(12) == 0) policy.setTier(account, 0);
        vm.stopPrank();
        vm.startPrank(PROVIDER);
        if (_draw(4) == 0) nodes.setCategories(uint32(1 + _draw(31)));
        if (_draw(12) == 0) nodes.deactivate(PROVIDER);
        vm.stopPrank();
        vm.warp(block.timestamp + _draw(2) * _draw(uint256(EPOCH)));
    }

    /// @dev Three of the four resources, in amounts that together come near to all that there is.
    function _drawUse(address signer) private returns (uint32[] memory resources, uint128[] memory units) {
        resources = new uint32[](LINES);
        units = new uint128[](LINES);
        uint256 left = _draw(4);
        uint256 most = meter.fundsOf(account, signer).allowance / 1 gwei;
        uint256 held = (meter.creditOf(account) + meter.reservationOf(account, PROVIDER).amount) / 1 gwei;
        if (_draw(2) == 0 || most > held) most = held;
        uint32[4] memory prices = [uint32(3), 21, 3_000, 10];
        uint32 next = 0;
        for (uint256 i = 0; i < LINES; ++i) {
            if (i == left) ++next;
            resources[i] = ++next;
            uint256 part = _draw(3) == 0 ? most : _draw(most + 1);
            units[i] = uint128(part / prices[next - 1] + _draw(2));
        }
    }

    function _drawLimits() private returns (IOrganisations.Limits memory limits) {
        limits.epochLimit = (_draw(2) == 0 ? NO_LIMIT : 1 + _draw(30_000)) * 1 gwei;
        limits.totalLimit = (_draw(2) == 0 ? NO_LIMIT : 1 + _draw(30_000)) * 1 gwei;
        limits.expiresAt = uint48(block.timestamp + 1 + (_draw(4) == 0 ? _draw(1 days) : 300 days));
        limits.categories = _draw(6) == 0 ? uint32(1 + _draw(31)) : 31;
    }

    function _sign(
        uint256 privateKey,
        uint32[] memory resources,
        uint128[] memory units
    ) private view returns (Metering.SignedStatement[] memory list) {
        Metering.Statement memory statement = Metering.Statement({
            account: account,
            priceEpoch: meter.currentEpoch(),
            deadline: type(uint48).max,
            lines: new Metering.Line[](LINES)
        });
        for (uint256 i = 0; i < LINES; ++i) {
            uint128 total = meter.lineOf(account, PROVIDER, resources[i]).cumulativeUnits + units[i];
            statement.lines[i] = Metering.Line(PROVIDER, resources[i], total);
        }
        return _signStatement(privateKey, statement);
    }

    function _draw(uint256 count) private returns (uint256 number) {
        return uint256(keccak256(abi.encode(_seed, ++_draws))) % count;
    }

    /// @dev Limits that these worlds reach.
    function _burnLimits() internal pure override returns (IMeterCredit.BurnLimits memory limits) {
        return IMeterCredit.BurnLimits(12_000 gwei, 20_000 gwei);
    }
}
