// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {OPAToken} from "../../contracts/token/OPAToken.sol";
import {TestBase} from "../support/TestBase.sol";
import {TokenHandler} from "./handlers/TokenHandler.sol";

contract TokenInvariantTest is TestBase {
    uint256 private constant SUPPLY = 800_000_000e18;

    OPAToken private token;
    TokenHandler private handler;

    function setUp() external {
        vm.warp(1_800_000_000);
        token = OPAToken(_deploy("OPAToken", abi.encode(this)));
        for (uint256 i = 0; i < 4; ++i) {
            token.transfer(vm.addr(0xA11CE + i), SUPPLY / 4);
        }
        // solhint-disable-next-line reentrancy
        handler = TokenHandler(_deploy("TokenHandler", abi.encode(token)));
        _target(address(handler));
    }

    /// @dev SUP-I1.
    function invariant_SupplyAndBurnedAlwaysAddUpToTheInitialSupply() external view {
        vm.assertEq(token.totalSupply() + handler.ghostBurned(), SUPPLY, "SUP-I1: supply and ghost");
        vm.assertEq(token.totalBurned(), handler.ghostBurned(), "SUP-I1: burned");
    }

    /// @dev SUP-I2, SUP-I3.
    function invariant_BalancesAddUpToTheSupply() external view {
        uint256 sum = 0;
        for (uint256 i = 0; i < handler.ACTORS(); ++i) {
            uint256 balance = token.balanceOf(handler.actor(i));
            vm.assertLe(balance, token.totalSupply(), "SUP-I3: balance above the supply");
            sum += balance;
        }
        vm.assertEq(sum, token.totalSupply(), "SUP-I2: sum");
        vm.assertEq(token.balanceOf(address(0)), 0, "SUP-I3: zero address");
    }

    /// @dev SUP-I4.
    function invariant_BalancesMoveOnlyByTheirOwnersAndSpenders() external view {
        for (uint256 i = 0; i < handler.ACTORS(); ++i) {
            address account = handler.actor(i);
            vm.assertEq(token.balanceOf(account), handler.ghostBalance(account), "SUP-I4: balance");
        }
    }

    /// @dev SUP-I5, SUP-I7.
    function invariant_AllowancesChangeOnlyByApprovalPermitAndUse() external view {
        for (uint256 i = 0; i < handler.ACTORS(); ++i) {
            for (uint256 j = 0; j < handler.ACTORS(); ++j) {
                (address owner, address spender) = (handler.actor(i), handler.actor(j));
                vm.assertEq(
                    token.allowance(owner, spender),
                    handler.ghostAllowance(owner, spender),
                    "SUP-I5, SUP-I7: allowance"
                );
            }
        }
    }

    /// @dev SUP-I6.
    function invariant_NoncesCountPermitsAndNothingElse() external view {
        for (uint256 i = 0; i < handler.ACTORS(); ++i) {
            address owner = handler.actor(i);
            vm.assertEq(token.nonces(owner), handler.ghostPermits(owner), "SUP-I6: nonce");
        }
    }

    /// @dev SUP-I9.
    function invariant_DomainStaysThatOfThisChainAndContract() external view {
        (, string memory name, string memory version, uint256 chainId, address verifier, , ) = token.eip712Domain();
        bytes32 expected = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256(bytes(name)),
                keccak256(bytes(version)),
                chainId,
                verifier
            )
        );
        vm.assertTrue(token.DOMAIN_SEPARATOR() == expected, "SUP-I9: separator");
        vm.assertTrue(chainId == block.chainid && verifier == address(token), "SUP-I9: chain and contract");
    }

    /// @dev SUP-I8; and every action of the handler works from every reached state.
    function afterInvariant() external {
        for (uint256 i = 0; i < handler.ACTORS(); ++i) {
            for (uint256 j = 0; j < handler.ACTORS(); ++j) {
                handler.transfer(i, j, type(uint256).max);
            }
        }
        handler.approve(0, 1, 5);
        handler.transferFrom(0, 1, 2, 1);
        handler.burnFrom(0, 1, 1);
        handler.burn(2, 1);
        handler.permit(3, 0, 1, block.timestamp);
        handler.transferBySignature(3, 0, 1);
        handler.receiveBySignature(0, 3, 1);
        handler.cancelBySignature(1, 2, 0);
        handler.trespass(1, 2, 0);
        handler.elapse(1);

        string[11] memory actions = [
            "transfer",
            "approve",
            "transferFrom",
            "burn",
            "burnFrom",
            "permit",
            "transferBySignature",
            "receiveBySignature",
            "cancelBySignature",
            "trespass",
            "elapse"
        ];
        for (uint256 i = 0; i < actions.length; ++i) {
            vm.assertLe(1, handler.calls(actions[i]), actions[i]);
        }
        vm.assertEq(token.totalSupply() + handler.ghostBurned(), SUPPLY, "SUP-I1: at the end");
    }
}
