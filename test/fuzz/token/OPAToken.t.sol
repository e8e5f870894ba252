// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOPAToken} from "../../../contracts/interfaces/IOPAToken.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

import {OPAToken} from "../../../contracts/token/OPAToken.sol";
import {TokenSigner} from "../../support/TokenSigner.sol";

/// @dev This contract holds the supply.
contract OPATokenFuzzTest is TokenSigner {
    uint256 private constant KEY = 0xA11CE;
    uint256 private constant NOW = 1_800_000_000;
    address private constant BOB = address(0xB0B);

    OPAToken private token;
    address private alice;

    function setUp() external {
        vm.warp(NOW);
        alice = vm.addr(KEY);
        token = OPAToken(_deploy("OPAToken", abi.encode(this)));
        token.transfer(alice, 1_000e18);
    }

    function testFuzz_TransferWithAuthorization_HoldsInsideItsWindowOnly(
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        uint256 value
    ) external {
        value = _bound(value, 0, 1_000e18);
        Authorization memory a = Authorization(alice, BOB, value, validAfter, validBefore, nonce);
        bytes memory signature = _signAuthorization(token, KEY, TRANSFER, a);

        bool isOpen = validAfter < NOW && NOW < validBefore;
        if (!isOpen) {
            vm.expectRevert(
                abi.encodeWithSelector(IOPAToken.ERC3009InvalidAuthorizationTime.selector, validAfter, validBefore)
            );
        }
        token.transferWithAuthorization(alice, BOB, value, validAfter, validBefore, nonce, signature);

        vm.assertEq(token.balanceOf(BOB), isOpen ? value : 0, "moved");
        vm.assertTrue(token.authorizationState(alice, nonce) == isOpen, "nonce");
    }

    function testFuzz_TransferWithAuthorization_TakesNoOtherKey(uint256 key, bytes32 nonce) external {
        key = _bound(key, 1, type(uint128).max);
        if (key == KEY) ++key;
        Authorization memory a = Authorization(alice, BOB, 1, 0, type(uint256).max, nonce);
        bytes memory signature = _signAuthorization(token, key, TRANSFER, a);

        vm.expectRevert(abi.encodeWithSelector(IOPAToken.ERC3009InvalidSignature.selector));
        token.transferWithAuthorization(alice, BOB, 1, 0, type(uint256).max, nonce, signature);
    }

    function testFuzz_TransferWithAuthorization_TakesNoOtherBytes(bytes calldata signature) external {
        vm.expectRevert(abi.encodeWithSelector(IOPAToken.ERC3009InvalidSignature.selector));
        token.transferWithAuthorization(alice, BOB, 1, 0, type(uint256).max, 0, signature);
    }

    function testFuzz_Permit_HoldsUntilItsDeadlineOnly(uint256 deadline, uint256 value) external {
        bool isOpen = NOW <= deadline;
        if (isOpen) {
            _permit(token, KEY, BOB, value, deadline);
        } else {
            vm.expectRevert(abi.encodeWithSelector(ERC20Permit.ERC2612ExpiredSignature.selector, deadline));
            token.permit(alice, BOB, value, deadline, 27, 0, 0);
        }

        vm.assertEq(token.allowance(alice, BOB), isOpen ? value : 0, "SUP-I7: allowance");
        vm.assertEq(token.nonces(alice), isOpen ? 1 : 0, "SUP-I6: nonce");
        vm.assertEq(token.balanceOf(alice), 1_000e18, "SUP-I7: balance");
    }

    function testFuzz_BurnFrom_TakesFromSupplyAndAllowanceAlike(uint256 allowance, uint256 amount) external {
        amount = _bound(amount, 0, 1_000e18);
        allowance = _bound(allowance, amount, type(uint256).max);
        vm.prank(alice);
        token.approve(BOB, allowance);

        vm.prank(BOB);
        token.burnFrom(alice, amount);

        uint256 left = allowance == type(uint256).max ? allowance : allowance - amount;
        vm.assertEq(token.allowance(alice, BOB), left, "SUP-I5: allowance");
        vm.assertEq(token.totalSupply(), 800_000_000e18 - amount, "SUP-I1: supply");
        vm.assertEq(token.totalBurned(), amount, "SUP-I1: burned");
    }

    function testFuzz_DomainSeparator_FollowsTheChain(uint64 chainId) external {
        Authorization memory a = Authorization(alice, BOB, 1, 0, type(uint256).max, 0);
        bytes memory signature = _signAuthorization(token, KEY, TRANSFER, a);
        chainId = uint64(_bound(chainId, 1, type(uint64).max - 1));
        if (chainId == block.chainid) ++chainId;
        vm.chainId(chainId);

        (, , , uint256 domainChainId, address verifier, , ) = token.eip712Domain();
        vm.assertEq(domainChainId, chainId, "SUP-I9: chain id");
        vm.assertTrue(verifier == address(token), "SUP-I9: contract");
        bytes32 expected = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("OPA Token"),
                keccak256("1"),
                chainId,
                address(token)
            )
        );
        vm.assertTrue(token.DOMAIN_SEPARATOR() == expected, "SUP-I9: separator");
        vm.expectRevert(abi.encodeWithSelector(IOPAToken.ERC3009InvalidSignature.selector));
        token.transferWithAuthorization(alice, BOB, 1, 0, type(uint256).max, 0, signature);
    }

    function test_Gas_Transfer() external {
        token.transfer(alice, 1e18);
        vm.snapshotGasLastCall("OPAToken transfer, existing holder");
        token.transfer(BOB, 1e18);
        vm.snapshotGasLastCall("OPAToken transfer, fresh holder");
        vm.snapshotValue("OPAToken bytecode", address(token).code.length);
    }

    function test_Gas_Burn() external {
        token.burn(1e18);
        vm.snapshotGasLastCall("OPAToken burn");
    }

    function test_Gas_TransferWithAuthorization() external {
        Authorization memory a = Authorization(alice, BOB, 1e18, 0, type(uint256).max, 0);
        bytes memory signature = _signAuthorization(token, KEY, TRANSFER, a);
        token.transferWithAuthorization(alice, BOB, 1e18, 0, type(uint256).max, 0, signature);
        vm.snapshotGasLastCall("OPAToken transferWithAuthorization, fresh holder");
    }
}
