// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOrganisations} from "../../contracts/interfaces/IOrganisations.sol";
import {IResourceRegistry} from "../../contracts/interfaces/IResourceRegistry.sol";
import {IServiceAccounts} from "../../contracts/interfaces/IServiceAccounts.sol";
import {ISettlement} from "../../contracts/interfaces/ISettlement.sol";
import {Metering} from "../../contracts/interfaces/types/Metering.sol";
import {MeteringBase} from "./MeteringBase.sol";

/// @dev Random situations in which `authorize` and settlement are compared. Each world is a new account with random credit,
/// limits, keys, tiers, history and revocations, and is asked about several uses.
abstract contract AuthorizeWorlds is MeteringBase {
    uint256 private constant USES = 4; // per world, and one of several resources together
    uint256 private constant MAX_LIMIT = (2 ** 60 - 1) * 1 gwei;
    uint256 private constant LARGE_KEY = 7_777;
    uint32 private constant LAST_RESOURCE = 8; // the one after it is unknown
    address private constant ACTIVE = address(0xA001);
    address private constant PICKY = address(0xA002);
    address private constant RESTING = address(0xA003);
    address private constant NOBODY = address(0xA004);

    uint256 private _random;
    uint256[4] private _signers; // the account, two keys and a stranger
    address private _account;
    mapping(Metering.Reason reason => uint256 count) internal _seen;
    uint256 internal _situations;

    function _deployWorlds() internal {
        _deploySuite();
        _register(Metering.Category.Compute, 0);
        _register(Metering.Category.Data, 0);
        _register(Metering.Category.Inference, 2);
        _register(Metering.Category.Storage, 1);
        _register(Metering.Category.Inference, 0);
        registry.deprecate(LAST_RESOURCE);
        registry.retire(LAST_RESOURCE);
        address[3] memory providers = [ACTIVE, PICKY, RESTING];
        for (uint256 i = 0; i < providers.length; ++i) {
            _registerNode(providers[i]);
        }
        vm.prank(RESTING);
        nodes.deactivate(RESTING);
        vm.warp(12 * EPOCH);
    }

    /// @dev External, so that its memory is given back.
    function playWorld(uint256 seed) external {
        _random = uint256(keccak256(abi.encode("world", seed)));
        for (uint256 i = 0; i < _signers.length; ++i) {
            _signers[i] = 1 + (uint256(keccak256(abi.encode(_random, i))) >> 8);
        }
        _account = vm.addr(_signers[0]);
        _build();
        if (_chance(6)) _burnElsewhere();
        bool paused = _chance(10) && block.timestamp >= settlement.pauseState().pausableAt;
        if (paused) settlement.pause("drill", uint48(block.timestamp) + 1 hours);
        for (uint256 i = 0; i < USES; ++i) {
            _compareOne();
            if (_chance(4)) _mutate();
        }
        _compareSeveral();
        if (paused && settlement.isPaused()) settlement.movePause(0);
    }

    function _burnLimits() internal pure override returns (ISettlement.Limits memory limits) {
        return ISettlement.Limits(2_000 ether, 2_500 ether);
    }

    function _build() private {
        vm.prank(PICKY);
        nodes.setCategories(uint32(1 + _next(31)));
        uint256 credit = _amount(5);
        if (credit != 0) accounts.deposit(_account, credit < 1e24 ? credit : 1e24);
        policy.setTier(_account, uint8(_next(4)));
        if (_chance(3)) accounts.noteTier(_account);
        if (_chance(3)) policy.setTier(_account, uint8(_next(4)));
        for (uint256 i = _next(3); i != 0; --i) {
            vm.prank(_account);
            accounts.openProject(_account, _limits());
        }
        if (_chance(2)) _limitOrganisation();
        for (uint256 i = 1; i < 3; ++i) {
            if (!_chance(8)) _setKey(i);
        }
        _age();
    }

    /// @dev What happens to an account once it is set up.
    function _age() private {
        if (_chance(3)) _reserve();
        if (_chance(2)) _settleSome();
        if (_chance(4)) _revoke();
        if (_chance(6)) _leave();
        if (_chance(2)) vm.warp(block.timestamp + _next(2 days));
    }

    /// @dev One more change in a world that was looked at already.
    function _mutate() private {
        uint256 kind = _next(5);
        if (kind == 0) _settleSome();
        else if (kind == 1) vm.warp(block.timestamp + 1 + _next(1 days));
        else if (!accounts.isAdmin(_account, _account)) return;
        else if (kind == 2) _limitOrganisation();
        else if (kind == 3) _setKey(1 + _next(2));
        else _revoke();
    }

    /// @dev One use, in one line.
    function _compareOne() private {
        uint256 signer = _next(_signers.length);
        address provider = _provider();
        uint32 resource = uint32(1 + _next(LAST_RESOURCE + 1));
        uint128 units = _units(signer, provider, resource);
        (uint32[] memory resources, uint128[] memory added) = (new uint32[](1), new uint128[](1));
        (resources[0], added[0]) = (resource, units);
        ISettlement.StatementResult memory result = _preview(signer, provider, resources, added);
        (Metering.Reason reason, uint256 charge) = settlement.authorize(
            _account,
            vm.addr(_signers[signer]),
            provider,
            resource,
            units
        );

        vm.assertEq(uint8(reason), uint8(_reasonAt(result, 0)), "ACC-5: reason");
        vm.assertEq(charge, result.burned, "ACC-5: charge");
        vm.assertTrue(reason == Metering.Reason.None || charge == 0, "ACC-5: charge of nothing");
        ++_seen[reason];
        ++_situations;
    }

    /// @dev Several resources of one provider, in one statement.
    function _compareSeveral() private {
        uint256 signer = _next(3);
        address provider = _provider();
        uint256 picked = 1 + _next(2 ** (LAST_RESOURCE + 1) - 1);
        uint256 count;
        for (uint256 left = picked; left != 0; left >>= 1) count += left & 1;
        (uint32[] memory resources, uint128[] memory added) = (new uint32[](count), new uint128[](count));
        count = 0;
        for (uint32 resource = 1; resource <= LAST_RESOURCE + 1; ++resource) {
            if ((picked >> (resource - 1)) & 1 == 0) continue;
            resources[count] = resource;
            added[count] = _units(signer, provider, resource);
            if (_chance(2)) added[count] /= uint128(resources.length);
            ++count;
        }
        ISettlement.StatementResult memory result = _preview(signer, provider, resources, added);
        (Metering.Reason[] memory reasons, uint256 charge) = settlement.authorizeAll(
            _account,
            vm.addr(_signers[signer]),
            provider,
            resources,
            added
        );

        vm.assertEq(reasons.length, count, "ACC-5: lines");
        vm.assertEq(charge, result.burned, "ACC-5: charge of all");
        for (uint256 i = 0; i < count; ++i) {
            vm.assertEq(uint8(reasons[i]), uint8(_reasonAt(result, i)), "ACC-5: reason of a line");
            ++_seen[reasons[i]];
        }
        ++_situations;
    }

    function _reasonAt(ISettlement.StatementResult memory result, uint256 i) private pure returns (Metering.Reason) {
        return result.reason != Metering.Reason.None ? result.reason : result.reasons[i];
    }

    /// @dev What settling would do with a statement that adds these units, which stops at the largest total.
    function _preview(
        uint256 signer,
        address provider,
        uint32[] memory resources,
        uint128[] memory added
    ) private returns (ISettlement.StatementResult memory) {
        return settlement.preview(_signLines(signer, provider, resources, added))[0];
    }

    function _signLines(
        uint256 signer,
        address provider,
        uint32[] memory resources,
        uint128[] memory added
    ) private view returns (ISettlement.SignedStatement[] memory) {
        Metering.Line[] memory lines = new Metering.Line[](resources.length);
        for (uint256 i = 0; i < lines.length; ++i) {
            uint256 total = uint256(settlement.lineOf(_account, provider, resources[i]).cumulativeUnits) + added[i];
            if (total > type(uint128).max) total = type(uint128).max;
            lines[i] = Metering.Line(provider, resources[i], uint128(total));
        }
        uint32 epoch = registry.currentEpoch();
        return _signStatement(_signers[signer], Metering.Statement(_account, epoch, type(uint48).max, lines));
    }

    /// @dev Settles a random use for history, if it can be settled.
    function _settleSome() private {
        uint256 signer = _next(3);
        (uint32[] memory resources, uint128[] memory added) = (new uint32[](1), new uint128[](1));
        (resources[0], added[0]) = (uint32(1 + _next(RESOURCES)), uint128(1 + _next(3_000)));
        settlement.settle(_signLines(signer, ACTIVE, resources, added));
    }

    /// @dev Another account burns so much that the limit of all accounts is nearer than that of one.
    function _burnElsewhere() private {
        (address account, uint256 key) = (_account, _signers[0]);
        (_account, _signers[0]) = (vm.addr(LARGE_KEY), LARGE_KEY);
        accounts.deposit(_account, 2_000 ether);
        (uint32[] memory resources, uint128[] memory added) = (new uint32[](1), new uint128[](1));
        (resources[0], added[0]) = (1, uint128(1_500 ether / registry.unitPriceOf(1, registry.currentEpoch())));
        settlement.settle(_signLines(0, ACTIVE, resources, added));
        (_account, _signers[0]) = (account, key);
    }

    function _limitOrganisation() private {
        vm.prank(_account);
        accounts.limitOrganisation(_account, _limits());
    }

    function _setKey(uint256 index) private {
        uint32 project = uint32(_next(accounts.organisationOf(_account).projects + 1));
        bool manages = project != 0 && _chance(8);
        vm.prank(_account);
        accounts.setKey(
            _account,
            vm.addr(_signers[index]),
            project,
            manages ? IOrganisations.Role.Manager : IOrganisations.Role.Spender,
            _limits()
        );
    }

    function _reserve() private {
        uint256 free = accounts.creditOf(_account);
        if (free == 0) return;
        vm.prank(_account);
        accounts.reserve(_account, _chance(2) ? ACTIVE : PICKY, 1 + _next(free), uint48(block.timestamp + 1 days));
    }

    function _revoke() private {
        IOrganisations.Organisation memory found = accounts.organisationOf(_account);
        address key = vm.addr(_signers[1]);
        uint256 kind = _next(3);
        if (kind == 0 && accounts.keyOf(_account, key).role != IOrganisations.Role.None) {
            vm.prank(_account);
            accounts.revokeKey(_account, key);
        } else if (kind == 1 && found.projects != 0) {
            vm.prank(_account);
            accounts.revokeProjectKeys(_account, uint32(1 + _next(found.projects)));
        } else {
            vm.prank(_account);
            accounts.revokeAllKeys(_account);
        }
        if (_chance(2)) _setKey(1);
    }

    /// @dev The account hands itself over.
    function _leave() private {
        vm.prank(_account);
        accounts.nominateAdmin(_account, address(this));
        accounts.acceptAdmin(_account);
        accounts.removeAdmin(_account, _account);
    }

    function _limits() private returns (IOrganisations.Limits memory) {
        uint256 soon = block.timestamp + 1 + _next(_chance(2) ? 3 : 2 days);
        uint256 categories = _chance(3) ? 1 + _next(31) : 31;
        return
            IOrganisations.Limits({
                epochLimit: _limit(),
                totalLimit: _limit(),
                expiresAt: uint48(_chance(3) ? soon : type(uint32).max),
                categories: uint32(categories)
            });
    }

    function _limit() private returns (uint256 limit) {
        limit = _amount(2) / 1 gwei;
        if (limit == 0) limit = 1;
        limit *= 1 gwei;
        if (limit > MAX_LIMIT) limit = MAX_LIMIT;
    }

    /// @dev Nothing, everything, or an amount that a few units cost.
    function _amount(uint256 plenty) private returns (uint256) {
        if (_next(8) < plenty) return type(uint128).max;
        if (_chance(8)) return 0;
        return _next(20_000 gwei) * (_chance(2) ? 1 : 1_000);
    }

    /// @dev Units of which there are none, one, as many as there can be, or around what a limit or the credit allows.
    function _units(uint256 signer, address provider, uint32 resource) private returns (uint128) {
        uint256 kind = _next(10);
        if (kind == 0) return 0;
        if (kind == 1) return 1;
        if (kind == 2) return type(uint128).max - uint128(_next(3));
        if (kind == 3) return uint128(_next(3_000));
        IServiceAccounts.Funds memory funds = accounts.fundsOf(_account, vm.addr(_signers[signer]));
        uint256 funded = funds.free + accounts.reservationOf(_account, provider).amount;
        uint256 price = resource >= LAST_RESOURCE ? 1 gwei : registry.unitPriceOf(resource, registry.currentEpoch());
        uint256 most = (kind < 8 && funds.allowance < funded) || kind == 8 ? funds.allowance : funded;
        uint256 edge = most / price + _next(3);
        return edge == 0 ? 0 : uint128(edge - 1);
    }

    function _provider() private returns (address) {
        uint256 kind = _next(12);
        if (kind == 0) return NOBODY;
        if (kind == 1) return RESTING;
        return kind < 5 ? PICKY : ACTIVE;
    }

    function _chance(uint256 oneIn) private returns (bool) {
        return _next(oneIn) == 0;
    }

    function _next(uint256 below) private returns (uint256) {
        _random = uint256(keccak256(abi.encode(_random)));
        return (_random >> 64) % below;
    }

    function _register(Metering.Category category, uint8 tier) private {
        registry.register(
            IResourceRegistry.ResourceParams({
                name: "resource",
                unit: "unit",
                category: category,
                weight: 2,
                minimumTier: tier,
                rate: 3 gwei,
                floor: 1 gwei,
                ceiling: 9 gwei,
                target: 0,
                policy: 0
            })
        );
    }
}
