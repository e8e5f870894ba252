// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {OPAToken} from "../../../contracts/token/OPAToken.sol";
import {TokenSigner} from "../../support/TokenSigner.sol";

/// @dev Four holders use every way {OPAToken} has to move or burn, and a mirror predicts each result.
contract TokenHandler is TokenSigner {
    uint256 public constant ACTORS = 4;
    uint256 private constant FIRST_KEY = 0xA11CE;

    OPAToken private immutable TOKEN;

    uint256 public ghostBurned;
    mapping(address account => uint256 amount) public ghostBalance;
    mapping(address owner => mapping(address spender => uint256 amount)) public ghostAllowance;
    mapping(address owner => uint256 count) public ghostPermits;
    mapping(string action => uint256 count) public calls;

    uint256 private _lastNonce;
    /// @dev Kept, because each address takes a multiplication on the curve.
    address[ACTORS] private _actors;

    /// @dev The actors already hold their first balances.
    constructor(OPAToken token) {
        TOKEN = token;
        for (uint256 i = 0; i < ACTORS; ++i) {
            _actors[i] = vm.addr(_key(i));
            ghostBalance[_actors[i]] = token.balanceOf(_actors[i]);
        }
    }

    function transfer(uint256 from, uint256 to, uint256 amount) external {
        address sender = actor(from);
        amount = _bound(amount, 0, ghostBalance[sender]);
        ++calls["transfer"];
        _move(sender, actor(to), amount);

        vm.prank(sender);
        TOKEN.transfer(actor(to), amount);
    }

    function approve(uint256 from, uint256 to, uint256 amount) external {
        ++calls["approve"];
        ghostAllowance[actor(from)][actor(to)] = amount;

        vm.prank(actor(from));
        TOKEN.approve(actor(to), amount);
    }

    function transferFrom(uint256 from, uint256 by, uint256 to, uint256 amount) external {
        (address owner, address spender) = (actor(from), actor(by));
        amount = _bound(amount, 0, _spendable(owner, spender));
        ++calls["transferFrom"];
        _spend(owner, spender, amount);
        _move(owner, actor(to), amount);

        vm.prank(spender);
        TOKEN.transferFrom(owner, actor(to), amount);
    }

    function burn(uint256 from, uint256 amount) external {
        address owner = actor(from);
        amount = _bound(amount, 0, ghostBalance[owner]);
        ++calls["burn"];
        _destroy(owner, amount);

        vm.prank(owner);
        TOKEN.burn(amount);
    }

    function burnFrom(uint256 from, uint256 by, uint256 amount) external {
        (address owner, address spender) = (actor(from), actor(by));
        amount = _bound(amount, 0, _spendable(owner, spender));
        ++calls["burnFrom"];
        _spend(owner, spender, amount);
        _destroy(owner, amount);

        vm.prank(spender);
        TOKEN.burnFrom(owner, amount);
    }

    function permit(uint256 from, uint256 to, uint256 amount, uint256 deadline) external {
        deadline = _bound(deadline, block.timestamp, type(uint256).max);
        ++calls["permit"];
        ++ghostPermits[actor(from)];
        ghostAllowance[actor(from)][actor(to)] = amount;

        _permit(TOKEN, _key(from), actor(to), amount, deadline);
    }

    function transferBySignature(uint256 from, uint256 to, uint256 amount) external {
        Authorization memory a = _authorization(from, to, amount);
        ++calls["transferBySignature"];
        _move(a.from, a.to, a.value);

        bytes memory signature = _signAuthorization(TOKEN, _key(from), TRANSFER, a);
        TOKEN.transferWithAuthorization(a.from, a.to, a.value, a.validAfter, a.validBefore, a.nonce, signature);
        vm.assertTrue(TOKEN.authorizationState(a.from, a.nonce), "nonce not used");
    }

    function receiveBySignature(uint256 from, uint256 to, uint256 amount) external {
        Authorization memory a = _authorization(from, to, amount);
        ++calls["receiveBySignature"];
        _move(a.from, a.to, a.value);

        bytes memory signature = _signAuthorization(TOKEN, _key(from), RECEIVE, a);
        vm.prank(a.to);
        TOKEN.receiveWithAuthorization(a.from, a.to, a.value, a.validAfter, a.validBefore, a.nonce, signature);
    }

    /// @dev Cancels, then shows that the cancelled authorisation moves nothing.
    function cancelBySignature(uint256 from, uint256 to, uint256 amount) external {
        Authorization memory a = _authorization(from, to, amount);
        ++calls["cancelBySignature"];

        TOKEN.cancelAuthorization(a.from, a.nonce, _signCancellation(TOKEN, _key(from), a.nonce));
        bytes memory signature = _signAuthorization(TOKEN, _key(from), TRANSFER, a);
        try TOKEN.transferWithAuthorization(a.from, a.to, a.value, a.validAfter, a.validBefore, a.nonce, signature) {
            vm.assertTrue(false, "a cancelled authorisation moved tokens");
        } catch {}
    }

    /// @dev Calls that must fail: overdraw, overspend, sign for another.
    function trespass(uint256 from, uint256 by, uint256 amount) external {
        if (from % ACTORS == by % ACTORS) by = (by % ACTORS) + 1;
        (address owner, address thief) = (actor(from), actor(by));
        ++calls["trespass"];

        vm.prank(thief);
        try TOKEN.transfer(owner, ghostBalance[thief] + 1) {
            vm.assertTrue(false, "SUP-I4: overdrawn");
        } catch {}
        if (ghostAllowance[owner][thief] != type(uint256).max) {
            vm.prank(thief);
            try TOKEN.burnFrom(owner, ghostAllowance[owner][thief] + 1) {
                vm.assertTrue(false, "SUP-I5: overspent");
            } catch {}
        }
        Authorization memory a = _authorization(from, by, amount);
        bytes memory signature = _signAuthorization(TOKEN, _key(by), TRANSFER, a);
        try TOKEN.transferWithAuthorization(a.from, a.to, a.value, a.validAfter, a.validBefore, a.nonce, signature) {
            vm.assertTrue(false, "SUP-I4: another's signature");
        } catch {}
    }

    function elapse(uint256 period) external {
        ++calls["elapse"];
        vm.warp(block.timestamp + _bound(period, 1, 30 days));
    }

    function actor(uint256 index) public view returns (address) {
        return _actors[index % ACTORS];
    }

    function _authorization(uint256 from, uint256 to, uint256 amount) private returns (Authorization memory) {
        amount = _bound(amount, 0, ghostBalance[actor(from)]);
        bytes32 nonce = keccak256(abi.encode(++_lastNonce));
        return Authorization(actor(from), actor(to), amount, block.timestamp - 1, block.timestamp + 1, nonce);
    }

    function _spendable(address owner, address spender) private view returns (uint256) {
        uint256 allowance = ghostAllowance[owner][spender];
        return allowance < ghostBalance[owner] ? allowance : ghostBalance[owner];
    }

    function _spend(address owner, address spender, uint256 amount) private {
        if (ghostAllowance[owner][spender] != type(uint256).max) ghostAllowance[owner][spender] -= amount;
    }

    function _move(address from, address to, uint256 amount) private {
        ghostBalance[from] -= amount;
        ghostBalance[to] += amount;
    }

    function _destroy(address owner, uint256 amount) private {
        ghostBalance[owner] -= amount;
        ghostBurned += amount;
    }

    function _key(uint256 index) private pure returns (uint256) {
        return FIRST_KEY + (index % ACTORS);
    }
}
